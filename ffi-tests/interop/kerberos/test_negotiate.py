"""Kerberos in SPNEGO: MIT's, Heimdal's and pyspnego's negotiation against ours; NTLM when Kerberos is not to be had."""

from pathlib import Path

import cases
import ends
import python_spnego
import pytest
import realms
import sspi
from cases import flipped, logged_on, refuses
from conftest import SIDES
from spnego._context import GSSMech
from spnego._spnego import NegState, NegTokenInit, NegTokenResp, unpack_token

HTTP = "HTTP/localhost"
NTLM, KERBEROS, MS_KERBEROS = (mech.value for mech in (GSSMech.ntlm, GSSMech.kerberos, GSSMech._ms_kerberos))
ALICE = ("alice", realms.MIT, realms.PASSWORD)
BINDINGS = b"tls-server-end-point:" + bytes(range(32))
KERBEROS_TOKEN = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"

LIBRARIES = [name for name in SIDES if name != "ours"]
each_library = pytest.mark.parametrize("library", LIBRARIES)
MODES = ["mutual", "oneway", "dce"]


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    """What NTLM knows, of ours and of gss-ntlmssp."""
    path = tmp_path / "accounts"
    path.write_text(f"{realms.MIT}:alice:{realms.PASSWORD}\n", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("NTLM_USER_FILE", str(path))
    return path


@pytest.fixture
def starts(ours, realm):
    def make(mode="mutual", target=HTTP, **options):
        if not options.get("identity") and "settings" not in options:
            options.setdefault("user", "alice")
        return ours.initiator(realm, target, mode, package="Negotiate", **options)

    return make


@pytest.fixture
def accepts(ours, realm):
    def make(**options):
        return ours.acceptor(realm, package="Negotiate", **options)

    return make


# Against other people's SPNEGO


@each_library
@pytest.mark.parametrize("mode", ["mutual", "oneway"])
def test_our_initiator(starts, realm, library, mode):
    server = SIDES[library].acceptor(realm, mechanism="spnego")
    client, server = logged_on(starts(mode), server)
    assert client.context.package() == "Kerberos" and server.client_name() == f"alice@{realm.name}"


@each_library
def test_our_acceptor(accepts, realm, library):
    client = SIDES[library].initiator(realm, HTTP, user="alice", mechanism="spnego")
    client, server = logged_on(client, accepts())
    assert server.context.package() == "Kerberos"


@each_library
@pytest.mark.parametrize("tag", realms.ENCTYPES)
def test_every_enctype(starts, accepts, realm, library, tag):
    target, options = f"{tag}/localhost", {"user": f"u-{tag}", "tag": tag}
    logged_on(starts(target=target, **options), SIDES[library].acceptor(realm, tag=tag, mechanism="spnego"))
    client = SIDES[library].initiator(realm, target, mechanism="spnego", **options)
    logged_on(client, accepts(tag=tag))


@pytest.mark.parametrize("mode", ["mutual", "oneway"])
def test_mit_without_mutual_authentication(accepts, mit, realm, mode):
    logged_on(mit.initiator(realm, HTTP, mode, user="alice", mechanism="spnego"), accepts())


@pytest.mark.parametrize("mode", MODES)
def test_ours_with_ours(starts, accepts, mode):
    client, server = starts(mode), accepts(dce=mode == "dce")
    ends.log_on(client, server)
    assert client.session_key() == server.session_key()
    server.verify(b"data", client.sign(b"data"))
    client.verify(b"data", server.sign(b"data"))


@each_library
def test_bindings(starts, accepts, realm, library):
    side = SIDES[library]
    logged_on(starts(bindings=BINDINGS), side.acceptor(realm, mechanism="spnego", bindings=BINDINGS))
    client = side.initiator(realm, HTTP, user="alice", mechanism="spnego", bindings=BINDINGS)
    logged_on(client, accepts(bindings=BINDINGS))
    client = side.initiator(realm, HTTP, user="alice", mechanism="spnego", bindings=BINDINGS)
    with refuses(cases.BAD_BINDINGS):
        ends.log_on(client, accepts(bindings=BINDINGS[::-1]))


NEGOTIATIONS = pytest.mark.parametrize(
    "negotiation", [python_spnego.Negotiation, python_spnego.PrefersNtlm], ids=["same choice", "another choice"]
)


@NEGOTIATIONS
def test_our_initiator_with_pyspnego(starts, mit, realm, accounts, negotiation):
    """An acceptor that prefers NTLM demands the MIC of the list."""
    ntlm = python_spnego.ntlm_acceptor()
    server = python_spnego.End("accept", mit.acceptor(realm), ntlm, negotiation)
    client = starts(identity=ALICE)
    logged_on(client, server)


def test_our_acceptor_with_pyspnego(accepts, mit, realm):
    client = python_spnego.End("initiate", mit.initiator(realm, HTTP, user="alice"))
    logged_on(client, accepts())


def test_pyspnego_alone(mit, realm):
    """The adapter is worth something without our library."""
    client = python_spnego.End("initiate", mit.initiator(realm, HTTP, user="alice"))
    server = python_spnego.End("accept", mit.acceptor(realm))
    ends.log_on(client, server)


# Tokens


def test_first_token(starts):
    """The mechanism's token comes with the list; Kerberos stands first, under Microsoft's name and the right one."""
    init = unpack_token(starts(identity=ALICE).step())
    assert isinstance(init, NegTokenInit)
    assert init.mech_types[0] in (KERBEROS, MS_KERBEROS) and KERBEROS in init.mech_types
    assert NTLM in init.mech_types and init.mech_types.index(NTLM) > init.mech_types.index(KERBEROS)
    assert KERBEROS_TOKEN in init.mech_token[:32]


def test_without_an_ntlm_identity_only_kerberos_is_offered(starts):
    """Tickets are no password: NTLM could not do anything."""
    init = unpack_token(starts().step())
    assert NTLM not in init.mech_types or init.mech_types.index(NTLM) > 0


def changed_list(token, mechanisms):
    init = unpack_token(token)
    init.mech_types = mechanisms
    return init.pack()


@pytest.mark.parametrize(
    "mechanisms",
    [[KERBEROS], [MS_KERBEROS], [MS_KERBEROS, KERBEROS, NTLM], [KERBEROS, NTLM]],
    ids=["right name", "Microsoft's name", "as Windows", "without Microsoft's"],
)
def test_names_of_kerberos(accepts, mit, realm, mechanisms):
    """Whichever name stands first is Kerberos, and its optimistic token is taken; the answer echoes the name."""
    client, server = mit.initiator(realm, HTTP, user="alice", mechanism="spnego"), accepts()
    answer = unpack_token(server.step(changed_list(client.step(), mechanisms)))
    assert answer.neg_state in (NegState.accept_complete, NegState.accept_incomplete)
    assert answer.supported_mech == mechanisms[0]


def test_list_with_ntlm_first(accepts, mit, realm):
    """The optimistic token is then not NTLM's: Kerberos is asked for anew, with a MIC of the list, or NTLM goes on."""
    client, server = mit.initiator(realm, HTTP, user="alice", mechanism="spnego"), accepts()
    token = changed_list(client.step(), [NTLM, KERBEROS])
    try:
        answer = unpack_token(server.step(token))
    except ends.Refused:
        return
    assert not server.complete and answer.neg_state != NegState.accept_complete


def test_changed_list_is_noticed(accepts, mit, realm):
    """NTLM slipped in behind Kerberos: with Kerberos chosen no MIC is needed, and nothing is lost."""
    client, server = mit.initiator(realm, HTTP, user="alice", mechanism="spnego"), accepts()
    server.step(changed_list(client.step(), [KERBEROS, NTLM]))
    assert server.complete and server.context.package() == "Kerberos"


@each_library
def test_raw_kerberos(accepts, realm, library):
    """A client without SPNEGO is taken too."""
    client = SIDES[library].initiator(realm, HTTP, user="alice")
    client, server = logged_on(client, accepts())
    assert server.context.package() == "Kerberos"


def test_changed_ticket(starts, mit, realm, accepts):
    client, server = starts(), accepts()
    init = unpack_token(client.step())
    init.mech_token = flipped(init.mech_token, len(init.mech_token) // 2)
    with refuses(cases.LOGON_DENIED, cases.INVALID_TOKEN, cases.WRONG_PRINCIPAL):
        server.step(init.pack())


def test_reject(starts):
    client = starts()
    client.step()
    with refuses(cases.LOGON_DENIED, cases.INVALID_TOKEN):
        client.step(NegTokenResp(NegState.reject).pack())


# Fallback


def ends_with_ntlm(client, server):
    ends.log_on(client, server)
    assert client.context.package() == "NTLM"
    server.verify(b"data", client.sign(b"data"))
    client.verify(b"data", server.sign(b"data"))


@pytest.mark.parametrize("why", ["no KDC", "unknown service", "address", "another realm", "unknown user"])
def test_fallback(starts, accepts, realm, accounts, tmp_path, why):
    identity, target, options = ALICE, HTTP, {}
    if why == "no KDC":
        options["settings"] = cases.settings(realm, tmp_path, kdcs=[f"127.0.0.1:{realms.free_ports(1)[0]}"])
        options["settings"]["SSPI_KDC_TIMEOUT"] = "2"
    elif why == "unknown service":
        target = "HTTP/nowhere.example.test"
    elif why == "address":
        target = "HTTP/127.0.0.1"
    elif why == "another realm":
        accounts.write_text(f"WORKGROUP:alice:{realms.PASSWORD}\n")
        identity = ("alice", "WORKGROUP", realms.PASSWORD)
        options["settings"] = {**realm.settings(), "SSPI_KDC_TIMEOUT": "2"}
    else:
        accounts.write_text(f"{realms.MIT}:local:{realms.PASSWORD}\n")
        identity = ("local", realms.MIT, realms.PASSWORD)
    ends_with_ntlm(starts(target=target, identity=identity, **options), accepts())


def test_fallback_with_gss_ntlmssp(starts, mit, realm, accounts):
    if not any(Path("/etc/gss/mech.d").glob("*ntlmssp*")):
        pytest.skip("install gss-ntlmssp")
    client = starts(target="HTTP/127.0.0.1", identity=ALICE)
    settings = {**realm.settings(), "NTLM_USER_FILE": str(accounts)}
    server = mit.acceptor(realm, settings=settings, mechanism="spnego+ntlm")
    ends.log_on(client, server)
    assert client.context.package() == "NTLM"
    server.verify(b"data", client.sign(b"data"))


def test_acceptor_without_keys_takes_ntlm(starts, accepts, realm, accounts, tmp_path):
    """The client prefers Kerberos, the acceptor has no keytab: it asks for NTLM, and the MIC of the list is checked."""
    settings = {**realm.settings(), "KRB5_KTNAME": f"FILE:{tmp_path}/none.keytab"}
    ends_with_ntlm(starts(identity=ALICE), accepts(settings=settings))


def test_wrong_password_does_not_fall_back_to_anything_good(starts, accepts, accounts):
    client, server = starts(identity=("alice", realms.MIT, "wrong")), accepts()
    with refuses(cases.LOGON_DENIED, cases.INVALID_TOKEN):
        ends.log_on(client, server)
    assert not server.complete


@pytest.mark.parametrize("packages, package", [("!NTLM", "Kerberos"), ("!Kerberos", "NTLM"), ("Kerberos", "Kerberos")])
def test_package_list(starts, accepts, accounts, packages, package):
    client, server = starts(identity=ALICE, package_list=packages), accepts()
    ends.log_on(client, server)
    assert client.context.package() == server.context.package() == package


def test_no_fallback_where_ntlm_is_excluded(starts, realm):
    client = starts(target="HTTP/127.0.0.1", identity=ALICE, package_list="!NTLM")
    with refuses(cases.TARGET_UNKNOWN, cases.NO_AUTHENTICATING_AUTHORITY, cases.NO_CREDENTIALS):
        client.step()


def test_flags_and_sizes(starts, accepts):
    client, server = logged_on(starts(), accepts())
    assert client.context.granted() & sspi.ISC_MUTUAL_AUTH
    sizes = client.context.sizes()
    assert (sizes.cbMaxSignature, sizes.cbBlockSize, sizes.cbSecurityTrailer) == (28, 1, 60)
