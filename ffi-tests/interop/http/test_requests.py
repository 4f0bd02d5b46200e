"""PyPI's requests as the client, with pyspnego: its NTLM in Python, and SSPI by sspilib, which is our library."""

from importlib.metadata import version

import pytest
import requests
from requests_kerberos import REQUIRED, HTTPKerberosAuth
from requests_ntlm import HttpNtlmAuth

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
NTLM_ROLE = "client of the HTTP server (pyspnego)"
KERBEROS_ROLE = "client of the HTTP server (pyspnego, sspilib)"


@pytest.fixture
def session():
    with requests.Session() as made:
        made.trust_env, made.verify = False, False
        yield made


@pytest.fixture
def ticket(realm, monkeypatch):
    """Alice's, for the library in this process."""
    for name, value in realm.settings(user="alice").items():
        monkeypatch.setenv(name, value)


def who(answer):
    """The name and the channel binding that the page tells."""
    facts = dict(line.split(": ", 1) for line in answer.text.splitlines())
    return facts["user"], facts["channel binding"]


def test_ntlm(site, session, program):
    program("requests-ntlm", version("requests-ntlm"), NTLM_ROLE, "NTLM")
    session.auth = HttpNtlmAuth("EXAMPLE\\alice", "Password123!")
    answers = [session.get(site.url) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert who(answers[-1])[0] == "EXAMPLE\\alice"


def test_ntlm_of_a_name_that_is_not_ascii(site, session):
    session.auth = HttpNtlmAuth("EXAMPLE\\müller", "pässwörd ß€")
    assert who(session.get(site.url))[0] == "EXAMPLE\\müller"


def test_ntlm_bound_to_tls(binding_site, session):
    session.auth = HttpNtlmAuth("EXAMPLE\\alice", "Password123!")
    assert who(session.get(binding_site.url))[1].startswith("bound to this TLS connection")


def test_ntlm_unbound(binding_site, session):
    session.auth = HttpNtlmAuth("EXAMPLE\\alice", "Password123!", send_cbt=False)
    assert session.get(binding_site.url).status_code == 401


@pytest.mark.parametrize("identity", [("EXAMPLE\\alice", "wrong"), ("EXAMPLE\\nobody", "Password123!")])
def test_ntlm_refused(site, session, identity):
    session.auth = HttpNtlmAuth(*identity)
    assert session.get(site.url).status_code == 401


def test_kerberos(site, session, realm, ticket, program):
    program("requests-kerberos", version("requests-kerberos"), KERBEROS_ROLE, "Negotiate (Kerberos)")
    session.auth = HTTPKerberosAuth(mutual_authentication=REQUIRED)
    answer = session.get(site.url)
    assert answer.status_code == 200 and who(answer)[0] == f"alice@{realm.name}"
    assert "mutual authentication" in answer.text


def test_kerberos_bound_to_tls(binding_site, session, realm, ticket):
    session.auth = HTTPKerberosAuth(mutual_authentication=REQUIRED)
    name, binding = who(session.get(binding_site.url))
    assert name == f"alice@{realm.name}" and binding.startswith("bound to this TLS connection")
