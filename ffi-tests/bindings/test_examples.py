"""Each example by itself, and each with the others: NTLM and Negotiate, in both roles."""

import contextlib
import os
import struct
import subprocess
import threading
from functools import cache
from pathlib import Path

import pytest
import realms
from languages import LANGUAGES, install, make_ledger

WORK = Path(os.environ["BINDINGS_WORK"])
GOOD, TROUBLE, REFUSED = 0, 1, 2
PATIENCE = 120
ACCOUNTS = "EXAMPLE:alice:Password123!\nEXAMPLE:müller:pässwörd ß€\n"
ALICE = ["EXAMPLE", "alice", "Password123!"]

NAMES = [language.name for language in LANGUAGES]
OTHERS = [name for name in NAMES if name != "c"]
# Each with each: two of C are tested elsewhere.
TALKS = [(client, server, "NTLM") for client in NAMES for server in NAMES if client != server or client != "c"]
# With itself, and with C in both roles.
TALKS += [(client, server, "Negotiate") for client, server, _ in TALKS if client == server or "c" in (client, server)]


@cache
def prefix():
    return install(Path(os.environ["SSPI_LIBRARY"]), WORK)


@cache
def ledger():
    return make_ledger(prefix(), WORK)


@cache
def _built(name):
    try:
        language = LANGUAGES[NAMES.index(name)](prefix(), WORK)
        language.build()
        return language
    except realms.Missing as missing:
        return missing


def built(name):
    """The language, built; a test that needs a tool that is not there is skipped, but not in CI."""
    language = _built(name)
    if isinstance(language, realms.Missing):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"skipped: {language}")
    return language


@pytest.fixture(scope="session")
def accounts():
    path = WORK / "accounts"
    path.write_text(ACCOUNTS, encoding="utf-8")
    path.chmod(0o600)
    return {"NTLM_USER_FILE": str(path), "KRB5_CONFIG": "/dev/null"}


def environment(language, *more):
    settings = realms.plain_environment(**language.environment())
    for one in more:
        settings.update(one)
    return settings


class Running:
    """A process whose output is read as it comes, and which does not outlive the test."""

    def __init__(self, command, settings):
        self.process = subprocess.Popen(
            [str(part) for part in command],
            env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", preexec_fn=realms.die_with_parent,
        )  # fmt: skip
        self.timer = threading.Timer(PATIENCE, self.process.kill)
        self.timer.start()
        self.output = ""

    def line(self):
        line = self.process.stdout.readline()
        self.output += line
        return line

    def end(self):
        self.output += self.process.stdout.read()
        return self.process.wait()

    def close(self):
        self.timer.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def talk(client, server, package, who, client_settings, server_settings=None, target=()):
    """Runs the client against the server; how they ended, and what they said."""
    settings = environment(server, client_settings if server_settings is None else server_settings)
    with contextlib.closing(Running([*server.server, package], settings)) as answering:
        said = answering.line()
        assert said.startswith("listening on port "), answering.output
        command = [*client.client, said.split()[-1], *who, package, *target]
        with contextlib.closing(Running(command, environment(client, client_settings))) as asking:
            ends = (asking.end(), answering.end())
            return ends, asking.output, answering.output


def check_talk(ends, client_said, server_said, user, package):
    said = f"--- client\n{client_said}--- server\n{server_said}"
    assert ends == (GOOD, GOOD), said
    assert f"authenticated: {user}\n" in server_said, said
    assert f"package: {package}" in server_said and f"package: {package}" in client_said, said
    assert 'hears: "Welcome. This line is sealed."' in client_said, said
    assert 'hears: "Thank you. The answer is 42."' in server_said, said


def note(program, language, package):
    program(language.title, language.version, f"client, server ({language.through})", package)


@pytest.mark.parametrize("name", OTHERS)
def test_its_own_tests_pass_and_everything_is_given_back(name, accounts):
    language = built(name)
    book = WORK / f"{name}.ledger"
    book.unlink(missing_ok=True)
    counting = {"SSPI_LEDGER": str(book), "SSPI_LEDGER_LIBRARY": str(prefix() / "lib" / "libsspi.so")}
    settings = environment(language, accounts, counting, language.counted(ledger()))
    with contextlib.closing(Running(language.tests, settings)) as running:
        ended = running.end()
    print(running.output)
    assert ended == 0, running.output
    acquired, freed, made, deleted, given, taken = struct.unpack("6Q", book.read_bytes())
    assert acquired > 50 and made > 50 and given > 50
    assert (acquired, made, given) == (freed, deleted, taken)


@pytest.mark.parametrize(("client", "server", "package"), TALKS)
def test_a_client_logs_on_to_a_server(client, server, package, accounts, program):
    client, server = built(client), built(server)
    if client is server:
        note(program, client, "NTLM" if package == "NTLM" else "Negotiate (NTLM)")
    check_talk(*talk(client, server, package, ALICE, accounts), "EXAMPLE\\alice", "NTLM")


@pytest.mark.parametrize("name", OTHERS)
def test_a_name_may_have_any_letters(name, accounts):
    language = built(name)
    who = ["EXAMPLE", "müller", "pässwörd ß€"]
    check_talk(*talk(language, language, "NTLM", who, accounts), "EXAMPLE\\müller", "NTLM")


@pytest.mark.parametrize("package", ["NTLM", "Negotiate"])
@pytest.mark.parametrize("name", OTHERS)
def test_a_wrong_password_is_refused_by_name(name, package, accounts):
    language = built(name)
    ends, client_said, server_said = talk(language, language, package, ["EXAMPLE", "alice", "wrong"], accounts)
    assert ends == (REFUSED, REFUSED), client_said + server_said
    assert "AcceptSecurityContext: SEC_E_LOGON_DENIED (0x8009030C)" in server_said
    assert "the server closed the connection" in client_said
    assert "authenticated" not in server_said


@pytest.mark.parametrize("name", OTHERS)
def test_negotiate_takes_a_ticket_where_it_gets_one(name, accounts, program):
    language = built(name)
    realm = realms.load(WORK)[realms.MIT]
    note(program, language, "Negotiate (Kerberos)")
    refused = talk(
        language, language, "Negotiate", ["EXAMPLE", "alice", "wrong"],
        realm.settings(), {**accounts, **realm.settings()}, ["host/localhost"],
    )  # fmt: skip
    assert refused[0][0] != GOOD and refused[0][1] != GOOD, refused
    said = talk(
        language, language, "Negotiate", ["EXAMPLE", "alice", realms.PASSWORD],
        realm.settings(), realm.settings(), ["host/localhost"],
    )  # fmt: skip
    check_talk(*said, f"alice@{realms.MIT}", "Kerberos")
