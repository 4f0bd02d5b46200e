//! Debian packages: which are missing, and installing them where we may.

#![forbid(unsafe_code)]

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::process::is_installed;

/// Those of `wanted` that are not installed.
pub fn missing<'a>(wanted: &[&'a str]) -> Vec<&'a str> {
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status} ${Package}, ${Provides}\n"])
        .stderr(Stdio::null())
        .output();
    let listed = query.map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned()).unwrap_or_default();
    let installed = installed_in(&listed);
    wanted.iter().copied().filter(|package| !installed.contains(package)).collect()
}

/// The names of installed packages and of what they provide: npm, for one, is a package of its own or
/// a part of nodejs, which then conflicts with that package.
fn installed_in(listed: &str) -> HashSet<&str> {
    let installed = listed.lines().filter_map(|line| line.strip_prefix("installed "));
    let names = installed.flat_map(|names| names.split(", "));
    names.filter_map(|name| name.split_whitespace().next()).collect()
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
    let _refusal = ServiceRefusal::new(POLICY).map_err(|error| format!("{POLICY}: {error}"))?;
    apt_get(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(missing);
    apt_get(&arguments)
}

/// The script that Debian's packages ask whether their service may start.
const POLICY: &str = "/usr/sbin/policy-rc.d";
/// It answers that the service may not.
const REFUSE_ALL: &[u8] = b"#!/bin/sh\nexit 101\n";

/// While it lives no package that is installed starts its service: the tests start their own servers, with
/// their own files. An administrator's own policy stays as it is.
struct ServiceRefusal {
    made: Option<PathBuf>,
}

impl ServiceRefusal {
    fn new(policy: impl AsRef<Path>) -> io::Result<Self> {
        let policy = policy.as_ref();
        match OpenOptions::new().write(true).create_new(true).mode(0o755).open(policy) {
            Ok(mut file) => {
                let refusal = Self { made: Some(policy.to_path_buf()) };
                file.write_all(REFUSE_ALL)?;
                Ok(refusal)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Self { made: None }),
            Err(error) => Err(error),
        }
    }
}

impl Drop for ServiceRefusal {
    fn drop(&mut self) {
        if let Some(policy) = &self.made {
            let _ = fs::remove_file(policy);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_a_package_provides_counts_as_installed() {
        let listed = "installed nodejs, nodejs-dev, npm (= 10)\nconfig-files samba, \ninstalled gcc, \n";
        let installed = installed_in(listed);
        for (name, there) in [("nodejs", true), ("npm", true), ("gcc", true), ("samba", false), ("", false)] {
            assert_eq!(installed.contains(name), there, "{name}");
        }
    }

    #[test]
    fn services_are_refused_while_packages_are_installed() {
        let scratch = Scratch::new("policy").unwrap();
        let policy = scratch.path().join("policy-rc.d");
        let refusal = ServiceRefusal::new(&policy).unwrap();
        let ran = Command::new(&policy).args(["slapd", "start"]).status().unwrap();
        assert_eq!(ran.code(), Some(101));
        drop(refusal);
        assert!(!policy.exists());
    }

    #[test]
    fn an_existing_policy_stays() {
        let scratch = Scratch::new("own-policy").unwrap();
        let policy = scratch.path().join("policy-rc.d");
        fs::write(&policy, "of the administrator").unwrap();
        drop(ServiceRefusal::new(&policy).unwrap());
        assert_eq!(fs::read_to_string(&policy).unwrap(), "of the administrator");
    }
}
