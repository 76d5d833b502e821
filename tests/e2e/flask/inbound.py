"""An inbound call in Python, as tutorials have it: SCENARIO is message, forward, hold (a timer of the app ends the music)
or agentfree (a browser's hit on that page does, from inside its own request). One thread, as Flask once had."""

import base64
import json
import os
import subprocess
import threading
import time
import urllib.request

from flask import Flask, jsonify, request

app = Flask(__name__, static_folder=os.environ["STATIC"], static_url_path="/files")
SCENARIO = os.environ["SCENARIO"]
URL = os.environ["PUBLIC_URL"]
AGENT = os.environ["AGENT"]
state = {"uuid": "", "seen": []}


def token():
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    now = int(time.time())
    claims = {"application_id": os.environ["APPLICATION_ID"], "iat": now, "exp": now + 60, "jti": os.urandom(8).hex()}
    text = part(b'{"alg":"RS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", os.environ["PRIVATE_KEY"]], input=text,
                               capture_output=True, check=True).stdout
    return (text + b"." + part(signature)).decode()


def transfer_call():
    body = json.dumps({"action": "transfer", "destination": {"type": "ncco", "url": [f"{URL}/ncco"]}}).encode()
    change = urllib.request.Request(f"{os.environ['SOTTO_HTTP']}/v1/calls/{state['uuid']}", body, method="PUT", headers={
        "Authorization": f"Bearer {token()}", "Content-Type": "application/json"})
    with urllib.request.urlopen(change, timeout=10) as reply:
        state["seen"].append({"transfer": reply.status, "uuid": state["uuid"]})


def connect(words):
    return jsonify([{"action": "talk", "text": words},
                    {"action": "connect", "from": "44700000002", "endpoint": [{"type": "phone", "number": AGENT}]}])


@app.route("/webhooks/answer")
def answer_call():
    if SCENARIO == "message":
        return jsonify([{"action": "talk", "text": "Thank you for calling. Unfortunately we are closed now."}])
    if SCENARIO == "forward":
        return connect("Hello, one moment please, your call is being forwarded to our agent")
    state["uuid"] = request.args["uuid"]
    return jsonify([{"action": "talk", "text": "All of our agents are busy, please wait"},
                    {"action": "stream", "streamUrl": [f"{URL}/files/music.mp3"], "loop": 0}])


@app.route("/ncco")
def ncco():
    return connect("Now connecting you, thanks for waiting")


@app.route("/agentfree")
def agentfree():
    transfer_call()
    return "Agent available"


@app.route("/webhooks/event", methods=["POST"])
def events():
    state["seen"].append(request.get_json())
    return "200"


@app.route("/seen")
def seen():
    return jsonify(state["seen"])


if __name__ == "__main__":
    if SCENARIO == "hold":
        threading.Timer(float(os.environ["HOLD_SECONDS"]), transfer_call).start()
    print("listening", flush=True)
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=False)
