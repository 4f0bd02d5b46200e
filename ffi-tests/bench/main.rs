//! Side by side: any number of SSPI libraries do the same NTLM work, and ours and MIT's GSS-API the same
//! Kerberos work, in turns, in one run. Prints tables of medians and ratios; judges nothing.
//!
//! `cargo bench-sspi -- --help` tells the options.

mod abi;
mod aes_sha1;
mod chart;
mod child;
mod kerberos;
#[cfg(not(test))]
mod kernels;
mod library;
mod measure;
mod mit;
mod openssl;
mod parts;
mod peers;
mod realm;
mod report;
mod session;

// The library exports no kernels: what `kernels` measures is compiled into this program. The tests of
// these files run in the library.
#[cfg(not(test))]
#[allow(dead_code, unused_imports)]
#[path = "../../src/crypto/mod.rs"]
mod crypto;
#[cfg(not(test))]
#[allow(dead_code)]
#[path = "../../src/error.rs"]
mod error;
#[cfg(not(test))]
#[allow(dead_code)]
#[path = "../../src/part.rs"]
mod part;
#[cfg(not(test))]
mod secret;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aes_sha1::AesSha1;
use kerberos::Sides;
use library::Library;
use measure::Budget;
use mit::Mit;
use openssl::OpenSsl;
use parts::Subjects;
use peers::Candidate;
use report::{Report, Row, Table};

const USAGE: &str = "\
cargo bench-sspi [--] [OPTIONS]
  --lib NAME=PATH   a library to measure; may be repeated, ratios are those of
                    the first (default: this build, sspi-rs, WinPR)
  --only PARTS      some of handshakes,negotiation,messages,kernels,
                    handles,memory,lookups,
                    krb-handshakes,krb-messages,krb-memory
  --quick           about a sixth of the time, wider margins
  --svg FILE        draw a chart
  --markdown FILE   write the table as Markdown";

type Part = fn(&Subjects, Budget) -> Vec<Row>;
const PARTS: [(&str, Part); 7] = [
    ("handshakes", parts::handshakes),
    ("negotiation", parts::negotiation),
    ("messages", parts::messages),
    #[cfg(not(test))]
    ("kernels", kernels::kernels),
    #[cfg(test)]
    ("kernels", |_, _| Vec::new()),
    ("memory", child::memory),
    ("handles", parts::handles),
    ("lookups", child::lookups),
];

type KerberosPart = fn(&Sides<'_>, Budget) -> Vec<Row>;
const KERBEROS_PARTS: [(&str, KerberosPart); 3] = [
    ("krb-handshakes", kerberos::handshakes),
    ("krb-messages", kerberos::messages),
    ("krb-memory", kerberos::memory),
];

struct Options {
    libraries: Vec<Candidate>,
    only: Option<Vec<String>>,
    budget: Budget,
    svg: Option<PathBuf>,
    markdown: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    prepare_environment();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == child::FLAG => child::main(rest),
        _ => options(&arguments).and_then(run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Accounts for the acceptors that read them from a file; the realm's files; SPNEGO from the first token;
/// WinPR kept silent.
fn prepare_environment() {
    let accounts = peers::target().join("bench-accounts");
    let unchanged = |text: String| text == session::ACCOUNT_LINE;
    if !std::fs::read_to_string(&accounts).is_ok_and(unchanged) {
        if std::fs::write(&accounts, session::ACCOUNT_LINE).is_err() {
            eprintln!("{}: cannot be written", accounts.display());
        }
        // A file that has just changed is read again with each logon (`src/store/file.rs`).
        std::thread::sleep(std::time::Duration::from_secs(4));
    }
    // SAFETY: no other thread runs yet.
    unsafe {
        std::env::set_var("NTLM_USER_FILE", &accounts);
        std::env::set_var("SSPI_NEGOTIATE_NTLM", "spnego");
        std::env::set_var("WLOG_LEVEL", "OFF");
        for (name, value) in realm::variables() {
            std::env::set_var(name, value);
        }
    }
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options =
        Options { libraries: Vec::new(), only: None, budget: Budget::FULL, svg: None, markdown: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value\n{USAGE}"));
        match argument.as_str() {
            "--" => {}
            "--quick" => options.budget = Budget::QUICK,
            "--svg" => options.svg = Some(value()?.into()),
            "--markdown" => options.markdown = Some(value()?.into()),
            "--only" => options.only = Some(chosen(value()?)?),
            "--lib" => {
                let (name, path) = value()?.split_once('=').ok_or(USAGE)?;
                let (name, path) = (name.to_owned(), PathBuf::from(path));
                options.libraries.push(Candidate { name, version: String::new(), path });
            }
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}

fn chosen(list: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = list.split(',').map(str::to_owned).collect();
    let known = || PARTS.iter().map(|(part, _)| part).chain(KERBEROS_PARTS.iter().map(|(part, _)| part));
    match names.iter().find(|name| !known().any(|part| part == name)) {
        Some(unknown) => Err(format!("no part is called {unknown}\n{USAGE}")),
        None => Ok(names),
    }
}

fn run(options: Options) -> Result<(), String> {
    let mut skipped = Vec::new();
    let subjects = open(options.libraries, &mut skipped);
    let wanted =
        |name: &str| options.only.as_ref().is_none_or(|only| only.iter().any(|chosen| chosen == name));
    let mut names = versions(&subjects);
    let mut rows = Vec::new();
    for (name, part) in PARTS.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("{name} ...");
        rows.extend(part(&subjects, options.budget));
    }
    let mut tables = vec![Table { columns: columns(&subjects), rows }];
    if KERBEROS_PARTS.iter().any(|(name, _)| wanted(name)) {
        match kerberos_table(&subjects, &mut names, &wanted, options.budget) {
            Ok(table) => tables.push(table),
            Err(why) => skipped.push(format!("skipped: Kerberos: {why}")),
        }
    }
    tables.retain(|table| !table.rows.is_empty());
    let report = Report { subjects: names, machine: machine(), date: today(), tables, skipped };
    print!("{}", report.text());
    if let Some(table) = report.tables.first() {
        write(options.svg.as_deref(), || chart::svg(&report, table))?;
    }
    write(options.markdown.as_deref(), || report.markdown())
}

/// The first library beside MIT's GSS-API.
fn kerberos_table(
    subjects: &Subjects,
    names: &mut Vec<String>,
    wanted: &dyn Fn(&str) -> bool,
    budget: Budget,
) -> Result<Table, String> {
    let ours = subjects.libraries.first().ok_or("no library to measure")?;
    realm::make()?;
    let openssl = AesSha1::open().map_err(|why| eprintln!("OpenSSL: {why}")).ok();
    let sides = Sides { ours, mit: Mit::open()?, openssl };
    names.extend(sides.subjects());
    let mut rows = Vec::new();
    for (name, part) in KERBEROS_PARTS.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("{name} ...");
        rows.extend(part(&sides, budget));
    }
    Ok(Table { columns: sides.columns(), rows })
}

fn open(given: Vec<Candidate>, skipped: &mut Vec<String>) -> Subjects {
    let candidates = if given.is_empty() {
        vec![peers::ours(), peers::sspi_rs(), peers::winpr()]
    } else {
        given.into_iter().map(Ok).collect()
    };
    let mut libraries = Vec::new();
    for candidate in candidates {
        let opened = candidate.and_then(|Candidate { name, version, path }| {
            Library::open(&name, &version, &path).map_err(|why| format!("skipped: {name}: {why}"))
        });
        match opened {
            Ok(library) => libraries.push(library),
            Err(why) => skipped.push(why),
        }
    }
    let openssl = OpenSsl::open().map_err(|why| skipped.push(format!("skipped: OpenSSL: {why}")));
    Subjects { libraries, openssl: openssl.ok() }
}

fn columns(subjects: &Subjects) -> Vec<String> {
    let names = subjects.libraries.iter().map(|library| library.name.clone());
    names.chain(["OpenSSL".to_owned()]).collect()
}

fn versions(subjects: &Subjects) -> Vec<String> {
    let named = |name: &str, version: &str| format!("{name} {version}").trim_end().to_owned();
    let libraries = subjects.libraries.iter().map(|library| named(&library.name, &library.version));
    let openssl = subjects
        .openssl
        .iter()
        .map(|openssl| format!("OpenSSL {} (RC4 and HMAC-MD5 in sequence)", openssl.version));
    libraries.chain(openssl).collect()
}

fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, text()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Model and number of processors, as the kernel tells them.
fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {processors} processors")
}

/// The date in UTC.
fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    civil_date(now.map_or(0, |since| since.as_secs() / 86_400) as i64)
}

/// The date that lies `days` after 1970-01-01.
fn civil_date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // The year of this calendar begins in March.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{}-{month:02}-{day:02}", year_of_era + era * 400 + next_year)
}

#[cfg(test)]
mod tests {
    use super::civil_date;

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(civil_date(0), "1970-01-01");
        assert_eq!(civil_date(19_782), "2024-02-29");
        assert_eq!(civil_date(19_783), "2024-03-01");
        assert_eq!(civil_date(20_453), "2025-12-31");
    }
}
