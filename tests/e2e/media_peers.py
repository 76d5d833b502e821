#!/usr/bin/env python3
"""baresip both ways with each codec it has, plain, by SDES and by DTLS: each phone says one tone and records what it
hears. The phones of a pair differ in codec and protection, so that the server decodes, mixes and encodes."""

import glob
import math
import os
import struct
import sys
import tempfile

from server import Server
from sip_rig import TWO_MEDIA_THREADS, Baresip, phone_table, wait_until, wait_until_idle, write_config

MODULES = {"PCMU": "g711", "PCMA": "g711", "G722": "g722", "opus": "opus", "L16": "l16"}
ENCRYPTIONS = {"": "", "srtp-mand": "srtp", "dtls_srtp": "dtls_srtp"}
OFFERED = {"": "plain", "srtp-mand": "sdes", "dtls_srtp": "dtls"}  # by the server, to such a phone
# Codec, rate and protection of caller and callee.
PAIRS = [
    (("PCMU/8000/1", ""), ("PCMA/8000/1", "srtp-mand")),
    (("G722/16000/1", "dtls_srtp"), ("opus/48000/2", "srtp-mand")),
    (("L16/16000/1", ""), ("opus/48000/2", "dtls_srtp")),
    (("PCMU/8000/1", "srtp-mand"), ("PCMU/8000/1", "dtls_srtp")),
    (("opus/48000/2", ""), ("G722/16000/1", "")),
]
HEAD = 44  # bytes of a wav file's
TALK = 1.2  # seconds that each must have heard


class Phone(Baresip):
    """One that can do a single codec and protection, says a tone and keeps what it hears."""

    def __init__(self, folder, user, server, codec, protection, hertz):
        self.hertz = hertz
        self.codec = codec
        self.protection = protection
        super().__init__(folder, user, "127.0.0.1", server.sip)

    def _write(self, name, text):
        if name == "config":
            wanted = {MODULES[self.codec.split("/")[0]], ENCRYPTIONS[self.protection], "sndfile"} - {""}
            replaced = ("module g711", "module srtp", "audio_source", "ausrc_", "statmode")
            lines = [line for line in text.splitlines() if not line.startswith(replaced)]
            lines += [f"module {module}.so" for module in sorted(wanted)]
            # Its source of tones knows but one format.
            lines += [f"audio_source ausine,{self.hertz}", "ausrc_srate 48000", "ausrc_channels 2", "statmode_default off",
                      f"snd_path {self.folder}"]
            text = "\n".join(lines) + "\n"
        elif name == "accounts":
            media = f";mediaenc={self.protection}" if self.protection else ""
            text = text.rstrip("\n") + f";audio_codecs={self.codec}{media}\n"
        super()._write(name, text)

    def recorded(self, what):
        """One channel of what the phone said ("enc") or heard ("dec"), and its rate."""
        names = glob.glob(os.path.join(self.folder, f"dump-*-{what}.wav"))
        if not names:
            return [], 8000
        with open(names[0], "rb") as file:
            data = file.read()
        if len(data) <= HEAD:  # begun just now
            return [], 8000
        channels, rate = struct.unpack_from("<HI", data, 22)
        raw = memoryview(data[HEAD:len(data) - (len(data) - HEAD) % (2 * channels)]).cast("h")
        return raw[::channels].tolist(), rate


def share(samples, rate, hertz):
    """How much of the sound is that tone, 0 to 1."""
    energy = sum(sample * sample for sample in samples)
    if energy == 0:
        return 0.0
    turn = 2 * math.pi * hertz / rate
    real = sum(sample * math.cos(turn * i) for i, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * i) for i, sample in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)


def shares(samples, rate, hertz):
    """Of the newest half second, window by window."""
    window = rate // 10
    newest = samples[-5 * window:]
    return [share(newest[i * window:(i + 1) * window], rate, hertz) for i in range(5)]


def hears(listener, speaker):
    """The other's tone as purely as he says it: baresip's own change of rates spoils some."""
    heard, rate = listener.recorded("dec")
    said, rate_said = speaker.recorded("enc")
    if len(heard) < TALK * rate or len(said) < TALK * rate_said:
        return False
    purity = min(shares(said, rate_said, speaker.hertz))
    return purity > 0.25 and min(shares(heard, rate, speaker.hertz)) > 0.9 * purity


def story(listener, speaker):
    """What went wrong, in numbers."""
    recordings = ((speaker, "enc"), (listener, "dec"))
    parts = [(name, len(phone.recorded(name)[0]), shares(*phone.recorded(name), speaker.hertz))
             for phone, name in recordings]
    return f"{parts}\n{listener.log()}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        users = [(f"caller{i}", f"callee{i}", str(400 + i), str(500 + i)) for i in range(len(PAIRS))]
        tables = [phone_table(user, extension) + f'security = "{OFFERED[protection]}"\n'
                  for (caller, callee, from_, to), ((_, callers), (_, callees)) in zip(users, PAIRS)
                  for user, extension, protection in ((caller, from_, callers), (callee, to, callees))]
        with Server(sys.argv[1], folder, "--config", write_config(folder, TWO_MEDIA_THREADS, *tables)) as server:
            pairs = []
            try:
                for i, ((caller, callee, _, _), (from_, to)) in enumerate(zip(users, PAIRS)):
                    pairs.append((Phone(folder, caller, server, *from_, 500 + 60 * i),
                                  Phone(folder, callee, server, *to, 900 + 70 * i)))
                for phone in [phone for pair in pairs for phone in pair]:
                    wait_until(lambda: "200 OK (Sotto) [1 binding]" in phone.log() or phone.has("REGISTER_OK"),
                               "a registration", phone.log)
                for (caller, _), (_, _, _, to) in zip(pairs, users):
                    caller.command("dial", f"sip:{to}@127.0.0.1")
                for caller, callee in pairs:
                    for phone, other in ((caller, callee), (callee, caller)):
                        phone.expect("CALL_ESTABLISHED")
                        wait_until(lambda: hears(phone, other),
                                   f"{phone.codec} {phone.protection} to hear {other.codec} {other.protection}",
                                   lambda: story(phone, other))
                for caller, callee in pairs:
                    caller.command("hangup")
                    callee.expect("CALL_CLOSED")
                wait_until_idle(server)
            finally:
                for phone in [phone for pair in pairs for phone in pair]:
                    phone.__exit__(None, None, None)


main()
