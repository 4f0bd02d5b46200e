"""Debian's source packages, with a list of their own: what the machine installs from stays as it is."""

import shutil
import subprocess
import tarfile

from run import Missing, run_quietly


def source_lists(folder):
    """The machine's package lists as lists of sources."""
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", form, "Identifier: Packages"],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    # Not those of other archives than Debian's.
    lines = sorted({line for line in asked.stdout.splitlines() if line.endswith(" main") and "/debian/" in line})
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    listed = folder / "sources.list"
    listed.write_text("".join(f"deb-src [signed-by={keyring}] {line}\n" for line in lines))
    return listed


def fetch(package, members, work):
    """Unpacks those files of a package's original source; returns their folder."""
    folder = work / package
    stamp = folder / "complete"
    if stamp.exists():
        return next(path for path in folder.iterdir() if path.is_dir() and path.name.startswith(package))
    if shutil.which("apt-get") is None:
        raise Missing("run on Debian, whose source packages are fetched")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "lists/partial").mkdir(parents=True)
    options = [
        f"Dir::Etc::SourceList={source_lists(folder)}", "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State::Lists={folder / 'lists'}", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache=",
        "APT::Sandbox::User=root",
    ]  # fmt: skip
    apt_get = ["apt-get", "--quiet", *(word for option in options for word in ("-o", option))]
    what = f"make apt-get source {package} work"
    run_quietly([*apt_get, "update"], what)
    run_quietly([*apt_get, "source", "--download-only", "--tar-only", package], what, cwd=folder)
    archive = next(folder.glob(f"{package}_*.tar.*"))
    with tarfile.open(archive) as tar:
        wanted = [member for member in tar if member.isfile() and any(name in member.name for name in members)]
        tar.extractall(folder, wanted)
    archive.unlink()
    stamp.touch()
    return next(path for path in folder.iterdir() if path.is_dir() and path.name.startswith(package))
