#!/usr/bin/env python3
"""Two servers of ours as trunks to each other: a call goes from a phone of one through both to a phone of the other, and
the first is passed over once its trunk is gone."""

import os
import sys
import tempfile

from server import Server
from sip_rig import Baresip, free_port, phone_table, wait_until, wait_until_idle, write_config

NUMBER = "12025550111"


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


main()
