#!/usr/bin/env python3
"""JsSIP in headless Chromium: it registers over WebSocket on the HTTP port, calls and is called with sound both ways
(Opus over DTLS-SRTP, while the other party has G.711), holds, and presses keys. A page of a strange origin is refused."""

import http.client
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

import sip_phone
from server import Server
from sip_rig import PASSWORD, TIMEOUT, TWO_MEDIA_THREADS, phone_table, wait_until, wait_until_idle, write_config

HERE = os.path.dirname(os.path.abspath(__file__))
BROWSER_TONE, PHONE_TONE = 1000, 440


class Browser:
    def __init__(self, folder, page, server, user):
        self.errors = open(os.path.join(folder, "browser.log"), "w+")
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "browser_phone.js"), page, f"ws://{server.http}/sip", user, PASSWORD,
             str(BROWSER_TONE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=lambda: [self.lines.put(json.loads(line)) for line in self.process.stdout],
                         daemon=True).start()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def expect(self, event, **fields):
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise SystemExit(f"no {event} {fields} from the browser, but {self.seen[-30:]}\n{self.log()}") from None
            self.seen.append(line)
            if line["event"] in ("error", "failed", "registrationFailed") and event != line["event"]:
                raise SystemExit(f"the browser: {line}\n{self.seen[-30:]}")
            if line["event"] == event and all(line.get(key) == value for key, value in fields.items()):
                return line

    def hears(self, hertz):
        while abs(self.expect("heard")["hertz"] - hertz) > 15:
            pass

    def log(self):
        self.errors.seek(0)
        return self.errors.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.errors.close()


def knock(server, origin):
    """The status that a page of that origin gets for its handshake."""
    connection = http.client.HTTPConnection(server.http, timeout=10)
    connection.request("GET", "/sip", headers={
        "Connection": "Upgrade", "Upgrade": "websocket", "Origin": origin, "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "sip"})
    status = connection.getresponse().status
    connection.close()
    return status


def phone_hears(leg, hertz):
    """In the last half second."""
    wait_until(lambda: sip_phone.level(leg.heard(time.monotonic() - 0.5, time.monotonic())[-2400:], hertz) > 0.3,
               f"{hertz} Hz at the phone")


def digits(server):
    """That the server has received in its newest call."""
    def ask(*words):
        done = subprocess.run([sys.argv[1], *words, "--json", "--url", f"http://{server.http}", "--data", server.folder],
                              capture_output=True, text=True, check=True, timeout=20)
        return json.loads(done.stdout)
    return ask("call", "show", ask("call", "list", "--limit", "1")["legs"][0]["call"])["digits"]


def calls(server, browser, ann):
    browser.expect("registered")
    browser.tell("dial ann")
    leg = ann.rings(1).wait("answered")
    browser.expect("confirmed")
    browser.hears(PHONE_TONE)
    phone_hears(leg, BROWSER_TONE)
    browser.tell("hold")
    browser.expect("hold", by="local")
    wait_until(lambda: sip_phone.level(leg.heard(time.monotonic() - 0.3, time.monotonic()), BROWSER_TONE) < 0.02,
               "silence of the browser while it holds")
    browser.tell("unhold")
    browser.expect("unhold", by="local")
    browser.hears(PHONE_TONE)
    phone_hears(leg, BROWSER_TONE)
    browser.tell("digit 5 info")
    wait_until(lambda: digits(server) == "5", "a digit by INFO", server.log)
    browser.tell("digit 7 rtp")
    wait_until(lambda: digits(server) == "57", "a digit by RFC 4733", server.log)
    browser.tell("hangup")
    browser.expect("ended")
    leg.wait("ended")

    leg = ann.dial("web")
    browser.expect("call", **{"from": "remote"})
    browser.expect("confirmed")
    leg.wait("answered")
    browser.hears(PHONE_TONE)
    phone_hears(leg, BROWSER_TONE)
    ann.hang_up(leg)
    browser.expect("ended")
    browser.tell("leave")
    browser.expect("disconnected")
    wait_until_idle(server)


def main():
    with tempfile.TemporaryDirectory() as folder:
        config = write_config(folder, TWO_MEDIA_THREADS, phone_table("ann", "310"), phone_table("web", "311"))
        with Server(sys.argv[1], folder, "--config", config) as server:
            if (knock(server, f"http://{server.http}"), knock(server, "http://evil.example")) != (101, 403):
                raise SystemExit("a page of another origin is let in, or one of our own is not")
            host, port = server.sip.rsplit(":", 1)
            ann = sip_phone.Phone(sip_phone.Clock(), (host, int(port)), "ann", PHONE_TONE, PASSWORD).register()
            with Browser(folder, f"http://{server.http}", server, "web") as browser:
                calls(server, browser, ann)


main()
