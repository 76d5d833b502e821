#!/usr/bin/env python3
"""sipp as phone, caller and trunk: authentication, TCP, re-INVITE, CANCEL, 100rel, session timers, late offers,
digits by INFO, and a callee who is busy. Not TLS: Debian builds sipp without it; sip_baresip.py and sip_tls_storm.py
use it."""

import os
import sys
import tempfile

import sipp_scenarios as sc
from server import Server
from sip_rig import PASSWORD, Sipp, free_port, phone_table, wait_until, wait_until_idle, write_config

NUMBER = "12025550101"


def run(folder, name, sip, steps, *arguments, calls=1):
    path = sc.write(os.path.join(folder, name + ".xml"), *steps)
    with Sipp(folder, name, "-sf", path, "-s", NUMBER, *arguments, sip, calls=calls) as caller:
        caller.check()


def phones(binary, folder):
    """A phone that must say its password, calling out through a trunk."""
    os.mkdir(folder)
    port = free_port()
    config = write_config(folder, phone_table("ann", "310"), f'[[trunk]]\nname = "out"\nhosts = ["127.0.0.1:{port}"]\n'
                          'probes = false\n')  # sipp's own scenario knows no OPTIONS
    login = f"[authentication username=ann password={PASSWORD}]\n"
    register = [sc.request("REGISTER", 1, in_dialog=False, target="sip:[remote_ip]"), sc.receive(401, auth=True),
                sc.request("REGISTER", 2, login + "Expires: 600\n", in_dialog=False, target="sip:[remote_ip]"),
                sc.receive(200)]
    # The address-of-record is the phone's own.
    register = [step.replace("sip:caller@[local_ip]:[local_port]>;tag", "sip:ann@[remote_ip]>;tag")
                .replace("<sip:[service]@[remote_ip]:[remote_port]>", "<sip:ann@[remote_ip]>") for step in register]
    call = [sc.INVITE, sc.receive(100, optional=True), sc.receive(407, auth=True), sc.failed_ack(3),
            sc.request("INVITE", 2, login, sc.offer(), in_dialog=False), *sc.RINGS, sc.receive(200, rrs=True),
            sc.request("ACK", 2), sc.pause(200), *sc.HANGS_UP]
    with Server(binary, folder, "--config", config) as server, \
            Sipp(folder, "trunk", "-sf", sc.answers(folder), "-p", str(port), calls=2) as trunk:
        run(folder, "register", server.sip, register)
        run(folder, "register-tcp", server.sip, register, "-t", "t1")
        run(folder, "call", server.sip, call)
        run(folder, "call-tcp", server.sip, call, "-t", "t1")
        trunk.check()
        wait_until_idle(server)


def hold(direction, version):
    return [sc.request("INVITE", version, body=sc.offer(version, direction)), sc.receive(100, optional=True),
            sc.receive(200, ereg="a=(recvonly|sendrecv|inactive)"), sc.request("ACK", version)]


def carriers(binary, folder):
    """Calls from a trunk, forwarded to a sipp that answers or rings for long."""
    os.mkdir(folder)
    answers, rings, busy = free_port(), free_port(), free_port()
    numbers = "".join(f'[[number]]\nnumber = "{number}"\ncountry = "US"\nforward_to = ["sip:bob@127.0.0.1:{port}"]\n'
                      for number, port in ((NUMBER, answers), ("12025550102", rings), ("12025550103", busy)))
    config = write_config(folder, '[[trunk]]\nname = "in"\nallow_from = ["127.0.0.1"]\n', numbers)
    up = [sc.INVITE, *sc.RINGS, sc.receive(200, rrs=True), sc.ACK, sc.pause(100)]
    ringing = sc.write(os.path.join(folder, "rings.xml"), sc.receive(method="INVITE"), sc.reply("180 Ringing"),
                       sc.receive(method="CANCEL"), sc.reply("200 OK"),
                       sc.reply("487 Request Terminated").replace("[last_CSeq:]", "CSeq: 1 INVITE"),
                       sc.receive(method="ACK"))
    cancelled = [sc.INVITE, sc.receive(100, optional=True), sc.receive(180), sc.pause(100),
                 sc.request("CANCEL", 1, in_dialog=False).replace("branch=[branch]", "branch=[branch-4]"),
                 sc.receive(200), sc.receive(487), sc.failed_ack(7)]
    rings_reliably = ('<recv response="180" rrs="true"><action><ereg regexp="RSeq: *([0-9]+)" search_in="msg" check_it="true" '
                      'assign_to="1,2"/><log message="[$1]"/></action></recv>')
    require = [sc.request("INVITE", 1, "Require: 100rel\n", sc.offer(), in_dialog=False), sc.receive(100, optional=True),
               rings_reliably, sc.request("PRACK", 2, "RAck: [$2] 1 INVITE\n"), sc.receive(200), sc.receive(200), sc.ACK,
               *sc.HANGS_UP]
    too_short = [sc.request("INVITE", 1, "Supported: timer\nSession-Expires: 30\n", sc.offer(), in_dialog=False),
                 sc.receive(100, optional=True), sc.receive(422, ereg="Min-SE: 90"), sc.failed_ack(3)]
    timer = [sc.request("INVITE", 1, "Supported: timer\nSession-Expires: 120;refresher=uac\n", sc.offer(),
                        in_dialog=False), *sc.RINGS, sc.receive(200, ereg="Session-Expires: 120;refresher=uac", rrs=True),
             sc.ACK, sc.request("UPDATE", 2, "Supported: timer\nSession-Expires: 120;refresher=uac\n"),
             sc.receive(200, ereg="Session-Expires: 120"), *sc.HANGS_UP]
    digit = "Signal=5\nDuration=160\n"
    keys = sc.request("INFO", 4, "Content-Type: application/dtmf-relay\n").replace("\n\n]]", f"\n\n{digit}]]")
    refused = [sc.INVITE, sc.receive(100, optional=True), sc.receive(180, optional=True), sc.receive(486),
               sc.failed_ack(4)]
    with Server(binary, folder, "--config", config) as server, \
            Sipp(folder, "busy", "-sf", sc.refuses(folder, "486 Busy Here"), "-p", str(busy)) as engaged, \
            Sipp(folder, "answers", "-sf", sc.answers(folder), "-p", str(answers), calls=5) as uas, \
            Sipp(folder, "rings", "-sf", ringing, "-p", str(rings)) as ringer:
        run(folder, "reinvite", server.sip, [*up, *hold("sendonly", 2), sc.pause(100), *hold("sendrecv", 3), keys,
                                             sc.receive(200), *sc.HANGS_UP])
        run(folder, "busy-caller", server.sip, refused, "-s", "12025550103")
        engaged.check()
        run(folder, "timer", server.sip, timer)
        run(folder, "require", server.sip, require)
        run(folder, "too-short", server.sip, too_short)
        run(folder, "cancel", server.sip, cancelled, "-s", "12025550102")
        ringer.check()
        late_offer(folder, server.sip, answers)
        uas.check()
        wait_until_idle(server)


def listens(port):
    """Whether somebody takes TCP connections there."""
    with open("/proc/net/tcp") as file:
        return any(f":{port:04X} 00000000:0000 0A" in line for line in file)


def late_offer(folder, sip, far):
    """Third-party call control: the controller offers nothing to us, and takes our offer to the other side."""
    port = free_port()
    control = f"127.0.0.1:{port}"
    with Sipp(folder, "3pcc-b", "-sn", "3pcc-C-B", "-3pcc", control, f"127.0.0.1:{far}") as other:
        wait_until(lambda: listens(port), "the controller's other half")
        with Sipp(folder, "3pcc-a", "-sn", "3pcc-C-A", "-s", NUMBER, "-3pcc", control, sip) as ours:
            ours.check()
            other.check()


def main():
    with tempfile.TemporaryDirectory() as folder:
        phones(sys.argv[1], os.path.join(folder, "phones"))
        carriers(sys.argv[1], os.path.join(folder, "carriers"))


main()
