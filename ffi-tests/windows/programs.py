"""The C programs that need nothing of POSIX, compiled with MinGW's own headers and run under Wine.

They import our names from secur32.dll, as a program for Windows does.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dll
from languages import code_page
from run import Counts
from wine import compile_for_windows, import_library

TESTS = Path(__file__).resolve().parents[1]
PROGRAMS = [
    "c/accounts.c",
    "c/anonymous.c",
    "c/context.c",
    "c/credentials.c",
    "c/diagnosis.c",
    "c/epa.c",
    "c/identity.c",
    "c/messages.c",
    "c/negotiate.c",
    "c/packages.c",
    "c/query.c",
    "c/soak.c",
    "c/winpr.c",
    "attack/a12_zeroes.c",
    "attack/d1_null_matrix.c",
    "attack/d2_handles.c",
    "attack/d3_delete_in_use.c",
    "attack/d4_short_outputs.c",
    "attack/d5_descriptors.c",
    "attack/d6_overlap.c",
    "attack/d7_strings.c",
    "attack/d8_free.c",
    "attack/d11_offsets.c",
]
# What they use is in our header and not, or not yet, in MinGW's.
OUR_HEADER = {"c/accounts.c", "c/epa.c", "c/identity.c", "attack/d11_offsets.c"}
# Their strings beyond ASCII are UTF-8, and so the active code page is.
UTF_8 = {"c/accounts.c", "c/winpr.c", "attack/d7_strings.c"}
# As long as a test of every day may last.
ARGUMENTS = {"c/soak.c": ["5000"]}
SUMMARY = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped")


def build(program, source, library, our_header=False):
    include = ["-I", str(TESTS / "c"), *(["-I", str(TESTS.parent / "include")] if our_header else [])]
    compile_for_windows(program, [source], *include, "-static", str(library), "-lpthread", "-lws2_32")


def judge(name, code, output):
    """The counts of a program's last line, which its exit code must agree with."""
    said = SUMMARY.findall(output)
    if not said or code != (1 if int(said[-1][1]) else 0):
        print(f"FAILED: {name} ended with {code}\n{output[-2000:]}")
        return Counts(failed=1)
    own = Counts(*map(int, said[-1]))
    print(f"{name}: {own}")
    if own.failed:
        print(output[-2000:])
    return own


def run(work, wine, options):
    wine.place_dll(work)
    wine.prepare()
    library = import_library(work, dll.exports())
    utf_8 = code_page(65001, options)

    def built_and_run(source):
        program = work / f"{Path(source).stem}.exe"
        if source not in OUR_HEADER:
            # It compiles with our header as well.
            build(program, TESTS / source, library, our_header=True)
        build(program, TESTS / source, library, our_header=source in OUR_HEADER)
        settings, arguments = utf_8 if source in UTF_8 else {}, ARGUMENTS.get(source, [])
        return wine.run(program, *arguments, log=program.with_suffix(".log"), TMPDIR=".", **settings)

    # Two at a time: most of them leave a processor idle.
    with ThreadPoolExecutor(2) as workers:
        done = zip(PROGRAMS, workers.map(built_and_run, PROGRAMS), strict=True)
        return sum((judge(Path(source).stem, *ended) for source, ended in done), Counts())
