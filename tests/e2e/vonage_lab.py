"""A server, its Vonage account, small apps and phones, for the tests of that dialect: what each phone heard is measured."""

import array
import base64
import ctypes
import json
import math
import os
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import wave

from ports import free_port
from server import Server

KEY, SECRET = "abcd1234", "s3cretS3cret"
HERE = os.path.dirname(os.path.abspath(__file__))
WAIT_MAX = 30.0
FLASK_PYTHON = "/usr/bin/python3"  # the interpreter that python3-flask is for


def wait_until(condition, what, most=WAIT_MAX):
    deadline = time.monotonic() + most
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise SystemExit(f"waited too long for {what}")
        time.sleep(0.02)


def check(condition, what):
    if not condition:
        raise SystemExit(what)


def application_token(application, key):
    """A JWT of an application; `key` is the file of its private key."""
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    claims = {"application_id": application, "iat": int(time.time()), "jti": os.urandom(8).hex()}
    text = part(b'{"alg":"RS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text, capture_output=True,
                               check=True).stdout
    return (text + b"." + part(signature)).decode()


class Lab:
    """`with Lab(binary, agents={"12025550177": port}) as lab:`; the agents' numbers lead to phones on those ports."""

    def __init__(self, binary, agents, settings=""):
        self.binary = binary
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.children = []
        config = os.path.join(self.folder, "sotto.toml")
        with open(config, "w") as file:
            file.write(f'[account.vonage]\napi_key = "{KEY}"\napi_secret = "{SECRET}"\n'
                       'signature_secret = "signature"\n'
                       '[[pool]]\nname = "test"\ncountry = "US"\n'
                       f'numbers = {json.dumps([str(number) for number in range(12025550101, 12025550109)])}\n'
                       '[[trunk]]\nname = "callers"\nhosts = ["127.0.0.1:9"]\nallow_from = ["127.0.0.0/29"]\n'
                       'destinations = ["999"]\n')
            for number, port in agents.items():
                file.write(f'[[trunk]]\nname = "to {number}"\nhosts = ["127.0.0.1:{port}"]\n'
                           f'destinations = ["{number}"]\nprobes = false\n')
            file.write(settings)
        self.server = Server(binary, self.folder, "--config", config)
        self.base = f"http://{self.server.http}"

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self.server.__exit__(kind, *rest)
        self.temporary.cleanup()

    def path(self, name):
        return os.path.join(self.folder, name)

    # HTTP

    def ask(self, method, path, body=None, headers=None, token=None, data=None):
        """Status and JSON of the answer; `data` is a body that is no JSON."""
        request = urllib.request.Request(self.base + path, method=method)
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if token is None:
            secret = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
            request.add_header("Authorization", f"Basic {secret}")
        else:
            request.add_header("Authorization", f"Bearer {token}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, data, timeout=30) as reply:
                return reply.status, parsed(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, parsed(error.read())

    def create_application(self, answer_url, event_url, name="test"):
        hooks = {"answer_url": {"address": answer_url}, "event_url": {"address": event_url}}
        status, application = self.ask("POST", "/v2/applications",
                                       {"name": name, "capabilities": {"voice": {"webhooks": hooks}}})
        check(status == 201, f"create application: {status} {application}")
        key = self.path(application["id"] + ".key")
        with open(key, "w") as file:
            file.write(application["keys"]["private_key"])
        return application["id"], key

    def link(self, number, application):
        form = urllib.parse.urlencode({"country": "US", "msisdn": number})
        check(self.ask("POST", f"/number/buy?{form}")[0] == 200, "buy")
        check(self.ask("POST", f"/number/update?{form}&app_id={application}")[0] == 200, "link")

    def token(self, application, key):
        return application_token(application, key)

    # Processes

    def node(self, script, **environment):
        """An app in Node; it must print a line `listening` when it is ready."""
        return self.app(["node", os.path.join(HERE, "node", "vonage", script)], environment)

    def flask(self, script, **environment):
        """An app on Debian's Flask, likewise."""
        return self.app([FLASK_PYTHON, os.path.join(HERE, "flask", script)], environment)

    def app(self, command, environment):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL, cwd=self.folder,
                                 env={**os.environ, "SOTTO_HTTP": self.base, **environment})
        self.children.append(child)
        for line in child.stdout:
            if line.startswith("listening"):
                threading.Thread(target=child.stdout.read, daemon=True).start()
                return child
        raise SystemExit(f"{command} did not start")

    def phone(self, name, *arguments):
        child = Phone(self, name, arguments)
        self.children.append(child.process)
        return child

    def caller(self, number, name="caller", *arguments):
        return self.phone(name, "--dial", f"sip:{number}@{self.server.sip}", "--user", "12025550150", *arguments)

    def metrics(self):
        with urllib.request.urlopen(self.base + "/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")}

    def wait_until_idle(self):
        wait_until(lambda: self.metrics()["sotto_legs"] == 0, "the legs to end")
        left = self.metrics()
        for name in ("sotto_orphans", "sotto_programs", "sotto_media_audience_violations_total"):
            check(left[name] == 0, f"{name} is {left[name]}")


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


class Phone:
    """`sotto phone`, and afterwards what it heard."""

    def __init__(self, lab, name, arguments):
        self.recording = lab.path(name + ".wav")
        self.name = name
        # The phone's first RTP port, and the hundred that follow.
        Phone.rtp = getattr(Phone, "rtp", 40_000) + 200
        self.process = subprocess.Popen(
            [lab.binary, "phone", "--rtp-min", str(Phone.rtp), "--record", self.recording, *arguments],
            stdout=subprocess.PIPE, text=True)
        self.events = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_until(lambda: self.events, f"{name} to start")

    def _read(self):
        for line in self.process.stdout:
            try:
                self.events.append((time.monotonic(), json.loads(line)))
            except ValueError:
                pass

    def seen(self, event):
        return any(each.get("event") == event for _, each in self.events)

    def wait_for(self, event):
        wait_until(lambda: self.seen(event), f"{self.name}: {event}")

    def end(self):
        """Waits for the end of its call; then it can be listened to."""
        try:
            self.process.wait(timeout=WAIT_MAX)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"the phone {self.name} did not end: {self.events}") from None
        self.reader.join(timeout=WAIT_MAX)
        return Heard(self.recording)


class Heard:
    """A recording in windows of 100 ms."""

    WINDOW = 0.1

    def __init__(self, path):
        with wave.open(path) as file:
            self.rate = file.getframerate()
            channels = file.getnchannels()
            samples = array.array("h", file.readframes(file.getnframes()))
        self.samples = samples[::channels]
        self.size = int(self.rate * self.WINDOW)
        self.windows = [self.samples[i:i + self.size] for i in range(0, len(self.samples) - self.size, self.size)]

    def level(self, window):
        return math.sqrt(sum(s * s for s in window) / len(window))

    def tone(self, window, hertz):
        """The share of the window's energy at this frequency, 0 to 1."""
        step = 2 * math.pi * hertz / self.rate
        real = sum(s * math.cos(step * i) for i, s in enumerate(window))
        imaginary = sum(s * math.sin(step * i) for i, s in enumerate(window))
        energy = sum(s * s for s in window) * len(window) / 2
        return (real * real + imaginary * imaginary) / energy if energy > 0 else 0.0

    def classify(self, tones, quiet=60):
        """For each window the name of what dominates it: a tone's (of one frequency or of several), "other" (speech), or
        "silence"."""
        out = []
        for window in self.windows:
            name = "silence" if self.level(window) < quiet else self.dominant(window, tones, 0.6)
            out.append(self.chopped(window, tones, quiet) if name == "other" else name)
        return out

    def dominant(self, window, tones, least):
        shares = {name: sum(self.tone(window, each) for each in (hertz if isinstance(hertz, tuple) else (hertz,)))
                  for name, hertz in tones.items()}
        name = max(shares, key=shares.get)
        return name if shares[name] > least else "other"

    def chopped(self, window, tones, quiet):
        """A window in which a tone begins, ends or leaps, since packets came late on a machine that had no time for them: most
        of its pieces, a packet long, are still that pure tone, which those of speech are not."""
        piece = self.size // 5
        pieces = [window[i:i + piece] for i in range(0, self.size - piece + 1, piece // 2)]
        names = [self.dominant(each, tones, 0.8) for each in pieces if self.level(each) >= quiet]
        name = max(set(names), key=names.count, default="other")
        return name if names.count(name) >= 0.6 * len(names) else "other"


def runs(names, shortest=2):
    """What was heard, in order: windows of the same kind as one, blips left out."""
    out = []
    for name in names:
        if out and out[-1][0] == name:
            out[-1][1] += 1
        else:
            out.append([name, 1])
    return [(name, count) for name, count in out if count >= shortest]


def speech(names):
    """Whether there is a second most of which is speech. The least that is ever said is longer."""
    return any(names[i:i + 10].count("other") > 5 for i in range(max(1, len(names) - 9)))


def write_tone(path, hertz, seconds=2.0, rate=8000):
    with wave.open(path, "w") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.array("h", [int(9000 * math.sin(2 * math.pi * hertz * i / rate))
                                           for i in range(int(rate * seconds))]).tobytes())


def write_mp3_tone(path, hertz, seconds=2.0, rate=44100):
    """As mp3, by the library that encodes recordings."""
    lame = ctypes.CDLL("libmp3lame.so.0")
    lame.lame_init.restype = ctypes.c_void_p
    coder = ctypes.c_void_p(lame.lame_init())
    lame.lame_set_num_channels(coder, 1)
    lame.lame_set_in_samplerate(coder, rate)
    check(lame.lame_init_params(coder) >= 0, "LAME refuses")
    count = int(rate * seconds)
    samples = (ctypes.c_short * count)(*[int(9000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(count)])
    out = (ctypes.c_ubyte * (2 * count + 8192))()
    size = lame.lame_encode_buffer(coder, samples, samples, count, out, len(out))
    rest = (ctypes.c_ubyte * 8192)()
    more = lame.lame_encode_flush(coder, rest, len(rest))
    lame.lame_close(coder)
    check(size > 0 and more >= 0, "LAME failed")
    with open(path, "wb") as file:
        file.write(bytes(out[:size]) + bytes(rest[:more]))
