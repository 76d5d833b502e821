#!/usr/bin/env python3
"""baresip, a phone that is not ours: it registers over UDP, TCP and TLS, calls and is called, with and without SRTP,
holds, and sends digits. `sotto sip trace` shows what went over the wire."""

import os
import subprocess
import sys
import tempfile

from server import Server
from sip_rig import Baresip, free_port, make_certificate, phone_table, wait_until, wait_until_idle, write_config


def trace(server, *arguments):
    """What the operator sees of it."""
    done = subprocess.run([sys.argv[1], "sip", "trace", "--url", f"http://{server.http}", "--data", server.folder,
                           *arguments], capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise SystemExit(f"sotto sip trace: {done.stderr}")
    return done.stdout


def call_id(phone):
    """Of the phone's last call."""
    return next(event["id"] for event in reversed(phone.events) if event.get("type") == "CALL_ESTABLISHED")


def call(server, caller, callee, extension, domain):
    """A call that is answered, with a digit and a hold in it."""
    caller.command("dial", f"sip:{extension}@{domain}")
    for phone in (caller, callee):
        phone.expect("CALL_ESTABLISHED")
        phone.expect("CALL_RTPESTAB")
    ours = call_id(caller)
    caller.command("sndcode", "5")
    callee.expect("CALL_DTMF_START", param="5")
    # Both re-INVITEs and their answers, as the trace of this one SIP call shows them.
    caller.command("hold")
    wait_until(lambda: "a=sendonly" in trace(server, "--call", ours, "--messages"), "the hold", server.log)
    wait_until(lambda: "a=recvonly" in trace(server, "--call", ours, "--messages"), "its answer", server.log)
    caller.command("resume")
    wait_until(lambda: trace(server, "--call", ours).count(" INVITE sip:") >= 3, "the resumption", server.log)
    if caller.has("CALL_CLOSED") or callee.has("CALL_CLOSED"):
        raise SystemExit("the call did not survive the hold")
    caller.command("hangup")
    callee.expect("CALL_CLOSED")
    caller.expect("CALL_CLOSED")
    caller.forget()
    callee.forget()
    return ours


def check_trace(server, folder, sip_call):
    ladder = trace(server, "--call", sip_call)
    for line in ("INVITE sip:311 (sdp) ", "180 Ringing", "200 OK (sdp)", " ACK ", " BYE "):
        if line not in ladder:
            raise SystemExit(f"no {line} in the ladder\n{ladder}")
    everything = trace(server)
    if "REGISTER" not in everything or len(everything) <= len(ladder):
        raise SystemExit(f"the trace of all is no more than that of one call\n{everything}")
    pcap = os.path.join(folder, "call.pcap")
    trace(server, "--call", sip_call, "--pcap", pcap)
    with open(pcap, "rb") as file:
        data = file.read()
    if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4") or b"INVITE sip:311" not in data:
        raise SystemExit("no pcap file")


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
                check_trace(server, folder, call(server, ann, bob, "311", domain))
                call(server, bob, ann, "310", domain)
                secured = call(server, eve, ann, "310", domain)
                told = trace(server, "--call", secured, "--messages")
                if "RTP/SAVP" not in told or "inline:..." not in told or "Via: SIP/2.0/TLS" not in told:
                    raise SystemExit(f"not over TLS, not SRTP, or its keys are shown\n{told}")
                wait_until_idle(server)


main()
