"""What the SIP tests share: free ports, a server with phones and trunks, baresip, sipp, a certificate."""

import json
import os
import socket
import subprocess
import time
import urllib.request

from ports import free_port

TIMEOUT = 40.0
PASSWORD = "correct-horse"


def wait_until(condition, what, details=lambda: ""):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited too long for {what}\n{details()}")
        time.sleep(0.05)


def metrics(http):
    with urllib.request.urlopen(f"http://{http}/metrics", timeout=30) as reply:
        lines = reply.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def wait_until_idle(server):
    for name in ("sotto_legs", "sotto_sip_sessions"):
        wait_until(lambda: metrics(server.http)[name] == 0, f"{name} to be 0", server.log)
    if metrics(server.http)["sotto_orphans"] != 0:
        raise SystemExit("a leg is left that nobody drives")


def phone_table(user, extension, organisation="acme"):
    return (f'[[phone]]\nuser = "{user}"\npassword = "{PASSWORD}"\norganisation = "{organisation}"\n'
            f'extension = "{extension}"\n')


# On a machine of one processor, too, calls go from one to another.
TWO_MEDIA_THREADS = "[media]\nthreads = 2\n"


def write_config(folder, *tables, server=""):
    path = os.path.join(folder, "sotto.toml")
    with open(path, "w") as file:
        file.write("[server]\n" + server + '\n[[organisation]]\nname = "acme"\nprefix = "0042"\n\n' + "\n".join(tables))
    return path


def make_certificate(folder):
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


class Baresip:
    """A baresip in a process of its own, commanded over its control port; what it reports is kept."""

    def __init__(self, folder, user, domain, proxy, transport="udp", answers=True, secure=False, tone=440,
                 records=False):
        self.folder = os.path.join(folder, "baresip-" + user)
        os.mkdir(self.folder)
        control = free_port()
        rtp = free_port()
        recording = f"module sndfile.so\nsnd_path {self.folder}\nmodule aubridge.so\n" if records else ""
        player = "aubridge,sink" if records else "nil"
        self._write("config", f"""
sip_listen 127.0.0.1:0
sip_verify_server no
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
{recording}module uuid.so
module srtp.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
statmode_default off
audio_source ausine,{tone}
ausrc_srate 48000
ausrc_channels 2
audio_player {player}
audio_alert nil
rtp_ports {rtp}-{rtp + 100}
""")
        mode = "auto" if answers else "manual"
        media = "mediaenc=srtp-mand;" if secure else ""
        self._write("accounts", f'<sip:{user}@{domain}>;auth_user={user};auth_pass={PASSWORD};regint=60;answermode={mode};{media}'
                                f'outbound="sip:{proxy};transport={transport}"\n')
        self._write("contacts", "")
        self.log_path = os.path.join(self.folder, "log")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(["baresip", "-f", self.folder], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)
        self.socket = None
        self.events = []
        self.received = b""
        wait_until(lambda: self._connect(control), "baresip to start", self.log)

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def _connect(self, port):
        try:
            self.socket = socket.create_connection(("127.0.0.1", port), timeout=1)
            self.socket.setblocking(False)
            return True
        except OSError:
            return False

    def log(self):
        with open(self.log_path) as file:
            return file.read() + "\n" + "\n".join(map(str, self.events))

    def command(self, name, parameters=""):
        text = json.dumps({"command": name, "params": parameters, "token": name}).encode()
        self.socket.sendall(b"%d:%s," % (len(text), text))

    def _read(self):
        try:
            self.received += self.socket.recv(65536)
        except BlockingIOError:
            return
        while b":" in self.received:
            length, rest = self.received.split(b":", 1)
            if len(rest) <= int(length):
                return
            self.events.append(json.loads(rest[:int(length)]))
            self.received = rest[int(length) + 1:]

    def has(self, kind, **fields):
        self._read()
        return any(event.get("type") == kind and all(event.get(k) == v for k, v in fields.items())
                   for event in self.events)

    def expect_registered(self):
        """It may have registered before anybody listened for its events."""
        wait_until(lambda: "200 OK (Sotto) [1 binding]" in self.log(), "the registration of baresip", self.log)

    def expect(self, kind, **fields):
        wait_until(lambda: self.has(kind, **fields), f"{kind} {fields} from baresip", self.log)

    def forget(self):
        self._read()
        self.events.clear()

    def __enter__(self):
        return self

    def __exit__(self, kind, why, _):
        if kind is not None:
            print(f"{why}\n{self.log()}")
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Sipp:
    """One sipp; `check()` says whether its scenario ran to its end."""

    def __init__(self, folder, name, *arguments, calls=1):
        self.name = name
        self.folder = folder
        self.output = os.path.join(folder, name + ".out")
        if "-p" not in arguments:
            arguments = ("-p", str(free_port()), *arguments)
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(
                ["sipp", *arguments, "-i", "127.0.0.1", "-m", str(calls), "-nostdin", "-timeout", "30s",
                 "-timeout_error", "-trace_err", "-error_file", os.path.join(folder, name + ".err"),
                 "-trace_msg", "-message_file", os.path.join(folder, name + ".msg")],
                cwd=folder, stdout=out, stderr=subprocess.STDOUT)

    def log(self):
        text = ""
        for kind in ("err", "msg"):
            path = os.path.join(self.folder, f"{self.name}.{kind}")
            if os.path.exists(path):
                with open(path) as file:
                    text += file.read()[-6000:]
        return text

    def check(self):
        status = self.process.wait(timeout=TIMEOUT)
        if status != 0:
            raise SystemExit(f"sipp {self.name} ended with {status}\n{self.log()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
