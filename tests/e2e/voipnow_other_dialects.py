#!/usr/bin/env python3
"""Calls that an NCCO and a TwiML document started, coached through VoipNow's API: one call, three dialects, seen by all
three APIs."""

import base64
import http.server
import json
import os
import sys
import tempfile
import threading
import time
import urllib.parse

from voipnow_office import (OWN_NUMBER, TWILIO_SID, TWILIO_TOKEN, TWIML_NUMBER, VONAGE_KEY, VONAGE_SECRET, Office,
                            agent_number)
from vonage_lab import application_token


class App(http.server.ThreadingHTTPServer):
    """Answers every call with a document that connects it with an agent's number: the first station's for an NCCO, the
    second's for TwiML."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


NCCO = json.dumps([{"action": "connect", "from": OWN_NUMBER,
                    "endpoint": [{"type": "phone", "number": agent_number(0)}]}])
TWIML = f"<Response><Dial><Number>+{agent_number(1)}</Number></Dial></Response>"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, body = {"/answer": ("application/json", NCCO), "/voice": ("text/xml", TWIML)}.get(
            urllib.parse.urlsplit(self.path).path, ("application/json", "[]"))
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET

    def log_message(self, *_):
        pass


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def good(reply):
    assert reply.status < 300, (reply.status, reply.text)
    return reply.json


def vonage(api, method, path, body=None, form=None):
    text = urllib.parse.urlencode(form) if form else body and json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return good(api.send(method, path, text, {**basic(VONAGE_KEY, VONAGE_SECRET), "Content-Type": kind}))


def twilio(api, method, path, **form):
    return good(api.send(method, f"/2010-04-01/Accounts/{TWILIO_SID}{path}", urllib.parse.urlencode(form) or None,
                         {**basic(TWILIO_SID, TWILIO_TOKEN), "Content-Type": "application/x-www-form-urlencoded"}))


def make_vonage_application(api, app, folder):
    """A token of its own."""
    made = vonage(api, "POST", "/v2/applications", {
        "name": "coached", "capabilities": {"voice": {"webhooks": {
            "answer_url": {"address": app.url + "/answer", "http_method": "GET"},
            "event_url": {"address": app.url + "/event", "http_method": "POST"}}}}})
    vonage(api, "POST", "/number/buy", form={"country": "US", "msisdn": OWN_NUMBER})
    vonage(api, "POST", "/number/update", form={"country": "US", "msisdn": OWN_NUMBER, "app_id": made["id"]})
    key = os.path.join(folder, "private.key")
    with open(key, "w") as file:
        file.write(made["keys"]["private_key"])
    return application_token(made["id"], key)


def seen_by_vonage(s):
    """States of the legs between C and A, by number."""
    reply = s.api.send("GET", "/v1/calls?page_size=100", None, {"Authorization": "Bearer " + s.office.vonage_token})
    calls = good(reply)["_embedded"]["calls"]
    return {call["to"].get("number"): call["status"] for call in calls if call["status"] not in ("completed", "failed")}


def seen_by_twilio(s):
    calls = twilio(s.api, "GET", "/Calls.json?Status=in-progress")["calls"]
    return {call["to"].lstrip("+") for call in calls}


def coach(s, dialled):
    s.talk(to=dialled)
    leg = s.supervise(callerId="Coach <42>")
    s.hears(leg.when("answered"), {s.a: "CS", s.c: "A", leg: "AC"})
    assert len(s.views()) == 2
    agent = agent_number(s.index)
    seen = s.until(lambda: {dialled, agent} <= set(seen_by_vonage(s)) and seen_by_vonage(s), "Vonage's list")
    assert seen[dialled] == seen[agent] == "answered", seen
    assert {dialled, agent} <= seen_by_twilio(s), seen_by_twilio(s)
    # Another mode without another ring: nobody hears the supervisor any more.
    reply = s.put("Monitor")
    assert reply.status == 200 and len(s.S.legs) == 1, reply.text
    s.hears(time.monotonic(), {s.a: "C", s.c: "A", leg: "AC"})
    s.C.hang_up(s.c)
    s.a.wait("ended", timeout=2)
    leg.wait("ended", timeout=2)
    s.never(s.c, s.tones["S"])
    s.unbroken(s.a)
    s.until(lambda: not {dialled, agent} & set(seen_by_vonage(s)), "its end in Vonage's list")
    s.until(lambda: not {dialled, agent} & seen_by_twilio(s), "its end in Twilio's list")


def row_of_each_document(s):
    """Each station has a document that connects with its agent."""
    coach(s, (OWN_NUMBER, TWIML_NUMBER)[s.index])


def main():
    app = App()
    with tempfile.TemporaryDirectory() as folder, Office(sys.argv[1], folder, 2) as office:
        office.vonage_token = make_vonage_application(office.api, app, folder)
        twilio(office.api, "POST", "/IncomingPhoneNumbers.json", PhoneNumber="+" + TWIML_NUMBER,
               VoiceUrl=app.url + "/voice")
        failed = office.run([row_of_each_document] * 2)
        if failed:
            print(office.server.log()[-4000:])
    if failed:
        raise SystemExit("a call of another dialect could not be coached")


main()
