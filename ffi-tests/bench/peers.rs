//! Where the libraries of a plain run come from.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A library that may take part.
pub struct Candidate {
    pub name: String,
    pub version: String,
    pub path: PathBuf,
}

/// The workspace that this program was built in.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// The folder of build results: two above this program.
pub fn target() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(2).map_or_else(|| workspace().join("target"), Path::to_owned)
}

/// Our own library, built as it is released: cargo skips link-time
/// optimization where several crate types are asked for.
pub fn ours() -> Result<Candidate, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(workspace())
        .args(["rustc", "--quiet", "--release", "--package", "libsspi", "--lib"])
        .args(["--crate-type", "cdylib", "--target-dir"])
        .arg(target())
        .status();
    match built {
        Ok(status) if status.success() => Ok(Candidate {
            name: "libsspi".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            path: target().join("release/libsspi.so"),
        }),
        _ => Err("skipped: libsspi does not build".to_owned()),
    }
}

/// The build of sspi-rs that the Python package sspilib carries: the wheel is
/// fetched by pip, once, and unpacked.
pub fn sspi_rs() -> Result<Candidate, String> {
    let folder = target().join("bench-peers");
    let missing = || "skipped: sspi-rs: needs python3 with pip and the package sspilib".to_owned();
    let wheel = match file_in(&folder, "sspilib-", ".whl") {
        Some(wheel) => wheel,
        None => {
            let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"];
            run(Command::new("python3").args(pip).arg("--dest").arg(&folder).arg("sspilib"));
            file_in(&folder, "sspilib-", ".whl").ok_or_else(missing)?
        }
    };
    let libraries = folder.join("sspilib.libs");
    if file_in(&libraries, "libsspi", ".so").is_none() {
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&folder));
    }
    let path = file_in(&libraries, "libsspi", ".so").ok_or_else(missing)?;
    let wheel = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let version = wheel.split('-').nth(1).unwrap_or_default();
    Ok(Candidate { name: "sspi-rs".to_owned(), version: format!("(of sspilib {version})"), path })
}

/// Debian's WinPR, FreeRDP's library.
pub fn winpr() -> Result<Candidate, String> {
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let found = folders.iter().map(|folder| Path::new(folder).join("libwinpr2.so.2"));
    let Some(path) = found.into_iter().find(|path| path.exists()) else {
        return Err("skipped: WinPR: install libwinpr2-2".to_owned());
    };
    let real = std::fs::canonicalize(&path).unwrap_or_default();
    let real = real.to_string_lossy();
    let version = real.split_once(".so.").map_or("2", |(_, version)| version).to_owned();
    Ok(Candidate { name: "WinPR".to_owned(), version, path })
}

fn run(command: &mut Command) {
    // A failure shows in what is missing afterwards.
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
}

fn file_in(folder: &Path, start: &str, end: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    let matches = |name: &str| name.starts_with(start) && name.contains(end);
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.file_name().is_some_and(|name| matches(&name.to_string_lossy())))
}
