//! The C programs: what they are, and how one is built and run.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::compile::Build;
use crate::process::{self, End, Outcome};
use crate::scratch::Scratch;
use crate::tally::Tally;

/// One C test program.
pub struct Program {
    pub name: &'static str,
    /// Its source, relative to ffi-tests.
    pub source: &'static str,
    /// The modes that make sense for it.
    pub modes: &'static [Mode],
}

/// How a program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Plain,
    /// Under valgrind's memcheck: errors and definite leaks fail.
    Valgrind,
    /// With AddressSanitizer in the program and in the library.
    AddressSanitizer,
}

const EVERYWHERE: &[Mode] = &[Mode::Plain, Mode::Valgrind, Mode::AddressSanitizer];
/// Only the library of this mode is built with the switch that makes an export panic.
const WITH_PANICS: &[Mode] = &[Mode::AddressSanitizer];
/// A tool that watches every byte cannot watch gigabytes, nor a heap that refuses.
const WITHOUT_TOOLS: &[Mode] = &[Mode::Plain];

const fn program(name: &'static str, source: &'static str, modes: &'static [Mode]) -> Program {
    Program { name, source, modes }
}

/// Every C test program.
pub const PROGRAMS: &[Program] = &[
    program("packages", "c/packages.c", EVERYWHERE),
    program("credentials", "c/credentials.c", EVERYWHERE),
    program("context", "c/context.c", EVERYWHERE),
    program("messages", "c/messages.c", EVERYWHERE),
    program("query", "c/query.c", EVERYWHERE),
    program("identity", "c/identity.c", EVERYWHERE),
    program("export_import", "c/export_import.c", EVERYWHERE),
    program("epa", "c/epa.c", EVERYWHERE),
    program("accounts", "c/accounts.c", EVERYWHERE),
    program("anonymous", "c/anonymous.c", EVERYWHERE),
    program("impersonation", "c/impersonation.c", EVERYWHERE),
    program("negotiate", "c/negotiate.c", EVERYWHERE),
    program("logon", "c/logon.c", EVERYWHERE),
    program("diagnosis", "c/diagnosis.c", EVERYWHERE),
    program("winpr", "c/winpr.c", EVERYWHERE),
    program("freerdp3", "c/freerdp3.c", EVERYWHERE),
    program("null_matrix", "attack/d1_null_matrix.c", EVERYWHERE),
    program("handles", "attack/d2_handles.c", EVERYWHERE),
    program("delete_in_use", "attack/d3_delete_in_use.c", EVERYWHERE),
    program("short_outputs", "attack/d4_short_outputs.c", EVERYWHERE),
    program("descriptors", "attack/d5_descriptors.c", EVERYWHERE),
    program("overlap", "attack/d6_overlap.c", EVERYWHERE),
    program("strings", "attack/d7_strings.c", EVERYWHERE),
    program("free", "attack/d8_free.c", EVERYWHERE),
    program("process", "attack/d9_process.c", EVERYWHERE),
    program("memory", "attack/d10_memory.c", WITHOUT_TOOLS),
    program("offsets", "attack/d11_offsets.c", EVERYWHERE),
    program("huge", "attack/d12_huge.c", WITHOUT_TOOLS),
    program("zeroes", "attack/a12_zeroes.c", WITHOUT_TOOLS),
    program("panic", "attack/d14_panic.c", WITH_PANICS),
];

/// The program of this name.
pub fn named(name: &str) -> &'static Program {
    PROGRAMS.iter().find(|program| program.name == name).expect("a program of the table")
}

/// What a program under valgrind or AddressSanitizer exits with after a report.
const REPORT: i32 = 99;

const VALGRIND: &[&str] = &[
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    "--trace-children=yes",
];

const SANITIZER_FLAGS: &[&str] =
    &["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

/// The environment of a run: no settings of the machine's own, and readable reports.
const SETTINGS: &[(&str, &str)] = &[
    ("ASAN_OPTIONS", "exitcode=99:detect_leaks=1:allocator_may_return_null=1"),
    ("UBSAN_OPTIONS", "print_stacktrace=1"),
    ("KRB5_CONFIG", "/dev/null"),
    ("KRB5CCNAME", "FILE:/nowhere/ccache"),
    ("KRB5_KTNAME", "/nowhere/keytab"),
    ("KRB5_CLIENT_KTNAME", "/nowhere/keytab"),
    ("NETBIOS_COMPUTER_NAME", "SERVER"),
    ("NETBIOS_DOMAIN_NAME", "DOMAIN"),
];

/// Builds and runs one source, with its own scratch folder as TMPDIR.
pub fn build_and_run(
    source: &str,
    arguments: &[&str],
    library: &Path,
    mode: Mode,
    limit: Duration,
) -> Result<Outcome, String> {
    let scratch = Scratch::new("c").map_err(|error| error.to_string())?;
    let output = scratch.path().join("program");
    let flags = if mode == Mode::AddressSanitizer { SANITIZER_FLAGS } else { &[] };
    Build { sources: &[source], library, output: &output, flags }.run()?;
    let mut command = if mode == Mode::Valgrind {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(VALGRIND).arg(&output);
        valgrind
    } else {
        Command::new(&output)
    };
    command.args(arguments).envs(SETTINGS.iter().copied()).env("TMPDIR", scratch.path());
    for unwanted in ["NTLM_USER_FILE", "SSPI_NEGOTIATE_NTLM", "LD_PRELOAD"] {
        command.env_remove(unwanted);
    }
    command.current_dir(scratch.path());
    let log = scratch.path().join("log");
    process::run(&mut command, limit, &log).map_err(|error| error.to_string())
}

impl Program {
    /// Runs it: what it counted, or why it is no good.
    pub fn run(&self, library: &Path, mode: Mode) -> Result<(Tally, Outcome), String> {
        let limit = Duration::from_secs(240);
        let ran = build_and_run(self.source, &[], library, mode, limit)?;
        let tally = Tally::of_program(&ran.output);
        match (ran.end, tally) {
            (End::Exit(0), Some(tally)) if tally.failed == 0 => Ok((tally, ran)),
            (End::Exit(1), Some(tally)) if tally.failed > 0 => Ok((tally, ran)),
            (End::Exit(REPORT), _) => Err(format!("a memory error or leak\n{}", ran.output)),
            (end, _) => Err(format!("ended with {end:?}\n{}", ran.output)),
        }
    }
}
