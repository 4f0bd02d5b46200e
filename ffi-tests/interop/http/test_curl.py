"""Debian's curl as the client: NTLM of its own, Negotiate by MIT's GSS-API."""

import shutil
import subprocess

import pytest
import realms

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="install curl")

NTLM, NEGOTIATE = "--ntlm", "--negotiate"
ALICE = "EXAMPLE\\alice:Password123!"


ROLE = "client of the HTTP server"


def version():
    return subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]


def curl(site, *arguments, settings=None):
    """Status and text of the last answer."""
    command = ["curl", "--silent", "--insecure", "--max-time", "30", "--write-out", "\n%{http_code}", *arguments]
    if not any(argument.startswith("http") for argument in arguments):
        command.append(site.url)
    environment = realms.plain_environment(**(settings or {}), no_proxy="localhost", LC_ALL="C.UTF-8")
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


def facts(text):
    """The lines "name: value" of the page for programs."""
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_ntlm(site, program):
    program("curl", version(), ROLE, "NTLM")
    status, text = curl(site, NTLM, "-u", ALICE)
    shown = facts(text)
    assert status == 200
    assert (shown["user"], shown["package"]) == ("EXAMPLE\\alice", "NTLM")
    assert shown["protections"] == "authentication only"
    assert shown["connection"] == "plain HTTP"
    assert shown["until"].startswith("the connection ends")
    assert any(line.endswith("logged on: EXAMPLE\\alice by NTLM") for line in site.log())


def test_ntlm_of_a_name_that_is_not_ascii(site):
    status, text = curl(site, NTLM, "-u", "EXAMPLE\\müller:pässwörd ß€")
    # curl 7's own NTLM sends each byte as a character of its own, so that this is another name.
    assert status == 401 and "müller" not in text


@pytest.mark.parametrize("who", ["EXAMPLE\\alice:wrong", "EXAMPLE\\nobody:Password123!", "OTHER\\alice:Password123!"])
def test_ntlm_refused(site, who):
    """One line for whoever looks after the server, nothing for the client to learn from."""
    before = len(site.refusals())
    status, text = curl(site, NTLM, "-u", who)
    assert (status, text) == (401, "Not let in\nThe server's log says why.\n")
    name = who.partition(":")[0]
    assert site.refusals()[before:] == [f"NTLM: SEC_E_LOGON_DENIED: {name}: unknown user name or bad password"]


def test_ntlm_without_accounts(started):
    site = started(accounts=None)
    assert curl(site, NTLM, "-u", ALICE)[0] == 401
    assert site.log()[0] == "NTLM_USER_FILE is not set: nobody can log on with NTLM"
    assert site.refusals() == ["NTLM: there are no accounts: NTLM_USER_FILE is not set"]


def test_kerberos(site, realm, program):
    program("curl", version(), ROLE, "Negotiate (Kerberos)")
    status, text = curl(site, NEGOTIATE, "-u", ":", settings=realm.settings(user="alice"))
    shown = facts(text)
    assert status == 200
    assert (shown["user"], shown["package"]) == (f"alice@{realm.name}", "Kerberos, agreed on by Negotiate")
    assert "mutual authentication" in shown["protections"]
    assert shown["meant for"] == "HTTP/localhost"
    assert shown["until"].startswith(ticket_end(realm)) and shown["until"].endswith("(or until the connection ends)")


def ticket_end(realm):
    """When alice's ticket for the server ends, as klist knows it."""
    environment = realm.environment(user="alice") | {"TZ": "UTC", "LC_ALL": "C"}
    listed = realms.run(["klist", realm.cache("alice")], environment)
    line = next(line for line in listed.splitlines() if "HTTP/localhost" in line)
    date, time = line.split()[2:4]
    month, day, year = date.split("/")
    return f"20{year[-2:]}-{month}-{day} {time} UTC"


def test_kerberos_without_a_ticket(site, realm, tmp_path):
    before = len(site.refusals())
    settings = {**realm.settings(), "KRB5CCNAME": f"FILE:{tmp_path}/none"}
    assert curl(site, NEGOTIATE, "-u", ":", settings=settings)[0] == 401
    assert len(site.refusals()) == before


def test_kerberos_without_the_key(started, realm):
    site = started(KRB5_KTNAME=realm.keytab("absent"))
    assert curl(site, NEGOTIATE, "-u", ":", settings=realm.settings(user="alice"))[0] == 401
    assert len(site.refusals()) == 1
    assert site.refusals()[0].startswith(f"Negotiate: SEC_E_LOGON_DENIED: a ticket for HTTP/localhost@{realm.name}, ")


@pytest.mark.parametrize("service, status", [("HTTP/localhost", 200), ("HTTP/elsewhere", 401)])
def test_kerberos_for_one_service(started, realm, service, status):
    site = started("--service", service)
    assert curl(site, NEGOTIATE, "-u", ":", settings=realm.settings(user="alice"))[0] == status
    statuses = [line.split(": ")[1] for line in site.refusals()]
    assert statuses == ([] if status == 200 else ["SEC_E_WRONG_PRINCIPAL"])


@pytest.mark.parametrize("how", ["ntlm", "kerberos"])
def test_one_logon_serves_a_connection(site, realm, how):
    before = len(site.log())
    arguments = [NTLM, "-u", ALICE] if how == "ntlm" else [NEGOTIATE, "-u", ":"]
    settings = realm.settings(user="alice")
    status, text = curl(site, *arguments, site.url, site.url, site.url + "other", settings=settings)
    assert status == 404 and text.count("user: ") == 2
    said = [line.split("  ", 2)[2] for line in site.log()[before:]]
    # curl's NTLM begins at once, its Negotiate too.
    begun = ["401  GET /"] if how == "ntlm" else []
    assert [line for line in said if "logged on" not in line] == [*begun, "200  GET /", "200  GET /", "404  GET /other"]


@pytest.mark.parametrize("arguments, status", [(["--head"], 200), (["--data", "x=1"], 405), (["-X", "DELETE"], 405)])
def test_methods(site, arguments, status):
    got, text = curl(site, NTLM, "-u", ALICE, *arguments)
    assert got == status and "user: " not in text


def test_names_are_text_in_the_page(site):
    status, text = curl(site, NTLM, "-u", "EXAMPLE\\<b>\"x\"&'y':Password123!", "-H", "Accept: text/html")
    assert status == 200
    assert "<h1>EXAMPLE\\&lt;b&gt;&quot;x&quot;&amp;&#39;y&#39;</h1>" in text and "<b>" not in text


# TLS


def test_ntlm_under_tls(secure_site):
    status, text = curl(secure_site, NTLM, "-u", ALICE)
    shown = facts(text)
    assert status == 200 and shown["user"] == "EXAMPLE\\alice"
    assert shown["connection"].startswith("TLSv1.3, ")
    # This curl has no channel bindings to send.
    assert shown["channel binding"].startswith("not bound to the TLS connection")


def test_kerberos_under_tls(secure_site, realm):
    status, text = curl(secure_site, NEGOTIATE, "-u", ":", settings=realm.settings(user="alice"))
    assert status == 200 and facts(text)["user"] == f"alice@{realm.name}"


def test_tls_1_2(secure_site):
    status, text = curl(secure_site, NTLM, "-u", ALICE, "--tls-max", "1.2")
    assert status == 200 and facts(text)["connection"].startswith("TLSv1.2, ")


@pytest.mark.parametrize("how", ["ntlm", "kerberos"])
def test_a_client_without_channel_bindings_is_refused_where_they_are_required(binding_site, realm, how):
    arguments = [NTLM, "-u", ALICE] if how == "ntlm" else [NEGOTIATE, "-u", ":"]
    assert curl(binding_site, *arguments, settings=realm.settings(user="alice"))[0] == 401
    assert ": SEC_E_BAD_BINDINGS: " in binding_site.refusals()[-1]
