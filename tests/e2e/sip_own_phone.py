#!/usr/bin/env python3
"""`sotto phone`: several register at once and are called; callers press keys in each of the three ways, hold, and transfer
their call. What they heard is in their recordings."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import wave

import sip_phone
from server import Server
from sip_rig import PASSWORD, TIMEOUT, phone_table, wait_until_idle, write_config

WAYS = ("rfc4733", "info", "inband")
CALLER_TONE, CALLEE_TONE = 1000, 660
NOTE = 425  # for whom a phone holds


class Phones:
    """One process with one phone or more; its lines are `events`, by phone."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([sys.argv[1], "phone", "--password", PASSWORD, *arguments],
                                        stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.seen = []
        threading.Thread(target=lambda: [self.lines.put(json.loads(line)) for line in self.process.stdout],
                         daemon=True).start()

    def expect(self, **fields):
        deadline = time.monotonic() + TIMEOUT
        def matches(line):
            return all(line.get(key) == value for key, value in fields.items())
        while not any(map(matches, self.seen)):
            try:
                self.seen.append(self.lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                raise SystemExit(f"no {fields} from a phone, but {self.seen}") from None

    def finish(self):
        if self.process.wait(timeout=TIMEOUT) != 0:
            raise SystemExit(f"a phone had no call: {self.seen}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def loudest(path, hertz):
    """Of all windows of 0.2 s, the highest level of that frequency, as a part of full scale."""
    with wave.open(path) as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = [int.from_bytes(data[i:i + 2], "little", signed=True) for i in range(0, len(data), 2 * (rate // 8000))]
    mulaw = bytes(sip_phone.mulaw_encode(sample) for sample in samples)
    windows = [mulaw[i:i + 1600] for i in range(0, len(mulaw) - 1600, 1600)]
    return max((sip_phone.level(window, hertz) for window in windows), default=0.0)


def main():
    with tempfile.TemporaryDirectory() as folder:
        users = [f"callee{i}" for i in (1, 2, 3)] + [f"caller{i}" for i in (1, 2, 3)] + ["third"]
        config = write_config(folder, *(phone_table(user, str(310 + i)) for i, user in enumerate(users)))
        heard = {name: os.path.join(folder, name + ".wav") for name in ("callee", "third")}
        with Server(sys.argv[1], folder, "--config", config) as server, \
                Phones("--register", server.sip, "--user", "callee", "--count", "3", "--tone", str(CALLEE_TONE),
                       "--ring-ms", "50", "--record", heard["callee"]) as callees, \
                Phones("--register", server.sip, "--user", "third", "--ring-ms", "50", "--rtp-min", "41000",
                       "--tone", "880", "--record", heard["third"], "--hang-up-after-ms", "2500") as third:
            for i in (1, 2, 3):
                callees.expect(phone=f"callee{i}", event="registered")
            third.expect(event="registered")
            plans = [["--hold-after-ms", "2500", "--hold-ms", "3500", "--hang-up-after-ms", "8000"],
                     ["--transfer", "316", "--transfer-after-ms", "2500"],
                     ["--hang-up-after-ms", "4000"]]
            callers = [Phones("--register", server.sip, "--user", f"caller{i + 1}", "--dial", str(310 + i), "--press", "5",
                              "--press-by", way, "--tone", str(CALLER_TONE), "--rtp-min", str(42000 + 100 * i), *plan)
                       for i, (way, plan) in enumerate(zip(WAYS, plans))]
            for i in (1, 2, 3):
                callees.expect(phone=f"callee{i}", event="digit", digit="5")
            callers[1].expect(event="transfer", status="200")
            third.expect(event="answered")
            for phones in (*callers, third, callees):
                phones.finish()
            for number, tones in (("1", (CALLER_TONE, NOTE)), ("3", (CALLER_TONE,))):
                for tone in tones:
                    level = loudest(heard["callee"].replace(".wav", number + ".wav"), tone)
                    if level < 0.05:
                        raise SystemExit(f"callee{number} did not hear {tone} Hz: {level}")
            if loudest(heard["third"], CALLEE_TONE) < 0.05 or loudest(heard["third"], CALLER_TONE) > 0.05:
                raise SystemExit("the third did not hear whom he was given, or somebody else")
            wait_until_idle(server)


main()
