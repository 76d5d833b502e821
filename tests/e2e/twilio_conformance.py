#!/usr/bin/env python3
"""Every answer of the REST API against the vendor's definitions, with every documented field there (twilio.md 4.1: a client
takes a missing date for now), and a malformed request for every field of every resource with the exact error."""

import sys

from openapi import Check, Definition
from twilio_lab import NUMBERS, SID, App, check, lab
from vonage_lab import wait_until

PHONE = "12025550171"
VOICE = Definition("twilio/voice.json")
RFC2822 = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000"
URI = r"/2010-04-01/Accounts/.+\.json(\?.*)?"
ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"

# What must not be null, by the list key of the resource.
CREATED = {"date_created": RFC2822, "date_updated": RFC2822}
REQUIRED = {
    "calls": {**CREATED, "sid": "CA[0-9a-f]{32}", "account_sid": SID, "status": "[a-z-]+", "direction": "[a-z-]+", "to": str,
              "from": str, "api_version": "2010-04-01", "uri": URI, "price_unit": "USD", "queue_time": r"\d+",
              "subresource_uris.recordings": URI},
    "conferences": {**CREATED, "sid": "CF[0-9a-f]{32}", "account_sid": SID, "friendly_name": str, "status": "[a-z-]+",
                    "region": "us1", "uri": URI, "subresource_uris.participants": URI},
    "participants": {**CREATED, "call_sid": "CA[0-9a-f]{32}", "conference_sid": "CF[0-9a-f]{32}", "account_sid": SID,
                     "muted": bool, "hold": bool, "coaching": bool, "start_conference_on_enter": bool,
                     "end_conference_on_exit": bool, "status": "[a-z]+", "uri": URI},
    "recordings": {**CREATED, "sid": "RE[0-9a-f]{32}", "account_sid": SID, "start_time": RFC2822, "channels": int,
                   "source": "[A-Za-z]+", "status": "[a-z-]+", "uri": URI},
    "queues": {**CREATED, "sid": "QU[0-9a-f]{32}", "account_sid": SID, "friendly_name": str, "current_size": int,
               "average_wait_time": int, "max_size": int, "uri": URI},
    "queue_members": {"call_sid": "CA[0-9a-f]{32}", "queue_sid": "QU[0-9a-f]{32}", "date_enqueued": RFC2822, "position": int,
                      "wait_time": int, "uri": URI},
    "incoming_phone_numbers": {**CREATED, "sid": "PN[0-9a-f]{32}", "account_sid": SID, "phone_number": r"\+\d+",
                               "friendly_name": str, "capabilities.voice": bool, "origin": "twilio", "status": "in-use",
                               "voice_method": "GET|POST", "uri": URI},
    "applications": {**CREATED, "sid": "AP[0-9a-f]{32}", "account_sid": SID, "voice_method": "GET|POST", "uri": URI},
    "outgoing_caller_ids": {**CREATED, "sid": "PN[0-9a-f]{32}", "account_sid": SID, "phone_number": r"\+\d+", "uri": URI},
    "notifications": {**CREATED, "sid": "NO[0-9a-f]{32}", "account_sid": SID, "error_code": r"\d{5}", "log": "[01]",
                      "message_text": str, "message_date": RFC2822, "request_url": str, "uri": URI},
    "keys": {**CREATED, "sid": "SK[0-9a-f]{32}"}, "signing_keys": {**CREATED, "sid": "SK[0-9a-f]{32}"},
    "accounts": {**CREATED, "sid": "AC[0-9a-f]{32}", "auth_token": str, "friendly_name": str, "status": "active",
                 "type": "Full", "uri": URI, "subresource_uris.calls": URI},
    "domains": {**CREATED, "sid": "SD[0-9a-f]{32}", "account_sid": SID, "domain_name": str, "uri": URI},
    "credential_lists": {**CREATED, "sid": "CL[0-9a-f]{32}", "account_sid": SID, "uri": URI},
    "credentials": {**CREATED, "sid": "CR[0-9a-f]{32}", "account_sid": SID, "username": str, "uri": URI},
    "ip_access_control_lists": {**CREATED, "sid": "AL[0-9a-f]{32}", "account_sid": SID, "uri": URI},
    "ip_addresses": {**CREATED, "sid": "IP[0-9a-f]{32}", "account_sid": SID, "ip_address": str, "cidr_prefix_length": int,
                     "uri": URI},
    "credential_list_mappings": {**CREATED, "sid": "CL[0-9a-f]{32}", "account_sid": SID},
    "ip_access_control_list_mappings": {**CREATED, "sid": "AL[0-9a-f]{32}", "account_sid": SID},
    "contents": {**CREATED, "sid": "(CL|AL)[0-9a-f]{32}", "account_sid": SID},
}
PAGE = {"end": int, "first_page_uri": URI, "next_page_uri": None, "page": int, "page_size": int, "previous_page_uri": None,
        "start": int, "uri": URI}
seen = set()  # (template, method) that were answered and judged


def without_empty_sids(value):
    """Sids that are not set are "" in real answers of numbers, whatever the definition's pattern says (twilio.md 4.8)."""
    if isinstance(value, list):
        return [without_empty_sids(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: None if each == "" and name.endswith("_sid") else without_empty_sids(each) for name, each in value.items()}


class Api:
    def __init__(self, server):
        self.server = server

    def ask(self, method, template, status, key=None, fields=None, **names):
        """The answer's body. `key`: the resource, by its list key; `template` is a path below the account."""
        path = template.format(**names)
        found, body = self.server.twilio(method, path, **(fields or {}))
        check(found == status, f"{method} {path}: {found} {body}")
        whole = "/2010-04-01/Accounts/{Sid}.json" if template == ".json" else ACCOUNT + template
        seen.add((whole, method.lower()))
        if status == 204:
            check(body is None, f"{path}: {body}")
            return None
        answers = VOICE.root["paths"][whole][method.lower()]["responses"]
        schema = VOICE.schema_of(whole, method.lower(), status if str(status) in answers else min(answers))
        self.judge(f"{method} {path}", body, schema, key)
        return body

    def judge(self, name, body, schema, key):
        body = without_empty_sids(body)
        properties = VOICE.resolved(schema)["properties"]
        # The price and the encryption of a call's recording are never shown: null.
        required = {field: None for field in properties}
        lists = [field for field, part in properties.items() if part.get("type") == "array"]
        if key and key in lists:
            required.update(PAGE)
            check(lists == [key] and set(body) == set(PAGE) | {key}, f"{name}: keys {sorted(body)}")
            of_item = VOICE.resolved(properties[key]["items"])["properties"]
            for item in body[key]:
                Check({**{field: None for field in of_item}, **REQUIRED.get(key, {})}).must_pass(name, item)
        else:
            required.update(REQUIRED.get(key, {}))
        if "AvailablePhoneNumbers" in name:  # real answers are not paged
            required = {field: kind for field, kind in required.items() if field not in PAGE or field == "uri"}
        Check(required, VOICE, schema).must_pass(name, body)

    def crud(self, template, key, fields, change=None, **names):
        """Creates one, shows it, lists it, changes it; gives it."""
        made = self.ask("POST", template + ".json", 201, key, fields, **names)
        one = template + "/{Sid}.json"
        if (ACCOUNT + one) in VOICE.root["paths"]:
            self.ask("GET", one, 200, key, None, Sid=made["sid"], **names)
            if change is not None:
                changed = self.ask("POST", one, 200, key, change, Sid=made["sid"], **names)
                check(changed["sid"] == made["sid"], changed)
        self.ask("GET", template + ".json", 200, key, None, **names)
        return made

    def erase(self, template, sid, **names):
        self.ask("DELETE", template + "/{Sid}.json", 204, None, None, Sid=sid, **names)
        check(self.server.twilio("GET", template.format(**names) + f"/{sid}.json")[0] == 404, f"{sid} is still there")


def stored(api, app):
    hook = {"VoiceUrl": app.url + "/voice"}
    api.ask("GET", ".json", 200, "accounts")
    api.ask("POST", ".json", 200, "accounts", {"FriendlyName": "mine"})
    api.ask("GET", "/Balance.json", 200)
    api.ask("POST", "/Tokens.json", 201, None, {"Ttl": "60"})
    key = api.ask("POST", "/Keys.json", 201, None, {"FriendlyName": "k"})
    check(len(key["secret"]) >= 32, key)
    for template in ("/Keys", "/SigningKeys"):
        listed = template[1:].replace("Signing", "signing_").lower()
        api.ask("GET", template + ".json", 200, listed)
        shown = api.ask("GET", template + "/{Sid}.json", 200, listed, None, Sid=key["sid"])
        check("secret" not in shown, "the secret is shown twice")
        api.ask("POST", template + "/{Sid}.json", 200, listed, {"FriendlyName": "other"}, Sid=key["sid"])
    other = api.ask("POST", "/SigningKeys.json", 201, None, {})
    api.erase("/SigningKeys", other["sid"])
    api.erase("/Keys", key["sid"])
    made = api.crud("/Applications", "applications", {"FriendlyName": "a", **hook}, {"VoiceMethod": "GET"})
    api.erase("/Applications", made["sid"])
    caller = api.ask("POST", "/OutgoingCallerIds.json", 200, None, {"PhoneNumber": "+12025550188"})
    check(caller["phone_number"] == "+12025550188", caller)
    caller = api.ask("GET", "/OutgoingCallerIds.json", 200, "outgoing_caller_ids")["outgoing_caller_ids"][0]
    api.ask("GET", "/OutgoingCallerIds/{Sid}.json", 200, "outgoing_caller_ids", None, Sid=caller["sid"])
    api.ask("POST", "/OutgoingCallerIds/{Sid}.json", 200, "outgoing_caller_ids", {"FriendlyName": "x"}, Sid=caller["sid"])
    api.erase("/OutgoingCallerIds", caller["sid"])
    api.ask("GET", "/Transcriptions.json", 200, "transcriptions")


def sip(api):
    domain = api.crud("/SIP/Domains", "domains", {"DomainName": "d.sip.example.org"}, {"FriendlyName": "d"})
    lists = api.crud("/SIP/CredentialLists", "credential_lists", {"FriendlyName": "l"}, {"FriendlyName": "m"})
    access = api.crud("/SIP/IpAccessControlLists", "ip_access_control_lists", {"FriendlyName": "l"}, {"FriendlyName": "m"})
    of_list = {"CredentialListSid": lists["sid"]}
    of_access = {"IpAccessControlListSid": access["sid"]}
    credential = api.crud("/SIP/CredentialLists/{CredentialListSid}/Credentials", "credentials",
                          {"Username": "u", "Password": "Passw0rdPassw0rd"}, {"Password": "An0therPassword"}, **of_list)
    address = api.crud("/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses", "ip_addresses",
                       {"FriendlyName": "n", "IpAddress": "192.0.2.1"}, {"CidrPrefixLength": "24"}, **of_access)
    mappings = []
    of_domain = "/SIP/Domains/{DomainSid}"
    for template, key, fields in (("/CredentialListMappings", "credential_list_mappings", of_list),
                                  ("/IpAccessControlListMappings", "ip_access_control_list_mappings", of_access),
                                  ("/Auth/Calls/CredentialListMappings", "contents", of_list),
                                  ("/Auth/Calls/IpAccessControlListMappings", "contents", of_access),
                                  ("/Auth/Registrations/CredentialListMappings", "contents", of_list)):
        made = api.crud(of_domain + template, key, fields, DomainSid=domain["sid"])
        mappings.append((template, made["sid"]))
    for template, sid in mappings:
        api.erase(of_domain + template, sid, DomainSid=domain["sid"])
    api.erase("/SIP/CredentialLists/{CredentialListSid}/Credentials", credential["sid"], **of_list)
    api.erase("/SIP/IpAccessControlLists/{IpAccessControlListSid}/IpAddresses", address["sid"], **of_access)
    api.erase("/SIP/CredentialLists", lists["sid"])
    api.erase("/SIP/IpAccessControlLists", access["sid"])
    api.erase("/SIP/Domains", domain["sid"])


def numbers(api, app):
    countries = api.ask("GET", "/AvailablePhoneNumbers.json", 200)
    check(set(countries) == {"countries", "uri"} and countries["countries"][0]["country_code"] == "US", countries)
    api.ask("GET", "/AvailablePhoneNumbers/{CountryCode}.json", 200, None, None, CountryCode="US")
    for kind in ("Local", "Mobile", "National", "TollFree"):
        sale = api.ask("GET", "/AvailablePhoneNumbers/{CountryCode}/" + kind + ".json", 200, None, None, CountryCode="US")
        check(set(sale) == {"available_phone_numbers", "uri"}, sorted(sale))
    fields = {"VoiceUrl": app.url + "/voice", "StatusCallback": app.url + "/status"}
    made = api.crud("/IncomingPhoneNumbers", "incoming_phone_numbers", {"PhoneNumber": "+" + NUMBERS[0], **fields},
                    {"FriendlyName": "advert"})
    for kind in ("Local", "Mobile", "TollFree"):
        api.ask("GET", f"/IncomingPhoneNumbers/{kind}.json", 200, "incoming_phone_numbers")
        other = api.ask("POST", f"/IncomingPhoneNumbers/{kind}.json", 201, "incoming_phone_numbers",
                        {"PhoneNumber": "+" + NUMBERS[1]})
        api.erase("/IncomingPhoneNumbers", other["sid"])
    return made


def live(api, app, made):
    """A call in a conference that is recorded, and one in a queue."""
    server = api.server
    call = api.ask("POST", "/Calls.json", 201, "calls", {"To": "+" + PHONE, "From": "+" + NUMBERS[0], "Url": app.url + "/room",
                                                         "StatusCallback": app.url + "/leg"})
    check(call["status"] == "queued" and call["start_time"] is None and call["duration"] is None, call)
    check(call["phone_number_sid"] == made["sid"] and call["direction"] == "outbound-api", call)
    check(call["to_formatted"] == "(202) 555-0171", call)
    room = wait_until(lambda: server.twilio("GET", "/Conferences.json")[1]["conferences"], "the room")[0]
    one = {"Sid": call["sid"]}
    of_call = {"CallSid": call["sid"]}
    shown = api.ask("GET", "/Calls/{Sid}.json", 200, "calls", None, **one)
    check(shown["status"] == "in-progress" and shown["end_time"] is None, shown)
    api.ask("POST", "/Calls/{Sid}.json", 200, "calls", {"TimeLimit": "600"}, **one)
    api.ask("GET", "/Conferences.json", 200, "conferences")
    api.ask("GET", "/Conferences/{Sid}.json", 200, "conferences", None, Sid=room["sid"])
    in_room = {"ConferenceSid": room["sid"]}
    people = "/Conferences/{ConferenceSid}/Participants"
    api.ask("GET", people + ".json", 200, "participants", None, **in_room)
    api.ask("GET", people + "/{CallSid}.json", 200, "participants", None, **in_room, **of_call)
    held = api.ask("POST", people + "/{CallSid}.json", 200, "participants", {"Hold": "true"}, **in_room, **of_call)
    check(held["hold"] is True and held["muted"] is False, held)
    second = api.ask("POST", people + ".json", 201, "participants", {"To": "+12025550172", "From": "+" + NUMBERS[0],
                                                                     "Label": "two", "Timeout": "5"}, **in_room)
    check(second["label"] == "two" and second["status"] in ("queued", "connecting", "ringing"), second)
    recordings(api, call["sid"], room["sid"])
    stream = api.ask("POST", "/Calls/{CallSid}/Streams.json", 200, None, {"Url": "ws://127.0.0.1:9/x", "Name": "n"}, **of_call)
    check(stream["name"] == "n" and stream["status"] == "in-progress", stream)
    api.ask("GET", "/Calls/{CallSid}/Events.json", 200, None, None, **of_call)
    queue(api, app)
    api.ask("POST", "/Conferences/{Sid}.json", 200, "conferences", {"Status": "completed"}, Sid=room["sid"])
    over = wait_until(lambda: (lambda c: c["status"] == "completed" and c)(
        server.twilio("GET", f"/Calls/{call['sid']}.json")[1]), "the end")
    check(int(over["duration"]) >= 0 and over["end_time"], over)
    api.ask("GET", "/Calls.json", 200, "calls")
    ended = api.ask("GET", "/Conferences/{Sid}.json", 200, "conferences", None, Sid=room["sid"])
    check(ended["status"] == "completed" and ended["reason_conference_ended"] == "conference-ended-via-api", ended)
    app.wait_for("/leg")
    return call["sid"]


def recordings(api, call_sid, room_sid):
    of_call = "/Calls/{CallSid}/Recordings"
    made = api.ask("POST", of_call + ".json", 201, "recordings", {"RecordingChannels": "dual"}, CallSid=call_sid)
    check(made["source"] == "StartCallRecordingAPI" and made["track"] == "both" and made["channels"] == 2, made)
    names = {"CallSid": call_sid, "Sid": made["sid"]}
    for status, shown in (("paused", "paused"), ("in-progress", "in-progress"), ("stopped", "stopped")):
        changed = api.ask("POST", of_call + "/{Sid}.json", 200, "recordings", {"Status": status}, **names)
        check(changed["status"] == shown, changed)
    done = wait_until(lambda: (lambda r: r["status"] == "completed" and r)(
        api.server.twilio("GET", f"/Recordings/{made['sid']}.json")[1]), "the recording")
    check(done["media_url"].endswith(made["sid"]) and done["duration"] is not None, done)
    api.ask("GET", of_call + ".json", 200, "recordings", None, CallSid=call_sid)
    api.ask("GET", of_call + "/{Sid}.json", 200, "recordings", None, **names)
    api.ask("GET", "/Conferences/{ConferenceSid}/Recordings.json", 200, "recordings", None, ConferenceSid=room_sid)
    api.ask("GET", "/Recordings.json", 200, "recordings")
    api.ask("GET", "/Recordings/{Sid}.json", 200, "recordings", None, Sid=made["sid"])
    api.ask("GET", "/Recordings/{RecordingSid}/Transcriptions.json", 200, "transcriptions", None, RecordingSid=made["sid"])
    api.erase("/Recordings", made["sid"])


def queue(api, app):
    server = api.server
    made = api.crud("/Queues", "queues", {"FriendlyName": "support", "MaxSize": "5"}, {"MaxSize": "6"})
    caller = server.caller(NUMBERS[0], "waiting", "--tone", "800")
    app.wait_for("/voice")
    of_queue = {"QueueSid": made["sid"]}
    wait_until(lambda: server.twilio("GET", f"/Queues/{made['sid']}.json")[1]["current_size"] == 1, "the caller")
    api.ask("GET", "/Queues/{Sid}.json", 200, "queues", None, Sid=made["sid"])
    api.ask("GET", "/Queues/{QueueSid}/Members.json", 200, "queue_members", None, **of_queue)
    front = api.ask("GET", "/Queues/{QueueSid}/Members/{CallSid}.json", 200, "queue_members", None, CallSid="Front", **of_queue)
    check(front["position"] == 1, front)
    status, body = server.twilio("DELETE", f"/Queues/{made['sid']}.json")
    check(status == 400 and body["code"] == 22004, body)
    api.ask("POST", "/Queues/{QueueSid}/Members/{CallSid}.json", 200, "queue_members", {"Url": app.url + "/bye"},
            CallSid="Front", **of_queue)
    caller.end()
    api.erase("/Queues", made["sid"])


def notifications(api, app):
    server = api.server
    api.server.twilio("POST", f"/IncomingPhoneNumbers/{server.number}.json", VoiceUrl=app.url + "/nonsense")
    caller = server.caller(NUMBERS[0], "unlucky", "--tone", "800")
    caller.end()
    listed = api.ask("GET", "/Notifications.json", 200, "notifications")["notifications"]
    note = next(each for each in listed if each["error_code"] == "12100")
    check(note["log"] == "0" and note["request_url"] == app.url + "/nonsense", note)
    api.ask("GET", "/Notifications/{Sid}.json", 200, "notifications", None, Sid=note["sid"])
    names = {"CallSid": note["call_sid"]}
    api.ask("GET", "/Calls/{CallSid}/Notifications.json", 200, "notifications", None, **names)
    api.ask("GET", "/Calls/{CallSid}/Notifications/{Sid}.json", 200, "notifications", None, Sid=note["sid"], **names)
    wait_until(lambda: server.twilio("GET", f"/Calls/{note['call_sid']}.json")[1]["status"] == "completed", "the end")
    api.erase("/Calls", note["call_sid"])


# No engine here writes down what is said, and no recorder outside is told of calls: these say so.
NOT_HERE = [("/Calls/{CallSid}/Transcriptions", "post"), ("/Calls/{CallSid}/Transcriptions/{Sid}", "post"),
            ("/Calls/{CallSid}/Siprec", "post"), ("/Calls/{CallSid}/Siprec/{Sid}", "post"),
            ("/Recordings/{RecordingSid}/Transcriptions/{Sid}", "get"), ("/Transcriptions/{Sid}", "get"),
            ("/Recordings/{RecordingSid}/Transcriptions/{Sid}", "delete"), ("/Transcriptions/{Sid}", "delete")]
# The same handlers as elsewhere, or answers that end what the others need.
ELSEWHERE = [("/Conferences/{ConferenceSid}/Participants/{CallSid}", "delete"),
             ("/Conferences/{ConferenceSid}/Recordings/{Sid}", "get"),
             ("/Conferences/{ConferenceSid}/Recordings/{Sid}", "post"),
             ("/Conferences/{ConferenceSid}/Recordings/{Sid}", "delete"), ("/Calls/{CallSid}/Recordings/{Sid}", "delete"),
             ("/Calls/{CallSid}/Streams/{Sid}", "post")]


def everything_was_judged():
    wanted = {(path, method) for path, methods in VOICE.root["paths"].items() for method in methods}
    besides = {(ACCOUNT + path + ".json", method) for path, method in NOT_HERE + ELSEWHERE}
    besides |= {("/2010-04-01/Accounts.json", "get"), ("/2010-04-01/Accounts.json", "post")}  # in clients.js
    missing = wanted - seen - besides
    check(not missing, f"not judged: {sorted(missing)}")


def main():
    app = App(voice='<Response><Enqueue waitUrl="/wait">support</Enqueue></Response>', bye="<Response><Hangup/></Response>",
              wait='<Response><Pause length="5"/></Response>', nonsense="<Response><Say>no end",
              room='<Response><Dial><Conference waitUrl="" beep="false">room</Conference></Dial></Response>')
    with lab(sys.argv[1], PHONE) as server:
        server.agent("phone", PHONE, 500)
        api = Api(server)
        stored(api, app)
        sip(api)
        made = numbers(api, app)
        server.number = made["sid"]
        live(api, app, made)
        notifications(api, app)
        api.erase("/IncomingPhoneNumbers", made["sid"])
        everything_was_judged()
        server.wait_until_idle()
    app.close()


if __name__ == "__main__":
    main()
