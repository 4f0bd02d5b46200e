"""What the tests in CPython for Windows share: who logs on, with what, and the servers that are asked."""

import os

import pytest

RIGHT, WRONG = "pass", "wrong"


@pytest.fixture
def web():
    return f"http://localhost:{os.environ['WEB_PORT']}/"


@pytest.fixture
def database():
    return f"host=localhost port={os.environ['DATABASE_PORT']} user=user dbname=x sslmode=disable gssencmode=disable"


@pytest.fixture
def program(record_property, capsys):
    """Tells the log which program ran: one line for the table in the README."""

    def tell(name, version, role, package):
        with capsys.disabled():
            print(f"\n@program\t{name}\t{version}\t{role}\t{package}\tok")

    return tell
