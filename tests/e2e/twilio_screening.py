#!/usr/bin/env python3
"""Classic call screening (twilio.md 7.1): the callee hears who calls and presses a key; the caller hears nothing of it.
Accepted, declined, silent, with the wrong key, with a caller who leaves; and three at once, each with its own whisper."""

import sys

from twilio_lab import NUMBER, App, check, lab
from vonage_lab import wait_until

CALLER, AGENT = 800, 500
TONES = {"caller": CALLER, "agent": AGENT, "second": 1100, "third": 1400}
FIRST, SECOND, THIRD = "12025550171", "12025550172", "12025550173"


def number(digits, path="/screen"):
    return (f'<Number url="{path}" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
            f"+{digits}</Number>")


def dial(*nouns, attributes='answerOnBridge="true"'):
    return f'<Response><Dial {attributes} action="/done" timeout="20">{"".join(nouns)}</Dial></Response>'


def screening_app(voice):
    gather = ('<Response><Gather numDigits="1" action="/accept" timeout="2"><Say>A call from the spring advert. '
              'Press one.</Say></Gather><Hangup/></Response>')
    return App(voice=voice, screen=gather, done="<Response><Hangup/></Response>",
               accept=lambda fields: "<Response/>" if fields["Digits"] == "1" else "<Response><Hangup/></Response>")


def call(server, app, press=None, answer_on_bridge=True, leave=None):
    """What was heard on both sides, of one call."""
    server.answer_with(app)
    pressing = ["--press", press, "--press-after-ms", "1500"] if press else []
    agent = server.agent("agent", FIRST, AGENT, *pressing,
                         *(["--hang-up-after-ms", "6000"] if press == "1" else []))
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER))
    if leave:
        app.wait_for("/screen")
        caller.process.terminate()
        return agent.end(), None, agent, caller
    return agent.end(), caller.end() if answer_on_bridge and press == "1" else None, agent, caller


def accepted(server):
    app = screening_app(dial(number(FIRST)))
    heard, caller_heard, _, caller = call(server, app, press="1")
    done = app.wait_for("/done")[0]
    check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
    screen, voice = app.of("/screen")[0], app.of("/voice")[0]
    check(screen["Direction"] == "outbound-dial" and screen["ParentCallSid"] == voice["CallSid"], screen)
    check(voice["CallStatus"] == "ringing" and screen["CallStatus"] == "in-progress", voice)
    names = heard.classify(TONES)
    check("other" in names and "caller" in names, names)
    check(names.index("other") < names.index("caller"), names)
    caller_names = caller_heard.classify(TONES)
    check(caller_names.count("agent") > 10, caller_names)
    first = caller_names.index("agent")
    check(caller_names[:first].count("other") <= 4, f"the caller heard the whisper: {caller_names}")
    # The 200 goes out at the bridge: the caller's phone is answered after the callee's key, not before.
    at = next(when for when, event in caller.events if event.get("event") == "answered")
    dialled = caller.events[0][0]
    check(at - dialled > 1.5, f"answered {at - dialled:.2f} s after dialling")
    legs = [fields["CallStatus"] for fields in app.wait_for("/leg", 4)]
    check(legs == ["initiated", "ringing", "in-progress", "completed"], legs)
    status = app.wait_for("/status")[0]
    check(status["CallStatus"] == "completed", status)
    app.close()


def not_accepted(server, press):
    app = screening_app(dial(number(FIRST)))
    _, _, _, caller = call(server, app, press=press)
    done = app.wait_for("/done")[0]
    check(done["DialCallStatus"] == "no-answer" and done["DialBridged"] == "false", done)
    check(done["CallStatus"] == "ringing", done)
    wait_until(lambda: caller.process.poll() is not None, "the caller's phone to end")
    app.close()


def caller_leaves(server):
    app = screening_app(dial(number(FIRST)))
    call(server, app, leave=True)
    last = app.wait_for("/leg", 4)[-1]
    check(last["CallStatus"] == "completed", last)
    app.close()


def answered_first(server):
    """Without answerOnBridge the caller is answered at once, and hears ringing while the callee is screened."""
    app = screening_app(dial(number(FIRST), attributes=""))
    server.answer_with(app)
    agent = server.agent("agent", FIRST, AGENT, "--press", "1", "--press-after-ms", "2500", "--hang-up-after-ms", "6000")
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER))
    names = agent.end().classify(TONES)
    heard = caller.end().classify(TONES)
    check("caller" in names and heard.count("agent") > 10, heard)
    check(heard.index("other") < heard.index("agent"), f"no ringing: {heard}")
    at = next(when for when, event in caller.events if event.get("event") == "answered")
    check(at - caller.events[0][0] < 1.5, "answered late")
    check(app.wait_for("/done")[0]["CallStatus"] == "in-progress", "not answered")
    app.close()


def three_at_once(server):
    """Each hears its own whisper; the second accepts first, and the others are let go."""
    def whisper(words):
        return f'<Response><Gather numDigits="1" timeout="8" action="/accept"><Say>{words}</Say></Gather><Hangup/></Response>'
    voice = dial(number(FIRST, "/one"), number(SECOND, "/two"), number(THIRD, "/three"))
    app = App(voice=voice, one=whisper("one"), two=whisper("two"), three=whisper("three"), accept="<Response/>",
              done="<Response/>")
    server.answer_with(app)
    first = server.agent("first", FIRST, AGENT)
    second = server.agent("second", SECOND, TONES["second"], "--press", "1", "--press-after-ms", "2500",
                          "--hang-up-after-ms", "6000")
    third = server.agent("third", THIRD, TONES["third"])
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER))
    heard = {name: phone.end().classify(TONES)
             for name, phone in (("first", first), ("second", second), ("third", third), ("caller", caller))}
    check("caller" in heard["second"] and "caller" not in heard["first"] + heard["third"], heard)
    check("second" in heard["caller"] and not {"agent", "third"} & set(heard["caller"]), heard["caller"])
    for path in ("/one", "/two", "/three"):
        check(len(app.of(path)) == 1, f"{path}: {app.of(path)}")
    done = app.wait_for("/done")[0]
    check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
    app.close()


def main():
    with lab(sys.argv[1], FIRST, SECOND, THIRD) as server:
        accepted(server)
        not_accepted(server, press=None)
        not_accepted(server, press="5")
        caller_leaves(server)
        server.wait_until_idle()
        answered_first(server)
        three_at_once(server)
        server.wait_until_idle()


main()
