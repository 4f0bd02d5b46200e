"""Clients and servers from before today's flags, made of pyspnego's parts.

What is too weak is refused; what merely asks for less is an authentication
without message protection.
"""

import pytest
from ends import Refused, log_on
from spnego._ntlm_raw.messages import AvId, Challenge, NegotiateFlags
from test_logon import at_our_acceptor, at_our_initiator, without_timestamp

# curl's first message: OEM, request target, NTLM, always sign, extended session security.
CURL = 0x00088206


def with_flags(client, flags):
    client.context._context_req = flags
    return client


def without(client, *names):
    for name in names:
        client.context._context_req &= ~NegotiateFlags[name]
    return client


def log_on_without_mic(client, server):
    challenge = without_timestamp(server.step(client.step()))
    server.step(client.step(challenge.pack()))
    assert client.complete and server.complete


@at_our_acceptor
@pytest.mark.parametrize("user", ["alice", "müller"])
def test_oem_client(sides, accounts, user):
    accounts(f"EXAMPLE:{user}:secret")
    client, server = without(sides.initiator(user), "unicode"), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == f"EXAMPLE\\{user}"
    assert server.unwrap(client.wrap(b"sealed")) == b"sealed"


@at_our_acceptor
def test_client_like_curl(sides):
    client, server = with_flags(sides.initiator(), CURL), sides.acceptor(protect="none")
    log_on_without_mic(client, server)
    assert server.client_name() == "EXAMPLE\\alice"
    for use in (lambda: server.wrap(b"data"), lambda: server.sign(b"data")):
        with pytest.raises(Refused) as refused:
            use()
        assert refused.value.reason == "unsupported"


@at_our_acceptor
def test_client_like_curl_with_a_wrong_password(sides):
    client, server = with_flags(sides.initiator(password="wrong"), CURL), sides.acceptor(protect="none")
    with pytest.raises(Refused) as refused:
        log_on_without_mic(client, server)
    assert refused.value.reason == "denied"


@at_our_acceptor
@pytest.mark.parametrize("flag", ["extended_session_security", "key_128"])
def test_client_too_weak_to_seal(sides, flag):
    client, server = without(sides.initiator(), flag), sides.acceptor()
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    assert refused.value.reason in ("unsupported", "denied", "token")


@at_our_acceptor
@pytest.mark.parametrize("level", [0, 1, 2])
def test_ntlm_version_1(sides, monkeypatch, level):
    monkeypatch.setenv("LM_COMPAT_LEVEL", str(level))
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator(), sides.acceptor())
    assert refused.value.reason in ("denied", "unsupported")


@at_our_initiator
@pytest.mark.parametrize("flag", ["extended_session_security", "key_128", "seal"])
def test_server_too_weak_to_seal(sides, flag):
    client, server = sides.initiator(), sides.acceptor()
    challenge = Challenge.unpack(server.step(client.step()))
    challenge.flags &= ~NegotiateFlags[flag]
    with pytest.raises(Refused) as refused:
        client.step(challenge.pack())
    assert refused.value.reason in ("unsupported", "token")


@at_our_initiator
def test_signing_taken_out_on_the_way(sides):
    """Sealed messages are signed in any case; the server sees that somebody was here."""
    client, server = sides.initiator(), sides.acceptor()
    challenge = Challenge.unpack(server.step(client.step()))
    challenge.flags &= ~NegotiateFlags.sign
    with pytest.raises(Refused) as refused:
        server.step(client.step(challenge.pack()))
    assert refused.value.reason in ("unsupported", "denied")


@at_our_initiator
def test_server_without_target_information(sides):
    """NTLMv2 without an AV list: we may go on or refuse, but not fall back to version 1."""
    client, server = sides.initiator(), sides.acceptor()
    old = Challenge.unpack(server.step(client.step()))
    challenge = Challenge(old.flags & ~NegotiateFlags.target_info, old.server_challenge, target_name=old.target_name)
    server.context._temp_challenge = challenge
    try:
        token = client.step(challenge.pack())
    except Refused as refused:
        assert refused.reason in ("unsupported", "token")
        return
    server.step(token)
    assert client.session_key() == server.session_key()


@at_our_initiator
def test_server_with_names_of_its_domain(sides):
    """Every AV pair that Windows sends; the client sends them back untouched."""
    client, server = sides.initiator(), sides.acceptor()
    old = Challenge.unpack(server.step(client.step()))
    info = old.target_info
    info[AvId.dns_domain_name] = "example.test"
    info[AvId.dns_tree_name] = "forest.example.test"
    challenge = Challenge(old.flags, old.server_challenge, target_name="EXAMPLE", target_info=info, version=old.version)
    server.context._temp_challenge = challenge
    server.step(client.step(challenge.pack()))
    assert client.complete and server.complete
