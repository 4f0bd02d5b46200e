"""The two ends of a conversation, ours and a peer's, under one interface.

An end has step, complete, wrap, unwrap, sign, verify and session_key; what it
refuses it refuses with `Refused`, whose reason is one of a few plain words, so
that the same case runs in both directions.
"""

import sspi

REASONS = {
    sspi.SEC_E_LOGON_DENIED: "denied",
    sspi.SEC_E_BAD_BINDINGS: "bindings",
    sspi.SEC_E_MESSAGE_ALTERED: "altered",
    sspi.SEC_E_OUT_OF_SEQUENCE: "sequence",
    sspi.SEC_E_INVALID_TOKEN: "token",
    sspi.SEC_E_UNSUPPORTED_FUNCTION: "unsupported",
}


class Refused(Exception):
    def __init__(self, reason, cause):
        super().__init__(f"{reason}: {cause}")
        self.reason = reason


class Ours:
    """A context of the library under test."""

    ours = True

    def __init__(self, context):
        self.context = context

    def _call(self, method, *arguments):
        try:
            return getattr(self.context, method)(*arguments)
        except sspi.SspiError as error:
            raise Refused(REASONS.get(error.status, error.name), error) from error

    def step(self, token=b""):
        return self._call("step", token)

    @property
    def complete(self):
        return self.context.complete

    def wrap(self, data):
        return self._call("wrap", data)

    def unwrap(self, sealed):
        return self._call("unwrap", sealed)

    def sign(self, data):
        return self._call("sign", data)

    def verify(self, data, signature):
        self._call("verify", data, signature)

    def session_key(self):
        return self._call("session_key")

    def client_name(self):
        return self._call("names")

    def seal_between(self, header, data, trailer, mark=sspi.READONLY_WITH_CHECKSUM):
        """DCE's layout: header and trailer stay readable and are signed. Returns (data, token)."""
        parts = [
            (sspi.DATA | mark, bytearray(header)),
            (sspi.DATA, bytearray(data)),
            (sspi.DATA | mark, bytearray(trailer)),
            (sspi.TOKEN, bytearray(self.context.sizes().cbSecurityTrailer)),
        ]
        held = self._call("encrypt", parts)
        assert held[0] == header and held[2] == trailer
        return held[1], held[3]

    def open_between(self, header, data, trailer, token, mark=sspi.READONLY_WITH_CHECKSUM):
        parts = [
            (sspi.DATA | mark, bytearray(header)),
            (sspi.DATA, bytearray(data)),
            (sspi.DATA | mark, bytearray(trailer)),
            (sspi.TOKEN, bytearray(token)),
        ]
        held = self._call("decrypt", parts)
        assert held[0] == header and held[2] == trailer
        return held[1]


def our_initiator(
    user=None,
    domain=None,
    password=None,
    target="host/server.example.test",
    bindings=None,
    flags=sspi.ISC_DEFAULT,
    package="NTLM",
    package_list=None,
):
    credential = sspi.Credential(package, sspi.OUTBOUND, user, domain, password, package_list)
    return Ours(sspi.Initiator(credential, target, flags, bindings))


def our_acceptor(bindings=None, flags=sspi.ASC_DEFAULT, package="NTLM"):
    return Ours(sspi.Acceptor(sspi.Credential(package, sspi.INBOUND), flags, bindings))


def log_on(client, server):
    """Carries the tokens to and fro until nothing is left to send; returns them."""
    tokens, ends = [client.step()], (server, client)
    while tokens[-1]:
        tokens.append(ends[(len(tokens) - 1) % 2].step(tokens[-1]))
    assert client.complete and server.complete
    return tokens[:-1]


def exchange(sender, receiver, payload):
    sealed = sender.wrap(payload)
    assert not payload or payload not in sealed or len(payload) < 4
    assert receiver.unwrap(sealed) == payload
