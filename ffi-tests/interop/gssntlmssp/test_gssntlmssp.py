"""gss-ntlmssp as client and as server, and against itself.

Its limits, each seen in the run against itself: it wraps nothing of zero
length; it upcases names by full case mapping (ß to SS); it reads user@domain
as domain and user; after one message that failed verification its direction
is lost; it takes an initiator without channel bindings whatever the acceptor
demands; and it sends a MIC only when SPNEGO, or a caller that behaves like it,
asks for one.
"""

import os

import pytest
import sspi
from ends import Refused, exchange, log_on

BINDINGS = b"tls-server-end-point:" + bytes(range(32))
OTHER_BINDINGS = b"tls-server-end-point:" + bytes(32)
SIZES = [1, 2, 15, 16, 17, 63, 64, 65, 1000, 1024, 4096, 16384, 65535, 65536]

NAMES = {
    "ascii": ("alice", "EXAMPLE"),
    "umlaut": ("müller", "EXAMPLE"),
    "many accents": ("ünïcødé", "EXAMPLE"),
    "chinese": ("用户", "域名"),
    "emoji": ("user😀", "EXAMPLE"),
    "emoji in the domain": ("alice", "DOM😀"),
    "spaces": ("alice b carol", "MY DOMAIN"),
    "dns domain": ("alice", "example.test"),
    "at sign": ("alice@example.test", "EXAMPLE"),
}

at_our_acceptor = pytest.mark.parametrize("sides", ["gssntlmssp-to-ours"], indirect=True)
not_alone = pytest.mark.parametrize("sides", ["gssntlmssp-to-ours", "ours-to-gssntlmssp"], indirect=True)


def flipped(data, index):
    changed = bytearray(data)
    changed[index] ^= 0x80
    return bytes(changed)


def refusal(client, server):
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    return refused.value.reason


# Logon


@pytest.mark.parametrize("user, domain", NAMES.values(), ids=NAMES.keys())
def test_names(sides, accounts, user, domain):
    accounts(f"{domain}:{user}:secret")
    client, server = sides.initiator(user, domain), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == f"{domain}\\{user}"


@pytest.mark.parametrize("user", ["straße", "ŉame", "ﬁeld"])
@not_alone
def test_full_upcasing_is_not_windows_upcasing(sides, accounts, user):
    """The peer turns ß into SS: on Windows that is another user's proof."""
    accounts(f"EXAMPLE:{user}:secret")
    assert refusal(sides.initiator(user), sides.acceptor()) == "denied"


def test_user_name_in_any_case(sides):
    client, server = sides.initiator("ALICE"), sides.acceptor()
    log_on(client, server)
    assert server.client_name().lower() == "example\\alice"


def test_unicode_password(sides, accounts):
    accounts("EXAMPLE:alice:pässwörd ß😀")
    log_on(sides.initiator(password="pässwörd ß😀"), sides.acceptor())


def test_empty_domain(sides, accounts):
    accounts(":alice:secret")
    client, server = sides.initiator("alice", None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() in ("alice", "\\alice")


def test_user_principal_name(sides, accounts):
    # Windows sends the name whole and no domain; the peer takes it apart.
    accounts(":alice@example.test:secret" if sides.ours_starts else "example.test:alice:secret")
    log_on(sides.initiator("alice@example.test", None), sides.acceptor())


def test_default_identity(sides):
    client, server = sides.initiator(None, None, None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == "EXAMPLE\\alice"


def test_hash_line_in_the_account_file(sides, accounts):
    nt_hash = "878D8014606CDA29677A44EFA1353FC7"  # of "secret"
    accounts(f"alice:1000:{'0' * 32}:{nt_hash}:[U]:LCT-00000000")
    log_on(sides.initiator("alice", None), sides.acceptor())


def test_wrong_password(sides):
    assert refusal(sides.initiator(password="wrong"), sides.acceptor()) == "denied"


def test_password_of_another_user(sides):
    assert refusal(sides.initiator(password="other"), sides.acceptor()) == "denied"


def test_unknown_user(sides):
    assert refusal(sides.initiator("mallory"), sides.acceptor()) == "denied"


def test_unknown_domain(sides):
    assert refusal(sides.initiator(domain="ELSEWHERE"), sides.acceptor()) == "denied"


@at_our_acceptor
@pytest.mark.parametrize("level", [0, 1, 2])
def test_ntlm_version_1(sides, monkeypatch, level):
    monkeypatch.setenv("LM_COMPAT_LEVEL", str(level))
    assert refusal(sides.initiator(), sides.acceptor()) in ("denied", "unsupported")


def test_session_keys_are_equal(logged_on):
    client, server = logged_on
    assert len(client.session_key()) == 16
    assert client.session_key() == server.session_key()


def test_authentication_alone(sides):
    client, server = sides.initiator(protect="none"), sides.acceptor(protect="none")
    log_on(client, server)
    assert client.session_key() == server.session_key()


@at_our_acceptor
def test_target_name_is_seen(sides):
    client, server = sides.initiator(host="web.example.test"), sides.acceptor()
    log_on(client, server)
    assert server.context.client_target() == "host/web.example.test"


# Channel bindings


def test_equal_bindings(sides):
    log_on(sides.initiator(bindings=BINDINGS), sides.acceptor(BINDINGS))


def test_different_bindings(sides):
    reason = refusal(sides.initiator(bindings=BINDINGS), sides.acceptor(OTHER_BINDINGS))
    # The peer's acceptor calls the token defective.
    assert reason == "bindings" if sides.ours_accepts else reason in ("bindings", "token", "denied")


def test_bindings_of_the_client_alone(sides):
    log_on(sides.initiator(bindings=BINDINGS), sides.acceptor())


@at_our_acceptor
def test_bindings_of_the_server_alone(sides):
    assert refusal(sides.initiator(), sides.acceptor(BINDINGS)) == "bindings"


@at_our_acceptor
def test_missing_bindings_may_be_allowed(sides):
    log_on(sides.initiator(), sides.acceptor(BINDINGS, flags=sspi.ASC_ALLOW_MISSING_BINDINGS))


@at_our_acceptor
def test_allowing_missing_bindings_does_not_allow_wrong_ones(sides):
    server = sides.acceptor(BINDINGS, flags=sspi.ASC_ALLOW_MISSING_BINDINGS)
    assert refusal(sides.initiator(bindings=OTHER_BINDINGS), server) == "bindings"


# Tokens changed on the way


def with_mic(client):
    """The client's first token; afterwards it knows that a MIC is wanted."""
    token = client.step()
    if not client.ours:
        client.require_mic()
    return token


@not_alone
def test_with_a_mic(sides):
    client, server = sides.initiator(), sides.acceptor()
    server.step(client.step(server.step(with_mic(client))))
    assert client.session_key() == server.session_key()
    exchange(client, server, b"there")
    exchange(server, client, b"and back")


@not_alone
def test_changed_negotiate_is_noticed(sides):
    client, server = sides.initiator(), sides.acceptor()
    challenge = server.step(flipped(with_mic(client), 15))  # NTLMSSP_NEGOTIATE_56
    with pytest.raises(Refused) as refused:
        server.step(client.step(challenge))
    assert refused.value.reason in ("denied", "altered", "token")


@not_alone
def test_changed_mic(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = client.step(server.step(with_mic(client)))
    with pytest.raises(Refused) as refused:
        server.step(flipped(token, 72))
    assert refused.value.reason in ("denied", "altered", "token")


def test_changed_proof(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = client.step(server.step(client.step()))
    with pytest.raises(Refused) as refused:
        server.step(flipped(token, int.from_bytes(token[24:28], "little")))
    assert refused.value.reason == "denied"


def test_replayed_authenticate(sides):
    tokens = log_on(sides.initiator(), sides.acceptor())
    server = sides.acceptor()
    server.step(tokens[0])
    with pytest.raises(Refused) as refused:
        server.step(tokens[2])
    assert refused.value.reason in ("denied", "token")


# Messages


@pytest.mark.parametrize("size", SIZES)
def test_wrap_sizes(logged_on, size):
    client, server = logged_on
    exchange(client, server, os.urandom(size))
    exchange(server, client, os.urandom(size))


def test_zero_length_messages(logged_on):
    """The peer has no message of zero length; ours has, and a refusal costs nothing."""
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        if sender.ours:
            assert len(sender.wrap(b"")) == 16
            return
        with pytest.raises(Refused):
            sender.wrap(b"")


def test_wrap_without_confidentiality(logged_on):
    """The peer's gss_wrap without confidentiality is signature and readable data, or sealed all the same."""
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)) * 2:
        if sender.ours:
            message = sender.context.wrap(b"readable", encrypt=False)
            assert message[16:] == b"readable"
            receiver.verify(message[16:], message[:16])
        else:
            assert receiver.unwrap(sender.wrap_readable(b"readable")) == b"readable"


def test_many_messages_both_ways(logged_on):
    client, server = logged_on
    for number in range(1, 100):
        exchange(client, server, b"there %d " % number * number)
        exchange(server, client, b"back %d " % number * number)


def test_messages_cross(logged_on):
    client, server = logged_on
    there = [client.wrap(b"there %d" % number) for number in range(5)]
    back = [server.wrap(b"back %d" % number) for number in range(5)]
    assert [server.unwrap(sealed) for sealed in there] == [b"there %d" % number for number in range(5)]
    assert [client.unwrap(sealed) for sealed in back] == [b"back %d" % number for number in range(5)]


@pytest.mark.parametrize("size", SIZES)
def test_mic_sizes(logged_on, size):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        data = os.urandom(size)
        receiver.verify(data, sender.sign(data))


def test_signed_and_sealed_messages_mixed(logged_on):
    client, server = logged_on
    for number in range(1, 30):
        for sender, receiver in ((client, server), (server, client)):
            data = b"%d" % number * number
            if number % 3:
                receiver.verify(data, sender.sign(data))
            else:
                exchange(sender, receiver, data)


def test_integrity_without_confidentiality(sides):
    client, server = sides.initiator(protect="integrity"), sides.acceptor(protect="integrity")
    log_on(client, server)
    for sender, receiver in ((client, server), (server, client)) * 3:
        receiver.verify(b"data", sender.sign(b"data"))


def test_confidentiality_alone(sides):
    client, server = sides.initiator(protect="confidentiality"), sides.acceptor(protect="confidentiality")
    log_on(client, server)
    for sender, receiver in ((client, server), (server, client)) * 3:
        exchange(sender, receiver, b"sealed, and so signed")


@pytest.mark.parametrize("index", [4, 11, 12, 16, -1])
def test_changed_message(logged_on, index):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        sealed = sender.wrap(b"pay 10 to bob")
        with pytest.raises(Refused) as refused:
            receiver.unwrap(flipped(sealed, index))
        assert refused.value.reason == "altered"
        if receiver.ours:
            assert receiver.unwrap(sealed) == b"pay 10 to bob"
            exchange(sender, receiver, b"and on it goes")


def test_changed_signed_data(logged_on):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        signature = sender.sign(b"data")
        with pytest.raises(Refused) as refused:
            receiver.verify(b"dato", signature)
        assert refused.value.reason == "altered"
        if receiver.ours:
            receiver.verify(b"data", signature)


def test_replayed_message(logged_on):
    client, server = logged_on
    for sender, receiver in ((client, server), (server, client)):
        sealed = sender.wrap(b"pay 10 to bob")
        receiver.unwrap(sealed)
        with pytest.raises(Refused) as refused:
            receiver.unwrap(sealed)
        assert refused.value.reason in ("altered", "sequence")
