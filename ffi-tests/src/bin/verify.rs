//! `cargo verify`: everything that is tested, in one command.
//!
//! `cargo verify` installs what it needs (as root, with apt-get) and runs every
//! stage; `cargo verify STAGE...` runs the named ones; `--no-install` installs nothing.

#![forbid(unsafe_code)]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use ffi_tests::fuzzer::Fuzzer;
use ffi_tests::library::{cargo, ffi_tests as here, lib_path, target_dir};
use ffi_tests::packages;
use ffi_tests::program_table::Table;
use ffi_tests::programs::{self, Mode, PROGRAMS, Program};
use ffi_tests::stage::{self, Counting, Report, log_of, tail, verify_dir};
use ffi_tests::tally::Tally;

/// A stage: its name and its work.
struct Stage {
    name: &'static str,
    run: fn(&'static str) -> Report,
}

const fn stage(name: &'static str, run: fn(&'static str) -> Report) -> Stage {
    Stage { name, run }
}

/// The tools and peers that the stages use, by Debian's names.
const PACKAGES: &[&str] = &[
    "gcc",
    "g++",
    "libc6-dev",
    "cmake",
    "make",
    "pkg-config",
    "valgrind",
    "python3",
    "python3-dev",
    "python3-venv",
    "golang-go",
    "mono-mcs",
    "mono-runtime",
    "nodejs",
    "npm",
    "gss-ntlmssp",
    "gss-ntlmssp-dev",
    "libgssapi-krb5-2",
    "libkrb5-dev",
    "libwinpr2-2",
    "libwinpr2-dev",
    "freerdp2-x11",
    "freerdp2-shadow-x11",
    "xvfb",
    "krb5-kdc",
    "krb5-admin-server",
    "krb5-user",
    "faketime",
    "apache2",
    "libapache2-mod-auth-gssapi",
    "curl",
    "libssl-dev",
    "chromium",
    "slapd",
    "ldap-utils",
    "libsasl2-modules-gssapi-mit",
    "samba",
    "samba-ad-provision",
    "samba-dsdb-modules",
    "samba-vfs-modules",
    "winbind",
    "smbclient",
    "ldb-tools",
    "attr",
    "acl",
    "iproute2",
];

/// The two lanes run side by side. What builds with cargo shares the first one, since
/// two builds in one target folder would only wait for each other.
const BUILDING: &[Stage] = &[
    stage("fmt", fmt),
    stage("clippy", clippy),
    stage("test", test),
    stage("features-clippy", features_clippy),
    stage("features-test", features_test),
    stage("header", header),
    stage("matrix", matrix),
    stage("cmake", cmake),
    stage("c-release", c_release),
];
const RUNNING: &[Stage] = &[
    stage("interop", interop),
    stage("samba", samba),
    stage("bindings", bindings),
    stage("c-valgrind", c_valgrind),
    stage("torture", torture),
    stage("soak", soak),
    stage("c-asan", c_asan),
    stage("attack-asan", attack_asan),
    stage("fuzz", fuzz),
];

fn main() -> ExitCode {
    let started = Instant::now();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let wanted: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|name| !name.starts_with('-')).collect();
    if let Some(name) = wanted.iter().find(|name| !is_stage(name)) {
        eprintln!("there is no stage {name}; stages: {}", names().join(" "));
        return ExitCode::FAILURE;
    }
    if let Err(error) = fs::create_dir_all(verify_dir()) {
        eprintln!("{}: {error}", verify_dir().display());
        return ExitCode::FAILURE;
    }
    let mut reports = Vec::new();
    if !arguments.iter().any(|argument| argument == "--no-install") {
        reports.push(install());
    }
    if wanted.is_empty() {
        forget_logs();
    }
    reports.extend(run_stages(&wanted));
    if wanted.is_empty() {
        reports.push(programs("programs"));
    }
    finish(&reports, started.elapsed())
}

/// Logs of earlier runs say nothing of this one.
fn forget_logs() {
    let logs = fs::read_dir(verify_dir()).into_iter().flatten().flatten().map(|entry| entry.path());
    for log in logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")) {
        let _ = fs::remove_file(log);
    }
}

/// The README's table of programs says what all the stages have run.
fn programs(name: &'static str) -> Report {
    let report = stage::parts(name, [()], |()| match Table::Here.check() {
        Ok(count) => (Tally::PASS, format!("{count} rows\n")),
        Err(reason) => (
            Tally::FAIL,
            format!("{reason}\n`cargo run -p ffi-tests --bin programs -- --write` writes it anew\n"),
        ),
    });
    report.print();
    report
}

/// The library under test: a copy, so that builds of the other lane cannot replace it meanwhile.
fn library() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let folder = verify_dir().join("debug");
        let copy = folder.join("libsspi.so");
        fs::create_dir_all(&folder)
            .and_then(|()| fs::copy(lib_path(), &copy))
            .expect("the target folder is writable");
        copy
    })
}

fn is_stage(name: &str) -> bool {
    names().contains(&name)
}

fn names() -> Vec<&'static str> {
    BUILDING.iter().chain(RUNNING).map(|stage| stage.name).collect()
}

fn run_stages(wanted: &[&str]) -> Vec<Report> {
    println!("building the library");
    println!("library: {}", library().display());
    let reports = Mutex::new(Vec::new());
    let run_lane = |lane: &[Stage]| {
        for stage in lane.iter().filter(|s| wanted.is_empty() || wanted.contains(&s.name)) {
            let report = (stage.run)(stage.name);
            report.print();
            reports.lock().expect("no lane panics").push(report);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| run_lane(BUILDING));
        run_lane(RUNNING);
    });
    reports.into_inner().expect("no lane panics")
}

/// Prints the ends of failed logs and the one closing line.
fn finish(reports: &[Report], took: Duration) -> ExitCode {
    let in_ci = env::var("CI").is_ok_and(|value| value == "true");
    let mut total = Tally::default();
    for report in reports {
        total += report.tally;
        let missed = in_ci && report.tally.skipped > 0 && report.tally.passed == 0;
        if missed {
            println!("\n{} was skipped, which CI does not allow: {}", report.name, report.remark);
            total += Tally::FAIL;
        }
        if report.tally.failed > 0 {
            println!("\n--- {} ({})\n{}", report.name, report.log.display(), tail(&report.log, 60));
        }
    }
    println!("\n{} minutes {} seconds", took.as_secs() / 60, took.as_secs() % 60);
    println!("{total}");
    if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn install() -> Report {
    let started = Instant::now();
    let (tally, remark) = match packages::install(PACKAGES) {
        Ok(()) => (Tally::default(), String::new()),
        Err(reason) => (Tally::SKIP, reason),
    };
    let report = Report { name: "install", tally, took: started.elapsed(), remark, log: log_of("install") };
    if report.tally != Tally::default() {
        report.print();
    }
    report
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

fn fmt(name: &'static str) -> Report {
    stage::command(name, &mut cargo(&["fmt", "--all", "--check"]), minutes(1), Counting::Whole)
}

fn clippy(name: &'static str) -> Report {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    stage::command(name, &mut cargo(&arguments), minutes(15), Counting::Whole)
}

fn test(name: &'static str) -> Report {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast"]);
    command.env("LIBSSPI", library());
    stage::command(name, &mut command, minutes(20), Counting::CargoTest)
}

/// What is not in the library as it is built by default; the fuzzer too.
const FEATURES: &str = "kdc-proxy,fuzzing,test-panic";

fn features_clippy(name: &'static str) -> Report {
    let mut command = cargo(&["clippy", "--workspace", "--all-targets", "--features", FEATURES]);
    command.args(["--", "-D", "warnings"]);
    stage::command(name, &mut command, minutes(15), Counting::Whole)
}

/// KDCs behind HTTPS, which only a build with a TLS stack asks.
fn features_test(name: &'static str) -> Report {
    let mut command = cargo(&["test", "--package", "libsspi", "--lib", "--features", FEATURES]);
    // They wait for servers and compute little: what is compiled sooner is done sooner.
    command.args(["--config", "profile.dev.package.libsspi.opt-level=0", "store::kdc"]);
    stage::command(name, &mut command, minutes(15), Counting::CargoTest)
}

/// The committed header is the one that the sources give.
fn header(name: &'static str) -> Report {
    let mut command = cargo(&["run", "--quiet", "--package", "ffi-tests", "--bin", "header"]);
    command.args(["--", "--check"]);
    stage::command(name, &mut command, minutes(3), Counting::Whole)
}

/// The committed MATRIX.md is the one that the sources and tests give.
fn matrix(name: &'static str) -> Report {
    let mut command = cargo(&["run", "--quiet", "--package", "ffi-tests", "--bin", "matrix"]);
    command.args(["--", "--check"]);
    stage::command(name, &mut command, minutes(3), Counting::Whole)
}

/// The C programs against the library as it is released, which the CMake stage has built.
fn c_release(name: &'static str) -> Report {
    let target = target_dir().join("cmake");
    let mut build = cargo(&["rustc", "--quiet", "--release", "--locked", "--package", "libsspi", "--lib"]);
    build.args(["--crate-type", "cdylib"]).env("CARGO_TARGET_DIR", &target).env("LIBSSPI_SONAME", SONAME);
    let built = stage::command(name, &mut build, minutes(15), Counting::Whole);
    if built.tally.failed > 0 {
        return built;
    }
    match with_links(&target.join("release/libsspi.so")) {
        Ok(library) => programs_in(name, &library, Mode::Plain),
        Err(error) => Report::failed(name, error.to_string()),
    }
}

const SONAME: &str = "libsspi.so.0";

/// The library in a folder of its own under both of its names.
fn with_links(built: &Path) -> io::Result<PathBuf> {
    let folder = verify_dir().join("release");
    fs::create_dir_all(&folder)?;
    fs::copy(built, folder.join(SONAME))?;
    let link = folder.join("libsspi.so");
    match symlink(SONAME, &link) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(link),
    }
}

/// Installed by CMake, found by find_package and pkg-config.
fn cmake(name: &'static str) -> Report {
    let mut command = Command::new("bash");
    command.arg(here().join("abi/cmake.sh")).env("CARGO_TARGET_DIR", target_dir());
    stage::command(name, &mut command, minutes(15), Counting::Summary)
}

fn interop(name: &'static str) -> Report {
    stage::command(name, &mut interop_script(), minutes(20), Counting::Summary)
}

/// Samba's Active Directory is made from nothing, which takes root and half a minute.
fn samba(name: &'static str) -> Report {
    let mut command = interop_script();
    command.args(["--only", "samba"]);
    stage::command(name, &mut command, minutes(8), Counting::Summary)
}

/// The examples for other languages, each with its own tests and with the others.
fn bindings(name: &'static str) -> Report {
    let mut command = interop_script();
    command.args(["--only", "bindings"]);
    stage::command(name, &mut command, minutes(8), Counting::Summary)
}

fn interop_script() -> Command {
    let mut command = Command::new("python3");
    command.arg(here().join("interop/run.py")).arg("--lib").arg(library());
    command.arg("--work").arg(verify_dir().join("interop"));
    command
}

fn c_valgrind(name: &'static str) -> Report {
    if !ffi_tests::process::is_installed("valgrind") {
        return Report::skipped(name, "valgrind is not installed".into());
    }
    programs_in(name, library(), Mode::Valgrind)
}

/// The library built with AddressSanitizer, and with the switch that makes an export panic.
fn sanitized(name: &'static str) -> Result<PathBuf, Report> {
    const TRIPLE: &str = "x86_64-unknown-linux-gnu";
    let target = verify_dir().join("asan");
    let arguments = ["--quiet", "--package", "libsspi", "--lib", "--features", "test-panic"];
    let mut build = cargo(&["build", "--target", TRIPLE]);
    // The sanitizer is part of the stable compiler; only its flag asks for this variable.
    build.args(arguments).env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
    build.env("CARGO_TARGET_DIR", &target);
    let built = stage::command(name, &mut build, minutes(15), Counting::Whole);
    if built.tally.failed > 0 {
        return Err(built);
    }
    Ok(target.join(TRIPLE).join("debug/libsspi.so"))
}

/// The C programs, built with AddressSanitizer like the library.
fn c_asan(name: &'static str) -> Report {
    match sanitized(name) {
        Ok(library) => programs_in(name, &library, Mode::AddressSanitizer),
        Err(report) => report,
    }
}

/// The tokens made by hand meet the library built with AddressSanitizer. The tests themselves are not;
/// the runtime is preloaded.
fn attack_asan(name: &'static str) -> Report {
    let library = match sanitized(name) {
        Ok(library) => library,
        Err(report) => return report,
    };
    let found = Command::new("gcc").arg("-print-file-name=libasan.so").output();
    let Some(runtime) = found.ok().and_then(|found| String::from_utf8(found.stdout).ok()) else {
        return Report::skipped(name, "gcc's AddressSanitizer is not installed".into());
    };
    let runner = format!("env LD_PRELOAD={} ASAN_OPTIONS=exitcode=99:detect_leaks=0", runtime.trim());
    let mut command = cargo(&["test", "--package", "ffi-tests", "--test", "attack_ntlm", "--"]);
    command.args(["spnego", "der_attacks", "malformed", "--skip", "leave_nothing_behind"]);
    command.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", runner).env("LIBSSPI", library);
    stage::command(name, &mut command, minutes(8), Counting::CargoTest)
}

/// Every target of the fuzzer, over its corpus and then for a few seconds more.
fn fuzz(name: &'static str) -> Report {
    let fuzzer = match Fuzzer::build(name) {
        Ok(fuzzer) => fuzzer,
        Err(report) => return report,
    };
    match fuzzer.targets() {
        Ok(targets) => stage::parts(name, targets, |target| fuzzer.run(&target)),
        Err(reason) => Report::failed(name, reason),
    }
}

fn torture(name: &'static str) -> Report {
    long_program(name, "c/torture.c", minutes(4))
}

fn soak(name: &'static str) -> Report {
    long_program(name, "c/soak.c", minutes(5))
}

fn long_program(name: &'static str, source: &'static str, limit: Duration) -> Report {
    stage::parts(name, [source], |source| {
        match programs::build_and_run(source, &[], library(), Mode::Plain, limit) {
            Ok(ran) => match Tally::of_program(&ran.output) {
                Some(tally) if ran.succeeded() || tally.failed > 0 => (tally, ran.output),
                _ => (Tally::FAIL, format!("{}\nended with {:?}\n", ran.output, ran.end)),
            },
            Err(reason) => (Tally::FAIL, reason),
        }
    })
}

fn programs_in(name: &'static str, library: &Path, mode: Mode) -> Report {
    let chosen = PROGRAMS.iter().filter(|program| program.modes.contains(&mode));
    stage::parts(name, chosen, |program| counted(program, library, mode))
}

fn counted(program: &Program, library: &Path, mode: Mode) -> (Tally, String) {
    match program.run(library, mode) {
        Ok((tally, ran)) => {
            let seconds = ran.took.as_secs_f32();
            (tally, format!("== {} ({seconds:.1} s)\n{}\n", program.name, ran.output))
        }
        Err(reason) => (Tally::FAIL, format!("== {} FAILED: {reason}\n", program.name)),
    }
}
