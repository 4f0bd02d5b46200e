"""gss-ntlmssp, bare or in MIT's SPNEGO, in a process of its own, as an end (peer.c is that process)."""

import os
import struct
import subprocess

from ends import Refused

DELEGATE, MUTUAL, REPLAY, SEQUENCE, CONFIDENTIALITY, INTEGRITY = 1, 2, 4, 8, 16, 32
PROTECTED = REPLAY | SEQUENCE | CONFIDENTIALITY | INTEGRITY

CONTINUE_NEEDED = 1
# GSS-API's routine errors, bits 16 to 23 of the major status.
ROUTINE_ERRORS = {
    1: "mechanism", 2: "name", 4: "bindings", 6: "altered", 7: "no credentials", 8: "no context", 9: "token",
    10: "credential", 12: "expired", 13: "failure", 14: "qop", 15: "unauthorized", 16: "unavailable",
}  # fmt: skip
# All of these are how it says that nobody may log on this way.
DENIALS = {"no credentials", "name", "credential", "failure", "unauthorized"}


class Crashed(Exception):
    """The peer's process ended: its defect, not ours."""


class Peer:
    ours = False
    # MIT's initiator ignores what comes before its own first token.
    reads_hints = False
    # Confidentiality alone is enough for its signatures.
    signs_what_it_seals = True

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [os.environ["GSSNTLMSSP_PEER"], *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self.complete = False

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

    def ask(self, operation, data=b""):
        """Returns (major, minor, answer)."""
        try:
            self.process.stdin.write(operation.encode() + struct.pack("<I", len(data)))
            view = memoryview(data)
            while view:
                view = view[self.process.stdin.write(view) :]
        except BrokenPipeError:
            pass
        major, minor, length = struct.unpack("<III", self._read(12))
        return major, minor, self._read(length)

    def _call(self, operation, data=b""):
        major, minor, answer = self.ask(operation, data)
        if major >> 16:
            routine = ROUTINE_ERRORS.get(major >> 16 & 0xFF, "error")
            reason = "denied" if operation == "s" and routine in DENIALS else routine
            raise Refused(reason, f"{routine}, major 0x{major:08X}, minor 0x{minor:08X}")
        # Informatory bits: duplicate, old, unsequenced, gap.
        if operation != "s" and major & 0x1E:
            raise Refused("sequence", f"major 0x{major:08X}")
        return major, answer

    def step(self, token=b""):
        major, answer = self._call("s", token)
        self.complete = not major & CONTINUE_NEEDED
        return answer

    def wrap(self, data):
        return self._call("w", data)[1]

    def wrap_readable(self, data):
        return self._call("W", data)[1]

    def unwrap(self, sealed):
        return self._call("u", sealed)[1]

    def sign(self, data):
        return self._call("m", data)[1]

    def verify(self, data, signature):
        self._call("v", signature + data)

    def session_key(self):
        return self._call("k")[1]

    def client_name(self):
        # Its names come with a NUL behind them.
        return self._call("n")[1].decode().rstrip("\0")

    def require_mic(self):
        """To be called after an initiator's first step."""
        self._call("r")

    def flags(self):
        return struct.unpack("<I", self._call("f")[1])[0]


def peer_initiator(
    user=None,
    domain=None,
    password=None,
    target="host@server.example.test",
    bindings=None,
    flags=PROTECTED,
    mechanism="ntlm",
):
    arguments = ["initiate", mechanism, target, str(flags), bindings.hex() if bindings else "-"]
    if user is not None:
        arguments += [user if domain is None else f"{domain}\\{user}", password]
    return Peer(*arguments)


def peer_acceptor(bindings=None, mechanism="ntlm"):
    return Peer("accept", mechanism, bindings.hex() if bindings else "-")
