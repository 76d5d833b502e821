#!/usr/bin/env python3
"""A certificate is renewed while the server runs: HTTPS and SIP over TLS show the new one after a reload, and keep it when
the next file is broken."""

import os
import ssl
import subprocess
import sys
import tempfile
import time

from server import Server

TIMEOUT = 20.0


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"], check=True,
                   capture_output=True)
    with open(f"{folder}/certificate.pem") as file:
        return file.read().strip()


def served(address):
    host, port = address.rsplit(":", 1)
    return ssl.get_server_certificate((host, int(port))).strip()


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited too long for {what}")
        time.sleep(0.05)


def main():
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data")
        os.makedirs(data)
        config = os.path.join(folder, "sotto.toml")
        with open(config, "w") as file:
            file.write(f'''[server]
https = "127.0.0.1:0"
sip_tls = "127.0.0.1:0"
tls_certificate = "{folder}/certificate.pem"
tls_key = "{folder}/key.pem"
''')
        first = make_certificate(folder, "first.example")
        with Server(sys.argv[1], data, "--config", config) as server:
            doors = server.ready["https"], server.ready["sip_tls"]
            if any(served(door) != first for door in doors):
                raise SystemExit("another certificate than the file's")
            second = make_certificate(folder, "second.example")
            server.reload()
            wait_until(lambda: all(served(door) == second for door in doors), "the new certificate")
            with open(f"{folder}/certificate.pem", "w") as file:
                file.write("broken")
            server.reload()
            wait_until(lambda: "reload refused" in server.log(), "the refusal")
            if any(served(door) != second for door in doors):
                raise SystemExit("a broken file changed the certificate")


main()
