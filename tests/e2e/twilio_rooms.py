#!/usr/bin/env python3
"""A conference with a coach, and a queue with music: who heard whom is measured."""

import sys

from twilio_lab import NUMBER, OTHER, App, check, lab
from vonage_lab import wait_until

CALLER, AGENT, COACH = 800, 500, 1100
TONES = {"caller": CALLER, "agent": AGENT, "coach": COACH}
AGENT_NUMBER, COACH_NUMBER = "12025550171", "12025550172"
EVENTS = 'statusCallback="/room" statusCallbackEvent="start end join leave modify"'


def coached(server):
    """The agent hears the caller and the coach, the caller the agent alone (twilio.md 7.3)."""
    room = f'<Response><Dial><Conference waitUrl="" beep="false" endConferenceOnExit="true" {EVENTS}>r1</Conference></Dial></Response>'
    app = App(voice=room)
    server.answer_with(app)
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER), "--hang-up-after-ms", "9000")
    agent = server.agent("agent", AGENT_NUMBER, AGENT)
    coach = server.agent("coach", COACH_NUMBER, COACH)
    conference = wait_until(lambda: server.twilio("GET", "/Conferences.json", FriendlyName="r1")[1]["conferences"],
                            "the conference")[0]
    check(conference["status"] == "init", conference)
    path = "/Conferences/r1/Participants.json"
    status, made = server.twilio("POST", path, From="+12025550101", To="+" + AGENT_NUMBER, Label="agent", Beep="false")
    check(status == 201 and made["status"] == "queued", made)
    in_room = wait_until(lambda: server.twilio("GET", "/Conferences/r1/Participants/agent.json")[0] == 200, "the agent")
    check(in_room, "the agent is not in the room")
    status, coaching = server.twilio("POST", path, From="+12025550101", To="+" + COACH_NUMBER, Label="coach",
                                     Coaching="true", CallSidToCoach=made["call_sid"], Beep="false")
    check(status == 201, coaching)
    shown = wait_until(lambda: server.twilio("GET", "/Conferences/r1/Participants/coach.json")[1].get("coaching")
                       and server.twilio("GET", "/Conferences/r1/Participants/coach.json")[1], "the coach")
    check(shown["call_sid_to_coach"] == made["call_sid"], shown)
    heard = {name: phone.end().classify(TONES) for name, phone in (("caller", caller), ("agent", agent), ("coach", coach))}
    check("agent" in heard["caller"] and "coach" not in heard["caller"], heard["caller"])
    mixed = heard["agent"]
    check(mixed.count("other") + mixed.count("coach") > 5 and "caller" in mixed, mixed)
    check(len([n for n in heard["coach"] if n in ("agent", "caller", "other")]) > 5, heard["coach"])
    names = [fields["StatusCallbackEvent"] for fields in app.wait_for("/room", 6)]
    for event in ("participant-join", "conference-start", "participant-leave"):
        check(event in names, names)
    ended = wait_until(lambda: [f for f in app.of("/room") if f["StatusCallbackEvent"] == "conference-end"], "the end")[0]
    check(ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left", ended)
    app.close()


def queued(server):
    """The caller hears music, then a sentence, then the agent who takes him from the queue."""
    app = App(voice='<Response><Enqueue action="/left" waitUrl="/wait">support</Enqueue></Response>',
              wait='<Response><Say>You are waiting.</Say><Pause length="1"/></Response>',
              about="<Response><Say>You are connected now.</Say></Response>", left="<Response><Hangup/></Response>",
              take='<Response><Dial action="/taken"><Queue url="/about">support</Queue></Dial></Response>')
    server.answer_with(app)
    server.answer_with(app, OTHER, "/take")
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER))
    first = app.wait_for("/wait", 2)[0]
    check(first["QueuePosition"] == "1", first)
    queue = server.twilio("GET", "/Queues.json")[1]["queues"][0]
    check(queue["friendly_name"] == "support" and queue["current_size"] == 1, queue)
    member = server.twilio("GET", f"/Queues/{queue['sid']}/Members/Front.json")[1]
    check(member["position"] == 1 and member["call_sid"] == first["CallSid"], member)
    agent = server.caller(OTHER, "agent", "--tone", str(AGENT), "--hang-up-after-ms", "6000")
    heard = agent.end().classify(TONES), caller.end().classify(TONES)
    check(heard[0].count("caller") > 5 and heard[1].count("agent") > 5, heard)
    left = app.wait_for("/left")[0]
    check(left["QueueResult"] == "bridged", left)
    about = app.wait_for("/about")[0]
    check(about["QueueSid"] == queue["sid"] and about["DequeingCallSid"].startswith("CA"), about)
    app.close()


def main():
    with lab(sys.argv[1], AGENT_NUMBER, COACH_NUMBER) as server:
        coached(server)
        server.wait_until_idle()
        queued(server)
        server.wait_until_idle()


main()
