//! Where the repository is, and the library under test.

#![forbid(unsafe_code)]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The top of the repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("ffi-tests lies in the repository")
}

/// This folder: C programs, attacks, peers.
pub fn ffi_tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `target/<profile>` of the running program.
pub fn profile_dir() -> PathBuf {
    let program = env::current_exe().expect("the running program has a path");
    let dir = program.parent().expect("a program lies in a folder");
    if dir.ends_with("deps") {
        dir.parent().expect("deps lies in a profile's folder").to_path_buf()
    } else {
        dir.to_path_buf()
    }
}

/// The target folder of the running program.
pub fn target_dir() -> PathBuf {
    profile_dir().parent().expect("a profile lies in a target folder").to_path_buf()
}

/// The library under test: `LIBSSPI` when set, else built once for the running profile.
pub fn lib_path() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| match env::var_os("LIBSSPI") {
        Some(path) => PathBuf::from(path),
        None => build(),
    })
}

/// A cargo command in the repository, for the target folder of the running program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(repository()).env("CARGO_TARGET_DIR", target_dir());
    cargo
}

fn build() -> PathBuf {
    let profile = profile_dir();
    let mut command = cargo(&["build", "--quiet", "--package", "libsspi", "--lib"]);
    if profile.ends_with("release") {
        command.arg("--release");
    }
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "building libsspi failed");
    profile.join("libsspi.so")
}
