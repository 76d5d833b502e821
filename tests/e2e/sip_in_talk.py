#!/usr/bin/env python3
"""What phones do in a talk: hold, transfer blindly and with consultation, take over a call by Replaces, and come back from
a transfer that fails. Who hears whom is measured: each phone says a tone of its own."""

import re
import sys
import tempfile
import time

import sip_phone
from server import Server
from sip_rig import PASSWORD, phone_table, wait_until, wait_until_idle, write_config

TONES = {"ann": 1000, "bob": 660, "carol": 880, "eve": 1230}
NOTE = 425  # that the held hear now and then
DOMAIN = "127.0.0.1"


def hears(leg, hertz):
    now = time.monotonic()
    return sip_phone.level(leg.heard(now - 0.3, now), hertz) > 0.3


def expect_heard(leg, *hertz):
    """Those tones and none of the other phones'."""
    def agreed():
        return all(hears(leg, tone) == (tone in hertz) for tone in TONES.values())
    wait_until(agreed, f"{leg.phone.user} to hear {hertz} alone")


def describe(phone, leg, direction):
    """A re-INVITE."""
    async def send():
        phone.request("INVITE", leg.dialog["uri"], leg.dialog, "Content-Type: application/sdp\r\n",
                      leg.sdp().replace("sendrecv", direction))
    phone.clock.call(send())


def refer(phone, leg, target):
    async def send():
        phone.request("REFER", leg.dialog["uri"], leg.dialog, f"Refer-To: <{target}>\r\n")
    phone.clock.call(send())


def replaces(leg):
    """The value that names this call, for whoever sends it to the server."""
    tag = {side: re.search(r"tag=([^;>\s]+)", leg.dialog[side]).group(1) for side in ("from", "to")}
    return f"{leg.dialog['call_id']};to-tag={tag['to']};from-tag={tag['from']}"


def held(ann, bob):
    leg, other = talk(ann, bob)
    expect_heard(other, TONES["ann"])
    describe(ann, leg, "inactive")
    wait_until(lambda: hears(other, NOTE), "the held party's note")
    expect_heard(other)
    describe(ann, leg, "sendrecv")
    expect_heard(other, TONES["ann"])
    expect_heard(leg, TONES["bob"])
    return leg, other


def talk(caller, callee):
    count = len(callee.legs)
    leg = caller.dial(callee.user).wait("answered")
    return leg, callee.rings(count + 1).wait("answered")


def consulted(ann, carol, leg, other):
    """Ann has Bob on one line and Carol on the other, and brings them together."""
    second, third = talk(ann, carol)
    value = replaces(second).replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
    refer(ann, leg, f"sip:carol@{DOMAIN}?Replaces={value}")
    leg.wait("ended")
    second.wait("ended")
    expect_heard(other, TONES["carol"])
    expect_heard(third, TONES["bob"])
    third.phone.hang_up(third)
    other.wait("ended")


def blind(ann, bob, carol):
    leg, other = talk(ann, bob)
    refer(ann, leg, f"sip:999777@{DOMAIN}")
    # It fails, and Ann still has him.
    wait_until(lambda: any("SIP/2.0 " in text and "NOTIFY" in text for text in ann.notes), "news of the failure")
    wait_until(lambda: any(re.search(r"SIP/2\.0 [4-6]", text) for text in ann.notes), "its failure")
    expect_heard(other, TONES["ann"])
    count = len(carol.legs)
    refer(ann, leg, f"sip:carol@{DOMAIN}")
    third = carol.rings(count + 1).wait("answered")
    leg.wait("ended")
    expect_heard(other, TONES["carol"])
    expect_heard(third, TONES["bob"])
    bob.hang_up(other)
    third.wait("ended")


def taken_over(ann, bob, eve):
    leg, other = talk(ann, bob)
    newcomer = eve.dial("bob", f"Replaces: {replaces(leg)}\r\n").wait("answered")
    leg.wait("ended")
    expect_heard(other, TONES["eve"])
    expect_heard(newcomer, TONES["bob"])
    eve.hang_up(newcomer)
    other.wait("ended")


class Phone(sip_phone.Phone):
    """Keeps the NOTIFYs."""

    def __init__(self, *arguments):
        self.notes = []
        super().__init__(*arguments)

    def datagram_received(self, data, address):
        if data.startswith(b"NOTIFY"):
            self.notes.append(data.decode())
        super().datagram_received(data, address)


def main():
    clock = sip_phone.Clock()
    with tempfile.TemporaryDirectory() as folder:
        tables = [phone_table(user, str(310 + i)) for i, user in enumerate(TONES)]
        with Server(sys.argv[1], folder, "--config", write_config(folder, *tables)) as server:
            host, port = server.sip.rsplit(":", 1)
            ann, bob, carol, eve = (Phone(clock, (host, int(port)), user, tone, PASSWORD).register()
                                    for user, tone in TONES.items())
            leg, other = held(ann, bob)
            consulted(ann, carol, leg, other)
            blind(ann, bob, carol)
            taken_over(ann, bob, eve)
            wait_until_idle(server)


main()
