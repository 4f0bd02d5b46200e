"""pyspnego's SPNEGO in Python, as client and as server, and its bare NTLM against our Negotiate."""

import pytest
from ends import Refused, log_on
from spnego._context import GSSMech
from spnego._spnego import NegState, unpack_token
from spnego_cases import *  # noqa: F403
from spnego_cases import KERBEROS, MS_KERBEROS, NTLM, both_talk, changed_init, refusal

not_alone = pytest.mark.parametrize("sides", ["pyspnego-to-ours", "ours-to-pyspnego"], indirect=True)
at_our_acceptor = pytest.mark.parametrize("negotiating", ["pyspnego-to-ours"], indirect=True)


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


def offer_first(client, mechanisms, optimistic):
    """The client's first token, as one that would rather use another mechanism makes it."""
    token = client.step()
    context = client.context
    inner, _ = context._context_list[GSSMech.ntlm]
    context._context_list[GSSMech.ntlm] = (inner, unpack_token(token).mech_token)
    context._mech_list = mechanisms
    return changed_init(token, mech_types=mechanisms, mech_token=optimistic)


@at_our_acceptor
@pytest.mark.parametrize("optimistic", [None, b"\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"], ids=["no", "yes"])
@pytest.mark.parametrize(
    "mechanisms",
    [[KERBEROS, NTLM], [MS_KERBEROS, KERBEROS, NTLM], ["1.3.6.1.4.1.311.2.2.30", NTLM], ["2.25.2147483648", NTLM]],
    ids=["kerberos", "windows", "negoex", "unknown"],
)
def test_first_choice_refused(negotiating, mechanisms, optimistic):
    client, server = negotiating.initiator(), negotiating.acceptor()
    choice = server.step(offer_first(client, mechanisms, optimistic))
    assert unpack_token(choice).supported_mech == NTLM
    assert unpack_token(choice).neg_state == NegState.request_mic
    assert unpack_token(choice).response_token is None
    token = client.step(choice)
    while token:
        token = server.step(token)
        token = client.step(token) if token else b""
    assert client.complete and server.complete
    assert server.client_name() == "EXAMPLE\\alice"
    both_talk(client, server)


@at_our_acceptor
def test_no_common_mechanism(negotiating):
    client, server = negotiating.initiator(), negotiating.acceptor()
    with pytest.raises(Refused):
        server.step(changed_init(client.step(), mech_types=[KERBEROS], mech_token=None))
