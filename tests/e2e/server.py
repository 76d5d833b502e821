"""A Sotto server for a test: `with Server(binary, folder, "--demo") as server:` and then server.sip, server.http."""

import json
import os
import signal
import subprocess
import time

START_MAX = 30.0
DRAIN_MAX = 3.0
STOP_MAX = 30.0


class Server:
    """`sotto serve` on free ports of 127.0.0.1 with its data in `folder`; must end with status 0. Its log is
    `folder`/log, and what it printed at its first start `folder`/out."""

    def __init__(self, binary, folder, *arguments):
        self.folder = folder
        command = [binary, "serve", "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", folder, *arguments]
        with open(os.path.join(folder, "log"), "a") as log, open(os.path.join(folder, "out"), "a") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=log)
        ready = self._wait_until_ready()
        self.sip, self.http = ready["sip"], ready["http"]
        self.ready = ready

    def _wait_until_ready(self):
        path = os.path.join(self.folder, "ready.json")
        deadline = time.monotonic() + START_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with open(path) as file:
                    ready = json.load(file)
                if ready["pid"] == self.process.pid:
                    return ready
            except FileNotFoundError:
                pass
            time.sleep(0.01)
        raise SystemExit(f"the server did not start:\n{self.log()}")

    def log(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        """Drains; asks again where calls are still up, so that they end."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=DRAIN_MAX)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(timeout=STOP_MAX)

    def __enter__(self):
        return self

    def __exit__(self, kind, why, _):
        if self.process.poll() is None:
            self.stop()
        if kind is None and self.process.returncode != 0:
            raise SystemExit(f"the server ended with {self.process.returncode}:\n{self.log()}")
        if kind is not None:
            print(f"{why}\n{self.log()}")
