"""The account file of our acceptor, and the default identity of our initiator."""

import os
import pwd
import threading

import pytest
import sspi
from ends import Ours, Refused, exchange, log_on
from test_logon import at_our_acceptor, at_our_initiator

UNUSABLE = {
    "empty": b"",
    "comments alone": b"# nobody\n\n",
    "one malformed line": b"EXAMPLE:alice:secret\nnonsense\n",
    "not UTF-8": b"EXAMPLE:alice:secret\n\xff\xfe:x:y\n",
    "a NUL": b"EXAMPLE:ali\0ce:secret\n",
}


def refusal(client, server):
    with pytest.raises(Refused) as refused:
        log_on(client, server)
    return refused.value.reason


@at_our_acceptor
@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_unusable_file_denies(sides, content):
    with open(os.environ["NTLM_USER_FILE"], "wb") as file:
        file.write(content)
    assert refusal(sides.initiator(), sides.acceptor()) == "denied"


@at_our_acceptor
@pytest.mark.parametrize("path", ["missing", "."])
def test_file_that_is_none_denies(sides, tmp_path, monkeypatch, path):
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / path))
    assert refusal(sides.initiator(), sides.acceptor()) == "denied"


@at_our_acceptor
def test_without_a_file_nobody_logs_on(sides, monkeypatch):
    """The context waits for an account that nobody supplies; until then it knows nothing."""
    monkeypatch.delenv("NTLM_USER_FILE")
    client, server = sides.initiator(), sides.acceptor()
    with pytest.raises(Refused):
        log_on(client, server)
    assert not server.complete
    for ask in (server.client_name, server.session_key, lambda: server.wrap(b"data"), lambda: server.sign(b"data")):
        with pytest.raises(Refused):
            ask()


@at_our_acceptor
def test_file_is_read_again(sides, accounts):
    credential = sspi.Credential("NTLM", sspi.INBOUND)
    for password in ("first", "second", "third"):
        accounts(f"EXAMPLE:alice:{password}")
        log_on(sides.initiator(password=password), Ours(sspi.Acceptor(credential)))
        assert refusal(sides.initiator(password="secret"), Ours(sspi.Acceptor(credential))) == "denied"


@at_our_acceptor
def test_an_acceptors_own_identity_is_no_account(sides, accounts):
    credential = sspi.Credential("NTLM", sspi.INBOUND, "mallory", "EXAMPLE", "secret")
    assert refusal(sides.initiator("mallory"), Ours(sspi.Acceptor(credential))) == "denied"
    log_on(sides.initiator(), Ours(sspi.Acceptor(credential)))


@at_our_acceptor
def test_empty_password_may_not_log_on(sides, accounts):
    accounts("EXAMPLE:alice:", "EXAMPLE:bob:other")
    assert refusal(sides.initiator(password=""), sides.acceptor()) == "denied"


@at_our_acceptor
def test_exact_domain_before_any_domain(sides, accounts):
    accounts(":alice:anywhere", "EXAMPLE:alice:secret", "EXAMPLE:alice:shadowed")
    log_on(sides.initiator(), sides.acceptor())
    log_on(sides.initiator(domain="ELSEWHERE", password="anywhere"), sides.acceptor())
    assert refusal(sides.initiator(password="anywhere"), sides.acceptor()) == "denied"
    assert refusal(sides.initiator(password="shadowed"), sides.acceptor()) == "denied"


@at_our_acceptor
def test_password_with_colons(sides, accounts):
    accounts("EXAMPLE:alice:a:b:c ")
    log_on(sides.initiator(password="a:b:c "), sides.acceptor())


@at_our_acceptor
def test_account_of_a_principal_name(sides, accounts):
    """user@domain on the wire is also the account of that user in that domain."""
    accounts("example.test:alice:secret")
    log_on(sides.initiator("alice@example.test", None), sides.acceptor())


@at_our_initiator
def test_default_identity_is_the_current_user(sides, accounts):
    user = pwd.getpwuid(os.geteuid()).pw_name
    accounts("EXAMPLE:alice:secret", f"HOME:{user}:mine")
    client, server = sides.initiator(None, None, None), sides.acceptor()
    log_on(client, server)
    assert server.client_name() == f"HOME\\{user}"


def test_logons_side_by_side(sides):
    failures = []

    def work():
        try:
            for _ in range(20):
                client, server = sides.initiator(), sides.acceptor()
                log_on(client, server)
                exchange(client, server, b"there")
                exchange(server, client, b"and back")
        except Exception as error:  # told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
