"""curl with its SSPI code, built of Debian's source package against our headers: our library at both ends."""

import os
import subprocess
from pathlib import Path

import pytest
import realms

PROGRAM, LIBRARY = os.environ.get("CURL_SSPI"), Path(os.environ["SSPI_LIBRARY"])
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="curl of Debian's source package was not built")
ROLE = "client of the HTTP server, its SSPI code built with our headers"
ALICE = "EXAMPLE\\alice:Password123!"


def environment(settings):
    return realms.plain_environment(**settings, LD_LIBRARY_PATH=LIBRARY.parent, no_proxy="localhost")


def curl(site, realm, *arguments, user=None, **settings):
    """Status and the page's facts; `user`: whose tickets there are."""
    command = [PROGRAM, "--silent", "--max-time", "30", "--write-out", "\n%{http_code}", *arguments]
    if not any(argument.startswith("http") for argument in arguments):
        command.append(site.url)
    done = subprocess.run(
        command, env=environment({**realm.settings(user=user), **settings}), stdout=subprocess.PIPE, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    text, _, status = done.stdout.rpartition("\n")
    return int(status), dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def version():
    said = subprocess.run([PROGRAM, "--version"], env=environment({}), stdout=subprocess.PIPE, text=True, check=True)
    assert {"SSPI", "NTLM", "SPNEGO", "Kerberos"} <= set(said.stdout.split("Features: ")[1].split())
    return said.stdout.split()[1]


def test_ntlm(site, realm, program):
    program("curl (SSPI)", version(), ROLE, "NTLM")
    status, facts = curl(site, realm, "--ntlm", "-u", ALICE)
    assert status == 200
    assert (facts["user"], facts["package"], facts["meant for"]) == ("EXAMPLE\\alice", "NTLM", "HTTP/localhost")


def test_ntlm_of_a_name_that_is_not_ascii(site, realm):
    assert curl(site, realm, "--ntlm", "-u", "EXAMPLE\\müller:pässwörd ß€")[1]["user"] == "EXAMPLE\\müller"


def test_ntlm_of_nobody_in_particular(site, realm, tmp_path):
    """No user: the library's default identity, the first line that has a password."""
    accounts = tmp_path / "accounts"
    accounts.write_text("EXAMPLE:alice:Password123!\n")
    status, facts = curl(site, realm, "--ntlm", "-u", ":", NTLM_USER_FILE=accounts)
    assert (status, facts["user"]) == (200, "EXAMPLE\\alice")


@pytest.mark.parametrize("who", ["EXAMPLE\\alice:wrong", "EXAMPLE\\nobody:Password123!"])
@pytest.mark.parametrize("scheme", ["--ntlm", "--negotiate"])
def test_refused(site, realm, who, scheme):
    before = len(site.refusals())
    status, facts = curl(site, realm, scheme, "-u", who)
    assert (status, facts) == (401, {}) and site.refusals()[before:]


def test_negotiate_with_a_password(site, realm, program):
    """EXAMPLE is the first label of the realm, which has the same password for alice."""
    program("curl (SSPI)", version(), ROLE, "Negotiate (Kerberos)")
    status, facts = curl(site, realm, "--negotiate", "-u", ALICE)
    assert (status, facts["user"]) == (200, f"alice@{realm.name}")


def test_negotiate_with_a_ticket(site, realm):
    status, facts = curl(site, realm, "--negotiate", "-u", ":", user="alice")
    assert (status, facts["package"]) == (200, "Kerberos, agreed on by Negotiate")
    assert facts["user"] == f"alice@{realm.name}"


def test_negotiate_without_kerberos(site, realm, program):
    program("curl (SSPI)", version(), ROLE, "Negotiate (NTLM)")
    status, facts = curl(site, realm, "--negotiate", "-u", ALICE, KRB5_CONFIG="/dev/null")
    assert (status, facts["package"]) == (200, "NTLM, agreed on by Negotiate")


@pytest.mark.parametrize("scheme", ["--ntlm", "--negotiate", "--anyauth"])
def test_one_logon_serves_a_connection(site, realm, scheme):
    before = len(site.log())
    assert curl(site, realm, scheme, "-u", ALICE, site.url, site.url)[0] == 200
    assert sum("logged on" in line for line in site.log()[before:]) == 1
