//! `cargo verify-windows`: the DLL for Windows, built here and used by programs for Windows under Wine.
//!
//! It installs what it needs (as root, with apt-get), builds the DLL as it is released, with Debian's
//! compiler and its source of the standard library, and runs the suites of `windows/`. `--no-install`
//! installs nothing; other arguments go to `windows/windows.py` (`--only winetests`).

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::{env, fs};

use ffi_tests::library::{ffi_tests as here, lib_path, repository, target_dir};
use ffi_tests::packages;

/// Debian's names. Its compiler comes with its library's source; rustup's has none for this target.
const PACKAGES: &[&str] = &[
    "rustc-web",
    "rust-web-src",
    "cargo-web",
    "gcc-mingw-w64-x86-64-posix",
    "g++-mingw-w64-x86-64-posix",
    "wine",
    "wine64",
    "winbind",
    "libgssapi-krb5-2",
    "krb5-kdc",
    "krb5-admin-server",
    "krb5-user",
    "libgnutls30",
    "gcc",
    "libc6-dev",
    "python3",
    "python3-venv",
];

/// Its standard library asks for nothing that Windows 7 lacks, nor Wine.
const TARGET: &str = "x86_64-win7-windows-gnu";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--no-install")
        && let Err(reason) = packages::install(PACKAGES)
    {
        println!("{reason}");
        if env::var("CI").is_ok_and(|value| value == "true") {
            println!("0 passed, 1 failed, 0 skipped");
            return ExitCode::FAILURE;
        }
        println!("0 passed, 0 failed, 1 skipped");
        return ExitCode::SUCCESS;
    }
    let passed_on = arguments.into_iter().filter(|argument| argument != "--no-install");
    match build().and_then(|dll| suites(&dll, passed_on)) {
        Ok(code) => code,
        Err(reason) => {
            println!("{reason}\n0 passed, 1 failed, 0 skipped");
            ExitCode::FAILURE
        }
    }
}

/// The DLL, with fat LTO and stripped, in a target folder of its own.
fn build() -> Result<PathBuf, String> {
    println!("building the DLL");
    let target = target_dir().join("windows");
    let mut command = Command::new("/usr/bin/cargo");
    command.args(["rustc", "--quiet", "--release", "--locked", "--package", "libsspi", "--lib"]);
    command.args(["-Zbuild-std=std,panic_unwind", "--target", TARGET, "--crate-type", "cdylib"]);
    command.args(["--config", "profile.release.strip=true"]);
    command.current_dir(repository()).env("CARGO_TARGET_DIR", &target);
    for name in ["RUSTC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(name);
    }
    // Debian's own tools, whatever else is installed; building the standard library asks for the variable.
    command.env("PATH", "/usr/bin:/bin").env("RUSTC_BOOTSTRAP", "1");
    let status = command.status().map_err(|error| format!("/usr/bin/cargo: {error}"))?;
    if !status.success() {
        return Err("building the DLL failed".into());
    }
    Ok(target.join(TARGET).join("release/sspi.dll"))
}

fn suites(dll: &PathBuf, arguments: impl Iterator<Item = String>) -> Result<ExitCode, String> {
    let work = target_dir().join("windows-tests");
    fs::create_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    let mut command = Command::new("python3");
    command.arg(here().join("windows/windows.py")).arg("--dll").arg(dll).arg("--lib").arg(lib_path());
    command.arg("--work").arg(work).args(arguments).env_remove("LD_LIBRARY_PATH");
    let status = command.status().map_err(|error| format!("python3: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
