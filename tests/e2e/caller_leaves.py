#!/usr/bin/env python3
"""The caller hangs up while the agent hears the whisper. Caller and agent are sipp, so the server's SIP is judged by a
stack that is not ours: both sipp scenarios must run to their end, and nothing may be left in the server. Then the same
while another program holds the database: the call goes on, and is recorded when the database is free."""

import contextlib
import glob
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

from ports import free_port
from server import Server
from sip_rig import metrics

TIMEOUT = 30.0


def sipp(folder, *arguments):
    return subprocess.Popen(["sipp", *arguments, "-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "25s",
                             "-timeout_error"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited too long for {what}")
        time.sleep(0.05)


def call(folder, agent_port, sip, length_ms):
    agent = sipp(folder, "-sn", "uas", "-p", str(agent_port))
    caller = sipp(folder, "-sn", "uac", "-s", "12025550101", "-d", length_ms, sip)
    for name, phone in (("caller", caller), ("agent", agent)):
        status = phone.wait(timeout=TIMEOUT)
        if status != 0:
            raise SystemExit(f"sipp as {name} ended with {status}")


def call_without_store(folder, agent_port, server):
    path, = glob.glob(os.path.join(folder, "*.db"))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        wait_until(lambda: metrics(server.http)["sotto_journal_rows_waiting"] == 0, "the first call to be written")
        before, = database.execute("SELECT COUNT(*) FROM legs").fetchone()
        database.execute("BEGIN IMMEDIATE")
        call(folder, agent_port, server.sip, "3000")
        wait_until(lambda: metrics(server.http)["sotto_legs"] == 0, "the legs to end without a store")
        wait_until(lambda: "nothing can be written" in server.log(), "word of the trouble")
        if metrics(server.http)["sotto_journal_rows_waiting"] == 0:
            raise SystemExit("nothing waits to be written")
        database.execute("ROLLBACK")
        wait_until(lambda: metrics(server.http)["sotto_journal_rows_waiting"] == 0, "the call to be written")
        legs = database.execute("SELECT COUNT(*), COUNT(ended) FROM legs").fetchone()
        calls = database.execute("SELECT COUNT(*) FROM campaign_calls").fetchone()
    if legs != (before + 2, before + 2) or calls != (2,) or metrics(server.http)["sotto_journal_rows_lost_total"] != 0:
        raise SystemExit(f"not all is recorded: {legs} legs, {calls} calls of campaigns")


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        with Server(binary, folder, "--demo", "--agent", f"sip:agent@127.0.0.1:{agent_port}") as server:
            sip, http = server.sip, server.http
            call(folder, agent_port, sip, "5000")
            wait_until(lambda: metrics(http)["sotto_legs"] == 0, "the legs to end")
            wait_until(lambda: metrics(http)["sotto_sip_sessions"] == 0, "the SIP sessions to end")
            left = metrics(http)
            for name in ("sotto_orphans", "sotto_programs", "sotto_media_audience_violations_total"):
                if left[name] != 0:
                    raise SystemExit(f"{name} is {left[name]}")
            if left["sotto_campaign_calls_total"] != 1:
                raise SystemExit("the call was not counted")
            call_without_store(folder, agent_port, server)


main()
