import os
from pathlib import Path

import pytest
import realms
import sides

WORK = Path(os.environ["KERBEROS_WORK"])
REALMS = realms.load(WORK)
SIDES = sides.available(WORK)
ALONE = "ours" not in SIDES

# What needs our library's Kerberos.
ABOUT_US = [
    "test_acceptor.py", "test_credentials.py", "test_delegation.py", "test_http.py", "test_kdc_trouble.py",
    "test_ldap.py", "test_negotiate.py", "test_password_change.py", "test_winpr.py",
]  # fmt: skip
collect_ignore = ABOUT_US if ALONE else []


@pytest.fixture(autouse=True)
def processes():
    """The peers of a case end with it."""
    yield
    for side in SIDES.values():
        if not side.ours:
            side.close()


@pytest.fixture
def realm():
    """MIT's realm."""
    return REALMS[realms.MIT]


@pytest.fixture
def mit():
    return SIDES["mit"]


@pytest.fixture
def ours():
    return SIDES["ours"]
