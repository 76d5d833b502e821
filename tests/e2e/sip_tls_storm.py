#!/usr/bin/env python3
"""A thousand phones come back at once over WebSocket with TLS after a restart: all are registered again, and calls from a
trunk are still answered in time. sip_tls_storm.py BINARY [PHONES]"""

import asyncio
import hashlib
import multiprocessing
import re
import secrets
import socket
import ssl
import struct
import sys
import tempfile
import time

from server import Server
from sip_rig import PASSWORD, free_port, make_certificate, metrics, phone_table, wait_until_idle, write_config

PHONES = 1000
CONNECTING_MAX = 200  # of the phones, at any moment
NUMBER = "12025550101"
INVITE_P99_MAX_MS = 500  # ten times the goal, which is for a release build with a processor of its own
STORM_MAX = 120.0


def digest(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


class Phone:
    def __init__(self, address, user):
        self.host, self.port = address
        self.user = user

    async def send(self, text):
        data = text.encode()
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.writer.write(b"\x81" + length + b"\0\0\0\0" + data)  # masked with nothing
        await self.writer.drain()

    async def receive(self):
        _, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        return (await self.reader.readexactly(length)).decode()

    async def register(self, cseq, extra=""):
        await self.send(f"REGISTER sip:sotto SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid;branch=z9hG4bK{secrets.token_hex(6)}\r\n"
                        f"Max-Forwards: 70\r\nFrom: <sip:{self.user}@sotto>;tag=1\r\nTo: <sip:{self.user}@sotto>\r\n"
                        f"Call-ID: {self.user}{self.call}\r\nCSeq: {cseq} REGISTER\r\nExpires: 600\r\n"
                        f"Contact: <sip:{self.user}@x.invalid;transport=ws>\r\n{extra}Content-Length: 0\r\n\r\n")
        return await self.receive()

    async def come(self, context, gate):
        self.call = secrets.token_hex(6)
        async with gate:
            self.reader, self.writer = await asyncio.open_connection(self.host, self.port, ssl=context, server_hostname="x")
            self.writer.write(f"GET /sip HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nConnection: Upgrade\r\n"
                              "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
            await self.reader.readuntil(b"\r\n\r\n")
            challenge = await self.register(1)
            realm, nonce = (re.search(rf'{name}="([^"]+)"', challenge).group(1) for name in ("realm", "nonce"))
            response = digest(digest(self.user, realm, PASSWORD), nonce, "00000001", "c", "auth",
                              digest("REGISTER", "sip:sotto"))
            answer = await self.register(2, f'Authorization: Digest username="{self.user}", realm="{realm}", '
                                            f'nonce="{nonce}", uri="sip:sotto", response="{response}", algorithm=MD5, '
                                            'qop=auth, nc=00000001, cnonce="c"\r\n')
        if not answer.startswith("SIP/2.0 200"):
            raise SystemExit(f"{self.user} cannot register: {answer}")


async def storm(address, users):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    phones = [Phone(address, user) for user in users]
    gate = asyncio.Semaphore(CONNECTING_MAX)
    await asyncio.wait_for(asyncio.gather(*(phone.come(context, gate) for phone in phones)), STORM_MAX)
    return phones


def measure(sip, stop, result):
    """Calls at 50 a second, each refused by its callee: how long the server takes to send its first response."""
    host, port = sip.rsplit(":", 1)
    caller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    caller.bind(("127.0.0.1", 0))
    caller.settimeout(5)
    ours = caller.getsockname()[1]
    took = []
    while not stop.is_set():
        call = secrets.token_hex(8)
        head = (f"Via: SIP/2.0/UDP 127.0.0.1:{ours};rport;branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\n"
                f"From: <sip:caller@127.0.0.1>;tag={call}\r\nTo: <sip:{NUMBER}@127.0.0.1>{{tag}}\r\nCall-ID: {call}\r\n"
                f"CSeq: 1 {{method}}\r\nContact: <sip:caller@127.0.0.1:{ours}>\r\n")
        sdp = ("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n"
               "a=rtpmap:8 PCMA/8000\r\n")
        begun = time.monotonic()
        caller.sendto((f"INVITE sip:{NUMBER}@127.0.0.1 SIP/2.0\r\n" + head.format(tag="", method="INVITE") +
                       f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}").encode(),
                      (host, int(port)))
        first = True
        while True:
            text = caller.recv(65536).decode()
            if call not in text:
                continue
            if first:
                took.append((time.monotonic() - begun) * 1000)
            first = False
            if int(text.split(" ")[1]) >= 200:
                break
        tag = re.search(r"^To:.*(;tag=\S+)", text, re.MULTILINE).group(1)
        caller.sendto((f"ACK sip:{NUMBER}@127.0.0.1 SIP/2.0\r\n" + head.format(tag=tag, method="ACK") +
                       "Content-Length: 0\r\n\r\n").encode(), (host, int(port)))
        time.sleep(max(0.0, begun + 0.02 - time.monotonic()))
    result.send(took)


def refuse(port):
    """The callee: 486 to every INVITE, until it is terminated."""
    callee = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    callee.bind(("127.0.0.1", port))
    while True:
        data, source = callee.recvfrom(65536)
        text = data.decode()
        if not text.startswith("INVITE"):
            continue
        kept = "".join(line + "\r\n" for line in text.split("\r\n")
                       if re.match(r"(Via|From|Call-ID|CSeq):", line))
        to = re.search(r"^To: .*?(?=\r)", text, re.MULTILINE).group(0)
        callee.sendto(f"SIP/2.0 486 Busy Here\r\n{kept}{to};tag=b\r\nContent-Length: 0\r\n\r\n".encode(), source)


def p99(values):
    return sorted(values)[int(len(values) * 0.99)]


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else PHONES
    users = [f"phone{i}" for i in range(count)]
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = make_certificate(folder)
        busy = free_port()
        wss = free_port()
        config = write_config(folder, *(phone_table(user, str(10000 + i)) for i, user in enumerate(users)),
                              '[[trunk]]\nname = "in"\nhosts = ["127.0.0.1:9"]\nallow_from = ["127.0.0.1"]\nprobes = false\n',
                              f'[[number]]\nnumber = "{NUMBER}"\ncountry = "US"\n'
                              f'forward_to = ["sip:bob@127.0.0.1:{busy}"]\n',
                              server=f'https = "127.0.0.1:{wss}"\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n')
        for name in ("first", "after a restart"):
            with Server(sys.argv[1], folder, "--config", config) as server:
                stop = fork.Event()
                reader, result = fork.Pipe(False)
                caller = fork.Process(target=measure, args=(server.sip, stop, result))
                callee = fork.Process(target=refuse, args=(busy,))
                caller.start()
                callee.start()
                begun = time.monotonic()
                try:
                    phones = asyncio.run(storm(("127.0.0.1", wss), users))
                    lasted = time.monotonic() - begun
                finally:
                    stop.set()
                    took = reader.recv()
                    callee.terminate()
                    for worker in (caller, callee):
                        worker.join()
                print(f"{name}: {len(phones)} phones in {lasted:.1f} s; {len(took)} INVITEs, p99 {p99(took):.1f} ms, "
                      f"most {max(took):.1f} ms")
                if not took or p99(took) > INVITE_P99_MAX_MS:
                    raise SystemExit("calls wait behind the storm")
                wait_until_idle(server)
                if metrics(server.http)["sotto_sip_refused_busy_total"] != 0:
                    raise SystemExit("somebody was refused")


main()
