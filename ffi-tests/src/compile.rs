//! Compiling C programs against the library as a user would: `cc ... -lsspi`.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::library::{ffi_tests, repository};
use crate::process::is_installed;

/// The C compiler, when there is one.
pub fn compiler() -> Option<&'static str> {
    ["cc", "gcc", "clang"].into_iter().find(|name| is_installed(name))
}

/// One C program to build.
pub struct Build<'a> {
    /// Sources, relative to ffi-tests.
    pub sources: &'a [&'a str],
    /// The shared library to link with.
    pub library: &'a Path,
    /// Where the program goes.
    pub output: &'a Path,
    /// Further arguments.
    pub flags: &'a [&'a str],
}

impl Build<'_> {
    /// Builds it; the error is what the compiler said.
    pub fn run(&self) -> Result<PathBuf, String> {
        let compiler = compiler().ok_or("no C compiler (cc, gcc or clang) is installed")?;
        let directory = self.library.parent().ok_or("the library has no folder")?;
        let mut command = Command::new(compiler);
        command
            .args(["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-g"])
            .args(self.flags)
            .arg("-I")
            .arg(repository().join("include"))
            .arg("-I")
            .arg(ffi_tests().join("c"))
            .args(self.sources.iter().map(|source| ffi_tests().join(source)))
            .arg("-o")
            .arg(self.output)
            .arg("-L")
            .arg(directory)
            .arg(format!("-Wl,-rpath,{}", directory.display()))
            .args(["-lsspi", "-lpthread", "-ldl"]);
        let ran = command.output().map_err(|error| format!("{compiler}: {error}"))?;
        if ran.status.success() {
            Ok(self.output.to_path_buf())
        } else {
            Err(String::from_utf8_lossy(&ran.stderr).into_owned())
        }
    }
}
