"""What the two samples share: TCP on loopback, and messages with a length in front."""

import struct

GOOD, TROUBLE, REFUSED = 0, 1, 2
LIMIT = 1 << 20


class Closed(Exception):
    """The peer hung up."""


class Connection:
    """A message is its length in four bytes, then itself."""

    def __init__(self, sock):
        self.sock, self.file = sock, sock.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, message):
        self.sock.sendall(struct.pack(">I", len(message)) + message)

    def receive(self):
        (length,) = struct.unpack(">I", self._take(4))
        if length > LIMIT:
            raise ValueError("a message that is too long")
        return self._take(length)

    def _take(self, length):
        try:
            taken = self.file.read(length)
        except ConnectionResetError:
            taken = b""
        if len(taken) < length:
            raise Closed("the peer closed the connection")
        return taken

    def say(self, context, text):
        """Seals a text and sends it. The peer is told how long the signature is, which stands in front."""
        data = text.encode()
        sealed = context.wrap(data)
        self.send(struct.pack(">I", len(sealed) - len(data)) + sealed)
        print(f'says: "{text}"', flush=True)

    def hear(self, context):
        print(f'hears: "{context.unwrap(self.receive()[4:]).decode()}"', flush=True)
