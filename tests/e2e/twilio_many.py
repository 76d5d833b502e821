#!/usr/bin/env python3
"""Many screened calls at once: each agent hears who calls, presses a key and is joined; nobody is left over. Callers and
agents are sipp.

    twilio_many.py SOTTO [CALLS [CALLS_A_SECOND]]"""

import json
import os
import subprocess
import sys
import time
import urllib.request

from twilio_lab import NUMBERS, TwilioLab, check, free_port
from vonage_lab import HERE, wait_until
from vonage_many import sipp

AGENT = "12025550177"


class ScreeningApp:
    def __init__(self):
        script = os.path.join(HERE, "node", "twilio", "screening_app.js")
        self.process = subprocess.Popen(["node", script], stdout=subprocess.PIPE, text=True, env={**os.environ, "AGENT": "+" + AGENT})
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().split()[1]}"

    def counts(self):
        with urllib.request.urlopen(self.url + "/counts", timeout=30) as reply:
            return json.load(reply)


def busy_seconds(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    agent_port = free_port()
    app = ScreeningApp()
    with TwilioLab(sys.argv[1], {AGENT: agent_port}) as server:
        server.children.append(app.process)
        server.answer_with(app, NUMBERS[0])
        sipp(server, "twilio_agent.xml", "-p", str(agent_port), "-mp", str(free_port()))
        before, begun = busy_seconds(server.server.process.pid), time.monotonic()
        caller = sipp(server, "twilio_caller.xml", "-s", NUMBERS[0], "-r", str(rate), "-m", str(calls), "-l", str(calls),
                      "-mp", str(free_port()), "-timeout", "100s", server.server.sip)
        caller.wait(timeout=120)
        took = time.monotonic() - begun
        wait_until(lambda: app.counts()["/status"] >= calls, "the last webhooks", 30)
        counts = app.counts()
        busy = (busy_seconds(server.server.process.pid) - before) / took
        print(f"{calls} screened calls at {rate} a second: {counts['bridged']} joined, {busy:.2f} cores busy, {counts}")
        check(counts["/voice"] == calls and counts["/done"] == calls, counts)
        check(counts["bridged"] >= calls * 0.99, f"{counts['bridged']} of {calls} were joined")
        server.wait_until_idle()


main()
