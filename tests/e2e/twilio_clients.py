#!/usr/bin/env python3
"""The vendor's own client for Node against every resource, its TwiML and its validator: see node/twilio/clients.js; and what
its builder can write: node/twilio/builder.js."""

import os
import subprocess
import sys

from twilio_lab import SID, TOKEN, check, lab

HERE = os.path.dirname(os.path.abspath(__file__))
PHONE = "12025550171"


def main():
    with lab(sys.argv[1], PHONE) as server:
        server.agent("phone", PHONE, 500)
        environment = {**os.environ, "SOTTO_HTTP": server.base, "TWILIO_SID": SID, "TWILIO_TOKEN": TOKEN,
                       "PHONE": "+" + PHONE}
        script = os.path.join(HERE, "node", "twilio", "clients.js")
        ended = subprocess.run(["node", script], env=environment, timeout=120, capture_output=True, text=True)
        check(ended.returncode == 0, ended.stdout + ended.stderr)
        builder = os.path.join(HERE, "node", "twilio", "builder.js")
        read = subprocess.run(["node", builder], env={**os.environ, "SOTTO": os.path.abspath(sys.argv[1])}, timeout=120,
                              capture_output=True, text=True)
        check(read.returncode == 0, read.stdout + read.stderr)
        server.wait_until_idle()


main()
