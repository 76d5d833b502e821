#!/usr/bin/env python3
"""Every answer and webhook against the vendor's definitions and the fields that clients need, and malformed requests
against the exact status and body that they are refused with."""

import json
import sys
import urllib.request

from openapi import Check, Definition
from vonage_lab import KEY, SECRET, Lab, check, free_port, wait_until, write_tone

AGENT = "12025550177"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HEX = r"[0-9a-f]{32}"
CONVERSATION = "CON-" + UUID
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"
MONEY = r"\d+\.\d{8}"

VOICE = Definition("vonage/voice.json")
APPLICATIONS = Definition("vonage/applications.json")
NUMBERS = Definition("vonage/numbers.json")

CALL = {"uuid": f"{UUID}|{HEX}", "status": r"[a-z]+", "direction": "inbound|outbound", "conversation_uuid": CONVERSATION,
        "to.type": str, "from.type": str, "_links.self.href": r"/v1/calls/.+"}
OVER = {**CALL, "rate": MONEY, "price": MONEY, "duration": r"\d+", "start_time": TIME, "end_time": TIME, "network": str}
APPLICATION = {"id": UUID, "name": str, "keys.public_key": r"-----BEGIN PUBLIC KEY-----\n[\s\S]+",
               "capabilities.voice.webhooks.answer_url.address": str, "privacy.improve_ai": bool,
               "capabilities.voice.webhooks.answer_url.http_method": "GET|POST", "_links.self.href": r"/v2/applications/.+"}
EVENT = {"from": str, "to": str, "uuid": f"{UUID}|{HEX}", "conversation_uuid": CONVERSATION, "status": str,
         "direction": "inbound|outbound", "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"}
EVENTS = {
    "started": EVENT, "ringing": EVENT,
    "answered": {**EVENT, "start_time": None, "rate": None, "network": None},
    "busy": {**EVENT, "sip_code": int}, "rejected": {**EVENT, "detail": str, "sip_code": int}, "cancelled": EVENT,
    "timeout": EVENT, "unanswered": {**EVENT, "detail": str},
    "completed": {**EVENT, "end_time": TIME, "duration": r"\d+", "rate": MONEY, "price": MONEY, "network": str,
                  "disconnected_by": "user|platform", "sip_code": int},
}
RECORD = {"start_time": TIME, "end_time": TIME, "recording_url": r"http://.+/v1/files/" + UUID, "recording_uuid": UUID,
          "size": int, "conversation_uuid": CONVERSATION, "timestamp": TIME}
INPUT = {"speech": dict, "dtmf.digits": str, "dtmf.timed_out": bool, "from": str, "to": str, "uuid": f"{UUID}|{HEX}",
         "conversation_uuid": CONVERSATION, "timestamp": TIME}
TRANSFER = {"conversation_uuid_from": CONVERSATION, "conversation_uuid_to": CONVERSATION, "uuid": f"{UUID}|{HEX}",
            "timestamp": TIME}
ERROR = {"reason": str, "conversation_uuid": CONVERSATION, "timestamp": TIME}


def voice(path, method, status, required):
    return Check(required, VOICE, VOICE.schema_of(path, method, status))


def answers_of_calls(lab, token, hooks, agent_port):
    agent = lab.phone("agent", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "100", "--press", "12", "--press-after-ms",
                      "1500")
    to, number = [{"type": "phone", "number": AGENT}], {"type": "phone", "number": "12025550101"}
    ncco = [{"action": "record", "format": "wav"}, {"action": "record", "format": "ogg"}, {"action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 2}},
            {"action": "conversation", "name": "room"}]
    status, made = lab.ask("POST", "/v1/calls", {"to": to, "from": number, "ncco": ncco}, token=token)
    check(status == 201, f"create: {status} {made}")
    voice("/", "post", 201, {"uuid": UUID, "status": "started", "direction": "outbound",
                             "conversation_uuid": CONVERSATION}).must_pass("create", made)
    path = f"/v1/calls/{made['uuid']}"
    wait_until(lambda: lab.ask("GET", path, token=token)[1]["status"] == "answered", "the answer")
    Check(CALL, VOICE, VOICE.schema_of("/{uuid}", "get", 200)).must_pass("get", lab.ask("GET", path, token=token)[1])
    for what, body in (("stream", {"stream_url": [f"{hooks}/tone.wav"]}), ("talk", {"text": "hi"}), ("dtmf", {"digits": "1"})):
        status, reply = lab.ask("PUT", f"{path}/{what}", body, token=token)
        check(status == 200, f"{what}: {status} {reply}")
        voice("/{uuid}/" + what, "put", 200, {"message": str, "uuid": UUID}).must_pass(what, reply)
    for what in ("stream", "talk"):
        status, reply = lab.ask("DELETE", f"{path}/{what}", token=token)
        check(status == 200, f"stop {what}: {status}")
        voice("/{uuid}/" + what, "delete", 200, {"message": str, "uuid": UUID}).must_pass(f"stop {what}", reply)
    hex_path = "/v1/calls/" + made["uuid"].replace("-", "")
    check(lab.ask("GET", hex_path, token=token)[0] == 200, "an id without dashes is the same id")
    wait_until(lambda: seen(hooks, "dtmf"), "the input")
    wait_until(lambda: seen(hooks, "conversation_uuid_to"), "the transfer to the room")
    check(lab.ask("PUT", path, {"action": "hangup"}, token=token)[0] == 204, "hang up")
    agent.end()
    over = wait_until(lambda: (lambda call: call["status"] == "completed" and call)(lab.ask("GET", path, token=token)[1]),
                      "the end")
    Check(OVER, VOICE, VOICE.schema_of("/{uuid}", "get", 200)).must_pass("get completed", over)
    status, listed = lab.ask("GET", "/v1/calls/?status=completed&page_size=1", token=token)
    voice("/", "get", 200, {"count": int, "page_size": int, "record_index": int, "_links.self.href": r"http://.+",
                            "_embedded.calls.0.uuid": UUID}).must_pass("list", listed)
    check("next" not in listed["_links"] and "prev" not in listed["_links"], f"links of the only page: {listed['_links']}")
    recordings = wait_until(lambda: len(seen(hooks, "recording_url")) >= 2 and seen(hooks, "recording_url"), "the recordings")
    files = {kind: content for kind, content in (download(each["recording_url"], token, each["size"]) for each in recordings)}
    check(files["audio/wav"].startswith(b"RIFF") and files["audio/ogg"].startswith(b"OggS"), "the recordings' formats")
    check(files["audio/ogg"].count(b"OpusHead") == 1 and len(files["audio/ogg"]) < len(files["audio/wav"]) / 4, "no Opus")


def download(url, token, size):
    """A recording's type and content, as a browser asks for it."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}", "Accept": "audio/*"})
    with urllib.request.urlopen(request, timeout=30) as reply:
        content = reply.read()
        check(len(content) == size, f"{url}: {len(content)} bytes, not {size}")
        return reply.headers["Content-Type"], content


def failures(lab, token, agent_port):
    """A busy agent, one who declines, one who rings too long, one who is hung up on."""
    for code, status in ((486, "busy"), (603, "rejected"), (480, "unanswered")):
        agent = lab.phone(f"agent{code}", "--listen", f"127.0.0.1:{agent_port}", "--reject", str(code), "--ring-ms", "50")
        call_until(lab, token, status)
        agent.process.kill()
        agent.process.wait()
    agent = lab.phone("slow", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "20000")
    call_until(lab, token, "timeout", ringing_timer="1")
    agent.process.kill()
    agent.process.wait()
    agent = lab.phone("slower", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "20000")
    _, made = lab.ask("POST", "/v1/calls", call_body(), token=token)
    path = f"/v1/calls/{made['uuid']}"
    wait_until(lambda: lab.ask("GET", path, token=token)[1]["status"] == "ringing", "the ringing")
    check(lab.ask("PUT", f"{path}/talk", {"text": "hi"}, token=token)[0] == 400, "talk to one who rings")
    check(lab.ask("PUT", path, {"action": "hangup"}, token=token)[0] == 204, "hang up while it rings")
    wait_until(lambda: lab.ask("GET", path, token=token)[1]["status"] == "cancelled", "the cancellation")
    agent.process.kill()
    agent.process.wait()


def call_body(**more):
    return {"to": [{"type": "phone", "number": AGENT}], "from": {"type": "phone", "number": "12025550101"},
            "ncco": [{"action": "talk", "text": "hi"}], **more}


def call_until(lab, token, wanted, **more):
    _, made = lab.ask("POST", "/v1/calls", call_body(**more), token=token)
    wait_until(lambda: lab.ask("GET", f"/v1/calls/{made['uuid']}", token=token)[1]["status"] == wanted, wanted)


def seen(hooks, key):
    with urllib.request.urlopen(f"{hooks}/seen", timeout=30) as reply:
        return [each for each in json.load(reply) if key in each]


def webhooks(hooks):
    events = seen(hooks, "timestamp")
    statuses = {}
    for event in events:
        if "status" in event:
            statuses.setdefault(event["status"], event)
            statuses[event["status"]] = event
    missing = set(EVENTS) - set(statuses)
    check(not missing, f"no event {missing}; there were {sorted(statuses)}")
    # An outbound leg's first answered event has no headers; the last of each kind is looked at.
    for status, event in statuses.items():
        required = dict(EVENTS[status])
        if status == "completed" and event.get("start_time") is None:
            required["start_time"] = None
        Check(required).must_pass(f"event {status}", event)
    for key, required in (("recording_url", RECORD), ("dtmf", INPUT), ("conversation_uuid_to", TRANSFER)):
        Check(required).must_pass(key, seen(hooks, key)[0])
    order = {}
    for event in events:
        order.setdefault(event.get("uuid"), []).append(event.get("status"))
    for uuid, names in order.items():
        finals = [name for name in names if name == "completed"]
        rejected = "rejected" in names
        if uuid is not None and "started" in names:
            check(len(finals) == (0 if rejected else 1), f"{uuid} has the events {names}")


def applications_and_numbers(lab):
    hook = {"address": "http://127.0.0.1/a"}
    status, made = lab.ask("POST", "/v2/applications", {"name": "c", "capabilities": {"voice": {"webhooks": {
        "answer_url": hook, "event_url": hook}}}})
    check(status == 201, f"create: {made}")
    schema = APPLICATIONS.schema_of("/v2/applications/{id}", "get", 200)
    Check({**APPLICATION, "keys.private_key": r"-----BEGIN PRIVATE KEY-----\n[\s\S]+"}).must_pass("create", made)
    _, shown = lab.ask("GET", f"/v2/applications/{made['id']}")
    Check(APPLICATION, APPLICATIONS, schema).must_pass("application", shown)
    check("private_key" not in shown["keys"], "the private key is shown twice")
    _, listed = lab.ask("GET", "/v2/applications?page_size=100&index=1")
    Check({"page_size": int, "page": int, "total_items": int, "total_pages": int, "_embedded.applications.0.id": UUID,
           "_links.self.href": str}, APPLICATIONS, APPLICATIONS.schema_of("/v2/applications", "get", 200)).must_pass(
               "applications", listed)
    _, flat = lab.ask("GET", f"/v1/applications/{made['id']}?api_key={KEY}&api_secret={SECRET}")
    Check({"id": UUID, "name": str, "voice.webhooks.0.endpoint_type": "answer_url", "voice.webhooks.0.endpoint": str,
           "voice.webhooks.0.http_method": "GET", "keys.public_key": str, "_links.self.href": str}).must_pass("v1", flat)
    check(lab.ask("DELETE", f"/v2/applications/{made['id']}")[0] == 204, "delete")

    _, sale = lab.ask("GET", "/number/search?country=US")
    Check({"count": int, "numbers.0.country": "US", "numbers.0.msisdn": r"\d+", "numbers.0.type": str,
           "numbers.0.cost": r"\d+\.\d\d", "numbers.0.features": list}, NUMBERS,
          NUMBERS.find("#/components/schemas/available-numbers")).must_pass("search", sale)
    _, owned = lab.ask("GET", "/account/numbers")
    Check({"count": int, "numbers.0.country": "US", "numbers.0.msisdn": r"\d+", "numbers.0.type": str,
           "numbers.0.features": list, "numbers.0.voiceCallbackType": "app", "numbers.0.app_id": UUID,
           "numbers.0.voiceCallbackValue": UUID}, NUMBERS,
          NUMBERS.find("#/components/schemas/inbound-numbers")).must_pass("owned", owned)
    _, balance = lab.ask("GET", "/account/get-balance")
    check(isinstance(balance["value"], (int, float)) and balance["autoReload"] is False, f"balance {balance}")
    _, insight = lab.ask("GET", "/ni/basic/json?number=12025550101")
    check(insight["status"] == 0 and insight["country_code"] == "US", f"insight {insight}")
    _, secrets = lab.ask("GET", f"/accounts/{KEY}/secrets")
    check(len(secrets["_embedded"]["secrets"]) == 1, f"secrets {secrets}")
    only = secrets["_embedded"]["secrets"][0]["id"]
    check(lab.ask("DELETE", f"/accounts/{KEY}/secrets/{only}")[0] == 403, "the last secret was deleted")


def voice_body(status, detail, **more):
    names = {400: ("BAD_REQUEST", "Bad Request"), 401: ("UNAUTHORIZED", "Unauthorized"), 404: ("NOT_FOUND", "Not Found"),
             405: ("METHOD_NOT_ALLOWED", "Method Not Allowed")}
    kind, title = names[status]
    return {"type": kind, "error_title": title, "title": title, "detail": detail, **more}


def invalid(field, reason):
    return voice_body(400, f"{field}: {reason}", invalid_parameters={field: reason})


NUMBER_FORM = {"type": 400, "title": "Bad Request",
               "invalid_parameters": [{"name": "number", "reason": "can contain up to 15 digits prefixed with +"}]}


def phone(**more):
    return {"to": [{"type": "phone", "number": AGENT, **more}]}


def sip(**more):
    return {"to": [{"type": "sip", "uri": "sip:a@b", **more}]}


def socket(**more):
    return {"to": [{"type": "websocket", "uri": "ws://x", **more}]}


# vonage.md §2.2, §2.3: malformed requests for each field of POST /v1/calls and of its endpoints.
BAD_CALLS = [
    ({"to": None}, invalid("to", "Is required.")),
    ({"to": []}, invalid("to", "Is required.")),
    ({"to": ["x"]}, invalid("to[0]", "expected an object, found a string")),
    ({"to": [{"type": "fax"}]}, invalid("to[0].type", "must be one of: phone, sip, websocket, app, vbc")),
    ({"to": [{"type": "phone"}]}, invalid("to[0].number", "Is required.")),
    ({"to": [{"type": "phone", "number": "call me"}]}, NUMBER_FORM),
    ({"to": [{"type": "phone", "number": "1234567890123456"}]}, NUMBER_FORM),
    ({"to": [{"type": "phone", "number": "1", "dtmfAnswer": "x"}]},
     invalid("to[0].dtmfAnswer", "may hold the characters 0-9, *, # and p")),
    ({"to": [{"type": "sip", "uri": "x"}]}, invalid("to[0].uri", "must be a sip or sips URI")),
    ({"to": [{"type": "websocket", "uri": "http://x"}]}, invalid("to[0].uri", "must be a ws or wss URI")),
    ({"to": "x"}, invalid("to", "expected an object, found a string")),
    ({"to": [{"type": "sip", "uri": "sip:a@b", "headers": "x"}]}, invalid("to[0].headers", "expected an object, found a string")),
    ({"to": [{"type": "websocket", "uri": "ws://x", "content-type": "audio/mp3"}]},
     invalid("to[0].content-type", "must be audio/l16 with a rate of 8000, 16000 or 24000")),
    ({"to": [{"type": "websocket", "uri": "ws://x", "headers": "x"}]},
     invalid("to[0].headers", "expected an object, found a string")),
    ({"to": [{}]}, invalid("to[0].type", "Is required.")),
    ({"to": [{"type": "sip"}]}, invalid("to[0].uri", "Is required.")),
    (sip(uri=7), invalid("to[0].uri", "must be a sip or sips URI")),
    (sip(uri="sips:"), invalid("to[0].uri", "must be a sip or sips URI")),
    (sip(standard_headers="x"), invalid("to[0].standard_headers", "expected an object, found a string")),
    (sip(standard_headers={"User-to-User": []}), invalid("to[0].standard_headers.User-to-User", "expected a string, found an array")),
    ({"to": [{"type": "websocket"}]}, invalid("to[0].uri", "Is required.")),
    (socket(uri="ws://"), invalid("to[0].uri", "must be a ws or wss URI")),
    (socket(headers={"a": "b" * 600}), invalid("to[0].headers", "must not be longer than 512 bytes")),
    (socket(contentType="audio/l16;rate=11025"),
     invalid("to[0].content-type", "must be audio/l16 with a rate of 8000, 16000 or 24000")),
    (socket(authorization="x"), invalid("to[0].authorization", "expected an object, found a string")),
    (socket(authorization={"type": "x"}), invalid("to[0].authorization.type", "must be one of: vonage, custom")),
    (socket(authorization={"type": "custom"}), invalid("to[0].authorization.value", "Is required.")),
    (phone(onAnswer="x"), invalid("to[0].onAnswer", "expected an object, found a string")),
    (phone(onAnswer={}), invalid("to[0].onAnswer.url", "Is required.")),
    (phone(onAnswer={"url": "x"}), invalid("to[0].onAnswer.url", "must be an http or https URL")),
    (phone(onAnswer={"url": "http://x", "ringbackTone": "x"}),
     invalid("to[0].onAnswer.ringbackTone", "must be an http or https URL")),
    (phone(dtmfAnswer=[]), invalid("to[0].dtmfAnswer", "expected a string, found an array")),
    ({"from": {}}, invalid("from.number", "Is required.")),
    ({"from": {"type": "fax", "number": "1"}}, invalid("from.type", "must be one of: phone, sip")),
    ({"from": {"type": "sip", "uri": "x"}}, invalid("from.uri", "must be a sip or sips URI")),
    ({"random_from_number": "maybe"}, invalid("random_from_number", "expected a boolean, found a string")),
    ({"ncco": None, "answer_url": ["http://x"], "answer_method": []},
     invalid("answer_method", "expected a string, found an array")),
    ({"event_url": 7}, invalid("event_url", "expected a string, found an integer")),
    ({"machine_detection": []}, invalid("machine_detection", "expected a string, found an array")),
    ({"to": [{"type": "app"}]}, invalid("to[0].user", "Is required.")),
    ({"to": [{"type": "vbc"}]}, invalid("to[0].extension", "Is required.")),
    ({"from": []}, invalid("from", "expected a string, found an array")),
    ({"ncco": None, "answer_url": 7}, invalid("answer_url", "expected a string, found an integer")),
    ({"advanced_machine_detection": "x"}, invalid("advanced_machine_detection", "expected an object, found a string")),
    ({"advanced_machine_detection": {"behavior": "x"}},
     invalid("advanced_machine_detection.behavior", "must be one of: continue, hangup")),
    ({"advanced_machine_detection": {"beep_timeout": "x"}},
     invalid("advanced_machine_detection.beep_timeout", "expected a number, found a string")),
    ({"from": {"type": "phone", "number": "x"}}, NUMBER_FORM),
    ({"from": "nobody"}, invalid("from", "can contain up to 15 digits prefixed with +")),
    ({"ncco": None}, invalid("answer_url", "Is required.")),
    ({"ncco": {}}, invalid("ncco", "expected an array, found an object")),
    ({"ncco": [{"action": "dance"}]}, invalid("ncco[0].action", '"dance" is not an action')),
    ({"ncco": None, "answer_url": ["x"]}, invalid("answer_url[0]", "must be an http or https URL")),
    ({"ncco": None, "answer_url": ["http://x"], "answer_method": "PUT"}, invalid("answer_method", "must be one of: GET, POST")),
    ({"event_url": ["x"]}, invalid("event_url[0]", "must be an http or https URL")),
    ({"event_method": "PUT"}, invalid("event_method", "must be one of: GET, POST")),
    ({"machine_detection": "ask"}, invalid("machine_detection", "must be one of: continue, hangup")),
    ({"advanced_machine_detection": {"mode": "x"}},
     invalid("advanced_machine_detection.mode", "must be one of: default, detect, detect_beep")),
    ({"length_timer": "long"}, invalid("length_timer", "expected a number, found a string")),
    ({"ringing_timer": []}, invalid("ringing_timer", "expected a number, found an array")),
]


# vonage.md §2.4
BAD_LISTS = [
    ("page_size=0", "page_size", "must be between 1 and 100"), ("page_size=101", "page_size", "must be between 1 and 100"),
    ("page_size=x", "page_size", "must be a number"), ("record_index=x", "record_index", "must be a number"),
    ("record_index=-1", "record_index", "must be between 0 and 1000000000"), ("status=lost", "status", "is not a status"),
    ("date_start=today", "date_start", "must be an ISO 8601 date"), ("date_end=x", "date_end", "must be an ISO 8601 date"),
    ("order=up", "order", "must be one of: asc, desc"), ("conversation_uuid=x", "conversation_uuid", "must be CON- and a uuid")]


def bad_calls(lab, token):
    for change, wanted in BAD_CALLS:
        status, body = lab.ask("POST", "/v1/calls", {**call_body(), **change}, token=token)
        check((status, body) == (400, wanted), f"{change} was answered {status} {body}, not {wanted}")
    gone = "/v1/calls/11111111-1111-4111-8111-111111111111"
    for method, path, body, status in (
            ("GET", gone, None, 404), ("PUT", gone, {"action": "hangup"}, 404), ("PUT", "/v1/calls", {"action": "hangup"}, 405),
            ("PUT", "/v1/calls/", {"action": "hangup"}, 405), ("GET", "/v1/calls/nonsense", None, 404),
            ("PUT", f"{gone}/talk", {"text": "a"}, 404), ("DELETE", f"{gone}/stream", None, 404),
            ("GET", "/v1/files/11111111-1111-4111-8111-111111111111", None, 404)):
        found, body = lab.ask(method, path, body, token=token)
        check(found == status and body["error_title"], f"{method} {path} was answered {found} {body}")
    for query, field, reason in BAD_LISTS:
        found, body = lab.ask("GET", "/v1/calls?" + query, token=token)
        check((found, body) == (400, invalid(field, reason)), f"{query} was answered {found} {body}")
    for broken in ("", "x", "a.b.c", token[:-6] + "AAAAAA"):
        found, body = lab.ask("GET", "/v1/calls", token=broken)
        check(found == 401 and body["type"] == "UNAUTHORIZED", f"token {broken!r} was answered {found} {body}")


def bad_changes(lab, token, agent_port):
    """vonage.md §2.6, §2.7: malformed requests about a call that is up."""
    agent = lab.phone("patient", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "50")
    body = call_body(ncco=[{"action": "talk", "text": "hi", "loop": 0}])
    _, made = lab.ask("POST", "/v1/calls", body, token=token)
    path = f"/v1/calls/{made['uuid']}"
    wait_until(lambda: lab.ask("GET", path, token=token)[1]["status"] == "answered", "the answer")
    actions = "must be one of: transfer, hangup, mute, unmute, earmuff, unearmuff"
    cases = (("", {}, invalid("action", "Is required.")), ("", {"action": "dance"}, invalid("action", actions)),
             ("", {"action": 7}, invalid("action", "expected a string, found an integer")),
             ("", {"action": "transfer"}, invalid("destination", "Is required.")),
             ("", {"action": "transfer", "destination": "x"}, invalid("destination", "expected an object, found a string")),
             ("", {"action": "transfer", "destination": {}}, invalid("destination.url", "Is required.")),
             ("", {"action": "transfer", "destination": {"url": ["x"]}},
              invalid("destination.url[0]", "must be an http or https URL")),
             ("", {"action": "transfer", "destination": {"ncco": [{}]}}, invalid("destination.ncco[0].action", "Is required.")),
             ("/talk", {}, invalid("text", "Is required.")),
             ("/talk", {"text": "a" * 1501}, invalid("text", "must not be longer than 1500 characters")),
             ("/talk", {"text": "a", "loop": "x"}, invalid("loop", "expected a number, found a string")),
             ("/talk", {"text": "a", "level": "x"}, invalid("level", "expected a number, found a string")),
             ("/talk", {"text": "a", "style": "x"}, invalid("style", "expected a number, found a string")),
             ("/talk", {"text": "a", "language": 1.5, "voice_name": []},
              invalid("voice_name", "expected a string, found an array")),
             ("/talk", {"text": []}, invalid("text", "expected a string, found an array")),
             ("/talk", {"text": "a", "language": []}, invalid("language", "expected a string, found an array")),
             ("/talk", {"text": "a", "premium": "x"}, invalid("premium", "expected a boolean, found a string")),
             ("/stream", {"stream_url": ["http://x"], "loop": []}, invalid("loop", "expected a number, found an array")),
             ("/stream", {"stream_url": 7}, invalid("stream_url", "expected a string, found an integer")),
             ("/dtmf", {"digits": []}, invalid("digits", "Is required.")),
             ("/input/dtmf", {"event_url": ["x"]}, invalid("event_url[0]", "must be an http or https URL")),
             ("", {"action": "transfer", "destination": {"type": "pizza", "url": ["http://x"]}},
              invalid("destination.type", "must be one of: ncco")),
             ("", {"action": "transfer", "destination": {"ncco": "x"}},
              invalid("destination.ncco", "expected an array, found a string")),
             ("/stream", {}, invalid("stream_url", "Is required.")),
             ("/stream", {"stream_url": ["x"]}, invalid("stream_url[0]", "must be an http or https URL")),
             ("/stream", {"stream_url": ["http://x"], "level": "x"}, invalid("level", "expected a number, found a string")),
             ("/dtmf", {}, invalid("digits", "Is required.")),
             ("/dtmf", {"digits": "x"}, invalid("digits", "may hold the characters 0-9, *, # and p")),
             ("/input/dtmf", {}, invalid("event_url", "Is required.")),
             ("/input/dtmf", {"event_url": ["http://x"]}, voice_body(400, "The call has no asynchronous input.")))
    for suffix, body, wanted in cases:
        status, reply = lab.ask("PUT", path + suffix, body, token=token)
        check((status, reply) == (400, wanted), f"{suffix} {body} was answered {status} {reply}, not {wanted}")
    lab.ask("PUT", path, {"action": "hangup"}, token=token)
    agent.end()
    status, reply = lab.ask("PUT", path, {"action": "hangup"}, token=token)
    check(status == 400, f"hang up twice: {status} {reply}")


def bad_applications(lab):
    def webhooks_with(change, which="answer_url"):
        return {"name": "x", "capabilities": {"voice": {"webhooks": {which: {"address": "http://x", **change}}}}}
    place = "capabilities.voice.webhooks.answer_url"
    for body, name, reason in (
            ({}, "name", "Is required."), ({"name": " "}, "name", "Is required."),
            (webhooks_with({"address": "x"}), f"{place}.address", "must be an http or https URL"),
            (webhooks_with({"address": 7}), f"{place}.address", "must be a string"),
            (webhooks_with({"http_method": "PUT"}), f"{place}.http_method", "must be one of: GET, POST"),
            (webhooks_with({"connect_timeout": 1}), f"{place}.connect_timeout", "must be between 300 and 1000"),
            (webhooks_with({"socket_timeout": 1}), f"{place}.socket_timeout", "must be between 1000 and 5000"),
            (webhooks_with({"address": "x"}, "event_url"), "capabilities.voice.webhooks.event_url.address",
             "must be an http or https URL"),
            (webhooks_with({"socket_timeout": 20000}, "event_url"), "capabilities.voice.webhooks.event_url.socket_timeout",
             "must be between 1000 and 10000"),
            (webhooks_with({"address": "x"}, "fallback_answer_url"), "capabilities.voice.webhooks.fallback_answer_url.address",
             "must be an http or https URL"),
            ({"name": "x", "capabilities": {"voice": {"leg_persistence_time": 40}}}, "capabilities.voice.leg_persistence_time",
             "must be between 1 and 31"),
            ({"name": []}, "name", "must be a string"),
            ({"name": "x", "keys": "x"}, "keys", "must be an object"),
            ({"name": "x", "privacy": "x"}, "privacy", "must be an object"),
            ({"name": "x", "privacy": {"improve_ai": "perhaps"}}, "privacy.improve_ai", "must be a boolean"),
            ({"name": "x", "privacy": {"improveAi": []}}, "privacy.improveAi", "must be a boolean"),
            ({"name": "x", "capabilities": {"rtc": 7}}, "capabilities.rtc", "must be an object"),
            ({"name": "x", "capabilities": {"voice": "x"}}, "capabilities.voice", "must be an object"),
            ({"name": "x", "capabilities": {"voice": {"webhooks": []}}}, "capabilities.voice.webhooks", "must be an object"),
            ({"name": "x", "capabilities": {"voice": {"webhooks": {"answer_url": "http://x"}}}}, place, "must be an object"),
            (webhooks_with({"connection_timeout": "x"}), f"{place}.connection_timeout", "must be between 300 and 1000"),
            (webhooks_with({"http_method": []}, "event_url"), "capabilities.voice.webhooks.event_url.http_method",
             "must be one of: GET, POST"),
            ({"name": "x", "capabilities": {"voice": {"region": "moon"}}}, "capabilities.voice.region",
             "must be one of: na-east, na-west, eu-east, eu-west, apac-sng, apac-australia"),
            ({"name": "x", "keys": {"public_key": 7}}, "keys.public_key", "must be an RSA public key in PEM format"),
            ({"name": "x", "capabilities": []}, "capabilities", "must be an object"),
            ({"name": "x", "keys": {"public_key": "x"}}, "keys.public_key", "must be an RSA public key in PEM format"),
            ({"name": "x", "capabilities": {"voice": {"signed_callbacks": "?"}}}, "capabilities.voice.signed_callbacks",
             "must be a boolean"),
            ({"name": "x", "capabilities": {"voice": {"conversations_ttl": 0}}}, "capabilities.voice.conversations_ttl",
             "must be between 1 and 9000")):
        status, reply = lab.ask("POST", "/v2/applications", body)
        check(status == 400 and reply["title"] == "Bad Request" and reply["type"].endswith("#payload-validation") and
              reply["invalid_parameters"] == [{"name": name, "reason": reason}], f"{body} was answered {status} {reply}")
    bad_flat_applications(lab)
    json_only = "Must be one of the following: 'application/json'"
    status, reply = lab.ask("GET", "/v2/applications", headers={"Accept": "text/xml"})
    check((status, reply["title"]) == (406, "Invalid Accept header") and json_only in reply["detail"], f"{status} {reply}")
    status, reply = lab.ask("GET", "/v2/applications", headers={"Accept": "text/html, */*;q=0.1"})
    check(status == 200, f"{status} {reply}")
    status, reply = lab.ask("POST", "/v2/applications", data=b"<name>x</name>", headers={"Content-Type": "text/xml"})
    check((status, reply["title"]) == (415, "Unsupported Content-Type header") and json_only in reply["detail"], f"{status} {reply}")
    status, reply = lab.ask("GET", "/v2/applications?page_size=0")
    check(status == 400 and reply["invalid_parameters"][0]["reason"] == "must be between 1 and 100", f"page_size 0: {reply}")
    status, reply = lab.ask("GET", "/v2/applications?page=0")
    check(status == 400 and reply["invalid_parameters"] == [{"name": "page", "reason": "must be a page number"}], f"page 0: {reply}")
    for method, path, status_wanted, suffix in (
            ("GET", "/accounts/zz/secrets", 404, "#invalid-api-key"), ("GET", f"/accounts/{KEY}/secrets/zz", 404, "#not-found"),
            ("DELETE", f"/accounts/{KEY}/secrets/zz", 404, "#not-found"),
            ("POST", f"/accounts/{KEY}/secrets", 400, "#payload-validation")):
        status, reply = lab.ask(method, path, {"secret": "x"} if method == "POST" else None)
        check(status == status_wanted and reply["type"].endswith(suffix), f"{method} {path} was answered {status} {reply}")
    status, reply = lab.ask("GET", "/v2/applications/x")
    check(status == 404 and reply["detail"] == "ID 'x' does not exist, or you do not have access", f"{reply}")
    status, reply = lab.ask("PATCH", "/v2/applications")
    check(status == 405 and reply["detail"] == "Request method 'PATCH' not supported", f"{status} {reply}")
    status, reply = lab.ask("GET", "/v2/applications", headers={"Authorization": "Basic eA=="})
    check(status == 401 and reply["title"] == "Invalid credentials supplied", f"{status} {reply}")


def bad_flat_applications(lab):
    """vonage.md §7.2: the first version's fields, by their names there."""
    good = {"name": "x", "type": "voice", "answer_url": "http://x", "event_url": "http://x"}
    for change, name, reason in (
            ({"name": None}, "name", "Is required."), ({"type": None}, "type", "Is required."),
            ({"type": "fax"}, "type", "must be one of: voice, messages, rtc"),
            ({"answer_url": None}, "answer_url", "Is required."), ({"answer_url": "x"}, "answer_url", "must be an http or https URL"),
            ({"answer_method": "PUT"}, "answer_method", "must be one of: GET, POST"),
            ({"event_url": None}, "event_url", "Is required."), ({"event_url": "x"}, "event_url", "must be an http or https URL"),
            ({"event_method": "PUT"}, "event_method", "must be one of: GET, POST")):
        body = {key: value for key, value in {**good, **change}.items() if value is not None}
        status, reply = lab.ask("POST", "/v1/applications", body)
        check(status == 400 and reply["type"].endswith("#payload-validation") and
              reply["invalid_parameters"] == [{"name": name, "reason": reason}], f"{change} was answered {status} {reply}")
    for query, name in (("page_size=x", "page_size"), ("page_index=-1", "page_index")):
        status, reply = lab.ask("GET", "/v1/applications?" + query)
        check(status == 400 and reply["type"].endswith("#list-validation") and reply["invalid_parameters"][0]["name"] == name,
              f"{query} was answered {status} {reply}")
    status, reply = lab.ask("POST", "/v1/applications", {**good, "type": "rtc", "answer_url": ""})
    check(status == 201 and lab.ask("DELETE", f"/v1/applications/{reply['id']}")[0] == 204, f"{status} {reply}")


def bad_numbers(lab):
    for method, path, wanted in (
            ("POST", "/number/buy?country=US&msisdn=19995550000", "The number is not for sale."),
            ("POST", "/number/buy?country=US&msisdn=12025550101", "The number is owned already."),
            ("POST", "/number/buy?country=GB&msisdn=12025550102", "The number is not for sale."),
            ("POST", "/number/cancel?country=US&msisdn=12025550102", "method failed"),
            ("POST", "/number/update?country=US&msisdn=12025550102&app_id=", "method failed"),
            ("POST", "/number/update?country=US&msisdn=12025550101&app_id=nonsense", "method failed"),
            ("POST", "/number/update?country=US&msisdn=12025550101&voiceCallbackType=fax",
             "voiceCallbackType: must be one of: app, sip, tel"),
            ("POST", "/number/update?country=US&msisdn=12025550101&voiceCallbackType=tel", "voiceCallbackValue: is required"),
            ("POST", "/number/update?country=US&msisdn=12025550101&voiceCallbackType=sip&voiceCallbackValue=,",
             "voiceCallbackValue: is required"),
            ("POST", "/number/update?country=US&msisdn=12025550101&moHttpUrl=x", "moHttpUrl: must be an http or https URL"),
            ("POST", "/number/update?country=US&msisdn=12025550101&voiceStatusCallback=x",
             "voiceStatusCallback: must be an http or https URL"),
            ("POST", "/number/update?country=US&msisdn=12025550101&messagesCallbackType=x",
             "messagesCallbackType: must be one of: app"),
            ("POST", "/number/update?country=US", "msisdn: is required"),
            ("POST", "/number/update?msisdn=12025550101", "country: is required"),
            ("POST", "/number/buy?country=US", "msisdn: is required"), ("POST", "/number/buy?msisdn=1", "country: is required"),
            ("POST", "/number/buy?country=US&msisdn=mine", "msisdn: must be digits"),
            ("POST", "/number/buy?country=USA&msisdn=1", "country: must be two letters"),
            ("POST", "/number/cancel?country=US", "msisdn: is required"),
            ("POST", "/number/cancel?msisdn=1", "country: is required"),
            ("GET", "/number/search?country=1", "country: must be two letters"),
            ("GET", "/number/search?country=US&type=fax", "type: must be one of: landline, mobile-lvn, landline-toll-free"),
            ("GET", "/number/search?country=US&pattern=call", "pattern: may hold digits and stars"),
            ("GET", "/number/search?country=US&search_pattern=3", "search_pattern: must be between 0 and 2"),
            ("GET", "/number/search?country=US&features=VOICE,FAX", "features: must be one of: SMS, VOICE, MMS"),
            ("GET", "/number/search?country=US&size=101", "size: must be between 1 and 100"),
            ("GET", "/number/search?country=US&index=0", "index: must be between 1 and 1000000"),
            ("GET", "/account/numbers?application_id=x", "application_id: must be a uuid"),
            ("GET", "/account/numbers?has_application=x", "has_application: must be one of: true, false"),
            ("GET", "/account/numbers?country=USA", "country: must be two letters"),
            ("GET", "/account/numbers?pattern=x", "pattern: may hold digits and stars"),
            ("GET", "/account/numbers?search_pattern=x", "search_pattern: must be between 0 and 2"),
            ("GET", "/account/numbers?size=0", "size: must be between 1 and 100"),
            ("GET", "/account/numbers?index=x", "index: must be between 1 and 1000000"),
            ("GET", "/number/search", "country: is required")):
        status, reply = lab.ask(method, path)
        check((status, reply) == (420, {"error-code": "420", "error-code-label": wanted}), f"{path}: {status} {reply}")
    status, reply = lab.ask("GET", "/account/numbers", headers={"Authorization": "Basic eA=="})
    check((status, reply) == (401, {"error-code": "401", "error-code-label": "authentication failed"}), f"{status} {reply}")
    check(lab.ask("GET", "/number/search?country=GB")[1] == {"count": 0, "numbers": []}, "no hits")


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    with Lab(binary, {AGENT: agent_port}) as lab:
        port = free_port()
        hooks = f"http://127.0.0.1:{port}"
        write_tone(lab.path("tone.wav"), 440)
        lab.node("hooks.js", PORT=str(port), STATIC=lab.folder)
        application, key = lab.create_application(f"{hooks}/answer", f"{hooks}/event")
        lab.link("12025550101", application)
        token = lab.token(application, key)
        bad_calls(lab, token)
        bad_applications(lab)
        bad_numbers(lab)
        applications_and_numbers(lab)
        answers_of_calls(lab, token, hooks, agent_port)
        failures(lab, token, agent_port)
        bad_changes(lab, token, agent_port)
        lab.wait_until_idle()
        webhooks(hooks)


main()
