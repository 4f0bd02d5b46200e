"""pyspnego's own NTLM and SPNEGO, in Python from the first byte to the last, as an end."""

import struct

import spnego
import spnego._ntlm
from ends import Refused
from spnego import ContextReq, NegotiateOptions
from spnego.exceptions import BadBindingsError, BadMICError, InvalidTokenError, OperationNotAvailableError, SpnegoError
from spnego.iov import BufferType

PROTECTED = ContextReq.default


class Peer:
    ours = False
    # A client may be spoken to before it has said anything.
    reads_hints = True
    # Without integrity its signatures are a constant, confidentiality or not.
    signs_what_it_seals = False

    def __init__(self, context):
        self.context = context

    def _call(self, method, *arguments, **options):
        try:
            return getattr(self.context, method)(*arguments, **options)
        except BadBindingsError as error:
            raise Refused("bindings", error) from error
        except BadMICError as error:
            raise Refused("altered", error) from error
        except OperationNotAvailableError as error:
            raise Refused("unsupported", error) from error
        except struct.error as error:
            # It takes an answer without a token for an NTLM message.
            raise Refused("token", error) from error
        except (InvalidTokenError, SpnegoError) as error:
            # A wrong proof, or an account that is not in the file.
            raise Refused("denied", error) from error

    def step(self, token=b""):
        return self._call("step", token or None) or b""

    @property
    def complete(self):
        return self.context.complete

    def wrap(self, data):
        return self._call("wrap", data).data

    def unwrap(self, sealed):
        return self._call("unwrap", sealed).data

    def sign(self, data):
        return self._call("sign", data)

    def verify(self, data, signature):
        self._call("verify", data, signature)

    def session_key(self):
        return self.context.session_key

    def client_name(self):
        return self.context.client_principal

    def seal_between(self, header, data, trailer, mark=None):
        signed = BufferType.data_readonly if mark == 0x80000000 else BufferType.sign_only
        iov = [(signed, header), (BufferType.data, data), (signed, trailer), BufferType.header]
        buffers = self._call("wrap_iov", iov).buffers
        return buffers[1].data, buffers[3].data

    def open_between(self, header, data, trailer, token, mark=None):
        signed = BufferType.data_readonly if mark == 0x80000000 else BufferType.sign_only
        iov = [(signed, header), (BufferType.data, data), (signed, trailer), (BufferType.header, token)]
        return self._call("unwrap_iov", iov).buffers[1].data


def peer_initiator(
    user, domain=None, password=None, target="host/server.example.test", bindings=None, protect=PROTECTED
):
    service, hostname = target.split("/", 1)
    name = user if domain is None else f"{domain}\\{user}"
    return Peer(
        spnego._ntlm.NTLMProxy(
            name, password, hostname=hostname, service=service, channel_bindings=bindings, context_req=protect
        )
    )


def peer_acceptor(bindings=None, protect=PROTECTED):
    return Peer(spnego._ntlm.NTLMProxy(usage="accept", channel_bindings=bindings, context_req=protect))


def spnego_initiator(
    user, domain=None, password=None, target="host/server.example.test", bindings=None, protect=PROTECTED
):
    """SPNEGO in Python, around the NTLM above."""
    service, hostname = target.split("/", 1)
    name = user if domain is None else f"{domain}\\{user}"
    return Peer(
        spnego.client(
            name,
            password,
            hostname=hostname,
            service=service,
            channel_bindings=bindings,
            context_req=protect,
            protocol="negotiate",
            options=NegotiateOptions.use_negotiate,
        )
    )


def spnego_acceptor(bindings=None, protect=PROTECTED):
    options = NegotiateOptions.use_negotiate
    return Peer(spnego.server(channel_bindings=bindings, context_req=protect, protocol="negotiate", options=options))


def upcase_one_to_one(text):
    """Upcases as Windows does: UTF-16 unit by unit, and only where one unit becomes one."""
    return "".join(c if ord(c) > 0xFFFF or len(c.upper()) != 1 else c.upper() for c in text)


def ntowfv2(username, nt_hash, domain):
    """NTOWFv2 with Windows' upcasing, in place of pyspnego's full case mapping (ß to SS)."""
    text = upcase_one_to_one(username) + (domain or "")
    return spnego._ntlm.hmac_md5(nt_hash, text.encode("utf-16-le"))
