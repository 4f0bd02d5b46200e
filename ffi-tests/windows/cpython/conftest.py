"""What the tests in CPython for Windows share: who logs on, with what, and the servers that are asked."""

import importlib.metadata
import os
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "interop"))
from program_lines import program, pytest_terminal_summary  # noqa: E402, F401: pytest finds both here

RIGHT, WRONG = "pass", "wrong"
# A user of MIT's realm: the name that acceptors give it, its domain and password.
ALICE, REALM, PASSWORD = "alice@EXAMPLE.TEST", "EXAMPLE.TEST", "Password123!"


@pytest.fixture
def web():
    return f"http://localhost:{os.environ['WEB_PORT']}/"


@pytest.fixture
def database():
    options = "user=user dbname=x sslmode=disable gssencmode=disable connect_timeout=30"
    return f"host=localhost port={os.environ['DATABASE_PORT']} {options}"


@pytest.fixture
def no_tickets(tmp_path, monkeypatch):
    """An empty place where the credential cache was."""
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'none.cc'}")


version = importlib.metadata.version
