//! include/sspi.h against the header that the build makes of src/abi and src/export.
//!
//! `--write` replaces the committed one, `--check` says whether it is the same.

#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use ffi_tests::library::{cargo, repository};

fn main() -> ExitCode {
    let made = fs::read_to_string(made_header()).expect("the build has made a header");
    let committed = repository().join("include/sspi.h");
    match env::args().nth(1).as_deref() {
        Some("--write") => {
            fs::write(&committed, made).expect("include/sspi.h is writable");
            ExitCode::SUCCESS
        }
        Some("--check") => check(&made, &fs::read_to_string(&committed).unwrap_or_default()),
        _ => {
            eprintln!("header --write | --check");
            ExitCode::FAILURE
        }
    }
}

fn check(made: &str, committed: &str) -> ExitCode {
    if made == committed {
        println!("include/sspi.h is what the source says");
        return ExitCode::SUCCESS;
    }
    let differs = made.lines().zip(committed.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or(made.lines().count().min(committed.lines().count()));
    println!("include/sspi.h differs from the source in line {}", line + 1);
    println!("made:      {}", made.lines().nth(line).unwrap_or("(ends)"));
    println!("committed: {}", committed.lines().nth(line).unwrap_or("(ends)"));
    println!("`cargo run -p ffi-tests --bin header -- --write` writes it anew");
    ExitCode::FAILURE
}

/// Cargo tells where the build script of libsspi put its files.
fn made_header() -> PathBuf {
    let arguments = ["build", "--package", "libsspi", "--lib", "--message-format=json"];
    let ran = cargo(&arguments).output().expect("cargo runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let messages = String::from_utf8_lossy(&ran.stdout);
    let script = messages
        .lines()
        .find(|line| line.contains("\"reason\":\"build-script-executed\"") && line.contains("libsspi"))
        .expect("libsspi has a build script");
    let (_, out) = script.split_once("\"out_dir\":\"").expect("a build script has a folder");
    PathBuf::from(out.split('"').next().unwrap_or_default()).join("sspi.h")
}
