#!/usr/bin/env python3
"""Whispered calls in Vonage's dialect at a steady rate, each with two legs, a call of the API from inside the answer
handler, a spoken whisper and a conference; webhooks are answered after 50 ms. Prints what became of them and what the
server cost, and ends with 1 unless every call was whispered and joined, and the rate was held. Before it, with nothing else
to do, how long a single call's requests and events take.

    tests/load/vonage.py SOTTO [--rate 100] [--seconds 30] [--delay-ms 50]"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
from vonage_lab import Lab, check, free_port, wait_until  # noqa: E402

AGENT = "12025550177"
NUMBER = "12025550101"


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sipp(lab, scenario, *arguments):
    child = subprocess.Popen(["sipp", "-sf", os.path.join(HERE, "sipp", scenario), "-i", "127.0.0.1", "-nostdin", *arguments],
                             cwd=lab.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.children.append(child)
    return child


def start_app(lab, delay_ms):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    application, key = lab.create_application(f"{url}/answer_inbound", f"{url}/event")
    lab.link(NUMBER, application)
    environment = {**os.environ, "PORT": str(port), "DELAY_MS": str(delay_ms), "SOTTO_HTTP": lab.base, "AGENT": AGENT,
                   "TOKEN": lab.token(application, key)}
    child = subprocess.Popen(["node", os.path.join(HERE, "vonage_app.js")], env=environment, stdout=subprocess.PIPE, text=True)
    lab.children.append(child)
    check(child.stdout.readline().startswith("listening"), "the app did not start")

    def stats():
        with urllib.request.urlopen(f"{url}/stats", timeout=10) as reply:
            return json.load(reply)
    return child, stats


def percentiles(values):
    ordered = sorted(values)
    if not ordered:
        return "none"
    return f"p50 {ordered[len(ordered) // 2]:.1f} ms, p99 {ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]:.1f} ms"


def sipp_statistics(path):
    """The last line of sipp's statistics file."""
    with open(path) as file:
        lines = [line.rstrip("\n").split(";") for line in file if line.strip()]
    return dict(zip(lines[0], lines[-1]))


def load(lab, given):
    app, stats = start_app(lab, given.delay_ms)
    agent_port = given.agent_port
    calls = given.rate * given.seconds
    sipp(lab, "agent.xml", "-p", str(agent_port), "-mp", "50000", "-buff_size", "8000000")
    before = processor_seconds(lab.server.process.pid), processor_seconds(app.pid)
    begun = time.monotonic()
    caller = sipp(lab, "caller.xml", "-s", NUMBER, "-r", str(given.rate), "-m", str(calls), "-l", str(10 * calls), "-mp", "52000",
                  "-buff_size", "8000000", "-trace_stat", "-stf", lab.path("callers.csv"), "-fd", "1", lab.server.sip)
    wait_until(lambda: caller.poll() is not None, "the callers", given.seconds + 60)
    took = time.monotonic() - begun
    spent = processor_seconds(lab.server.process.pid) - before[0], processor_seconds(app.pid) - before[1]
    lab.wait_until_idle()
    wait_until(lambda: stats()["finals"] >= 2 * calls, "the final events", 30)
    return calls, took, spent, stats(), sipp_statistics(lab.path("callers.csv"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sotto")
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--delay-ms", type=int, default=50)
    given = parser.parse_args()
    latency = os.path.join(HERE, "..", "e2e", "vonage_latency.py")
    waited = subprocess.run([sys.executable, latency, given.sotto, "--figures"])
    given.agent_port = free_port()
    with Lab(os.path.abspath(given.sotto), {AGENT: given.agent_port}) as lab:
        calls, took, spent, seen, sipp_seen = load(lab, given)
    held = calls / (took - 5.0)  # a call lasts five seconds after its answer
    print(f"{calls} whispered calls offered at {given.rate}/s, {held:.1f}/s held: {seen['whispers']} whispers, {seen['joins']} joins "
          f"of a room, {seen['finals']} final events, {seen['refused']} refused, errors {seen['errors']}")
    print(f"server {spent[0] / took * 100:.0f} % of a core, {spent[0] / calls * 1000:.2f} ms a call; app {spent[1] / took * 100:.0f} %")
    print(f"POST /v1/calls at the app: {percentiles(seen['api_ms'])}")
    print(f"end of a leg to its final event at the app: {percentiles(seen['event_ms'])}")
    print(f"callers: {sipp_seen['SuccessfulCall(C)']} good, {sipp_seen['FailedCall(C)']} failed, "
          f"{sipp_seen['Retransmissions(C)']} retransmissions, answered after {sipp_seen['ResponseTime1(C)']}")
    good = seen["whispers"] == calls and seen["joins"] == 2 * calls and seen["refused"] == 0 and not seen["errors"]
    check(good and int(sipp_seen["FailedCall(C)"]) == 0, "not every call was whispered and joined")
    check(held > given.rate * 0.95, "the rate was not held")
    check(waited.returncode == 0, "an app waited longer than the goals allow")


main()
