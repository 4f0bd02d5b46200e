//! Principal names (RFC 4120 section 6.2), in MIT's text form and as SPNs (MS-KILE).

#![forbid(unsafe_code)]

use std::fmt::{self, Display, Write};
use std::hash::{Hash, Hasher};

use crate::error::{Code, Error, Result};

/// Name types of RFC 4120 section 6.2, RFC 6111 and RFC 6806.
pub const NT_PRINCIPAL: i32 = 1;
pub const NT_SRV_INST: i32 = 2;
pub const NT_ENTERPRISE: i32 = 10;
pub const NT_WELLKNOWN: i32 = 11;

/// More components are in no name that a KDC has.
const MOST_COMPONENTS: usize = 32;

/// A user or service and its realm, spelled as it came.
#[derive(Clone, Debug)]
pub struct Principal {
    /// name-type: a hint, which no comparison looks at.
    pub name_type: i32,
    pub components: Vec<String>,
    /// Empty: not known.
    pub realm: String,
}

impl Principal {
    pub fn new(name_type: i32, components: &[&str], realm: &str) -> Principal {
        let components = components.iter().map(|component| component.to_string()).collect();
        Principal { name_type, components, realm: realm.to_string() }
    }

    /// `alice/admin@REALM`, where a backslash takes its meaning from what follows it (`\n`, `\t`, `\b`,
    /// `\0`, else that character itself); of `realm` when the text names none.
    ///
    /// `Err`: no name, a second `@`, or a backslash at the end.
    pub fn parse(text: &str, realm: &str) -> Result<Principal> {
        let (components, named) = split(text, false)?;
        let name_type = match components.first().map(String::as_str) {
            Some("krbtgt") if components.len() == 2 => NT_SRV_INST,
            Some("WELLKNOWN") if components.len() >= 2 => NT_WELLKNOWN,
            _ => NT_PRINCIPAL,
        };
        Ok(Principal { name_type, components, realm: named.unwrap_or_else(|| realm.to_string()) })
    }

    /// An enterprise name (RFC 6806 section 5): `alice@corp.test` is one component, which a second `@`
    /// would end; of `realm` when the text names none.
    pub fn enterprise(text: &str, realm: &str) -> Result<Principal> {
        let (components, named) = split(text, true)?;
        let realm = named.unwrap_or_else(|| realm.to_string());
        Ok(Principal { name_type: NT_ENTERPRISE, components, realm })
    }

    /// krbtgt/`of`@`at`: the service that gives tickets of the realm `of`, as the realm `at` knows it.
    pub fn krbtgt(of: &str, at: &str) -> Principal {
        Principal::new(NT_SRV_INST, &["krbtgt", of], at)
    }

    /// An SPN, `class/host[:port][/name][@REALM]`, or an account's name, `name[@REALM]`.
    ///
    /// Nothing has a meaning but `/` and the last `@`. The port stays where it is: it is part of the name
    /// that the service is registered under. A dot at the end of the host is no part of it.
    /// The realm is empty where the text names none.
    pub fn service(spn: &str) -> Result<Principal> {
        let (name, realm) = spn.rsplit_once('@').unwrap_or((spn, ""));
        let mut components: Vec<String> = name.split('/').map(str::to_string).collect();
        let invalid = components.iter().any(String::is_empty) || components.len() > MOST_COMPONENTS;
        if invalid || spn.contains('\0') || spn.ends_with('@') {
            return Err(Error::new(Code::TargetUnknown, "the target is no service principal name"));
        }
        if let Some(host) = components.get_mut(1) {
            *host = without_root_dot(host);
        }
        let name_type = if components.len() > 1 { NT_SRV_INST } else { NT_PRINCIPAL };
        Ok(Principal { name_type, components, realm: realm.to_string() })
    }

    /// The host of an SPN, without its port; an IPv6 address keeps its brackets.
    pub fn host(&self) -> Option<&str> {
        let (host, _) = split_port(self.components.get(1)?);
        Some(host).filter(|host| !host.is_empty())
    }

    /// The name without its realm, in MIT's text form.
    pub fn name(&self) -> String {
        let mut text = String::new();
        for (index, component) in self.components.iter().enumerate() {
            if index > 0 {
                text.push('/');
            }
            // Writing to a string cannot fail.
            let _ = quote(&mut text, component);
        }
        text
    }
}

impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.components == other.components && self.realm == other.realm
    }
}

impl Eq for Principal {}

impl Hash for Principal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.components, &self.realm).hash(state);
    }
}

/// `name@REALM`, with whatever `parse` would take otherwise behind a backslash.
impl Display for Principal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@", self.name())?;
        quote(out, &self.realm)
    }
}

fn quote(out: &mut impl Write, text: &str) -> fmt::Result {
    for character in text.chars() {
        match character {
            '/' | '@' | '\\' => write!(out, "\\{character}"),
            '\n' => out.write_str("\\n"),
            '\t' => out.write_str("\\t"),
            '\u{8}' => out.write_str("\\b"),
            '\0' => out.write_str("\\0"),
            _ => out.write_char(character),
        }?;
    }
    Ok(())
}

/// The components, and the realm if there is one. An enterprise name is one component with one `@`.
fn split(text: &str, enterprise: bool) -> Result<(Vec<String>, Option<String>)> {
    let malformed = |reason: &'static str| Error::new(Code::InvalidParameter, reason);
    let mut components = Vec::new();
    let mut current = String::new();
    let mut in_realm = false;
    let mut own_at = enterprise;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                let next = characters.next().ok_or_else(|| malformed("a principal ends in a backslash"))?;
                current.push(unescaped(next));
            }
            '@' if own_at => {
                own_at = false;
                current.push('@');
            }
            '@' if in_realm => return Err(malformed("a principal has two realms")),
            '@' => {
                in_realm = true;
                components.push(std::mem::take(&mut current));
            }
            '/' if !in_realm && !enterprise => components.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    let realm = match in_realm {
        true => Some(current),
        false => {
            components.push(current);
            None
        }
    };
    if components.iter().all(String::is_empty) || components.len() > MOST_COMPONENTS {
        return Err(malformed("a principal without a name"));
    }
    Ok((components, realm))
}

fn unescaped(character: char) -> char {
    match character {
        'n' => '\n',
        't' => '\t',
        'b' => '\u{8}',
        '0' => '\0',
        other => other,
    }
}

/// Splits `host:port`, `[address]:port`, `host`; an address without brackets has no port.
pub fn split_port(text: &str) -> (&str, Option<&str>) {
    if text.starts_with('[')
        && let Some(end) = text.find(']')
    {
        let (address, rest) = text.split_at_checked(end.saturating_add(1)).unwrap_or((text, ""));
        return (address, rest.strip_prefix(':'));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// `host.` and `host.:port` without the dot.
fn without_root_dot(text: &str) -> String {
    let (host, port) = split_port(text);
    let bare = host.strip_suffix('.').filter(|bare| !bare.is_empty()).unwrap_or(host);
    match port {
        Some(port) => format!("{bare}:{port}"),
        None => bare.to_string(),
    }
}
