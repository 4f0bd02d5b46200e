"""pytest plug-in: pyspnego's own suite sees Windows' SSPI, which is our library.

The suite and pyspnego are unmodified. pyspnego takes to SSPI where os.name says
"nt"; while its modules are imported they get an `os` that says so and is the
real one in every other respect. Accounts come from the suite's NTLM_USER_FILE.
"""

import builtins
import importlib
import os
import sys

import pytest

# Everything that spnego imports has seen the real os already.
import spnego  # noqa: F401
import spnego._sspi  # noqa: F401
import sspilib.raw  # noqa: F401
from as_windows import WINDOWS, refuse_other_libraries


def pytest_addoption(parser):
    parser.addoption("--deselect-listed", metavar="FILE", action="append", default=[], help="node ids that are not run, one a line")


def pytest_configure(config):
    refuse_other_libraries()
    for name in [name for name in sys.modules if name.split(".")[0] == "spnego"]:
        del sys.modules[name]
    sys.modules["os"] = WINDOWS
    # A built-in of Python on Windows.
    builtins.WindowsError = OSError
    try:
        again = importlib.import_module("spnego._sspi")
    finally:
        sys.modules["os"] = os
    if not again.HAS_SSPI:
        raise pytest.UsageError("pyspnego does not see SSPI")


def pytest_collection_modifyitems(config, items):
    listed = set().union(*map(read_list, config.getoption("deselect_listed")))
    unknown = listed - {item.nodeid for item in items}
    if unknown:
        raise pytest.UsageError(f"not in the suite: {sorted(unknown)}")
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in listed])
    items[:] = [item for item in items if item.nodeid not in listed]


def read_list(path):
    with open(path, encoding="utf-8") as lines:
        return {line.rstrip("\n") for line in lines if line.strip() and not line.startswith("#")}
