"""What FreeRDP 3 asks of Kerberos: files and KDCs that come with the identity, user-to-user."""

import cases
import pytest
import realms
import sspi
from cases import logged_on, refuses_at_any_time
from sides import OurEnd, environment
from winpr_identity import Credential

HTTP = "HTTP/localhost"
USE_SESSION_KEY = 0x20
LAYOUTS = pytest.mark.parametrize("second", [False, True], ids=["0x100", "0x200"])


def nothing(realm, tmp_path):
    """An environment that has the realm and neither tickets nor keys."""
    files = {name: f"FILE:{tmp_path}/none" for name in ("KRB5_KTNAME", "KRB5_CLIENT_KTNAME", "KRB5CCNAME")}
    return {**realm.settings(), **files}


def initiator(settings, target, second, flags=0, package="Kerberos", **given):
    with environment(settings):
        credential = Credential(package, sspi.OUTBOUND, second, **given)
    return OurEnd(sspi.Initiator(credential, target, sspi.ISC_DEFAULT | sspi.ISC_MUTUAL_AUTH | flags))


def acceptor(settings, second, package="Kerberos", **given):
    with environment(settings):
        credential = Credential(package, sspi.INBOUND, second, **given)
    return OurEnd(sspi.Acceptor(credential, sspi.ASC_DEFAULT))


@LAYOUTS
def test_keytab_and_cache(realm, tmp_path, second):
    settings = nothing(realm, tmp_path)
    client = initiator(settings, HTTP, second, cache=realm.cache("alice"))
    client, server = logged_on(client, acceptor(settings, second, keytab=realm.keytab()))
    assert server.client_name() == f"alice@{realm.name}"


@LAYOUTS
def test_without_them_there_is_nothing(realm, tmp_path, second):
    settings = nothing(realm, tmp_path)
    with refuses_at_any_time(cases.NO_CREDENTIALS):
        initiator(settings, HTTP, second).step()
    with refuses_at_any_time(cases.NO_CREDENTIALS):
        acceptor(settings, second).step(initiator(settings, HTTP, second, cache=realm.cache("alice")).step())


@LAYOUTS
@pytest.mark.parametrize("form", ["{}", "tcp://{}", "udp://{}"])
def test_kdc_url(realm, tmp_path, second, form):
    """Of a realm whose KDCs are named nowhere else."""
    (tmp_path / "krb5.conf").write_text(f"[libdefaults]\ndns_lookup_kdc = false\ndefault_realm = {realm.name}\n")
    settings = {**nothing(realm, tmp_path), "KRB5_CONFIG": str(tmp_path / "krb5.conf")}
    who = {"user": "alice", "domain": realm.name, "password": realms.PASSWORD}
    client = initiator(settings, HTTP, second, kdc_url=form.format(realm.kdc), **who)
    logged_on(client, acceptor(settings, second, keytab=realm.keytab()))
    with refuses_at_any_time(cases.NO_AUTHENTICATING_AUTHORITY):
        initiator(settings, HTTP, second, **who).step()


@LAYOUTS
def test_user_to_user(realm, tmp_path, second):
    """FreeRDP 3's first try: the server is a user whose tickets are in a cache."""
    settings = nothing(realm, tmp_path)
    realms.kinit(realm, "bob", realms.USERS["bob"], cache=f"FILE:{tmp_path}/bob.cc")
    client = initiator(settings, f"bob@{realm.name}", second, flags=USE_SESSION_KEY, cache=realm.cache("alice"))
    client, server = logged_on(client, acceptor(settings, second, cache=f"FILE:{tmp_path}/bob.cc"))
    assert server.context.names() == f"alice@{realm.name}"


@LAYOUTS
def test_negotiate_takes_both(realm, tmp_path, second):
    """A ticket or a password: one acceptor with a keytab and a SAM file."""
    settings = nothing(realm, tmp_path)
    sam = tmp_path / "SAM"
    sam.write_text("user:DOMAIN::8846f7eaee8fb117ad06bdd830b7586c:::\n")
    given = {"package": "Negotiate", "keytab": realm.keytab(), "sam_file": str(sam).encode()}
    client = initiator(settings, HTTP, second, package="Negotiate", cache=realm.cache("alice"))
    _, server = logged_on(client, acceptor(settings, second, **given))
    assert server.client_name() == f"alice@{realm.name}"
    who = {"user": "user", "domain": "DOMAIN", "password": "password"}
    client = initiator(settings, "TERMSRV/127.0.0.1", second, package="Negotiate", **who)
    _, server = logged_on(client, acceptor(settings, second, **given))
    assert server.client_name() == "DOMAIN\\user"
