#!/usr/bin/env python3
"""Thousands of real SIP messages, each mangled a little, over UDP, TCP and WebSocket: the server answers all the while,
grows no further once it is warm, and is left with no call. sip_mutations.py BINARY [MUTATIONS [SEED]]"""

import os
import random
import re
import secrets
import socket
import struct
import sys
import tempfile
import time

import sip_phone
from server import Server
from sip_rig import wait_until_idle, write_config

MUTATIONS = 20_000
NUMBER = "12025550101"
BATCH = 40  # messages, between two probes
GROWTH_MAX_MB = 100  # 20,000 transactions that linger for 32 s, and what a sanitizer adds
OTHERS = """UPDATE INFO PRACK REFER NOTIFY SUBSCRIBE MESSAGE OPTIONS REGISTER CANCEL PUBLISH""".split()
EXTRAS = ["RAck: 1 1 INVITE", "Refer-To: <sip:a@127.0.0.1?Replaces=x%3Bto-tag%3Dy%3Bfrom-tag%3Dz>",
          "Replaces: a;to-tag=b;from-tag=c", "Require: 100rel", "Session-Expires: 90;refresher=uas", "Event: refer",
          "Contact: *", "Expires: 0", "Supported: 100rel, timer", "Record-Route: <sip:127.0.0.1;lr>",
          'Authorization: Digest username="a", realm="sotto", nonce="b", uri="sip:c", response="d", qop=auth, nc=1',
          "Content-Type: application/dtmf-relay", "X-Custom: 1"]


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith("VmRSS:")).split()[1]) / 1024


def capture(sip):
    """The messages of some calls, as their caller sent them."""
    clock = sip_phone.Clock()
    host, port = sip.rsplit(":", 1)
    caller = sip_phone.Phone(clock, (host, int(port)), "caller", 440)
    taken = []
    send = caller.send
    caller.send = lambda text: (taken.append(text), send(text))
    for _ in range(3):
        leg = caller.dial(NUMBER, "X-Sweets: 1\r\n").wait("answered")
        caller.hang_up(leg)
    for method in OTHERS:
        taken.append(taken[0].replace("INVITE", method))
    return taken


class Mangler:
    def __init__(self, seed, messages):
        self.random = random.Random(seed)
        self.messages = messages

    def next(self):
        """One of the messages with up to four changes; half of them of a transaction and call of its own."""
        text = self.random.choice(self.messages)
        if self.random.random() < 0.5:
            text = re.sub(r"branch=[^;\s]*", f"branch=z9hG4bK{secrets.token_hex(6)}", text, count=1)
        if self.random.random() < 0.5:
            text = re.sub(r"Call-ID:.*", f"Call-ID: {secrets.token_hex(6)}", text, count=1)
        if self.random.random() < 0.4:
            text = text.replace("\r\nCSeq", f"\r\n{self.random.choice(EXTRAS)}\r\nCSeq", 1)
        data = bytearray(text.encode())
        for _ in range(self.random.randrange(5)):
            self.change(data)
        return bytes(data)

    def change(self, data):
        at = self.random.randrange(len(data) + 1)
        size = self.random.choice((1, 1, 1, 2, 8, 60))
        kind = self.random.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << self.random.randrange(8)
        elif kind == 1:
            del data[at:at + size]
        elif kind == 2:
            data[at:at] = data[at:at + size]
        elif kind == 3:
            data[at:at] = self.random.choice((b"\r\n", b"\r\n ", b'"', b"<", b">", b";", b",", b":", b"%00", b"\0", b"\xff",
                                              b"=", b"\\", b"[", b"@", b"?", b"SIP/2.0 ", b"4294967296"))
        elif kind == 4:
            lines = bytes(data).split(b"\r\n")
            lines.insert(self.random.randrange(len(lines)), self.random.choice(lines))
            data[:] = b"\r\n".join(lines)
        else:
            numbers = list(re.finditer(rb"\d+", bytes(data)))
            if numbers:
                found = self.random.choice(numbers)
                data[found.start():found.end()] = self.random.choice((b"0", b"-1", b"65536", b"4294967295", b"9" * 40, b""))


def probe_text(via):
    return (f"OPTIONS sip:sotto@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{via};rport;branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:probe@127.0.0.1>;tag={secrets.token_hex(4)}\r\nTo: <sip:sotto@127.0.0.1>\r\n"
            f"Call-ID: {secrets.token_hex(8)}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n").encode()


class Way:
    """One way to the server: `send` a batch, of which it may close the connection at any point, and `probe` it."""

    def __init__(self, name, address):
        self.name = name
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self.socket = None

    def open(self):
        if self.socket:
            self.socket.close()
        kind = socket.SOCK_DGRAM if self.name == "udp" else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.settimeout(20)
        self.socket.connect((self.host, self.port))
        if self.name == "ws":
            self.socket.sendall(f"GET /sip HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: Upgrade\r\n"
                                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
            self.read_until(b"\r\n\r\n")

    def wrap(self, data):
        if self.name != "ws":
            return data
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        return b"\x82" + length + b"\0\0\0\0" + data  # masked with nothing

    def send(self, messages):
        for i, message in enumerate(messages):
            if self.socket is None or i % 10 == 0 and self.name != "udp":
                self.open()
            try:
                self.socket.sendall(self.wrap(message))
            except OSError:  # the server has had enough of it
                self.open()

    def probe(self):
        self.open()
        via = f"{self.name.upper()} 127.0.0.1:9"
        data = probe_text(via)
        deadline = time.monotonic() + 20
        self.socket.settimeout(1 if self.name == "udp" else 20)
        while time.monotonic() < deadline:
            self.socket.sendall(self.wrap(data))
            try:
                if b"SIP/2.0 200" in self.read_until(b"\r\n\r\n"):
                    return
            except TimeoutError:
                continue  # a datagram may be lost
        raise SystemExit(f"no answer over {self.name}")

    def read_until(self, end):
        data = b""
        while end not in data:
            part = self.socket.recv(65536)
            if not part:
                raise SystemExit(f"{self.name}: closed after {data}")
            data += part
        return data


def main():
    mutations = int(sys.argv[2]) if len(sys.argv) > 2 else MUTATIONS
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else secrets.randbits(32)
    print(f"seed {seed}")
    # What is freed is to be free, so that growth can be seen.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
    clock = sip_phone.Clock()
    with tempfile.TemporaryDirectory() as folder:
        callee = sip_phone.Phone(clock, ("127.0.0.1", 9), "callee", 660)
        config = write_config(folder, '[[trunk]]\nname = "in"\nallow_from = ["127.0.0.1"]\n',
                              f'[[number]]\nnumber = "{NUMBER}"\ncountry = "US"\n'
                              f'forward_to = ["sip:callee@127.0.0.1:{callee.port}"]\n')
        with Server(sys.argv[1], folder, "--config", config) as server:
            host, port = server.sip.rsplit(":", 1)
            callee.server = (host, int(port))
            mangler = Mangler(seed, capture(server.sip))
            callee.answer = 486  # so that no call stays up for want of an ACK
            ways = [Way("udp", server.sip), Way("tcp", server.sip), Way("ws", server.http)]
            warm = 0.0
            for done in range(0, mutations, BATCH):
                way = ways[done // BATCH % len(ways)]
                way.send([mangler.next() for _ in range(BATCH)])
                way.probe()
                if done < mutations // 4:
                    warm = resident_mb(server.process.pid)
            for way in ways:
                way.probe()
                way.socket.close()
            grown = resident_mb(server.process.pid) - warm
            print(f"{mutations} mutations; {warm:.0f} MB when warm, {grown:+.1f} MB since")
            if grown > GROWTH_MAX_MB:
                raise SystemExit("the server grows")
            wait_until_idle(server)


main()
