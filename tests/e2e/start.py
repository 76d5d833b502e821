#!/usr/bin/env python3
"""How long the server takes from its start to /readyz with an empty store, and how much memory it holds when idle. The
goals, 200 ms and 40 MB, are those of a release build on an idle machine; asserted is ten times as much."""

import sys
import tempfile
import time
import urllib.request

from server import Server

START_MAX_MS = 2000
RESIDENT_MAX_MB = 400


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        line = next(each for each in file if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        with Server(sys.argv[1], folder) as server:
            with urllib.request.urlopen(f"http://{server.http}/readyz", timeout=5) as reply:
                ready = reply.status == 200
            took_ms = (time.monotonic() - started) * 1000
            resident = resident_mb(server.process.pid)
    print(f"start to /readyz {took_ms:.0f} ms, idle {resident:.0f} MB")
    if not ready or took_ms > START_MAX_MS or resident > RESIDENT_MAX_MB:
        raise SystemExit("too slow or too large")


main()
