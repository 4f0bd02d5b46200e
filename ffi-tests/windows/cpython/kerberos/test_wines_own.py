"""Wine's own SSPI, which has MIT's library behind it, and ours in one process, each against the other."""

import ctypes
import importlib.util
import os

import pytest

WINES = "C:\\windows\\system32\\secur32.dll"
SECURITY_TRAILER = 60

heap, allocate = ctypes.windll.kernel32.GetProcessHeap, ctypes.windll.kernel32.HeapAlloc
heap.restype = allocate.restype = ctypes.c_void_p
allocate.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_size_t]


def binding(name, library):
    spec = importlib.util.spec_from_file_location(name, os.environ["SSPI_BINDING"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.load(library)
    return module


class AsWineHasIt:
    """Wine's contexts allocate no token, and cut what GSS-API's gss_wrap makes behind the message's length."""

    def _advance(self, context, incoming, outgoing, *rest):
        buffer = outgoing._obj.pBuffers[0]
        buffer.pvBuffer, buffer.cbBuffer = allocate(heap(), 0, 12000), 12000
        return super()._advance(context, incoming, outgoing, *rest)

    def wrap(self, message):
        token, data = self.encrypt([(self.TOKEN, bytearray(SECURITY_TRAILER)), (self.DATA, bytearray(message))])
        return data + token

    def unwrap(self, sealed):
        data, token = bytearray(sealed[:-SECURITY_TRAILER]), bytearray(sealed[-SECURITY_TRAILER:])
        return self.decrypt([(self.DATA, data), (self.TOKEN, token)])[0]


@pytest.fixture(scope="module")
def ours():
    return binding("ours", "secur32.dll")


@pytest.fixture(scope="module")
def wines():
    module = binding("wines", WINES)
    for role in ("Initiator", "Acceptor"):
        own = (AsWineHasIt, getattr(module, role))
        setattr(module, role, type(role, own, {"TOKEN": module.TOKEN, "DATA": module.DATA}))
    return module


def test_they_are_two(ours, wines):
    assert ours._library._handle != wines._library._handle


@pytest.mark.parametrize("direction", ["ours to Wine's", "Wine's to ours"])
@pytest.mark.parametrize("style", ["mutual", "dce"])
@pytest.mark.parametrize("package", ["Kerberos", "Negotiate"])
def test_tickets_and_messages(ours, wines, direction, style, package, program):
    one, other = (ours, wines) if direction.startswith("ours") else (wines, ours)
    flags = one.ISC_DEFAULT | one.ISC_MUTUAL_AUTH | (one.ISC_USE_DCE_STYLE if style == "dce" else 0)
    client = one.Initiator(one.Credential(package), "host/localhost", flags=flags)
    server = other.Acceptor(other.Credential(package, use=other.INBOUND))
    token = client.step()
    while not (client.complete and server.complete):
        if not server.complete:
            token = server.step(token)
        if not client.complete:
            token = client.step(token)
    for sender, receiver in ((client, server), (server, client)):
        message = b"a message"
        if style == "dce":
            parts = [(one.TOKEN, bytearray(sender.sizes().cbSecurityTrailer)), (one.DATA, bytearray(message))]
            token, data = sender.encrypt(parts)
            assert receiver.decrypt([(one.TOKEN, bytearray(token)), (one.DATA, bytearray(data))])[1] == message
        else:
            assert receiver.unwrap(sender.wrap(message)) == message
        receiver.verify(message, sender.sign(message))
        with pytest.raises((ours.SspiError, wines.SspiError), match="DecryptMessage|VerifySignature"):
            receiver.verify(b"another", sender.sign(message))
    role = "server" if one is ours else "client"
    used = package if package == "Kerberos" else "Negotiate (Kerberos)"
    program("Wine's secur32 (libkrb5)", "8.0", f"{role}, ours in the same process", used)
