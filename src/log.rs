//! A line for whoever runs the program, when `SSPI_LOG` asks for one. Never a secret.
//!
//! Levels: `error`, `warn`, `info`, `debug`, `trace`; off unless set. Lines go to stderr.

#![forbid(unsafe_code)]

use std::fmt::Arguments;
use std::io::Write;

use once_cell::sync::OnceCell;

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error = 1,
    Warn,
    Info,
    Debug,
    Trace,
}

static LEVEL: OnceCell<Option<Level>> = OnceCell::new();

/// Sets the level from the value of `SSPI_LOG`; only the first call counts.
pub fn configure(value: Option<&str>) {
    let _ = LEVEL.set(value.and_then(parse));
}

fn parse(value: &str) -> Option<Level> {
    let levels = [Level::Error, Level::Warn, Level::Info, Level::Debug, Level::Trace];
    levels.into_iter().find(|level| value.eq_ignore_ascii_case(&format!("{level:?}")))
}

/// Whether a line of that level would be written.
pub fn enabled(level: Level) -> bool {
    matches!(LEVEL.get(), Some(Some(max)) if level <= *max)
}

/// Writes one line. A log that cannot be written is no reason to fail.
pub fn write(level: Level, text: Arguments<'_>) {
    if enabled(level) {
        let line = format!("libsspi {level:?}: {text}\n");
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }
}
