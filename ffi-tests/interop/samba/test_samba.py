"""Samba's Active Directory: logons with a password, PACs, LDAP signed and sealed, and its password service.

Run inside of the domain's network namespace.
"""

import ctypes
import struct

import cases
import domain as controller
import ldap
import password_change
import pytest
import sspi
from cases import logged_on, refuses

ALICE = ("alice", controller.REALM, controller.PASSWORD)
WEB, OLD = "HTTP/localhost", "postgres/localhost"
LDAP = f"ldap/{controller.HOST}"
NEGOTIATED = {
    "kerberos": {"package": "Negotiate", "identity": ALICE},
    "ntlm": {"package": "Negotiate", "identity": ("alice", controller.DOMAIN, controller.PASSWORD)},
}
NEGOTIATED["ntlm"]["package_list"] = "!Kerberos"


# Logons


def test_password(ours, mit, domain):
    client, server = logged_on(ours.initiator(domain, WEB, identity=ALICE), mit.acceptor(domain))
    assert server.client_name() == f"alice@{controller.REALM}"


@pytest.mark.parametrize("target, enctype", [(WEB, 18), (OLD, 23)])
def test_enctypes(ours, mit, domain, target, enctype):
    """The controller seals the ticket with what the account has keys of."""
    keytab = "web" if target == WEB else "old"
    client, server = logged_on(ours.initiator(domain, target, identity=ALICE), mit.acceptor(domain, keytab=keytab))
    assert enctype == 23 or server.enctype() == enctype


def test_user_principal_name(ours, mit, domain):
    """Neither its name nor its realm is alice's: the controller knows."""
    identity = ("alice.liddell@mail.test", None, controller.PASSWORD)
    _, server = logged_on(ours.initiator(domain, WEB, identity=identity), mit.acceptor(domain))
    assert server.client_name() == f"alice@{controller.REALM}"


def test_names_in_any_case(ours, mit, domain):
    """Active Directory does not tell upper case from lower."""
    identity = ("ALICE", controller.REALM, controller.PASSWORD)
    logged_on(ours.initiator(domain, "http/LOCALHOST", identity=identity), mit.acceptor(domain))


@pytest.mark.parametrize("user, password", [("alice", "wrong"), ("mallory", controller.PASSWORD)])
def test_refused(ours, domain, user, password):
    with refuses(cases.LOGON_DENIED):
        ours.initiator(domain, WEB, identity=(user, controller.REALM, password)).step()


def test_unknown_service(ours, domain):
    with refuses(cases.TARGET_UNKNOWN):
        ours.initiator(domain, "HTTP/nowhere", identity=ALICE).step()


@pytest.mark.parametrize("package", ["Kerberos", "Negotiate"])
@pytest.mark.parametrize("mode", ["mutual", "oneway"])
def test_ours_with_ours(ours, domain, package, mode):
    client = ours.initiator(domain, WEB, mode, identity=ALICE, package=package)
    logged_on(client, ours.acceptor(domain, package=package))


# The PAC


def groups(end):
    """libsspi_query_groups."""
    block, count = ctypes.c_void_p(), ctypes.c_uint32()
    arguments = ctypes.byref(end.context.handle), ctypes.byref(block), ctypes.byref(count)
    status = sspi.load().libsspi_query_groups(*arguments)
    if status:
        raise sspi.SspiError("libsspi_query_groups", status)
    found, at = [], block.value
    while text := ctypes.string_at(at):
        found.append(text.decode())
        at += len(text) + 1
    sspi.load().FreeContextBuffer(block)
    assert len(found) == count.value
    return found


def text_of_sid(raw):
    authority = int.from_bytes(raw[2:8], "big")
    return "-".join(["S", str(raw[0]), str(authority), *map(str, struct.unpack(f"<{raw[1]}I", raw[8:]))])


@pytest.fixture
def directory(ours, domain):
    """A bound connection."""
    connection = ldap.Connection(controller.HOST, 389)
    client = ours.initiator(domain, LDAP, **NEGOTIATED["kerberos"])
    connection.bind_spnego(client, ldap.CONFIDENTIALITY)
    yield connection
    connection.close()


def sid_of(directory, name):
    return text_of_sid(directory.search(f"CN={name},CN=Users,{controller.BASE}", ["objectSid"])["objectSid"][0])


def token_of(directory):
    """The SIDs that the server takes us for."""
    return [text_of_sid(raw) for raw in directory.search("", ["tokenGroups"])["tokenGroups"]]


@pytest.mark.parametrize("target, keytab", [(WEB, "web"), (OLD, "old")])
def test_groups(ours, domain, directory, target, keytab):
    _, server = logged_on(ours.initiator(domain, target, identity=ALICE), ours.acceptor(domain, keytab=keytab))
    found = groups(server)
    assert found[0] == sid_of(directory, "alice")
    assert sid_of(directory, "writers") in found and sid_of(directory, "Domain Users") in found
    assert sid_of(directory, "Domain Admins") not in found


def test_names(ours, domain):
    """The controller's own spelling, out of the PAC."""
    _, server = logged_on(ours.initiator(domain, WEB, identity=ALICE), ours.acceptor(domain))
    assert server.context.names() == f"{controller.DOMAIN}\\alice"


# LDAP

LAYERS = {
    "integrity": (ldap.INTEGRITY, sspi.ISC_INTEGRITY | sspi.ISC_SEQUENCE_DETECT | sspi.ISC_REPLAY_DETECT),
    "confidentiality": (ldap.CONFIDENTIALITY, sspi.ISC_DEFAULT),
}


@pytest.fixture
def connection():
    made = ldap.Connection(controller.HOST, 389)
    yield made
    made.close()


@pytest.mark.parametrize("layer, flags", LAYERS.values(), ids=LAYERS.keys())
@pytest.mark.parametrize("mechanism", NEGOTIATED)
def test_ldap(ours, domain, connection, mechanism, layer, flags):
    client = ours.initiator(domain, LDAP, only=flags, **NEGOTIATED[mechanism])
    # As Windows does, Samba seals for LDAP whatever NTLM protects at all.
    connection.bind_spnego(client, ldap.CONFIDENTIALITY if mechanism == "ntlm" else layer)
    assert client.context.package().lower() == mechanism
    for _ in range(3):
        assert sid_of(connection, "alice") in token_of(connection)
    # An entry that fills more than one frame.
    assert len(connection.search(f"CN=Schema,CN=Configuration,{controller.BASE}")) > 5
    assert len(connection.search("")["supportedControl"]) > 5


@pytest.mark.parametrize("layer, flags", LAYERS.values(), ids=LAYERS.keys())
def test_ldap_with_gssapi(ours, domain, connection, layer, flags):
    connection.bind_gssapi(ours.initiator(domain, LDAP, only=flags, identity=ALICE), layer)
    assert sid_of(connection, "alice") in token_of(connection)


@pytest.mark.parametrize("mechanism", NEGOTIATED)
def test_ldap_without_protection(ours, domain, connection, mechanism):
    client = ours.initiator(domain, LDAP, mode="oneway", only=0, **NEGOTIATED[mechanism])
    with pytest.raises(ldap.BindRefused) as refused:
        connection.bind_spnego(client, ldap.NO_LAYER)
        connection.search(controller.BASE)
    assert refused.value.code == ldap.STRONGER_AUTH_REQUIRED


def test_ldap_with_a_wrong_password(ours, domain, connection):
    client = ours.initiator(
        domain, LDAP, package="Negotiate", identity=("alice", controller.DOMAIN, "wrong"), package_list="!Kerberos"
    )
    with pytest.raises(ldap.BindRefused) as refused:
        connection.bind_spnego(client, ldap.CONFIDENTIALITY)
    assert refused.value.code == ldap.INVALID_CREDENTIALS and "52e" in str(refused.value)


# Passwords


def test_password_change(ours, mit, domain):
    settings = {**domain.settings(), "SSPI_KDC_TIMEOUT": "10"}
    first, second = controller.PASSWORD, "Another-pässwörd"

    def change(old, new):
        return password_change.change(settings, "changing", old, new, controller.REALM)

    assert change(first, second) == 0
    given = ("changing", controller.REALM, second)
    logged_on(ours.initiator(domain, WEB, identity=given), mit.acceptor(domain))
    assert change(second, "short") == cases.PASSWORD_RESTRICTION
    assert change(first, "Never-tåken") == cases.LOGON_DENIED
    assert change(second, first) == 0
