#!/usr/bin/env python3
"""A call that an application's NCCO started, coached through VoipNow's API and read through both."""

import base64
import http.server
import json
import sys
import tempfile
import threading
import urllib.parse

from voipnow_office import AGENT_NUMBER, OWN_NUMBER, VONAGE_KEY, VONAGE_SECRET, Office


class App(http.server.ThreadingHTTPServer):
    """Answers every call with an NCCO that connects it with the agent's number."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ncco = [{"action": "connect", "from": OWN_NUMBER, "endpoint": [{"type": "phone", "number": AGENT_NUMBER}]}]
        body = json.dumps(ncco if self.path.startswith("/answer") else []).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def vonage(api, method, path, body=None, form=None):
    key = base64.b64encode(f"{VONAGE_KEY}:{VONAGE_SECRET}".encode()).decode()
    text = urllib.parse.urlencode(form) if form else body and json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    reply = api.send(method, path, text, {"Authorization": "Basic " + key, "Content-Type": kind})
    assert reply.status < 300, (path, reply.status, reply.text)
    return reply.json


def link_number(api, app):
    hook = {"http_method": "GET"}
    made = vonage(api, "POST", "/v2/applications", {
        "name": "coached", "capabilities": {"voice": {"webhooks": {
            "answer_url": {"address": app.url + "/answer", **hook},
            "event_url": {"address": app.url + "/event", "http_method": "POST"}}}}})
    vonage(api, "POST", "/number/buy", form={"country": "US", "msisdn": OWN_NUMBER})
    vonage(api, "POST", "/number/update", form={"country": "US", "msisdn": OWN_NUMBER, "app_id": made["id"]})


def row_ncco(s):
    s.talk(to=OWN_NUMBER)
    leg = s.supervise(callerId="Coach <42>")
    s.hears(leg.when("answered"), {s.a: "CS", s.c: "A", leg: "AC"})
    assert len(s.views()) == 2
    s.S.hang_up(leg)
    monitor = s.supervise("Monitor", count=2)
    s.hears(monitor.when("answered"), {s.a: "C", s.c: "A", monitor: "AC"})
    s.C.hang_up(s.c)
    s.a.wait("ended")
    monitor.wait("ended")


def main():
    app = App()
    with tempfile.TemporaryDirectory() as folder, Office(sys.argv[1], folder, 1) as office:
        link_number(office.api, app)
        failed = office.run([row_ncco])
        if failed:
            print(office.server.log()[-4000:])
    if failed:
        raise SystemExit("a call of another dialect could not be coached")


main()
