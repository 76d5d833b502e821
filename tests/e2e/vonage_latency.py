#!/usr/bin/env python3
"""How long an app waits: from POST /v1/calls to the INVITE on the wire, and from a hang-up to the final event. Fails only
far beyond the goals (5 ms and 20 ms at p99), since a test shares its machine."""

import http.client
import json
import re
import socket
import sys
import threading
import time

from vonage_lab import Lab, check, free_port, wait_until
from vonage_many import App

AGENT = "12025550177"
SAMPLES = 200


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


def main():
    port = free_port()
    phone = Phone(port)
    phone.start()
    app = App()
    threading.Thread(target=app.serve_forever, daemon=True).start()
    with Lab(sys.argv[1], {AGENT: port}) as lab:
        application, key = lab.create_application(f"{app.url}/answer_inbound", f"{app.url}/event")
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {lab.token(application, key)}"}
        connection = http.client.HTTPConnection(lab.server.http)
        body = json.dumps({"to": [{"type": "phone", "number": AGENT}], "from": {"type": "phone", "number": "12025550101"},
                           "ncco": [{"action": "wait", "timeout": 60}]})
        to_invite, to_event = [], []
        for _ in range(SAMPLES):
            known = len(phone.invited)
            phone.acknowledged.clear()
            begun = time.perf_counter()
            connection.request("POST", "/v1/calls", body, headers)
            made = json.loads(connection.getresponse().read())
            wait_until(lambda: len(phone.invited) > known, "the INVITE")
            to_invite.append(phone.invited[known] - begun)
            phone.acknowledged.wait(5)
            clock = time.monotonic()
            connection.request("PUT", f"/v1/calls/{made['uuid']}", '{"action":"hangup"}', headers)
            check(connection.getresponse().read() == b"", "hang up")
            def final():
                with app.lock:
                    return [at for at, event in app.events
                            if event.get("uuid") == made["uuid"] and event.get("status") == "completed"]
            to_event.append(wait_until(final, "the final event")[0] - clock)
        for name, values, goal in (("POST to INVITE", to_invite, 5), ("hang-up to final event", to_event, 20)):
            p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
            print(f"{name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal {goal} ms)")
            check(p99 < goal * 10, f"{name}: p99 is {p99:.1f} ms")


if __name__ == "__main__":
    main()
