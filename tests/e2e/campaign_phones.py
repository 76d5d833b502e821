#!/usr/bin/env python3
"""Campaigns with phones that are not ours: baresip calls, answers and supervises, sipp declines and lets it ring. Each
phone says a tone of its own, and what each has recorded tells who heard whom, as the ledger has it. Three agents ring at once; the whisper is
accepted, declined, not answered; a supervisor listens, whispers, barges in and speaks to the agent in private."""

import array
import glob
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime

from server import Server
from sip_rig import Baresip, Sipp, free_port, phone_table, wait_until, wait_until_idle, write_config
from vonage_lab import Heard, check, runs

TONES = {"ann": 400, "bob": 700, "cid": 1000, "dan": 1300, "eve": 1700}
SUMMER, WINTER, SPRING = "12025550101", "12025550102", "12025550103"
WAV_HEADER = 44  # bytes
LOUD, LOUD_SAMPLES = 500, 1500  # of an agent who has heard enough of the whisper to decide
STEP = 1.2  # seconds that each mode of the supervisor lasts


class Phone(Baresip):
    """Says its tone and keeps what it hears in files."""

    def __init__(self, folder, user, server, answers=True):
        super().__init__(folder, user, "127.0.0.1", server.sip, answers=answers, tone=TONES[user], records=True)
        self.user = user
        wait_until(lambda: "binding" in self.log(), f"{user} to register", self.log)

    def recordings(self):
        """Of its one call: early media has a file of its own."""
        files = sorted(glob.glob(os.path.join(self.folder, "*dec*.wav")))
        check(files, f"{self.user} has recorded nothing")
        return [Heard(each) for each in files]

    def listen_to_whisper(self):
        """Until some words of it are in the file that is still being written; its header comes last."""
        def words():
            sound = array.array("h")
            for path in glob.glob(os.path.join(self.folder, "*dec*.wav")):
                with open(path, "rb") as file:
                    written = file.read()[WAV_HEADER:]
                sound.frombytes(written[:len(written) // 2 * 2])
            return sum(abs(sample) > LOUD for sample in sound) > LOUD_SAMPLES
        wait_until(words, f"{self.user} to hear the whisper", self.log)

    def heard(self):
        """The name of the tone that is loudest, for each tenth of a second."""
        return [name for each in self.recordings() for name in each.classify(TONES)]

    def windows_with(self, user):
        """Which tenths of a second of the talk have that tone in them, be it alone or not."""
        talk = self.recordings()[-1]
        return [i for i, window in enumerate(talk.windows) if talk.tone(window, TONES[user]) > 0.2]

    def clear(self):
        self.forget()
        for path in glob.glob(os.path.join(self.folder, "*.wav")):
            os.remove(path)


class Office:
    def __init__(self, binary, folder, server, declining, silent):
        self.binary, self.folder, self.server = binary, folder, server
        self.declining, self.silent = declining, silent

    def sotto(self, *arguments):
        done = subprocess.run([self.binary, *arguments, "--data", self.folder], capture_output=True, text=True, timeout=20,
                              check=False)
        check(done.returncode == 0, f"sotto {' '.join(arguments)}: {done.stdout} {done.stderr}")
        return done.stdout

    def rows(self):
        return {row["campaign"]: row for row in json.loads(self.sotto("report", "--json"))["rows"]}


def talk(caller, agent, seconds=1.5):
    time.sleep(seconds)  # of talk
    caller.command("hangup")
    caller.expect("CALL_CLOSED")
    agent.expect("CALL_CLOSED")


def only(names, heard, who):
    strange = set(heard) - set(names) - {"silence", "other"}
    check(not strange, f"{who} heard {strange}: {runs(heard)}")


def agrees_with_the_ledger(office, heard, who, source):
    """As long as the recording has the other's tone, the ledger has it that he could be heard: to half a second."""
    call = json.loads(office.sotto("call", "list", "--json"))["legs"][0]["call"]
    lanes = json.loads(office.sotto("call", "hearing", call, "--json"))["hearing"]
    found = [lane for lane in lanes if who in lane["listener"] and source in lane["source"]]
    check(found, f"the ledger does not have it that {who} heard {source}: {lanes}")
    seconds = sum((datetime.fromisoformat(lane["to"].replace("Z", "+00:00"))
                   - datetime.fromisoformat(lane["from"].replace("Z", "+00:00"))).total_seconds() for lane in found)
    check(abs(seconds - heard) < 0.5, f"{who} heard {source} for {heard} s, says his recording; {seconds} s, the ledger")


def three_ring_one_accepts(office, ann, bob, cid, dan):
    """All three answer and hear the whisper; who accepts wins, the others are let go and never hear the caller."""
    ann.command("dial", f"sip:{SUMMER}@127.0.0.1")
    for agent in (bob, cid, dan):
        agent.expect("CALL_ESTABLISHED")
    for agent in (bob, cid, dan):
        agent.listen_to_whisper()
    cid.command("sndcode", "1")
    for loser in (bob, dan):
        loser.expect("CALL_CLOSED")
    talk(ann, cid)
    heard = ann.heard()
    check(heard.count("cid") >= 8, f"the caller heard {runs(heard)}")
    only({"cid"}, heard, "the caller")
    heard = cid.heard()
    check(heard.count("ann") >= 8 and "other" in heard[:heard.index("ann")], f"the agent heard {runs(heard)}")
    for loser in (bob, dan):
        heard = loser.heard()
        check("other" in heard, f"{loser.user} has heard no whisper: {runs(heard)}")
        only(set(), heard, loser.user)
    check(office.rows()["summer"]["answered"] == 1, office.rows())
    for listener, source, names in ((ann, cid, ("310", "cid")), (cid, ann, ("cid", "310"))):
        agrees_with_the_ledger(office, listener.heard().count(source.user) * Heard.WINDOW, *names)


def one_declines_one_rings_one_accepts(office, ann, bob):
    """In turn: sipp declines, the second never answers, the third accepts."""
    with Sipp(office.folder, "declines", "-sf", office.declining, "-p", str(office.ports["declines"])) as declines, \
            Sipp(office.folder, "silent", "-sf", office.silent, "-p", str(office.ports["silent"])) as silent:
        ann.command("dial", f"sip:{WINTER}@127.0.0.1")
        bob.expect("CALL_ESTABLISHED")
        bob.listen_to_whisper()
        bob.command("sndcode", "1")
        talk(ann, bob)
        declines.check()
        silent.check()
    heard = ann.heard()
    check(heard.count("bob") >= 8, f"the caller heard {runs(heard)}")


def nobody_accepts(office, ann, cid):
    """An agent who listens to the whisper and hangs up has declined; the caller is told, and hears nobody."""
    ann.command("dial", f"sip:{SPRING}@127.0.0.1")
    cid.expect("CALL_ESTABLISHED")
    cid.listen_to_whisper()
    cid.command("hangup")
    cid.expect("CALL_CLOSED")
    ann.expect("CALL_CLOSED")
    only(set(), ann.heard(), "the caller")
    only(set(), cid.heard(), "the agent")
    check(office.rows()["spring"]["declined"] == 1, office.rows())


def supervised(office, ann, bob, eve):
    """Listen, whisper, barge, private: nobody else hears the supervisor but who is to."""
    ann.command("dial", f"sip:{WINTER}@127.0.0.1")
    with Sipp(office.folder, "declines2", "-sf", office.declining, "-p", str(office.ports["declines"])), \
            Sipp(office.folder, "silent2", "-sf", office.silent, "-p", str(office.ports["silent"])):
        bob.expect("CALL_ESTABLISHED")
        bob.listen_to_whisper()
        bob.command("sndcode", "1")
        time.sleep(1.0)
        call = json.loads(office.sotto("call", "list", "--live", "--json"))["legs"][0]["call"]
        office.sotto("call", "supervise", call, "listen", "eve")
        eve.expect("CALL_ESTABLISHED")
        for mode in ("whisper", "barge", "private"):
            time.sleep(STEP)
            said = office.sotto("call", "supervise", call, mode, "eve")
            check("changes over" in said, said)
        time.sleep(STEP)
        talk(ann, bob, 0)
        eve.expect("CALL_CLOSED")
    heard = {phone.user: phone.heard() for phone in (ann, bob, eve)}
    listener = heard["eve"]
    check(listener.count("ann") + listener.count("bob") + listener.count("other") >= 20, f"eve heard {runs(listener)}")
    # The caller hears the supervisor only while he barges in, about as long as one step, with the agent beside him.
    barged = ann.windows_with("eve")
    check(barged, "the caller never heard the supervisor who barged in")
    together = set(barged) & set(ann.windows_with("bob"))
    check(len(together) > len(barged) / 2, f"in barge the agent speaks too: {together} of {barged}")
    lasted = barged[-1] - barged[0] + 1
    check(lasted * Heard.WINDOW < 2 * STEP, f"the caller heard him for {lasted} tenths of a second")
    coached = bob.windows_with("eve")
    check((coached[-1] - coached[0] + 1 - lasted) * Heard.WINDOW > STEP, "the agent hears him in three modes")
    # In private he hears nobody; the caller and the agent go on.
    after = ann.recordings()[-1].classify(TONES)[barged[-1] + 1:]
    check(after.count("bob") > len(after) / 2, f"after the barge the caller heard {runs(after)}")
    end = listener[-int(STEP / 2 / Heard.WINDOW):]
    only(set(), end, "the supervisor in private")


def write_scenarios(folder):
    """A sipp that declines at once, and one that rings until it is cancelled."""
    head = ('<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="x">\n<recv request="INVITE" crlf="true"/>\n')
    reply = ('<send><![CDATA[\nSIP/2.0 {}\n[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n'
             '[last_CSeq:]\nContact: <sip:[local_ip]:[local_port]>\nContent-Length: 0\n\n]]></send>\n')
    declining = head + reply.format("603 Decline") + '<recv request="ACK"/>\n</scenario>\n'
    invite_reply = reply.replace("[last_CSeq:]", "CSeq: 1 INVITE").format("487 Request Terminated")
    silent = (head.replace('crlf="true"', 'crlf="true"') + reply.format("180 Ringing") + '<recv request="CANCEL"/>\n'
              + reply.format("200 OK") + invite_reply + '<recv request="ACK"/>\n</scenario>\n')
    paths = []
    for name, text in (("declining.xml", declining), ("silent.xml", silent)):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w") as file:
            file.write(text)
    return paths


def campaign(name, number, agents, more=""):
    listed = ", ".join(f'"{agent}"' for agent in agents)
    return (f'[[campaign]]\nname = "{name}"\nnumbers = ["{number}"]\ntopic = "the {name} offer"\nagents = [{listed}]\n'
            f'whisper_times = 1\n{more}')


def main():
    with tempfile.TemporaryDirectory() as folder:
        ports = {"declines": free_port(), "silent": free_port()}
        uris = [f"sip:agent@127.0.0.1:{ports[name]}" for name in ("declines", "silent")]
        tables = [phone_table(user, str(310 + i)) for i, user in enumerate(TONES)]
        config = write_config(folder, *tables, campaign("summer", SUMMER, ["bob", "cid", "dan"]),
                              campaign("winter", WINTER, [*uris, "bob"], 'agent_order = "in_turn"\nring_timeout_s = 2\n'),
                              campaign("spring", SPRING, ["cid"], 'missed_message = "Nobody is free."\n'))
        with Server(sys.argv[1], folder, "--config", config) as server:
            office = Office(sys.argv[1], folder, server, *write_scenarios(folder))
            office.ports = ports
            with Phone(folder, "ann", server) as ann, Phone(folder, "bob", server) as bob, \
                    Phone(folder, "cid", server) as cid, Phone(folder, "dan", server) as dan, \
                    Phone(folder, "eve", server) as eve:
                everybody = (ann, bob, cid, dan, eve)
                for play in (lambda: three_ring_one_accepts(office, ann, bob, cid, dan),
                             lambda: one_declines_one_rings_one_accepts(office, ann, bob),
                             lambda: nobody_accepts(office, ann, cid),
                             lambda: supervised(office, ann, bob, eve)):
                    for phone in everybody:
                        phone.clear()
                    play()
                    wait_until_idle(server)


main()
