//! The README's tables of programs that run on the library, made from what the tests print.
//!
//! A test that has run a program prints a line: `@program`, its name, version, what it was and how the
//! library got in, the package, and `ok`, with tabs between them.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::library::repository;
use crate::stage::verify_dir;

/// A table, by what stands in its marks in the README.
#[derive(Clone, Copy)]
pub enum Table {
    /// Of `cargo verify`.
    Here,
    /// Of `cargo verify-windows`.
    Windows,
}

impl Table {
    pub const ALL: [Table; 2] = [Table::Here, Table::Windows];

    /// Where the logs lie whose lines make the table. Each command has its own, and forgets no other's.
    pub fn logs(self) -> PathBuf {
        match self {
            Table::Here => verify_dir(),
            Table::Windows => verify_dir().join("windows"),
        }
    }

    fn marks(self) -> (String, String) {
        let name = match self {
            Table::Here => "programs",
            Table::Windows => "programs for Windows",
        };
        let begin =
            format!("<!-- {name}: written by `cargo run -p ffi-tests --bin programs -- --write` -->\n");
        (begin, format!("<!-- end of {name} -->"))
    }

    /// Writes the table anew from its logs; where nothing was run it stays.
    pub fn write(self) -> Result<(), String> {
        let rows = rows(&self.logs())?;
        if rows.is_empty() {
            return Ok(());
        }
        let path = repository().join("README.md");
        let readme = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let (before, _, after) = self.parts(&readme)?;
        let text = format!("{before}{}{after}", table(&rows));
        fs::write(&path, text).map_err(|error| error.to_string())
    }

    /// Whether the table says what its logs say, but for versions; the error names the rows that differ.
    pub fn check(self) -> Result<usize, String> {
        let readme = fs::read_to_string(repository().join("README.md")).map_err(|error| error.to_string())?;
        let (_, table, _) = self.parts(&readme)?;
        let written: Vec<Row> = table.lines().skip(2).flat_map(of_table).collect();
        let ran = rows(&self.logs())?;
        let missing = |one: &[Row], other: &[Row], what: &str| -> Vec<String> {
            let there = |row: &&Row| other.iter().any(|other| other.lasting() == row.lasting());
            one.iter().filter(|row| !there(row)).map(|row| format!("{what}: {:?}", row.lasting())).collect()
        };
        let mut differences = missing(&ran, &written, "ran, but is not in README.md");
        differences.extend(missing(&written, &ran, "is in README.md, but did not run"));
        differences.extend(ran.iter().filter(|row| row.result != "ok").map(|row| format!("failed: {row:?}")));
        if differences.is_empty() { Ok(ran.len()) } else { Err(differences.join("\n")) }
    }

    /// The README before the table's rows, these, and the README behind them.
    fn parts(self, readme: &str) -> Result<(&str, &str, &str), String> {
        let (begin, end) = self.marks();
        let from = readme.find(&begin).ok_or("README.md has no place for the programs")? + begin.len();
        let (before, rest) = readme.split_at_checked(from).ok_or("README.md is cut")?;
        let to = rest.find(&end).ok_or("the programs in README.md have no end")?;
        let (table, after) = rest.split_at_checked(to).ok_or("README.md is cut")?;
        Ok((before, table, after))
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    program: String,
    role: String,
    package: String,
    result: String,
    version: String,
}

impl Row {
    fn parse(line: &str) -> Option<Row> {
        let mut fields = line.split('\t').map(|field| field.trim().to_owned());
        let row = Row {
            program: fields.next().filter(|mark| mark == "@program").and_then(|_| fields.next())?,
            version: fields.next()?,
            role: fields.next()?,
            package: fields.next()?,
            result: fields.next()?,
        };
        fields.next().is_none().then_some(row)
    }

    /// What does not change with a distribution's updates.
    fn lasting(&self) -> [&str; 4] {
        [&self.program, &self.role, &self.package, &self.result]
    }
}

/// What the logs of a folder say was run.
fn rows(logs: &Path) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    if !logs.is_dir() {
        return Ok(rows);
    }
    for entry in fs::read_dir(logs).map_err(|error| format!("{}: {error}", logs.display()))? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "log") {
            let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            rows.extend(String::from_utf8_lossy(&text).lines().filter_map(Row::parse));
        }
    }
    rows.sort();
    rows.dedup();
    Ok(rows)
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from("| program | version | role | packages | result |\n|---|---|---|---|---|\n");
    let same = |one: &Row, other: &Row| {
        Row { package: String::new(), ..one.clone() } == Row { package: String::new(), ..other.clone() }
    };
    for rows in rows.chunk_by(same) {
        let Some(Row { program, role, result, version, .. }) = rows.first() else { continue };
        let package = rows.iter().map(|row| row.package.as_str()).collect::<Vec<_>>().join(", ");
        text.push_str(&format!("| {program} | {version} | {role} | {package} | {result} |\n"));
    }
    text
}

/// The rows that a line of the table stands for: one for each package.
fn of_table(line: &str) -> Vec<Row> {
    let line = line.trim_start_matches("| ").trim_end_matches(" |");
    let fields: Vec<String> = line.split(" | ").map(str::to_owned).collect();
    let [program, version, role, packages, result] = fields.as_slice() else { return Vec::new() };
    let row = |package: &str| Row {
        program: program.clone(),
        role: role.clone(),
        package: package.to_owned(),
        result: result.clone(),
        version: version.clone(),
    };
    packages.split(", ").map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_a_row_and_a_row_a_line() {
        let row = Row::parse("@program\tcurl\t7.88\tclient\tNTLM\tok").unwrap();
        assert_eq!(row.lasting(), ["curl", "client", "NTLM", "ok"]);
        let rows = [row.clone(), Row { package: "Kerberos".to_owned(), ..row }];
        let text = table(&rows);
        assert_eq!(text.lines().count(), 3);
        assert_eq!(of_table(text.lines().nth(2).unwrap()), rows);
        assert_eq!(Row::parse("program\tcurl\t7.88\tclient\tNTLM\tok"), None);
        assert_eq!(Row::parse("@program\tcurl\tclient\tNTLM\tok"), None);
    }

    #[test]
    fn each_table_has_a_place_of_its_own() {
        let readme = fs::read_to_string(repository().join("README.md")).unwrap();
        for table in Table::ALL {
            let (before, rows, after) = table.parts(&readme).unwrap();
            assert!(rows.lines().skip(2).all(|line| !of_table(line).is_empty()), "{rows}");
            assert!(before.ends_with("-->\n") && after.starts_with("<!-- end"));
        }
    }
}
