"""libpq, as psycopg's wheel brings it, to a server whose acceptor is our library on another system."""

import psycopg
import psycopg.pq
import pytest
from conftest import WRONG


def test_the_default_identity(database, program):
    with psycopg.connect(database, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        assert connection.execute("select who").fetchone() == ("EXAMPLE\\user by NTLM",)
    version = psycopg.pq.version()
    program("libpq (psycopg)", f"{version // 10000}.{version % 100}", "client (secur32.dll)", "Negotiate (NTLM)")


def test_a_wrong_password(database, tmp_path, monkeypatch):
    accounts = tmp_path / "accounts"
    accounts.write_text(f"EXAMPLE:user:{WRONG}\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(accounts))
    with pytest.raises(psycopg.OperationalError, match="LOGON_DENIED"):
        psycopg.connect(database)
