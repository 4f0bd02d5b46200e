//! The configuration in force, in words: for `libsspi_describe_configuration`.

#![forbid(unsafe_code)]

use std::fmt::Write;

use crate::package::{Line, PACKAGES};
use crate::store::os::Os;

/// A line for each fact, under a heading for each package. No secret is in it.
///
/// `callback`: the application finds the accounts itself.
pub fn describe(os: &dyn Os, callback: bool) -> String {
    let mut text = String::new();
    let own = [
        Line::new("version", env!("CARGO_PKG_VERSION")),
        Line::new("host", os.host_name().to_string_lossy()),
        Line::new("user", os.user_name().map_or_else(|| "none".to_owned(), |name| name.to_string_lossy())),
        Line::new("accounts of the application", if callback { "asked first" } else { "none" }),
        Line::new("SSPI_IMPERSONATION", set(os, "SSPI_IMPERSONATION", "auto")),
        Line::new("SSPI_LOCAL_DOMAINS", set(os, "SSPI_LOCAL_DOMAINS", "none")),
        Line::new(
            "SSPI_EXPORT_KEY",
            if os.variable("SSPI_EXPORT_KEY").is_some() { "set" } else { "not set" },
        ),
        Line::new("SSPI_LOG", set(os, "SSPI_LOG", "off")),
        Line::new("SSPI_LOG_FILE", set(os, "SSPI_LOG_FILE", "stderr")),
    ];
    section(&mut text, "libsspi", &own);
    for package in PACKAGES {
        section(&mut text, package.info().name, &package.describe(os));
    }
    text
}

fn set(os: &dyn Os, name: &str, unset: &str) -> String {
    let value = os.variable(name).filter(|value| !value.is_empty());
    value.map_or_else(|| unset.to_owned(), |value| value.to_string_lossy().into_owned())
}

fn section(text: &mut String, heading: &str, lines: &[Line]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{heading}");
    for Line { name, value } in lines {
        let _ = writeln!(text, "  {name}: {value}");
    }
}
