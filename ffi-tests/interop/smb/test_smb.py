"""smbprotocol, unmodified, logs on to Debian's smbd through our library and works with files.

The server demands signatures, and sealing on one share: each message is protected with a key that both ends made
of the session key, so that a wrong one fails at once.
"""

from importlib.metadata import version

import pytest
import smbclient
import spnego
from smbprotocol import Dialects, exceptions
from smbprotocol.connection import Connection
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

PASSWORD = "Password123!"
# How one logs on: the protocol, the name, the password, and what that is in the table of programs.
LOGONS = {
    "ntlm": ("ntlm", "SMBTEST\\alice", PASSWORD, "NTLM"),
    "ntlm-unicode": ("ntlm", "SMBTEST\\müller", PASSWORD, "NTLM"),
    "kerberos": ("kerberos", "alice@EXAMPLE.TEST", PASSWORD, "Kerberos"),
    "ticket": ("kerberos", None, None, "Kerberos"),
    "negotiate-ntlm": ("negotiate", "SMBTEST\\alice", PASSWORD, "Negotiate (NTLM)"),
    "negotiate-kerberos": ("negotiate", "alice@EXAMPLE.TEST", PASSWORD, "Negotiate (Kerberos)"),
    "negotiate-ticket": ("negotiate", None, None, "Negotiate (Kerberos)"),
}
# 3.1.1 signs and seals with keys of another derivation than 3.0, and 2.1 signs with the session key itself.
DIALECTS = {"2.1": Dialects.SMB_2_1_0, "3.0.2": Dialects.SMB_3_0_2, "3.1.1": Dialects.SMB_3_1_1}
TEXT = "Written through SMB, ß and all.\n" * 3000


class Log:
    """Notes the mechanism that each context of a test ends with."""

    def __init__(self, monkeypatch):
        self.contexts = []
        original = spnego.client

        def client(*arguments, **options):
            self.contexts.append(original(*arguments, **options))
            return self.contexts[-1]

        monkeypatch.setattr(spnego, "client", client)


@pytest.fixture
def made(monkeypatch):
    return Log(monkeypatch).contexts


@pytest.fixture
def server(port):
    """A pool of connections of this test alone, at the address `localhost`."""
    pool = {}
    yield {"port": port, "connection_cache": pool}
    for connection in pool.values():
        connection.disconnect()


@pytest.fixture
def connected(port):
    connections = []

    def connect(dialect=None):
        connection = Connection(smbclient.ClientConfig().client_guid, "localhost", port, require_signing=True)
        connection.connect(dialect, timeout=20)
        connections.append(connection)
        return connection

    yield connect
    for connection in connections:
        connection.disconnect()


def work_with_files(share, server):
    """Writes, reads, lists and removes a file."""
    folder = rf"\\localhost\{share}"
    with smbclient.open_file(rf"{folder}\hällo.txt", mode="w", encoding="utf-8", newline="", **server) as file:
        file.write(TEXT)
    with smbclient.open_file(rf"{folder}\hällo.txt", mode="r", encoding="utf-8", newline="", **server) as file:
        assert file.read() == TEXT
    assert smbclient.listdir(folder, **server) == ["hällo.txt"]
    assert smbclient.stat(rf"{folder}\hällo.txt", **server).st_size == len(TEXT.encode())
    smbclient.remove(rf"{folder}\hällo.txt", **server)
    assert smbclient.listdir(folder, **server) == []


@pytest.mark.parametrize("share", ["signed", "sealed"])
@pytest.mark.parametrize("logon", LOGONS)
def test_a_file_is_written_read_and_listed(logon, share, server, made, with_realm, program):
    protocol, user, password, package = LOGONS[logon]
    program("smbprotocol", version("smbprotocol"), "client (pyspnego, sspilib)", package)
    with_realm("alice" if user is None else None)
    session = smbclient.register_session(
        "localhost", user, password, encrypt=share == "sealed", auth_protocol=protocol, **server
    )
    work_with_files(share, server)
    assert session.encrypt_data == (share == "sealed") and session.signing_required == (share == "signed")
    assert {type(context).__name__ for context in made} == {"SSPIProxy"}
    mechanism = "ntlm" if "NTLM" in package else "kerberos"
    assert {context.negotiated_protocol for context in made} == {mechanism}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("logon", ["ntlm", "ticket"])
def test_every_dialect_makes_its_keys(logon, dialect, connected, server, port, with_realm):
    protocol, user, password, _ = LOGONS[logon]
    with_realm("alice")
    connection = connected(DIALECTS[dialect])
    assert connection.dialect == DIALECTS[dialect]
    server["connection_cache"][f"localhost:{port}"] = connection
    smbclient.register_session("localhost", user, password, auth_protocol=protocol, **server)
    work_with_files("signed", server)


def test_a_share_that_demands_sealing_refuses_those_who_cannot(connected):
    session = Session(connected(Dialects.SMB_2_1_0), "SMBTEST\\alice", PASSWORD, False, auth_protocol="ntlm")
    session.connect()
    with pytest.raises(exceptions.AccessDenied):
        TreeConnect(session, r"\\localhost\sealed").connect()


@pytest.mark.parametrize(("user", "password"), [("SMBTEST\\alice", "wrong"), ("SMBTEST\\mallory", PASSWORD)])
@pytest.mark.parametrize("protocol", ["ntlm", "negotiate"])
def test_a_wrong_logon_is_refused_by_the_server(protocol, user, password, connected, with_realm):
    with_realm()
    session = Session(connected(), user, password, auth_protocol=protocol)
    with pytest.raises(exceptions.LogonFailure):
        session.connect()


def test_a_wrong_password_is_refused_by_the_kdc(connected, with_realm):
    with_realm()
    session = Session(connected(), "alice@EXAMPLE.TEST", "wrong", auth_protocol="kerberos")
    with pytest.raises(exceptions.SMBAuthenticationError, match="(?i)denied|0x8009030C|-2146893044"):
        session.connect()


def test_without_a_ticket_there_is_no_logon(connected, with_realm):
    with_realm()
    with pytest.raises(exceptions.SMBAuthenticationError):
        Session(connected(), None, None, auth_protocol="kerberos").connect()
