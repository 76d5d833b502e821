#!/usr/bin/env python3
"""Two servers of ours as trunks to each other: a call goes from a phone of one through both to a phone of the other, and
the first is passed over once its trunk is gone. A call that each would send on to the other for ever, or one to itself, ends
with 483."""

import os
import sys
import tempfile

from server import Server
import sipp_scenarios as sc
from sip_rig import Baresip, Sipp, free_port, metrics, phone_table, wait_until, wait_until_idle, write_config

NUMBER = "12025550111"
HERE, THERE = "12025550121", "12025550122"  # each forwarded to the other
ITSELF = "12025550123"  # forwarded to itself
HOPS = 70


def forwarded(number, to):
    return f'[[number]]\nnumber = "{number}"\ncountry = "US"\nforward_to = ["{to}"]\n'


def in_a_circle(binary, folder):
    for name in ("here", "there"):
        os.mkdir(os.path.join(folder, name))
    here, there = os.path.join(folder, "here"), os.path.join(folder, "there")
    own = [forwarded(THERE, HERE)]
    with Server(binary, there, "--config", write_config(there, *own)) as second:
        trunk = '[[trunk]]\nname = "other"\nhosts = ["{}"]\nallow_from = ["127.0.0.1"]\n'
        config = write_config(here, trunk.format(second.sip), forwarded(HERE, THERE), forwarded(ITSELF, ITSELF))
        with Server(binary, here, "--config", config) as first:
            write_config(there, trunk.format(first.sip), *own)
            second.reload()
            wait_until(lambda: "reloaded" in second.log(), "the other's trunk", second.log)
            path = sc.write(os.path.join(folder, "circle.xml"), sc.INVITE, sc.receive(100, optional=True),
                            sc.receive(180, optional=True), sc.receive(483), sc.failed_ack(4))
            for number in (HERE, ITSELF):
                with Sipp(folder, number, "-sf", path, "-s", number, first.sip) as caller:
                    caller.check()
            for server in (first, second):
                wait_until_idle(server)
            heard = sum(metrics(server.http)["sotto_sip_messages_received_total"] for server in (first, second))
            if heard < 2 * HOPS:  # an INVITE and an ACK each time
                raise SystemExit(f"only {heard} messages, of a call with {HOPS} hops")


def main():
    with tempfile.TemporaryDirectory() as folder:
        near, far = os.path.join(folder, "near"), os.path.join(folder, "far")
        os.mkdir(near)
        os.mkdir(far)
        # The far one takes the near one's calls by registration and password, as any provider does.
        config = write_config(far, phone_table("near", "500"), phone_table("bob", "311"),
                              f'[[number]]\nnumber = "{NUMBER}"\ncountry = "US"\nphone = "bob"\n')
        with Server(sys.argv[1], far, "--config", config) as provider:
            dead = free_port()
            config = write_config(
                near, phone_table("ann", "310"),
                f'[[trunk]]\nname = "gone"\nhosts = ["127.0.0.1:{dead}"]\npriority = 0\n',
                f'[[trunk]]\nname = "provider"\nhosts = ["{provider.sip}"]\npriority = 1\nregisters = true\n'
                f'user = "near"\npassword = "correct-horse"\n')
            with Server(sys.argv[1], near, "--config", config) as server, \
                    Baresip(folder, "ann", "127.0.0.1", server.sip) as ann, \
                    Baresip(folder, "bob", "127.0.0.1", provider.sip) as bob:
                ann.expect_registered()
                bob.expect_registered()
                wait_until(lambda: "registered with trunk" in server.log(), "the registration", server.log)
                ann.command("dial", f"sip:{NUMBER}@127.0.0.1")
                bob.expect("CALL_ESTABLISHED")
                ann.expect("CALL_ESTABLISHED")
                bob.command("hangup")
                ann.expect("CALL_CLOSED")
                wait_until_idle(server)
                wait_until_idle(provider)
        in_a_circle(sys.argv[1], folder)


main()
