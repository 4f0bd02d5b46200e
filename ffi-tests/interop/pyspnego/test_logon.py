"""Who may log on, and what of the handshake is protected."""

import struct

import peer
import pytest
import sspi
from ends import Refused, log_on
from spnego._ntlm_raw.messages import Authenticate, AvFlags, AvId, Challenge, NTClientChallengeV2

BINDINGS = b"tls-server-end-point:" + bytes(range(32))
OTHER_BINDINGS = b"tls-server-end-point:" + bytes(32)

NAMES = {
    "ascii": ("alice", "EXAMPLE"),
    "umlaut": ("müller", "EXAMPLE"),
    "many accents": ("ünïcødé-ñçÿž", "EXAMPLE"),
    "greek and cyrillic": ("ωμέγαшж", "ДОМЕН"),
    "chinese": ("用户", "域名"),
    "emoji": ("user😀", "EXAMPLE"),
    "emoji in the domain": ("alice", "DOM😀"),
    "spaces": ("alice b carol", "MY DOMAIN"),
    "at sign": ("alice@example.test", "EXAMPLE"),
    "dns domain": ("alice", "example.test"),
    "long": ("a" * 200, "D" * 60),
}

# Letters whose full upper case is longer than one unit, or outside the BMP.
# Windows leaves them alone; pyspnego's upcasing is corrected in these cases.
NAMES_LEFT_ALONE = {
    "sharp s": ("straße", "EXAMPLE"),
    "n with apostrophe": ("ŉame", "EXAMPLE"),
    "fi ligature": ("ﬁeld", "EXAMPLE"),
    "deseret": ("𐐨𐐩", "EXAMPLE"),
}


at_our_acceptor = pytest.mark.parametrize("sides", ["pyspnego-to-ours"], indirect=True)
at_our_initiator = pytest.mark.parametrize("sides", ["ours-to-pyspnego"], indirect=True)


def nt_response(token):
    return Authenticate.unpack(token).nt_challenge_response


def av_pairs(token):
    return NTClientChallengeV2.unpack(nt_response(token)[16:]).av_pairs


def changed(token, offset, mask=1):
    changed = bytearray(token)
    changed[offset] ^= mask
    return bytes(changed)


def offset_of_nt_response(token):
    return struct.unpack_from("<I", token, 24)[0]


@pytest.mark.parametrize("user, domain", NAMES.values(), ids=NAMES.keys())
def test_names(sides, accounts, user, domain):
    accounts(f"{domain}:{user}:secret")
    client, server = sides.initiator(user, domain), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == f"{domain}\\{user}"


@pytest.mark.parametrize("user, domain", NAMES_LEFT_ALONE.values(), ids=NAMES_LEFT_ALONE.keys())
def test_names_that_stay_as_they_are(sides, accounts, monkeypatch, user, domain):
    monkeypatch.setattr("spnego._ntlm.ntowfv2", peer.ntowfv2)
    accounts(f"{domain}:{user}:secret")
    client, server = sides.initiator(user, domain), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == f"{domain}\\{user}"


@pytest.mark.parametrize("sides", ["pyspnego-to-ours", "ours-to-pyspnego"], indirect=True)
def test_full_upcasing_is_not_windows_upcasing(sides, accounts):
    """pyspnego as it is turns ß into SS: on Windows that is another user's proof."""
    accounts("EXAMPLE:straße:secret")
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator("straße"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_user_name_in_any_case(sides):
    client, server = sides.initiator("ALICE"), sides.acceptor()
    log_on(client, server)
    assert server.client_name().lower() == "example\\alice"


def test_unicode_password(sides, accounts):
    accounts("EXAMPLE:alice:pässwörd ß😀")
    log_on(sides.initiator(password="pässwörd ß😀"), sides.acceptor())


def test_password_in_another_case_is_wrong(sides):
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator(password="Secret"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_domain_backslash_user(sides):
    client, server = sides.initiator("EXAMPLE\\alice", None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == "EXAMPLE\\alice"


def test_user_principal_name(sides, accounts):
    accounts(":alice@example.test:secret")
    client, server = sides.initiator("alice@example.test", None), sides.acceptor()
    log_on(client, server)
    assert server.client_name().endswith("alice@example.test")


def test_empty_domain(sides, accounts):
    accounts(":alice:secret")
    client, server = sides.initiator("alice", None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() in ("alice", "\\alice")


def test_hash_line_in_the_account_file(sides, accounts):
    nt_hash = "878D8014606CDA29677A44EFA1353FC7"  # of "secret"
    accounts(f"alice:1000:{'0' * 32}:{nt_hash}:[U]:LCT-00000000")
    log_on(sides.initiator("alice", None), sides.acceptor())


def test_default_identity(sides, accounts):
    if sides.ours_starts:
        accounts("EXAMPLE:alice:secret", "EXAMPLE:bob:other")
    client, server = sides.initiator(None, None, None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == "EXAMPLE\\alice"


def test_wrong_password(sides):
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator(password="wrong"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_password_of_another_user(sides):
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator(password="other"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_unknown_user(sides):
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator("mallory"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_unknown_domain(sides):
    with pytest.raises(Refused) as refused:
        log_on(sides.initiator(domain="ELSEWHERE"), sides.acceptor())
    assert refused.value.reason == "denied"


def test_session_keys_are_equal(logged_on):
    client, server = logged_on
    assert len(client.session_key()) == 16
    assert client.session_key() == server.session_key()


def test_session_keys_differ_between_contexts(sides):
    keys = set()
    for _ in range(8):
        client, server = sides.initiator(), sides.acceptor()
        log_on(client, server)
        keys.add(client.session_key())
    assert len(keys) == 8


# Target names


@pytest.mark.parametrize("target", ["HTTP/web.example.test", "host/server", "cifs/fïle.example.test", "TERMSRV/h😀st"])
def test_target_name_is_seen(sides, target):
    client, server = sides.initiator(target=target), sides.acceptor()
    tokens = log_on(client, server)
    assert av_pairs(tokens[2])[AvId.target_name].lower() == target.lower()
    if sides.ours_starts:
        assert av_pairs(tokens[2])[AvId.target_name] == target
    if sides.ours_accepts:
        assert server.context.client_target().lower() == target.lower()


# Channel bindings


def test_equal_bindings(sides):
    bindings = sides.bindings(BINDINGS)
    log_on(sides.initiator(bindings=bindings), sides.acceptor(bindings=bindings))


def test_equal_bindings_with_addresses(sides):
    bindings = sides.bindings(BINDINGS, b"\x7f\x00\x00\x01", b"\x0a\x00\x00\x02")
    log_on(sides.initiator(bindings=bindings), sides.acceptor(bindings=bindings))


def test_different_bindings(sides):
    client = sides.initiator(bindings=sides.bindings(BINDINGS))
    server = sides.acceptor(sides.bindings(OTHER_BINDINGS))
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    assert refused.value.reason == "bindings"


def test_bindings_that_differ_in_an_address(sides):
    client = sides.initiator(bindings=sides.bindings(BINDINGS, b"\x7f\x00\x00\x01"))
    with pytest.raises(Refused) as refused:
        log_on(client, sides.acceptor(sides.bindings(BINDINGS)))
    assert refused.value.reason == "bindings"


def test_bindings_of_the_client_alone(sides):
    log_on(sides.initiator(bindings=sides.bindings(BINDINGS)), sides.acceptor())


def test_bindings_of_the_server_alone(sides):
    client, server = sides.initiator(), sides.acceptor(sides.bindings(BINDINGS))
    if sides.ours_starts:
        # We send sixteen zero bytes when we have no bindings; pyspnego's acceptor takes them.
        log_on(client, server)
        return
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    assert refused.value.reason == "bindings"


@at_our_acceptor
def test_missing_bindings_may_be_allowed(sides):
    log_on(sides.initiator(), sides.acceptor(sides.bindings(BINDINGS), flags=sspi.ASC_ALLOW_MISSING_BINDINGS))


@at_our_acceptor
def test_allowing_missing_bindings_does_not_allow_wrong_ones(sides):
    client = sides.initiator(bindings=sides.bindings(OTHER_BINDINGS))
    with pytest.raises(Refused) as refused:
        log_on(client, sides.acceptor(sides.bindings(BINDINGS), flags=sspi.ASC_ALLOW_MISSING_BINDINGS))
    assert refused.value.reason == "bindings"


# The MIC, and tokens changed on the way


def test_mic_is_announced_and_sent(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = log_on(client, server)[2]
    assert av_pairs(token)[AvId.flags] & AvFlags.mic
    assert Authenticate.unpack(token).mic.strip(b"\0")


def without_timestamp(token):
    """The challenge as a server from before timestamps sends it: such a one expects no MIC."""
    challenge = Challenge.unpack(token)
    target_info = challenge.target_info
    del target_info[AvId.timestamp]
    return Challenge(
        challenge.flags,
        challenge.server_challenge,
        target_name=challenge.target_name,
        target_info=target_info,
        version=challenge.version,
    )


def test_challenge_without_timestamp(sides):
    """pyspnego then sends no MIC, and needs none; we send one all the same."""
    client, server = sides.initiator(), sides.acceptor()
    challenge = without_timestamp(server.step(client.step()))
    if not server.ours:
        server.context._temp_challenge = challenge
    token = client.step(challenge.pack())
    assert bool(av_pairs(token).get(AvId.flags, 0) & AvFlags.mic) == sides.ours_starts
    server.step(token)
    assert client.complete and server.complete
    assert client.session_key() == server.session_key()
    assert server.unwrap(client.wrap(b"no MIC, yet keys")) == b"no MIC, yet keys"


def test_changed_mic(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = client.step(server.step(client.step()))
    offset = token.index(Authenticate.unpack(token).mic)
    with pytest.raises(Refused) as refused:
        server.step(changed(token, offset))
    assert refused.value.reason in ("denied", "altered")


def test_changed_negotiate_is_noticed(sides):
    client, server = sides.initiator(), sides.acceptor()
    negotiate = client.step()
    challenge = server.step(changed(negotiate, 15, 0x80))  # NTLMSSP_NEGOTIATE_56
    with pytest.raises(Refused) as refused:
        server.step(client.step(challenge))
    assert refused.value.reason in ("denied", "altered")


def test_changed_challenge_is_noticed(sides):
    client, server = sides.initiator(), sides.acceptor()
    challenge = server.step(client.step())
    with pytest.raises(Refused) as refused:
        server.step(client.step(changed(challenge, 24)))  # the server's eight random bytes
    assert refused.value.reason in ("denied", "altered")


def test_changed_proof(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = client.step(server.step(client.step()))
    with pytest.raises(Refused) as refused:
        server.step(changed(token, offset_of_nt_response(token)))
    assert refused.value.reason == "denied"


def test_changed_timestamp_in_the_response(sides):
    client, server = sides.initiator(), sides.acceptor()
    token = client.step(server.step(client.step()))
    with pytest.raises(Refused) as refused:
        server.step(changed(token, offset_of_nt_response(token) + 16 + 8))
    assert refused.value.reason == "denied"


def test_replayed_authenticate(sides):
    tokens = log_on(sides.initiator(), sides.acceptor())
    server = sides.acceptor()
    server.step(tokens[0])
    with pytest.raises(Refused) as refused:
        server.step(tokens[2])
    assert refused.value.reason == "denied"


def test_authenticate_of_another_conversation(sides):
    first, second = (sides.initiator(), sides.acceptor()), (sides.initiator(), sides.acceptor())
    tokens = [client.step(server.step(client.step())) for client, server in (first, second)]
    with pytest.raises(Refused) as refused:
        first[1].step(tokens[1])
    assert refused.value.reason == "denied"


@at_our_acceptor
def test_truncated_authenticate(sides):
    client, server = sides.initiator(), sides.acceptor()
    negotiate = client.step()
    token = client.step(server.step(negotiate))
    for length in range(1, len(token)):
        server = sides.acceptor()
        server.step(negotiate)
        with pytest.raises(Refused) as refused:
            server.step(token[:length])
        assert refused.value.reason in ("token", "denied"), length


@at_our_initiator
def test_truncated_challenge(sides):
    challenge = sides.acceptor().step(sides.initiator().step())
    for length in range(1, len(challenge)):
        client = sides.initiator()
        client.step()
        with pytest.raises(Refused) as refused:
            client.step(challenge[:length])
        assert refused.value.reason == "token", length
