//! The fuzzer of `ffi-tests/fuzz`: building it, and running one target for a bounded time.
//!
//! libFuzzer comes with the crate libfuzzer-sys; its instrumentation and AddressSanitizer are part of
//! the stable compiler, and only their flags ask for RUSTC_BOOTSTRAP. The flags are those that
//! cargo-fuzz gives.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs, io};

use crate::library::{cargo, ffi_tests};
use crate::process;
use crate::stage::{self, Counting, Report, verify_dir};
use crate::tally::Tally;

const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// AddressSanitizer, and what tells the fuzzer where an input has led.
const FLAGS: &[&str] = &[
    "-Zsanitizer=address",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Dwarnings",
];

/// What the inputs are drawn with, unless `FUZZ_SEED` says otherwise.
const SEED: &str = "1";
/// Seconds for each target, unless `FUZZ_SECONDS` says otherwise.
const SECONDS: &str = "2";
/// A run that takes longer, in seconds, hangs.
const HANGS: u32 = 10;
/// Megabytes: more than any target needs, and soon reached by one whose memory grows.
const MEMORY: u32 = 768;
/// Megabytes that one allocation may ask for: no input is a reason for more.
const ONE_ALLOCATION: u32 = 64;

/// The program with all targets.
pub struct Fuzzer {
    program: PathBuf,
    /// What it found, and what it learned in this run.
    work: PathBuf,
}

impl Fuzzer {
    /// Builds it in a target folder of its own; a report says why not.
    pub fn build(stage: &'static str) -> Result<Self, Report> {
        let work = verify_dir().join("fuzz");
        let mut build = cargo(&["build", "--quiet", "--locked", "--target", TRIPLE]);
        build.args(["--package", "ffi-tests", "--bin", "fuzz", "--features", "fuzzing"]);
        // Of the engine little is used; its optimization would take as long as all the rest.
        build.args(["--config", "profile.dev.package.sspi.opt-level=0"]);
        build.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", FLAGS.join(" "));
        build.env("CARGO_TARGET_DIR", &work);
        let built = stage::command(stage, &mut build, Duration::from_secs(600), Counting::Whole);
        if built.tally.failed > 0 {
            return Err(built);
        }
        Ok(Self { program: work.join(TRIPLE).join("debug/fuzz"), work })
    }

    /// The targets' names.
    pub fn targets(&self) -> Result<Vec<String>, String> {
        let mut command = Command::new(&self.program);
        let listed = process::run(command.env("FUZZ_LIST", "1"), Duration::from_secs(20), &self.log("list"));
        let listed = listed.map_err(|error| error.to_string())?;
        let names: Vec<String> = listed.output.lines().map(str::to_owned).collect();
        if listed.succeeded() && !names.is_empty() { Ok(names) } else { Err(listed.output) }
    }

    /// Runs one target over its corpus, then on inputs of the fuzzer's own. What makes it crash, hang
    /// or grow is kept in the work folder.
    pub fn run(&self, target: &str) -> (Tally, String) {
        match self.try_run(target) {
            Ok(result) => result,
            Err(reason) => (Tally::FAIL, format!("== {target} FAILED: {reason}\n")),
        }
    }

    fn try_run(&self, target: &str) -> Result<(Tally, String), String> {
        let corpus = ffi_tests().join("fuzz/corpus").join(target);
        let mut seeds = files(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
        if seeds.is_empty() {
            return Err(format!("{} has no corpus", corpus.display()));
        }
        seeds.sort();
        let found = self.folder(target).map_err(|error| error.to_string())?;
        let list = found.join("seeds");
        fs::write(&list, seeds.join(",")).map_err(|error| error.to_string())?;
        let seconds = env::var("FUZZ_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
        let mut command = Command::new(&self.program);
        command.env("FUZZ_TARGET", target).env("ASAN_OPTIONS", "detect_odr_violation=0");
        command.arg(format!("-max_total_time={seconds}")).arg(format!("-timeout={HANGS}"));
        command.arg(format!("-rss_limit_mb={MEMORY}")).arg(format!("-malloc_limit_mb={ONE_ALLOCATION}"));
        command.arg(format!("-artifact_prefix={}/", found.display()));
        command.args(["-max_len=4096", "-print_final_stats=1"]);
        // The same inputs each time, in the same order on every file system, so that a change that
        // breaks something is told from luck; a faster machine only gets further. 0 draws others.
        let seed = env::var("FUZZ_SEED").unwrap_or_else(|_| SEED.to_owned());
        command.arg(format!("-seed={seed}")).arg(format!("-seed_inputs=@{}", list.display()));
        command.arg(found.join("learned"));
        let limit = Duration::from_secs(seconds.parse::<u64>().unwrap_or(0) + 60);
        let ran = process::run(&mut command, limit, &self.log(target)).map_err(|error| error.to_string())?;
        let executed =
            ran.output.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
        let Some(executed) = executed.filter(|_| ran.succeeded()) else {
            return Err(format!("{:?}\n{}", ran.end, ran.output));
        };
        let runs = executed.trim();
        Ok((
            Tally::PASS,
            format!("== {target}: {} files, {runs} runs in {:.1} s\n", seeds.len(), ran.took.as_secs_f32()),
        ))
    }

    /// A folder for the target, empty but for what earlier runs found.
    fn folder(&self, target: &str) -> io::Result<PathBuf> {
        let folder = self.work.join("found").join(target);
        let learned = folder.join("learned");
        match fs::remove_dir_all(&learned) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&learned)?;
        Ok(folder)
    }

    fn log(&self, name: &str) -> PathBuf {
        let path: &Path = &self.work;
        path.join(format!("{name}.log"))
    }
}

/// The paths of the files in a folder, as text.
fn files(folder: &Path) -> io::Result<Vec<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path().display().to_string())).collect()
}
