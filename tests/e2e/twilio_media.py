#!/usr/bin/env python3
"""What is taken from a call and given to it: recordings that are downloaded as wav and mp3, and media streams both ways."""

import base64
import io
import subprocess
import sys
import urllib.error
import urllib.request
import wave

from stream_app import StreamApp
from twilio_lab import NUMBERS, SID, TOKEN, App, check, lab, side_by_side, signature, tone_file
from vonage_lab import Heard, wait_until

CALLER, AGENT = 800, 500
TONES = {"caller": CALLER, "agent": AGENT}
AGENT_NUMBER, LISTENER_NUMBER = "12025550171", "12025550172"


def download(server, url, authorised=True, **headers):
    request = urllib.request.Request(url, headers=headers)
    if authorised:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def channels_of(data):
    """What each channel of a wav file holds, window by window."""
    with wave.open(io.BytesIO(data)) as file:
        count, rate, frames = file.getnchannels(), file.getframerate(), file.readframes(file.getnframes())
    out = []
    for channel in range(count):
        alone = b"".join(frames[i + 2 * channel:i + 2 * channel + 2] for i in range(0, len(frames), 2 * count))
        mono = io.BytesIO()
        with wave.open(mono, "w") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(alone)
        mono.seek(0)
        out.append(Heard(mono).classify(TONES))
    return out


def decoded(server, mp3):
    path = server.path("downloaded.mp3")
    with open(path, "wb") as file:
        file.write(mp3)
    subprocess.run(["mpg123", "-q", "-w", server.path("decoded.wav"), path], check=True, capture_output=True)
    with open(server.path("decoded.wav"), "rb") as file:
        return file.read()


def recorded(server):
    """Both parties of a dialled call on channels of their own; then as wav, mp3, mono, and gone."""
    app = App(voice=f'<Response><Dial record="record-from-answer-dual" recordingStatusCallback="/recording" action="/done">'
                    f'<Number>+{AGENT_NUMBER}</Number></Dial></Response>', done="<Response/>")
    server.answer_with(app, NUMBERS[0])
    agent = server.agent("agent", AGENT_NUMBER, AGENT, "--hang-up-after-ms", "3000")
    caller = server.caller(NUMBERS[0], "caller", "--tone", str(CALLER))
    agent.end()
    caller.end()
    told = app.wait_for("/recording")[0]
    done = app.wait_for("/done")[0]
    check(told["RecordingStatus"] == "completed" and told["RecordingChannels"] == "2", told)
    check(told["RecordingSource"] == "DialVerb" and told["CallSid"] == done["CallSid"], told)
    check(done["RecordingSid"] == told["RecordingSid"] and done["DialCallStatus"] == "completed", done)
    url = told["RecordingUrl"]
    check(url == f"{server.base}/2010-04-01/Accounts/{SID}/Recordings/{told['RecordingSid']}", url)
    for suffix in ("", ".wav"):
        status, kind, data = download(server, url + suffix)
        check(status == 200 and kind == "audio/x-wav", f"{suffix}: {status} {kind} {data[:200]}")
        parties = channels_of(data)
        check(len(parties) == 2 and parties[0].count("caller") > 15 and parties[1].count("agent") > 15, parties)
        check("agent" not in parties[0] and "caller" not in parties[1], parties)
    status, kind, data = download(server, url + ".mp3")
    check(status == 200 and kind == "audio/mpeg", f"mp3: {status} {kind} {data[:200]}")
    parties = channels_of(decoded(server, data))
    check(parties[0].count("caller") > 15 and parties[1].count("agent") > 15, parties)
    for suffix, wanted in ((".wav?RequestedChannels=1", "audio/x-wav"), (".mp3?RequestedChannels=1", "audio/mpeg")):
        status, kind, data = download(server, url + suffix)
        check(status == 200 and kind == wanted, f"{suffix}: {status} {kind} {data[:200]}")
        mixed = channels_of(data if wanted == "audio/x-wav" else decoded(server, data))
        check(len(mixed) == 1 and mixed[0].count("other") > 15, mixed)
    status, _, data = download(server, url + ".wav?RequestedChannels=3")
    check(status == 400 and b"16113" in data, data)
    check(download(server, url + ".wav", authorised=False)[0] == 401, "downloaded without a password")
    status, _, data = download(server, url + ".wav", Range="bytes=0-3")
    check((status, data) == (206, b"RIFF"), f"range: {status} {data[:9]}")
    path = f"/Recordings/{told['RecordingSid']}.json"
    check(server.twilio("DELETE", path)[0] == 204, "delete")
    check(server.twilio("GET", path)[0] == 404 and download(server, url + ".wav")[0] == 404, "deleted, and there")
    app.close()


def recorded_as_heard(server):
    """The outbound track of a call that the API made: what its party hears, and nothing that he says."""
    app = App(**{"voice": "<Response><Play>/play.wav</Play></Response>", "play.wav": tone_file(CALLER, 2.0)})
    agent = server.agent("listener", LISTENER_NUMBER, AGENT)
    status, made = server.twilio("POST", "/Calls.json", To="+" + LISTENER_NUMBER, From="+" + NUMBERS[0], Url=app.url + "/voice",
                                 Record="true", RecordingTrack="outbound", RecordingStatusCallback=app.url + "/file")
    check(status == 201, made)
    agent.end()
    told = app.wait_for("/file")[0]
    check((told["RecordingSource"], told["RecordingTrack"], told["RecordingChannels"]) == ("OutboundAPI", "outbound", "1"), told)
    heard = channels_of(download(server, told["RecordingUrl"] + ".wav")[2])
    check(len(heard) == 1 and heard[0].count("caller") > 12 and "agent" not in heard[0], heard)
    app.close()


def left_a_message(server):
    """Record: the caller's own message, ended by a key."""
    app = App(voice='<Response><Record action="/message" playBeep="true" timeout="9" recordingStatusCallback="/file"/></Response>',
              message="<Response><Hangup/></Response>")
    server.answer_with(app, NUMBERS[1])
    caller = server.caller(NUMBERS[1], "sayer", "--tone", str(CALLER), "--press", "5", "--press-after-ms", "2500")
    message = app.wait_for("/message")[0]
    check(message["Digits"] == "5" and int(message["RecordingDuration"]) in (1, 2), message)
    told = app.wait_for("/file")[0]
    check(told["RecordingSource"] == "RecordVerb" and told["RecordingSid"] == message["RecordingSid"], told)
    said = channels_of(download(server, told["RecordingUrl"] + ".wav")[2])
    check(len(said) == 1 and said[0].count("caller") > 8, said)
    caller.end()
    app.close()


def echoed(server):
    """A stream both ways: the app says back what it hears; marks come back when they are reached, and the keys come too."""
    messages = []

    def echo(connection):
        heard = 0
        while (message := connection.receive()) is not None:
            messages.append(message)
            stream = message.get("streamSid")
            if message["event"] == "media":
                heard += 1
                connection.send({"event": "media", "streamSid": stream, "media": {"payload": message["media"]["payload"]}})
                if heard == 50:
                    connection.send({"event": "mark", "streamSid": stream, "mark": {"name": "a second"}})
            if message["event"] == "dtmf":
                silence = base64.b64encode(b"\xff" * 8000 * 30).decode()
                for start in range(0, len(silence), 40_000):
                    connection.send({"event": "media", "streamSid": stream,
                                     "media": {"payload": silence[start:start + 40_000]}})
                connection.send({"event": "mark", "streamSid": stream, "mark": {"name": "never said"}})
                connection.send({"event": "clear", "streamSid": stream})
            if message["event"] == "mark" and message["mark"]["name"] == "never said":
                connection.close()
                return

    stream = StreamApp(echo)
    app = App(voice=f'<Response><Connect action="/after"><Stream url="{stream.url}/echo" name="mine" statusCallback="/stream">'
                    '<Parameter name="colour" value="blue"/></Stream></Connect></Response>',
              after="<Response><Hangup/></Response>")
    server.answer_with(app, NUMBERS[2])
    caller = server.caller(NUMBERS[2], "talker", "--tone", str(CALLER), "--press", "7", "--press-after-ms", "2500")
    names = caller.end().classify(TONES)
    check(names.count("caller") > 10, f"no echo: {names}")
    after = app.wait_for("/after")[0]
    check(after["CallStatus"] == "in-progress", after)
    asked = stream.connections[0]
    check(asked.headers["x-twilio-signature"] == signature(stream.url + "/echo", []), "the upgrade is not signed")
    kinds = [message["event"] for message in messages]
    check(kinds[:3] == ["connected", "start", "media"], kinds[:5])
    start = messages[1]["start"]
    check(start["customParameters"] == {"colour": "blue"} and start["tracks"] == ["inbound"], start)
    check(start["callSid"] == after["CallSid"] and start["accountSid"] == SID, start)
    check(start["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}, start)
    numbered = [int(message["sequenceNumber"]) for message in messages[1:]]
    check(numbered == list(range(1, len(numbered) + 1)), numbered)
    chunks = [int(message["media"]["chunk"]) for message in messages if message["event"] == "media"]
    check(chunks == list(range(1, len(chunks) + 1)), chunks)
    check([m["dtmf"]["digit"] for m in messages if m["event"] == "dtmf"] == ["7"], kinds)
    marks = [m["mark"]["name"] for m in messages if m["event"] == "mark"]
    check(marks == ["a second", "never said"], marks)
    told = [fields["StreamEvent"] for fields in app.wait_for("/stream", 2)]
    check(told == ["stream-started", "stream-stopped"], told)
    check(app.of("/stream")[0]["StreamName"] == "mine", app.of("/stream")[0])
    stream.close()
    app.close()


def overheard(server):
    """A copy of both directions beside the call, ended by its name."""
    tracks = {}

    def listen(connection):
        while (message := connection.receive()) is not None:
            if message["event"] == "media":
                tracks[message["media"]["track"]] = tracks.get(message["media"]["track"], 0) + 1

    stream = StreamApp(listen)
    app = App(voice=f'<Response><Start><Stream url="{stream.url}" name="copy" track="both_tracks" statusCallback="/stream"/>'
                    '</Start><Say>You are listened to.</Say><Pause length="1"/><Stop><Stream name="copy"/></Stop>'
                    '<Pause length="1"/></Response>')
    server.answer_with(app, NUMBERS[3])
    caller = server.caller(NUMBERS[3], "listened", "--tone", str(CALLER))
    caller.end()
    told = [fields["StreamEvent"] for fields in app.wait_for("/stream", 2)]
    check(told == ["stream-started", "stream-stopped"], told)
    wait_until(lambda: tracks.get("inbound", 0) > 50 and tracks.get("outbound", 0) > 50, f"both tracks: {tracks}")
    stream.close()
    app.close()


def main():
    with lab(sys.argv[1], AGENT_NUMBER, LISTENER_NUMBER) as server:
        side_by_side(lambda: recorded(server), lambda: recorded_as_heard(server), lambda: left_a_message(server), lambda: echoed(server),
                     lambda: overheard(server))
        server.wait_until_idle()


main()
