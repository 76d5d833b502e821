#!/usr/bin/env python3
"""A WebSocket as an endpoint of connect (vonage.md §9): greeting, sound both ways, digits, the app's commands, its close.
Beside it a caller who is left alone in a room with music, and signed webhooks."""

import array
import base64
import hashlib
import hmac
import http.server
import json
import math
import socket
import struct
import sys
import threading
import urllib.parse

from vonage_lab import Lab, check, free_port, runs, wait_until, write_mp3_tone

CALLER, SOCKET, MUSIC = 1000, 1600, 700
TONES = {"caller": CALLER, "socket": SOCKET, "music": MUSIC}
RATE, FRAME = 16000, 640
HEADERS = {"campaign": "summer", "nested": {"a": [1]}}
ROOM_WAIT_S = 5


class SocketServer(threading.Thread):
    """One WebSocket connection, as an app has it: notes what comes, answers each frame of sound with one of a tone."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.listener.getsockname()[1]}/socket?a=b"
        self.request = ""
        self.texts = []
        self.sound = bytearray()
        self.sizes = set()
        self.closed = threading.Event()
        self.sample = 0

    def run(self):
        self.connection, _ = self.listener.accept()
        self.stream = self.connection.makefile("rb")
        lines = []
        while (line := self.stream.readline().decode().strip()):
            lines.append(line)
        self.request = "\n".join(lines)
        key = next(line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        try:
            while self.read_frame():
                pass
        except (OSError, struct.error):
            pass
        self.closed.set()

    def read_frame(self):
        first, second = struct.unpack("!BB", self.stream.read(2))
        length = second & 127
        if length == 126:
            length = struct.unpack("!H", self.stream.read(2))[0]
        mask = self.stream.read(4)
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.stream.read(length)))
        kind = first & 15
        if kind == 1:
            self.texts.append(json.loads(data))
        elif kind == 2:
            self.sizes.add(len(data))
            self.sound += data
            self.send(2, self.tone())
        return kind != 8

    def tone(self):
        step = 2 * math.pi * SOCKET / RATE
        samples = [int(9000 * math.sin(step * (self.sample + i))) for i in range(FRAME // 2)]
        self.sample += FRAME // 2
        return array.array("h", samples).tobytes()

    def send(self, kind, data):
        head = struct.pack("!BB", 128 | kind, len(data)) if len(data) < 126 else struct.pack("!BBH", 128 | kind, 126, len(data))
        self.connection.sendall(head + data)

    def say(self, value):
        self.send(1, json.dumps(value).encode())

    def has(self, event):
        return next((text for text in self.texts if text.get("event") == event), None)


class App(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.documents = {}
        self.events = []
        self.signed = []

    def seen(self, **fields):
        return next((event for event in self.events if all(event.get(key) == value for key, value in fields.items())), None)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, body, kind="application/json"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/music.mp3":
            with open(self.server.music, "rb") as file:
                return self.reply(file.read(), "audio/mpeg")
        self.server.signed.append((self.headers["Authorization"], query_as_json(query)))
        self.reply(json.dumps(self.server.documents[path]).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.signed.append((self.headers["Authorization"], body))
        event = json.loads(body)
        self.server.events.append(event)
        closed = event.get("status") == "disconnected"  # what is said to its caller then
        after = [{"action": "stream", "streamUrl": [f"{self.server.url}/music.mp3"], "loop": 2}]
        self.reply(json.dumps(after if closed else {}).encode())


def query_as_json(query):
    return json.dumps(dict(urllib.parse.parse_qsl(query, keep_blank_values=True)), separators=(",", ":")).encode()


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def check_signature(lab, application, authorization, payload):
    """vonage.md §1.4"""
    check(authorization and authorization.startswith("Bearer "), f"a webhook is not signed: {authorization}")
    head, claims, signature = authorization.removeprefix("Bearer ").split(".")
    wanted = hmac.new(b"signature", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    check(hmac.compare_digest(wanted, decoded(signature)), "a webhook's signature is not of the account's secret")
    claims = json.loads(decoded(claims))
    check(claims["application_id"] == application and claims["iss"] == "Vonage", f"claims {claims}")
    check(claims["payload_hash"] == hashlib.sha256(payload).hexdigest(), f"the payload's hash is not of {payload}")


def socket_call(lab, app, server, caller):
    wait_until(lambda: server.has("websocket:connected"), "the greeting")
    greeting = server.has("websocket:connected")
    check(server.texts[0] == {"event": "websocket:connected", "content-type": f"audio/l16;rate={RATE}", **HEADERS},
          f"the greeting is {greeting}")
    check(server.request.startswith("GET /socket?a=b HTTP/1.1"), f"the handshake is {server.request}")
    check("authorization: my token" in server.request.lower(), f"the handshake is {server.request}")
    wait_until(lambda: len(server.sound) > 50 * FRAME, "a second of sound")
    wait_until(lambda: server.has("websocket:dtmf"), "the digit")
    digit = server.has("websocket:dtmf")
    check(digit["digit"] == "5" and 40 <= digit["duration"] <= 1000, f"the digit is {digit}")
    server.say({"action": "notify", "payload": {"id": 7}})
    wait_until(lambda: server.has("websocket:notify"), "the notification")
    check(server.has("websocket:notify")["payload"] == {"id": 7}, f"{server.has('websocket:notify')}")
    server.say({"action": "clear"})
    wait_until(lambda: server.has("websocket:cleared"), "the buffer to be cleared")
    server.send(8, struct.pack("!H", 1000))
    event = wait_until(lambda: app.seen(status="disconnected"), "the disconnected event")
    check(event["headers"] == HEADERS and event["to"] == server.url, f"disconnected says {event}")
    wait_until(lambda: app.seen(status="completed", uuid=event["uuid"]), "the socket's final event")
    check(server.sizes == {FRAME}, f"frames of {server.sizes} bytes")
    heard = array.array("h", bytes(server.sound))
    kinds = caller.end().classify(TONES)
    check(kinds.count("socket") > 10, f"the caller heard {runs(kinds)}")
    last = max(i for i, kind in enumerate(kinds) if kind == "socket")
    check(kinds[last:].count("music") > 5, f"after the socket was closed the caller heard {runs(kinds[last:])}")
    share = goertzel(heard[RATE // 2:RATE // 2 + RATE // 5], CALLER)
    check(share > 0.6, f"the socket heard the caller with a share of {share:.2f}")


def goertzel(window, hertz):
    step = 2 * math.pi * hertz / RATE
    real = sum(s * math.cos(step * i) for i, s in enumerate(window))
    imaginary = sum(s * math.sin(step * i) for i, s in enumerate(window))
    energy = sum(s * s for s in window) * len(window) / 2
    return (real * real + imaginary * imaginary) / energy if energy else 0


def lonely_call(app, caller):
    """Music, and after the longest wait the end, with an event that says why."""
    kinds = caller.end().classify(TONES)
    check(kinds.count("music") > 20, f"the lonely caller heard {runs(kinds)}")
    check(len(kinds) < 10 * (ROOM_WAIT_S + 6), f"the lonely caller waited for {len(kinds) / 10} s")
    over = wait_until(lambda: app.seen(status="completed", to="12025550102"), "the lonely caller's final event")
    check(any("waited alone" in event.get("reason", "") for event in app.events), f"no error event in {app.events}")
    check(over["disconnected_by"] == "platform", f"the lonely caller's final event is {over}")


def main():
    app, server = App(), SocketServer()
    threading.Thread(target=app.serve_forever, daemon=True).start()
    server.start()
    with Lab(sys.argv[1], {"12025550171": free_port()}, f"[calls]\nroom_wait_max_s = {ROOM_WAIT_S}\n") as lab:
        app.music = lab.path("music.mp3")
        write_mp3_tone(app.music, MUSIC)
        app.documents["/socket"] = [{"action": "connect", "from": "12025550101", "eventUrl": [f"{app.url}/event"], "endpoint": [
            {"type": "websocket", "uri": server.url, "content-type": f"audio/l16;rate={RATE}", "headers": HEADERS,
             "authorization": {"type": "custom", "value": "my token"}}]}]
        app.documents["/lonely"] = [{"action": "conversation", "name": "alone", "startOnEnter": "false",
                                     "musicOnHoldUrl": [f"{app.url}/music.mp3"]}]
        application, _ = lab.create_application(f"{app.url}/socket", f"{app.url}/event")
        second, _ = lab.create_application(f"{app.url}/lonely", f"{app.url}/event", "second")
        lab.link("12025550101", application)
        lab.link("12025550102", second)
        lonely = lab.caller("12025550102", "lonely")
        caller = lab.caller("12025550101", "caller", "--tone", str(CALLER), "--press", "5", "--press-after-ms", "2500")
        socket_call(lab, app, server, caller)
        lonely_call(app, lonely)
        lab.wait_until_idle()
        ids = {application, second}
        for authorization, payload in app.signed:
            claims = json.loads(decoded(authorization.split(".")[1])) if authorization else {}
            check(claims.get("application_id") in ids, f"a webhook is not signed: {authorization}")
            check_signature(lab, claims["application_id"], authorization, payload)
        check(len(app.signed) > 8, f"only {len(app.signed)} webhooks")


main()
