"""Debian's Chromium as the client: NTLM with a password that a person types, Negotiate with a ticket."""

import os
import subprocess
from pathlib import Path

import browser
import pytest

pytestmark = pytest.mark.skipif(browser.PROGRAM is None, reason="install chromium")
SHOTS = Path(os.environ["HTTP_WORK"]) / "screenshots"
ROLE = "client of the HTTP server"
RIGHT, WRONG = ("EXAMPLE\\alice", "Password123!"), ("EXAMPLE\\alice", "wrong")


@pytest.fixture(scope="module")
def plain():
    """A browser of somebody who has no ticket."""
    made = browser.Browser(KRB5_CONFIG="/dev/null")
    yield made
    made.close()


@pytest.fixture(scope="module")
def ticketed(realm):
    """Alice's, who has a ticket and trusts the server with it."""
    made = browser.Browser("--auth-server-allowlist=localhost", **realm.settings(user="alice"))
    yield made
    made.close()


def version():
    command = [browser.PROGRAM, "--version"]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return said.split()[1]


def shoot(page, name, **options):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(SHOTS / f"{name}.png", **options)
    assert (SHOTS / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_password(site, plain):
    plain.identity = None
    assert plain.open(site.url) == 401 and "Who are you?" in plain.text()
    shoot(plain, "401")


def test_a_wrong_password(site, plain):
    before = len(site.refusals())
    plain.identity = WRONG
    assert plain.open(site.url) == 401 and "You are logged on" not in plain.text()
    assert site.refusals()[before:]


def test_ntlm(site, plain, program):
    program("Chromium", version(), ROLE, "NTLM")
    plain.identity = RIGHT
    assert plain.open(site.url) == 200
    assert plain.evaluate("document.querySelector('h1').innerText") == "EXAMPLE\\alice"
    facts = plain.facts()
    assert (facts["Package"], facts["Connection"]) == ("NTLM", "plain HTTP")
    # The style is the one that the page's own policy allows.
    assert plain.evaluate("getComputedStyle(document.querySelector('ul')).display") == "flex"
    shoot(plain, "ntlm")


def test_ntlm_is_bound_to_tls(binding_site, plain):
    plain.identity = RIGHT
    assert plain.open(binding_site.url) == 200
    assert plain.facts()["Channel binding"] == "bound to this TLS connection"
    shoot(plain, "ntlm-tls-phone", width=390, height=880)


def test_names_are_text(site, plain):
    plain.identity = ("EXAMPLE\\<b>\"x\"&'y'", "Password123!")
    other = site.url.replace("localhost", "127.0.0.1")
    assert plain.open(other) == 200
    assert plain.evaluate("document.querySelector('h1').innerText") == "EXAMPLE\\<b>\"x\"&'y'"
    assert plain.evaluate("document.querySelectorAll('b').length") == 0


def test_kerberos(site, ticketed, realm, program):
    program("Chromium", version(), ROLE, "Negotiate (Kerberos)")
    assert (ticketed.open(site.url), ticketed.asked) == (200, 0)
    assert ticketed.evaluate("document.querySelector('h1').innerText") == f"alice@{realm.name}"
    facts = ticketed.facts()
    assert facts["Package"] == "Kerberos, agreed on by Negotiate" and facts["Until"].endswith(" UTC")
    shoot(ticketed, "kerberos")
    shoot(ticketed, "kerberos-dark", dark=True)


def test_kerberos_under_tls(secure_site, ticketed, realm):
    assert (ticketed.open(secure_site.url), ticketed.asked) == (200, 0)
    shoot(ticketed, "kerberos-tls")
    assert ticketed.facts()["Channel binding"].endswith("bound to the TLS connection")


def test_a_ticket_only_for_whom_one_trusts(site, realm):
    made = browser.Browser("--auth-server-allowlist=elsewhere", **realm.settings(user="alice"))
    try:
        assert made.open(site.url) == 401
    finally:
        made.close()
