#!/usr/bin/env python3
"""Inbound calls as a Python tutorial handles them, four small Flask apps at once: a message; a forward; hold with mp3 music
until the app's timer, or a browser's hit on /agentfree, transfers the call. The forward's agent is baresip. Recordings prove
who heard what."""

import glob
import json
import os
import subprocess
import sys
import time
import urllib.request

from vonage_lab import Heard, Lab, check, free_port, runs, wait_until, write_mp3_tone

CALLER, STAFF, MUSIC = 1000, 1600, 700
TONES = {"music": MUSIC, "caller": CALLER, "agent": STAFF, "ringing": (440, 480)}
HOLD_SECONDS = 7.0
SCENARIOS = ("message", "forward", "hold", "agentfree")
AGENTS = {"forward": "12025550172", "hold": "12025550173", "agentfree": "12025550174", "message": "12025550171"}


def get(url):
    with urllib.request.urlopen(url, timeout=30) as reply:
        return reply.read().decode()


class Baresip:
    """An agent on a phone that is not ours: answers at once, says a tone, and keeps what it hears."""

    def __init__(self, lab, number, port):
        self.folder = lab.path("baresip")
        os.mkdir(self.folder)
        self.write("config", f"sip_listen 127.0.0.1:{port}\nmodule_path /usr/lib/baresip/modules\nmodule g711.so\n"
                             "module ausine.so\nmodule sndfile.so\nmodule uuid.so\nmodule_app account.so\nmodule_app menu.so\n"
                             f"snd_path {self.folder}\naudio_source ausine,{STAFF}\nausrc_srate 48000\nausrc_channels 2\naudio_player nil\naudio_alert nil\n")
        self.write("accounts", f"<sip:+{number}@127.0.0.1:{port}>;regint=0;answermode=auto\n")
        self.write("contacts", "")
        with open(os.path.join(self.folder, "log"), "w") as log:
            self.process = subprocess.Popen(["baresip", "-f", self.folder], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)
        lab.children.append(self.process)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def end(self):
        """The call is over; its recording is whole when the program has ended."""
        self.process.terminate()
        self.process.wait(timeout=10)
        files = glob.glob(os.path.join(self.folder, "*dec.wav"))
        check(len(files) == 1, f"baresip recorded {files}")
        return Heard(files[0])


class Tutorial:
    """One scenario: its app, its number, its agent and its caller."""

    def __init__(self, lab, scenario, number, agent_port):
        self.scenario = scenario
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        application, key = lab.create_application(f"{self.url}/webhooks/answer", f"{self.url}/webhooks/event", scenario)
        lab.link(number, application)
        self.agent = None
        if scenario == "forward":
            self.agent = Baresip(lab, AGENTS[scenario], agent_port)
        elif scenario != "message":
            self.agent = lab.phone(f"{scenario}-agent", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "2500", "--tone",
                                   str(STAFF), "--hang-up-after-ms", "2500")
        lab.flask("inbound.py", PORT=str(port), PUBLIC_URL=self.url, SCENARIO=scenario, AGENT=AGENTS[scenario], STATIC=lab.folder,
                  APPLICATION_ID=application, PRIVATE_KEY=key, HOLD_SECONDS=str(HOLD_SECONDS))
        wait_until(self.is_up, f"the app {scenario}")
        leaves = ["--hang-up-after-ms", "11000"] if scenario == "forward" else []  # the agent leaves elsewhere
        self.caller = lab.caller(number, f"{scenario}-caller", "--tone", str(CALLER), *leaves)

    def is_up(self):
        try:
            return get(f"{self.url}/seen")
        except OSError:
            return None

    def seen(self):
        return json.loads(get(f"{self.url}/seen"))

    def heard(self):
        caller = self.caller.end().classify(TONES)
        return caller, self.agent.end().classify(TONES) if self.agent else None


def order_of(kinds, shortest=5):
    """What was heard, silence and repetitions (the cadence of ringing) left out."""
    out = []
    for name, _ in runs([kind for kind in kinds if kind != "silence"], shortest):
        if not out or out[-1] != name:
            out.append(name)
    return out


def must_hear(tutorial, caller, agent, wanted):
    check(order_of(caller) == wanted, f"{tutorial.scenario}: the caller heard {runs(caller)}, not {wanted}")
    if agent is None:
        return
    check(order_of(agent) == ["caller"], f"{tutorial.scenario}: the agent heard {runs(agent)}, not the caller alone")


def main():
    binary = sys.argv[1]
    ports = {scenario: free_port() for scenario in SCENARIOS}
    with Lab(binary, {AGENTS[each]: ports[each] for each in SCENARIOS}) as lab:
        write_mp3_tone(lab.path("music.mp3"), MUSIC)
        tutorials = {each: Tutorial(lab, each, str(12025550101 + i), ports[each]) for i, each in enumerate(SCENARIOS)}
        waiting = tutorials["agentfree"]
        waiting.caller.wait_for("answered")
        # Somebody looks at the page after the caller has heard some music.
        free_at = time.monotonic() + HOLD_SECONDS
        wait_until(lambda: time.monotonic() > free_at, "the agent to be free")
        check(get(f"{waiting.url}/agentfree") == "Agent available", "no agent")
        heard = {each: tutorials[each].heard() for each in SCENARIOS}
        must_hear(tutorials["message"], *heard["message"], ["other"])
        # baresip answers at once: whether a ring is heard before is a matter of milliseconds.
        caller, agent = heard["forward"]
        must_hear(tutorials["forward"], [kind for kind in caller if kind != "ringing"], agent, ["other", "agent"])
        for each in ("hold", "agentfree"):
            must_hear(tutorials[each], *heard[each], ["other", "music", "other", "ringing", "agent"])
            moved = [event for event in tutorials[each].seen() if "transfer" in event]
            check(len(moved) == 1 and moved[0]["transfer"] == 204, f"{each}: the transfer was answered {moved}")
            check(len(moved[0]["uuid"]) == 32 and "-" not in moved[0]["uuid"], f"an inbound leg's uuid is {moved[0]['uuid']}")
        lab.wait_until_idle()
        for tutorial in tutorials.values():
            legs = 1 if tutorial.agent is None else 2
            wait_until(lambda: [event.get("status") for event in tutorial.seen()].count("completed") == legs,
                       f"{tutorial.scenario}: the final events")


main()
