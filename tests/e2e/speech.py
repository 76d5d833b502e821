#!/usr/bin/env python3
"""Voices and recognition by an HTTP service: what a caller says reaches apps of two dialects as words, cuts the prompt
off, and what he hears is what the service made. Where the service fails, a built-in voice speaks."""

import http.server
import io
import json
import math
import sys
import threading
import wave

from twilio_lab import NUMBER, OTHER, App, TwilioLab, check
from vonage_lab import runs, wait_until, write_tone

VOICE, CALLER = 700, 1100
TONES = {"service": VOICE, "caller": CALLER}
PROMPT = "Which offer do you mean? Please say its name."


def wav(hertz, seconds):
    out = io.BytesIO()
    with wave.open(out, "w") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(b"".join(int(9000 * math.sin(2 * math.pi * hertz * i / 24000)).to_bytes(2, "little", signed=True)
                                  for i in range(int(24000 * seconds))))
    return out.getvalue()


class Service:
    """Speaks a tone of four seconds, understands "summer offer"; asks and answers like many such services."""

    def __init__(self):
        self.spoken, self.heard, self.broken = [], [], False
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = 200, b""
                if self.headers.get("Authorization") != "Bearer secret":
                    status = 401
                elif self.path == "/v1/audio/speech":
                    service.spoken.append(json.loads(body))
                    status, answer = (500, b"out of order") if service.broken else (200, wav(VOICE, 4.0))
                else:
                    service.heard.append(body)
                    answer = json.dumps({"text": " Summer offer. ", "confidence": 0.875}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/audio"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def settings(self):
        return (f'[speech]\nsynthesis_url = "{self.url}/speech"\nsynthesis_token = "secret"\n'
                f'recognition_url = "{self.url}/transcriptions"\nrecognition_token = "secret"\n'
                '[[voice]]\nlanguage = "en-US"\nvoice = "female"\nspeak_as = "alloy"\n'
                '[[voice]]\nlanguage = "de"\nengine = "own"\n')


def say_after_a_second(lab):
    """A second of silence, a second of tone, then silence: who says something and waits."""
    path = lab.path("said.wav")
    write_tone(path, CALLER, 1.0)
    with wave.open(path) as file:
        tone = file.readframes(file.getnframes())
    with wave.open(path, "w") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000) + tone + bytes(16000))
    return path


def twilio(lab, service, said):
    say = f'<Say voice="Polly.Joanna">{PROMPT}</Say>'
    gather = (f'<Response><Gather input="speech dtmf" action="/said" timeout="5" speechTimeout="1" '
              f'hints="summer, winter" partialResultCallback="/partial">{say}</Gather></Response>')
    app = App(voice=gather, said='<Response><Say language="de-DE">Danke.</Say></Response>')
    lab.answer_with(app)
    heard = lab.caller(NUMBER, "twilio", "--play", said).end().classify(TONES)
    result = app.wait_for("/said")[0]
    check(result["SpeechResult"] == "Summer offer.", result)
    check(float(result["Confidence"]) == 0.875, result)
    check("Digits" not in result, result)
    check(service.spoken[0]["voice"] == "alloy" and service.spoken[0]["input"] == PROMPT, service.spoken)
    check(len(service.spoken) == 1, "German is ours to speak")
    check(b"summer, winter" in service.heard[0] and b"RIFF" in service.heard[0], "the hints and the sound are sent")
    prompt = heard.count("service")
    check(8 <= prompt <= 20, f"his first word cuts the prompt off after about a second of its four: {runs(heard)}")
    check("other" in heard[heard.index("service") + prompt:], f"and the app's answer is heard: {runs(heard)}")
    app.close()


class VonageApp:
    def __init__(self):
        self.inputs = []
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
                ncco = [{"action": "talk", "text": PROMPT, "bargeIn": True},
                        {"action": "input", "type": ["speech"], "eventUrl": [app.url + "/input"],
                         "speech": {"endOnSilence": 0.8, "language": "en-GB", "context": ["summer", "winter"]}}]
                if self.path == "/input":
                    app.inputs.append(body)
                    ncco = [{"action": "talk", "text": "Thank you."}]
                answer = b"" if self.path == "/event" else json.dumps(ncco).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def vonage(lab, said):
    app = VonageApp()
    application, _ = lab.create_application(app.url + "/answer", app.url + "/event", "speech")
    lab.link(OTHER, application)
    heard = lab.caller(OTHER, "vonage", "--play", said).end().classify(TONES)
    wait_until(lambda: app.inputs, "the input webhook")
    speech = app.inputs[0]["speech"]
    check(speech["results"] == [{"confidence": "0.875", "text": "Summer offer."}], app.inputs)
    check(speech["timeout_reason"] == "end_on_silence_timeout", app.inputs)
    check("service" in heard, runs(heard))


def broken(lab, service):
    """The words are spoken all the same."""
    service.broken = True
    app = App(voice="<Response><Say>The summer offer is still there.</Say></Response>")
    lab.answer_with(app)
    heard = lab.caller(NUMBER, "broken").end().classify(TONES)
    check("service" not in heard and heard.count("other") > 8, runs(heard))
    check(len(service.spoken) > 2, "it was asked first")
    app.close()


def main():
    service = Service()
    with TwilioLab(sys.argv[1], {}, service.settings()) as lab:
        said = say_after_a_second(lab)
        twilio(lab, service, said)
        vonage(lab, said)
        broken(lab, service)
        lab.wait_until_idle()


main()
