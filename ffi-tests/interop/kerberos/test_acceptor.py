"""Our acceptor: keytabs and rotated keys, what it knows of the client, and whom it refuses."""

import shutil
import time

import cases
import ends
import gss
import pytest
import realms
import sspi
from cases import flipped, logged_on, refuses
from conftest import REALMS, SIDES

HTTP = "HTTP/localhost"
BINDINGS = b"tls-server-end-point:" + bytes(range(32))
OTHER_BINDINGS = b"tls-server-end-point:" + bytes(32)
each_library = pytest.mark.parametrize("library", [name for name in SIDES if name != "ours"])
NOT_FOR_US = (cases.WRONG_PRINCIPAL, cases.LOGON_DENIED)


@pytest.fixture
def client_of(realm):
    def make(library="mit", target=HTTP, mode="mutual", **options):
        options.setdefault("user", "alice")
        return SIDES[library].initiator(realm, target, mode, **options)

    return make


# Keys


@pytest.mark.parametrize("service", [f"{name}/{host}" for name in realms.SERVICES for host in realms.HOSTS])
def test_every_service_in_the_keytab(ours, realm, client_of, service):
    client, server = logged_on(client_of(target=service), ours.acceptor(realm))
    assert server.context.client_target().lower().startswith(service.lower())


def test_other_realm_in_the_keytab(ours, realm, client_of):
    """alice@EXAMPLE.TEST comes to a server of OTHER.TEST."""
    client, server = logged_on(client_of(target="host/server.other.test"), ours.acceptor(realm))
    assert server.context.native_names()[0] == f"alice@{realm.name}"


def test_key_rotation(ours, mit, realm, tmp_path):
    """Tickets under three versions of the key; the acceptor takes those that are in its keytab, and re-reads it."""
    keytab = realm.folder / "rotation.keytab"
    keytab.unlink(missing_ok=True)
    realms.administer(realm, f"ktadd -k {keytab} -norandkey rotated/localhost\n")
    shutil.copy(keytab, realm.folder / "first.keytab")
    settings = {**realm.settings(), "KRB5_KTNAME": f"FILE:{keytab}"}
    clients = []
    for _ in range(3):
        cache = f"FILE:{tmp_path}/{len(clients)}.cc"
        realms.kinit(realm, "alice", realms.PASSWORD, cache=cache)
        client = mit.initiator(realm, "rotated/localhost", settings={**realm.settings(), "KRB5CCNAME": cache})
        clients.append((client, client.step()))
        realms.rotate(realm, "rotation")
    server = ours.acceptor(realm, settings=settings)
    for client, token in clients:
        again = ours.again_accepting(server)
        client.step(again.step(token))
        assert client.complete and again.complete
        cases.both_talk(client, again)
    # The first key alone opens the tickets of the first version only.
    old = {**realm.settings(), "KRB5_KTNAME": realm.keytab("first")}
    for client, token in clients[1:]:
        with refuses(*NOT_FOR_US):
            ours.acceptor(realm, settings=old).step(token)


def test_key_that_is_not_there(ours, realm, client_of):
    client = client_of(target="absent/localhost")
    with refuses(*NOT_FOR_US):
        ours.acceptor(realm).step(client.step())
    logged_on(client_of(target="absent/localhost"), ours.acceptor(realm, keytab="absent"))


def test_no_keytab(ours, realm, client_of):
    token = client_of().step()
    with cases.refuses_at_any_time(cases.NO_CREDENTIALS, *NOT_FOR_US):
        ours.acceptor(realm, keytab="none").step(token)


def test_damaged_keytab(ours, realm, client_of, tmp_path):
    damaged = tmp_path / "damaged.keytab"
    damaged.write_bytes((realm.folder / "all.keytab").read_bytes()[:50])
    token = client_of().step()
    with cases.refuses_at_any_time(cases.NO_CREDENTIALS, *NOT_FOR_US):
        ours.acceptor(realm, settings={**realm.settings(), "KRB5_KTNAME": f"FILE:{damaged}"}).step(token)


# What it knows


@each_library
@pytest.mark.parametrize("user", ["alice", "alice/admin", "müller"])
@pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS.keys())
def test_names(ours, realm, library, user, tmp_path):
    """Whole names: nothing cut off, no case changed."""
    cache = f"FILE:{tmp_path}/user.cc"
    realms.kinit(realm, user, realms.USERS[user], cache=cache)
    client = SIDES[library].initiator(realm, HTTP, settings={**realm.settings(), "KRB5CCNAME": cache})
    client, server = logged_on(client, ours.acceptor(realm))
    assert server.context.native_names()[0] == f"{user}@{realm.name}"
    assert user in server.context.names()


@pytest.mark.parametrize("mode", ["mutual", "oneway", "dce"])
def test_granted_flags(ours, realm, client_of, mode):
    client, server = client_of(mode=mode), ours.acceptor(realm, dce=mode == "dce")
    ends.log_on(client, server)
    attributes = server.attributes()
    assert bool(attributes & sspi.ISC_MUTUAL_AUTH) == (mode != "oneway")
    assert bool(attributes & sspi.ASC_USE_DCE_STYLE) == (mode == "dce")
    assert attributes & sspi.ASC_CONFIDENTIALITY and attributes & sspi.ASC_INTEGRITY


def test_lifetime(ours, realm, client_of):
    client, server = logged_on(client_of(), ours.acceptor(realm))
    ends_at = server.context.lifespan()[1] / 1e7 - 11644473600
    assert abs(ends_at - time.time() - client.lifetime()) < 5


# Whom it refuses


@each_library
def test_replay(ours, realm, client_of, library):
    token = client_of(library).step()
    ours.acceptor(realm, settings=without_rcache_name(realm)).step(token)
    with refuses(cases.LOGON_DENIED, cases.INVALID_TOKEN):
        ours.acceptor(realm, settings=without_rcache_name(realm)).step(token)


def without_rcache_name(realm):
    """KRB5RCACHENAME=none: turns the cache off; here it is to be on."""
    return {name: value for name, value in realm.settings().items() if name != "KRB5RCACHENAME"}


def test_replay_cache_can_be_turned_off(ours, realm, client_of):
    token = client_of().step()
    for _ in range(2):
        ours.acceptor(realm).step(token)


@each_library
def test_equal_bindings(ours, realm, client_of, library):
    logged_on(client_of(library, bindings=BINDINGS), ours.acceptor(realm, bindings=BINDINGS))


@each_library
def test_wrong_bindings(ours, realm, client_of, library):
    token = client_of(library, bindings=OTHER_BINDINGS).step()
    with refuses(cases.BAD_BINDINGS):
        ours.acceptor(realm, bindings=BINDINGS).step(token)


def test_missing_bindings(ours, realm, client_of):
    token = client_of().step()
    with refuses(cases.BAD_BINDINGS):
        ours.acceptor(realm, bindings=BINDINGS).step(token)
    logged_on(client_of(), ours.acceptor(realm, bindings=BINDINGS, flags=sspi.ASC_ALLOW_MISSING_BINDINGS))


def test_bindings_that_the_acceptor_does_not_ask_for(ours, realm, client_of):
    logged_on(client_of(bindings=BINDINGS), ours.acceptor(realm))


@each_library
def test_bindings_of_our_initiator(ours, realm, library):
    side = SIDES[library]
    client = ours.initiator(realm, HTTP, user="alice", bindings=BINDINGS)
    logged_on(client, side.acceptor(realm, bindings=BINDINGS))
    client = ours.initiator(realm, HTTP, user="alice", bindings=OTHER_BINDINGS)
    with pytest.raises(ends.Refused) as refused:
        side.acceptor(realm, bindings=BINDINGS).step(client.step())
    assert refused.value.reason == "bindings"


def test_every_byte_changed(ours, realm, client_of):
    """No change of a byte of the AP-REQ is let in, but one that DER or the protocol leaves free."""
    token, accepted, first = client_of(mode="oneway").step(), [], ours.acceptor(realm)
    known = (
        cases.INVALID_TOKEN, cases.LOGON_DENIED, cases.WRONG_PRINCIPAL, cases.KDC_UNKNOWN_ETYPE, cases.BAD_BINDINGS,
        cases.TIME_SKEW, cases.MESSAGE_ALTERED,
    )  # fmt: skip
    for index in range(len(token)):
        status = cases.status_of(ours.again_accepting(first).step, flipped(token, index, 0x01))
        assert status is None or status in known, (index, hex(status))
        accepted += [index] if status is None else []
    # The ticket's clear sname and realm, its kvno, the reserved bits of ap-options: nobody protects them.
    assert len(accepted) <= 40, accepted


def test_cut_token(ours, realm, client_of):
    token, first = client_of().step(), ours.acceptor(realm)
    for length in range(1, len(token)):
        assert cases.status_of(ours.again_accepting(first).step, token[:length]) == cases.INVALID_TOKEN


@each_library
def test_changed_reply(ours, realm, library):
    """The AP-REP of a peer, changed on the way."""
    client = ours.initiator(realm, HTTP, user="alice")
    answer = SIDES[library].acceptor(realm).step(client.step())
    with refuses(cases.MESSAGE_ALTERED, cases.INVALID_TOKEN, cases.LOGON_DENIED, 0x80090363):
        client.step(flipped(answer, -5))
    assert not client.complete


@each_library
def test_error_token_tells_the_client(ours, realm, client_of, library):
    """What our acceptor answers to a ticket it has no key for makes the peer stop."""
    client = client_of(library, target="absent/localhost")
    server = ours.acceptor(realm)
    with refuses(*NOT_FOR_US):
        server.step(client.step())


def test_error_token_of_the_peer(ours, mit, realm):
    """MIT's KRB-ERROR for a ticket that it has no key for."""
    client = ours.initiator(realm, "absent/localhost", user="alice")
    with pytest.raises(ends.Refused) as refused:
        mit.acceptor(realm).step(client.step())
    if refused.value.token:
        with refuses(cases.WRONG_PRINCIPAL, cases.LOGON_DENIED):
            client.step(refused.value.token)


# Messages


@each_library
@pytest.mark.parametrize("direction", ["forward", "back"])
def test_replayed_and_missing_messages(ours, realm, client_of, library, direction):
    for start, accept in ((client_of(library), ours.acceptor(realm)), ours_first(ours, realm, library)):
        client, server = logged_on(start, accept)
        sender, receiver = (client, server) if direction == "forward" else (server, client)
        first, second, third = (sender.wrap(bytes([number])) for number in range(3))
        assert receiver.unwrap(first)[0] == b"\0"
        for wrong in (first, third):
            with pytest.raises(ends.Refused) as refused:
                receiver.unwrap(wrong)
            assert refused.value.reason == "sequence"
        if receiver.ours:
            # A refused message does not move the window.
            assert receiver.unwrap(second)[0] == b"\1"
            assert receiver.unwrap(third)[0] == b"\2"


def ours_first(ours, realm, library):
    return ours.initiator(realm, HTTP, user="alice"), SIDES[library].acceptor(realm)


@each_library
@pytest.mark.parametrize("tag", realms.ENCTYPES)
def test_every_bit_of_a_message(ours, realm, library, tag):
    """Of each bit that is flipped, nothing is accepted."""
    target, options = f"{tag}/localhost", {"user": f"u-{tag}", "tag": tag}
    client = SIDES[library].initiator(realm, target, "mutual", **options)
    client, server = logged_on(client, ours.acceptor(realm, tag=tag))
    known = (cases.MESSAGE_ALTERED, cases.OUT_OF_SEQUENCE, cases.INVALID_TOKEN)
    for message in (client.wrap(b"sealed data"), client.wrap(b"readable", sealed=False)):
        for bit in range(8 * len(message)):
            assert cases.status_of(server.unwrap, flipped(message, bit // 8, 1 << bit % 8)) in known
        server.unwrap(message)
    mic = client.sign(b"data")
    for bit in range(8 * len(mic)):
        assert cases.status_of(server.verify, b"data", flipped(mic, bit // 8, 1 << bit % 8)) in known
    assert cases.status_of(server.verify, b"date", mic) in known
    server.verify(b"data", mic)


@each_library
def test_parts(ours, realm, client_of, library):
    """Parts that are signed and stay readable, in both directions."""
    for start, accept in ((client_of(library), ours.acceptor(realm)), ours_first(ours, realm, library)):
        client, server = logged_on(start, accept)
        for sender, receiver in ((client, server), (server, client)):
            for size in (0, 1, 16, 1000):
                body, token = sender.seal_between(b"header", b"x" * size, b"trailer")
                assert receiver.open_between(b"header", body, b"trailer", token) == b"x" * size
            body, token = sender.seal_between(b"header", b"data", b"trailer")
            with pytest.raises(ends.Refused) as refused:
                receiver.open_between(b"Header", body, b"trailer", token)
            assert refused.value.reason in ("altered", "token", "failure")


def test_stream_of_parts(ours, mit, realm):
    """What Windows sends: token, data and padding one behind the other, read by gss_unwrap_iov as a stream."""
    client, server = logged_on(ours.initiator(realm, HTTP, user="alice"), mit.acceptor(realm))
    message = client.wrap(b"stream of data")
    parts, sealed = server.unwrap_parts([(gss.STREAM, message), (gss.DATA, b"")])
    assert sealed and parts[1][1] == b"stream of data"


def test_many_contexts(ours, mit, realm, client_of):
    """One credential for many contexts, each with keys of its own."""
    first = ours.acceptor(realm)
    pairs = [logged_on(client_of(), first)]
    for _ in range(9):
        pairs.append(logged_on(client_of(), ours.again_accepting(first)))
    assert len({client.session_key() for client, _ in pairs}) == 10
    message = pairs[0][0].wrap(b"data")
    with refuses(cases.MESSAGE_ALTERED, cases.OUT_OF_SEQUENCE):
        pairs[1][1].unwrap(message)
