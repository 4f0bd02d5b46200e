"""MIT's SPNEGO with gss-ntlmssp in it, as client and as server, and bare gss-ntlmssp against our Negotiate.

MIT's acceptor knows one mechanism here; Kerberos is left out of its list, as it is out of ours.
"""

import pytest
from ends import log_on
from spnego_cases import *  # noqa: F403
from spnego_cases import both_talk, refusal

not_alone = pytest.mark.parametrize("sides", ["gssntlmssp-to-ours", "ours-to-gssntlmssp"], indirect=True)


def negotiate_of(sides, **options):
    """Our side is Negotiate, the peer's bare NTLM."""
    if sides.ours_starts:
        return sides.initiator(package="Negotiate", **options), sides.acceptor()
    return sides.initiator(**options), sides.acceptor(package="Negotiate")


@not_alone
def test_bare_ntlm_in_negotiate(sides, monkeypatch):
    """Our Negotiate speaks bare NTLM, and understands it."""
    monkeypatch.setenv("SSPI_NEGOTIATE_NTLM", "raw")
    client, server = negotiate_of(sides)
    tokens = log_on(client, server)
    assert all(token.startswith(b"NTLMSSP\0") for token in tokens)
    both_talk(client, server)


@not_alone
def test_bare_ntlm_in_negotiate_with_a_wrong_password(sides, monkeypatch):
    monkeypatch.setenv("SSPI_NEGOTIATE_NTLM", "raw")
    assert refusal(*negotiate_of(sides, password="wrong")) == "denied"
