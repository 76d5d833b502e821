#!/usr/bin/env python3
"""Classic call screening (twilio.md 7.1): the callee hears who calls and presses a key; the caller hears nothing of it.
Accepted, declined, silent, with the wrong key, with a caller who leaves; three at once, each with its own whisper; and a
voicemail that answers before the human does."""

import sys

from sip_phone import Clock, Phone
from twilio_lab import NUMBERS, App, check, lab, side_by_side
from vonage_lab import wait_until

CALLER, AGENT, SECOND, THIRD = 800, 500, 1100, 1400
TONES = {"caller": CALLER, "agent": AGENT, "second": SECOND, "third": THIRD}
AGENTS = [f"120255501{i}" for i in range(71, 83)]
GATHER = ('<Response><Gather numDigits="1" action="/accept" timeout="2"><Say>A call from the spring advert. '
          'Press one.</Say></Gather><Hangup/></Response>')
ANNOUNCE = "<Response><Say>A call from the spring advert.</Say></Response>"
AT_BRIDGE = 'answerOnBridge="true"'


def noun(digits, path="/screen"):
    return (f'<Number url="{path}" statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed">'
            f"+{digits}</Number>")


def dial(*nouns, attributes=AT_BRIDGE):
    return f'<Response><Dial {attributes} action="/done" timeout="20">{"".join(nouns)}</Dial></Response>'


def on_key(fields):
    """1 accepts, 2 declines; anything else starts again."""
    answers = {"1": "<Response/>", "2": "<Response><Hangup/></Response>"}
    again = "<Response><Say>There is no such choice.</Say><Redirect>/screen</Redirect></Response>"
    return answers.get(fields["Digits"], again)


class Scenario:
    """An inbound number, an app that screens who is dialled there, and the phones of the call."""

    def __init__(self, server, index, agents, attributes=AT_BRIDGE, **documents):
        self.server, self.number, self.index = server, NUMBERS[index], index
        paths = documents.pop("paths", ["/screen"] * len(agents))
        voice = dial(*(noun(*each) for each in zip(agents, paths)), attributes=attributes)
        given = {"voice": voice, "screen": GATHER, "accept": on_key, "done": "<Response><Reject/></Response>", **documents}
        self.app = App(**given)
        server.answer_with(self.app, self.number)

    def agent(self, digits, tone, press=None, after=1500, up=None, ring=None):
        arguments = ["--press", press, "--press-after-ms", str(after)] if press else []
        arguments += ["--hang-up-after-ms", str(up)] if up else []
        arguments += ["--ring-ms", str(ring)] if ring else []
        return self.server.agent(f"agent-{digits}", digits, tone, *arguments)

    def caller(self):
        return self.server.caller(self.number, f"caller-{self.index}", "--tone", str(CALLER))

    def done(self):
        return self.app.wait_for("/done")[0]

    def legs(self, count):
        return [fields["CallStatus"] for fields in self.app.wait_for("/leg", count)]


def accepted(server):
    scenario = Scenario(server, 0, AGENTS[:1])
    agent = scenario.agent(AGENTS[0], AGENT, press="1", up=7000)
    caller = scenario.caller()
    heard, caller_heard = agent.end().classify(TONES), caller.end().classify(TONES)
    done = scenario.done()
    check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
    screen, voice = scenario.app.of("/screen")[0], scenario.app.of("/voice")[0]
    check(screen["Direction"] == "outbound-dial" and screen["ParentCallSid"] == voice["CallSid"], screen)
    check(voice["CallStatus"] == "ringing" and screen["CallStatus"] == "in-progress", voice)
    check("other" in heard and "caller" in heard and heard.index("other") < heard.index("caller"), heard)
    check(caller_heard.count("agent") > 3, caller_heard)
    first = caller_heard.index("agent")
    check(caller_heard[:first].count("other") <= 4, f"the caller heard the whisper: {caller_heard}")
    # The 200 goes out at the bridge: the caller's phone is answered after the callee's key, not before.
    at = next(when for when, event in caller.events if event.get("event") == "answered")
    check(at >= scenario.app.when("/accept"), "the caller was answered before the key")
    legs = scenario.legs(4)
    check(legs == ["initiated", "ringing", "in-progress", "completed"], legs)
    status = scenario.app.wait_for("/status")[0]
    check(status["CallStatus"] == "completed", status)
    scenario.app.close()


def not_accepted(server, index, press):
    """Whoever presses nothing, declines or errs is let go; the caller was never answered, and hears nothing of it."""
    agent_number = AGENTS[index]
    scenario = Scenario(server, index, [agent_number])
    agent = scenario.agent(agent_number, AGENT, press=press)
    caller = scenario.caller()
    done = scenario.done()
    check(done["DialCallStatus"] == "no-answer" and done["DialBridged"] == "false", done)
    check(done["CallStatus"] == "ringing", done)
    names = agent.end().classify(TONES)
    check("other" in names and "caller" not in names, names)
    wait_until(lambda: caller.process.poll() is not None, "the caller's phone to end")
    check(not caller.seen("answered"), "the caller was answered")
    screens, keys = len(scenario.app.of("/screen")), [fields["Digits"] for fields in scenario.app.of("/accept")]
    wanted = {None: (1, []), "2": (1, ["2"]), "9": (2, ["9"])}[press]
    check((screens, keys) == wanted, f"key {press}: {screens} screens, keys {keys}")
    legs = scenario.legs(4)
    check(legs[-1] == "completed", legs)
    scenario.app.close()


def caller_leaves(server):
    scenario = Scenario(server, 4, AGENTS[4:5])
    agent = scenario.agent(AGENTS[4], AGENT)
    host, port = server.server.sip.split(":")
    caller = Phone(Clock(), (host, int(port)), "12025550150", CALLER)
    leg = caller.dial(scenario.number)
    scenario.app.wait_for("/screen")
    caller.cancel(leg)
    wait_until(lambda: leg.state == "refused" and leg.status == 487, "the end of what was cancelled")
    names = agent.end().classify(TONES)
    check("caller" not in names, names)
    legs = scenario.legs(4)
    check(legs[-1] == "completed", legs)
    done = scenario.done()
    check(done["DialBridged"] == "false" and done["CallStatus"] == "no-answer", done)
    check(not scenario.app.of("/accept"), "asked for a document after the caller had left")
    scenario.app.close()


def answered_first(server):
    """Without answerOnBridge the caller is answered at once, and hears ringing while the callee is screened."""
    scenario = Scenario(server, 5, AGENTS[5:6], attributes="")
    agent = scenario.agent(AGENTS[5], AGENT, press="1", after=2500, up=8000)
    caller = scenario.caller()
    names, heard = agent.end().classify(TONES), caller.end().classify(TONES)
    check("caller" in names and heard.count("agent") > 3, heard)
    check(heard.index("other") < heard.index("agent"), f"no ringing: {heard}")
    at = next(when for when, event in caller.events if event.get("event") == "answered")
    check(at < scenario.app.when("/screen"), "answered late")
    check(scenario.done()["CallStatus"] == "in-progress", "not answered")
    scenario.app.close()


def three_at_once(server):
    """Each hears its own whisper; the second accepts first, and the others are let go."""
    def whisper(words):
        return f'<Response><Gather numDigits="1" timeout="8" action="/accept"><Say>{words}</Say></Gather><Hangup/></Response>'
    numbers, names = AGENTS[6:9], ["one", "two", "three"]
    scenario = Scenario(server, 6, numbers, paths=["/" + name for name in names],
                        **{name: whisper(name) for name in names})
    phones = {"first": scenario.agent(numbers[0], AGENT),
              "second": scenario.agent(numbers[1], SECOND, press="1", after=2500, up=8000),
              "third": scenario.agent(numbers[2], THIRD), "caller": scenario.caller()}
    heard = {name: phone.end().classify(TONES) for name, phone in phones.items()}
    check("caller" in heard["second"] and "caller" not in heard["first"] + heard["third"], heard)
    check("second" in heard["caller"] and not {"agent", "third"} & set(heard["caller"]), heard["caller"])
    for path in ("/one", "/two", "/three"):
        check(len(scenario.app.of(path)) == 1, f"{path}: {scenario.app.of(path)}")
    done = scenario.done()
    check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
    scenario.app.close()


def voicemail_first(server, index, machine, human, document, winner):
    """A voicemail picks up at once, and a human rings for longer."""
    scenario = Scenario(server, index, [machine, human], screen=document)
    wins = winner == "human"
    phones = {"machine": scenario.agent(machine, AGENT, up=None if wins else 7000),
              "human": scenario.agent(human, SECOND, press="1" if wins else None, after=1200, ring=1500,
                                      up=7000 if wins else None)}
    caller = scenario.caller()
    done = scenario.done()
    check(done["DialBridged"] == "true", done)
    names = caller.end().classify(TONES)
    check(("second" in names) == wins and ("agent" in names) == (not wins), f"{winner}: the caller heard {names}")
    phones["machine"].end()
    if not wins and not phones["human"].seen("answered"):
        phones["human"].process.terminate()  # it never got to answer
    scenario.app.close()


def silence_declines(server, index, machine, human):
    """`silence_accepts = false`: a document that ends without a key accepts nobody."""
    scenario = Scenario(server, index, [machine, human], screen=ANNOUNCE)
    phones = [scenario.agent(machine, AGENT), scenario.agent(human, SECOND)]
    caller = scenario.caller()
    done = scenario.done()
    check(done["DialCallStatus"] == "no-answer" and done["DialBridged"] == "false", done)
    for phone in phones:
        check("caller" not in phone.end().classify(TONES), "heard the caller")
    wait_until(lambda: caller.process.poll() is not None, "the caller's phone to end")
    scenario.app.close()


def main():
    binary = sys.argv[1]
    with lab(binary, *AGENTS) as server:
        side_by_side(lambda: accepted(server), lambda: not_accepted(server, 1, None), lambda: caller_leaves(server))
        side_by_side(lambda: not_accepted(server, 2, "2"), lambda: not_accepted(server, 3, "9"),
                     lambda: answered_first(server))
        side_by_side(lambda: three_at_once(server))
        patient = GATHER.replace('timeout="2"', 'timeout="8"')
        side_by_side(lambda: voicemail_first(server, 7, AGENTS[9], AGENTS[10], patient, "human"),
                     lambda: voicemail_first(server, 8, AGENTS[0], AGENTS[1], ANNOUNCE, "voicemail"))
        server.wait_until_idle()
    with lab(binary, *AGENTS[:4], settings="[account]\nsilence_accepts = false\n") as server:
        side_by_side(lambda: silence_declines(server, 0, AGENTS[0], AGENTS[1]),
                     lambda: voicemail_first(server, 1, AGENTS[2], AGENTS[3], GATHER, "human"))
        server.wait_until_idle()


main()
