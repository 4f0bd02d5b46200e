"""A Wine prefix of our own, and programs in it that find our DLL as their secur32.dll."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from run import Missing, run_quietly

COMPILER = "x86_64-w64-mingw32-gcc"
# Of the machine's own settings nothing is to come through.
SETTINGS = ("NTLM_", "NETBIOS_", "SSPI_", "LM_COMPAT", "KRB5", "WINE", "DISPLAY", "WAYLAND")


class Wine:
    """The prefix is made when the first program is run, and its server ends with the suites."""

    def __init__(self, prefix, dll):
        self.prefix, self.dll, self.ready = prefix, dll, False
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(SETTINGS)}
        self.environment |= {
            "WINEPREFIX": str(prefix),
            "WINEDEBUG": "-all",
            # Neither .NET nor a browser, which Wine would offer to download; our DLL beside a program
            # goes before Wine's, which a full path still reaches.
            "WINEDLLOVERRIDES": "mscoree,mshtml=;secur32=n,b",
            "KRB5_CONFIG": "NUL",
            "NETBIOS_COMPUTER_NAME": "SERVER",
            "NETBIOS_DOMAIN_NAME": "DOMAIN",
        }

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        if self.ready:
            self.stop()

    def stop(self):
        """Ends Wine's server, which starts anew with the next program."""
        for way in ("-k", "-w"):
            subprocess.run(["wineserver", way], env=self.environment, check=False)

    def prepare(self):
        if self.ready:
            return
        if shutil.which("wine") is None:
            raise Missing("install wine wine64")
        version = subprocess.check_output(["wine", "--version"], text=True, env=self.environment).strip()
        stamp = self.prefix / "complete"
        if not stamp.exists() or stamp.read_text() != version:
            shutil.rmtree(self.prefix, ignore_errors=True)
            self.prefix.mkdir(parents=True)
            run_quietly(["wineboot", "-i"], "make wineboot work", env=self.environment)
            run_quietly(["wine", "winecfg", "-v", "win10"], "make winecfg work", env=self.environment)
            subprocess.run(["wineserver", "-w"], env=self.environment, check=False)
            stamp.write_text(version)
        self.ready = True

    def place_dll(self, folder, name="secur32.dll"):
        """Puts the DLL under test beside a program."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.dll, folder / name)

    @contextlib.contextmanager
    def with_the_systems_dll(self, prefix):
        """A second prefix, in which the DLL under test lies in the place of Wine's. It shares all other files with
        this one, but for those that are written."""

        def link_or_copy(source, target):
            (shutil.copy if source.endswith(".reg") else os.link)(source, target)

        self.prepare()
        shutil.rmtree(prefix, ignore_errors=True)
        shutil.copytree(self.prefix, prefix, symlinks=True, copy_function=link_or_copy)
        library = prefix / "drive_c/windows/system32/secur32.dll"
        library.unlink()
        shutil.copy(self.dll, library)
        with Wine(prefix, self.dll) as second:
            yield second

    def run(self, program, *arguments, log, limit=120, folder=None, pipes=False, **settings):
        """Runs a Windows program, its output in a file. CPython wants pipes, others refuse them. A setting that is
        None is one that it does not have."""
        self.prepare()
        environment = self.environment | settings
        environment = {name: str(value) for name, value in environment.items() if value is not None}
        command = ["wine", str(program), *map(str, arguments)]
        options = {"cwd": folder or program.parent, "env": environment, "timeout": limit, "check": False}
        with open(log, "wb") as output:
            streams = {"input": b"", "stdout": subprocess.PIPE} if pipes else {"stdin": subprocess.DEVNULL, "stdout": output}
            try:
                done = subprocess.run(command, **streams, stderr=subprocess.STDOUT, **options)
                code = done.returncode
            except subprocess.TimeoutExpired as late:
                done, code = late, f"no end within {limit} s"
            output.write(done.stdout or b"")
        return code, log.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")


def windows_path(path):
    """As Windows programs under Wine see a path of this system."""
    return "Z:" + str(path).replace("/", "\\")


def compile_for_windows(program, sources, *arguments):
    if shutil.which(COMPILER) is None:
        raise Missing("install gcc-mingw-w64-x86-64-posix")
    command = [COMPILER, "-std=gnu11", "-O1", "-w", "-D_GNU_SOURCE", "-o", str(program), *map(str, sources)]
    run_quietly([*command, *arguments], f"make {Path(sources[0]).name} compile")


def import_library(folder, names, dll="secur32.dll"):
    """MinGW's own knows the names that both of Windows' DLLs have; this one knows those of the DLL."""
    definition, library = folder / "secur32.def", folder / "libsecur32.a"
    definition.write_text("".join(line + "\n" for line in (f"LIBRARY {dll}", "EXPORTS", *sorted(names))))
    command = ["x86_64-w64-mingw32-dlltool", "-d", str(definition), "-l", str(library)]
    run_quietly(command, "install binutils-mingw-w64-x86-64")
    return library
