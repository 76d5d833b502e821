#!/usr/bin/env python3
"""Whom a Dial may call, on SIP phones that are not ours: a Client at a registered phone, a Sip address or several of one party,
and an application; what is told of a call that a phone makes; and when the 200 goes out with and without answerOnBridge. Each
hears his whisper, and the caller does not."""

import sys
import time

from sip_phone import Clock, Phone, header, level
from sip_rig import PASSWORD, phone_table
from twilio_lab import NUMBERS, App, TwilioLab, check, side_by_side, talk, tone_file
from vonage_lab import wait_until

CALLER, CALLEE, WHISPER = 800, 500, 1700
HEARD = 0.5     # of what a phone says
UNHEARD = 0.06


def levels(leg, hertz, step=0.1):
    """How loud it was in each tenth of a second, by its start."""
    packets = list(leg.packets)
    if not packets:
        return []
    out, start = [], packets[0].at
    while start + step <= packets[-1].at:
        sound = leg.heard(start, start + step)
        if len(sound) >= 400:
            out.append((start, level(sound, hertz)))
        start += step
    return out


def hears(leg, hertz):
    """When it was first heard, or None."""
    return next((at for at, loud in levels(leg, hertz) if loud > HEARD), None)


class Rig:
    def __init__(self, server, clock):
        self.server, self.clock = server, clock
        host, port = server.server.sip.split(":")
        self.address = (host, int(port))

    def phone(self, user, tone, **more):
        return Phone(self.clock, self.address, user, tone, **more)

    def call(self, number, app, callee, seconds=1.5):
        """A call that is answered, whispered, joined, and ended by the callee after a while."""
        caller = self.phone("12025550150", CALLER)
        leg = caller.dial(number)
        answered = callee.rings()
        leg.wait("answered")
        wait_until(lambda: hears(leg, CALLEE) and hears(answered, CALLER), f"{callee.user} and the caller to hear each other")
        talk(seconds)
        callee.hang_up(answered)
        leg.wait("ended")
        check(hears(answered, WHISPER) is not None, f"{callee.user} heard no whisper")
        check(hears(answered, WHISPER) < hears(answered, CALLER), "joined before the whisper was over")
        loudest = max(loud for _, loud in levels(leg, WHISPER))
        check(loudest < UNHEARD, f"the caller heard the whisper at {loudest:.2f}")
        done = app.wait_for("/done")[0]
        check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
        return leg, answered, done


def app_of(nouns, attributes="", **more):
    voice = f'<Response><Dial {attributes} action="/done">{nouns}</Dial></Response>'
    whisper = "<Response><Play>/whisper.wav</Play></Response>"
    return App(**{"voice": voice, "screen": whisper, "done": "<Response><Hangup/></Response>",
                  "whisper.wav": tone_file(WHISPER, 1.0), **more})


def client(rig):
    """A Client is a registered phone; parameters are headers of its INVITE."""
    app = app_of('<Client url="/screen" statusCallback="/leg" statusCallbackEvent="answered completed">'
                 '<Identity>alice</Identity><Parameter name="campaign" value="spring"/></Client>')
    rig.server.answer_with(app, NUMBERS[0])
    alice = rig.phone("alice", CALLEE, password=PASSWORD).register()
    _, answered, done = rig.call(NUMBERS[0], app, alice)
    check(header(answered.invite, "X-campaign") == "spring", answered.invite)
    screen = app.of("/screen")[0]
    check(screen["To"] == "client:alice" and screen["Direction"] == "outbound-dial", screen)
    check([fields["CallStatus"] for fields in app.wait_for("/leg", 2)] == ["in-progress", "completed"], app.of("/leg"))
    check(done["DialCallSid"] == screen["CallSid"] and int(done["DialCallDuration"]) >= 1, done)
    app.close()


def client_not_there(rig):
    app = app_of("<Client>nobody</Client>")
    rig.server.answer_with(app, NUMBERS[1])
    leg = rig.phone("12025550150", CALLER).dial(NUMBERS[1])
    done = app.wait_for("/done")[0]
    check(done["DialCallStatus"] in ("failed", "no-answer") and done["DialBridged"] == "false", done)
    leg.wait("ended", "refused")
    app.close()


def sip(rig):
    """A Sip address: headers of its query travel, and the action tells how it was answered."""
    bob = rig.phone("bob", CALLEE)
    bob.farewell = "X-Desk: seven\r\n"
    app = app_of(f'<Sip url="/screen">sip:bob@127.0.0.1:{bob.port}?x-campaign=spring</Sip>')
    rig.server.answer_with(app, NUMBERS[2])
    _, answered, done = rig.call(NUMBERS[2], app, bob)
    check(header(answered.invite, "x-campaign") == "spring", answered.invite)
    check(done["DialSipResponseCode"] == "200", done)
    check(done["DialSipCallId"] == header(answered.invite, "Call-ID"), done)
    check(done["DialSipHeader_X-Desk"] == "seven", done)
    app.close()


def sip_by_another_way(rig):
    """Of several addresses the first that can be reached is rung: nothing listens at one, the next refuses, the third answers."""
    full = rig.phone("dan", CALLEE, answer=503)
    dan = rig.phone("dan", CALLEE)
    app = app_of(f'<Sip url="/screen" statusCallback="/leg"><Uri priority="3">sip:dan@127.0.0.1:{dan.port}?x-way=third</Uri>'
                 '<Uri priority="1">sip:dan@127.0.0.1:1;transport=tcp</Uri>'
                 f'<Uri priority="2">sip:dan@127.0.0.1:{full.port}</Uri></Sip>')
    rig.server.answer_with(app, NUMBERS[6])
    _, answered, done = rig.call(NUMBERS[6], app, dan)
    check(header(answered.invite, "x-way") == "third" and done["DialSipResponseCode"] == "200", done)
    check(len(full.legs) == 1, "the second address was not tried once")
    check([fields["CallStatus"] for fields in app.wait_for("/leg", 3)] == ["failed", "failed", "completed"], app.of("/leg"))
    app.close()


def from_a_phone(rig):
    """Requests of a call from a phone of ours say by which host it called, and whence."""
    app = App(voice="<Response><Hangup/></Response>")
    rig.server.answer_with(app, NUMBERS[7])
    domain = rig.server.twilio("POST", "/SIP/Domains.json", DomainName=rig.address[0])[1]
    erin = rig.phone("erin", CALLER, password=PASSWORD, host="127.0.0.9").register()
    erin.dial(NUMBERS[7]).wait("ended")
    voice = app.of("/voice")[0]
    check(voice["SipDomain"] == rig.address[0] and voice["SipSourceIp"] == "127.0.0.9", voice)
    check(voice["SipDomainSid"] == domain["sid"] and voice["SipCallId"], voice)
    check(app.wait_for("/status")[0]["SipDomain"] == rig.address[0], app.of("/status"))
    # With a voice URL the domain's app has all calls to it, whoever is called.
    desk = App(dialled="<Response><Hangup/></Response>")
    path = f"/SIP/Domains/{domain['sid']}.json"
    rig.server.twilio("POST", path, VoiceUrl=desk.url + "/dialled", VoiceStatusCallbackUrl=desk.url + "/over")
    for dialled in (NUMBERS[7], "442079460000", "reception"):
        erin.dial(dialled).wait("ended")
        voice = desk.of("/dialled")[-1]
        check(voice["To"] == f"sip:{dialled}@{rig.address[0]}:{rig.address[1]}" or
              voice["To"] == f"sip:{dialled}@{rig.address[0]}", voice)
        check(voice["From"] == f"sip:erin@{rig.address[0]}" and voice["Direction"] == "inbound", voice)
    check([fields["CallStatus"] for fields in desk.wait_for("/over", 3)] == ["completed"] * 3, desk.of("/over"))
    rig.server.twilio("DELETE", path)
    erin.dial(NUMBERS[7]).wait("ended")
    check(len(app.wait_for("/voice", 2)) == 2 and len(desk.of("/dialled")) == 3, "the domain is gone")
    desk.close()
    app.close()


def application(rig):
    """A call of its own, whose document is the application's."""
    tone = tone_file(CALLEE, 2.0)
    app = App(**{"inside": "<Response><Play>/hello.wav</Play></Response>", "hello.wav": tone,
                 "done": "<Response><Hangup/></Response>"})
    made = rig.server.twilio("POST", "/Applications.json", VoiceUrl=app.url + "/inside")[1]["sid"]
    app.documents["/voice"] = (f'<Response><Dial action="/done"><Application copyParentTo="true" customerId="acme"><ApplicationSid>{made}'
                               '</ApplicationSid><Parameter name="campaign" value="spring"/></Application></Dial></Response>')
    rig.server.answer_with(app, NUMBERS[3])
    leg = rig.phone("12025550150", CALLER).dial(NUMBERS[3])
    done = app.wait_for("/done")[0]
    check(done["DialCallStatus"] == "completed" and done["DialBridged"] == "true", done)
    leg.wait("ended")
    check(hears(leg, CALLEE) is not None, "the caller heard nothing of the application")
    inside = app.of("/inside")[0]
    check(inside["ApplicationSid"] == made and inside["CallSid"] != done["CallSid"], inside)
    check(inside["To"] == "+" + NUMBERS[3] and inside["campaign"] == "spring", inside)
    check(inside["CustomerId"] == "acme", inside)
    app.close()


def when_answered(rig, index, at_bridge):
    """What the caller's signalling says, and when: 180 and then 200 at the bridge, or 200 before anybody is called."""
    carol = rig.phone(f"carol{index}", CALLEE, answer="never")
    attributes = 'answerOnBridge="true"' if at_bridge else ""
    app = app_of(f'<Sip url="/screen">sip:carol@127.0.0.1:{carol.port}</Sip>', attributes)
    rig.server.answer_with(app, NUMBERS[index])
    caller = rig.phone("12025550150", CALLER)
    leg = caller.dial(NUMBERS[index])
    ringing = carol.rings()
    leg.wait("ringing" if at_bridge else "answered")
    picked_up = time.monotonic()
    carol.pick_up(ringing)
    leg.wait("answered")
    answered = next(at for at, state in leg.events if state == "answered")
    check((answered > picked_up + 0.8) == at_bridge, f"answerOnBridge {at_bridge}: {answered - picked_up:.2f} s after the callee")
    if at_bridge:
        states = [state for _, state in leg.events]
        check(states[:2] == ["ringing", "answered"], states)
        check(not leg.packets or leg.packets[0].at > picked_up, "sound before the answer")
    status = app.of("/voice")[0]["CallStatus"]
    check(status == "ringing", status)
    wait_until(lambda: hears(leg, CALLEE), "the callee's voice")
    caller.hang_up(leg)
    ringing.wait("ended")
    done = app.wait_for("/done")[0]
    check(done["CallStatus"] == "completed", done)
    app.close()


def main():
    settings = '[[organisation]]\nname = "acme"\nprefix = "0042"\n' + phone_table("alice", "0042*010") + phone_table("erin", "0042*011")
    with TwilioLab(sys.argv[1], {}, settings) as server:
        rig = Rig(server, Clock())
        side_by_side(lambda: client(rig), lambda: client_not_there(rig), lambda: sip(rig), lambda: application(rig),
                     lambda: when_answered(rig, 4, True), lambda: when_answered(rig, 5, False),
                     lambda: sip_by_another_way(rig), lambda: from_a_phone(rig))
        server.wait_until_idle()


main()
