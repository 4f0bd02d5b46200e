"""Wine's own tests of secur32, unmodified: under Wine against the DLL, and here against the shared library.

What fails and is right to fail stands in expected.txt with its reason. The table is held to both ways: a
failure that is not in it fails the suite, and so does a line that no longer fails.
"""


import re
import shutil
import subprocess
from pathlib import Path

import sources
from run import Counts, account_file, compile_c
from wine import compile_for_windows, windows_path

HERE = Path(__file__).resolve().parent
MEMBERS = ("/dlls/secur32/tests/", "/include/wine/test.h", "/include/wine/debug.h")
# `user` is the default identity, and the one that the tests' acceptor would have to know.
ACCOUNTS = "DOMAIN:user:password"

MESSAGE = re.compile(r"^(\w+\.c):(\d+):\S* (?:[^:]+: )*?(Test failed|Tests skipped|Test succeeded inside todo block)\b")
SUMMARY = re.compile(r"(\d+) tests executed \((\d+) marked as todo, (?:\d+ as flaky, )?(\d+) failures?\), (\d+) skipped")


def expected(where):
    """`where file:line` of expected.txt, with the reasons."""
    found = {}
    for line in (HERE / "expected.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            places, at, reason = line.split(None, 2)
            if where in places.split(","):
                found[at] = reason
    return found


def judge(where, name, code, output):
    """Counts one test file's run: its checks, less those that fail as they should."""
    summary = SUMMARY.search(output)
    if summary is None:
        print(f"{where} {name}: it did not come to its end ({code}):\n{output[-2000:]}")
        return Counts(failed=1)
    executed, failures = int(summary[1]), int(summary[3])
    lines = [match for match in map(MESSAGE.match, output.splitlines()) if match]
    seen = {f"{match[1]}:{match[2]}" for match in lines}
    known = {at: reason for at, reason in expected(where).items() if at.startswith(f"{name}.c:")}
    for match in lines:
        at = f"{match[1]}:{match[2]}"
        if at not in known:
            print(f"FAILED: {where} {match.string}")
    unexpected = sum(f"{match[1]}:{match[2]}" not in known for match in lines)
    gone = sorted(set(known) - seen)
    for at in gone:
        print(f"FAILED: {where} {at} passes now; take it out of expected.txt")
    print(f"{where} {name}: {executed} checks, {failures} fail as they should, {summary[4]} parts are skipped")
    return Counts(executed - failures + len(seen & set(known)), unexpected + len(gone), 0)


def native(work, wine, options):
    """ntlm.c and negotiate.c on this system, behind a shim of ours."""
    wine_source = sources.fetch("wine", MEMBERS, options.work / "sources")
    (work / "wine").mkdir(exist_ok=True)
    shutil.copy(wine_source / "include/wine/test.h", work / "wine")
    tests = [str(wine_source / "dlls/secur32/tests" / name) for name in ("ntlm.c", "negotiate.c")]
    include = ["-I", HERE / "native", "-I", work, "-I", HERE.parents[1] / "include"]
    program = work / "shim"
    flags = ["-std=gnu11", "-w", "-fshort-wchar", "-rdynamic", *map(str, include), *tests]
    flags += ["-L", str(options.lib.parent), f"-Wl,-rpath,{options.lib.parent}", "-lsspi", "-ldl"]
    compile_c(HERE / "native/shim.c", program, *flags, install="make Wine's tests compile")
    settings = {key: value for key, value in wine.environment.items() if not key.startswith("WINE")}
    settings |= {"KRB5_CONFIG": "/dev/null", "NTLM_USER_FILE": str(account_file(work / "accounts", ACCOUNTS))}
    counts = Counts()
    for name in ("ntlm", "negotiate"):
        ran = subprocess.run([program, name], env=settings, stdout=subprocess.PIPE, text=True, check=False, timeout=60)
        counts += judge("native", name, ran.returncode, ran.stdout)
    return counts


def under_wine(work, wine, options):
    """The four files that are not Schannel's, against the DLL beside them."""
    wine_source = sources.fetch("wine", MEMBERS, options.work / "sources")
    tests = wine_source / "dlls/secur32/tests"
    names = ("main", "ntlm", "negotiate", "secur32")
    program = work / "secur32_test.exe"
    include = ["-I", str(wine_source / "include")]
    libraries = ["-lsecur32", "-lcrypt32", "-ladvapi32", "-lws2_32", "-lntdll"]
    (work / "wine").mkdir(exist_ok=True)
    for header in ("test.h", "debug.h"):
        shutil.copy(wine_source / "include/wine" / header, work / "wine")
    include = ["-I", str(work)]
    compile_for_windows(program, [HERE / "testlist.c", *(tests / f"{name}.c" for name in names)], *include, *libraries)
    wine.place_dll(work)
    accounts = account_file(work / "accounts", ACCOUNTS)
    counts = Counts()
    for name in names:
        log = work / f"{name}.log"
        code, output = wine.run(program, name, log=log, NTLM_USER_FILE=windows_path(accounts))
        counts += judge("wine", name, code, output)
    return counts




