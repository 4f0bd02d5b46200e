//! Debian packages: which are missing, and installing them where we may.

#![forbid(unsafe_code)]

use std::process::{Command, Stdio};

use crate::process::is_installed;

/// Those of `wanted` that are not installed.
pub fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    wanted.iter().copied().filter(|package| !is_package_installed(package)).collect()
}

fn is_package_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output();
    query.is_ok_and(|answer| answer.status.success() && answer.stdout == b"installed")
}

/// Installs packages, or says what a person has to install.
pub fn install(wanted: &[&str]) -> Result<(), String> {
    let missing = missing(wanted);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_installed("apt-get") {
        return Err(format!("please install what Debian calls: {list}"));
    }
    if !is_root() {
        return Err(format!("please install: sudo apt-get install --no-install-recommends {list}"));
    }
    println!("installing {list}");
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(missing);
    apt_get(&arguments)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn apt_get(arguments: &[&str]) -> Result<(), String> {
    let ran = Command::new("apt-get")
        .arg("--quiet")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("apt-get: {error}"))?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(format!("apt-get {} failed:\n{}", arguments.join(" "), said.trim_end()))
}
