"""Ports for programs that must be told one: sipp, proxies, apps."""

import random
import socket

# Below the kernel's own choices and the server's RTP, so that nobody is given one between this choice and its use.
FIRST, LAST = 10_000, 19_998


def free_port():
    """Free for UDP and for TCP, and not chosen before in this process."""
    while True:
        port = random.randrange(FIRST, LAST, 2)
        if port in chosen:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
        chosen.add(port)
        return port


chosen = set()
