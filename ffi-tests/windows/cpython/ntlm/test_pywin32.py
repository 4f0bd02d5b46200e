"""pywin32's SSPI, by the function table, and the functions beside it that are the system's own."""

import pytest
import pywintypes
import sspi
import sspicon
import win32api
import win32security
from conftest import RIGHT, WRONG, version

SEC_E_LOGON_DENIED = -2146893044


def shake_hands(package, password):
    client = sspi.ClientAuth(package, auth_info=("user", "EXAMPLE", password), targetspn="HTTP/server")
    server = sspi.ServerAuth(package)
    buffers = None
    while not (client.authenticated and server.authenticated):
        if not client.authenticated:
            _, buffers = client.authorize(buffers)
        if not server.authenticated:
            _, buffers = server.authorize(buffers)
    return client, server


@pytest.mark.parametrize("package", ["NTLM", "Negotiate"])
def test_a_right_password(package, program):
    client, server = shake_hands(package, RIGHT)
    assert server.ctxt.QueryContextAttributes(sspicon.SECPKG_ATTR_NAMES) == "EXAMPLE\\user"
    assert server.decrypt(*client.encrypt(b"secret")) == b"secret"
    server.verify(b"signed", client.sign(b"signed"))
    with pytest.raises(pywintypes.error):
        server.verify(b"forged", client.sign(b"signed"))
    name = package if package == "NTLM" else "Negotiate (NTLM)"
    program("pywin32", version("pywin32"), "client and server (secur32.dll)", name)


@pytest.mark.parametrize("package", ["NTLM", "Negotiate"])
def test_a_wrong_password(package):
    with pytest.raises(pywintypes.error) as refused:
        shake_hands(package, WRONG)
    assert refused.value.winerror == SEC_E_LOGON_DENIED


def test_the_packages():
    names = [package["Name"] for package in win32security.EnumerateSecurityPackages()]
    assert sorted(names) == ["Kerberos", "NTLM", "Negotiate"]


def test_names_are_the_systems():
    assert "\\" in win32api.GetUserNameEx(2)


def test_lsa_is_the_systems():
    assert win32security.LsaConnectUntrusted() is not None
