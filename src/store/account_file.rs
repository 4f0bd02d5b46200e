//! The grammar of the account file.
//!
//! `#` comments and blank lines are skipped. A line of at least four fields whose third is 32 hex
//! digits, 32 `X` or empty and whose fourth is 32 hex digits is a hash line, `user:domain:LM:NT:...`
//! (a second field of digits only is a uid, not a domain). Its account may not log on when the fourth
//! field says that there is no hash (empty, 32 `X`, `NO PASSWORDXX...`) or the fifth, smbpasswd's
//! `[flags]`, has a `D`: read as a password line it would have a password that anybody can guess.
//! Any other line is `DOMAIN:user:password`, split at the first two colons; the rest is the password.
//! A line that is neither makes the whole file unusable, and so does a file without any account.
//! A byte order mark in front is skipped.

#![forbid(unsafe_code)]

use widestring::U16String;

use crate::secret::Secret;
use crate::store::accounts::nt_hash;

/// One account of a file.
pub struct Entry {
    pub user: U16String,
    /// Empty: any domain.
    pub domain: U16String,
    pub password: Option<Secret<Vec<u16>>>,
    /// `None`: the account may not log on.
    pub nt_hash: Option<Secret<[u8; 16]>>,
}

/// Every account of the file, or why it cannot be used.
pub fn parse(text: &[u8]) -> Result<Vec<Entry>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_string())?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        entries.push(entry(line).ok_or_else(|| format!("line {} is no account", index + 1))?);
    }
    if entries.is_empty() { Err("it has no account".to_string()) } else { Ok(entries) }
}

fn entry(line: &str) -> Option<Entry> {
    hash_entry(line).or_else(|| password_entry(line))
}

fn hash_entry(line: &str) -> Option<Entry> {
    let mut fields = line.trim_end().split(':');
    let (user, domain, lm, nt) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let lm_field = lm.is_empty() || is_hex_32(lm) || is_crossed_out(lm);
    let no_hash = nt.is_empty() || is_crossed_out(nt) || nt.starts_with("NO PASSWORDXX");
    if user.is_empty() || !lm_field || !(is_hex_32(nt) || no_hash) {
        return None;
    }
    let disabled = fields.next().is_some_and(|flags| flags.starts_with('[') && flags.contains('D'));
    let is_uid = domain.bytes().all(|byte| byte.is_ascii_digit());
    Some(Entry {
        user: U16String::from_str(user),
        domain: U16String::from_str(if is_uid { "" } else { domain }),
        password: None,
        nt_hash: hex_32(nt).filter(|_| !disabled).map(Secret::new),
    })
}

fn password_entry(line: &str) -> Option<Entry> {
    let mut fields = line.splitn(3, ':');
    let (domain, user, password) = (fields.next()?, fields.next()?, fields.next()?);
    if user.is_empty() {
        return None;
    }
    // Room at once: a vector that grows leaves what it held behind.
    let mut units = Secret::new(Vec::with_capacity(password.len()));
    units.as_mut().extend(password.encode_utf16());
    Some(Entry {
        user: U16String::from_str(user),
        domain: U16String::from_str(domain),
        nt_hash: Some(nt_hash(units.as_ref())),
        password: Some(units),
    })
}

fn is_crossed_out(field: &str) -> bool {
    field.len() == 32 && field.bytes().all(|byte| byte.eq_ignore_ascii_case(&b'X'))
}

fn is_hex_32(field: &str) -> bool {
    field.len() == 32 && field.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Sixteen bytes from 32 hex digits.
pub fn hex_32(field: &str) -> Option<[u8; 16]> {
    let digits = Some(field).filter(|field| is_hex_32(field))?;
    Some(u128::from_str_radix(digits, 16).ok()?.to_be_bytes())
}
