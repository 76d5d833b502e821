#!/usr/bin/env python3
"""The caller hangs up while the agent hears the whisper. Caller and agent are sipp, so the server's SIP is judged by a
stack that is not ours: both sipp scenarios must run to their end, and nothing may be left in the server."""

import subprocess
import sys
import tempfile
import time
import urllib.request

from ports import free_port
from server import Server

TIMEOUT = 30.0


def metrics(http):
    with urllib.request.urlopen(f"http://{http}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


def sipp(folder, *arguments):
    return subprocess.Popen(["sipp", *arguments, "-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "25s",
                             "-timeout_error"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited too long for {what}")
        time.sleep(0.05)


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        with Server(binary, folder, "--demo", "--agent", f"sip:agent@127.0.0.1:{agent_port}") as server:
            sip, http = server.sip, server.http
            agent = sipp(folder, "-sn", "uas", "-p", str(agent_port))
            caller = sipp(folder, "-sn", "uac", "-s", "12025550101", "-d", "5000", sip)
            for name, phone in (("caller", caller), ("agent", agent)):
                status = phone.wait(timeout=TIMEOUT)
                if status != 0:
                    raise SystemExit(f"sipp as {name} ended with {status}")
            wait_until(lambda: metrics(http)["sotto_legs"] == 0, "the legs to end")
            wait_until(lambda: metrics(http)["sotto_sip_sessions"] == 0, "the SIP sessions to end")
            left = metrics(http)
            for name in ("sotto_orphans", "sotto_programs", "sotto_media_audience_violations_total"):
                if left[name] != 0:
                    raise SystemExit(f"{name} is {left[name]}")
            if left["sotto_campaign_calls_total"] != 1:
                raise SystemExit("the call was not counted")


main()
