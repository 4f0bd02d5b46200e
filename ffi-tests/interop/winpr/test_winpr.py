"""WinPR's own unit tests of SSPI, unmodified, on our library."""

import subprocess

import pytest
import realms

# What WinPR 2 registers, but for TestCredSSP, which is empty.
TESTS = [
    "TestQuerySecurityPackageInfo",
    "TestEnumerateSecurityPackages",
    "TestInitializeSecurityContext",
    "TestAcquireCredentialsHandle",
    "TestNTLM",
]


def run(request, name, tmp_path, **settings):
    environment = realms.plain_environment(SSPI_LOG="trace", KRB5_CONFIG="/dev/null", HOME=tmp_path, **settings)
    command = [str(request.config.getoption("--program")), name]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    return done.returncode, done.stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("name", TESTS)
def test_winpr_s_own(request, program, tmp_path, name):
    version = request.config.getoption("--winpr").split("+")[0]
    program("WinPR's unit tests", version, "client and server (LD_PRELOAD)", "NTLM")
    code, log = run(request, name, tmp_path, LD_PRELOAD=str(request.config.getoption("--library")))
    assert code == 0, log
    assert "libsspi" in log, log


def test_they_need_no_more_than_their_own_library(request, tmp_path):
    """Without ours they run on WinPR's: the build is as it should be."""
    for name in TESTS:
        code, log = run(request, name, tmp_path)
        assert code == 0 and "libsspi" not in log, log
