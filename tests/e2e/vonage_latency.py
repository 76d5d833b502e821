#!/usr/bin/env python3
"""How long an app waits: from POST /v1/calls to the INVITE on the wire, and from a hang-up to the final event. A test shares
its machine, so it asserts the order of things and a median within ten times the goal; `--figures`, for a release binary on a
machine that does nothing else, holds the p99s to the goals (5 ms and 20 ms) and takes more samples."""

import http.client
import json
import re
import socket
import sys
import threading
import time

from vonage_lab import WAIT_MAX, Lab, check, free_port, wait_until
from vonage_many import App

AGENT = "12025550177"
SAMPLES = {"test": 100, "figures": 1000}
ORDER = ["started", "answered", "completed"]  # ringing too, where the phone rings


class Phone(threading.Thread):
    """Answers every INVITE and BYE at once, and notes when the INVITE came."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.port = port
        self.invited = []
        self.acknowledged = threading.Event()

    def run(self):
        while True:
            data, peer = self.socket.recvfrom(65536)
            now = time.perf_counter()
            text = data.decode()
            method = text.split(" ", 1)[0]
            if method == "ACK":
                self.acknowledged.set()
            if method == "INVITE":
                self.invited.append(now)
            if method in ("INVITE", "BYE", "OPTIONS"):
                self.socket.sendto(self.answer(text, method), peer)

    def answer(self, text, method):
        kept = [line for line in text.split("\r\n") if re.match(r"(Via|From|To|Call-ID|CSeq)\s*:", line, re.I)]
        kept = [line + ";tag=phone" if line.startswith("To") and "tag=" not in line else line for line in kept]
        body = ""
        if method == "INVITE":
            body = ("v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")
            kept += [f"Contact: <sip:phone@127.0.0.1:{self.port}>", "Content-Type: application/sdp"]
        return ("\r\n".join(["SIP/2.0 200 OK", *kept, f"Content-Length: {len(body)}", "", body])).encode()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000


class Clock:
    """What one call after the other takes."""

    def __init__(self, lab, phone, app):
        self.phone, self.app = phone, app
        application, key = lab.create_application(f"{app.url}/answer_inbound", f"{app.url}/event")
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {lab.token(application, key)}"}
        self.connection = http.client.HTTPConnection(lab.server.http)
        self.body = json.dumps({"to": [{"type": "phone", "number": AGENT}], "ncco": [{"action": "wait", "timeout": 60}],
                                "from": {"type": "phone", "number": "12025550101"}})
        self.to_invite, self.to_event = [], []

    def ask(self, method, path, body):
        self.connection.request(method, path, body, self.headers)
        return self.connection.getresponse().read()

    def events(self, uuid):
        with self.app.lock:
            return [(at, event) for at, event in self.app.events if event.get("uuid") == uuid]

    def call(self):
        known = len(self.phone.invited)
        self.phone.acknowledged.clear()
        begun = time.perf_counter()
        uuid = json.loads(self.ask("POST", "/v1/calls", self.body))["uuid"]
        wait_until(lambda: len(self.phone.invited) > known, "the INVITE")
        self.to_invite.append(self.phone.invited[known] - begun)
        check(self.phone.acknowledged.wait(WAIT_MAX), "no ACK")
        hung_up = time.monotonic()
        check(self.ask("PUT", f"/v1/calls/{uuid}", '{"action":"hangup"}') == b"", "hang up")
        def final():
            return [at for at, event in self.events(uuid) if event.get("status") == "completed"]
        self.to_event.append(wait_until(final, "the final event")[0] - hung_up)
        order = [event["status"] for _, event in self.events(uuid) if event["status"] != "ringing"]
        check(order == ORDER, f"the events came as {order}")


def main():
    figures = "--figures" in sys.argv[2:]
    port = free_port()
    phone = Phone(port)
    phone.start()
    app = App()
    threading.Thread(target=app.serve_forever, daemon=True).start()
    with Lab(sys.argv[1], {AGENT: port}) as lab:
        clock = Clock(lab, phone, app)
        for _ in range(SAMPLES["figures" if figures else "test"]):
            clock.call()
        lab.wait_until_idle()
    measured = [("POST to INVITE", clock.to_invite, 5), ("hang-up to final event", clock.to_event, 20)]
    for name, values, goal in measured:
        print(f"{name}: p50 {percentile(values, 0.5):.1f} ms, p99 {percentile(values, 0.99):.1f} ms (goal: p99 of {goal} ms)")
    for name, values, goal in measured:
        check(min(values) > 0, f"{name}: {min(values)} s is before its cause")
        check(percentile(values, 0.5) <= goal * 10, f"{name}: the median is beyond {goal * 10} ms")
        check(not figures or percentile(values, 0.99) <= goal, f"{name}: the p99 is beyond {goal} ms")


if __name__ == "__main__":
    main()
