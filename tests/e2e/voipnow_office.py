"""An office for the tests of VoipNow's API: stations of an agent A, two supervisors S and T and a customer C, each with
a tone of his own, and a client of the API."""

import concurrent.futures
import http.client
import json
import os
import queue
import time
import urllib.parse

from server import Server
from sip_phone import Clock, Phone, level

APP, SECRET = "office-app", "office-secret"
PREFIX, OTHER = "0042", "0043"
VONAGE_KEY, VONAGE_SECRET = "abcd1234", "s3cretS3cret"
OWN_NUMBER = "12025550101"     # for an application
TWILIO_SID, TWILIO_TOKEN = "AC" + "2" * 32, "5b7e151628aed2a6abf7158809cf4f3c"
TWIML_NUMBER = "12025550102"   # for a TwiML application
WINDOW = 3            # seconds that the contract looks at, from
SETTLED = 0.5         # half a second after somebody joined
STANDSTILL_MAX = 45.0
HEARD_MIN, HEARD_MAX = 0.5, 2.0   # within 6 dB
UNHEARD_MAX = 0.01                # 40 dB below
# Primes: no sum, difference or multiple of some falls on another.
TONES = {"A": [503, 523, 541, 563, 587, 607, 631, 653], "C": [907, 929, 953, 977, 1009, 1031, 1051, 1087],
         "S": [1511, 1531, 1553, 1579, 1601, 1627, 1657, 1693], "T": [2111, 2131, 2153, 2179, 2203, 2237, 2267, 2293]}


def agent_number(index):
    return f"120255501{70 + index}"


def write_config(path, stations, more=""):
    lines = ["[account]", 'name = "main"', "[account.voipnow]", f'app_id = "{APP}"', f'app_secret = "{SECRET}"',
             "[account.vonage]", f'api_key = "{VONAGE_KEY}"', f'api_secret = "{VONAGE_SECRET}"',
             "[account.twilio]", f'account_sid = "{TWILIO_SID}"', f'auth_token = "{TWILIO_TOKEN}"',
             "[[pool]]", 'name = "test"', 'country = "US"', f'numbers = ["{OWN_NUMBER}", "{TWIML_NUMBER}"]',
             "[[organisation]]", 'id = "harbor"', 'name = "Harbor Desk"', f'prefix = "{PREFIX}"',
             "[[organisation]]", 'id = "other"', 'name = "Other"', f'prefix = "{OTHER}"',
             "[[trunk]]", 'name = "carrier"', 'allow_from = ["127.0.0.2"]']

    def phone(user, extension, owner, organisation="harbor", **more):
        lines.extend(["[[phone]]", f'user = "{user}"', f'password = "{user}-password"',
                      f'organisation = "{organisation}"', f'extension = "{extension}"', f'owner = "{owner}"',
                      f'caller_id_name = "Desk {user}"', f'caller_id_number = "1202555{owner:0>4}"'])
        lines.extend(f'{key} = "{value}"' for key, value in more.items())

    for index in range(stations):
        lines.extend(["[[number]]", f'number = "{agent_number(index)}"', f'phone = "a{index}"'])
        for letter, base in (("a", 100), ("s", 200), ("t", 300)):
            phone(f"{letter}{index}", f"{PREFIX}*{base + index}", 57)
        phone(f"queue{index}", f"{PREFIX}*{900 + index}", 57, kind="queue")
        lines.extend(["[phone.voipnow]", f'agents = ["{PREFIX}*{100 + index}"]'])
    phone("ivr", f"{PREFIX}*990", 57, kind="ivr")
    keys = ", ".join(f'"{index + 1}" = "{PREFIX}*{100 + index}"' for index in range(stations))
    lines.extend(["[phone.voipnow]", f"menu = {{ {keys} }}"])
    phone("conference", f"{PREFIX}*991", 57, kind="conference")
    phone("stranger", f"{OTHER}*400", 60, organisation="other")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n" + more)


class Reply:
    def __init__(self, status, headers, text):
        self.status, self.headers, self.text = status, headers, text
        try:
            self.json = json.loads(text) if text else None
        except ValueError:
            self.json = None

    @property
    def code(self):
        return (self.json or {}).get("error", {}).get("code", "") if isinstance(self.json, dict) else ""


class Api:
    def __init__(self, address):
        self.address = address
        self.token = self.post_form({"grant_type": "client_credentials", "client_id": APP,
                                     "client_secret": SECRET}).json["access_token"]

    def send(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request(method, path, body, headers if headers is not None else {})
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def post_form(self, fields):
        return self.send("POST", "/oauth/token.php", urllib.parse.urlencode(fields),
                         {"Content-Type": "application/x-www-form-urlencoded"})

    def __call__(self, method, path, body=None, **headers):
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        sent = {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.send(method, "/uapi" + path, text, sent)


class Station:
    def __init__(self, office, index):
        self.office, self.api, self.index = office, office.api, index
        self.tones = {letter: TONES[letter][index] for letter in TONES}
        server = office.sip
        def phone(letter, **more):
            user = f"{letter.lower()}{index}"
            return Phone(office.clock, server, user, self.tones[letter], f"{user}-password", **more)
        self.A, self.S, self.T = (phone(letter).register() for letter in "AST")
        self.C = Phone(office.clock, server, f"+4021555{index:04}", self.tones["C"], host="127.0.0.2")
        self.agent, self.supervisor, self.second = (f"{PREFIX}*{base + index}" for base in (100, 200, 300))
        self.queue = f"{PREFIX}*{900 + index}"
        self.phones = (self.A, self.S, self.T, self.C)

    def reset(self):
        for phone in self.phones:
            for leg in phone.legs:
                phone.hang_up(leg)
        self.api("DELETE", f"/phoneCalls/57/{self.agent}")
        deadline = time.monotonic() + 5
        while self.api("GET", f"/phoneCalls/57/{self.agent}").json["totalResults"]:
            if time.monotonic() > deadline:
                raise AssertionError("a call does not end")
            time.sleep(0.02)
        for phone in self.phones:
            phone.legs.clear()
            phone.dialogs.clear()
            phone.answer = "at once"

    def talk(self, to=None):
        """C has called A: returns when both talk."""
        self.c = self.C.dial(to or self.agent).wait("answered")
        self.a = self.A.rings().wait("answered")
        calls = self.api("GET", f"/phoneCalls/57/{self.agent}").json["entry"]
        assert len(calls) == 1, calls
        self.call = calls[0]
        self.key = self.call["id"]
        self.view = self.call["phoneCallView"][0]["id"]
        self.path = f"/phoneCalls/57/{self.agent}/{self.key}"
        return self

    def body(self, action="Whisper", **more):
        fields = {"action": action, "sendCallTo": self.supervisor, "phoneCallViewId": self.view}
        fields.update(more)
        return {name: value for name, value in fields.items() if value is not ...}

    def put(self, action="Whisper", path=None, headers=None, **more):
        return self.api("PUT", path or self.path, self.body(action, **more), **(headers or {}))

    def supervise(self, action="Whisper", phone=None, count=1, **more):
        """The phone has answered and its view is there: returns its leg."""
        phone = phone or self.S
        reply = self.put(action, **more)
        assert reply.status in (200, 202), (reply.status, reply.text)
        before = len(self.views())
        leg = phone.rings(count).wait("answered")
        deadline = time.monotonic() + 5
        while len(self.views()) == before and time.monotonic() < deadline:
            time.sleep(0.01)
        return leg

    def view_now(self, number=None):
        """The view as it is listed now, by default the station's."""
        return next(view for view in self.views() if view["id"] == (number or self.view))

    def until(self, condition, what, most=10.0):
        deadline = time.monotonic() + most
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"waited too long for {what}"
            time.sleep(0.02)

    def views(self):
        return self.api("GET", self.path).json.get("phoneCallView", [])

    def no_ring(self):
        time.sleep(0.1)
        assert not self.S.legs and not self.T.legs, "a supervisor's phone rang"

    def hears(self, since, expected):
        """Three seconds from half a second after `since`: {leg: "AC"} says whose tones each leg hears, and that it
        hears no other of this and of the next station. A second in which the machine stood still is not counted."""
        start, counted, late = since + SETTLED, 0, self.office.late_turns()
        while counted < WINDOW:
            assert start < since + STANDSTILL_MAX, "the machine stood still in every second"
            time.sleep(max(0.0, start + 1.2 - time.monotonic()))
            before, late = late, self.office.late_turns()
            if late == before and self.office.clock.kept_time(start - 0.2, start + 1.2):
                self.hears_in(start, expected)
                counted += 1
            start += 1

    def hears_in(self, start, expected):
        foreign = {f"{letter} next door": TONES[letter][(self.index + 4) % len(TONES[letter])] for letter in TONES}
        for leg, letters in expected.items():
            sound = leg.heard(start, start + 1)
            assert len(sound) >= 0.8 * 8000, f"{leg.phone.user} got only {len(sound)} samples in a second"
            for name, tone in {**self.tones, **foreign}.items():
                heard = self.office.level(sound, tone)
                if name in letters and len(name) == 1:
                    assert HEARD_MIN <= heard <= HEARD_MAX, f"{leg.phone.user} hears {name} at {heard:.3f}"
                else:
                    assert heard <= UNHEARD_MAX, f"{leg.phone.user} hears {name} at {heard:.4f}"

    def never(self, leg, tone):
        """Not even for a moment, in all that the leg was sent."""
        sound = b"".join(packet.payload for packet in list(leg.packets))
        step = 400
        for start in range(0, len(sound) - step, step):
            heard = self.office.level(sound[start:start + step], tone)
            # A twentieth of a second has no sharper view than this.
            assert heard < 0.12, f"{leg.phone.user} hears {tone} Hz at {heard:.3f} after {start / 8000:.2f} s"

    @staticmethod
    def unbroken(leg):
        """One stream without a hole, and no re-INVITE."""
        packets = list(leg.packets)
        assert leg.reinvites == 0
        assert len({packet.ssrc for packet in packets}) == 1
        for one, next_one in zip(packets, packets[1:]):
            assert (next_one.sequence - one.sequence) & 0xFFFF == 1, f"{leg.phone.user}: a packet is missing"
            assert (next_one.timestamp - one.timestamp) & 0xFFFFFFFF == 160, f"{leg.phone.user}: the timeline jumps"


class Office:
    """`with Office(binary, folder, stations) as office:`; `more` is added to the server's configuration."""

    def __init__(self, binary, folder, stations, more=""):
        try:
            os.setpriority(os.PRIO_PROCESS, 0, -10)  # phones must speak in time on a busy machine
        except PermissionError:
            pass
        self.config = os.path.join(folder, "sotto.toml")
        write_config(self.config, stations, more)
        self.server = Server(binary, folder, "--config", self.config)
        host, port = self.server.sip.rsplit(":", 1)
        self.sip = (host, int(port))
        # Forked before the phones' thread is there. Sums of tones would hold up its clock.
        self.workers = concurrent.futures.ProcessPoolExecutor(1)
        self.workers.submit(int).result()
        self.clock = Clock()
        self.api = Api(self.server.http)
        self.free = queue.Queue()
        for index in range(stations):
            self.free.put(Station(self, index))
        self.stations = stations

    def late_turns(self):
        """How often the server could not mix in time."""
        lines = self.api.send("GET", "/metrics").text.splitlines()
        return float(next(line for line in lines if line.startswith("sotto_media_turns_late_total ")).split()[1])

    def level(self, sound, tone):
        return self.workers.submit(level, sound, tone).result()

    def run(self, rows):
        """Every row on a station of its own, as many at once as there are stations; prints each outcome."""
        def one(row):
            station = self.free.get()
            try:
                started = time.monotonic()
                row(station)
                return row, None, time.monotonic() - started
            except Exception as error:  # a row's failure is its result
                return row, error, time.monotonic() - started
            finally:
                station.reset()
                self.free.put(station)

        failed = 0
        with concurrent.futures.ThreadPoolExecutor(self.stations) as pool:
            for row, error, seconds in pool.map(one, rows):
                print(f"{'ok  ' if error is None else 'FAIL'} {row.__name__} {seconds:.1f} s"
                      + (f": {type(error).__name__} {error}" if error else ""), flush=True)
                failed += error is not None
        return failed

    def __enter__(self):
        self.server.__enter__()
        return self

    def __exit__(self, *what):
        self.workers.shutdown()
        self.server.__exit__(*what)

