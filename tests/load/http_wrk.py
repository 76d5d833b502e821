"""HTTP requests a second by wrk's count, not ours: the server on one core, wrk on the other.

usage: http_wrk.py SOTTO          prints one line of JSON; status 1 if a request failed
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 64
SECONDS = 10
SCRIPT = """
local body = '{"uuid":"63f61863-4a51-4f6b-86e1-46edebcf9356","status":"answered","pad":"'
body = body .. string.rep("x", 450 - #body - 2) .. '"}'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = body
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_served(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def milliseconds(report, percent):
    value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", report).groups()
    return round(float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit], 2)


def main():
    port = free_port()
    server = subprocess.Popen([sys.argv[1], "bench", "http", "--listen", f"127.0.0.1:{port}"])
    try:
        wait_until_served(port)
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(SCRIPT)
            script.flush()
            last = str(max(os.sched_getaffinity(0)))
            command = ["taskset", "-c", last, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", "--latency"]
            target = f"http://127.0.0.1:{port}/v1/events"
            report = subprocess.run([*command, "-s", script.name, target], stdout=subprocess.PIPE, text=True, check=True)
    finally:
        server.terminate()
        server.wait()
    failed = re.search(r"(Non-2xx[^\n]*|Socket errors[^\n]*)", report.stdout)
    line = {
        "workload": "http_wrk",
        "connections": CONNECTIONS,
        "requests_per_s": int(float(re.search(r"Requests/sec:\s+([\d.]+)", report.stdout).group(1))),
        "p50_ms": milliseconds(report.stdout, 50),
        "p99_ms": milliseconds(report.stdout, 99),
    }
    if failed:
        line["failed"] = failed.group(1)
    print(json.dumps(line))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
