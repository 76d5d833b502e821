"""SIP phones for tests, independent of the server's own stack: they register, call and answer, say one tone, and keep
every packet that they hear. All phones of a test share one thread and one 20 ms clock."""

import asyncio
import functools
import hashlib
import math
import os
import re
import secrets
import struct
import threading
import time

FRAME = 160
RATE = 8000


def mulaw_encode(sample):
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(int(sample)), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF


def mulaw_decode(code):
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 132) << ((code >> 4) & 7)
    return (132 - magnitude) if code & 0x80 else (magnitude - 132)


DECODED = [mulaw_decode(code) for code in range(256)]
AMPLITUDE = 6000.0


def tone_frames(hertz):
    """A second of a tone as PCMU frames; whole periods, so that it can be repeated."""
    samples = bytes(mulaw_encode(AMPLITUDE * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(RATE))
    return [samples[i:i + FRAME] for i in range(0, RATE, FRAME)]


@functools.lru_cache(8)
def hann(length):
    """So that a tone next door is not seen through the window's edges."""
    return [0.5 - 0.5 * math.cos(2 * math.pi * i / length) for i in range(length)]


def level(payload, hertz):
    """Amplitude of one frequency in PCMU bytes, as a part of what phones send (Goertzel)."""
    coefficient = 2 * math.cos(2 * math.pi * hertz / RATE)
    s1 = s2 = 0.0
    for code, weight in zip(payload, hann(len(payload))):
        s1, s2 = DECODED[code] * weight + coefficient * s1 - s2, s1
    power = s1 * s1 + s2 * s2 - coefficient * s1 * s2
    return math.sqrt(max(power, 0.0)) * 4 / max(len(payload), 1) / AMPLITUDE


def take_precedence():
    """This thread before others of the machine, where that is allowed: phones speak in time."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass


class Clock:
    """The thread of all phones. `stalls` are the times at which it was late: what was heard then proves nothing."""

    LATE = 0.03

    def __init__(self):
        self.stalls = []
        self.loop = asyncio.new_event_loop()
        self.speakers = set()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        take_precedence()
        asyncio.set_event_loop(self.loop)
        self.loop.create_task(self._tick())
        self.loop.run_forever()

    async def _tick(self):
        due = time.monotonic()
        while True:
            for leg in list(self.speakers):
                leg.speak()
            due += 0.02
            if time.monotonic() - due > self.LATE:
                self.stalls.append(time.monotonic())
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def kept_time(self, start, end):
        return not any(start <= at < end for at in list(self.stalls))

    def call(self, task):
        return asyncio.run_coroutine_threadsafe(task, self.loop).result(10)


class Packet:
    __slots__ = ("at", "sequence", "timestamp", "ssrc", "payload")

    def __init__(self, at, data):
        self.at = at
        self.sequence, self.timestamp, self.ssrc = struct.unpack("!HII", data[2:12])
        self.payload = data[12 + 4 * (data[0] & 15):]


class Leg(asyncio.DatagramProtocol):
    """One call of one phone: its dialog and its sound."""

    def __init__(self, phone):
        self.phone = phone
        self.packets = []
        self.state = "new"
        self.events = []      # (time, name): ringing, cancelled, answered, ended, ...
        self.status = 0
        self.invite = ""      # the INVITE that came
        self.reinvites = 0
        self.remote_rtp = None
        self.sequence = secrets.randbelow(1000)
        self.frame = 0
        self.timestamp = secrets.randbelow(1 << 30)
        self.ssrc = secrets.randbits(32)
        self.changed = threading.Condition()

    def connection_made(self, transport):
        self.rtp = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, _):
        if len(data) > 12 and data[1] & 0x7F == 0:
            self.packets.append(Packet(time.monotonic(), data))

    def speak(self):
        if self.remote_rtp is None:
            return
        frames = self.phone.frames
        header = struct.pack("!BBHII", 0x80, 0, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        self.rtp.sendto(header + frames[self.frame % len(frames)], self.remote_rtp)
        self.sequence += 1
        self.timestamp += FRAME
        self.frame += 1

    def set(self, state):
        with self.changed:
            self.state = state
            self.events.append((time.monotonic(), state))
            self.changed.notify_all()
        if state == "answered":
            self.phone.clock.speakers.add(self)
        if state in ("ended", "cancelled", "refused"):
            self.phone.clock.speakers.discard(self)

    def wait(self, *states, timeout=10.0):
        with self.changed:
            if not self.changed.wait_for(lambda: self.state in states, timeout):
                raise AssertionError(f"{self.phone.user}: {self.state}, not {' or '.join(states)}")
        return self

    def when(self, name):
        return next(at for at, each in self.events if each == name)

    def heard(self, start, end):
        return b"".join(packet.payload for packet in list(self.packets) if start <= packet.at < end)

    def sdp(self):
        host = self.phone.host
        return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {self.port} RTP/AVP 0\r\n"
                "a=rtpmap:0 PCMU/8000\r\na=sendrecv\r\na=ptime:20\r\n")

    def learn(self, body):
        host = re.search(r"c=IN IP4 (\S+)", body)
        port = re.search(r"m=audio (\d+)", body)
        if host and port:
            self.remote_rtp = (host.group(1), int(port.group(1)))


def header(message, name):
    short = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m"}.get(name, name)
    found = re.search(rf"^(?:{name}|{short})\s*:\s*(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


def all_headers(message, name):
    return re.findall(rf"^({name}\s*:.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)


class Phone(asyncio.DatagramProtocol):
    """`answer`: "at once", "never", or a status such as 486. Legs come in `legs`, the newest last."""

    def __init__(self, clock, server, user, tone, password="", host="127.0.0.1", answer="at once", port=0):
        self.clock = clock
        self.server = server
        self.user = user
        self.password = password
        self.host = host
        self.port = port
        self.tone = tone
        self.answer = answer
        self.frames = tone_frames(tone)
        self.legs = []
        self.replies = {}
        self.dialogs = {}
        self.received = 0  # messages
        self.farewell = ""  # more headers of its BYE
        clock.call(self._open())

    async def _open(self):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, self.port))
        self.sip = transport
        self.port = transport.get_extra_info("sockname")[1]

    def connection_made(self, transport):
        pass

    # ---- sending

    def send(self, text):
        self.sip.sendto(text.encode(), self.server)

    def request(self, method, uri, dialog, extra="", body=""):
        dialog["cseq"] += 1
        dialog["branch"] = "z9hG4bK" + secrets.token_hex(8)
        self.send(f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {self.host}:{self.port};branch={dialog['branch']};rport\r\n"
                  f"Max-Forwards: 70\r\nFrom: {dialog['from']}\r\nTo: {dialog['to']}\r\nCall-ID: {dialog['call_id']}\r\n"
                  f"CSeq: {dialog['cseq']} {method}\r\nContact: <sip:{self.user}@{self.host}:{self.port}>\r\n"
                  f"User-Agent: Test Phone 1\r\n{extra}Content-Length: {len(body)}\r\n\r\n{body}")

    def reply(self, message, status, reason, tag="", extra="", body=""):
        to = header(message, "To")
        if tag and "tag=" not in to:
            to += f";tag={tag}"
        vias = "".join(line + "\r\n" for line in all_headers(message, "Via"))
        self.send(f"SIP/2.0 {status} {reason}\r\n{vias}From: {header(message, 'From')}\r\nTo: {to}\r\n"
                  f"Call-ID: {header(message, 'Call-ID')}\r\nCSeq: {header(message, 'CSeq')}\r\n"
                  f"Contact: <sip:{self.user}@{self.host}:{self.port}>\r\n{extra}"
                  f"Content-Length: {len(body)}\r\n\r\n{body}")

    def authorization(self, message, method, uri):
        challenge = header(message, "WWW-Authenticate") or header(message, "Proxy-Authenticate")
        name = "Proxy-Authorization" if "Proxy-Authenticate" in message else "Authorization"
        lines = [line for line in all_headers(message, "(?:WWW|Proxy)-Authenticate")]
        chosen = next((line for line in lines if "algorithm=MD5" in line or "algorithm" not in line), challenge)
        def field(key):
            found = re.search(rf'{key}="?([^",]+)"?', chosen)
            return found.group(1) if found else ""
        def digest(text):
            return hashlib.md5(text.encode()).hexdigest()
        realm, nonce, cnonce = field("realm"), field("nonce"), secrets.token_hex(8)
        ha1, ha2 = digest(f"{self.user}:{realm}:{self.password}"), digest(f"{method}:{uri}")
        response = digest(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        return (f'{name}: Digest username="{self.user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{cnonce}"\r\n')

    # ---- what a test asks for

    def register(self):
        self.clock.call(self._register())
        return self

    async def _register(self):
        me = f"<sip:{self.user}@sotto>"
        uri = f"sip:{self.server[0]}:{self.server[1]}"
        dialog = {"from": f"{me};tag={secrets.token_hex(4)}", "to": me, "call_id": secrets.token_hex(8), "cseq": 0}
        self.request("REGISTER", uri, dialog, "Expires: 3600\r\n")
        challenge = await self._reply_to(dialog)
        self.request("REGISTER", uri, dialog, "Expires: 3600\r\n" + self.authorization(challenge, "REGISTER", uri))
        answer = await self._reply_to(dialog)
        if " 200 " not in answer.splitlines()[0]:
            raise AssertionError(f"{self.user} cannot register: {answer.splitlines()[0]}")

    async def _reply_to(self, dialog):
        waiting = self.replies[dialog["branch"]] = asyncio.get_running_loop().create_future()
        return await asyncio.wait_for(waiting, 5)

    def dial(self, number, extra=""):
        return self.clock.call(self._dial(number, extra))

    async def _dial(self, number, extra):
        leg = await self._new_leg()
        uri = f"sip:{number}@{self.server[0]}:{self.server[1]}"
        leg.dialog = {"from": f"<sip:{self.user}@{self.host}>;tag={secrets.token_hex(4)}", "to": f"<{uri}>",
                      "call_id": secrets.token_hex(8), "cseq": 0, "uri": uri, "extra": extra}
        self.dialogs[leg.dialog["call_id"]] = leg
        self._invite(leg, extra)
        return leg

    def _invite(self, leg, extra=""):
        self.request("INVITE", leg.dialog["uri"], leg.dialog,
                     "Content-Type: application/sdp\r\n" + extra, leg.sdp())

    async def _new_leg(self):
        leg = Leg(self)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: leg, local_addr=(self.host, 0))
        self.legs.append(leg)
        return leg

    def hang_up(self, leg):
        self.clock.call(self._hang_up(leg))

    async def _hang_up(self, leg):
        if leg.state != "answered":
            return
        self.request("BYE", leg.dialog["uri"], leg.dialog, self.farewell)
        leg.set("ended")

    def cancel(self, leg):
        """Gives up a call that has not been answered."""
        self.clock.call(self._cancel(leg))

    async def _cancel(self, leg):
        dialog = leg.dialog
        self.send(f"CANCEL {dialog['uri']} SIP/2.0\r\n"
                  f"Via: SIP/2.0/UDP {self.host}:{self.port};branch={dialog['branch']};rport\r\nMax-Forwards: 70\r\n"
                  f"From: {dialog['from']}\r\nTo: {dialog['to']}\r\nCall-ID: {dialog['call_id']}\r\n"
                  f"CSeq: {dialog['cseq']} CANCEL\r\nContent-Length: 0\r\n\r\n")

    def pick_up(self, leg):
        self.clock.call(self._pick_up(leg))

    async def _pick_up(self, leg):
        self.reply(leg.invite, 200, "OK", leg.tag, "Content-Type: application/sdp\r\n", leg.sdp())
        leg.set("answered")

    def press(self, leg, digit):
        """A key, by INFO (RFC 6086)."""
        self.clock.call(self._press(leg, digit))

    async def _press(self, leg, digit):
        self.request("INFO", leg.dialog["uri"], leg.dialog, "Content-Type: application/dtmf-relay\r\n",
                     f"Signal={digit}\r\nDuration=160\r\n")

    def rings(self, count=1, timeout=10.0):
        """The phone's leg number `count`, once there is one."""
        deadline = time.monotonic() + timeout
        while len(self.legs) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.user} does not ring")
            time.sleep(0.005)
        return self.legs[count - 1]

    # ---- receiving

    def datagram_received(self, data, _):
        message = data.decode(errors="replace")
        self.received += 1
        first = message.split("\r\n", 1)[0]
        if first.startswith("SIP/2.0"):
            self._on_reply(message, int(first.split(" ")[1]))
        elif first.strip():
            asyncio.get_running_loop().create_task(self._on_request(message, first.split(" ")[0]))

    def _on_reply(self, message, status):
        branch = re.search(r"branch=([^;,\s]+)", header(message, "Via")).group(1)
        waiting = self.replies.get(branch)
        if status >= 200 and waiting and not waiting.done():
            waiting.set_result(message)
        leg = self.dialogs.get(header(message, "Call-ID"))
        if leg is None or "INVITE" not in header(message, "CSeq"):
            return
        if status < 200:
            if leg.state == "new" and status > 100:
                leg.set("ringing")
            return
        leg.dialog["to"] = header(message, "To")
        contact = re.search(r"<([^>]+)>", header(message, "Contact"))
        uri = contact.group(1) if contact and status < 300 else leg.dialog["uri"]
        ack = dict(leg.dialog, cseq=int(header(message, "CSeq").split()[0]) - 1)
        if status >= 300:
            # A hop-by-hop ACK goes within the INVITE's transaction.
            self.send(f"ACK {leg.dialog['uri']} SIP/2.0\r\nVia: {header(message, 'Via')}\r\nMax-Forwards: 70\r\n"
                      f"From: {leg.dialog['from']}\r\nTo: {leg.dialog['to']}\r\nCall-ID: {leg.dialog['call_id']}\r\n"
                      f"CSeq: {ack['cseq'] + 1} ACK\r\nContent-Length: 0\r\n\r\n")
            if status in (401, 407) and not leg.status:
                leg.status = status
                leg.dialog["to"] = f"<{leg.dialog['uri']}>"
                self._invite(leg, leg.dialog["extra"] + self.authorization(message, "INVITE", leg.dialog["uri"]))
                return
            leg.status = status
            leg.set("refused")
            return
        leg.dialog["uri"] = uri
        self.request("ACK", uri, ack)
        if leg.state != "answered":
            leg.learn(message)
            leg.set("answered")

    async def _on_request(self, message, method):
        leg = self.dialogs.get(header(message, "Call-ID"))
        if method == "INVITE" and leg is None:
            return await self._on_invite(message)
        if leg is None:
            if method != "ACK":
                self.reply(message, 481, "Gone")
            return
        if method == "INVITE" and header(message, "CSeq") != header(leg.invite, "CSeq"):
            leg.reinvites += 1
            self.reply(message, 200, "OK", "", "Content-Type: application/sdp\r\n", leg.sdp())
        elif method == "BYE":
            self.reply(message, 200, "OK")
            leg.set("ended")
        elif method == "CANCEL":
            self.reply(message, 200, "OK", leg.tag)
            if leg.state == "ringing":
                self.reply(leg.invite, 487, "Request Terminated", leg.tag)
                leg.set("cancelled")
        elif method not in ("ACK", "INVITE"):
            self.reply(message, 200, "OK")

    async def _on_invite(self, message):
        call_id = header(message, "Call-ID")
        if any(call_id == header(leg.invite, "Call-ID") for leg in self.legs):
            return  # sent again before the leg was ready
        leg = Leg(self)
        leg.invite = message
        self.dialogs[call_id] = leg
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: leg, local_addr=(self.host, 0))
        leg.tag = secrets.token_hex(4)
        contact = re.search(r"<([^>]+)>", header(message, "Contact"))
        leg.dialog = {"from": header(message, "To") + f";tag={leg.tag}", "to": header(message, "From"),
                      "call_id": call_id, "cseq": 0, "uri": contact.group(1)}
        leg.learn(message)
        self.legs.append(leg)
        if isinstance(self.answer, int):
            self.reply(message, self.answer, "No", leg.tag)
            leg.set("refused")
            return
        self.reply(message, 180, "Ringing", leg.tag)
        leg.set("ringing")
        if self.answer == "at once":
            await self._pick_up(leg)


def shown(leg):
    """Display name and number of whom an INVITE says that it is from."""
    found = re.match(r'\s*(?:"((?:[^"\\]|\\.)*)"\s*)?<?sips?:([^@>]+)@', header(leg.invite, "From"))
    return (found.group(1) or "", found.group(2).replace("%23", "#"))
