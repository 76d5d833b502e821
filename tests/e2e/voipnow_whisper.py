#!/usr/bin/env python3
"""Whisper and its siblings on registered phones: each row of contract section 7, many at once on one server. A, C, S
and T say a tone each; what each phone was sent is measured."""

import json
import sys
import tempfile
import time
import urllib.parse

from sip_phone import shown
from voipnow_office import APP, OTHER, PREFIX, SECRET, Office

GOOD = (200, 202)
AFTER_WHISPER = {"S": "AC", "A": "CS", "C": "A"}


def check(station, leg, since, heard):
    legs = {"S": leg, "A": station.a, "C": station.c}
    station.hears(since, {legs[name]: letters for name, letters in heard.items()})


def refused(station, code, status=400, **body):
    reply = station.put(**body)
    assert (reply.status, reply.code) == (status, code), (body, reply.status, reply.text)
    assert reply.json["error"]["message"]


def row_01_37_39_whisper(s):
    s.talk()
    reply = s.put(private=0)
    assert reply.status in GOOD and reply.json["id"] == s.key and reply.json["extension"] == s.agent, reply.text
    assert reply.json["link"]["self"].endswith(f"/57/{s.agent}/{s.key}")
    leg = s.S.rings().wait("answered")
    check(s, leg, leg.when("answered"), AFTER_WHISPER)
    s.S.hang_up(leg)
    time.sleep(0.5)
    s.never(s.c, s.tones["S"])
    s.unbroken(s.a)
    s.unbroken(s.c)


def row_02_03_04_caller_id_and_views(s):
    s.S.answer = "never"
    s.talk()
    messages = s.A.received, s.C.received
    before = s.views()
    s.put(callerId="Whisper To Me <42420042>")
    leg = s.S.rings().wait("ringing")
    assert shown(leg) == ("Whisper To Me", "42420042"), shown(leg)
    assert s.views() == before
    s.S.pick_up(leg)
    time.sleep(0.3)
    views = s.views()
    assert [view["id"] for view in views] == [s.view, f"{int(s.view) + 1:02}"], views
    assert views[0] == before[0], (views[0], before[0])
    new = views[1]
    assert (new["extension"], new["source"], new["destination"]) == (s.agent, [s.supervisor], [s.agent]), new
    assert (new["callerId"], new["status"]) == ("Whisper To Me <42420042>", "5"), new
    assert messages == (s.A.received, s.C.received), "A or C got a SIP message"


def row_05_private(s):
    s.talk()
    leg = s.supervise(private=1)
    check(s, leg, leg.when("answered"), {"S": "", "A": "CS", "C": "A"})


def row_06_private_default(s):
    s.talk()
    leg = s.supervise()
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_07_private_values(s):
    s.talk()
    for value in (2, "x", -1, ""):
        refused(s, "pc_private_invalid", private=value)
    s.no_ring()


def row_08_private_as_string(s):
    s.talk()
    leg = s.supervise(private="1")
    check(s, leg, leg.when("answered"), {"S": "", "A": "CS", "C": "A"})


def row_09_wait_for_pickup(s):
    s.S.answer = "never"
    s.talk()
    assert s.put(waitForPickup="3").status in GOOD
    leg = s.S.rings().wait("ringing")
    leg.wait("cancelled", timeout=6)
    assert abs(leg.when("cancelled") - leg.when("ringing") - 3) < 0.5
    assert len(s.views()) == 1
    s.hears(time.monotonic(), {s.a: "C", s.c: "A"})
    s.unbroken(s.a)


def row_10_wait_default(s):
    s.S.answer = "never"
    s.talk()
    s.put()
    leg = s.S.rings().wait("ringing")
    leg.wait("cancelled", timeout=30)
    assert abs(leg.when("cancelled") - leg.when("ringing") - 25) < 1


def row_11_wait_values(s):
    s.talk()
    for value in (0, -5, "abc", ""):
        refused(s, "pc_timeout_invalid", waitForPickup=value)
    s.no_ring()


def row_12_caller_id_default(s):
    s.talk()
    s.put()
    assert shown(s.S.rings())[0] == f"Desk {s.S.user}"


def row_13_caller_id_format(s):
    s.talk()
    for value in ("John Doe", "<>", "X <a b>", "A <1> B"):
        refused(s, "pc_callerid_invalid", callerId=value)
    s.no_ring()


def row_14_caller_id_accepted(s):
    s.S.answer = 486
    s.talk()
    for count, (value, name, number) in enumerate([("John Doe <+3334444>", "John Doe", "+3334444"),
                                                   ("Whisper To Me <42420042>", "Whisper To Me", "42420042"),
                                                   ("Q <0042*318>", "Q", "0042*318")], 1):
        assert s.put(callerId=value).status in GOOD
        assert shown(s.S.rings(count)) == (name, number), shown(s.S.legs[-1])
        s.S.legs[-1].wait("refused")
        time.sleep(0.1)


def row_15_16_17_send_call_to(s):
    s.talk()
    for value in (..., s.queue, f"{PREFIX}*990", f"{PREFIX}*991", f"{PREFIX}*777", "+40215550147", "@self",
                  f"{OTHER}*400", s.agent):
        refused(s, "pc_sendcallto_invalid", sendCallTo=value)
    s.no_ring()


def row_18_view(s):
    s.talk()
    for value in (..., "09", "", "00"):
        refused(s, "pc_phonecallview_invalid", phoneCallViewId=value)
    s.no_ring()


def row_19_phone_call_id(s):
    s.talk()
    for key in ("0123456789abcdef0123", "!!", ""):
        reply = s.put(path=f"/phoneCalls/57/{s.agent}/{key}")
        assert (reply.status, reply.code) == (400, "pc_honecall_invalid"), (key, reply.text)
    ended = s.path
    s.C.hang_up(s.c)
    s.a.wait("ended")
    assert s.put(path=ended).code == "pc_honecall_invalid"
    s.no_ring()


def row_20_action(s):
    s.talk()
    for value in ("whisper", ..., "Sing"):
        reply = s.api("PUT", s.path, s.body(value) if value is not ... else s.body(action=...))
        assert (reply.status, reply.code) == (400, "pc_action_invalid"), reply.text
    s.no_ring()


def row_21_self(s):
    s.talk()
    leg = s.supervise(path=f"/phoneCalls/57/@self/{s.key}")
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_22_users(s):
    s.talk()
    for count, user in enumerate(("@me", "@viewer", "@owner", "57"), 1):
        leg = s.supervise(path=f"/phoneCalls/{user}/{s.agent}/{s.key}", count=count)
        check(s, leg, leg.when("answered"), AFTER_WHISPER)
        s.S.hang_up(leg)
        time.sleep(0.2)


def row_23_24_user_and_extension(s):
    s.talk()
    for path, code in ((f"/phoneCalls/999999/{s.agent}/{s.key}", "user_invalid"),
                       (f"/phoneCalls/57/{PREFIX}*777/{s.key}", "extension_invalid")):
        reply = s.put(path=path)
        assert (reply.status, reply.code) == (400, code), reply.text
    s.no_ring()


def row_25_26_token(s):
    s.talk()
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        reply = s.api.send("PUT", "/uapi" + s.path, json.dumps(s.body()), header)
        assert (reply.status, reply.code) == (401, "access_denied"), reply.text
        assert reply.headers["Content-Type"].startswith("application/json") and reply.json["error"]["message"]
    s.no_ring()


def row_27_28_reply_with_the_outcome(s):
    s.talk()
    reply = s.put(headers={"Prefer": "wait=30"})
    assert reply.status == 200 and len(reply.json["phoneCallView"]) == 2, reply.text
    leg = s.S.rings().wait("answered")
    link = urllib.parse.urlsplit(reply.json["link"]["self"]).path
    listed = s.api("GET", link[len("/uapi"):]).json
    assert listed["id"] == s.key and len(listed["phoneCallView"]) == 2
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_29_nothing_to_return(s):
    s.S.answer = "never"
    s.talk()
    reply = s.put(headers={"Prefer": "wait=10"}, waitForPickup=2)
    assert (reply.status, reply.text) == (204, ""), reply.text
    s.S.rings().wait("cancelled")
    assert len(s.views()) == 1


def row_30_queue_agent(s):
    s.talk(to=s.queue)
    assert s.call["extension"] == s.queue, s.call
    leg = s.supervise()
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_31_32_the_seeds_body(s):
    s.talk()
    broken = "{\n'action\": \"Whisper\",\n\"sendCallTo\": \"0003*024*,\n\"private\": \"1\",\n\"phoneCallViewId\": \"01\"\n}"
    reply = s.api("PUT", s.path, broken)
    assert (reply.status, reply.code) == (400, "request_invalid"), reply.text
    s.no_ring()
    leg = s.supervise(private=0, callerId="Whisper To Me <42420042>", waitForPickup="20")
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_33_supervisor_hangs_up(s):
    s.talk()
    leg = s.supervise()
    s.S.hang_up(leg)
    s.hears(time.monotonic(), {s.a: "C", s.c: "A"})
    assert [view["id"] for view in s.views()] == [s.view]
    s.unbroken(s.a)
    s.unbroken(s.c)


def row_34_customer_hangs_up(s):
    s.talk()
    leg = s.supervise()
    s.C.hang_up(s.c)
    leg.wait("ended", timeout=2)
    s.a.wait("ended", timeout=2)
    assert s.api("GET", s.path).json["totalResults"] == 0


def row_35_call_ends_while_it_rings(s):
    s.S.answer = "never"
    s.talk()
    s.put()
    leg = s.S.rings().wait("ringing")
    s.C.hang_up(s.c)
    leg.wait("cancelled", timeout=1)


def row_36_busy_or_declined(s):
    s.talk()
    for count, status in enumerate((486, 603), 1):
        s.S.answer = status
        assert s.put().status in GOOD
        s.S.rings(count).wait("refused")
        time.sleep(0.1)
        assert len(s.views()) == 1
    s.hears(time.monotonic(), {s.a: "C", s.c: "A"})
    s.unbroken(s.c)


def row_40_two_supervisors(s):
    s.talk()
    first = s.supervise()
    second = s.supervise(phone=s.T, sendCallTo=s.second)
    assert len(s.views()) == 3
    s.hears(second.when("answered"), {s.a: "CST", s.c: "A", first: "AC", second: "AC"})


def row_41_mcp_form(s):
    s.talk()
    leg = s.supervise(path=s.path + "/", waitForPickup="25", private="0")
    check(s, leg, leg.when("answered"), AFTER_WHISPER)


def row_42_token_styles(s):
    fields = {"grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET}
    form = urllib.parse.urlencode(fields)
    boundary = "xyz"
    multipart = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                        for name, value in fields.items()) + f"--{boundary}--\r\n"
    kind = "application/x-www-form-urlencoded"
    host = s.api.address
    for path, body, type_ in (("/oauth/token.php", form, kind), ("/oauth/token.php", "&" + form, kind),
                              ("/oauth/token.php", form + "&redirect_uri=x&type=unifiedapi&state=0", kind),
                              ("/oauth/token.php", multipart, f"multipart/form-data; boundary={boundary}"),
                              (f"http://{host}/oauth/token.php", form, kind)):
        reply = s.api.send("POST", path, body, {"Content-Type": type_})
        assert reply.status == 200 and isinstance(reply.json["expires_in"], int), reply.text
        token = reply.json["access_token"]
        assert len(token) >= 10 and all(c.isalnum() or c in "_.-" for c in token)
    reply = s.api.post_form({**fields, "client_secret": "wrong"})
    assert (reply.status, reply.json["error"]) == (401, "invalid_client")


def row_43_barge_in(s):
    s.talk()
    leg = s.supervise("BargeIn")
    check(s, leg, leg.when("answered"), {"S": "AC", "A": "CS", "C": "AS"})


def row_44_monitor(s):
    s.talk()
    leg = s.supervise("Monitor")
    check(s, leg, leg.when("answered"), {"S": "AC", "A": "C", "C": "A"})


def row_45_delete(s):
    s.talk()
    leg = s.supervise()
    reply = s.api("DELETE", s.path)
    assert (reply.status, reply.json) == (200, [{"id": s.key}]), reply.text
    for each in (leg, s.a, s.c):
        each.wait("ended", timeout=2)


def main():
    rows = [row for name, row in sorted(globals().items()) if name.startswith("row_")]
    chosen = sys.argv[2:]
    if chosen:
        rows = [row for row in rows if any(each in row.__name__ for each in chosen)]
    rows.sort(key=lambda row: row is not row_10_wait_default)  # the longest first
    with tempfile.TemporaryDirectory() as folder:
        with Office(sys.argv[1], folder, min(6, len(rows))) as office:
            failed = office.run(rows)
            if failed:
                print(office.server.log()[-4000:])
    if failed:
        raise SystemExit(f"{failed} of {len(rows)} rows failed")


main()
