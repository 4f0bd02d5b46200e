"""Our initiator's credentials: passwords, caches, keytabs, names, other realms, clocks."""

import time
from pathlib import Path

import cases
import ends
import pytest
import realms
from cases import logged_on, refuses, refuses_at_any_time
from conftest import REALMS, SIDES

HTTP = "HTTP/localhost"
KDCS = pytest.mark.parametrize("realm", REALMS.values(), ids=REALMS.keys())
UNUSUAL = ["nopreauth", "salted", "short"]
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@pytest.fixture
def server(mit, realm):
    return mit.acceptor(realm)


def identity(realm, user="alice", password=realms.PASSWORD):
    return (user, realm.name, password)


# Passwords


@KDCS
@pytest.mark.parametrize("user", realms.USERS)
def test_password(ours, server, realm, user):
    """Every key type, an instance, and a name and a password that are not ASCII."""
    tag = user[2:] if user[2:] in realms.ENCTYPES else None
    given = identity(realm, user, realms.USERS[user])
    client, server = logged_on(ours.initiator(realm, HTTP, identity=given, tag=tag), server)
    assert server.client_name() == f"{user}@{realm.name}"


@pytest.mark.parametrize("user", UNUSUAL)
def test_password_of_an_unusual_principal(ours, server, realm, user):
    client, server = logged_on(ours.initiator(realm, HTTP, identity=identity(realm, user)), server)
    assert server.client_name() == f"{user}@{realm.name}"


@KDCS
def test_no_preauthentication(ours, server, realm):
    logged_on(ours.initiator(realm, HTTP, identity=identity(realm, "nopreauth")), server)


@KDCS
def test_principal_name_as_user(ours, server, realm):
    """alice@REALM without a domain, as a user principal name."""
    client = ours.initiator(realm, HTTP, identity=(f"alice@{realm.name}", None, realms.PASSWORD))
    logged_on(client, server)
    assert server.client_name() == f"alice@{realm.name}"


def test_user_without_a_realm(ours, server, realm):
    """The default realm of krb5.conf."""
    logged_on(ours.initiator(realm, HTTP, identity=("alice", None, realms.PASSWORD)), server)


def test_enterprise_name(ours, mit):
    """Heimdal's KDC knows it as an alias, and answers with the principal."""
    realm = REALMS[realms.HEIMDAL]
    server = mit.acceptor(realm)
    given = ("alice.liddell@mail.test", None, realms.PASSWORD)
    logged_on(ours.initiator(realm, HTTP, identity=given), server)
    assert server.client_name() == f"alice@{realms.HEIMDAL}"


@KDCS
def test_wrong_password(ours, realm):
    client = ours.initiator(realm, HTTP, identity=identity(realm, password="wrong"))
    with refuses(cases.LOGON_DENIED):
        client.step()


@KDCS
def test_unknown_user(ours, realm):
    client = ours.initiator(realm, HTTP, identity=identity(realm, "mallory"))
    with refuses(cases.LOGON_DENIED):
        client.step()


@pytest.mark.parametrize(
    "user, code",
    [("expired", cases.LOGON_DENIED), ("locked", cases.LOGON_DENIED), ("password-expired", cases.LOGON_DENIED)],
)
def test_account_that_may_not_log_on(ours, realm, user, code):
    client = ours.initiator(realm, HTTP, identity=identity(realm, user))
    with refuses(code):
        client.step()


@KDCS
@pytest.mark.parametrize("target", ["HTTP/nowhere.example.test", "nosuch/localhost"])
def test_unknown_service(ours, realm, target):
    client = ours.initiator(realm, target, user="alice")
    with refuses(cases.TARGET_UNKNOWN):
        client.step()


def test_service_names_in_every_form(ours, mit, realm):
    """class/host, with the realm, with a port or an instance name behind it that the KDC does not know."""
    for target in (HTTP, f"HTTP/localhost@{realm.name}", "http/localhost"):
        try:
            logged_on(ours.initiator(realm, target, user="alice"), mit.acceptor(realm))
        except ends.Refused as refused:
            # MIT's database tells upper case from lower.
            assert target == "http/localhost" and refused.__cause__.status == cases.TARGET_UNKNOWN


# Caches and keytabs


@KDCS
def test_cache(ours, server, realm):
    logged_on(ours.initiator(realm, HTTP, user="alice"), server)
    assert server.client_name() == f"alice@{realm.name}"


@pytest.fixture
def own_cache(realm, tmp_path):
    """A copy of alice's cache with nothing but her ticket-granting ticket, and settings that name it."""
    cache = f"FILE:{tmp_path}/alice.cc"
    realms.kinit(realm, "alice", realms.PASSWORD, cache=cache)
    return cache, {**realm.settings(), "KRB5CCNAME": cache}


def test_service_tickets_are_written_back_and_used_again(ours, mit, realm, own_cache, tmp_path):
    cache, settings = own_cache
    logged_on(ours.initiator(realm, HTTP, settings=settings), mit.acceptor(realm))
    found = cases.services_in(cache)
    assert found.count(f"{HTTP}@{realm.name}") == 1 and f"krbtgt/{realm.name}@{realm.name}" in found
    # Without a KDC the ticket in the cache is enough.
    alone = cases.settings(realm, tmp_path, kdcs=["127.0.0.1:1"])
    alone["KRB5CCNAME"] = cache
    logged_on(ours.initiator(realm, HTTP, settings=alone), mit.acceptor(realm))
    assert cases.services_in(cache).count(f"{HTTP}@{realm.name}") == 1


def test_cache_that_ours_wrote_is_read_by_the_peers(ours, realm, own_cache):
    cache, settings = own_cache
    logged_on(ours.initiator(realm, HTTP, settings=settings), SIDES["mit"].acceptor(realm))
    for name in ("mit", "heimdal"):
        if name in SIDES:
            logged_on(SIDES[name].initiator(realm, HTTP, settings=settings), SIDES["mit"].acceptor(realm))


def test_directory_of_caches(ours, server, realm, tmp_path):
    (tmp_path / "caches").mkdir()
    cache = f"DIR:{tmp_path}/caches"
    realms.kinit(realm, "alice", realms.PASSWORD, cache=cache)
    logged_on(ours.initiator(realm, HTTP, settings={**realm.settings(), "KRB5CCNAME": cache}), server)
    assert server.client_name() == f"alice@{realm.name}"


@KDCS
def test_client_keytab(ours, server, realm, tmp_path):
    settings = {**realm.settings(), "KRB5_CLIENT_KTNAME": realm.keytab("alice"), "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    logged_on(ours.initiator(realm, HTTP, settings=settings), server)
    assert server.client_name() == f"alice@{realm.name}"


def test_no_cache_and_no_keytab(ours, realm):
    with refuses_at_any_time(cases.NO_CREDENTIALS):
        ours.initiator(realm, HTTP).step()


def test_expired_ticket(ours, realm, tmp_path):
    cache = f"FILE:{tmp_path}/short.cc"
    realms.kinit(realm, "alice", realms.PASSWORD, None, "-l", "1s", cache=cache)
    time.sleep(2)
    with refuses_at_any_time(cases.NO_CREDENTIALS, cases.CONTEXT_EXPIRED, cases.LOGON_DENIED):
        ours.initiator(realm, HTTP, settings={**realm.settings(), "KRB5CCNAME": cache}).step()


def test_damaged_cache(ours, realm, tmp_path, own_cache):
    cache, settings = own_cache
    path = Path(cache.removeprefix("FILE:"))
    path.write_bytes(path.read_bytes()[:100])
    with refuses_at_any_time(cases.NO_CREDENTIALS):
        ours.initiator(realm, HTTP, settings=settings).step()


@pytest.mark.parametrize("tag", realms.ENCTYPES)
def test_one_enctype_allowed(ours, mit, realm, tag):
    """The logon with a password uses no other enctype than krb5.conf permits."""
    client = ours.initiator(realm, f"{tag}/localhost", identity=identity(realm, f"u-{tag}"), tag=tag)
    server = mit.acceptor(realm, tag=tag)
    logged_on(client, server)
    assert server.enctype() == realms.ENCTYPES[tag][0]


def test_rc4_is_off_unless_it_is_asked_for(ours, realm, tmp_path):
    settings = cases.settings(realm, tmp_path)
    text = Path(settings["KRB5_CONFIG"]).read_text()
    lines = [line for line in text.splitlines() if "arcfour" not in line and "allow_" not in line]
    Path(settings["KRB5_CONFIG"]).write_text("\n".join(lines))
    with refuses_at_any_time(cases.LOGON_DENIED, cases.KDC_UNKNOWN_ETYPE, cases.UNSUPPORTED_PREAUTH):
        ours.initiator(realm, HTTP, settings=settings, identity=identity(realm, "u-rc4")).step()


# Other realms


@pytest.mark.parametrize("host, name", [("server.other.test", realms.OTHER), ("server.third.test", realms.THIRD)])
@pytest.mark.parametrize("source", ["cache", "password"])
def test_trusted_realm(ours, server, realm, source, host, name):
    """OTHER.TEST is trusted; THIRD.TEST is reached through it."""
    given = {"user": "alice"} if source == "cache" else {"identity": identity(realm)}
    logged_on(ours.initiator(realm, f"host/{host}", **given), server)
    assert server.client_name() == f"alice@{realm.name}"


def test_referral(ours, server, realm, tmp_path):
    """Without domain_realm the realm of the server is the KDC's to say."""
    settings = cases.settings(realm, tmp_path, user="alice")
    path = Path(settings["KRB5_CONFIG"])
    text = path.read_text()
    path.write_text(text[: text.index("[domain_realm]")] + text[text.index("[capaths]") :])
    logged_on(ours.initiator(realm, "host/server.other.test", settings=settings), server)


def test_realm_that_nobody_trusts(ours, realm):
    client = ours.initiator(realm, "host/server.heim.test", user="alice")
    with refuses(cases.TARGET_UNKNOWN, cases.NO_AUTHENTICATING_AUTHORITY):
        client.step()


def test_heimdal_client_of_mits_realm(server, realm, ours):
    """A trust is not needed to log on elsewhere than at home: the identity's realm is asked."""
    client = ours.initiator(realm, f"{HTTP}@{realm.name}", identity=("alice", realm.name, realms.PASSWORD))
    logged_on(client, server)


# Times


def test_lifetime(ours, server, realm, tmp_path):
    cache = f"FILE:{tmp_path}/hour.cc"
    realms.kinit(realm, "alice", realms.PASSWORD, None, "-l", "1h", cache=cache)
    client = ours.initiator(realm, HTTP, settings={**realm.settings(), "KRB5CCNAME": cache})
    logged_on(client, server)
    left = client.context.lifespan()[1] / 1e7 - 11644473600 - time.time()
    # MIT's acceptor adds the clock skew that it allows.
    assert 3500 < left <= 3600 and abs(server.lifetime() - left) < 310


@pytest.fixture
def skewed_kdc(realm):
    """MIT's KDC ten minutes in the future."""
    if not FAKETIME.exists():
        pytest.skip("install faketime")
    fake = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+10m", "FAKETIME_DONT_RESET": "1"}
    with realms.another_kdc(realm, **fake) as address:
        yield address, fake


def test_clock_of_the_kdc(ours, mit, realm, skewed_kdc, tmp_path):
    """A logon with a password learns the difference and lives with it."""
    address, fake = skewed_kdc
    settings = cases.settings(realm, tmp_path, kdcs=[address])
    client = ours.initiator(realm, HTTP, settings=settings, identity=identity(realm))
    server = mit.acceptor(realm, settings={**realm.settings(), **fake})
    logged_on(client, server)


def test_clock_of_the_server(ours, mit, realm, skewed_kdc):
    _, fake = skewed_kdc
    client = ours.initiator(realm, HTTP, user="alice")
    server = mit.acceptor(realm, settings={**realm.settings(), **fake})
    with pytest.raises(ends.Refused) as refused:
        server.step(client.step())
    # What it says to the client is a KRB-ERROR.
    if refused.value.token:
        with refuses(cases.TIME_SKEW):
            client.step(refused.value.token)


def test_clock_of_the_client(ours, mit, realm, skewed_kdc):
    _, fake = skewed_kdc
    client = mit.initiator(realm, HTTP, settings={**realm.settings(user="alice"), **fake})
    server = ours.acceptor(realm)
    with refuses(cases.TIME_SKEW):
        server.step(client.step())


def test_several_users_at_once(ours, mit, realm):
    pairs = []
    for user in ("alice", "bob"):
        client = ours.initiator(realm, HTTP, identity=identity(realm, user, realms.USERS[user]))
        pairs.append(logged_on(client, mit.acceptor(realm)))
    assert [server.client_name() for _, server in pairs] == [f"alice@{realm.name}", f"bob@{realm.name}"]
