//! One stage of `cargo verify`: a named piece of work with a log, a time and counts.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::library::{repository, target_dir};
use crate::process::{self, End, Outcome};
use crate::tally::Tally;

/// What a stage reports.
pub struct Report {
    pub name: &'static str,
    pub tally: Tally,
    pub took: Duration,
    /// Why it failed or was skipped; empty when all is well.
    pub remark: String,
    pub log: PathBuf,
}

impl Report {
    pub fn skipped(name: &'static str, remark: String) -> Self {
        Self { name, tally: Tally::SKIP, took: Duration::ZERO, remark, log: log_of(name) }
    }

    /// A stage that could not run as it should.
    pub fn failed(name: &'static str, remark: String) -> Self {
        Self { name, tally: Tally::FAIL, took: Duration::ZERO, remark, log: log_of(name) }
    }

    pub fn print(&self) {
        let mark = match self.tally {
            Tally { failed: 1.., .. } => "FAILED",
            Tally { passed: 0, .. } => "skipped",
            _ => "ok",
        };
        let seconds = self.took.as_secs_f32();
        println!("{:<22} {mark:<8} {seconds:>6.1} s   {}", self.name, self.tally);
        if !self.remark.is_empty() {
            println!("    {}", self.remark);
        }
    }
}

/// Where everything that belongs to `cargo verify` goes.
pub fn verify_dir() -> PathBuf {
    target_dir().join("verify")
}

pub fn log_of(stage: &str) -> PathBuf {
    verify_dir().join(format!("{stage}.log"))
}

/// How the counts of a command are found.
#[derive(Clone, Copy)]
pub enum Counting {
    /// It passes or fails as a whole.
    Whole,
    /// It prints the lines of `cargo test`.
    CargoTest,
    /// Its last summary line says `N passed, N failed, N skipped`.
    Summary,
}

/// Runs one command in the repository as a stage.
pub fn command(name: &'static str, command: &mut Command, limit: Duration, counting: Counting) -> Report {
    let log = log_of(name);
    command.current_dir(repository());
    match process::run(command, limit, &log) {
        Ok(ran) => of_outcome(name, &ran, counting, log),
        Err(error) => Report::failed(name, format!("could not be started: {error}")),
    }
}

fn of_outcome(name: &'static str, ran: &Outcome, counting: Counting, log: PathBuf) -> Report {
    let counted = match counting {
        Counting::Whole => Some(if ran.succeeded() { Tally::PASS } else { Tally::FAIL }),
        Counting::CargoTest => Tally::of_cargo_test(&ran.output),
        Counting::Summary => Tally::of_program(&ran.output),
    };
    let (tally, remark) = judge(counted, ran.end);
    Report { name, tally, took: ran.took, remark, log }
}

/// Counts alone do not make a success: the exit code has to agree with them.
fn judge(counted: Option<Tally>, end: End) -> (Tally, String) {
    match (counted, end) {
        (Some(tally), End::Exit(0)) if tally.failed == 0 => (tally, String::new()),
        (Some(tally), End::Exit(_)) if tally.failed > 0 => (tally, String::new()),
        (Some(tally), end) => (tally + Tally::FAIL, format!("its end does not fit: {end:?}")),
        (None, end) => (Tally::FAIL, format!("it reported no counts; {end:?}")),
    }
}

/// Runs several parts of a stage in this process, each giving counts and a text for the log.
pub fn parts<T>(
    name: &'static str,
    items: impl IntoIterator<Item = T>,
    mut run: impl FnMut(T) -> (Tally, String),
) -> Report {
    let started = Instant::now();
    let (mut tally, mut text) = (Tally::default(), String::new());
    for item in items {
        let (counted, said) = run(item);
        tally += counted;
        text.push_str(&said);
    }
    let log = log_of(name);
    let remark = match fs::write(&log, text) {
        Ok(()) => String::new(),
        Err(error) => format!("the log could not be written: {error}"),
    };
    Report { name, tally, took: started.elapsed(), remark, log }
}

/// The end of a log.
pub fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
