"""Installed with CMake and MinGW as a program's developer would: found by find_package and by pkg-config, linked by
MinGW and, in the manner of Microsoft's compiler, by clang and lld-link; what is linked runs under Wine."""

import os
import shutil
import subprocess
from pathlib import Path

import dll
from run import Counts, Missing, run_quietly
from wine import COMPILER, windows_path

HERE = Path(__file__).resolve().parent
TESTS, ROOT = HERE.parent, HERE.parents[1]
TOOLCHAIN = f"-DCMAKE_TOOLCHAIN_FILE={ROOT / 'cmake/mingw.cmake'}"
DLLTOOL = "x86_64-w64-mingw32-dlltool"
TOOLS = {"cmake": "cmake", "make": "make", "pkg-config": "pkg-config", COMPILER: "gcc-mingw-w64-x86-64-posix",
         "clang-14": "clang-14", "lld-link-14": "lld-14", "llvm-dlltool-14": "llvm-14"}
INSTALLED = ("bin/sspi.dll", "bin/sspi-info.exe", "lib/libsspi.dll.a", "lib/sspi.lib", "lib/sspi.def",
             "lib/pkgconfig/sspi.pc", "lib/cmake/sspi/sspiConfig.cmake", "lib/cmake/sspi/sspiConfigVersion.cmake",
             "include/sspi/sspi.h", "include/sspi/security.h", "include/sspi/secext.h")
KERNEL = "LIBRARY kernel32.dll\nEXPORTS\n    ExitProcess\n    GetStdHandle\n    WriteFile\n"


def install(work, options):
    """The DLL is the one under test: cargo finds it where it was built."""
    prefix, build = work / "prefix", work / "build"
    for folder in (prefix, build):
        shutil.rmtree(folder, ignore_errors=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("RUST", "CARGO"))}
    cargo = [f"-DSSPI_CARGO_TARGET_DIR={options.dll.parents[2]}", "-DCARGO=/usr/bin/cargo"]
    place = [f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DCMAKE_INSTALL_LIBDIR=lib"]
    run_quietly(["cmake", "-S", ROOT / "cmake", "-B", build, TOOLCHAIN, *cargo, *place], "configure", env=environment)
    run_quietly(["cmake", "--build", build], "build", env=environment)
    run_quietly(["cmake", "--install", build], "install", env=environment)
    return prefix


def by_find_package(work, prefix):
    """The consumer of the other systems, with the same toolchain."""
    build = work / "consumer"
    shutil.rmtree(build, ignore_errors=True)
    where = f"-DCMAKE_PREFIX_PATH={prefix}"
    run_quietly(["cmake", "-S", TESTS / "abi/cmake", "-B", build, TOOLCHAIN, where], "configure the consumer")
    run_quietly(["cmake", "--build", build], "build the consumer")
    return build / "consumer.exe"


def by_pkg_config(work, prefix):
    environment = os.environ | {"PKG_CONFIG_LIBDIR": str(prefix / "lib/pkgconfig")}
    flags = subprocess.check_output(["pkg-config", "--cflags", "--libs", "sspi"], text=True, env=environment).split()
    program = work / "by-pkg-config.exe"
    source = TESTS / "abi/cmake/consumer.c"
    run_quietly([COMPILER, "-Wall", "-Werror", source, "-o", program, *flags], "link by pkg-config")
    return program


def by_lld(work, prefix, language):
    """Without Microsoft's own headers and libraries, of which msvc/ has what is needed."""
    program, object_file, kernel = work / f"lld-{language}.exe", work / f"lld-{language}.obj", work / "kernel32.lib"
    (work / "kernel32.def").write_text(KERNEL)
    definition = work / "kernel32.def"
    run_quietly(["llvm-dlltool-14", "-m", "i386:x86-64", "-d", definition, "-l", kernel], "make kernel32.lib")
    compiler = ["clang-14", "--target=x86_64-pc-windows-msvc", "-D_M_AMD64=100", "-ffreestanding"]
    compiler += ["-Wall", "-Wextra", "-Werror"]
    include = ["-I", HERE / "msvc", "-I", prefix / "include/sspi"]
    run_quietly([*compiler, *include, "-x", language, "-c", HERE / "msvc/consumer.c", "-o", object_file], "compile")
    link = ["lld-link-14", "/entry:start", "/subsystem:console", "/nodefaultlib", f"/out:{program}"]
    run_quietly([*link, object_file, prefix / "lib/sspi.lib", kernel], "link with lld-link")
    return program


def named_secur32(work, prefix):
    """The same definition makes the import library of another name."""
    library = work / "libsecur32.a"
    run_quietly([DLLTOOL, "-d", prefix / "lib/sspi.def", "-D", "secur32.dll", "-l", library], "make libsecur32.a")
    return subprocess.check_output([DLLTOOL, "-I", library], text=True).strip() == "secur32.dll"


def run(work, wine, options):
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            raise Missing(f"install {package}")
    counts = Counts()

    def check(good, name):
        nonlocal counts
        counts += Counts(passed=1) if good else Counts(failed=1)
        print(f"{'ok' if good else 'FAILED:'} {name}", flush=True)

    prefix = install(work, options)
    absent = [name for name in INSTALLED if not (prefix / name).is_file()]
    check(not absent, f"what is installed is complete: {absent} is not there")
    check((prefix / "bin/sspi.dll").read_bytes() == options.dll.read_bytes(), "the DLL is the one under test")
    listed = (prefix / "lib/sspi.def").read_text().split()
    check(set(listed[listed.index("EXPORTS") + 1 :]) == dll.exports(), "sspi.def has every name")
    check(named_secur32(work, prefix), "sspi.def serves under the name of secur32.dll")

    programs = {
        "find_package": by_find_package(work, prefix),
        "pkg-config": by_pkg_config(work, prefix),
        "clang and lld-link, C": by_lld(work, prefix, "c"),
        "clang and lld-link, C++": by_lld(work, prefix, "c++"),
        "sspi-info": prefix / "bin/sspi-info.exe",
    }
    for name, program in programs.items():
        code, said = wine.run(program, log=work / f"{program.stem}.log", WINEPATH=windows_path(prefix / "bin"))
        wanted = "version: " if name == "sspi-info" else "Kerberos"
        check(code == 0 and wanted in said, f"{name}: the program runs ({code})\n{said if code else ''}".strip())
    return counts
