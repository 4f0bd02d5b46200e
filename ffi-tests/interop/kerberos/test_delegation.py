"""Tickets that are forwarded: by our initiator to a peer, by a peer to our acceptor, and used there."""

import ctypes

import cases
import gss
import pytest
import realms
import sspi
from cases import logged_on
from conftest import REALMS, SIDES
from sides import OurEnd

# The KDC says of it that it may be trusted with a delegated credential.
TRUSTED, UNTRUSTED = "deleg/localhost", "HTTP/localhost"
each_library = pytest.mark.parametrize("library", [name for name in SIDES if name != "ours"])
KDCS = pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS.keys())


def acts_as_alice(realm, cache):
    """The forwarded ticket gets its holder in elsewhere, under the client's name."""
    client = SIDES["mit"].initiator(realm, UNTRUSTED, settings={**realm.settings(), "KRB5CCNAME": cache})
    _, server = logged_on(client, SIDES["mit"].acceptor(realm))
    assert server.client_name() == f"alice@{realm.name}"


@KDCS
@each_library
@pytest.mark.parametrize("source", ["cache", "password"])
def test_to_a_peer(ours, realm, library, source, tmp_path):
    options = {"user": "alice"} if source == "cache" else {"identity": ("alice", realm.name, realms.PASSWORD)}
    client = ours.initiator(realm, TRUSTED, flags=sspi.ISC_DELEGATE, **options)
    client, server = logged_on(client, SIDES[library].acceptor(realm))
    assert server.flags() & gss.DELEGATE and client.attributes() & sspi.ISC_DELEGATE
    if library == "mit":
        cache = f"FILE:{tmp_path}/forwarded.cc"
        server.store_delegated(cache)
        acts_as_alice(realm, cache)


def test_not_to_a_server_that_the_kdc_does_not_trust(ours, mit, realm):
    client, server = logged_on(
        ours.initiator(realm, UNTRUSTED, user="alice", flags=sspi.ISC_DELEGATE), mit.acceptor(realm)
    )
    assert not server.flags() & gss.DELEGATE and not client.attributes() & sspi.ISC_DELEGATE


def test_not_unasked(ours, mit, realm):
    client, server = logged_on(ours.initiator(realm, TRUSTED, user="alice"), mit.acceptor(realm))
    assert not server.flags() & gss.DELEGATE and not client.attributes() & sspi.ISC_DELEGATE


def delegated(end):
    """libsspi_delegated_credential: an initiator's credential of what the client forwarded."""
    credential, expiry = object.__new__(sspi.Credential), ctypes.c_int64()
    credential.handle, credential._valid = sspi.Handle(), False
    status = sspi.load().libsspi_delegated_credential(
        ctypes.byref(end.context.handle), ctypes.byref(credential.handle), ctypes.byref(expiry)
    )
    if status:
        raise sspi.SspiError("libsspi_delegated_credential", status)
    credential._valid, credential.expiry = True, expiry.value
    return credential


@KDCS
@each_library
def test_from_a_peer(ours, realm, library):
    client = SIDES[library].initiator(realm, TRUSTED, user="alice", flags=gss.DELEGATE)
    client, server = logged_on(client, ours.acceptor(realm))
    assert server.attributes() & sspi.ISC_DELEGATE
    # The forwarded ticket logs on elsewhere, after the context that brought it is gone.
    credential = delegated(server)
    server.context.close()
    second = OurEnd(sspi.Initiator(credential, UNTRUSTED, sspi.ISC_DEFAULT | sspi.ISC_MUTUAL_AUTH))
    _, far = logged_on(second, SIDES["mit"].acceptor(realm))
    assert far.client_name() == f"alice@{realm.name}"


@each_library
def test_export_to_a_cache(ours, realm, library, tmp_path):
    client = SIDES[library].initiator(realm, TRUSTED, user="alice", flags=gss.DELEGATE)
    client, server = logged_on(client, ours.acceptor(realm))
    credential, cache = delegated(server), f"FILE:{tmp_path}/exported.cc"
    assert sspi.load().libsspi_export_tickets(ctypes.byref(credential.handle), cache.encode()) == 0
    assert (tmp_path / "exported.cc").stat().st_mode & 0o777 == 0o600
    acts_as_alice(realm, cache)


def test_nothing_delegated(ours, mit, realm):
    _, server = logged_on(mit.initiator(realm, TRUSTED, user="alice"), ours.acceptor(realm))
    assert not server.attributes() & sspi.ISC_DELEGATE
    with pytest.raises(sspi.SspiError) as refused:
        delegated(server)
    assert refused.value.status == cases.NO_CREDENTIALS


def test_through_two_of_ours(ours, realm):
    """Ours to ours, and on to MIT's."""
    client = ours.initiator(realm, TRUSTED, user="alice", flags=sspi.ISC_DELEGATE, package="Negotiate")
    _, server = logged_on(client, ours.acceptor(realm, package="Negotiate"))
    second = OurEnd(sspi.Initiator(delegated(server), UNTRUSTED, sspi.ISC_DEFAULT | sspi.ISC_MUTUAL_AUTH))
    _, far = logged_on(second, SIDES["mit"].acceptor(realm))
    assert far.client_name() == f"alice@{realm.name}"
