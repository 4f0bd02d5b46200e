"""winkerberos as client and server of one process."""

import base64

import pytest
import winkerberos as kerberos
from conftest import RIGHT, WRONG, version

FLAGS = kerberos.GSS_C_SEQUENCE_FLAG | kerberos.GSS_C_INTEG_FLAG | kerberos.GSS_C_CONF_FLAG


def shake_hands(password):
    options = {"user": "user", "domain": "EXAMPLE", "password": password}
    _, client = kerberos.authGSSClientInit(
        "HTTP/server", gssflags=FLAGS, mech_oid=kerberos.GSS_MECH_OID_SPNEGO, **options
    )
    _, server = kerberos.authGSSServerInit("HTTP/server")
    token = ""
    for _ in range(5):
        kerberos.authGSSClientStep(client, token)
        if kerberos.authGSSServerStep(server, kerberos.authGSSClientResponse(client)) == kerberos.AUTH_GSS_COMPLETE:
            return client, server
        token = kerberos.authGSSServerResponse(server)
    raise AssertionError("no end")


def test_a_right_password(program):
    client, server = shake_hands(RIGHT)
    assert kerberos.authGSSServerUserName(server) == "EXAMPLE\\user"
    assert kerberos.authGSSClientWrap(client, base64.b64encode(b"hello").decode()) == kerberos.AUTH_GSS_COMPLETE
    program("winkerberos", version("winkerberos"), "client and server (secur32.dll)", "Negotiate (NTLM)")


def test_a_wrong_password():
    with pytest.raises(kerberos.GSSError, match="AcceptSecurityContext"):
        shake_hands(WRONG)
