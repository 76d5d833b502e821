#!/usr/bin/env python3
"""How long a whisper takes: from the PUT to the INVITE at the supervisor's phone, and from that phone's answer until the
agent hears it. Prints a line of JSON; run by hand on a machine that does nothing else."""

import json
import sys
import tempfile
import time

from voipnow_office import Office

PUTS = 300
JOINS = 60


def percentile(values, part):
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1)


def ring_times(station):
    """Of phones that are busy: nothing but the way of the INVITE counts."""
    station.S.answer = 486
    times = []
    for count in range(1, PUTS + 1):
        asked = time.monotonic()
        assert station.put().status == 202
        leg = station.S.rings(count).wait("refused")
        times.append(leg.when("refused") - asked)
        while len(station.api("GET", station.path).json["phoneCallView"]) > 1:
            time.sleep(0.001)
    station.S.answer = "at once"
    return times


def heard_times(office, station, before):
    times = []
    for count in range(1, JOINS + 1):
        station.put()
        leg = station.S.rings(before + count).wait("answered")
        answered = leg.when("answered")
        time.sleep(0.4)
        heard = next(packet.at for packet in list(station.a.packets)
                     if packet.at > answered and office.level(packet.payload, station.tones["S"]) > 0.3)
        times.append(heard - answered)
        station.S.hang_up(leg)
        time.sleep(0.1)
    return times


def main():
    with tempfile.TemporaryDirectory() as folder, Office(sys.argv[1], folder, 1) as office:
        station = office.free.get()
        station.talk()
        rings = ring_times(station)
        heard = heard_times(office, station, len(rings))
        station.reset()
    print(json.dumps({"put_to_invite_ms": {"p50": percentile(rings, 0.5), "p99": percentile(rings, 0.99)},
                      "answer_to_heard_ms": {"p50": percentile(heard, 0.5), "p99": percentile(heard, 0.99)}}))


main()
