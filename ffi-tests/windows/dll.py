"""What the DLL looks like from outside: its imports, its exports, its size, its version."""

import re
import shutil
import subprocess
from pathlib import Path

from run import Counts, Missing

HERE = Path(__file__).resolve().parent
OBJDUMP = "x86_64-w64-mingw32-objdump"
# Under these names programs load us: importing one of them we would import ourselves.
OURS = {"secur32.dll", "sspicli.dll", "security.dll", "sspi.dll"}
LARGEST = 6_000_000


def names_of(path):
    lines = path.read_text(encoding="utf-8").split()
    return {name for name in lines if not name.startswith("#")}


def exports():
    return names_of(HERE.parent / "abi" / "symbols.txt") | names_of(HERE / "passed_on.txt")


def run(_work, _wine, options):
    if shutil.which(OBJDUMP) is None:
        raise Missing("install binutils-mingw-w64-x86-64")
    text = subprocess.check_output([OBJDUMP, "-p", str(options.dll)], text=True)
    counts = Counts()

    def check(good, name):
        nonlocal counts
        counts += Counts(passed=1) if good else Counts(failed=1)
        if not good:
            print(f"FAILED: {name}")

    imported = {name.lower() for name in re.findall(r"DLL Name: (\S+)", text)}
    print("imports:", " ".join(sorted(imported)))
    check(imported, "the import table is there")
    check(not imported & OURS, f"nothing is imported from ourselves: {sorted(imported & OURS)}")
    # Programs bring no MinGW runtime along.
    check(not any(name.startswith("lib") for name in imported), "no library of the compiler's is needed")

    table = text[text.index("[Ordinal/Name Pointer] Table") :]
    exported = set(re.findall(r"^\s+\[\s*\d+\] (\S+)$", table, re.MULTILINE))
    wanted = exports()
    check(wanted <= exported, f"every name is exported: {sorted(wanted - exported)} are not")
    check(exported <= wanted, f"nothing else is exported: {sorted(exported - wanted)}")
    check("Forwarder" not in table, "no export is a static forwarder")

    size = options.dll.stat().st_size
    print(f"size: {size} bytes")
    check(size < LARGEST or options.unoptimized, f"the DLL is under {LARGEST} bytes")
    data = options.dll.read_bytes()
    check("ProductName".encode("utf-16-le") in data, "it has a version resource")
    return counts
