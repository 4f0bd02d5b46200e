import os
from pathlib import Path

import domain as controller
import pytest
import sides

WORK = Path(os.environ["SAMBA_WORK"])
DOMAIN = controller.Domain(WORK / "domain", os.environ["SAMBA_NAMESPACE"])
SIDES = {"mit": sides.Library("mit", WORK / "gss_peer-mit"), "ours": sides.Ours()}


@pytest.fixture(autouse=True)
def processes():
    """The peers of a case end with it."""
    yield
    SIDES["mit"].close()


@pytest.fixture
def domain():
    return DOMAIN


@pytest.fixture
def mit():
    return SIDES["mit"]


@pytest.fixture
def ours():
    return SIDES["ours"]
