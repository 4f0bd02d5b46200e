"""Our header with MinGW's compilers, for 64 and for 32 bits: alone and beside Windows' own headers; and the sizes
and offsets of every structure, by our header and by MinGW's."""

import functools
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from run import Counts, Missing

TESTS = Path(__file__).resolve().parents[1]
INCLUDE = TESTS.parent / "include"
WIDE, NARROW = "x86_64-w64-mingw32", "i686-w64-mingw32"
COMPILERS = ((WIDE, "c89"), (WIDE, "c11", "-DUNICODE"), (WIDE, "c++17"), (NARROW, "c11"))
# With 32 bits the words of the header are the same.
NARROW_CASES = ("alone", "behind the compiler's own")

OURS = f'#include "{TESTS / "abi/header.c"}"\n'
# What goes before our header and behind it.
BESIDE = {
    "alone": ("", ""),
    "behind windows.h": ("#include <windows.h>\n", ""),
    "before windows.h": ('#include "security.h"\n#include <windows.h>\n', ""),
    "before headers that know SSPI": (
        '#include "sspi.h"\n#include <winsock2.h>\n#include <windows.h>\n#include <ntsecapi.h>\n#include <wincred.h>\n'
        "#include <schannel.h>\n#include <wincrypt.h>\n#include <rpc.h>\n#include <ncrypt.h>\n",
        "",
    ),
    "behind headers that know SSPI": (
        "#include <winsock2.h>\n#include <windows.h>\n#include <ntsecapi.h>\n#include <wincred.h>\n"
        "#include <schannel.h>\n#include <ncrypt.h>\n#include <rpc.h>\n",
        "",
    ),
    "before the compiler's own": ("", "#include <windows.h>\n#include OWN_SSPI\n#include OWN_SECEXT\n"),
}
# The compiler's own header comes first, and ours adds what is not Windows'.
ADDING = """#include <windows.h>
#define SECURITY_WIN32
#include OWN_SSPI
#include OWN_SECEXT
#include "security.h"
int main(void)
{
    LIBSSPI_ACCOUNT account;
    CtxtHandle context;
    ULONG count = 0;
    EXTENDED_NAME_FORMAT format = NameSamCompatible;
    account.Kind = LIBSSPI_KEY_NT_HASH;
    SecInvalidateHandle(&context);
    return libsspi_query_groups(&context, 0, &count) == SEC_E_OK && account.Kind && format ? 0 : 1;
}
"""


def compiler(target, standard):
    return f"{target}-g++" if standard.startswith("c++") else f"{target}-gcc"


@functools.cache
def own_folder(target):
    """Where the compiler has its own sspi.h, which ours hides."""
    said = subprocess.run(
        [f"{target}-gcc", "-E", "-x", "c", "-H", "-DSECURITY_WIN32", "-"],
        input="#include <windows.h>\n#include <sspi.h>\n", text=True, capture_output=True, check=False,
    ).stderr
    found = re.findall(r"^\.+ (\S*/sspi\.h)$", said, re.MULTILINE)
    if not found:
        raise RuntimeError(f"{target}-gcc has no sspi.h of its own")
    return Path(found[0]).parent


def compiles(source, target, standard, *arguments):
    """What the compiler says against it."""
    language = "c++" if standard.startswith("c++") else "c"
    command = [compiler(target, standard), f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
    command += ["-I", str(INCLUDE), *arguments, "-x", language, str(source)]
    return subprocess.run(command, text=True, capture_output=True, check=False).stderr


def variants(work):
    """Every source with every compiler."""
    sources = {name: before + OURS + behind for name, (before, behind) in BESIDE.items()}
    sources["behind the compiler's own"] = ADDING
    for number, (name, text) in enumerate(sources.items()):
        source = work / f"beside{number}.c"
        source.write_text(text)
        for target, standard, *unicode in COMPILERS:
            if target == NARROW and name not in NARROW_CASES:
                continue
            own = [f'-DOWN_{header.upper()}="{own_folder(target)}/{header}.h"' for header in ("sspi", "secext")]
            yield f"{name} ({target}, {standard} {' '.join(unicode)})", (source, target, standard, *own, *unicode)


def layouts(work):
    """abi/layout.c as it is, and without what MinGW's header lacks with that one."""
    source = TESTS / "abi/layout.c"
    lines = source.read_text(encoding="utf-8").replace('"security.h"', "OWN_SSPI").splitlines()
    lines[:0] = [f"#include <{name}.h>" for name in ("windows", "stddef", "stdint")] + ["#define SECURITY_WIN32"]
    for target in (WIDE, NARROW):
        own, path = work / f"layout-{target}.c", f'-DOWN_SSPI="{own_folder(target)}/sspi.h"'
        own.write_text("\n".join(lines) + "\n")
        lacking = set(re.findall(r"unknown type name .(\w+)", compiles(own, target, "c11", path)))
        structure = re.compile(r"(TYPE|FIELD)\((\w+),")
        kept = [line for line in lines if not (found := structure.match(line)) or found[2] not in lacking]
        own.write_text("\n".join(kept) + "\n")
        total, checked = (sum(line.startswith("TYPE(") for line in some) for some in (lines, kept))
        print(f"{target}: the layouts of {total} structures, {checked} of them by MinGW's header too")
        yield f"layouts by our header ({target})", (source, target, "c11")
        yield f"layouts by MinGW's header ({target})", (own, target, "c11", path)


def said_by_rust():
    """Sizes (of no field) and offsets that src/abi asserts, and a build for 32 bits would check."""
    number = r"(\d+)(?: \| (\d+))?"
    for source in sorted((TESTS.parent / "src/abi").glob("*.rs")):
        text = source.read_text(encoding="utf-8")
        structures = re.findall(rf"^layout!\((\w+): {number} align [^{{]*{{(.*?)}}", text, re.M | re.S)
        for name, wide, narrow, fields in structures:
            yield name, None, int(wide), int(narrow or wide)
            for field, wide, narrow in re.findall(rf"(\w+) @ {number}", fields):
                yield name, field, int(wide), int(narrow or wide)


def said_by_c():
    """The same in abi/layout.c, which the compilers have checked."""
    text = (TESTS / "abi/layout.c").read_text(encoding="utf-8")
    number = r"(?:P\((\d+), (\d+)\)|(\d+))"
    lines = re.findall(rf"^(?:TYPE|FIELD)\((\w+), (?:([A-Za-z]\w*), )?{number}", text, re.M)
    for name, field, wide, narrow, same in lines:
        yield name, field or None, int(wide or same), int(narrow or same)


def agreement():
    """Both say the same of what both name."""
    c = {(name, field): numbers for name, field, *numbers in said_by_c()}
    rust = {(name, field): numbers for name, field, *numbers in said_by_rust()}
    both = c.keys() & rust.keys()
    print(f"{len(both)} sizes and offsets are in src/abi and in abi/layout.c")
    differ = sorted((key for key in both if rust[key] != c[key]), key=str)
    return [f"{key}: {rust[key]} in src/abi, {c[key]} in layout.c" for key in differ]


def run(work, _wine, _options):
    for target, standard, *_ in COMPILERS:
        if shutil.which(compiler(target, standard)) is None:
            kind = "g++" if standard.startswith("c++") else "gcc"
            raise Missing(f"install {kind}-mingw-w64-{target.split('-')[0].replace('_', '-')}-posix")
    counts = Counts()
    cases = [*variants(work), *layouts(work)]
    with ThreadPoolExecutor(2) as pool:
        for (name, _), said in zip(cases, pool.map(lambda case: compiles(*case[1]), cases)):
            counts += Counts(failed=1) if said else Counts(passed=1)
            if said:
                print(f"FAILED: {name}\n{said[-1500:]}")
    for difference in agreement():
        print(f"FAILED: {difference}")
        counts += Counts(failed=1)
    return counts + Counts(passed=1)
