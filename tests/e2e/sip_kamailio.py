#!/usr/bin/env python3
"""Kamailio in front of the server as a proxy that stays in the route: calls go through it both ways, to the server and from
it, and so do their ACK and BYE, whichever side hangs up."""

import os
import subprocess
import sys
import tempfile

import sipp_scenarios as sc
from server import Server
from sip_rig import Sipp, free_port, wait_until, wait_until_idle, write_config

NUMBER = "12025550101"
PROXY = """
debug=2
log_stderror=yes
fork=no
children=1
listen=udp:127.0.0.1:{port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "maxfwd.so"
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (has_totag()) {{
    if (!loose_route() && is_method("BYE")) {{ sl_send_reply("481", "No Route"); exit; }}
    if ($si == "127.0.0.1") t_relay();
    exit;
  }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  record_route();
  append_hf("X-Proxy: kamailio\\r\\n");
  if ($rU == "bob") {{ $du = "sip:127.0.0.1:{bob}"; }} else {{ $du = "sip:{server}"; }}
  t_relay();
}}
"""


class Proxy:
    def __init__(self, folder, port, **places):
        path = os.path.join(folder, "kamailio.cfg")
        with open(path, "w") as file:
            file.write(PROXY.format(port=port, **places))
        self.log_path = os.path.join(folder, "kamailio.log")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen(["kamailio", "-f", path, "-DD", "-E", "-Y", folder, "-P",
                                             os.path.join(folder, "kamailio.pid"), "-w", folder], stdout=log, stderr=log)
        probe = sc.write(os.path.join(folder, "probe.xml"),
                         sc.request("OPTIONS", 1, "X-Probe: 1\n", in_dialog=False), sc.receive(200))
        with Sipp(folder, "probe", "-sf", probe, "-s", "probe", f"127.0.0.1:{port}") as first:
            first.check()

    def log(self):
        with open(self.log_path) as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.log())
        self.process.terminate()
        self.process.wait(timeout=20)


def through(proxy):
    """The proxy's line in a message that came by it."""
    return f"Via: SIP/2.0/UDP 127.0.0.1:{proxy}"


def caller_hangs_up(folder, proxy, bob):
    steps = [sc.INVITE, *sc.RINGS, sc.receive(200, ereg="Record-Route: *&lt;sip:127.0.0.1", rrs=True),
             sc.request("ACK", 1, "[routes]\n"), sc.pause(200), sc.request("BYE", 2, "[routes]\n"), sc.receive(200)]
    path = sc.write(os.path.join(folder, "call.xml"), *steps)
    with Sipp(folder, "bob", "-sn", "uas", "-p", str(bob)) as callee, \
            Sipp(folder, "caller", "-sf", path, "-s", NUMBER, f"127.0.0.1:{proxy}") as caller:
        caller.check()
        callee.check()


def callee_hangs_up(folder, proxy, bob):
    steps = [sc.INVITE, *sc.RINGS, sc.receive(200, rrs=True), sc.request("ACK", 1, "[routes]\n"),
             sc.receive(method="BYE", ereg=through(proxy)), sc.bye_answer()]
    path = sc.write(os.path.join(folder, "called.xml"), *steps)
    with Sipp(folder, "bob2", "-sf", sc.hangs_up(folder, through(proxy)), "-p", str(bob)) as callee, \
            Sipp(folder, "caller2", "-sf", path, "-s", NUMBER, f"127.0.0.1:{proxy}") as caller:
        caller.check()
        callee.check()


def main():
    with tempfile.TemporaryDirectory() as folder:
        proxy, bob = free_port(), free_port()
        config = write_config(folder, '[[trunk]]\nname = "edge"\nallow_from = ["127.0.0.1"]\n',
                              f'[[number]]\nnumber = "{NUMBER}"\ncountry = "US"\n'
                              f'forward_to = ["sip:bob@127.0.0.1:{proxy}"]\n')
        with Server(sys.argv[1], folder, "--config", config) as server, \
                Proxy(folder, proxy, bob=bob, server=server.sip):
            caller_hangs_up(folder, proxy, bob)
            callee_hangs_up(folder, proxy, bob)
            wait_until_idle(server)


main()
