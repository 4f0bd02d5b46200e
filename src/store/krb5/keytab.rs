//! Keytabs: the keys of services, and of users who log on without a password.
//!
//! The format is MIT's FILE keytab, versions 0x0501 (in the byte order of the machine that wrote it, no
//! name types) and 0x0502 (big endian): records of a signed 32-bit size each, negative for a hole.
//! A record: 16-bit count of components, realm and components with 16-bit lengths, 32-bit name type,
//! 32-bit timestamp, 8-bit kvno, 16-bit enctype, key with a 16-bit length, and perhaps a 32-bit kvno
//! that stands for the other when it is not zero. Whatever follows is not ours to know.

#![forbid(unsafe_code)]

use std::io;
use std::path::Path;

use crate::error::{Code, Error, Result};
use crate::log::{self, Level};
use crate::secret::Secret;
use crate::store::file::Watched;
use crate::store::krb5::bytes::{Cursor, Order};
use crate::store::krb5::principal::{NT_PRINCIPAL, Principal};

/// A larger keytab is refused, bytes.
const LARGEST_FILE: u64 = 8 << 20;

/// One key of one principal.
#[derive(Clone)]
pub struct Entry {
    pub principal: Principal,
    /// Seconds since 1970, unsigned.
    pub timestamp: u32,
    pub kvno: u32,
    /// The file holds only the low eight bits of the kvno.
    pub kvno_is_short: bool,
    /// Any that the file has, known to us or not.
    pub enctype: i32,
    pub key: Secret<Vec<u8>>,
}

impl Entry {
    /// Whether its key may be the one of that kvno.
    pub fn has_kvno(&self, kvno: u32) -> bool {
        self.kvno == kvno || (self.kvno_is_short && self.kvno == kvno & 0xFF)
    }

    /// Whether its key came after the other's. Eight-bit kvnos start over: a small one that is no older
    /// than a large one is the newer.
    fn is_newer_than(&self, other: &Entry) -> bool {
        if self.kvno < 128 && other.kvno > 240 && self.timestamp >= other.timestamp {
            return true;
        }
        if self.kvno > 240 && other.kvno < 128 && self.timestamp <= other.timestamp {
            return false;
        }
        self.kvno > other.kvno
    }
}

/// The entries of a keytab, in its order.
#[derive(Clone, Default)]
pub struct Keytab {
    pub entries: Vec<Entry>,
}

impl Keytab {
    /// Reads a whole keytab; the reason when it is none or is damaged.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Keytab, &'static str> {
        let (version, records) = bytes.split_at_checked(2).ok_or("it is no keytab")?;
        let entries = match version {
            [5, 2] => records_of(records, Order::Big, true),
            [5, 1] => match records_of(records, Order::Big, false) {
                Ok(entries) if !entries.is_empty() => Ok(entries),
                // A hole's size backwards may look like another hole's.
                big => records_of(records, Order::Little, false).or(big),
            },
            _ => Err("it is no keytab of version 1 or 2"),
        };
        entries.map(|entries| Keytab { entries })
    }

    /// The key of a principal: of that kvno, or the newest; of the enctype.
    pub fn find(&self, principal: &Principal, kvno: Option<u32>, enctype: i32) -> Option<&Entry> {
        let keys = self.keys(kvno, enctype).filter(|entry| entry.principal == *principal);
        keys.reduce(|best, entry| if is_better(entry, best, kvno) { entry } else { best })
    }

    /// Every principal's keys of an enctype, those of one kvno where that is known.
    pub fn keys(&self, kvno: Option<u32>, enctype: i32) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.iter().filter(move |entry| entry.enctype == enctype);
        entries.filter(move |entry| kvno.is_none_or(|kvno| entry.has_kvno(kvno)))
    }

    /// The enctypes of a principal's newest keys, as the file orders them.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn enctypes(&self, principal: &Principal) -> Vec<i32> {
        let own = || self.entries.iter().filter(|entry| entry.principal == *principal);
        let newest = own().reduce(|best, entry| if entry.is_newer_than(best) { entry } else { best });
        let mut enctypes = Vec::new();
        for entry in own().filter(|entry| newest.is_some_and(|newest| newest.kvno == entry.kvno)) {
            if !enctypes.contains(&entry.enctype) {
                enctypes.push(entry.enctype);
            }
        }
        enctypes
    }

    /// The principals, each once, in the file's order.
    pub fn principals(&self) -> Vec<&Principal> {
        let mut seen = std::collections::HashSet::new();
        let principals = self.entries.iter().map(|entry| &entry.principal);
        principals.filter(|principal| seen.insert(*principal)).collect()
    }
}

/// An exact kvno is better than one of which eight bits fit.
fn is_better(entry: &Entry, best: &Entry, kvno: Option<u32>) -> bool {
    match kvno {
        Some(kvno) => entry.kvno == kvno && best.kvno != kvno,
        None => entry.is_newer_than(best),
    }
}

fn records_of(bytes: &[u8], order: Order, name_types: bool) -> std::result::Result<Vec<Entry>, &'static str> {
    let mut cursor = Cursor::new(bytes, order);
    let mut entries = Vec::new();
    while !cursor.is_empty() {
        let size = cursor.i32().ok_or("it is cut off")?;
        // Zeroes: the room after the last record.
        if size == 0 {
            break;
        }
        let length = usize::try_from(size.unsigned_abs()).map_err(|_| "an impossible size")?;
        if size < 0 && length >= cursor.left() {
            // The hole that ends the file may be longer than what is left of it.
            break;
        }
        let record = cursor.take(length).ok_or("it is cut off")?;
        if size > 0 {
            entries.extend(record_of(Cursor::new(record, order), name_types).ok_or("a record is damaged")?);
        }
    }
    Ok(entries)
}

/// `Some(None)`: a sound record whose name is not text.
fn record_of(mut cursor: Cursor<'_>, name_types: bool) -> Option<Option<Entry>> {
    let count = cursor.u16()?;
    // Version 1 counts the realm among the components.
    let count = if name_types { count } else { count.checked_sub(1)? };
    let realm = cursor.counted_16()?;
    let mut components = Vec::new();
    for _ in 0..count {
        components.push(cursor.counted_16()?);
    }
    let name_type = if name_types { cursor.i32()? } else { NT_PRINCIPAL };
    let timestamp = cursor.u32()?;
    let short = u32::from(cursor.u8()?);
    let enctype = i32::from(cursor.i16()?);
    let key = cursor.counted_16()?;
    let long = cursor.u32().filter(|kvno| *kvno != 0);
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_string);
    let names = components.into_iter().map(text).collect::<Option<Vec<String>>>();
    let (Some(realm), Some(components)) = (text(realm), names) else { return Some(None) };
    Some(Some(Entry {
        principal: Principal { name_type, components, realm },
        timestamp,
        kvno: long.unwrap_or(short),
        kvno_is_short: long.is_none(),
        enctype,
        key: Secret::new(key.to_vec()),
    }))
}

/// A keytab by its name, read again when it changed.
pub struct KeytabFile {
    file: Watched<Keytab>,
}

impl KeytabFile {
    /// `FILE:path`, `WRFILE:path` or a path; need not exist yet.
    ///
    /// `Err`: another type of keytab.
    pub fn resolve(name: &str) -> Result<KeytabFile> {
        let path = match name.split_once(':') {
            Some(("FILE" | "WRFILE", path)) => path,
            Some((kind, _)) if !name.starts_with('/') && kind.len() > 1 => {
                let reason = format!("keytabs of type {kind} are not supported, only FILE");
                return Err(Error::new(Code::NoCredentials, reason));
            }
            _ => name,
        };
        if path.is_empty() {
            return Err(Error::new(Code::NoCredentials, "the keytab's name is empty"));
        }
        Ok(KeytabFile { file: Watched::new(path.into()) })
    }

    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Works with the keytab as it stands now.
    ///
    /// `Err`: it is missing, unreadable or damaged; the log says which.
    pub fn look<R>(&self, work: impl FnOnce(&Keytab) -> R) -> Result<R> {
        self.file.look(LARGEST_FILE, Keytab::parse, work).map_err(|error| self.refuse(&error))
    }

    fn refuse(&self, error: &io::Error) -> Error {
        let level = if error.kind() == io::ErrorKind::NotFound { Level::Info } else { Level::Error };
        log::write(level, format_args!("keytab {}: {error}", self.path().display()));
        Error::new(Code::NoCredentials, format!("keytab {}: {error}", self.path().display()))
    }
}
