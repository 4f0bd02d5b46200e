"""curl of Debian's source package, with its SSPI files, which are Windows' elsewhere, on our headers."""

import concurrent.futures
import hashlib
import os
import shutil
from pathlib import Path

import debian_source
import realms

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parents[2] / "include"
# unsigned long is ULONG on Windows and twice as long here; the library writes the half that these files read.
WARNINGS = ["-Wno-incompatible-pointer-types", "-Wno-deprecated-declarations"]


def compile_one(compiler, source, target, sources, *definitions):
    command = [compiler, "-O0", *WARNINGS, "-c", "-DHAVE_CONFIG_H", "-DCURL_STATICLIB", "-D_GNU_SOURCE", *definitions]
    command += ["-include", str(HERE / "windows_names.h")]
    command += [f"-I{folder}" for folder in (HERE, INCLUDE, sources / "include", sources / "lib", sources / "src")]
    debian_source.run([*command, str(source), "-o", str(target)], f"let {source.name} of curl compile")
    return str(target)


def build(work):
    """The program, built once for its sources, our headers and the files here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise realms.Missing("install gcc")
    work.mkdir(exist_ok=True)
    program, stamp = work / "curl-sspi", work / "built"
    sources, version = debian_source.unpack("curl", work)
    files = sorted([*HERE.glob("*.[ch]"), *INCLUDE.glob("*.h")])
    wanted = hashlib.sha256(version.encode() + b"".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return program
    library = [*sources.glob("lib/*.c"), *sources.glob("lib/*/*.c")]
    # The tool has this file of the library too, under names of its own.
    tool = [*sources.glob("src/*.c"), sources / "lib" / "dynbuf.c", HERE / "start.c"]
    objects = work / "objects"
    objects.mkdir(exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = [
            pool.submit(compile_one, compiler, source, objects / f"{part}-{number}.o", sources, *definitions)
            for part, group, definitions in (("lib", library, ["-DBUILDING_LIBCURL"]), ("tool", tool, []))
            for number, source in enumerate(group)
        ]
        made = [future.result() for future in made]
    debian_source.run([compiler, *made, "-ldl", "-lpthread", "-o", str(program)], "let curl link")
    stamp.write_text(wanted)
    return program
