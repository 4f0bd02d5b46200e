"""pyspnego's SPNEGO in Python around the Kerberos of a GSS-API library: the mechanism is a process of gss_peer."""

import ends
import spnego._ntlm
from spnego import ContextReq, NegotiateOptions
from spnego._context import ContextProxy, GSSMech
from spnego._negotiate import NegotiateProxy
from spnego.exceptions import SpnegoError


class Mechanism(ContextProxy):
    """What pyspnego's SPNEGO asks of a mechanism, answered by a gss.Peer."""

    def __init__(self, end, usage):
        super().__init__(None, None, None, None, ContextReq.default, usage, "kerberos", NegotiateOptions.none)
        self.end = end

    @classmethod
    def available_protocols(cls, options=None):
        return ["kerberos"]

    @property
    def client_principal(self):
        return self.end.client_name()

    @property
    def complete(self):
        return self.end.complete

    @property
    def negotiated_protocol(self):
        return "kerberos"

    @property
    def session_key(self):
        return self.end.session_key()

    @property
    def _context_attr_map(self):
        return []

    def new_context(self):
        raise NotImplementedError

    query_message_sizes = wrap = wrap_iov = wrap_winrm = unwrap = unwrap_iov = unwrap_winrm = new_context

    def step(self, in_token=None, *, channel_bindings=None):
        return self.end.step(in_token or b"") or None

    def sign(self, data, qop=None):
        return self.end.sign(data)

    def verify(self, data, mic):
        self.end.verify(data, mic)
        return 0


class Negotiation(NegotiateProxy):
    """Prefers Kerberos, as pyspnego does where it has one."""

    preferred = ["kerberos", "ntlm", "negotiate"]

    @classmethod
    def available_protocols(cls, options=None):
        return cls.preferred


class PrefersNtlm(Negotiation):
    """An acceptor with another first choice than the client's, which makes the mechListMIC mandatory."""

    preferred = ["ntlm", "kerberos", "negotiate"]


class End:
    """SPNEGO by pyspnego; messages go to the mechanism that was chosen."""

    ours = False

    def __init__(self, usage, kerberos=None, ntlm=None, negotiation=Negotiation):
        contexts = {}
        if kerberos is not None:
            contexts[GSSMech.kerberos] = Mechanism(kerberos, usage)
        if ntlm is not None:
            contexts[GSSMech.ntlm] = ntlm
        self.context = negotiation(None, None, "localhost", "HTTP", usage=usage, _negotiate_contexts=contexts)
        self.kerberos = kerberos

    def step(self, token=b""):
        try:
            return self.context.step(token or None) or b""
        except SpnegoError as error:
            raise ends.Refused("token", error) from error

    @property
    def complete(self):
        return self.context.complete

    def __getattr__(self, name):
        return getattr(self.kerberos, name)


def ntlm_acceptor():
    return spnego._ntlm.NTLMProxy(usage="accept")
