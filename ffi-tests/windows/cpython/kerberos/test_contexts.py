"""Packages that have both sides: clients with MIT's tickets or with a password at MIT's KDC, servers with a keytab."""

import base64

import pytest
import sspi
import sspicon
import sspilib
import winkerberos as kerberos
from conftest import ALICE, PASSWORD, REALM, WRONG, version

SERVICE = "host/localhost"
SEC_E_LOGON_DENIED = -2146893044


def pywin32(package, who):
    flags = sspicon.ISC_REQ_MUTUAL_AUTH | sspicon.ISC_REQ_CONFIDENTIALITY | sspicon.ISC_REQ_SEQUENCE_DETECT
    client = sspi.ClientAuth(package, auth_info=who, targetspn=SERVICE, scflags=flags)
    server = sspi.ServerAuth(package)
    buffers = None
    while not (client.authenticated and server.authenticated):
        if not client.authenticated:
            _, buffers = client.authorize(buffers)
        if not server.authenticated:
            _, buffers = server.authorize(buffers)
    for one, other in ((client, server), (server, client)):
        assert other.unwrap(one.wrap(b"secret", encrypt=True)) == (b"secret", True)
        other.verify(b"signed", one.sign(b"signed"))
    return server.ctxt.QueryContextAttributes(sspicon.SECPKG_ATTR_NAMES)


def of_sspilib(package, who):
    identity = sspilib.raw.WinNTAuthIdentity(*who) if who else None
    outbound, inbound = sspilib.raw.CredentialUse.SECPKG_CRED_OUTBOUND, sspilib.raw.CredentialUse.SECPKG_CRED_INBOUND
    mine, _ = sspilib.raw.acquire_credentials_handle(None, package, outbound, auth_data=identity)
    services, _ = sspilib.raw.acquire_credentials_handle(None, package, inbound)
    client, server = sspilib.ClientSecurityContext(mine, SERVICE), sspilib.ServerSecurityContext(services)
    token = client.step()
    while not (client.complete and server.complete):
        token = server.step(token)
        if not client.complete:
            token = client.step(token)
    for one, other in ((client, server), (server, client)):
        assert other.unwrap(one.wrap(b"secret")).data == b"secret"
        other.verify(b"signed", one.sign(b"signed"))
    return sspilib.raw.query_context_attributes(server, sspilib.raw.SecPkgContextNames).username


def of_winkerberos(package, who):
    options = dict(zip(("user", "domain", "password"), who or ()))
    options["mech_oid"] = kerberos.GSS_MECH_OID_KRB5 if package == "Kerberos" else kerberos.GSS_MECH_OID_SPNEGO
    flags = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_CONF_FLAG | kerberos.GSS_C_SEQUENCE_FLAG
    _, client = kerberos.authGSSClientInit(SERVICE, gssflags=flags, **options)
    # It accepts by Negotiate alone, which takes Kerberos' own tokens too.
    _, server = kerberos.authGSSServerInit(SERVICE)
    done, token, ends = kerberos.AUTH_GSS_COMPLETE, "", [None, None]
    while ends != [done, done]:
        if ends[0] != done:
            ends[0] = kerberos.authGSSClientStep(client, token)
        if ends[1] != done:
            ends[1] = kerberos.authGSSServerStep(server, kerberos.authGSSClientResponse(client))
            token = kerberos.authGSSServerResponse(server)
    sent = base64.b64encode(b"secret").decode()
    assert kerberos.authGSSClientWrap(client, sent) == done
    return kerberos.authGSSServerUserName(server)


PROGRAMS = {"pywin32": pywin32, "sspilib": of_sspilib, "winkerberos": of_winkerberos}
ERRORS = (sspi.error, OSError, kerberos.GSSError)

every = pytest.mark.parametrize("name", PROGRAMS)
by = pytest.mark.parametrize("package", ["Kerberos", "Negotiate"])


@every
@by
@pytest.mark.parametrize("who", [None, ("alice", REALM, PASSWORD)], ids=["tickets", "password"])
def test_a_right_credential(name, package, who, program):
    assert PROGRAMS[name](package, who) == ALICE
    used = package if package == "Kerberos" else "Negotiate (Kerberos)"
    program(name, version(name), "client and server (secur32.dll)", used)


@every
@by
def test_a_wrong_password(name, package, tmp_path, monkeypatch):
    # Negotiate tries NTLM when the KDC refuses, with no more luck.
    accounts = tmp_path / "accounts"
    accounts.write_text(f"{REALM}:alice:{PASSWORD}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))
    with pytest.raises(ERRORS) as refused:
        PROGRAMS[name](package, ("alice", REALM, WRONG))
    # winkerberos tells no status.
    assert getattr(refused.value, "winerror", SEC_E_LOGON_DENIED) == SEC_E_LOGON_DENIED


@every
@by
def test_no_tickets(name, package, no_tickets):
    with pytest.raises(ERRORS):
        PROGRAMS[name](package, None)


@every
@by
def test_a_server_without_the_key(name, package, tmp_path, monkeypatch):
    monkeypatch.setenv("KRB5_KTNAME", f"FILE:{tmp_path / 'none.keytab'}")
    with pytest.raises(ERRORS):
        PROGRAMS[name](package, None)
