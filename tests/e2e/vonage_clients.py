#!/usr/bin/env python3
"""nexmo 2.9.1, @vonage/server-sdk 3, nexmo-cli 0.3.17 and @vonage/cli 1.2.4, all unchanged from npm, through everything
they offer for voice; and our own command line, with the tutorials' lines as they are printed."""

import os
import pty
import re
import select
import subprocess
import sys
import threading
import time

from vonage_lab import HERE, KEY, SECRET, Lab, check, free_port, wait_until, write_tone

AGENT = "12025550177"
SHIM = os.path.join(HERE, "..", "..", "share", "point-at-sotto.cjs")


def start_hooks(lab):
    port = free_port()
    write_tone(lab.path("tone.wav"), 440)
    lab.node("hooks.js", PORT=str(port), STATIC=lab.folder)
    return f"http://127.0.0.1:{port}"


def answer_calls(lab, port, ended):
    """A phone that takes one call after the other."""
    while not ended.is_set():
        phone = subprocess.Popen([lab.binary, "phone", "--listen", f"127.0.0.1:{port}", "--ring-ms", "100",
                                  "--rtp-min", "43000"], stdout=subprocess.DEVNULL)
        while phone.poll() is None and not ended.wait(0.02):
            pass
        if phone.poll() is None:
            phone.kill()
        phone.wait()


def clients(lab, hooks):
    environment = {**os.environ, "SOTTO_HTTP": lab.base, "API_KEY": KEY, "API_SECRET": SECRET, "AGENT": AGENT,
                   "EVENT_URL": hooks}
    done = subprocess.run(["node", os.path.join(HERE, "node", "vonage", "clients.mjs")], env=environment, cwd=lab.folder,
                          capture_output=True, text=True, timeout=120)
    print(done.stdout, end="")
    check(done.returncode == 0, f"clients.mjs: {done.stderr}")


class Cli:
    def __init__(self, lab, name, script):
        self.name = name
        self.script = os.path.join(HERE, "node_modules", script)
        self.environment = {**os.environ, "NODE_OPTIONS": f"--require {SHIM}", "SOTTO_URL": lab.base, "HOME": lab.folder,
                            "VONAGE_API_KEY": KEY, "VONAGE_API_SECRET": SECRET, "NO_COLOR": "1"}
        self.folder = lab.folder

    def run(self, *arguments, status=0, answer=None):
        done = subprocess.run(["node", self.script, *arguments], env=self.environment, cwd=self.folder, text=True,
                              input=answer, capture_output=True, timeout=60)
        out = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        check(done.returncode == status, f"{self.name} {' '.join(arguments)} ended with {done.returncode}: {out}")
        return out


    def converse(self, *arguments, answers):
        """Runs it on a terminal, and types each answer once its question is there: a list of pattern and keys."""
        mine, theirs = pty.openpty()
        child = subprocess.Popen(["node", self.script, *arguments], env={**self.environment, "TERM": "xterm"}, cwd=self.folder,
                                 stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        shown, asked, waiting, deadline = "", 0, list(answers), time.monotonic() + 60
        try:
            while time.monotonic() < deadline:
                if waiting and re.search(waiting[0][0], shown[asked:]):
                    asked = len(shown)
                    os.write(mine, waiting.pop(0)[1].encode())
                if not select.select([mine], [], [], 0.1)[0]:
                    if child.poll() is not None:
                        break
                    continue
                try:
                    shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(mine, 65536).decode(errors="replace"))
                except OSError:  # it has ended
                    break
        finally:
            os.close(mine)
            child.kill()
        check(child.wait() == 0 and not waiting, f"{self.name} {' '.join(arguments)}: unanswered {waiting}: {shown}")
        return shown


def expect(pattern, text):
    found = re.search(pattern, text)
    check(found, f"expected {pattern} in: {text}")
    return found.group(1) if found.groups() else found.group(0)


def nexmo_cli(lab, hooks):
    cli = Cli(lab, "nexmo", "nexmo-cli/lib/bin.js")
    cli.run("setup", KEY, SECRET)
    app = expect(r"Application created: (\S+)",
                 cli.run("app:create", "Call Whisper", f"{hooks}/answer", f"{hooks}/event", "--keyfile", "app.key"))
    check("BEGIN PRIVATE KEY" in open(os.path.join(lab.folder, "app.key")).read(), "no key file")
    expect(re.escape(app) + r" \| Call Whisper", cli.run("app:list"))
    expect("Call Whisper", cli.run("app:show", app))
    expect("Application updated", cli.run("app:update", app, "Renamed", f"{hooks}/answer", f"{hooks}/event"))
    expect(r"12025550101", cli.run("number:search", "US", "--voice"))
    number = expect(r"Number purchased: (\d+)", cli.run("number:buy", "--country_code", "US", "--confirm"))
    expect("No numbers match", cli.run("number:buy", "--country_code", "GB", "--confirm", status=1))
    expect("Number updated", cli.run("link:app", number, app))
    expect(number, cli.run("number:list"))
    expect(number, cli.run("app:numbers", app))
    expect("Number updated", cli.run("unlink:app", number))
    expect("Number cancelled", cli.run("number:cancel", number, "--confirm"))
    expect(r"0 EUR", cli.run("balance"))
    expect("Application deleted", cli.run("app:delete", app, "--confirm"))
    print("ok nexmo-cli")


def vonage_cli(lab, hooks):
    cli = Cli(lab, "vonage", "@vonage/cli/bin/run.cjs")
    if not os.path.exists(cli.script):
        cli.script = os.path.join(HERE, "node_modules", "@vonage", "cli", "bin", "run")
    cli.run("config:set", f"--apiKey={KEY}", f"--apiSecret={SECRET}")
    cli.run("apps:create", "Inbound", f"--voice_answer_url={hooks}/answer", f"--voice_event_url={hooks}/event")
    check(os.path.exists(os.path.join(lab.folder, "vonage_app.json")), "no vonage_app.json")
    app = expect(r"([0-9a-f-]{36})", cli.run("apps"))
    expect("Inbound", cli.run("apps:show", app))
    expect("12025550101", cli.run("numbers:search", "US"))
    cli.run("numbers:search", "GB")
    expect("purchased|bought|Purchased", cli.run("numbers:buy", "12025550101", "US", answer="y\n"))
    cli.run("apps:link", app, "--number=12025550101")
    expect(app, cli.run("numbers"))
    cli.run("apps:unlink", "--number=12025550101")
    expect("0", cli.run("balance"))
    cli.run("apps:delete", app, answer="y\n")
    check(app not in cli.run("apps"), "the application is still there")
    asked_for_everything(cli, hooks)
    print("ok @vonage/cli")


def asked_for_everything(cli, hooks):
    """The same without arguments: each question is answered at the terminal, the methods left as they are preselected."""
    shown = cli.converse("apps:create", answers=[
        ("Application Name.*›", "By questions\r"), ("VBC", " \r"), (r"voice webhooks.*\(y/N\)", "y\r"),
        ("Answer Webhook - URL ›", f"{hooks}/answer\r"), ("Answer Webhook - Method ›[^✔]*POST", "\r"),
        ("Event Webhook - URL ›", f"{hooks}/event\r"), ("Event Webhook - Method ›[^✔]*POST", "\r"), (r"AI training.*\(y/N\)", "n\r")])
    app = expect(r"Application ID: ([0-9a-f-]{36})", shown)
    check(os.path.exists(os.path.join(cli.folder, "by_questions.key")), "no key file")
    expect("Improve AI: false", shown)
    told = cli.run("apps:show", app)
    for what in ("By questions", rf"Address: {hooks}/answer\s+HTTP Method: POST", rf"Address: {hooks}/event\s+HTTP Method: POST"):
        expect(what, told)
    cli.run("apps:delete", app, answer="y\n")
    check(app not in cli.run("apps"), "the application is still there")


def our_calls(lab, hooks, run, app, agent_port):
    """A call of the application from the command line, and its transfer: first a document, then a file, then an app's URL."""
    agent = lab.phone("ours", "--listen", f"127.0.0.1:{agent_port}", "--ring-ms", "50")
    key = ("--app", app, "--keyfile", "ours.key")
    uuid = run("call", "create", AGENT, '[{"action":"talk","text":"hello","loop":0}]', "--from", "12025550101", *key).strip()
    token = lab.token(app, lab.path("ours.key"))

    def shown():
        return lab.ask("GET", f"/v1/calls/{uuid}", token=token)[1]
    wait_until(lambda: shown()["status"] == "answered", "the answer to sotto call create")
    check(shown()["from"] == {"type": "phone", "number": "12025550101"}, f"the call is shown as {shown()}")
    begun = shown()["conversation_uuid"]
    with open(lab.path("hold.json"), "w") as file:
        file.write('[{"action":"wait","timeout":60}]')
    run("call", "transfer", uuid, "hold.json", *key)
    held = shown()["conversation_uuid"]
    check(held != begun, "the leg is where it was before sotto call transfer")
    expect("transferred", run("call", "transfer", uuid, f"{hooks}/again", "--json", *key))
    wait_until(lambda: shown()["conversation_uuid"] != held, "the transfer to a URL")
    expect(r"ncco\[0\].action", run("call", "create", AGENT, '[{"action":"dance"}]', *key, status=1))
    expect("--app: is required", run("call", "create", AGENT, "hold.json", status=1))
    expect("none.json: cannot be read", run("call", "transfer", uuid, "none.json", *key, status=1))
    check(lab.ask("PUT", f"/v1/calls/{uuid}", {"action": "hangup"}, token=token)[0] == 204, "hang up")
    agent.end()


def our_cli(lab, hooks, agent_port):
    """A tutorial's lines as they are printed, and our own."""
    def run(*words, status=0):
        done = subprocess.run([lab.binary, *words, "--url", lab.base], cwd=lab.folder, capture_output=True, text=True, timeout=30,
                              env={**os.environ, "VONAGE_API_KEY": KEY, "VONAGE_API_SECRET": SECRET})
        check(done.returncode == status, f"{words} ended with {done.returncode}: {done.stderr}")
        return done.stdout + done.stderr
    app = expect(r"Application created: (\S+)", run("nexmo", "app:create", "Call Whisper", f"{hooks}/answer", f"{hooks}/event",
                                                   "--save", "ours.key"))
    check("BEGIN PRIVATE KEY" in open(os.path.join(lab.folder, "ours.key")).read(), "no key file")
    number = expect(r"Number purchased: (\d+)", run("nexmo", "number:buy", "--country_code", "US", "--confirm"))
    expect("Number updated", run("nexmo", "link:app", number, app))
    expect(f"^{number}$", run("nexmo", "app:numbers", app).strip())
    token = run("nexmo", "jwt:generate", "ours.key", f"application_id={app}").strip()
    status, calls = lab.ask("GET", "/v1/calls", token=token)
    check(status == 200 and "_embedded" in calls, f"a token of jwt:generate: {status} {calls}")
    expect("expected a claim", run("nexmo", "jwt:generate", "ours.key", "nonsense", status=1))
    expect(f"Application updated: {app}", run("nexmo", "app:update", app, "Call Whisper", f"{hooks}/answer", f"{hooks}/event"))
    expect(f"{hooks}/answer", run("nexmo", "app:show", app))
    expect(r"^\d{11}$", run("nexmo", "number:search", "US", "--voice").splitlines()[0])
    expect(r" EUR$", run("nexmo", "balance").strip())
    expect(re.escape(app) + r" \| Call Whisper", run("nexmo", "app:list"))
    expect("Number updated", run("nexmo", "unlink:app", number))
    expect(number, run("nexmo", "number:list"))
    expect("Number cancelled", run("nexmo", "number:cancel", number, "--confirm"))
    our_calls(lab, hooks, run, app, agent_port)
    expect("No numbers match", run("nexmo", "number:buy", "-c", "GB", "--confirm", status=1))
    second = run("app", "create", "ours", f"{hooks}/answer", f"{hooks}/event", "--keyfile", "second.key").strip()
    free = expect(r"(\d{11}) +US", run("number", "search", "US"))
    run("number", "buy", free)
    run("number", "link", free, second)
    expect(second, run("app", "list"))
    run("number", "unlink", free)
    run("number", "cancel", free)
    for each in (app, second):
        run("app", "delete", each)
    print("ok sotto app, number, call and nexmo")


def main():
    binary = sys.argv[1]
    agent_port = free_port()
    ended = threading.Event()
    with Lab(binary, {AGENT: agent_port}) as lab:
        hooks = start_hooks(lab)
        phones = threading.Thread(target=answer_calls, args=(lab, agent_port, ended))
        phones.start()
        try:
            clients(lab, hooks)
        finally:
            ended.set()
            phones.join()
        nexmo_cli(lab, hooks)
        vonage_cli(lab, hooks)
        our_cli(lab, hooks, agent_port)
        lab.wait_until_idle()


main()
