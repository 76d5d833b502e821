#!/usr/bin/env python3
"""A caller dials an advert's number, and the agent alone hears which one: by a conference and an API call from inside the
answer handler, and by onAnswer. Small apps on Express and the vendor's client of 2017 make the exchanges; the phones'
recordings prove who heard what."""

import json
import sys
import urllib.request

from vonage_lab import KEY, SECRET, Lab, check, free_port, runs, wait_until, write_tone
import socket

AGENT = "12025550177"
MUSIC, CALLER, STAFF = 440, 1000, 1400
TONES = {"music": MUSIC, "caller": CALLER, "agent": STAFF}


def start_app(lab, events):
    port = free_port(socket.SOCK_STREAM)
    url = f"http://127.0.0.1:{port}"
    application, key = lab.create_application(f"{url}/answer_inbound", f"{url}/event")
    write_tone(lab.path("music.wav"), MUSIC)
    lab.node("call_whisper.js", PORT=str(port), PUBLIC_URL=url, AGENT=AGENT, API_KEY=KEY, API_SECRET=SECRET,
             APPLICATION_ID=application, PRIVATE_KEY=key, STATIC=lab.folder, EVENTS=events)
    return application, url


def talk(lab, agent_port, number="12025550101"):
    agent = lab.phone("agent", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "1000", "--tone", str(STAFF),
                      "--hang-up-after-ms", "15000")
    caller = lab.caller(number, "caller", "--tone", str(CALLER), "--hang-up-after-ms", "14000")
    return caller, agent


def heard_by_agent(heard):
    """The whisper first, the caller not before its end."""
    kinds = heard.classify(TONES)
    spoken = [i for i, kind in enumerate(kinds) if kind == "other"]
    spoke = [i for i, kind in enumerate(kinds) if kind == "caller"]
    check(len(spoken) > 20, f"the agent heard no whisper: {runs(kinds)}")
    check(len(spoke) > 10, f"the agent did not hear the caller: {runs(kinds)}")
    check(spoke[0] > spoken[20], f"the agent heard the caller before the whisper: {runs(kinds)}")
    check(not any(kind == "music" for kind in kinds), f"the agent heard the caller's music: {runs(kinds)}")


def by_conference(lab, agent_port):
    caller, agent = talk(lab, agent_port)
    kinds = caller.end().classify(TONES)
    # The room has no endOnExit: whoever is left stays until he hangs up.
    heard_by_agent(agent.end())
    order = [name for name, _ in runs(kinds, 4)]
    check("music" in order and "agent" in order, f"the caller heard {runs(kinds)}")
    first = kinds.index("music")
    joined = kinds.index("agent", first)
    check(joined > first + 20, f"the caller heard too little music: {runs(kinds)}")
    whispered = [kind for kind in kinds[first + 2:joined - 2] if kind not in ("music", "silence")]
    check(len(whispered) <= 2, f"the caller heard more than music: {runs(kinds)}")


def by_on_answer(lab, agent_port, url):
    caller, agent = talk(lab, agent_port, "12025550102")
    kinds = caller.end().classify({**TONES, "ringing": 440})
    heard_by_agent(agent.end())
    check("agent" in kinds, f"the caller did not hear the agent: {runs(kinds)}")
    seen = json.load(urllib.request.urlopen(url + "/seen"))
    check(seen["whispers"][0]["from"] == "12025550102", f"onAnswer was told {seen['whispers']}")


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    with Lab(binary, {AGENT: agent_port}) as lab:
        application, url = start_app(lab, "missing")
        lab.link("12025550101", application)
        by_conference(lab, agent_port)
        lab.wait_until_idle()
        second, key = lab.create_application(f"{url}/answer", f"{url}/event", "second")
        lab.link("12025550102", second)
        by_on_answer(lab, agent_port, url)
        lab.wait_until_idle()


main()
