"""As much of LDAP as it takes to bind by SASL, to be told who one is, and to read a page of entries, protected."""

import socket
import struct

import ends

WHO_AM_I = b"1.3.6.1.4.1.4203.1.11.3"
SUCCESS, STRONGER_AUTH_REQUIRED, SASL_BIND_IN_PROGRESS, INVALID_CREDENTIALS = 0, 8, 14, 49
# RFC 4752's layers.
NO_LAYER, INTEGRITY, CONFIDENTIALITY = 1, 2, 4
LARGEST = 65536


def der(tag, *contents):
    body = b"".join(contents)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def read_der(data, at=0):
    """Returns (tag, contents, where the next begins)."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, at = int.from_bytes(data[at : at + count], "big"), at + count
    return tag, data[at : at + length], at + length


def parts_of(data):
    parts, at = [], 0
    while at < len(data):
        tag, contents, at = read_der(data, at)
        parts.append((tag, contents))
    return parts


class BindRefused(Exception):
    def __init__(self, code, text):
        super().__init__(f"LDAP result {code}: {text}")
        self.code = code


class Connection:
    """`end` is an initiator; after the bind every message goes through it."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=20)
        self.number, self.held, self.opened = 0, b"", b""
        self.end, self.layer = None, NO_LAYER

    def close(self):
        self.socket.close()

    # Messages

    def _send(self, operation):
        self.number += 1
        message = der(0x30, der(2, bytes([self.number])), operation)
        if self.layer == NO_LAYER:
            self.socket.sendall(message)
        else:
            sealed = self.end.wrap(message, self.layer == CONFIDENTIALITY)
            assert self.layer != CONFIDENTIALITY or message not in sealed
            self.socket.sendall(struct.pack(">I", len(sealed)) + sealed)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.held += data

    def _frame(self):
        while len(self.held) < 4 or len(self.held) < 4 + struct.unpack(">I", self.held[:4])[0]:
            self._more()
        length = struct.unpack(">I", self.held[:4])[0]
        sealed, self.held = self.held[4 : 4 + length], self.held[4 + length :]
        data, was_sealed = self.end.unwrap(sealed)
        assert was_sealed == (self.layer == CONFIDENTIALITY)
        return data

    def _receive(self):
        """Returns the (tag, contents) of the operation of the next message."""
        while True:
            try:
                tag, message, end = read_der(self.opened)
                if end <= len(self.opened) and tag == 0x30:
                    self.opened = self.opened[end:]
                    return parts_of(message)[1]
            except IndexError:
                pass
            if self.layer == NO_LAYER:
                if not self.held:
                    self._more()
                self.opened, self.held = self.opened + self.held, b""
            else:
                self.opened += self._frame()

    # Operations

    def _bind(self, mechanism, token):
        credentials = [] if token is None else [der(4, token)]
        sasl = der(0xA3, der(4, mechanism.encode()), *credentials)
        self._send(der(0x60, der(2, b"\3"), der(4, b""), sasl))
        fields = parts_of(self._receive()[1])
        code = int.from_bytes(fields[0][1], "big")
        answer = next((contents for tag, contents in fields[3:] if tag == 0x87), b"")
        if code not in (SUCCESS, SASL_BIND_IN_PROGRESS):
            raise BindRefused(code, fields[2][1].decode(errors="replace"))
        return code, answer

    def bind_spnego(self, end, layer):
        """GSS-SPNEGO: the layer is what the context's flags say."""
        token, code = end.step(), SASL_BIND_IN_PROGRESS
        while code == SASL_BIND_IN_PROGRESS:
            code, answer = self._bind("GSS-SPNEGO", token)
            token = end.step(answer) if answer and not end.complete else None
        assert end.complete
        self.end, self.layer = end, layer

    def bind_gssapi(self, end, layer):
        """GSSAPI (RFC 4752): the layers are offered and chosen in wrapped messages of their own."""
        token = end.step()
        while True:
            code, answer = self._bind("GSSAPI", token)
            if end.complete:
                break
            token = end.step(answer)
            if not token and end.complete:
                code, answer = self._bind("GSSAPI", b"")
                break
        assert code == SASL_BIND_IN_PROGRESS
        offered, sealed = end.unwrap(answer)
        assert not sealed and len(offered) == 4 and offered[0] & layer
        chosen = struct.pack(">I", layer << 24 | (LARGEST if layer != NO_LAYER else 0))
        code, _ = self._bind("GSSAPI", end.wrap(chosen, sealed=False))
        assert code == SUCCESS
        self.end, self.layer = end, layer

    def who_am_i(self):
        self._send(der(0x77, der(0x80, WHO_AM_I)))
        fields = parts_of(self._receive()[1])
        code = int.from_bytes(fields[0][1], "big")
        if code != SUCCESS:
            raise BindRefused(code, fields[2][1].decode(errors="replace"))
        return next(contents for tag, contents in fields if tag == 0x8B).decode()

    def search(self, base, attributes=()):
        """The entry at `base`: attribute -> values."""
        wanted = der(0x30, *(der(4, name.encode()) for name in attributes))
        limits = der(10, b"\0") + der(10, b"\0") + der(2, b"\0") + der(2, b"\0") + der(1, b"\0")
        self._send(der(0x63, der(4, base.encode()), limits, der(0x87, b"objectClass"), wanted))
        found = {}
        while True:
            tag, contents = self._receive()
            fields = parts_of(contents)
            if tag == 0x65:
                code = int.from_bytes(fields[0][1], "big")
                if code != SUCCESS:
                    raise BindRefused(code, fields[2][1].decode(errors="replace"))
                return found
            if tag == 0x64:
                for _, attribute in parts_of(fields[1][1]):
                    (_, name), (_, values) = parts_of(attribute)
                    found[name.decode()] = [value for _, value in parts_of(values)]


FAILURES = (BindRefused, ends.Refused, ConnectionError)
