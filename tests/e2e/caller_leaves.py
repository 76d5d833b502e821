#!/usr/bin/env python3
"""The caller hangs up while the agent hears the whisper. Caller and agent are sipp, so the server's SIP is judged by a
stack that is not ours: both sipp scenarios must run to their end, and nothing may be left in the server."""

import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

TIMEOUT = 30.0


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_server(binary, folder, agent_port):
    server = subprocess.Popen(
        [binary, "serve", "--demo", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", folder,
         "--agent", f"sip:agent@127.0.0.1:{agent_port}"],
        stderr=subprocess.PIPE, text=True)
    for line in server.stderr:
        ready = re.search(r'ready sip="([^"]+)" http="([^"]+)"', line)
        if ready:
            return server, ready.group(1), ready.group(2)
    raise SystemExit("the server did not start")


def metrics(http):
    with urllib.request.urlopen(f"http://{http}/metrics", timeout=5) as reply:
        lines = reply.read().decode().splitlines()
    return {name: int(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


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
        server, sip, http = start_server(binary, folder, agent_port)
        try:
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
        finally:
            server.terminate()
            server.wait(timeout=TIMEOUT)
        if server.returncode != 0:
            raise SystemExit(f"the server ended with {server.returncode}")


main()
