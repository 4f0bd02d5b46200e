import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import desk
import pytest


def pytest_addoption(parser):
    parser.addoption("--library", type=Path)


@pytest.fixture(scope="session")
def library(request):
    return request.config.getoption("--library")


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("freerdp")


@pytest.fixture(scope="session")
def screen(work):
    with desk.display(work) as number:
        yield number


def server_fixture(how):
    @pytest.fixture(scope="session", name=f"server_{how.lower()}")
    def fixture(work, screen, library):
        with desk.Server(how, work, screen, library) as server:
            yield server

    return fixture


winpr_server = server_fixture(desk.WINPR)
our_server = server_fixture(desk.OURS)
module_server = server_fixture(desk.MODULE)


@pytest.fixture(scope="session")
def servers(request):
    """Servers by how they come to their SSPI; each starts when it is first wanted."""
    return lambda how: request.getfixturevalue(f"server_{how.lower()}")


@pytest.fixture(scope="session")
def pool():
    """Logons run side by side, as they do in real life."""
    with ThreadPoolExecutor(max_workers=3 * (os.cpu_count() or 1)) as executor:
        yield executor
