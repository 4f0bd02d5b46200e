"""The examples: how each is built, tested and started.

Everything is built in a folder of its own against the library as CMake installs it.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from realms import Missing

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def run(command, **options):
    """A step of the set-up; what it says is shown when it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def need(program, packages):
    if shutil.which(program) is None:
        raise Missing(f"install {packages}")


def install(library, work):
    """The library under test and its files as CMake installs them; it is not built anew for that."""
    need("cmake", "cmake")
    build, prefix = work / "cmake", work / "installed"
    for folder in (build, prefix):
        shutil.rmtree(folder, ignore_errors=True)
    run(["cmake", "-S", ROOT / "cmake", "-B", build, "-DSSPI_STATIC=OFF", "-DCMAKE_INSTALL_LIBDIR=lib",
         f"-DCMAKE_INSTALL_PREFIX={prefix}"])  # fmt: skip
    version = re.search(r"^CMAKE_PROJECT_VERSION:STATIC=(.*)$", (build / "CMakeCache.txt").read_text(), re.M)[1]
    shutil.copy(library, build / f"libsspi.so.{version}")
    (build / "libsspi.so.0").symlink_to(f"libsspi.so.{version}")
    (build / "libsspi.so").symlink_to("libsspi.so.0")
    run(["cmake", "--install", build, "--component", "library"])
    return prefix


def make_ledger(prefix, work):
    """The library that counts what is handed out and what comes back; in a folder of its own."""
    need("cc", "gcc")
    folder = work / "ledger"
    folder.mkdir(exist_ok=True)
    command = ["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    command += [f"-I{prefix}/include/sspi", "-o", folder / "libsspi.so", HERE / "ledger.c", "-ldl"]
    run(command)
    return folder


class Language:
    """One example; `client`, `server` and `tests` are commands once it is built."""

    tests = None

    def __init__(self, prefix, work):
        self.prefix, self.work = prefix, work / self.name
        self.source = HERE / self.name
        self.work.mkdir(exist_ok=True)

    def environment(self):
        """Where everything that was installed is found."""
        return {
            "LD_LIBRARY_PATH": f"{self.prefix}/lib",
            "SSPI_LIBRARY": f"{self.prefix}/lib/libsspi.so",
            "PKG_CONFIG_PATH": f"{self.prefix}/lib/pkgconfig",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def settings(self):
        """The environment of a build."""
        return {**os.environ, **self.environment()}

    def counted(self, ledger):
        """What makes the example use the library that keeps accounts."""
        folders = f"{ledger}:{self.prefix}/lib"
        return {"LD_LIBRARY_PATH": folders, "SSPI_LIBRARY": f"{ledger}/libsspi.so"}

    def copy(self):
        """A copy of the sources, for tools that build where the sources are."""
        copied = self.work / "source"
        shutil.rmtree(copied, ignore_errors=True)
        shutil.copytree(self.source, copied)
        return copied


class C(Language):
    """The samples in C, for the others to talk to; they have tests of their own elsewhere."""

    name = "c"

    def build(self):
        need("cc", "gcc")
        for role in ("client", "server"):
            command = ["cc", "-std=gnu11", "-O1", f"-I{self.prefix}/include/sspi", "-o", self.work / role]
            run([*command, HERE.parent / "c" / f"sample_{role}.c", f"-L{self.prefix}/lib", "-lsspi"])
            setattr(self, role, [self.work / role])


class Cpp(Language):
    name, title, through = "cpp", "C++ (g++)", "find_package"

    def build(self):
        need("g++", "g++")
        need("cmake", "cmake make")
        run(["cmake", "-S", self.source, "-B", self.work, f"-DCMAKE_PREFIX_PATH={self.prefix}"])
        run(["cmake", "--build", self.work])
        self.version = run(["g++", "-dumpfullversion"]).strip()
        self.client, self.server, self.tests = ([self.work / name] for name in ("client", "server", "test"))

    def counted(self, ledger):
        # CMake links a library that has no soname by its path.
        return {"LD_PRELOAD": f"{ledger}/libsspi.so"}


class Ctypes(Language):
    name, title, through = "python", "Python", "ctypes"

    def build(self):
        self.version = sys.version.split()[0]
        self.client, self.server = ([sys.executable, self.source / f"{role}.py"] for role in ("client", "server"))
        self.tests = [sys.executable, self.source / "test_sspi.py"]


class Cffi(Language):
    """The programs are those of ctypes, with another module by the name of sspi."""

    name, title, through = "python-cffi", "Python", "cffi"

    def build(self):
        need("pkg-config", "pkg-config")
        need("cc", "gcc python3-dev")
        run([sys.executable, self.source / "build_sspi.py", self.work], env=self.settings())
        self.version = sys.version.split()[0]
        # -P: not the folder of the program first, where ctypes' module is.
        self.client, self.server, self.tests = (
            [sys.executable, "-P", HERE / "python" / f"{name}.py"] for name in ("client", "server", "test_sspi")
        )

    def environment(self):
        return {**super().environment(), "PYTHONPATH": f"{self.source}:{self.work}:{HERE / 'python'}"}


class Go(Language):
    name, title, through = "go", "Go", "cgo"

    def build(self):
        need("go", "golang-go")
        need("pkg-config", "pkg-config")
        source = self.copy()
        folders = {"GOCACHE": str(self.work / "cache"), "GOPATH": str(self.work / "path"), "GOPROXY": "off"}
        settings = {**self.settings(), **folders}
        run(["go", "vet", "./..."], cwd=source, env=settings)
        run(["go", "build", "-o", f"{self.work}/", "./cmd/..."], cwd=source, env=settings)
        run(["go", "test", "-c", "-o", self.work / "test", "."], cwd=source, env=settings)
        self.version = run(["go", "env", "GOVERSION"], env=settings).strip().removeprefix("go")
        self.client, self.server = ([self.work / role] for role in ("client", "server"))
        self.tests = [self.work / "test", "-test.v"]


class CSharp(Language):
    name, title, through = "csharp", "Mono (C#)", "P/Invoke"

    def build(self):
        need("mcs", "mono-mcs")
        need("mono", "mono-runtime")
        for program in ("Samples", "Tests"):
            sources = [self.source / f"{name}.cs" for name in ("Sspi", "Native", program)]
            run(["mcs", "-warnaserror", f"-out:{self.work / program}.exe", *sources])
        self.version = run(["mono", "--version"]).split("version ")[1].split()[0]
        samples = ["mono", self.work / "Samples.exe"]
        self.client, self.server, self.tests = [*samples, "client"], [*samples, "server"], ["mono", self.work / "Tests.exe"]


class Node(Language):
    name, title, through = "node", "Node", "koffi"

    def build(self):
        need("node", "nodejs")
        need("npm", "npm")
        source = self.copy()
        settings = {**os.environ, "npm_config_cache": str(self.work / "cache"), "npm_config_update_notifier": "false"}
        # What is needed is in the packages themselves; no script of theirs is run.
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=source, env=settings)
        self.version = run(["node", "--version"]).strip().removeprefix("v")
        self.client, self.server = (["node", source / f"{role}.js"] for role in ("client", "server"))
        self.tests = ["node", "--expose-gc", source / "test.js"]


LANGUAGES = [C, Cpp, Ctypes, Cffi, Go, CSharp, Node]
