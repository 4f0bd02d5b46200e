import contextlib
import os
from pathlib import Path

import pytest
import realms
from server import Server

REALMS = realms.load(Path(os.environ["HTTP_WORK"]))


@pytest.fixture(scope="session")
def realm():
    """MIT's realm."""
    return REALMS[realms.MIT]


@contextlib.contextmanager
def stopping(server):
    """The server ends well when the block does, whatever happened to it."""
    try:
        yield server
    finally:
        code, errors = server.stop()
    assert (code, errors) == (0, "")


@pytest.fixture(scope="module")
def site(realm):
    """A server without TLS, for all tests of a module."""
    with stopping(Server(realm)) as server:
        yield server


@pytest.fixture(scope="module")
def secure_site(realm):
    """A server with TLS that takes clients with and without channel bindings."""
    with stopping(Server(realm, "--tls")) as server:
        yield server


@pytest.fixture(scope="module")
def binding_site(realm):
    """A server with TLS that takes only clients that are bound to it."""
    with stopping(Server(realm, "--tls", "--bindings", "required")) as server:
        yield server


@pytest.fixture
def started(realm):
    """Starts servers with options of a test's own."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **settings: stack.enter_context(stopping(Server(realm, *arguments, **settings)))
