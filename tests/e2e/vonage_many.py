#!/usr/bin/env python3
"""Many whispered calls at once whose parties leave at random moments: nobody is left over, and every leg has its final
event. Callers and agents are sipp; the app calls the API from inside its answer handler.

    vonage_many.py SOTTO [CALLS [CALLS_A_SECOND]]"""

import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse

from vonage_lab import HERE, Lab, check, free_port, wait_until

AGENT = "12025550177"
ROOM_WAIT_S = 5


class App(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        self.count = 0
        self.events = []
        self.refused = []
        self.api = None
        self.token = None

    def handle_error(self, request, address):
        pass  # a caller who left closes what he asked for


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each reply

    def log_message(self, *arguments):
        pass

    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        query = urllib.parse.parse_qs(query)
        if path == "/answer_inbound":
            with self.server.lock:
                self.server.count += 1
                room = self.server.count
            self.call_agent(room, query["to"][0])
            return self.reply([{"action": "conversation", "name": f"room-{room}", "startOnEnter": "false"}])
        room = query["conference_id"][0]
        return self.reply([{"action": "talk", "text": "Incoming call regarding the summer offer"},
                           {"action": "conversation", "name": f"room-{room}"}])

    def call_agent(self, room, number):
        body = json.dumps({"to": [{"type": "phone", "number": AGENT}], "from": {"type": "phone", "number": number},
                           "answer_url": [f"{self.server.url}/answer_outbound?conference_id={room}"]})
        connection = http.client.HTTPConnection(self.server.api, timeout=10)
        connection.request("POST", "/v1/calls", body, {"Content-Type": "application/json",
                                                       "Authorization": f"Bearer {self.server.token}"})
        reply = connection.getresponse()
        if reply.status != 201:
            self.server.refused.append((reply.status, reply.read()))
        connection.close()

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.events.append((time.monotonic(), event))
        self.reply({})


def sipp(lab, scenario, *arguments):
    child = subprocess.Popen(["sipp", "-sf", os.path.join(HERE, "sipp", scenario), "-i", "127.0.0.1", "-nostdin", *arguments],
                             cwd=lab.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lab.children.append(child)
    return child


def main():
    binary = sys.argv[1]
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rate = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    agent_port = free_port()
    app = App()
    threading.Thread(target=app.serve_forever, daemon=True).start()
    with Lab(binary, {AGENT: agent_port}, f"[calls]\nroom_wait_max_s = {ROOM_WAIT_S}\n") as lab:
        application, key = lab.create_application(f"{app.url}/answer_inbound", f"{app.url}/event")
        lab.link("12025550101", application)
        app.api, app.token = lab.server.http, lab.token(application, key)
        sipp(lab, "vonage_agent.xml", "-p", str(agent_port), "-mp", str(free_port()))
        begun = time.monotonic()
        caller = sipp(lab, "vonage_caller.xml", "-s", "12025550101", "-r", str(rate), "-m", str(calls), "-l", str(calls),
                      "-mp", str(free_port()), "-timeout", "100s", lab.server.sip)
        caller.wait(timeout=120)
        # Whoever is left alone in his room is let go of after the longest wait.
        wait_until(lambda: lab.metrics()["sotto_legs"] == 0, "the legs to end", 60)
        lab.wait_until_idle()
        wait_until(lambda: not open_legs(app), "the final events", 30)
        check(not app.refused, f"the API refused {app.refused[:3]}")
        finals = [event for _, event in app.events if event.get("status") in ("completed", "rejected")]
        legs = {event["uuid"] for _, event in app.events if event.get("status") == "started"}
        inbound = {event["uuid"] for _, event in app.events if event.get("direction") == "inbound"}
        check(len(inbound) == calls, f"{len(inbound)} of {calls} calls arrived")
        check(len(finals) == len(legs), f"{len(finals)} final events for {len(legs)} legs")
        print(f"{calls} calls, {len(legs)} legs, {len(app.events)} events in {time.monotonic() - begun:.1f} s; none left over")


def open_legs(app):
    with app.lock:
        events = [event for _, event in app.events]
    begun = {event["uuid"] for event in events if event.get("status") == "started"}
    return begun - {event["uuid"] for event in events if event.get("status") in ("completed", "rejected")}


if __name__ == "__main__":
    main()
