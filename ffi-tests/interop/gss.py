"""A GSS-API library in a process of its own, as an end (gss_peer.c is that process)."""

import struct
import subprocess

from ends import Refused

DELEGATE, MUTUAL, REPLAY, SEQUENCE, CONFIDENTIALITY, INTEGRITY = 1, 2, 4, 8, 16, 32
DCE_STYLE, DELEGATE_BY_POLICY = 0x1000, 0x8000
PROTECTED = REPLAY | SEQUENCE | CONFIDENTIALITY | INTEGRITY

# Parts of a message, as GSS-API numbers them.
DATA, HEADER, TRAILER, PADDING, STREAM, SIGN_ONLY = 1, 2, 7, 9, 10, 11

CONTINUE_NEEDED = 1
# GSS-API's routine errors, bits 16 to 23 of the major status.
ROUTINE_ERRORS = {
    1: "mechanism", 2: "name", 4: "bindings", 6: "altered", 7: "no credentials", 8: "no context", 9: "token",
    10: "credential", 11: "credential", 12: "expired", 13: "failure", 14: "qop", 15: "unauthorized",
    16: "unavailable",
}  # fmt: skip
# What comes behind the routine error: duplicate, old, unsequenced, gap.
SEQUENCE_BITS = 0x1E


class Crashed(Exception):
    """The peer's process ended: its defect, not ours."""


class Peer:
    """`program` is gss_peer, compiled for one of the libraries; `environment` is the whole of it."""

    ours = False

    def __init__(self, program, environment, *arguments):
        self.process = subprocess.Popen(
            [str(program), *arguments],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self.complete = False
        self._acquired = False

    def close(self):
        self.process.kill()
        self.process.communicate()

    def _read(self, length):
        data = b""
        while len(data) < length:
            more = self.process.stdout.read(length - len(data))
            if not more:
                raise Crashed(f"peer ended with {self.process.wait()}: {self.process.stderr.read().decode()}")
            data += more
        return data

    def _answer(self):
        major, minor, length = struct.unpack("<III", self._read(12))
        return major, minor, self._read(length)

    def ask(self, operation, data=b""):
        """Returns (major, minor, answer). The first question waits for the credential."""
        if not self._acquired:
            self._acquired = True
            _judge("acquire", *self._answer())
        try:
            self.process.stdin.write(operation.encode() + struct.pack("<I", len(data)))
            view = memoryview(data)
            while view:
                view = view[self.process.stdin.write(view) :]
        except BrokenPipeError:
            pass
        return self._answer()

    def _call(self, operation, data=b""):
        return _judge(operation, *self.ask(operation, data))

    def step(self, token=b""):
        major, answer = self._call("s", token)
        self.complete = not major & CONTINUE_NEEDED
        return answer

    # Messages

    def wrap(self, data, sealed=True):
        return self._call("w" if sealed else "W", data)[1]

    def unwrap(self, message):
        """Returns (data, whether it was sealed)."""
        answer = self._call("u", message)[1]
        return answer[1:], bool(answer[0])

    def sign(self, data):
        return self._call("m", data)[1]

    def verify(self, data, signature):
        self._call("v", struct.pack("<I", len(signature)) + signature + data)

    def wrap_parts(self, parts, sealed=True):
        """Parts are (type, bytes); returns them as the library left them."""
        return _unpack(self._call("i" if sealed else "I", _pack(parts))[1][1:])

    def unwrap_parts(self, parts):
        """Returns (parts, whether they were sealed)."""
        answer = self._call("o", _pack(parts))[1]
        return _unpack(answer[1:]), bool(answer[0])

    def seal_between(self, header, data, trailer, sealed=True):
        """DCE's layout: header and trailer stay readable and are signed. Returns (data, token)."""
        parts = [(HEADER, b""), (SIGN_ONLY, header), (DATA, data), (SIGN_ONLY, trailer)]
        held = self.wrap_parts(parts, sealed)
        return held[2][1], held[0][1]

    def open_between(self, header, data, trailer, token):
        parts = [(HEADER, token), (SIGN_ONLY, header), (DATA, data), (SIGN_ONLY, trailer)]
        return self.unwrap_parts(parts)[0][2][1]

    # Questions

    def session_key(self):
        return self._call("k")[1][4:]

    def enctype(self):
        """That of the session key; 0 when the library does not say."""
        return struct.unpack("<I", self._call("k")[1][:4])[0]

    def client_name(self):
        return self._call("n")[1].decode()

    def server_name(self):
        return self._call("t")[1].decode()

    def flags(self):
        return struct.unpack("<I", self._call("f")[1])[0]

    def lifetime(self):
        return struct.unpack("<I", self._call("l")[1])[0]

    def store_delegated(self, cache):
        """Writes the credential that the initiator forwarded into a credential cache."""
        self._call("d", cache.encode())


def _judge(operation, major, minor, answer):
    if major >> 16:
        routine = ROUTINE_ERRORS.get(major >> 16 & 0xFF, "error")
        refused = Refused(routine, f"{operation}: {routine}, major 0x{major:08X}, minor 0x{minor:08X}")
        # A KRB-ERROR or a reject, to be sent.
        refused.token = answer
        refused.minor = minor
        raise refused
    if operation != "s" and major & SEQUENCE_BITS:
        raise Refused("sequence", f"major 0x{major:08X}")
    return major, answer


def _pack(parts):
    return b"".join(struct.pack("<II", kind, len(data)) + data for kind, data in parts)


def _unpack(data):
    parts, at = [], 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        parts.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length
    return parts


def initiator(program, environment, target, flags=PROTECTED, mechanism="krb5", bindings=None, name=None, password=None):
    arguments = ["initiate", mechanism, bindings.hex() if bindings else "-", target, str(flags)]
    if name is not None:
        arguments.append(name)
        if password is not None:
            arguments.append(password)
    return Peer(program, environment, *arguments)


def acceptor(program, environment, mechanism="krb5", bindings=None):
    return Peer(program, environment, "accept", mechanism, bindings.hex() if bindings else "-")
