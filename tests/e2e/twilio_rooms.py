#!/usr/bin/env python3
"""A conference with a coach, a queue with music and a whisper, and one call seen through two vendors' interfaces and coached:
who heard whom is measured."""

import sys

from twilio_lab import NUMBER, NUMBERS, App, check, lab, side_by_side, talk, tone_file
from vonage_lab import runs, wait_until

CALLER, AGENT, COACH, MUSIC, ABOUT = 800, 500, 1100, 1500, 1900
TONES = {"caller": CALLER, "agent": AGENT, "coach": COACH}
QUEUE_TONES = {"caller": CALLER, "agent": AGENT, "music": MUSIC, "about": ABOUT}
AGENT_NUMBER, COACH_NUMBER, SECOND_AGENT, SECOND_COACH = (f"1202555017{i}" for i in range(1, 5))
EVENTS = 'statusCallback="/room" statusCallbackEvent="start end join leave modify speaker"'


def coached(server):
    """The agent hears the caller and the coach, the caller the agent alone (twilio.md 7.3)."""
    room = f'<Response><Dial><Conference waitUrl="" beep="false" endConferenceOnExit="true" {EVENTS}>r1</Conference></Dial></Response>'
    app = App(voice=room)
    server.answer_with(app)
    caller = server.caller(NUMBER, "caller", "--tone", str(CALLER), "--hang-up-after-ms", "9000")
    agent = server.agent("agent", AGENT_NUMBER, AGENT, "--ring-ms", "1500")
    coach = server.agent("coach", COACH_NUMBER, COACH)
    conference = wait_until(lambda: server.twilio("GET", "/Conferences.json", FriendlyName="r1")[1]["conferences"],
                            "the conference")[0]
    check(conference["status"] == "init", conference)
    path = "/Conferences/r1/Participants.json"
    status, made = server.twilio("POST", path, From="+12025550101", To="+" + AGENT_NUMBER, Label="agent", Beep="false")
    check(status == 201 and made["status"] == "queued", made)
    shown = lambda: server.twilio("GET", "/Conferences/r1/Participants/agent.json")[1]["status"]
    check(shown() in ("connecting", "ringing"), shown())
    wait_until(lambda: shown() == "connected", "the agent")
    status, coaching = server.twilio("POST", path, From="+12025550101", To="+" + COACH_NUMBER, Label="coach",
                                     Coaching="true", CallSidToCoach=made["call_sid"], Beep="false")
    check(status == 201, coaching)
    shown = wait_until(lambda: server.twilio("GET", "/Conferences/r1/Participants/coach.json")[1].get("coaching")
                       and server.twilio("GET", "/Conferences/r1/Participants/coach.json")[1], "the coach")
    check(shown["call_sid_to_coach"] == made["call_sid"], shown)
    heard = {name: phone.end().classify(TONES) for name, phone in (("caller", caller), ("agent", agent), ("coach", coach))}
    check("agent" in heard["caller"] and "coach" not in heard["caller"], heard["caller"])
    # Ringing, while the agent was called.
    check(heard["caller"][:heard["caller"].index("agent")].count("other") >= 3, heard["caller"])
    mixed = heard["agent"]
    check(mixed.count("other") + mixed.count("coach") > 3 and "caller" in mixed, mixed)
    check(len([n for n in heard["coach"] if n in ("agent", "caller", "other")]) > 5, heard["coach"])
    names = [fields["StatusCallbackEvent"] for fields in app.wait_for("/room", 6)]
    for event in ("participant-join", "conference-start", "participant-leave"):
        check(event in names, names)
    spoken = [fields for fields in app.of("/room") if fields["StatusCallbackEvent"].startswith("participant-speech")]
    check(spoken and spoken[0]["StatusCallbackEvent"] == "participant-speech-start", names)
    for before, after in zip(spoken, spoken[1:]):  # one at a time
        check(before["StatusCallbackEvent"] != after["StatusCallbackEvent"], spoken)
        same = before["CallSid"] == after["CallSid"]
        check(same or after["StatusCallbackEvent"].endswith("start"), spoken)
    ended = wait_until(lambda: [f for f in app.of("/room") if f["StatusCallbackEvent"] == "conference-end"], "the end")[0]
    check(ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left", ended)
    app.close()


def queued(server):
    """The caller hears music, then a sentence that is for him alone, then the agent who takes him from the queue."""
    app = App(**{"voice": '<Response><Enqueue action="/left" waitUrl="/wait" maxQueueSize="7">support</Enqueue></Response>',
                 "wait": "<Response><Play>/music.wav</Play></Response>", "music.wav": tone_file(MUSIC, 1.0),
                 "about": "<Response><Play>/about.wav</Play></Response>", "about.wav": tone_file(ABOUT, 1.5),
                 "left": "<Response><Hangup/></Response>",
                 "take": '<Response><Dial action="/taken"><Queue url="/about">helpdesk</Queue></Dial></Response>'})
    server.answer_with(app, NUMBERS[2])
    server.answer_with(app, NUMBERS[3], "/take")
    caller = server.caller(NUMBERS[2], "waiting", "--tone", str(CALLER))
    first = app.wait_for("/wait", 2)[0]  # it is asked for again at its end
    check(first["QueuePosition"] == first["CurrentQueueSize"] == "1" and first["MaxQueueSize"] == "7", first)
    check(int(first["AvgQueueTime"]) <= int(app.of("/wait")[-1]["AvgQueueTime"]) <= 5, first)
    queue = server.twilio("GET", "/Queues.json")[1]["queues"][0]
    check(queue["friendly_name"] == "support" and queue["current_size"] == 1, queue)
    member = server.twilio("GET", f"/Queues/{queue['sid']}/Members/Front.json")[1]
    check(member["position"] == 1 and member["call_sid"] == first["CallSid"], member)
    # Under another name it is the same queue, with him in it; the old name is free.
    status, renamed = server.twilio("POST", f"/Queues/{queue['sid']}.json", FriendlyName="helpdesk")
    check(status == 200 and renamed["sid"] == queue["sid"] and renamed["current_size"] == 1, renamed)
    status, other = server.twilio("POST", "/Queues.json", FriendlyName="support")
    check(status == 201 and other["sid"] != queue["sid"] and other["current_size"] == 0, other)
    status, taken = server.twilio("POST", f"/Queues/{other['sid']}.json", FriendlyName="helpdesk")
    check(status == 400 and taken["code"] == 22003, taken)
    agent = server.caller(NUMBERS[3], "taker", "--tone", str(AGENT), "--hang-up-after-ms", "6000")
    heard = {"agent": agent.end().classify(QUEUE_TONES), "caller": caller.end().classify(QUEUE_TONES)}
    check(heard["agent"].count("caller") > 5 and not {"music", "about"} & set(heard["agent"]), heard["agent"])
    order = [name for name, _ in runs(heard["caller"]) if name in ("music", "about", "agent")]
    order = [name for i, name in enumerate(order) if i == 0 or order[i - 1] != name]
    check(order == ["music", "about", "agent"], f"the caller heard {order}: {heard['caller']}")
    left = app.wait_for("/left")[0]
    check(left["QueueResult"] == "bridged", left)
    about = app.wait_for("/about")[0]
    check(about["QueueSid"] == queue["sid"] and about["DequeingCallSid"].startswith("CA"), about)
    taken = app.wait_for("/taken")[0]
    check(taken["QueueResult"] == "bridged" and taken["DialBridged"] == "true", taken)
    app.close()


def waiting(server):
    """Who waits in a conference hears what he is given there later."""
    app = App(**{"voice": '<Response><Dial><Conference waitUrl="/first">hall</Conference></Dial></Response>',
                 "first": "<Response><Play loop='0'>/music.wav</Play></Response>", "music.wav": tone_file(MUSIC, 1.0),
                 "second": "<Response><Play loop='0'>/about.wav</Play></Response>", "about.wav": tone_file(ABOUT, 1.0)})
    server.answer_with(app, NUMBERS[5])
    caller = server.caller(NUMBERS[5], "hall", "--tone", str(CALLER), "--hang-up-after-ms", "5000")
    app.wait_for("/first")
    path = "/Conferences/hall/Participants"
    sid = wait_until(lambda: server.twilio("GET", path + ".json")[1].get("participants"), "the caller")[0]["call_sid"]
    talk(1.5)
    status, changed = server.twilio("POST", f"{path}/{sid}.json", WaitUrl=app.url + "/second", BeepOnExit="false")
    check(status == 200, changed)
    second = app.wait_for("/second")[0]
    check(second["CallSid"] == sid and second["FriendlyName"] == "hall", second)
    order = [name for name, _ in runs(caller.end().classify(QUEUE_TONES)) if name in ("music", "about")]
    check([name for i, name in enumerate(order) if i == 0 or order[i - 1] != name] == ["music", "about"], order)
    app.close()


def dashed(sid):
    """A CallSid as the other vendor's interface writes the same id."""
    hexes = sid[2:]
    return "-".join((hexes[:8], hexes[8:12], hexes[12:16], hexes[16:20], hexes[20:]))


def through_two(server):
    """A caller in a conference with an agent: both interfaces show the calls, with one id; a coach comes in by one."""
    room = '<Response><Dial><Conference waitUrl="" beep="false" endConferenceOnExit="true">both</Conference></Dial></Response>'
    app = App(voice=room)
    server.answer_with(app, NUMBERS[4])
    application, key = server.create_application(app.url + "/a", app.url + "/e")
    token = server.token(application, key)
    caller = server.caller(NUMBERS[4], "both-caller", "--tone", str(CALLER))
    voice = app.wait_for("/voice")[0]
    agent = server.agent("both-agent", SECOND_AGENT, AGENT)
    path = "/Conferences/both/Participants.json"
    wait_until(lambda: server.twilio("GET", path)[1].get("participants"), "the caller")
    made = server.twilio("POST", path, From="+" + NUMBERS[4], To="+" + SECOND_AGENT, Beep="false")[1]
    wait_until(lambda: [p["status"] for p in server.twilio("GET", path)[1]["participants"]] == ["connected"] * 2, "the agent")
    for sid, direction in ((voice["CallSid"], "inbound"), (made["call_sid"], "outbound")):
        ours = server.twilio("GET", f"/Calls/{sid}.json")[1]
        status, theirs = server.ask("GET", f"/v1/calls/{dashed(sid)}", token=token)
        check(status == 200 and theirs["direction"] == direction, f"{sid}: {status} {theirs}")
        check(ours["status"] == "in-progress" and theirs["status"] == "answered", f"{ours['status']}, {theirs['status']}")
        check(theirs["uuid"].replace("-", "") == sid[2:] and theirs["to"]["number"] == ours["to"].lstrip("+"), theirs)
    coach = server.agent("both-coach", SECOND_COACH, COACH)
    server.twilio("POST", path, From="+" + NUMBERS[4], To="+" + SECOND_COACH, Coaching="true",
                  CallSidToCoach=made["call_sid"], Beep="false")
    coaching = wait_until(lambda: [p for p in server.twilio("GET", path)[1]["participants"] if p["coaching"]], "the coach")[0]
    status, theirs = server.ask("GET", f"/v1/calls/{dashed(coaching['call_sid'])}", token=token)
    check(status == 200 and theirs["status"] == "answered", theirs)
    # Muted through the one, shown so by the other; and ended through the one for both.
    status, _ = server.ask("PUT", f"/v1/calls/{dashed(made['call_sid'])}", {"action": "mute"}, token=token)
    check(status == 204, f"mute: {status}")
    shown = server.twilio("GET", f"/Conferences/both/Participants/{made['call_sid']}.json")[1]
    check(shown["muted"] is True, shown)
    server.ask("PUT", f"/v1/calls/{dashed(made['call_sid'])}", {"action": "unmute"}, token=token)
    talk(2.0)
    status, _ = server.ask("PUT", f"/v1/calls/{dashed(voice['CallSid'])}", {"action": "hangup"}, token=token)
    check(status == 204, f"hang up: {status}")
    heard = {name: phone.end().classify(TONES) for name, phone in (("caller", caller), ("agent", agent), ("coach", coach))}
    check(heard["caller"].count("agent") > 3 and "coach" not in heard["caller"], heard["caller"])
    check(heard["agent"].count("other") + heard["agent"].count("coach") > 5, heard["agent"])
    ended = server.twilio("GET", f"/Calls/{voice['CallSid']}.json")[1]
    check(ended["status"] == "completed", ended)
    wait_until(lambda: server.ask("GET", f"/v1/calls/{dashed(voice['CallSid'])}", token=token)[1]["status"] == "completed",
               "the end in both")
    app.close()


def main():
    with lab(sys.argv[1], AGENT_NUMBER, COACH_NUMBER, SECOND_AGENT, SECOND_COACH) as server:
        side_by_side(lambda: coached(server), lambda: queued(server), lambda: waiting(server))
        server.wait_until_idle()
        through_two(server)
        server.wait_until_idle()


main()
