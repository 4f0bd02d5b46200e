//! `cargo verify-windows`: the DLL for Windows, built here and used by programs for Windows under Wine.
//!
//! It installs what it needs (as root, with apt-get), builds the DLL as it is released, with Debian's
//! compiler and its source of the standard library, and runs the suites of `windows/`. `--no-install`
//! installs nothing; other arguments go to `windows/windows.py` (`--only winetests`). Without any, the README's
//! table of programs for Windows is compared with what was run.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

use ffi_tests::library::{ffi_tests as here, lib_path, repository, target_dir};
use ffi_tests::packages;
use ffi_tests::program_table::Table;
use ffi_tests::tally::Tally;

/// Debian's names. Its compiler comes with its library's source; rustup's has none for this target.
const PACKAGES: &[&str] = &[
    "rustc-web",
    "rust-web-src",
    "cargo-web",
    "gcc-mingw-w64-x86-64-posix",
    "g++-mingw-w64-x86-64-posix",
    "gcc-mingw-w64-i686-posix",
    "clang-14",
    "lld-14",
    "llvm-14",
    "cmake",
    "make",
    "pkg-config",
    "wine",
    "wine64",
    "winbind",
    "libgssapi-krb5-2",
    "krb5-kdc",
    "krb5-admin-server",
    "krb5-user",
    "postgresql",
    "npm",
    "libgnutls30",
    "locales",
    "gcc",
    "libc6-dev",
    "python3",
    "python3-venv",
];

/// What cargo is told, here and by CMake.
const CONFIGURATION: &str = "cmake/windows.toml";

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
    let passed_on: Vec<String> =
        arguments.into_iter().filter(|argument| argument != "--no-install").collect();
    let mut tally = build().and_then(|dll| suites(&dll, &passed_on)).unwrap_or_else(failed);
    if passed_on.is_empty() {
        tally += Table::Windows.check().map_or_else(failed, |_| Tally::PASS);
    }
    println!("{tally}");
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn failed(reason: String) -> Tally {
    println!("{reason}");
    Tally::FAIL
}

/// The DLL, with fat LTO and stripped, in a target folder of its own.
fn build() -> Result<PathBuf, String> {
    println!("building the DLL");
    let target = target_dir().join("windows");
    let mut command = debian_cargo(&target);
    command.args(["rustc", "--quiet", "--release", "--locked", "--package", "libsspi", "--lib"]);
    command.args(["--crate-type", "cdylib"]);
    let status = command.status().map_err(|error| format!("/usr/bin/cargo: {error}"))?;
    if !status.success() {
        return Err("building the DLL failed".into());
    }
    Ok(target.join(triple()?).join("release/sspi.dll"))
}

/// The target in the configuration.
fn triple() -> Result<String, String> {
    let text = fs::read_to_string(repository().join(CONFIGURATION)).map_err(|error| error.to_string())?;
    let named = text.lines().find_map(|line| line.strip_prefix("target = \"")?.strip_suffix('"'));
    named.map(str::to_owned).ok_or(format!("{CONFIGURATION} names no target"))
}

/// Debian's cargo, which has the source of the standard library.
fn debian_cargo(target: &Path) -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command.args(["--config", CONFIGURATION]).current_dir(repository()).env("CARGO_TARGET_DIR", target);
    for name in ["RUSTC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(name);
    }
    // Debian's own tools, whatever else is installed; building the standard library asks for the variable.
    command.env("PATH", "/usr/bin:/bin").env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Runs the suites; what they say goes into the log too, of which the table of programs is made.
fn suites(dll: &Path, arguments: &[String]) -> Result<Tally, String> {
    let (work, logs) = (target_dir().join("windows-tests"), Table::Windows.logs());
    for folder in [&work, &logs] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = Command::new("python3");
    command.arg(here().join("windows/windows.py")).arg("--dll").arg(dll).arg("--lib").arg(lib_path());
    command
        .arg("--work")
        .arg(work)
        .args(arguments)
        .env_remove("LD_LIBRARY_PATH")
        .env("PYTHONUNBUFFERED", "1");
    let (succeeded, said) =
        printed(&mut command, &logs.join("suites.log")).map_err(|error| format!("python3: {error}"))?;
    match Tally::of_program(&said) {
        Some(tally) if succeeded || tally.failed > 0 => Ok(tally),
        _ => Err("the suites did not come to their end".into()),
    }
}

/// Runs a command whose output is printed and written to a log, line by line.
fn printed(command: &mut Command, log: &Path) -> io::Result<(bool, String)> {
    let (mut log, mut said) = (File::create(log)?, String::new());
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
        let line = format!("{}\n", String::from_utf8_lossy(&line?));
        print!("{line}");
        log.write_all(line.as_bytes())?;
        said.push_str(&line);
    }
    Ok((child.wait()?.success(), said))
}
