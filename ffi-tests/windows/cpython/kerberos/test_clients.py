"""Programs that log on with MIT's tickets, and with passwords at MIT's KDC, to servers of another system."""

import io
import os

import psycopg
import psycopg.pq
import pycurl
import pytest
from conftest import ALICE, PASSWORD, REALM, WRONG

VERSION = f"{psycopg.pq.version() // 10000}.{psycopg.pq.version() % 100}"


@pytest.fixture
def postgresql():
    options = "dbname=postgres krbsrvname=host sslmode=disable gssencmode=disable connect_timeout=30"
    return f"host=localhost port={os.environ['POSTGRESQL_PORT']} {options}"


def fetch(url, identity):
    body = io.BytesIO()
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.TIMEOUT, 30)
    curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_NEGOTIATE)
    curl.setopt(pycurl.USERPWD, identity)
    curl.setopt(pycurl.WRITEDATA, body)
    curl.perform()
    status = curl.getinfo(pycurl.RESPONSE_CODE)
    curl.close()
    return status, body.getvalue().decode()


@pytest.mark.parametrize("identity", [":", f"{REALM}\\alice:{PASSWORD}"], ids=["tickets", "password"])
def test_curl(web, identity, program):
    assert fetch(web, identity) == (200, f"{ALICE} by Kerberos")
    program("libcurl (pycurl)", pycurl.version_info()[1], "client (secur32.dll)", "Negotiate (Kerberos)")


def test_curl_with_a_wrong_password(web):
    # The KDC lets nobody in, so no token is sent.
    assert fetch(web, f"{REALM}\\alice:{WRONG}") == (401, "who are you?")


def test_curl_without_tickets(web, no_tickets):
    assert fetch(web, ":") == (401, "who are you?")


def test_libpq(database, program):
    options = {"autocommit": True, "cursor_factory": psycopg.ClientCursor}
    with psycopg.connect(database + " krbsrvname=host", **options) as connection:
        assert connection.execute("select who").fetchone() == (f"{ALICE} by Kerberos",)
    program("libpq (psycopg)", VERSION, "client (secur32.dll)", "Negotiate (Kerberos)")


def test_libpq_without_tickets(database, no_tickets):
    with pytest.raises(psycopg.OperationalError, match="SSPI"):
        psycopg.connect(database + " krbsrvname=host")


def test_libpq_and_postgresql(postgresql, program):
    with psycopg.connect(f"{postgresql} user=alice") as connection:
        query = "select session_user, gss_authenticated, principal from pg_stat_gssapi where pid = pg_backend_pid()"
        assert connection.execute(query).fetchone() == ("alice", True, ALICE)
    program("libpq (psycopg)", VERSION, "client (secur32.dll)", "Kerberos")
    program("PostgreSQL", os.environ["POSTGRESQL_VERSION"], "server by gss, of libpq (psycopg)", "Kerberos")


def test_libpq_and_postgresql_as_another(postgresql):
    with pytest.raises(psycopg.OperationalError, match="GSSAPI authentication failed"):
        psycopg.connect(f"{postgresql} user=bob")


def test_libpq_and_postgresql_without_tickets(postgresql, no_tickets):
    with pytest.raises(psycopg.OperationalError, match="SSPI"):
        psycopg.connect(f"{postgresql} user=alice")
