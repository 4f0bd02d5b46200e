import os
from pathlib import Path

import pytest
import realms

WORK = Path(os.environ["SMB_WORK"])


@pytest.fixture(scope="session")
def realm():
    return realms.load(WORK)[realms.MIT]


@pytest.fixture
def port():
    return int(os.environ["SMB_PORT"])


@pytest.fixture
def with_realm(realm, monkeypatch):
    """Sets the variables of the library under test, which is in this process."""

    def use(user=None):
        for name, value in realm.settings(user).items():
            monkeypatch.setenv(name, value)

    return use
