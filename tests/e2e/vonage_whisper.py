#!/usr/bin/env python3
"""Callers dial adverts' numbers, and each agent alone hears which one it was: by a conference and an API call from inside
the answer handler, and by onAnswer, four calls at once. A small app on Express and the vendor's client of 2017 make the
exchanges; the phones' recordings prove who heard what."""

import json
import sys
import urllib.request

from vonage_lab import KEY, SECRET, Lab, check, free_port, runs, speech, write_mp3_tone

MUSIC, CALLER, STAFF = 700, 1000, 1600
TONES = {"music": MUSIC, "caller": CALLER, "agent": STAFF, "ringing": (440, 480)}
SHORT, LONG = "summer", "the winter holidays, with a sleigh ride, skiing lessons and mulled wine by the fire"
# number -> topic, agent; the first two by conference, the others by onAnswer
NUMBERS = {"12025550101": {"topic": SHORT, "agent": "12025550171"}, "12025550102": {"topic": LONG, "agent": "12025550172"},
           "12025550103": {"topic": SHORT, "agent": "12025550173"}, "12025550104": {"topic": LONG, "agent": "12025550174"}}
CONFERENCE, ON_ANSWER = list(NUMBERS)[:2], list(NUMBERS)[2:]


def start_app(lab):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    write_mp3_tone(lab.path("music.mp3"), MUSIC)
    application, key = lab.create_application(f"{url}/answer_inbound", f"{url}/event")
    second, _ = lab.create_application(f"{url}/answer", f"{url}/silent-event", "second")
    for number in NUMBERS:
        lab.link(number, application if number in CONFERENCE else second)
    lab.node("call_whisper.js", PORT=str(port), PUBLIC_URL=url, NUMBERS=json.dumps(NUMBERS), API_KEY=KEY, API_SECRET=SECRET,
             APPLICATION_ID=application, PRIVATE_KEY=key, STATIC=lab.folder)
    return url


class Call:
    def __init__(self, lab, number, agent_port):
        self.number = number
        agent = ["--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "3000", "--tone", str(STAFF), "--hang-up-after-ms", "12000"]
        self.agent = lab.phone(f"agent-{number}", *agent)
        self.caller = lab.caller(number, f"caller-{number}", "--tone", str(CALLER), "--hang-up-after-ms", "17000")

    def end(self):
        self.heard_by_caller = self.caller.end().classify(TONES)
        self.heard_by_agent = self.agent.end().classify(TONES)

    def whispered(self):
        """How many windows of speech the agent heard; the caller not before its end, and nothing else."""
        kinds = self.heard_by_agent
        spoken = [i for i, kind in enumerate(kinds) if kind == "other"]
        first = next((i for i in range(len(kinds)) if kinds[i:i + 10].count("caller") > 5), None)
        check(len(spoken) > 10, f"{self.number}: the agent heard no whisper: {runs(kinds)}")
        check(first is not None and kinds.count("caller") > 10, f"{self.number}: the agent did not hear the caller: {runs(kinds)}")
        before = [i for i in spoken if i < first]
        check(speech(kinds[:first]), f"{self.number}: the agent heard no whisper: {runs(kinds)}")
        check(not speech(kinds[first:]), f"{self.number}: the agent heard the caller before the whisper's end: {runs(kinds)}")
        check(kinds.count("music") + kinds.count("ringing") <= 1, f"{self.number}: the agent heard the caller's music: {runs(kinds)}")
        return before[-1] - before[0]

    def caller_waited_with(self, name):
        """After the greeting nothing but that and silence, until the agent was there."""
        kinds = self.heard_by_caller
        check(name in kinds and kinds.count("agent") > 10, f"{self.number}: the caller heard {runs(kinds)}")
        joined = kinds.index("agent")
        waited = kinds[kinds.index(name):joined]
        check(len(waited) > 15, f"{self.number}: the caller waited for {len(waited)} windows only: {runs(kinds)}")
        others = [kind for kind, count in runs(waited) if kind not in (name, "silence", "other")]
        check(not others and not speech(waited), f"{self.number}: the caller heard more than {name}: {runs(kinds)}")


def main():
    ports = {number: free_port() for number in NUMBERS}
    with Lab(sys.argv[1], {NUMBERS[number]["agent"]: ports[number] for number in NUMBERS}) as lab:
        url = start_app(lab)
        calls = {number: Call(lab, number, ports[number]) for number in NUMBERS}
        for call in calls.values():
            call.end()
        for kind, numbers in (("music", CONFERENCE), ("ringing", ON_ANSWER)):
            short, long = (calls[number].whispered() for number in numbers)
            check(long > short + 15, f"the whispers of two topics last {short} and {long} windows: which is whose?")
            for number in numbers:
                calls[number].caller_waited_with(kind)
        with urllib.request.urlopen(url + "/seen") as reply:
            told = {each["from"]: each["to"] for each in json.load(reply)["whispers"]}
        check(told == {number: NUMBERS[number]["agent"] for number in ON_ANSWER}, f"onAnswer was told {told}")
        lab.wait_until_idle()


main()
