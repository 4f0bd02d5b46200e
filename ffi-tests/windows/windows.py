#!/usr/bin/env python3
"""Runs the Windows suites: our DLL in the place of secur32.dll, under Wine.

    windows.py --dll target/.../sspi.dll --lib target/debug/libsspi.so [--work target/windows] [--only SUITE]

Each suite prints its counts; the last line is `N passed, N failed, N skipped` over all of them. A
peer that is not installed is skipped with a line that says what to install, and counts as a failure
where CI=true. The Wine prefix lies in the work folder and is made anew when Wine changes.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "interop"))
sys.path.append(str(HERE.parent / "interop" / "kerberos"))
import cpython_suites  # noqa: E402
import curl_suite  # noqa: E402
import dll  # noqa: E402
import header  # noqa: E402
import install  # noqa: E402
import name_service  # noqa: E402
import node_suite  # noqa: E402
import places  # noqa: E402
import programs  # noqa: E402
import samples  # noqa: E402
import system  # noqa: E402
import winetests  # noqa: E402
from run import Counts, Missing, skipped  # noqa: E402
from wine import Wine  # noqa: E402

# What each needs: nothing of Windows, or a Wine prefix.
SUITES = {
    "dll": dll.run,
    "header": header.run,
    "install": install.run,
    "native": winetests.native,
    "winetests": winetests.under_wine,
    "programs": programs.run,
    "samples": samples.run,
    "system": system.run,
    "places": places.run,
    "name-service": name_service.run,
    "sspilib": cpython_suites.sspilib,
    "cpython": cpython_suites.programs,
    "kerberos": cpython_suites.kerberos,
    "node": node_suite.run,
    "curl": curl_suite.run,
}


def run(name, wine, options):
    folder = options.work / name
    folder.mkdir(exist_ok=True)
    try:
        counts = SUITES[name](folder, wine, options)
        print(f"{name}: {counts}\n", flush=True)
        return counts
    except Missing as missing:
        return skipped(name, missing)
    except (RuntimeError, OSError) as error:
        print(f"{name}: {error}\n", flush=True)
        return Counts(failed=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dll", required=True, type=Path, help="the DLL under test")
    parser.add_argument("--lib", required=True, type=Path, help="the shared library of this system, for `native`")
    target = Path(os.environ.get("CARGO_TARGET_DIR") or HERE.parents[1] / "target")
    parser.add_argument("--work", type=Path, default=target / "windows-tests", help="for the prefix, programs, sources")
    parser.add_argument("--unoptimized", action="store_true", help="the DLL may be large")
    parser.add_argument("--only", choices=sorted(SUITES), action="append")
    options = parser.parse_args()
    options.dll, options.lib = options.dll.resolve(strict=True), options.lib.resolve(strict=True)
    options.work.mkdir(parents=True, exist_ok=True)
    work = options.work = options.work.resolve()
    chosen = sorted(options.only or SUITES, key="header".__eq__)
    with Wine(work / "prefix", options.dll) as wine, ThreadPoolExecutor(1) as beside:
        # Compilers and downloads, while Wine leaves a processor idle.
        early = {name: beside.submit(run, name, wine, options) for name in chosen if name == "header"}
        fetching = beside.submit(cpython_suites.interpreter, options) if "sspilib" in chosen else None
        total = Counts()
        for name in chosen:
            if name == "sspilib":
                # What failed there fails again, and says so.
                fetching.exception()
            total += early[name].result() if name in early else run(name, wine, options)
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
