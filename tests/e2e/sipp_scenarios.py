"""Scenarios for sipp, written short: each is a list of steps that become its XML."""

import os

HEADERS = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:caller@[local_ip]:[local_port]>;tag=[pid]SIPpTag00[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{to}
Call-ID: [call_id]
CSeq: {cseq} {method}
Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
"""
SDP = """v=0
o=user1 53655765 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a={direction}
"""


def send(text, retrans=True):
    again = ' retrans="500"' if retrans else ""
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"


def request(method, cseq, extra="", body="", in_dialog=True, target=None):
    target = target or ("[next_url]" if in_dialog else "sip:[service]@[remote_ip]:[remote_port]")
    head = HEADERS.format(to="[peer_tag_param]" if in_dialog else "", cseq=cseq, method=method)
    content = "Content-Type: application/sdp\n" if body else ""
    return send(f"{method} {target} SIP/2.0\n{head}{extra}{content}Content-Length: [len]\n\n{body}",
                retrans=method != "ACK")


def offer(version=1, direction="sendrecv"):
    return SDP.format(version=version, direction=direction)


def receive(status=None, method=None, optional=False, auth=False, ereg=None, rrs=False):
    attributes = f'response="{status}"' if status else f'request="{method}"'
    if optional:
        attributes += ' optional="true"'
    if auth:
        attributes += ' auth="true"'
    if rrs:
        attributes += ' rrs="true"'
    if ereg is None:
        return f"<recv {attributes}/>"
    return (f'<recv {attributes}><action><ereg regexp="{ereg}" search_in="msg" check_it="true" assign_to="1"/>'
            f'<log message="[$1]"/></action></recv>')


def pause(milliseconds):
    return f'<pause milliseconds="{milliseconds}"/>'


def reply(status, extra="", body=""):
    content = "Content-Type: application/sdp\n" if body else ""
    return send(f"""SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Record-Route:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
{extra}{content}Content-Length: [len]

{body}""", retrans=status.startswith("200") and bool(body))


def bye_answer():
    return send("""SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0
""", retrans=False)


def write(path, *steps):
    with open(path, "w") as file:
        file.write('<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="test">\n' + "\n".join(steps) +
                   "\n</scenario>\n")
    return path


RINGS = [receive(100, optional=True), receive(180, optional=True), receive(183, optional=True)]
HANGS_UP = [request("BYE", 9), receive(200)]
INVITE = request("INVITE", 1, body=offer(), in_dialog=False)
ACK = request("ACK", 1)


def failed_ack(steps_back):
    """ACK of a refusal: it has the branch of its INVITE (RFC 3261 section 17.1.1.3)."""
    return ACK.replace("branch=[branch]", f"branch=[branch-{steps_back}]").replace("[next_url]",
                                                                                   "sip:[service]@[remote_ip]:[remote_port]")


def hangs_up(folder, ereg):
    """Who answers, and hangs up through the proxies of the route; what comes back must match."""
    invited = ('<recv request="INVITE" rrs="true"><action>'
               '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="far"/>'
               '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="near"/></action></recv>')
    bye = send("""BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$near];tag=[pid]SIPpTag01[call_number]
To:[$far]
Call-ID: [call_id]
CSeq: 7 BYE
[routes]
Max-Forwards: 70
Content-Length: 0
""")
    return write(os.path.join(folder, "hangs_up.xml"), invited, reply("180 Ringing"), reply("200 OK", body=offer()),
                 receive(method="ACK", ereg=ereg), pause(200), bye, receive(200))


def refuses(folder, status):
    return write(os.path.join(folder, "refuses.xml"), receive(method="INVITE"), reply(status), receive(method="ACK"))


def answers(folder):
    """Who rings shortly, answers, and is hung up on, whatever comes in between."""
    return write(os.path.join(folder, "answers.xml"), receive(method="INVITE"), reply("180 Ringing"),
                 reply("200 OK", body=offer()), receive(method="ACK"), receive(method="BYE"), reply("200 OK"))
