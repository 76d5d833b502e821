"""An app at the other end of a media stream: each connection is handed to a function, with what the upgrade asked for."""

import base64
import hashlib
import json
import socket
import struct
import threading


class Connection:
    """Text messages in JSON, as RFC 6455 wants them from a server."""

    def __init__(self, peer):
        self.peer = peer
        head = b""
        while b"\r\n\r\n" not in head:
            head += peer.recv(65536)
        lines = head.decode().split("\r\n")
        self.path = lines[0].split(" ")[1]
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
        key = self.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        peer.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())

    def _read(self, count):
        data = b""
        while len(data) < count:
            piece = self.peer.recv(count - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def receive(self):
        """The next message, or None at the end."""
        while True:
            try:
                first, second = self._read(2)
                length = second & 0x7F
                if length >= 126:
                    length = struct.unpack("!H" if length == 126 else "!Q", self._read(2 if length == 126 else 8))[0]
                mask = self._read(4)
                data = self._read(length)
            except (ConnectionError, OSError):
                return None
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
            if first & 0x0F == 8:
                return None
            if first & 0x0F == 1:
                return json.loads(data)

    def send(self, message):
        data = json.dumps(message).encode()
        length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack("!H", len(data))
        self.peer.sendall(b"\x81" + length + data)

    def close(self):
        """As RFC 6455 7.1.1 wants it of a server: the connection is shut when the client has said goodbye too."""
        self.peer.sendall(b"\x88\x02\x03\xe8")
        while self.receive() is not None:
            pass


class StreamApp:
    def __init__(self, serve):
        self.connections = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self.socket.getsockname()[1]}"
        self.serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(peer,), daemon=True).start()

    def _run(self, peer):
        with peer:
            connection = Connection(peer)
            self.connections.append(connection)
            self.serve(connection)

    def close(self):
        self.socket.close()
