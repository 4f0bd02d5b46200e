//! MATRIX.md: what each function does, which test shows it, and who calls it.
//!
//! Made of abi/symbols.txt and abi/matrix.txt. `--write` writes it; `--check` says whether it is
//! what those files say, whether each symbol has a row, and whether each test exists and names it.

#![forbid(unsafe_code)]

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::{env, fs};

use ffi_tests::library::{ffi_tests, repository};

/// The lines of one `[section]`, each split into its cells.
type Rows = Vec<Vec<String>>;

const HEAD: &str = "\
# What works

Every exported function: what it does today, which test shows it, which programs call it. Made from
[symbols.txt](ffi-tests/abi/symbols.txt) and [matrix.txt](ffi-tests/abi/matrix.txt).

Besides the tests named here, every function is called with every pointer NULL and with every kind of
bad handle ([ffi-tests/attack](ffi-tests/attack)).

*works*: as Microsoft documents it, as far as the packages named go. *refused*: always the named status
code, which Microsoft documents for it.
";

fn main() -> ExitCode {
    let source = read("abi/matrix.txt");
    let symbols: BTreeSet<String> = read("abi/symbols.txt")
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let made = matrix(&source, &symbols);
    let file = repository().join("MATRIX.md");
    let mut faults = faults(&source, &symbols);
    match env::args().nth(1).as_deref() {
        Some("--write") => fs::write(&file, made).expect("MATRIX.md is writable"),
        Some("--check") if fs::read_to_string(&file).unwrap_or_default() != made => faults.push(
            "MATRIX.md is not what ffi-tests/abi/ says: `cargo run -p ffi-tests --bin matrix -- --write`"
                .into(),
        ),
        Some("--check") => {}
        _ => faults.push("matrix --write | --check".into()),
    }
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read(file: &str) -> String {
    fs::read_to_string(ffi_tests().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn rows(source: &str, section: &str) -> Rows {
    let title = format!("[{section}]");
    source
        .lines()
        .skip_while(|line| *line != title)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

/// `FooA/W` is FooA and FooW.
fn names(cell: &str) -> Vec<String> {
    match cell.strip_suffix("A/W") {
        Some(stem) => vec![format!("{stem}A"), format!("{stem}W")],
        None => vec![cell.to_owned()],
    }
}

/// Everything in the table that the sources contradict.
fn faults(source: &str, symbols: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut rest = symbols.clone();
    for row in rows(source, "functions") {
        let [function, _, tests, _] = row.as_slice() else {
            faults.push(format!("four cells: {row:?}"));
            continue;
        };
        for name in names(function).iter().filter(|name| !rest.remove(*name)) {
            faults.push(format!("{name} is not in symbols.txt, or has two rows"));
        }
        faults.extend(untested(tests, function, function.trim_end_matches("A/W")));
    }
    faults.extend(rest.iter().map(|name| format!("{name} has no row")));
    for row in rows(source, "points") {
        let [point, _, _, tests] = row.as_slice() else {
            faults.push(format!("four cells: {row:?}"));
            continue;
        };
        faults.extend(untested(tests, point, ""));
    }
    for row in rows(source, "windows") {
        let [what, _, tests] = row.as_slice() else {
            faults.push(format!("three cells: {row:?}"));
            continue;
        };
        // The first test of a function's row calls it, others prepare for that.
        let first = tests.split(", ").next().unwrap_or_default();
        faults.extend(untested(first, what, if symbols.contains(what) { what } else { "" }));
        faults.extend(untested(tests, what, ""));
    }
    faults
}

/// Tests of `row` that are not there, or never say `name`.
fn untested(tests: &str, row: &str, name: &str) -> Vec<String> {
    let problem = |test: &str| match fs::read_to_string(ffi_tests().join(test)) {
        Err(_) => Some(format!("{row}: there is no test {test}")),
        Ok(text) if !text.contains(name) => Some(format!("{row}: {test} does not name it")),
        Ok(_) => None,
    };
    tests.split(", ").filter_map(problem).collect()
}

fn matrix(source: &str, symbols: &BTreeSet<String>) -> String {
    let ours = symbols.iter().filter(|name| name.starts_with("libsspi_")).count();
    let windows = symbols.len() - ours;
    let mut text = format!("{HEAD}\n## Functions\n\n{windows} of Windows and WinPR, {ours} of our own.\n\n");
    let functions = rows(source, "functions").into_iter().flat_map(|mut row| {
        row[2] = links(&row[2]);
        names(&row[0]).into_iter().map(move |name| {
            let mut row = row.clone();
            row[0] = name;
            row
        })
    });
    table(&mut text, &["Function", "State", "Tests", "Called by"], functions);
    text +=
        "\n## Attributes that a context answers\n\nOnce it is complete, unless the row says otherwise.\n\n";
    table(&mut text, &["SECPKG_ATTR_", "NTLM", "Kerberos"], rows(source, "attributes").into_iter());
    text += "\n## What Microsoft leaves open\n\nDecided once, and tested.\n\n";
    let points = rows(source, "points").into_iter().map(|mut row| {
        row[3] = links(&row[3]);
        row
    });
    table(&mut text, &["", "Point", "Answer here", "Test"], points);
    text += "\n## On Windows\n\nWhat differs in the DLL for Windows; it is tried under Wine.\n\n";
    let windows = rows(source, "windows").into_iter().map(|mut row| {
        row[2] = links(&row[2]);
        row
    });
    table(&mut text, &["What", "There", "Tests"], windows);
    text += "\n## Not seen on Windows\n\nValues that are documented to exist, but not which they are.\n\n";
    table(&mut text, &["Value", "Why"], rows(source, "unverified").into_iter());
    text
}

fn links(tests: &str) -> String {
    let link = |test: &str| format!("[{test}](ffi-tests/{test})");
    tests.split(", ").map(link).collect::<Vec<_>>().join(", ")
}

fn table(text: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    *text += &format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        *text += &format!("| {} |\n", row.join(" | "));
    }
}
