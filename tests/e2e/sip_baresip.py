#!/usr/bin/env python3
"""baresip, a phone that is not ours: it registers over UDP, TCP and TLS, calls and is called, holds, and sends digits."""

import sys
import tempfile
import time

from server import Server
from sip_rig import Baresip, free_port, make_certificate, phone_table, wait_until, wait_until_idle, write_config


def call(caller, callee, extension, domain):
    """A call that is answered, with a digit and a hold in it."""
    caller.command("dial", f"sip:{extension}@{domain}")
    callee.expect("CALL_INCOMING")
    callee.expect("CALL_ESTABLISHED")
    caller.expect("CALL_ESTABLISHED")
    time.sleep(0.3)  # of talk, so that RTP has found its way
    caller.command("sndcode", "5")
    callee.expect("CALL_DTMF_START", param="5")
    caller.command("hold")
    caller.command("resume")
    time.sleep(0.3)
    if caller.has("CALL_CLOSED") or callee.has("CALL_CLOSED"):
        raise SystemExit("the call did not survive the hold")
    caller.command("hangup")
    callee.expect("CALL_CLOSED")
    caller.expect("CALL_CLOSED")
    caller.forget()
    callee.forget()


def main():
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = make_certificate(folder)
        tls = f"127.0.0.1:{free_port()}"
        config = write_config(folder, phone_table("ann", "310"), phone_table("bob", "311"), phone_table("eve", "312"),
                              server=f'sip_tls = "{tls}"\ntls_certificate = "{certificate}"\ntls_key = "{key}"\n')
        with Server(sys.argv[1], folder, "--config", config) as server:
            domain = "127.0.0.1"
            with Baresip(folder, "ann", domain, server.sip) as ann, \
                    Baresip(folder, "bob", domain, server.sip, "tcp") as bob, \
                    Baresip(folder, "eve", domain, tls, "tls") as eve:
                for phone in (ann, bob, eve):
                    phone.expect("REGISTER_OK")
                    phone.forget()
                call(ann, bob, "311", domain)
                call(bob, eve, "312", domain)
                call(eve, ann, "310", domain)
                wait_until_idle(server)


main()
