//! What the library looks like from outside: symbols, layouts, header, function tables.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use ffi_tests::library::{ffi_tests, lib_path, repository};
use ffi_tests::process::is_installed;
use ffi_tests::scratch::Scratch;

const C: [&str; 5] = ["c89", "c99", "c11", "c17", "c2x"];
const CPP: [&str; 7] = ["c++98", "c++03", "c++11", "c++14", "c++17", "c++20", "c++23"];
const VARIANTS: [&str; 3] = ["", "-DUNICODE", "-DOWN_TYPES"];

/// What a test needs from the machine; a test that lacks it says so and passes.
fn has(program: &str) -> bool {
    let found = is_installed(program);
    if !found {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// Compiles `source` of abi/ with every warning as an error, and runs what comes out.
fn compile_and_run(compiler: &str, arguments: &[&str], source: &str, output: &Path) {
    let mut command = Command::new(compiler);
    command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I"]).arg(repository().join("include"));
    command.args(arguments.iter().filter(|a| !a.is_empty())).arg(ffi_tests().join("abi").join(source));
    let made = command.arg("-o").arg(output).output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{compiler} {arguments:?} {source}:\n{said}");
    assert!(Command::new(output).status().unwrap().success(), "{compiler} {arguments:?} {source}");
}

fn in_every_standard(source: &str) {
    let scratch = Scratch::new("abi").unwrap();
    let output = scratch.path().join("program");
    for variant in VARIANTS {
        for standard in C.into_iter().filter(|_| has("gcc")) {
            compile_and_run("gcc", &[&format!("-std={standard}"), variant], source, &output);
        }
        for standard in CPP.into_iter().filter(|_| has("g++")) {
            compile_and_run("g++", &["-x", "c++", &format!("-std={standard}"), variant], source, &output);
        }
    }
}

#[test]
fn the_header_serves_every_standard_of_c_and_cpp() {
    in_every_standard("header.c");
}

#[test]
fn layouts_are_those_of_64_bit_windows() {
    in_every_standard("layout.c");
}

/// What a program of the tests finds around it: one account and no Kerberos.
fn quiet(program: &Path, accounts: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("NTLM_USER_FILE", accounts).env("KRB5_CONFIG", "/dev/null");
    for variable in ["KRB5CCNAME", "KRB5_KTNAME", "KRB5_CLIENT_KTNAME"] {
        command.env(variable, "FILE:/nowhere/file");
    }
    command
}

/// curl's calls, compiled as they are for Windows and run.
#[test]
fn code_written_for_windows_compiles_and_runs() {
    let scratch = Scratch::new("windows-code").unwrap();
    let (program, accounts) = (scratch.path().join("program"), scratch.path().join("accounts"));
    fs::write(&accounts, "EXAMPLE:user:SecREt01\n").unwrap();
    let folder = lib_path().parent().unwrap();
    for (compiler, language, standards) in [("gcc", "c", C.as_slice()), ("g++", "c++", CPP.as_slice())] {
        for standard in standards.iter().filter(|_| has(compiler)) {
            for characters in ["-UUNICODE", "-DUNICODE"] {
                let mut command = Command::new(compiler);
                command.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", &format!("-std={standard}")]);
                command.args([characters, "-x", language]).arg(ffi_tests().join("abi/windows_code.c"));
                command.arg("-I").arg(repository().join("include")).arg("-o").arg(&program);
                command.arg("-L").arg(folder).arg(format!("-Wl,-rpath,{}", folder.display())).arg("-lsspi");
                let made = command.output().unwrap();
                assert!(made.status.success(), "{standard}: {}", String::from_utf8_lossy(&made.stderr));
                let ran = quiet(&program, &accounts).output().unwrap();
                let said = String::from_utf8_lossy(&ran.stderr);
                assert!(ran.status.success(), "{standard} {characters}: {said}");
            }
        }
    }
}

/// Symbols that the dynamic linker sees.
fn exported(library: &Path) -> BTreeSet<String> {
    let ran = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

/// The names of symbols.txt; lines that begin with `#` are titles.
fn agreed() -> BTreeSet<String> {
    let text = fs::read_to_string(ffi_tests().join("abi/symbols.txt")).unwrap();
    let names = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    names.map(str::to_owned).collect()
}

#[test]
fn exactly_the_agreed_symbols_are_exported() {
    if !has("nm") {
        return;
    }
    let (exported, agreed) = (exported(lib_path()), agreed());
    let missing: Vec<_> = agreed.difference(&exported).collect();
    let unexpected: Vec<_> = exported.difference(&agreed).collect();
    assert!(missing.is_empty() && unexpected.is_empty(), "missing {missing:?}, unexpected {unexpected:?}");
}

#[test]
fn the_header_declares_every_symbol() {
    let header = fs::read_to_string(repository().join("include/sspi.h")).unwrap();
    let undeclared: Vec<_> =
        agreed().into_iter().filter(|name| !header.contains(&format!("SEC_ENTRY {name}("))).collect();
    assert!(undeclared.is_empty(), "not in include/sspi.h: {undeclared:?}");
}

#[test]
fn the_header_is_what_the_source_says() {
    let ran = Command::new(env!("CARGO_BIN_EXE_header")).arg("--check").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[test]
fn the_matrix_is_complete() {
    let ran = Command::new(env!("CARGO_BIN_EXE_matrix")).arg("--check").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stdout));
}

#[test]
fn windows_names_have_no_prefix_and_ours_have_one() {
    let ours: Vec<_> = agreed().into_iter().filter(|name| name.starts_with("libsspi_")).collect();
    assert_eq!(agreed().len() - ours.len(), 72);
}

fn table(library: &Path, other: Option<&str>) -> i32 {
    let scratch = Scratch::new("table").unwrap();
    let program = scratch.path().join("table");
    let mut command = Command::new("gcc");
    command.args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"]).arg(repository().join("include"));
    command.arg(ffi_tests().join("abi/table.c")).arg("-o").arg(&program).arg("-ldl");
    assert!(command.status().unwrap().success(), "table.c does not compile");
    let ran = Command::new(&program).arg(library).args(other).output().unwrap();
    eprint!("{}", String::from_utf8_lossy(&ran.stderr));
    ran.status.code().unwrap()
}

#[test]
fn the_tables_are_full_and_ours() {
    if has("gcc") {
        assert_eq!(table(lib_path(), None), 0);
    }
}

#[test]
fn the_tables_are_ours_beside_a_library_with_the_same_names() {
    if !has("gcc") {
        return;
    }
    match table(lib_path(), Some("libwinpr2.so.2")) {
        77 => eprintln!("skipped: libwinpr2 is not installed"),
        code => assert_eq!(code, 0),
    }
}

#[test]
fn the_library_is_bound_to_itself_and_has_no_soname_of_its_own() {
    if !has("readelf") {
        return;
    }
    let ran = Command::new("readelf").args(["-d", "-W"]).arg(lib_path()).output().unwrap();
    let dynamic = String::from_utf8(ran.stdout).unwrap();
    assert!(dynamic.contains("SYMBOLIC"), "{dynamic}");
    assert!(dynamic.contains("NODELETE"), "{dynamic}");
    let packaged = std::env::var_os("LIBSSPI").is_some();
    assert!(packaged || !dynamic.contains("(SONAME)"), "{dynamic}");
}
