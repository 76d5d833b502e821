#!/usr/bin/env python3
"""A malformed request for each field of each resource that is written to (twilio.md 4), with the exact status and code of the
refusal, which names the field; fields that take any text are listed as such, so that none is forgotten. And an app whose
documents cannot be had: what it is asked again, and what instead (twilio.md 1.3, 1.4, 3.3)."""

import base64
import json
import sys
import urllib.error
import urllib.request

from openapi import Definition
from twilio_lab import NUMBERS, SID, App, check, lab
from vonage_lab import wait_until

PHONE = "12025550171"
VOICE = Definition("twilio/voice.json")
GONE = "0" * 32
URL, METHOD, FLAG = "nonsense", "PUT", "maybe"


def urls(code, *names):
    return {name: (URL, code) for name in names}


def methods(*names):
    return {name: (METHOD, 21403) for name in names}


def flags(*names):
    return {name: (FLAG, 20001) for name in names}


def words(*names):
    return {name: ("sometimes", 20001) for name in names}


RECORDING = {**urls(21502, "RecordingStatusCallback"), **methods("RecordingStatusCallbackMethod"),
             **words("RecordingStatusCallbackEvent", "RecordingChannels", "RecordingTrack", "Trim")}
MACHINE = {"MachineDetection": ("ask", 21262), "MachineDetectionTimeout": ("2", 21263),
           "MachineDetectionSpeechThreshold": ("999", 21263), "MachineDetectionSpeechEndThreshold": ("5001", 21263),
           "MachineDetectionSilenceTimeout": ("1999", 21263)}
OUTGOING = {"To": ("call me", 21211), "From": ("a b", 21212), "CallerId": ("a b", 21212), "Timeout": ("601", 21208),
            "TimeLimit": ("-1", 20001), **flags("Record"), **urls(21402, "StatusCallback"), **methods("StatusCallbackMethod"),
            **words("StatusCallbackEvent"), **RECORDING, **MACHINE}
VOICE_URLS = {**urls(21402, "VoiceUrl", "VoiceFallbackUrl", "StatusCallback", "SmsUrl", "SmsFallbackUrl"),
              **methods("VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod", "SmsMethod", "SmsFallbackMethod"),
              "VoiceCallerIdLookup": (FLAG, 21409)}
NUMBER = {**VOICE_URLS, "VoiceApplicationSid": ("AP" + GONE, 21420), **words("VoiceReceiveMode", "EmergencyStatus")}
NUMBER_TEXTS = ("FriendlyName ApiVersion SmsApplicationSid EmergencyAddressSid TrunkSid IdentitySid AddressSid BundleSid").split()
DOMAIN = {"DomainName": ("nodots", 21231), **urls(21402, "VoiceUrl", "VoiceFallbackUrl", "VoiceStatusCallbackUrl"),
          **methods("VoiceMethod", "VoiceFallbackMethod", "VoiceStatusCallbackMethod"),
          **flags("SipRegistration", "EmergencyCallingEnabled", "Secure")}
DOMAIN_TEXTS = "FriendlyName ByocTrunkSid EmergencyCallerSid".split()
STREAM_TEXTS = ["Name"] + [f"Parameter{i}.{part}" for i in range(1, 100) for part in ("Name", "Value")]

# path: (what is right, the malformed value and its code by field, the fields that take any text)
CASES = {
    "/Calls": ({"To": "+" + PHONE, "From": "+" + NUMBERS[0], "Url": "http://127.0.0.1:9/"},
               {**OUTGOING, "Url": (URL, 21205), **methods("Method", "FallbackMethod", "AsyncAmdStatusCallbackMethod"),
                **urls(21402, "FallbackUrl", "AsyncAmdStatusCallback"), "SendDigits": ("12x", 21206),
                "ApplicationSid": ("AP" + GONE, 21218), **flags("AsyncAmd")},
               "SipAuthUsername SipAuthPassword Byoc CallReason CallToken ClientNotificationUrl Twiml".split()),
    "/Calls/{Sid}": ({}, {"Url": (URL, 21205), **words("Status"), **urls(21402, "FallbackUrl", "StatusCallback"),
                          **methods("FallbackMethod", "StatusCallbackMethod"), "TimeLimit": ("x", 20001),
                          "Twiml": ("x" * 4001, 32018)}, ["Method"]),
    "/Calls/{CallSid}/Recordings": ({}, RECORDING, []),
    "/Calls/{CallSid}/Recordings/{Sid}": ({"Status": "paused"}, words("Status", "PauseBehavior"), []),
    "/Calls/{CallSid}/Streams": ({"Url": "ws://127.0.0.1:9/"},
                                 {"Url": ("http://x", 31922), "Track": ("one", 31941), **urls(21402, "StatusCallback"),
                                  **methods("StatusCallbackMethod")}, STREAM_TEXTS),
    "/Calls/{CallSid}/Streams/{Sid}": ({}, words("Status"), []),
    "/Conferences/{Sid}": ({}, {**words("Status"), **urls(21205, "AnnounceUrl"), **methods("AnnounceMethod")}, []),
    "/Conferences/{ConferenceSid}/Participants":
        ({"To": "+" + PHONE, "From": "+" + NUMBERS[0]},
         {**OUTGOING, "Label": ("a/b", 16023), **flags("Muted", "StartConferenceOnEnter", "EndConferenceOnExit", "EarlyMedia",
                                                       "Coaching"),
          **words("Beep", "ConferenceRecord", "ConferenceTrim", "JitterBufferSize", "ConferenceStatusCallbackEvent",
                  "ConferenceRecordingStatusCallbackEvent"),
          "WaitUrl": (URL, 21205), **methods("WaitMethod", "ConferenceStatusCallbackMethod", "AmdStatusCallbackMethod",
                                             "ConferenceRecordingStatusCallbackMethod"),
          **urls(21402, "ConferenceStatusCallback", "AmdStatusCallback"), **urls(21502, "ConferenceRecordingStatusCallback"),
          "MaxParticipants": ("251", 20001), "CallSidToCoach": ("nobody", 13240)},
         "SipAuthUsername SipAuthPassword Region Byoc CallReason CallToken ClientNotificationUrl CallerDisplayName".split()),
    "/Conferences/{ConferenceSid}/Participants/{CallSid}":
        ({"Hold": "true"}, {**flags("Muted", "Hold", "EndConferenceOnExit", "Coaching", "BeepOnExit"),
                            **urls(21205, "AnnounceUrl", "HoldUrl", "WaitUrl"),
                            **methods("AnnounceMethod", "HoldMethod", "WaitMethod"), "CallSidToCoach": ("nobody", 13240)}, []),
    "/Queues": ({"FriendlyName": "fresh"}, {"FriendlyName": ("x" * 65, 20001), "MaxSize": ("5001", 20001)}, []),
    "/Queues/{Sid}": ({}, {"FriendlyName": ("x" * 65, 20001), "MaxSize": ("0", 20001)}, []),
    "/Queues/{QueueSid}/Members/{CallSid}": ({"Url": "http://x/"}, {"Url": (URL, 21205), **methods("Method")}, []),
    "/IncomingPhoneNumbers": ({"PhoneNumber": "+" + NUMBERS[5]}, {**NUMBER, "PhoneNumber": ("call me", 21421), "AreaCode": ("20", 21451)}, NUMBER_TEXTS),
    "/IncomingPhoneNumbers/{Sid}": ({}, {**NUMBER, "AccountSid": ("AC" + GONE, 21470)}, NUMBER_TEXTS),
    "/Applications": ({"FriendlyName": "a"}, {**VOICE_URLS, **urls(21402, "SmsStatusCallback", "MessageStatusCallback"),
                                              **flags("PublicApplicationConnectEnabled")}, ["FriendlyName", "ApiVersion"]),
    "/OutgoingCallerIds": ({"PhoneNumber": "+12025550188"},
                           {"PhoneNumber": ("call me", 21421), "CallDelay": ("61", 20001), "Extension": ("x", 20001),
                            **urls(21402, "StatusCallback"), **methods("StatusCallbackMethod")}, ["FriendlyName"]),
    "/SIP/Domains": ({"DomainName": "d.example.org"}, DOMAIN, DOMAIN_TEXTS),
    "/SIP/Domains/{Sid}": ({}, DOMAIN, DOMAIN_TEXTS),
    "/SIP/CredentialLists": ({}, {"FriendlyName": ("", 20001)}, []),
    "/SIP/CredentialLists/{CredentialListSid}/Credentials": ({"Username": "u", "Password": "Passw0rdPassw0rd"},
                                                             {"Username": ("", 20001), "Password": ("short", 21239)}, []),
    "/SIP/IpAccessControlLists": ({}, {"FriendlyName": ("", 20001)}, []),
    "/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses":
        ({"FriendlyName": "n", "IpAddress": "192.0.2.1"},
         {"FriendlyName": ("", 20001), "IpAddress": ("192.0.2", 20001), "CidrPrefixLength": ("33", 20001)}, []),
    "/SIP/Domains/{DomainSid}/CredentialListMappings": ({}, {"CredentialListSid": ("CL" + GONE, 20404)}, []),
    "/SIP/Domains/{DomainSid}/IpAccessControlListMappings": ({}, {"IpAccessControlListSid": ("AL" + GONE, 20404)}, []),
    "/Accounts/{Sid}": ({}, words("Status"), ["FriendlyName"]),
    "/Tokens": ({}, {"Ttl": ("0", 20001)}, []),
}


def check_complete():
    """Every field that the vendor's definition knows has a case or is said to take any text."""
    for path, (_, bad, texts) in CASES.items():
        whole = "/2010-04-01/Accounts/{AccountSid}" + path + ".json"
        whole = "/2010-04-01/Accounts/{Sid}.json" if path == "/Accounts/{Sid}" else whole
        form = VOICE.root["paths"][whole]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        missing = set(form["properties"]) - set(bad) - set(texts)
        check(not missing, f"{path}: no case for {sorted(missing)}")


def refused(server, method, path, fields, code, status=None):
    found, body = server.twilio(method, path, **fields)
    wanted = status or {20404: 404, 20009: 409, 20003: 401, 20004: 405}.get(code, 400)
    right = found == wanted and body["code"] == code and body["status"] == wanted and body["message"]
    right = right and body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    if not right:
        problems.append(f"{method} {path} {fields} was answered {found} {body}, not {wanted} {code}")


problems = []


def fields_of(server, names):
    for path, (good, bad, _) in CASES.items():
        where = ".json" if path == "/Accounts/{Sid}" else path.format(**names.get(path, {})) + ".json"
        for field, (value, code) in bad.items():
            if value == "sometimes" and "CallbackEvent" in field:
                good = {**good, field.removesuffix("Event"): "http://127.0.0.1:9/"}
            fields = {**good, field: value}
            if field == "AreaCode":
                del fields["PhoneNumber"]  # which would win
            refused(server, "POST", where, fields, code)


def of_state(server, call, room, ended):
    for method, path, fields, code in (
            ("POST", "/Calls.json", {"From": "+" + NUMBERS[0], "Url": "http://x/"}, 21201),
            ("POST", "/Calls.json", {"To": "+" + PHONE, "Url": "http://x/"}, 21213),
            ("POST", "/Calls.json", {"To": "+" + PHONE, "From": "+" + NUMBERS[0]}, 21205),
            ("POST", "/Calls.json", {"To": "sip:a@b?Via=x", "From": "+" + NUMBERS[0], "Url": "http://x/"}, 21228),
            ("POST", "/Calls.json", {"To": "+" + PHONE, "From": "+" + NUMBERS[0], "Twiml": "x" * 4001}, 32018),
            ("GET", "/Calls.json", {"PageSize": "1001"}, 20007), ("GET", "/Calls.json", {"PageSize": "x"}, 20001),
            ("GET", "/Calls.json", {"Page": "-1"}, 20001), ("GET", "/Calls.json", {"PageToken": "x"}, 21481),
            ("GET", "/Calls.json", {"Status": "lost"}, 20001), ("GET", "/Calls.json", {"StartTime>": "today"}, 20001),
            ("GET", "/Calls.json", {"EndTime": "2026-13-01"}, 20001),
            ("GET", "/Conferences.json", {"Status": "lost"}, 20001),
            ("GET", "/Conferences.json", {"DateCreated<": "x"}, 20001), ("GET", "/Conferences.json", {"DateUpdated": "x"}, 20001),
            ("GET", "/Recordings.json", {"DateCreated": "x"}, 20001),
            ("GET", "/Notifications.json", {"MessageDate": "x"}, 20001), ("GET", "/Notifications.json", {"Log": "x"}, 20001),
            ("GET", f"/Conferences/{room}/Participants.json", {"Muted": "x"}, 20001),
            ("GET", f"/Conferences/{room}/Participants.json", {"Hold": "x"}, 20001),
            ("GET", f"/Conferences/{room}/Participants.json", {"Coaching": "x"}, 20001),
            ("POST", f"/Conferences/{room}/Participants.json", {"To": "+" + PHONE, "From": "+1", "Coaching": "true"}, 21212),
            ("POST", f"/Conferences/{room}/Participants.json", {"To": "+" + PHONE, "From": "+" + NUMBERS[0],
                                                                "CallSidToCoach": "CA" + GONE}, 16028),
            ("POST", "/Queues.json", {}, 20001), ("POST", "/Queues.json", {"FriendlyName": "support"}, 22003),
            ("POST", "/IncomingPhoneNumbers.json", {}, 21451),
            ("POST", "/IncomingPhoneNumbers.json", {"PhoneNumber": "+12125550100"}, 21422),
            ("POST", "/IncomingPhoneNumbers.json", {"AreaCode": "999"}, 21452),
            ("POST", f"/Calls/{ended}.json", {"Url": "http://x/"}, 21220),
            ("POST", f"/Calls/{ended}.json", {"Status": "completed"}, 21220),
            ("POST", f"/Calls/{ended}/Recordings.json", {}, 21220),
            ("POST", f"/Calls/{ended}/Streams.json", {"Url": "ws://x/"}, 21220),
            ("DELETE", f"/Calls/{call}.json", {}, 20009),
            ("GET", f"/Calls/CA{GONE}.json", {}, 20404), ("GET", "/Calls/nonsense.json", {}, 20404),
            ("GET", f"/Conferences/CF{GONE}.json", {}, 20404), ("GET", f"/Recordings/RE{GONE}.json", {}, 20404),
            ("GET", f"/Recordings/RE{GONE}.wav", {}, 20404), ("GET", f"/Recordings/RE{GONE}.mp3", {}, 20404),
            ("GET", f"/Queues/QU{GONE}.json", {}, 20404), ("GET", f"/Queues/QU{GONE}/Members/Front.json", {}, 20404),
            ("GET", f"/Conferences/{room}/Participants/CA{GONE}.json", {}, 20404),
            ("POST", f"/Calls/{call}/Recordings/Twilio.CURRENT.json", {"Status": "paused"}, 20404),
            ("GET", f"/IncomingPhoneNumbers/PN{GONE}.json", {}, 20404), ("GET", f"/Applications/AP{GONE}.json", {}, 20404),
            ("GET", f"/Notifications/NO{GONE}.json", {}, 20404), ("GET", f"/Keys/SK{GONE}.json", {}, 20404),
            ("GET", f"/Transcriptions/TR{GONE}.json", {}, 20404), ("GET", "/AvailablePhoneNumbers/ZZ.json", {}, 20404),
            ("POST", f"/Calls/{call}/Siprec.json", {}, 20001), ("POST", f"/Calls/{call}/Transcriptions.json", {}, 20001),
            ("GET", "/Messages.json", {}, 20404), ("DELETE", "/Calls.json", {}, 20004), ("PUT", "/Queues.json", {}, 20004)):
        refused(server, method, path, fields, code)


def credentials(server):
    for given in ("", "Basic eA==", "Bearer x", "Basic " + base64.b64encode(f"{SID}:wrong".encode()).decode(),
                  "Basic " + base64.b64encode(f"SK{GONE}:x".encode()).decode()):
        request = urllib.request.Request(f"{server.base}/2010-04-01/Accounts/{SID}/Calls.json")
        if given:
            request.add_header("Authorization", given)
        try:
            urllib.request.urlopen(request, timeout=10)
            problems.append(f"{given!r} was let in")
        except urllib.error.HTTPError as error:
            body = json.loads(error.read())
            right = error.code == 401 and body["code"] == 20003 and "Basic" in error.headers["WWW-Authenticate"]
            if not right:
                problems.append(f"{given!r} was answered {error.code} {body}")


def failing_app(server):
    """A status that is tried again as the URL's fragment says, a redirect, a document that is none, a fragment that is wrong."""
    def go_to(where):
        return f"<Response><Redirect>{where}</Redirect></Response>"

    def flaky(_):
        return (500, {}, "") if len(app.of("/flaky")) == 1 else (200, {"Set-Cookie": "visit=42; Path=/"}, go_to("/moved"))

    def fallback(fields):
        return go_to("/late#rc=9") if fields["ErrorCode"] == "12100" else "<Response><Hangup/></Response>"

    app = App(flaky=flaky, moved=(302, {"Location": "/redirected"}, ""), redirected=go_to("/broken"),
              broken="<Response><Say>no end", fallback=fallback)
    status, number = server.twilio("POST", "/IncomingPhoneNumbers.json", PhoneNumber="+" + NUMBERS[6],
                                   VoiceUrl=app.url + "/flaky#rc=2&rp=5xx", VoiceFallbackUrl=app.url + "/fallback")
    check(status == 201, number)
    caller = server.caller(NUMBERS[6], "unlucky")
    caller.end()
    asked = list(app.requests)
    paths = [path for path, _ in asked]
    check(paths == ["/flaky", "/flaky", "/moved", "/redirected", "/broken", "/fallback", "/fallback"], paths)
    tokens = [headers["I-Twilio-Idempotency-Token"] for headers in app.headers]
    check(tokens[0] and tokens[0] == tokens[1] and len({tokens[i] for i in (0, 2, 4, 5, 6)}) == 5, f"tokens {tokens}")
    for headers in app.headers:
        check(headers["User-Agent"] == "TwilioProxy/1.1" and headers["Accept"] == "*/*", str(headers))
    check([headers["Cookie"] for headers in app.headers[:3]] == [None, None, "visit=42"], "cookies")
    check(asked[3][1] == {}, f"parameters after a redirect: {asked[3]}")
    call = asked[0][1]["CallSid"]
    for (_, fields), (code, where) in zip(asked[5:], (("12100", "/broken"), ("11243", "/late"))):
        check((fields["ErrorCode"], fields["ErrorUrl"]) == (code, app.url + where) and fields["CallSid"] == call, fields)
    events = server.twilio("GET", f"/Calls/{call}/Events.json")[1]["events"]
    shown = [(event["request"]["url"].removeprefix(app.url), event["response"]["response_code"]) for event in events]
    check(shown == [("/fallback", 200), ("/fallback", 200), ("/broken", 200), ("/moved", 200), ("/flaky", 200)], shown)
    check(all(event["request"]["parameters"]["CallSid"] == call for event in events), events)
    check(events[2]["response"]["response_body"] == "<Response><Say>no end", events[2])
    codes = {each["error_code"] for each in server.twilio("GET", f"/Calls/{call}/Notifications.json")[1]["notifications"]}
    check({"12100", "11243"} <= codes, f"notifications {codes}")
    app.close()


def main():
    check_complete()
    app = App(room='<Response><Dial><Conference waitUrl="" beep="false">room</Conference></Dial></Response>',
              voice='<Response><Enqueue waitUrl="/wait">support</Enqueue></Response>',
              wait='<Response><Pause length="5"/></Response>')
    with lab(sys.argv[1], PHONE) as server:
        server.agent("phone", PHONE, 500)
        ask = server.twilio
        server.answer_with(app, NUMBERS[0])
        caller = server.caller(NUMBERS[0], "waiting", "--tone", "800")
        app.wait_for("/wait")
        call = ask("POST", "/Calls.json", To="+" + PHONE, From="+" + NUMBERS[0], Url=app.url + "/room")[1]["sid"]
        room = wait_until(lambda: ask("GET", "/Conferences.json")[1]["conferences"], "the room")[0]["sid"]
        ended = ask("POST", "/Calls.json", To="+12025550199", From="+" + NUMBERS[0], Url=app.url + "/room")[1]["sid"]
        wait_until(lambda: ask("GET", f"/Calls/{ended}.json")[1]["status"] in ("failed", "canceled"), "the failure")
        queue = ask("GET", "/Queues.json")[1]["queues"][0]["sid"]
        number = ask("GET", "/IncomingPhoneNumbers.json")[1]["incoming_phone_numbers"][0]["sid"]
        made = {path: ask("POST", path + ".json", **CASES[path][0])[1]["sid"] for path in ("/SIP/Domains",)}
        for path in ("/SIP/CredentialLists", "/SIP/IpAccessControlLists"):
            made[path] = ask("POST", path + ".json", FriendlyName="l")[1]["sid"]
        recording = ask("POST", f"/Calls/{call}/Recordings.json")[1]["sid"]
        domain = {"DomainSid": made["/SIP/Domains"], "Sid": made["/SIP/Domains"]}
        of_call, of_room = {"CallSid": call, "Sid": call}, {"ConferenceSid": room, "CallSid": call, "Sid": room}
        names = {path: domain if "Domain" in path else of_room if "Conference" in path else of_call for path in CASES}
        names["/Calls/{CallSid}/Recordings/{Sid}"] = {"CallSid": call, "Sid": recording}
        names["/Queues/{Sid}"] = names["/Queues/{QueueSid}/Members/{CallSid}"] = {"QueueSid": queue, "Sid": queue,
                                                                                "CallSid": "Front"}
        names["/IncomingPhoneNumbers/{Sid}"] = {"Sid": number}
        names["/SIP/CredentialLists/{CredentialListSid}/Credentials"] = {"CredentialListSid": made["/SIP/CredentialLists"]}
        names["/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses"] = {
            "IpAccessControlListSid": made["/SIP/IpAccessControlLists"]}
        fields_of(server, names)
        ask("POST", f"/Calls/{call}/Recordings/{recording}.json", Status="stopped")
        of_state(server, call, room, ended)
        credentials(server)
        ask("POST", f"/Calls/{call}.json", Status="completed")
        waiting = ask("GET", f"/Queues/{queue}/Members.json")[1]["queue_members"][0]["call_sid"]
        ask("POST", f"/Calls/{waiting}.json", Status="completed")
        caller.end()
        failing_app(server)
        server.wait_until_idle()
    app.close()
    if problems:
        raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main()
