#!/usr/bin/env python3
"""baresip, a phone that is not ours: it registers over UDP, TCP and TLS, calls and is called, with and without SRTP,
holds, and sends digits."""

import sys
import tempfile

from server import Server
from sip_rig import Baresip, free_port, make_certificate, phone_table, wait_until_idle, write_config


def call(caller, callee, extension, domain):
    """A call that is answered, with a hold between two digits."""
    caller.command("dial", f"sip:{extension}@{domain}")
    for phone in (caller, callee):
        phone.expect("CALL_ESTABLISHED")
        phone.expect("CALL_RTPESTAB")
    caller.command("sndcode", "5")
    callee.expect("CALL_DTMF_START", param="5")
    caller.command("hold")
    caller.command("resume")
    caller.command("sndcode", "6")
    callee.expect("CALL_DTMF_START", param="6")
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
                    Baresip(folder, "eve", domain, tls, "tls", secure=True) as eve:
                for phone in (ann, bob, eve):
                    phone.expect_registered()
                call(ann, bob, "311", domain)
                call(bob, ann, "310", domain)
                call(eve, ann, "310", domain)
                wait_until_idle(server)


main()
