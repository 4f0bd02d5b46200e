//! The values of krb5.conf: booleans, durations, lists of enctypes, names with `%{tokens}`.

#![forbid(unsafe_code)]

use crate::store::os::Os;

/// The enctypes that this library has, in MIT 1.20's order of preference; RC4 only when asked for.
pub const DEFAULT_ENCTYPES: [i32; 4] = [18, 17, 20, 19];

/// MIT's booleans; `None` for anything else.
pub fn boolean(text: &str) -> Option<bool> {
    const YES: [&str; 6] = ["y", "yes", "true", "t", "1", "on"];
    const NO: [&str; 7] = ["n", "no", "false", "f", "nil", "0", "off"];
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    match (is(&YES), is(&NO)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Seconds of `10h`, `1d2h30m`, `3d 2:00`, `h:m[:s]`, or a plain number of seconds.
pub fn duration(text: &str) -> Option<u32> {
    let text = text.trim();
    if text.contains(':') {
        return clock(text);
    }
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let mut total: u32 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(end)?;
        let unit = after.chars().next()?;
        let scale = match unit {
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<u32>().ok()?.checked_mul(scale)?)?;
        rest = after.strip_prefix(unit)?.trim_start();
    }
    (!text.is_empty()).then_some(total)
}

/// `h:m`, `h:m:s`, either after a number of days `3d`.
fn clock(text: &str) -> Option<u32> {
    let (days, text) = match text.split_once('d') {
        Some((days, rest)) => (days.trim().parse::<u32>().ok()?, rest.trim_start_matches([' ', '-'])),
        None => (0, text),
    };
    let mut parts = text.split(':').map(|part| part.trim().parse::<u32>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)
}

/// A list of enctypes by name: separated by blanks or commas, families, `DEFAULT`, `-name` takes away,
/// `+name` adds. Names that this library has no enctype for count for nothing.
pub fn enctypes(text: &str, default: &[i32]) -> Vec<i32> {
    let mut list: Vec<i32> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
        let (takes, name) = match word.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, word.strip_prefix('+').unwrap_or(word)),
        };
        let named = named_enctypes(name, default);
        if takes {
            list.retain(|enctype| !named.contains(enctype));
            continue;
        }
        for enctype in named {
            if !list.contains(enctype) {
                list.push(*enctype);
            }
        }
    }
    list
}

fn named_enctypes<'a>(name: &str, default: &'a [i32]) -> &'a [i32] {
    match name.to_ascii_lowercase().as_str() {
        "default" => default,
        "aes" => &[18, 17, 20, 19],
        "aes-sha1" => &[18, 17],
        "aes-sha2" => &[20, 19],
        "aes256-cts-hmac-sha1-96" | "aes256-cts" | "aes256-sha1" => &[18],
        "aes128-cts-hmac-sha1-96" | "aes128-cts" | "aes128-sha1" => &[17],
        "aes256-cts-hmac-sha384-192" | "aes256-sha2" => &[20],
        "aes128-cts-hmac-sha256-128" | "aes128-sha2" => &[19],
        "rc4" | "rc4-hmac" | "arcfour-hmac" | "arcfour-hmac-md5" => &[23],
        _ => &[],
    }
}

/// Puts in what MIT's `%{tokens}` stand for. The library serves the effective user, so `%{uid}` is the
/// effective uid too.
///
/// `Err`: an unknown token, or one without an end.
pub fn expand(text: &str, os: &dyn Os) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("%{") {
        let (token, after) = after.split_once('}').ok_or("a %{ without its }")?;
        out.push_str(before);
        out.push_str(&token_value(token, os)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn token_value(token: &str, os: &dyn Os) -> Result<String, String> {
    match token {
        "uid" | "euid" | "USERID" => Ok(os.effective_uid().to_string()),
        "username" => match os.user_name().and_then(|name| name.to_string().ok()) {
            Some(name) => Ok(name),
            None => Err("%{username} without a name of the user".to_string()),
        },
        "null" => Ok(String::new()),
        other => folder(other, os).ok_or_else(|| format!("%{{{other}}} is not known")),
    }
}

#[cfg(unix)]
fn folder(token: &str, os: &dyn Os) -> Option<String> {
    let temporary = || os.variable("TMPDIR").and_then(|path| path.into_string().ok());
    (token == "TEMP").then(|| temporary().unwrap_or_else(|| "/tmp".to_string()))
}

#[cfg(windows)]
fn folder(token: &str, os: &dyn Os) -> Option<String> {
    let variable = match token {
        "TEMP" => "TEMP",
        "WINDOWS" => "SystemRoot",
        "COMMON_APPDATA" => "ProgramData",
        "LOCAL_APPDATA" => "LOCALAPPDATA",
        "APPDATA" => "APPDATA",
        _ => return None,
    };
    os.variable(variable).and_then(|path| path.into_string().ok())
}
