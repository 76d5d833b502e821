#!/usr/bin/env python3
"""An operator's day: a file with mistakes, a campaign in the file, a call to it, its report and who heard whom, a second
campaign by command, reload, backup, restore and drain. Caller and agent are sipp."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from ports import free_port
from server import Server

TIMEOUT = 30.0
NUMBERS = ("12025550101", "12025550102", "12025550103")


def check(condition, what):
    if not condition:
        raise SystemExit(f"wrong: {what}")


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        check(time.monotonic() < deadline, f"waited too long for {what}")
        time.sleep(0.05)


def config(agent_port, *names):
    text = '[[trunk]]\nname = "this machine"\nallow_from = ["127.0.0.0/8"]\n'
    for name, number in zip(names, (NUMBERS[0], NUMBERS[2])):
        text += f'''
[[campaign]]
name = "{name}"
numbers = ["{number}"]
topic = "the {name} offer"
greeting = "Please wait."
whisper = "Offer {{topic}}."
whisper_times = 1
accept_key = ""
agents = ["sip:agent@127.0.0.1:{agent_port}"]
'''
    return text


class Operator:
    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.agent_port = free_port()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def run(self, *arguments, status=0):
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False)
        check(done.returncode == status, f"sotto {' '.join(arguments)}: {done.returncode} {done.stdout} {done.stderr}")
        return done.stdout if status == 0 else done.stderr

    def sotto(self, *arguments, status=0):
        return self.run(*arguments, "--data", self.path("data"), status=status)

    def data(self, *arguments):
        return json.loads(self.sotto(*arguments, "--json"))

    def sipp(self, *arguments):
        return subprocess.Popen(["sipp", *arguments, "-i", "127.0.0.1", "-m", "1", "-nostdin", "-timeout", "25s",
                                 "-timeout_error"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def call(self, server, number, milliseconds):
        """Caller and agent, both on their way."""
        agent = self.sipp("-sn", "uas", "-p", str(self.agent_port))
        return self.sipp("-sn", "uac", "-s", number, "-d", str(milliseconds), server.sip), agent

    def complete_call(self, server, number, milliseconds=5000):
        for name, phone in zip(("caller", "agent"), self.call(server, number, milliseconds)):
            check(phone.wait(timeout=TIMEOUT) == 0, f"sipp as {name} ended with {phone.returncode}")
        wait_until(lambda: not self.data("call", "list", "--live")["legs"], "the legs to end")

    def start(self, *, data="data"):
        os.makedirs(self.path(data), exist_ok=True)
        return Server(self.binary, self.path(data), "--config", self.path("sotto.toml"))


def check_mistakes(operator):
    bad = operator.write("bad.toml", '[server]\nsip = "127.0.0.1:0"\nhttpp = 1\n\n[[campaign]]\nname = "x y"\n')
    said = operator.run("config", "check", bad, status=1)
    check(f"{bad}:3: server.httpp: is not known; did you mean http?" in said, said)
    check(f"{bad}:5: campaign.numbers: missing" in said, said)
    good = operator.write("sotto.toml", config(operator.agent_port, "summer"))
    check("1 campaigns" in operator.run("config", "check", good), "config check")
    refused = subprocess.run([operator.binary, "serve", "--config", bad, "--data", operator.path("data")],
                             capture_output=True, timeout=TIMEOUT, check=False)
    check(refused.returncode == 2, "serve started with a bad file")


def status_of(server, **headers):
    request = urllib.request.Request(f"http://{server.http}/admin/v1/calls", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def check_token(operator, server):
    path = operator.path("data/admin-token")
    check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "others may read the token")
    with open(path) as file:
        token = file.read().strip()
    with open(operator.path("data/out")) as file:
        check(f"admin token: {token}" in file.read(), "the token was not printed")
    check(token not in server.log(), "the token is in the log")
    check(status_of(server) == 401, "no token")
    check(status_of(server, Authorization="Bearer " + "x" * 43) == 401, "a wrong token")
    check(status_of(server, Authorization=f"Bearer {token}") == 200, "the token")
    check(status_of(server, Authorization=f"Bearer {token}", Origin="https://evil.example") == 403, "another site")


def live_answered(operator):
    return [leg for leg in operator.data("call", "list", "--live")["legs"] if leg["state"] == "answered"]


def heard(operator, call):
    """Who heard whom: pairs of listener and source."""
    return {(each["listener"], each["source"]) for each in operator.data("call", "hearing", call)["hearing"]}


def check_call(operator, server):
    operator.complete_call(server, NUMBERS[0])
    report = operator.data("report", "--by", "number")
    check(report["totals"]["calls"] == 1, report)
    check(NUMBERS[0] in operator.sotto("report", "--by", "number"), "report for people")
    check(operator.sotto("report", "--csv").count("\n") >= 2, "report as csv")

    legs = operator.data("call", "list")["legs"]
    check(len(legs) == 2, legs)
    call = legs[0]["call"]
    shown = operator.data("call", "show", call)
    check(shown["campaign"]["outcome"] == "answered", shown["campaign"])
    kinds = [event["kind"] for event in shown["events"]]
    check(kinds.count("leg_ended") == 2 and kinds.count("leg_answered") == 2, kinds)
    check("leg_answered" in operator.sotto("call", "show", legs[1]["leg"]), "call show for people")

    pairs = heard(operator, call)
    whisper = 'speech "Offer the summer offer."'
    caller = next(leg["from"] for leg in legs if leg["direction"] == "inbound")
    agent = next(leg["to"] for leg in legs if leg["direction"] == "outbound")
    check((agent, whisper) in pairs, pairs)
    check((caller, whisper) not in pairs, "the caller heard the whisper")
    check((agent, caller) in pairs and (caller, agent) in pairs, pairs)
    lanes = operator.sotto("call", "hearing", call)
    check(f"{agent} hears {whisper}" in lanes and "#" in lanes, lanes)
    return call


def check_campaigns(operator, server):
    agent = f"sip:agent@127.0.0.1:{operator.agent_port}"
    add = ("campaign", "add", "winter", "--topic", "the winter offer", "--agent", agent, "--accept-key", "",
           "--whisper", "Offer {topic}.", "--set", "whisper_times=1", "--greeting", "Please wait.")
    taken = operator.sotto(*add, "--number", NUMBERS[0], status=1)
    check("is in use" in taken, taken)
    operator.sotto(*add, "--number", NUMBERS[1])
    check("already" in operator.sotto(*add, "--number", NUMBERS[2], status=1), "a campaign twice")
    check("campaign winter" in operator.sotto("route", "explain", NUMBERS[1]), "route explain")
    check("campaign.agents" in operator.sotto("campaign", "add", "x", "--number", "12025550109", "--agent", "a@b",
                                              status=1), "a bad agent")
    operator.complete_call(server, NUMBERS[1])
    rows = {row["campaign"]: row for row in operator.data("report")["rows"]}
    check(rows["winter"]["calls"] == 1 and rows["summer"]["calls"] == 1, rows)
    check("configuration file" in operator.sotto("campaign", "remove", "summer", status=1), "removed from the file")


def check_reload(operator, server):
    def names():
        return [each["name"] for each in operator.data("campaign", "list")["campaigns"]]

    operator.write("sotto.toml", config(operator.agent_port, "summer") + "\n[serve]\n")
    server.reload()
    wait_until(lambda: "reload refused" in server.log(), "the refusal")
    check("serve: is not known; did you mean server?" in server.log(), "why it was refused")
    check(names() == ["summer", "winter"], names())
    operator.write("sotto.toml", config(operator.agent_port, "summer", "autumn") + "\n[calls]\nroom_wait_max_s = 5\n")
    server.reload()
    wait_until(lambda: names() == ["autumn", "summer", "winter"], "the new campaign")
    check("campaign autumn" in operator.sotto("route", "explain", NUMBERS[2]), "route after the reload")
    check("[calls]" in server.log(), "what waits for a restart is told")


def check_supervision(operator, server):
    """A supervisor whispers to the agent: he hears both, and the caller does not hear him."""
    port = free_port()
    supervisor = operator.sipp("-sn", "uas", "-p", str(port))
    caller, agent = operator.call(server, NUMBERS[0], 6000)
    wait_until(lambda: len(live_answered(operator)) == 2, "the call")
    legs = live_answered(operator)
    call = legs[0]["call"]
    party = {leg["direction"]: leg["from" if leg["direction"] == "inbound" else "to"] for leg in legs}
    wait_until(lambda: (party["outbound"], party["inbound"]) in heard(operator, call), "the talk")
    check("mode" in operator.sotto("call", "supervise", call, "shout", "sip:x@127.0.0.1", status=1), "a bad mode")
    target = f"sip:supervisor@127.0.0.1:{port}"
    operator.sotto("call", "supervise", call, "whisper", target)
    wait_until(lambda: (party["outbound"], target) in heard(operator, call), "the whisper")
    check((target, party["inbound"]) in heard(operator, call), "the supervisor does not hear the caller")
    for phone in (caller, agent, supervisor):
        check(phone.wait(timeout=TIMEOUT) == 0, "a phone's status")
    check((party["inbound"], target) not in heard(operator, call), "the caller heard the supervisor")
    wait_until(lambda: not operator.data("call", "list", "--live")["legs"], "the legs to end")


def check_hang_up(operator, server):
    caller, agent = operator.call(server, NUMBERS[0], 20000)
    wait_until(lambda: len(live_answered(operator)) == 2, "the call")
    operator.sotto("call", "hangup", live_answered(operator)[0]["call"])
    wait_until(lambda: not operator.data("call", "list", "--live")["legs"], "the legs to end")
    check("no call" in operator.sotto("call", "hangup", "0" * 32, status=1), "a call that is not there")
    for phone in (caller, agent):
        phone.wait(timeout=TIMEOUT)


def check_drain(operator, server):
    """What is up goes on, what is new is refused."""
    caller, agent = operator.call(server, NUMBERS[0], 6000)
    wait_until(lambda: len(live_answered(operator)) == 2, "the call")
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    check(server.process.poll() is None, "it did not wait for the call")
    refused = operator.sipp("-sn", "uac", "-s", NUMBERS[0], "-d", "100", server.sip)
    check(refused.wait(timeout=TIMEOUT) != 0, "a new call was taken while draining")
    check(caller.wait(timeout=TIMEOUT) == 0 and agent.wait(timeout=TIMEOUT) == 0, "the call was cut")
    check(server.process.wait(timeout=TIMEOUT) == 0, "the server's status after draining")
    check(not os.path.exists(operator.path("data/ready.json")), "ready.json stays")


def main():
    with tempfile.TemporaryDirectory() as folder:
        operator = Operator(sys.argv[1], folder)
        os.makedirs(operator.path("data"))
        check_mistakes(operator)
        with operator.start() as server:
            check_token(operator, server)
            call = check_call(operator, server)
            check_campaigns(operator, server)
            check_reload(operator, server)
            check_supervision(operator, server)
            check_hang_up(operator, server)
            check("erased 0 rows" in operator.sotto("purge"), "purge")
            check("problem" not in operator.sotto("doctor"), "doctor")
            operator.sotto("backup", operator.path("copy.db"))
            check_drain(operator, server)
        check("is the server running" in operator.sotto("call", "list", "--url", f"http://{server.http}", status=1),
              "no server")
        operator.sotto("restore", operator.path("copy.db"))
        with operator.start():
            check(operator.data("report")["totals"]["calls"] == 4, "the report after the restore")
            check(operator.data("call", "show", call)["call"] == call, "the call after the restore")
            operator.sotto("campaign", "remove", "winter")


main()
