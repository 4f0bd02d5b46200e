"""What every peer with SPNEGO does with us, in both directions; NTLM is the mechanism inside.

The fixture `negotiating` makes the ends. Tokens are read and made anew with
pyspnego's parser, whoever wrote them.
"""

import os

import pytest
from ends import Refused, exchange, log_on
from spnego._context import GSSMech
from spnego._spnego import NegState, NegTokenInit, NegTokenResp, unpack_token

BINDINGS = b"tls-server-end-point:" + bytes(range(32))
OTHER_BINDINGS = b"tls-server-end-point:" + bytes(32)
NTLM, KERBEROS, MS_KERBEROS = (mech.value for mech in (GSSMech.ntlm, GSSMech.kerberos, GSSMech._ms_kerberos))
REFUSALS = ("denied", "altered", "token", "sequence")


@pytest.fixture
def negotiated(negotiating):
    """A finished pair, (client, server)."""
    client, server = negotiating.initiator(), negotiating.acceptor()
    log_on(client, server)
    return client, server


def refusal(client, server):
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    return refused.value.reason


def flipped(data, index):
    changed = bytearray(data)
    changed[index] ^= 0x80
    return bytes(changed)


def changed_init(token, **changes):
    init = unpack_token(token)
    for name, value in changes.items():
        setattr(init, name, value)
    return init.pack()


def both_talk(client, server):
    assert client.session_key() == server.session_key()
    for sender, receiver in ((client, server), (server, client)) * 3:
        exchange(sender, receiver, b"sealed")
        receiver.verify(b"signed", sender.sign(b"signed"))


# Logon


def test_tokens_are_those_of_the_rfc(negotiating):
    client, server = negotiating.initiator(), negotiating.acceptor()
    tokens = log_on(client, server)
    init, challenge, authenticate, complete = [unpack_token(token) for token in tokens]
    assert isinstance(init, NegTokenInit) and init.mech_types == [NTLM] and init.mech_token.startswith(b"NTLMSSP\0")
    assert challenge.neg_state in (NegState.accept_incomplete, NegState.request_mic)
    assert challenge.supported_mech == NTLM and challenge.response_token.startswith(b"NTLMSSP\0\2")
    assert authenticate.response_token.startswith(b"NTLMSSP\0\3") and len(authenticate.mech_list_mic) == 16
    assert complete.neg_state == NegState.accept_complete and len(complete.mech_list_mic) == 16
    assert not complete.response_token


def test_names_keys_and_messages(negotiated):
    client, server = negotiated
    assert server.client_name() == "EXAMPLE\\alice"
    assert len(client.session_key()) == 16
    both_talk(client, server)


def test_the_counter_goes_on_behind_the_list_mic(negotiated):
    """The key stream begins anew; the sequence numbers do not."""
    client, server = negotiated
    for sender, receiver in ((client, server), (server, client)):
        signature = sender.sign(b"first")
        assert signature[12:] == b"\1\0\0\0"
        receiver.verify(b"first", signature)


@pytest.mark.parametrize("size", [1, 15, 16, 17, 1000, 4096, 65536])
def test_message_sizes(negotiated, size):
    client, server = negotiated
    for sender, receiver in ((client, server), (server, client)):
        data = os.urandom(size)
        exchange(sender, receiver, data)
        receiver.verify(data, sender.sign(data))


def test_changed_message(negotiated):
    client, server = negotiated
    for sender, receiver in ((client, server), (server, client)):
        sealed = sender.wrap(b"pay 10 to bob")
        with pytest.raises(Refused) as refused:
            receiver.unwrap(flipped(sealed, -1))
        assert refused.value.reason == "altered"


@pytest.mark.parametrize("protect", ["integrity", "confidentiality"])
def test_less_protection(negotiating, protect):
    client, server = negotiating.initiator(protect=protect), negotiating.acceptor(protect=protect)
    if protect == "confidentiality" and negotiating.ours_accepts and not client.signs_what_it_seals:
        # Its MIC of the list is then a constant, which proves nothing.
        assert refusal(client, server) == "altered"
        return
    log_on(client, server)
    for sender, receiver in ((client, server), (server, client)) * 3:
        receiver.verify(b"data", sender.sign(b"data"))


def test_wrong_password(negotiating):
    assert refusal(negotiating.initiator(password="wrong"), negotiating.acceptor()) == "denied"


def test_unknown_user(negotiating):
    assert refusal(negotiating.initiator("mallory"), negotiating.acceptor()) == "denied"


def test_unknown_domain(negotiating):
    assert refusal(negotiating.initiator(domain="ELSEWHERE"), negotiating.acceptor()) == "denied"


def test_equal_bindings(negotiating):
    bindings = negotiating.bindings(BINDINGS)
    client, server = negotiating.initiator(bindings=bindings), negotiating.acceptor(bindings)
    log_on(client, server)
    both_talk(client, server)


def test_different_bindings(negotiating):
    client = negotiating.initiator(bindings=negotiating.bindings(BINDINGS))
    reason = refusal(client, negotiating.acceptor(negotiating.bindings(OTHER_BINDINGS)))
    assert reason == "bindings" if negotiating.ours_accepts else reason in ("bindings", *REFUSALS)


def test_many_logons_with_the_same_credentials(negotiating):
    keys = set()
    for _ in range(8):
        client, server = negotiating.initiator(), negotiating.acceptor()
        log_on(client, server)
        keys.add(client.session_key())
    assert len(keys) == 8


def test_acceptor_first(negotiating):
    """The acceptor offers its mechanisms before the client has said anything (NegTokenInit2)."""
    client, server = negotiating.initiator(), negotiating.acceptor()
    hint = server.step()
    assert NTLM in unpack_token(hint).mech_types
    if not negotiating.ours_starts and not client.reads_hints:
        hint = b""
    token = client.step(hint)
    while token:
        token = server.step(token)
        token = client.step(token) if token else b""
    assert client.complete and server.complete
    both_talk(client, server)


def test_without_protection(negotiating):
    """Nothing is asked for to sign with; both have the same key."""
    client, server = negotiating.initiator(protect="none"), negotiating.acceptor(protect="none")
    if negotiating.ours_starts and not server.signs_what_it_seals:
        # It waits for a MIC that there is nothing to make with.
        assert refusal(client, server) == "token"
        return
    log_on(client, server)
    assert client.session_key() == server.session_key()


def test_list_and_token_apart(negotiating):
    """The list comes first and alone, as from clients that wait for the choice."""
    client, server = negotiating.initiator(), negotiating.acceptor()
    init = client.step()
    choice = unpack_token(server.step(changed_init(init, mech_token=None)))
    assert choice.supported_mech == NTLM and not choice.response_token
    challenge = unpack_token(
        server.step(NegTokenResp(NegState.accept_incomplete, None, unpack_token(init).mech_token).pack())
    )
    answer = NegTokenResp(NegState.accept_incomplete, NTLM, challenge.response_token, challenge.mech_list_mic)
    token = client.step(answer.pack())
    while token:
        token = server.step(token)
        token = client.step(token) if token else b""
    assert client.complete and server.complete
    both_talk(client, server)


def test_an_end_without_a_state(negotiating):
    """MIT's acceptor may leave it out; the MIC is there and is checked."""
    if not negotiating.ours_starts:
        return
    client, server = negotiating.initiator(), negotiating.acceptor()
    last = unpack_token(server.step(client.step(server.step(client.step()))))
    assert not client.step(NegTokenResp(None, None, None, last.mech_list_mic).pack())
    assert client.complete and server.complete
    both_talk(client, server)


# Tokens changed on the way


@pytest.mark.parametrize("index", [-1, -16])
def test_changed_list_mic_of_the_client(negotiating, index):
    client, server = negotiating.initiator(), negotiating.acceptor()
    token = client.step(server.step(client.step()))
    with pytest.raises(Refused) as refused:
        server.step(flipped(token, index))
    assert refused.value.reason in REFUSALS


@pytest.mark.parametrize("index", [-1, -16])
def test_changed_list_mic_of_the_server(negotiating, index):
    client, server = negotiating.initiator(), negotiating.acceptor()
    token = server.step(client.step(server.step(client.step())))
    with pytest.raises(Refused) as refused:
        client.step(flipped(token, index))
    assert refused.value.reason in REFUSALS


@pytest.mark.parametrize(
    "mechanisms",
    [[NTLM, KERBEROS], [KERBEROS, NTLM], [NTLM, NTLM], [MS_KERBEROS, KERBEROS, NTLM]],
    ids=["more", "another first", "twice", "as Windows"],
)
def test_changed_list_of_mechanisms(negotiating, mechanisms):
    """Whatever the acceptor makes of the list, the MIC does not fit it."""
    client, server = negotiating.initiator(), negotiating.acceptor()
    token = changed_init(client.step(), mech_types=mechanisms)
    with pytest.raises(Refused):
        while token:
            token = server.step(token)
            token = client.step(token)
        # The acceptor took the client for another's: it must not be complete.
        assert not server.complete
        raise Refused("token", "the acceptor is not complete")


def without_list_mic(token):
    response = unpack_token(token)
    return NegTokenResp(response.neg_state, response.supported_mech, response.response_token).pack()


def test_missing_list_mic_of_the_client(negotiating):
    """NTLM with a MIC makes the list's MIC mandatory."""
    client, server = negotiating.initiator(), negotiating.acceptor()
    token = without_list_mic(client.step(server.step(client.step())))
    if not negotiating.ours_accepts:
        # The peers wait for it.
        return
    with pytest.raises(Refused) as refused:
        server.step(token)
    assert refused.value.reason in REFUSALS


def test_missing_list_mic_of_the_server(negotiating):
    client, server = negotiating.initiator(), negotiating.acceptor()
    token = without_list_mic(server.step(client.step(server.step(client.step()))))
    if not negotiating.ours_starts:
        return
    with pytest.raises(Refused) as refused:
        client.step(token)
    assert refused.value.reason in REFUSALS


def test_refused_by_the_acceptor(negotiating):
    client, server = negotiating.initiator(), negotiating.acceptor()
    server.step(client.step())
    with pytest.raises(Refused) as refused:
        client.step(NegTokenResp(NegState.reject).pack())
    assert refused.value.reason in REFUSALS + ("failure", "mechanism", "unauthorized")
