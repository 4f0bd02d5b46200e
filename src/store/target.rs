//! Target names: `class/host[:port][/name][@REALM]`, or a host alone.

#![forbid(unsafe_code)]

use widestring::U16Str;

/// The host that a target name names; `None` if it names none.
///
/// An IPv6 address keeps its brackets, without which it could not be told from a port.
pub fn host(target: &U16Str) -> Option<&U16Str> {
    let mut parts = target.as_slice().split(|unit| *unit == u16::from(b'/'));
    let first = parts.next()?;
    let host = parts.next().unwrap_or(first);
    let host = before(host, b'@');
    let host = match host.iter().position(|unit| *unit == u16::from(b']')) {
        Some(bracket) if host.first() == Some(&u16::from(b'[')) => host.get(..=bracket)?,
        _ => before(host, b':'),
    };
    (!host.is_empty()).then(|| U16Str::from_slice(host))
}

fn before(units: &[u16], end: u8) -> &[u16] {
    units.split(|unit| *unit == u16::from(end)).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use widestring::U16String;

    use super::*;

    fn host_of(target: &str) -> Option<String> {
        host(&U16String::from_str(target)).map(U16Str::to_string_lossy)
    }

    #[test]
    fn the_host_is_found_in_every_form_of_target() {
        for target in [
            "server.example.test",
            "HTTP/server.example.test",
            "HTTP/server.example.test:8080",
            "ldap/server.example.test/example.test",
            "host/server.example.test@EXAMPLE.TEST",
        ] {
            assert_eq!(host_of(target).as_deref(), Some("server.example.test"), "{target}");
        }
        assert_eq!(host_of("HTTP/[fe80::1]:80").as_deref(), Some("[fe80::1]"));
        for nothing in ["", "HTTP/", "HTTP/:80", "/", ":80"] {
            assert_eq!(host_of(nothing), None, "{nothing}");
        }
    }
}
