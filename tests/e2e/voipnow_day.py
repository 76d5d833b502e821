#!/usr/bin/env python3
"""An office's day through VoipNow's API, on registered phones: hold, park, pick-up, transfer, voicemail, recording,
calls that the API makes, conference, menu, queue, presence and call events. Who hears whom is measured."""

import glob
import http.server
import json
import sys
import tempfile
import threading
import time
import urllib.parse
import wave

from sip_phone import Phone, mulaw_encode, shown
from voipnow_office import PREFIX, Office
from vonage_lab import free_port

WORLD_TONES = [2417, 2441, 2467, 2503, 2531, 2557, 2593, 2617]
MUSIC = 425        # what plays where no hold music is set: a note now and then
MUSIC_PERIOD = 4.0


class Listener(http.server.ThreadingHTTPServer):
    """Keeps what it is sent: (path, fields or JSON), in order."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def of(self, path):
        return [fields for each, fields in list(self.requests) if each == path]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        split = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Content-Type") == "application/json":
            fields = json.loads(body)
        else:
            fields = dict(urllib.parse.parse_qsl(body or split.query, keep_blank_values=True), method=self.command)
        self.server.requests.append((split.path, fields))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


def music_only(s, leg, since):
    """The note is heard, and none of the station's tones."""
    time.sleep(max(0.0, since + 0.3 + MUSIC_PERIOD + 0.5 - time.monotonic()))
    sound = leg.heard(since + 0.3, since + 0.3 + MUSIC_PERIOD + 0.4)
    heard = max(s.office.level(sound[i:i + 1600], MUSIC) for i in range(0, len(sound) - 1600, 800))
    assert heard > 0.02, f"{leg.phone.user} hears no music: {heard:.4f}"
    for name, tone in s.tones.items():
        assert s.office.level(sound, tone) < 0.01, f"{leg.phone.user} hears {name}"


def wav_level(s, path, tone):
    with wave.open(path) as file:
        count = file.getnchannels()
        frames = memoryview(file.readframes(file.getnframes())).cast("h")
        step = count * (file.getframerate() // 8000)
        return max(s.office.level(bytes(mulaw_encode(x) for x in frames[channel::step]), tone)
                   for channel in range(count))


def row_hold(s):
    s.talk()
    since = time.monotonic()
    assert s.put("OnHold", sendCallTo=...).status == 200
    view = s.view_now()
    assert view["holder"] == "1" and view["onHold"], view
    assert s.put("OnHold", sendCallTo=...).status == 200  # a second time changes nothing
    leg = s.supervise()
    music_only(s, s.c, since)
    s.hears(leg.when("answered"), {s.a: "S", leg: "A"})
    assert s.put("OffHold", sendCallTo=...).status == 200
    assert "onHold" not in s.view_now()
    s.hears(time.monotonic(), {s.a: "CS", s.c: "A", leg: "AC"})


def row_park_and_un_park(s):
    s.talk()
    since = time.monotonic()
    reply = s.put("Park", sendCallTo=..., maxInParking="60")
    assert reply.status == 200 and reply.json[0]["id"] == s.key, reply.text
    s.a.wait("ended", timeout=2)
    view = s.view_now()
    assert view["parkedBy"] == s.agent and view["parked"] and int(view["parkedPos"]) > 0, view
    music_only(s, s.c, since)
    refused = s.put("OnHold", sendCallTo=...)
    assert refused.code == "pc_phonecallview_invalid", refused.text
    reply = s.put("UnPark", callerId="Parked <700>", headers={"Prefer": "wait=10"})
    assert reply.status == 200, reply.text
    leg = s.S.rings().wait("answered")
    assert shown(leg) == ("Parked", "700"), shown(leg)
    assert "parked" not in s.view_now() and s.view_now()["extension"] == s.supervisor
    s.hears(leg.when("answered"), {leg: "C", s.c: "S"})


def row_parked_rings_back(s):
    s.talk()
    s.put("Park", sendCallTo=..., maxInParking="10")
    s.a.wait("ended", timeout=2)
    back = s.A.rings(2, timeout=12).wait("answered")
    s.hears(back.when("answered"), {back: "C", s.c: "A"})


def row_pick_up(s):
    s.A.answer = "never"
    s.c = s.C.dial(s.agent)
    ringing = s.A.rings().wait("ringing")
    call = s.until(lambda: s.api("GET", f"/phoneCalls/57/{s.agent}").json["entry"], "the call")[0]
    view = call["phoneCallView"][-1]
    assert view["status"] == "3" and view["extension"] == s.agent, view
    s.path, s.view = f"/phoneCalls/57/{s.agent}/{call['id']}", view["id"]
    reply = s.put("PickUp", callerId="For you <5>", headers={"Prefer": "wait=10"})
    assert reply.status == 200 and reply.json["id"] == call["id"], reply.text
    leg = s.S.rings().wait("answered")
    ringing.wait("cancelled", timeout=2)
    s.c.wait("answered")
    assert shown(leg) == ("For you", "5")
    s.hears(leg.when("answered"), {leg: "C", s.c: "S"})


def row_transfer_by_numbers(s):
    s.talk()
    reply = s.put("Transfer", sendCallTo=s.second, phoneCallViewId=..., transferFromNumber=s.agent,
                  transferNumber="+" + s.C.user.lstrip("+"))
    assert reply.status == 200, reply.text
    s.a.wait("ended", timeout=2)
    leg = s.T.rings().wait("answered")
    s.hears(leg.when("answered"), {leg: "C", s.c: "T"})


def row_transfer_outside_that_fails_comes_back(s):
    s.W.answer = 486
    s.talk()
    assert s.put("Transfer", sendCallTo=s.W.user).status == 200
    s.a.wait("ended", timeout=2)
    s.W.rings().wait("refused")
    back = s.A.rings(2).wait("answered")
    s.hears(back.when("answered"), {back: "C", s.c: "A"})


def row_transfer_outside(s):
    s.talk()
    assert s.put("Transfer", sendCallTo="+" + s.W.user).status == 200
    leg = s.W.rings().wait("answered")
    s.hears(leg.when("answered"), {leg: "C", s.c: "W"})


def row_voicemail(s):
    s.talk()
    reply = s.put("TransferToVoicemail", sendCallTo=s.mailbox, phoneCallViewId=...,
                  transferNumber="+" + s.C.user.lstrip("+"))
    assert reply.status == 200, reply.text
    s.a.wait("ended", timeout=2)
    started = time.monotonic()

    def beeped():
        sound = s.c.heard(time.monotonic() - 0.3, time.monotonic())
        return len(sound) > 800 and s.office.level(sound, 1000) > 0.1
    s.until(beeped, "the tone after the greeting", 15)
    spoken = s.c.heard(started, time.monotonic() - 0.6)
    assert max(spoken[::97]) != min(spoken[::97]), "no greeting is heard"
    time.sleep(2.5)
    s.C.hang_up(s.c)
    told = s.until(lambda: [each for each in s.listener.of("/voicemail") if each["callId"] == s.key], "the message")[0]
    assert told["extension"] == s.mailbox and told["seconds"] >= 1, told
    path = next(path for path in glob.glob(s.office.server.folder + "/**/*.wav", recursive=True)
                if path.endswith(told["file"].split("/")[-1]))
    assert wav_level(s, path, s.tones["C"]) > 0.3
    assert wav_level(s, path, s.tones["A"]) < 0.01


def row_recording(s):
    s.talk()
    leg = s.supervise()
    assert s.put("StartRecording", sendCallTo=..., format="wav").status == 200
    assert "recording" in s.view_now()
    assert s.put("StartRecording", sendCallTo=..., format="wav49").status == 501
    s.hears(leg.when("answered"), {s.a: "CS", s.c: "A"})
    assert s.put("StopRecording", sendCallTo=...).status == 200
    s.until(lambda: "recording" not in s.view_now(), "the end of the recording")

    def mine():
        for path in glob.glob(s.office.server.folder + "/**/*.wav", recursive=True):
            try:
                if wav_level(s, path, s.tones["A"]) > 0.2 and wav_level(s, path, s.tones["C"]) > 0.2:
                    return path
            except (EOFError, wave.Error):
                pass  # another station's, not closed yet
        return None
    path = s.until(mine, "the recording")
    assert wav_level(s, path, s.tones["S"]) < 0.01, "the whisper is on the recording"


def row_simple(s):
    s.A.answer = s.S.answer = "never"
    body = {"extension": s.agent, "phoneCallView": [{"source": s.agent, "destination": s.supervisor}],
            "callerId": "Click <77>", "callerDestination": "Colleague <78>", "nonce": "n-1"}
    reply = s.api("POST", "/phoneCalls/57/simple/?waitForPickup=20&callDuration=60&video=0", body)
    assert reply.status == 200 and reply.json[0]["nonce"] == "n-1", reply.text
    s.path = f"/phoneCalls/57/{s.agent}/{reply.json[0]['id']}"
    first = s.A.rings().wait("ringing")
    assert shown(first) == ("Click", "77") and not s.S.legs
    s.view = reply.json[0]["phoneCallView"][0]["id"]
    s.until(lambda: s.view_now()["status"] == "3", "the source to ring")
    s.A.pick_up(first)
    second = s.S.rings().wait("ringing")
    assert shown(second) == ("Colleague", "78"), shown(second)
    s.until(lambda: s.view_now()["status"] == "4", "the other side to ring")
    s.S.pick_up(second)
    s.until(lambda: s.view_now()["status"] == "5", "the call")
    s.hears(second.when("answered"), {first: "S", second: "A"})


def row_callback(s):
    for body, code in (({"source": s.agent, "destination": s.W.user}, "pc_source_invalid"),
                       ({"source": s.W.user, "destination": s.agent}, "pc_destination_invalid")):
        reply = s.api("POST", "/phoneCalls/57/callback", {"extension": s.agent, "phoneCallView": [body]})
        assert (reply.status, reply.code) == (400, code), reply.text
    reply = s.api("POST", "/phoneCalls/57/callback",
                  {"extension": s.agent, "phoneCallView": [{"source": [s.W.user], "destination": [s.W.user]}]})
    assert reply.status == 200, reply.text
    first, second = s.W.rings().wait("answered"), s.W.rings(2).wait("answered")
    s.hears(second.when("answered"), {first: "W", second: "W"})
    s.W.hang_up(first)
    second.wait("ended", timeout=2)


def row_conference_invite(s):
    body = {"extension": f"{PREFIX}*991", "phoneCallView": [{"source": [f"{PREFIX}*991"], "destination": [s.W.user]}]}
    reply = s.api("POST", f"/phoneCalls/57/conferenceInvite?number={s.index}", body)
    assert reply.status == 200, reply.text
    outside = s.W.rings().wait("answered")
    body["phoneCallView"][0]["destination"] = [s.agent]
    assert s.api("POST", f"/phoneCalls/57/conferenceInvite?number={s.index}", body).status == 200
    inside = s.A.rings().wait("answered")
    s.hears(inside.when("answered"), {outside: "A", inside: "W"})


def row_menu(s):
    """Each key leads to a station's agent."""
    s.c = s.C.dial(f"{PREFIX}*990").wait("answered")
    time.sleep(1)
    s.C.press(s.c, str(s.index + 1))
    s.a = s.A.rings().wait("answered")
    s.hears(s.a.when("answered"), {s.a: "C", s.c: "A"})


def row_queue(s):
    place = f"/extensions/57/{s.queue}/queue/agents"
    listed = s.api("GET", place).json["entry"]
    assert [(each["agentNumber"], each["status"]) for each in listed] == [(s.agent, "1")], listed
    assert s.api("PUT", f"{place}/{s.agent}", {"status": "2"}).json[0]["status"] == "2"
    s.c = s.C.dial(s.queue).wait("answered")
    music_only(s, s.c, time.monotonic())
    assert not s.A.legs, "a paused agent is rung"
    assert s.api("PUT", f"{place}/{s.agent}", {"status": 1}).status == 200
    s.a = s.A.rings().wait("answered")
    call = s.api("GET", f"/phoneCalls/57/{s.agent}").json["entry"][0]
    assert call["extension"] == s.queue, call
    s.hears(s.a.when("answered"), {s.a: "C", s.c: "A"})


def row_presence(s):
    place = f"/extensions/57/{s.agent}/presence/"

    def status():
        return s.api("GET", place).json["entry"][0]["status"]
    entry = s.api("GET", place).json["entry"][0]
    assert entry["status"] == "1" and entry["registration"][0]["registration"] == "1", entry
    assert entry["registration"][0]["agent"] == "Test Phone 1" and entry["registration"][0]["expire"], entry
    mailbox = s.api("GET", f"/extensions/57/{s.mailbox}/presence").json["entry"][0]
    assert mailbox["registration"][0]["registration"] == "-1", mailbox
    everybody = s.api("GET", "/extensions/57/@self/presence").json
    assert s.agent in [each["extension"] for each in everybody["entry"]]
    s.A.answer = "never"
    s.c = s.C.dial(s.agent)
    s.a = s.A.rings().wait("ringing")
    s.until(lambda: status() == "2", "ringing")
    s.A.pick_up(s.a)
    s.until(lambda: status() == "3", "busy")
    s.C.hang_up(s.c)
    s.until(lambda: status() == "1", "online again")


def register_events(s, extension, kinds):
    for kind in kinds:
        body = {"type": kind, "method": str(kind % 2), "url": f"{s.listener.url}/{extension}/{kind}?own=1"}
        reply = s.api("POST", f"/extensions/57/{extension}/phoneCallEvents", body)
        assert reply.status == 200 and reply.json["id"], reply.text


def fired(s, extension, kind):
    """The one callback of that type."""
    path = f"/{extension}/{kind}"
    s.until(lambda: s.listener.of(path), f"event {kind} of {extension}")
    return s.listener.of(path)[-1]


def row_call_events(s):
    register_events(s, s.agent, range(5))
    register_events(s, s.supervisor, range(5))
    s.c = s.C.dial(s.agent).wait("answered")
    s.a = s.A.rings().wait("answered")
    dialled = fired(s, s.agent, 0)
    assert dialled["CallStatus"] == "CALLING" and dialled["CallFlow"] == "IN" and dialled["method"] == "GET", dialled
    assert dialled["CalledExtension"] == s.agent and dialled["CallID"] and dialled["own"] == "1", dialled
    assert dialled["CallerIDNum"].lstrip("+") == s.C.user.lstrip("+") and dialled["CallerExtension"] == "", dialled
    answered = fired(s, s.agent, 3)
    assert answered["CallStatus"] == "ANSWER" and answered["method"] == "POST", answered
    # The callback alone is enough to whisper.
    s.key = answered["CallAPIID"]
    s.path, s.view = f"/phoneCalls/57/{s.agent}/{s.key}", None
    s.view = s.views()[0]["id"]
    leg = s.supervise(callerId="Coach line <42>")
    supervising = fired(s, s.supervisor, 0)
    assert (supervising["CallerIDNum"], supervising["CallerIDName"]) == ("42", "Coach line"), supervising
    assert supervising["CallAPIID"] == s.key == fired(s, s.supervisor, 3)["CallAPIID"]
    s.S.hang_up(leg)
    assert fired(s, s.supervisor, 2)["CallStatus"] == "ANSWER"
    s.C.hang_up(s.c)
    assert fired(s, s.agent, 2)["CallStatus"] == "ANSWER" and len(s.listener.of(f"/{s.agent}/2")) == 1
    outgoing = s.A.dial(s.second)
    s.T.rings().wait("answered")
    outgoing.wait("answered")
    dialling = fired(s, s.agent, 1)
    assert (dialling["CallFlow"], dialling["CallerExtension"]) == ("OUT", s.agent), dialling
    assert dialling["CalledExtension"] == s.second, dialling
    assert fired(s, s.agent, 4)["CallAPIID"] == dialling["CallAPIID"]
    s.A.hang_up(outgoing)
    s.until(lambda: len(s.listener.of(f"/{s.agent}/2")) == 2, "the second hang-up")
    for extension in (s.agent, s.supervisor):
        place = f"/extensions/57/{extension}/phoneCallEvents"
        assert len(s.api("GET", place).json["entry"]) == 5
        assert len(s.api("DELETE", place).json) == 5


def row_call_events_of_calls_that_fail(s):
    register_events(s, s.agent, [2])
    s.A.answer = 486
    s.C.dial(s.agent).wait("refused")
    assert fired(s, s.agent, 2)["CallStatus"] == "BUSY"
    s.A.answer = "never"
    s.c = s.C.dial(s.agent)
    s.A.rings(2).wait("ringing")
    listed = s.api("GET", f"/extensions/57/{s.agent}/phoneCallEvents/2").json["entry"][0]
    place = f"/extensions/57/{s.agent}/phoneCallEvents/2/{listed['id']}"
    assert s.api("PUT", place, {"status": "0"}).status == 200
    s.api("DELETE", f"/phoneCalls/57/{s.agent}")
    s.A.legs[1].wait("cancelled", timeout=2)
    time.sleep(0.3)
    assert len(s.listener.of(f"/{s.agent}/2")) == 1, "a disabled event fired"
    assert s.api("DELETE", place).json == [{"id": listed["id"]}]


def world_trunks(ports):
    return "".join(f'[[trunk]]\nname = "world {index}"\nhosts = ["127.0.0.3:{port}"]\nprobes = false\n'
                   f'destinations = ["{world_number(index)}"]\n' for index, port in enumerate(ports))


def world_number(index):
    return f"4420794600{index:02}"


def main():
    rows = [row for name, row in sorted(globals().items()) if name.startswith("row_")]
    chosen = sys.argv[2:]
    if chosen:
        rows = [row for row in rows if any(each in row.__name__ for each in chosen)]
    listener = Listener()
    stations = min(6, len(rows))
    ports = [free_port() for _ in range(stations)]
    mailbox = ('[[phone]]\nuser = "mailbox"\norganisation = "harbor"\nextension = "0042*600"\nowner = "57"\n'
               f'password = "mailbox-password"\n[phone.voipnow]\nvoicemail_url = "{listener.url}/voicemail"\n')
    with tempfile.TemporaryDirectory() as folder:
        with Office(sys.argv[1], folder, stations, world_trunks(ports) + mailbox) as office:
            every = [office.free.get() for _ in range(stations)]
            for station, port in zip(every, ports):
                station.listener, station.mailbox = listener, f"{PREFIX}*600"
                station.tones["W"] = WORLD_TONES[station.index]
                station.W = Phone(office.clock, office.sip, world_number(station.index), station.tones["W"],
                                  host="127.0.0.3", port=port)
                station.phones += (station.W,)
                office.free.put(station)
            failed = office.run(rows)
            if failed:
                print(office.server.log()[-4000:])
    if failed:
        raise SystemExit(f"{failed} of {len(rows)} rows failed")


main()
