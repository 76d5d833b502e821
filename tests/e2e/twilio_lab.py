"""A server, its Twilio account, an app and phones, for the tests of that dialect. Each webhook's signature is checked."""

import base64
import hashlib
import hmac
import http.server
import json
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from vonage_lab import Lab, check, free_port, wait_until, write_tone

SID, TOKEN = "AC" + "1" * 32, "2b7e151628aed2a6abf7158809cf4f3c"
NUMBERS = [f"120255501{i:02}" for i in range(10, 30)]  # for sale
NUMBER, OTHER = NUMBERS[:2]


def signature(url, form):
    data = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(TOKEN.encode(), data.encode(), hashlib.sha1).digest()).decode()


class App:
    """Answers each path with a document: a text, a sound's bytes, or what a function makes of the request's fields. Each may
    be a triple instead: status, headers and document."""

    def __init__(self, **documents):
        self.documents = {"/" + path: document for path, document in documents.items()}
        self.requests = []  # (path, fields), in order of arrival
        self.times = []     # (when, path), the same
        self.headers = []   # of the request, the same
        self.problems = []
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet for each reply

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = urllib.parse.parse_qsl(body, keep_blank_values=True)
                url = f"http://{self.headers['Host']}{self.path}"
                split = urllib.parse.urlsplit(self.path)
                sound = split.path.endswith(".wav")  # what is played is fetched as by a browser
                redirected = split.path.endswith("/redirected")  # it has the first request's signature
                if not sound and not redirected and self.headers.get("X-Twilio-Signature") != signature(url, form):
                    app.problems.append(f"{self.path}: the signature is wrong")
                fields = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True) + form)
                app.requests.append((split.path, fields))
                app.times.append((time.monotonic(), split.path))
                app.headers.append(self.headers)
                document = app.documents.get(split.path, "")
                answer = document(fields) if callable(document) else document
                status, more, answer = answer if isinstance(answer, tuple) else (None, {}, answer)
                kind = "audio/wav" if isinstance(answer, bytes) else "text/xml"
                answer = answer if isinstance(answer, bytes) else answer.encode()
                self.send_response(status or (200 if answer else 204))
                for name, value in {"Content-Type": kind, **more}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                if sound:
                    self.send_header("Cache-Control", "max-age=3600")
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, path):
        return [fields for each, fields in list(self.requests) if each == path]

    def when(self, path):
        return next(at for at, each in list(self.times) if each == path)

    def wait_for(self, path, count=1):
        return wait_until(lambda: len(self.of(path)) >= count and self.of(path), f"request {count} of {path}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        check(not self.problems, self.problems)


class TwilioLab(Lab):
    def __init__(self, binary, agents, settings=""):
        account = f'[account.twilio]\naccount_sid = "{SID}"\nauth_token = "{TOKEN}"\nunencrypted_streams = true\n'
        pool = f'[[pool]]\nname = "more"\ncountry = "US"\nnumbers = {json.dumps(NUMBERS)}\n'
        super().__init__(binary, agents, account + pool + settings)

    def twilio(self, method, path, **fields):
        """Status and JSON of the answer."""
        url = f"{self.base}/2010-04-01/Accounts/{SID}{path}"
        data = urllib.parse.urlencode(fields, doseq=True)
        if method == "GET" and data:
            url += "?" + data
        request = urllib.request.Request(url, method=method, data=data.encode() if method == "POST" else None)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def answer_with(self, app, number=NUMBER, path="/voice"):
        """Calls to the number run this document of the app; the number is bought at the first time."""
        owned = self.twilio("GET", "/IncomingPhoneNumbers.json", PhoneNumber="+" + number)[1]["incoming_phone_numbers"]
        fields = {"VoiceUrl": app.url + path, "StatusCallback": app.url + "/status"}
        if owned:
            status, body = self.twilio("POST", f"/IncomingPhoneNumbers/{owned[0]['sid']}.json", **fields)
        else:
            status, body = self.twilio("POST", "/IncomingPhoneNumbers.json", PhoneNumber="+" + number, **fields)
        check(status in (200, 201), f"number: {status} {body}")

    def agent(self, name, number, tone, *arguments):
        return self.phone(name, "--listen", f"127.0.0.1:{self.ports[number]}", "--tone", str(tone), *arguments)


def agents(*numbers):
    return {number: free_port() for number in numbers}


def lab(binary, *numbers, settings=""):
    ports = agents(*numbers)
    made = TwilioLab(binary, ports, settings)
    made.ports = ports
    return made


def side_by_side(*scenarios):
    """Runs them at the same time; each is a function. Fails with the first that failed."""
    failures = []

    def run(scenario):
        try:
            scenario()
        except BaseException as failure:  # also SystemExit, which a thread swallows
            failures.append((scenario, failure))

    threads = [threading.Thread(target=run, args=(each,)) for each in scenarios]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for scenario, failure in failures:
        print(f"{getattr(scenario, '__name__', scenario)}: {failure}")
    if failures:
        raise failures[0][1]


def talk(seconds):
    """Lets time pass in which the phones record each other."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, "the talk")


def tone_file(hertz, seconds):
    """A wav file's bytes."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        write_tone(file.name, hertz, seconds)
        return file.read()
