#!/usr/bin/env python3
"""Inbound calls as the tutorials handle them, by a small app on Express: a message, a forward, hold with music until an
agent is free, and adverts' numbers that are counted and proxied. Recordings prove who heard what."""

import json
import subprocess
import sys
import urllib.request

from vonage_lab import KEY, SECRET, Lab, check, free_port, runs, wait_until, write_tone

AGENT = "12025550177"
TONES = {"music": 700, "caller": 1000, "agent": 1400, "ringing": 440}


def get(url):
    with urllib.request.urlopen(url, timeout=30) as reply:
        return reply.read().decode()


def start_app(lab, answers):
    """One application for each path, its number linked; the app itself is one."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    write_tone(lab.path("music.mp3"), TONES["music"])  # what it is is told by its first bytes, not by its name
    application, key = None, None
    for number, path in answers.items():
        application, key = lab.create_application(f"{url}/{path}", f"{url}/event", path)
        lab.link(number, application)
        if path == "hold":
            held = application, key
    lab.node("inbound.mjs", PORT=str(port), PUBLIC_URL=url, AGENT=AGENT, API_KEY=KEY, API_SECRET=SECRET,
             APPLICATION_ID=held[0], PRIVATE_KEY=held[1], STATIC=lab.folder)
    return url


def start_agent(lab, port, *arguments):
    return lab.phone("agent", "--listen", f"127.0.0.1:{port}", "--ring-ms", "800", "--tone", str(TONES["agent"]), *arguments)


def message(lab):
    kinds = lab.caller("12025550101").end().classify(TONES)
    check(kinds.count("other") > 10, f"the message was not heard: {runs(kinds)}")


def hold(lab, url, agent_port):
    agent = start_agent(lab, agent_port)
    caller = lab.caller("12025550102", "held", "--tone", str(TONES["caller"]), "--hang-up-after-ms", "14000")
    caller.wait_for("answered")
    wait_until(lambda: json.loads(get(f"{url}/uuids")), "the answer webhook")
    uuid = json.loads(get(f"{url}/uuids"))[0]
    check(len(uuid) == 32 and "-" not in uuid, f"an inbound leg's uuid is 32 hex digits, not {uuid}")
    threading_wait(4.0)
    check(get(f"{url}/agentfree") == "Agent available", "no agent")
    kinds = caller.end().classify(TONES)
    heard = agent.end().classify(TONES)
    order = [name for name, _ in runs(kinds, 4)]
    check("music" in order and "agent" in order, f"the caller heard {runs(kinds)}")
    check(order.index("music") < order.index("agent"), f"the caller heard {runs(kinds)}")
    last = len(kinds) - 1 - kinds[::-1].index("music")
    check(last < kinds.index("agent"), f"music went on into the talk: {runs(kinds)}")
    check("caller" in heard and "music" not in heard, f"the agent heard {runs(heard)}")


def threading_wait(seconds):
    """The tutorial's own timer."""
    subprocess.run(["sleep", str(seconds)], check=True)


def tracking(lab, url, agent_port):
    agent = start_agent(lab, agent_port, "--hang-up-after-ms", "3000")
    caller = lab.caller("12025550103", "tracked", "--tone", str(TONES["caller"]))
    kinds = caller.end().classify(TONES)
    agent.end()
    check("agent" in kinds, f"the caller heard {runs(kinds)}")
    check("ringing" in kinds or "other" in kinds, f"the caller heard no ringing: {runs(kinds)}")
    seen = json.loads(get(f"{url}/tracked-calls"))
    check(seen == [{"number": "12025550103", "caller": "12025550150"}], f"tracked {seen}")


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    with Lab(binary, {AGENT: agent_port}) as lab:
        url = start_app(lab, {"12025550101": "message", "12025550102": "hold", "12025550103": "track-call"})
        message(lab)
        hold(lab, url, agent_port)
        tracking(lab, url, agent_port)
        lab.wait_until_idle()


main()
