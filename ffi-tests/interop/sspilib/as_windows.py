"""pytest plug-in: sspilib's suite sees Windows, and nothing but our library.

The suite is unmodified. Its modules ask os.name what to expect; here they get
an `os` that says "nt" and is the real one in every other respect, so that
what is expected on Windows is expected of us: no skipped signature tests, no
CompleteAuthToken, wrong passwords denied.

With --identities=implicit the fixtures in conftest.py see Windows too, and
log on as the default identity; with explicit they pass a name and a password.
"""

import os
import sys
import types
from pathlib import Path

import pytest
import sspilib.raw


class WindowsOs(types.ModuleType):
    """The os module with another name."""

    name = "nt"

    def __getattr__(self, attribute):
        return getattr(os, attribute)


WINDOWS = WindowsOs("os")


def pytest_addoption(parser):
    parser.addoption("--identities", choices=["explicit", "implicit"], default="explicit")
    parser.addoption("--deselect-listed", metavar="FILE", help="node ids that are not run, one a line")


def pytest_configure(config):
    refuse_other_libraries()


def refuse_other_libraries():
    """The process must have loaded the library under test and no other libsspi."""
    wanted = os.environ["SSPI_LIBRARY"]
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    loaded = {line.split(maxsplit=5)[5] for line in maps.splitlines() if line.count("/")}
    others = {path for path in loaded if Path(path).name.startswith("libsspi") and path != wanted}
    if wanted not in loaded or others:
        raise pytest.UsageError(f"sspilib must use {wanted}; it loaded {sorted(others) or 'another library'}")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """While a test module is imported, `import os` gives it Windows' os."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    sys.modules["os"] = WINDOWS
    try:
        return (yield)
    finally:
        sys.modules["os"] = os


def pytest_collection_finish(session):
    if session.config.getoption("identities") == "implicit":
        for plugin in session.config.pluginmanager.get_plugins():
            if Path(getattr(plugin, "__file__", None) or "").name == "conftest.py":
                plugin.os = WINDOWS


def pytest_collection_modifyitems(config, items):
    if config.getoption("deselect_listed") is None:
        return
    listed = Path(config.getoption("deselect_listed")).read_text(encoding="utf-8").splitlines()
    listed = {line for line in listed if line and not line.startswith("#")}
    unknown = listed - {item.nodeid for item in items}
    if unknown:
        raise pytest.UsageError(f"not in the suite: {sorted(unknown)}")
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in listed])
    items[:] = [item for item in items if item.nodeid not in listed]
