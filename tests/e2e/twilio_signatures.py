#!/usr/bin/env python3
"""The vendor's validator for Node accepts every webhook, of apps at http and https addresses with and without a port: see
node/twilio/signatures.js, which is also the proxy through which all of them are reached."""

import os
import subprocess
import sys
import tempfile

from sip_phone import Clock, Phone
from sip_rig import make_certificate
from twilio_lab import NUMBERS, SID, TOKEN, TwilioLab, check, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
PHONE = "12025550171"


def node(script, **environment):
    path = os.path.join(HERE, "node", "twilio", script)
    ended = subprocess.run(["node", path], env={**os.environ, **environment}, timeout=120, capture_output=True, text=True)
    check(ended.returncode == 0, ended.stdout + ended.stderr)
    print(ended.stdout.strip())


def main():
    phone = Phone(Clock(), None, "phone", 500)
    proxy = free_port()
    settings = f'[webhooks]\nproxy = "http://127.0.0.1:{proxy}"\nverify_tls = false\n'
    with tempfile.TemporaryDirectory() as folder, TwilioLab(sys.argv[1], {PHONE: phone.port}, settings) as server:
        host, port = server.server.sip.split(":")
        phone.server = (host, int(port))
        certificate, key = make_certificate(folder)
        node("signatures.js", SOTTO_HTTP=server.base, TWILIO_SID=SID, TWILIO_TOKEN=TOKEN, PHONE="+" + PHONE, FROM="+" + NUMBERS[0],
             PROXY=str(proxy), CERTIFICATE=certificate, KEY=key)
        server.wait_until_idle()


main()
