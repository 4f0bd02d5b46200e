"""User-to-user: the acceptor is a user, who has a password or tickets and no keytab."""

import cases
import pytest
import realms
import sspi
from cases import refuses
from conftest import REALMS
from sides import OurEnd, environment

USE_SESSION_KEY = 0x20


def bob(realm, tmp_path, password=realms.USERS["bob"], cache=False):
    """bob as an acceptor: by his password, or by the tickets that kinit got."""
    settings = {**realm.settings(), "KRB5_KTNAME": f"FILE:{tmp_path}/none", "KRB5CCNAME": f"FILE:{tmp_path}/bob.cc"}
    identity = (None, None, None) if cache else ("bob", realm.name, password)
    if cache:
        realms.kinit(realm, "bob", password, cache=settings["KRB5CCNAME"])
    with environment(settings):
        credential = sspi.Credential("Kerberos", sspi.INBOUND, *identity)
    return OurEnd(sspi.Acceptor(credential, sspi.ASC_DEFAULT))


def alice(ours, realm, target, flags=USE_SESSION_KEY):
    return ours.initiator(realm, target, identity=("alice", realm.name, realms.PASSWORD), flags=flags)


@pytest.mark.parametrize("name", REALMS)
@pytest.mark.parametrize("cache", [False, True])
def test_two_users(ours, name, cache, tmp_path):
    realm = REALMS[name]
    client, server = alice(ours, realm, f"bob@{realm.name}"), bob(realm, tmp_path, cache=cache)
    tokens = [client.step()]
    while tokens[-1] and len(tokens) < 6:
        tokens.append((server, client)[len(tokens) % 2 == 0].step(tokens[-1]) or b"")
    # A request for the ticket, the ticket, AP-REQ and AP-REP, all under the mechanism's own name.
    assert client.complete and server.complete and len([token for token in tokens if token]) == 4
    assert tokens[0][2:14] == b"\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03"
    assert server.context.names() == f"alice@{realm.name}"
    cases.both_talk(client, server)


def test_a_user_without_a_key_takes_no_other_ticket(ours, realm, tmp_path):
    """There is nothing to open it with."""
    server = bob(realm, tmp_path, cache=True)
    token = alice(ours, realm, "HTTP/localhost", flags=0).step()
    with refuses(cases.NO_CREDENTIALS):
        server.step(token)


def test_a_wrong_password_shows_when_it_is_needed(ours, realm, tmp_path):
    server = bob(realm, tmp_path, password="wrong")
    token = alice(ours, realm, f"bob@{realm.name}").step()
    with refuses(cases.LOGON_DENIED):
        server.step(token)
