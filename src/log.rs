//! A line for whoever runs the program, when `SSPI_LOG` asks for one. Never a secret.
//!
//! | level | what is told |
//! |---|---|
//! | `error` | a configuration or account file that cannot be used |
//! | `warn` | each logon that is refused, and why |
//! | `info` | each logon that succeeds; what was tried and left |
//! | `debug` | each call that fails; what KDCs and name servers answer |
//! | `trace` | each call, with its arguments |
//!
//! Off unless set. Lines go to stderr, or are appended to the file that `SSPI_LOG_FILE` names.

#![forbid(unsafe_code)]

use std::fmt::{self, Arguments, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use once_cell::sync::OnceCell;

use crate::date;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error = 1,
    Warn,
    Info,
    Debug,
    Trace,
}

const LEVELS: [(Level, &str); 5] = [
    (Level::Error, "error"),
    (Level::Warn, "warn"),
    (Level::Info, "info"),
    (Level::Debug, "debug"),
    (Level::Trace, "trace"),
];

struct Log {
    level: Level,
    /// `None`: stderr.
    file: Option<File>,
}

static LOG: OnceCell<Option<Log>> = OnceCell::new();

/// Sets level and place from the values of `SSPI_LOG` and `SSPI_LOG_FILE`; only the first call counts.
pub fn configure(level: Option<&str>, file: Option<&Path>) {
    let Some(level) = level.and_then(parse) else {
        let _ = LOG.set(None);
        return;
    };
    let opened = file.map(open).transpose();
    let failed = opened.as_ref().err().map(ToString::to_string);
    let _ = LOG.set(Some(Log { level, file: opened.unwrap_or_default() }));
    if let (Some(error), Some(path)) = (failed, file) {
        write(Level::Error, format_args!("SSPI_LOG_FILE {}: {error}", path.display()));
    }
}

fn parse(value: &str) -> Option<Level> {
    let named = LEVELS.iter().find(|(_, name)| value.eq_ignore_ascii_case(name));
    named.map(|(level, _)| *level)
}

/// Appends, so that several processes may share it; nobody else reads it.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether a line of that level would be written.
pub fn enabled(level: Level) -> bool {
    matches!(LOG.get(), Some(Some(log)) if level <= log.level)
}

/// Writes one line. A log that cannot be written is no reason to fail.
pub fn write(level: Level, text: Arguments<'_>) {
    let Some(Some(log)) = LOG.get().filter(|_| enabled(level)) else { return };
    let line = line(level, SystemTime::now(), text);
    let _ = match log.file.as_ref() {
        Some(mut file) => file.write_all(line.as_bytes()),
        None => std::io::stderr().lock().write_all(line.as_bytes()),
    };
}

fn line(level: Level, now: SystemTime, text: Arguments<'_>) -> String {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date::of_day(days.cast_signed());
    let name = LEVELS.iter().find(|(one, _)| *one == level).map_or("", |(_, name)| name);
    let mut line = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        line,
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z libsspi[{}] {name}: ",
        second / 3600,
        second / 60 % 60,
        second % 60,
        since.subsec_micros(),
        std::process::id(),
    );
    let _ = OneLine(&mut line).write_fmt(text);
    line.push('\n');
    line
}

/// What peers send may stand in a line and must not look like another.
struct OneLine<'a>(&'a mut String);

impl fmt::Write for OneLine<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
                true => self.0.extend(character.escape_unicode()),
                false => self.0.push(character),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64, text: Arguments<'_>) -> String {
        let line = line(Level::Warn, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), text);
        line.replace(&format!("[{}]", std::process::id()), "[1]")
    }

    #[test]
    fn lines_have_their_time() {
        assert_eq!(at(0, format_args!("a")), "1970-01-01T00:00:00.000000Z libsspi[1] warn: a\n");
        assert_eq!(at(951_868_799, format_args!("a")), "2000-02-29T23:59:59.000000Z libsspi[1] warn: a\n");
        assert_eq!(at(1_795_803_300, format_args!("a")), "2026-11-27T18:15:00.000000Z libsspi[1] warn: a\n");
        assert_eq!(at(4_107_542_400, format_args!("a")), "2100-03-01T00:00:00.000000Z libsspi[1] warn: a\n");
    }

    #[test]
    fn a_name_of_several_lines_stays_on_one() {
        let line = at(0, format_args!("user {}", "a\nlibsspi[1] info: b\u{1b}[2J\u{2028}ü"));
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.contains("\\u{a}libsspi") && line.contains("\\u{1b}[2J\\u{2028}ü"), "{line}");
    }

    #[test]
    fn levels_have_names_in_any_case() {
        assert_eq!(parse("WARN"), Some(Level::Warn));
        assert_eq!(parse("trace"), Some(Level::Trace));
        assert_eq!(parse("2"), None);
    }

    #[test]
    fn a_log_file_is_its_owners_and_grows() {
        let path = std::env::temp_dir().join(format!("libsspi-log-{}", std::process::id()));
        for text in ["one\n", "two\n"] {
            open(&path).unwrap().write_all(text.as_bytes()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::remove_file(&path).unwrap();
    }
}
