//! The PAC: what a Windows domain says of its client inside the ticket (MS-PAC).
//!
//! Its server signature is made with the service's key, so it is no more than the ticket itself proves;
//! it keeps parts of other tickets out. A PAC without such a signature, or with one of another kind than
//! the key's, tells nothing; one with a wrong signature spoils the ticket.

#![forbid(unsafe_code)]

use std::collections::HashSet;

use widestring::U16String;

use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::facts::DomainAccount;

const LOGON_INFO: u32 = 1;
const SERVER_CHECKSUM: u32 = 6;
const PRIVSVR_CHECKSUM: u32 = 7;
const CLIENT_INFO: u32 = 10;

/// KERB_NON_KERB_CKSUM_SALT.
const CHECKSUM_USAGE: u32 = 17;
/// Buffers of a PAC; Windows makes a dozen.
const MOST_BUFFERS: u32 = 64;
/// 1601-01-01 to 1970-01-01 in seconds.
const EPOCH_SECONDS: i64 = 11_644_473_600;

/// What the ticket says, to hold the PAC to.
pub struct Ticket<'a> {
    /// The key that the ticket was encrypted with.
    pub key: &'a Key,
    /// cname without its realm.
    pub client: &'a str,
    /// authtime, seconds since 1970.
    pub authtime: i64,
}

/// PAC_INFO_BUFFER.
struct Buffer {
    kind: u32,
    start: usize,
    end: usize,
}

/// The account that a verified PAC describes; `None` when it describes none or cannot be verified.
/// SEC_E_LOGON_DENIED when its signature is wrong.
pub fn account(pac: &[u8], ticket: &Ticket<'_>) -> Result<Option<DomainAccount>> {
    let Some(buffers) = buffers(pac) else { return Err(denied("a malformed PAC")) };
    let one = |kind| {
        let mut of_kind = buffers.iter().filter(|buffer| buffer.kind == kind);
        of_kind.next().filter(|_| of_kind.next().is_none())
    };
    let Some(signature) = one(SERVER_CHECKSUM) else { return Ok(None) };
    if !verified(pac, signature, one(PRIVSVR_CHECKSUM), ticket.key)? {
        return Ok(None);
    }
    let bytes = |kind| one(kind).and_then(|buffer| pac.get(buffer.start..buffer.end));
    if !bytes(CLIENT_INFO).is_some_and(|info| is_of(info, ticket)) {
        return Ok(None);
    }
    Ok(bytes(LOGON_INFO).and_then(logon_info))
}

fn denied(reason: &'static str) -> Error {
    Error::new(Code::LogonDenied, reason)
}

/// PACTYPE.
fn buffers(pac: &[u8]) -> Option<Vec<Buffer>> {
    let mut head = Ndr(pac);
    let (count, version) = (head.word()?, head.word()?);
    if version != 0 || count > MOST_BUFFERS {
        return None;
    }
    (0..count)
        .map(|_| {
            let (kind, size, offset) = (head.word()?, head.word()?, head.long()?);
            let start = usize::try_from(offset).ok()?;
            let end = start.checked_add(usize::try_from(size).ok()?)?;
            (end <= pac.len()).then_some(Buffer { kind, start, end })
        })
        .collect()
}

/// Whether the server's signature is one that can be checked; an error if it is wrong.
fn verified(pac: &[u8], signature: &Buffer, privsvr: Option<&Buffer>, key: &Key) -> Result<bool> {
    let mut zeroed = pac.to_vec();
    let mut sent = Vec::new();
    for (buffer, own) in [(Some(signature), true), (privsvr, false)] {
        let Some(buffer) = buffer else { continue };
        let bytes = zeroed.get_mut(buffer.start..buffer.end).unwrap_or_default();
        let Some((kind, rest)) = bytes.split_first_chunk_mut::<4>() else { return Ok(false) };
        let enctype = Enctype::from_checksum_type(i32::from_le_bytes(*kind));
        if own && enctype.map(Enctype::checksum_type) != Some(key.enctype().checksum_type()) {
            return Ok(false);
        }
        // Behind it an RODC's number may stand, which is signed.
        let size = enctype.map_or(rest.len(), Enctype::checksum_size);
        let Some(checksum) = rest.get_mut(..size) else { return Ok(false) };
        if own {
            sent = checksum.to_vec();
        }
        checksum.fill(0);
    }
    let wrong = |_| denied("the PAC is not signed with the service's key");
    key.verify(CHECKSUM_USAGE, &zeroed, &sent).map_err(wrong)?;
    Ok(true)
}

/// PAC_CLIENT_INFO: the PAC is of this ticket's client and logon.
fn is_of(info: &[u8], ticket: &Ticket<'_>) -> bool {
    let mut info = Ndr(info);
    let (Some(filetime), Some(length)) = (info.long(), info.half()) else { return false };
    let Some(name) = info.units(usize::from(length) / 2) else { return false };
    let authtime = ticket.authtime.checked_add(EPOCH_SECONDS).and_then(|time| time.checked_mul(10_000_000));
    authtime.and_then(|time| u64::try_from(time).ok()) == Some(filetime)
        && name.to_string().is_ok_and(|name| name == ticket.client)
}

/// Little-endian values one after the other, each at its alignment as NDR has them.
struct Ndr<'a>(&'a [u8]);

impl<'a> Ndr<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn half(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn word(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn long(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn units(&mut self, count: usize) -> Option<U16String> {
        let bytes = self.take(count.checked_mul(2)?)?;
        let (units, _) = bytes.as_chunks::<2>();
        Some(U16String::from_vec(units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<_>>()))
    }

    /// RPC_UNICODE_STRING: whether what it points at follows later.
    fn string(&mut self) -> Option<bool> {
        let (_length, _maximum) = (self.half()?, self.half()?);
        self.pointer()
    }

    fn pointer(&mut self) -> Option<bool> {
        Some(self.word()? != 0)
    }

    /// What an RPC_UNICODE_STRING points at.
    fn pointed_string(&mut self, there: bool) -> Option<U16String> {
        if !there {
            return Some(U16String::new());
        }
        let (_maximum, offset, actual) = (self.word()?, self.word()?, usize::try_from(self.word()?).ok()?);
        let units = (offset == 0).then(|| self.units(actual))??;
        if actual % 2 == 1 {
            self.half()?;
        }
        Some(units)
    }

    /// A SID that is pointed at.
    fn sid(&mut self) -> Option<String> {
        let count = self.word()?;
        let head: &[u8; 8] = self.take(8)?.try_into().ok()?;
        let [revision, sub_authorities, authority @ ..] = head;
        if *revision != 1 || u32::from(*sub_authorities) != count || count > 15 {
            return None;
        }
        let authority = authority.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        let mut sid = format!("S-1-{authority}");
        for _ in 0..count {
            sid.push_str(&format!("-{}", self.word()?));
        }
        Some(sid)
    }

    /// GROUP_MEMBERSHIP[] that is pointed at: the relative ids.
    fn group_ids(&mut self, there: bool, count: u32) -> Option<Vec<u32>> {
        if !there {
            return Some(Vec::new());
        }
        if self.word()? != count {
            return None;
        }
        let bytes = self.take(usize::try_from(count).ok()?.checked_mul(8)?)?;
        let (entries, _) = bytes.as_chunks::<8>();
        Some(entries.iter().map(|[a, b, c, d, ..]| u32::from_le_bytes([*a, *b, *c, *d])).collect())
    }
}

/// KERB_VALIDATION_INFO (MS-PAC 2.5), as far as it says who the client is.
pub(super) fn logon_info(bytes: &[u8]) -> Option<DomainAccount> {
    let mut ndr = Ndr(bytes);
    // Type serialization version 1, little-endian, and the pointer to the structure.
    if ndr.take(4)? != [1, 0x10, 8, 0] {
        return None;
    }
    ndr.take(12)?;
    ndr.pointer()?.then_some(())?;
    ndr.take(6 * 8)?;
    let mut names = [false; 6];
    for name in &mut names {
        *name = ndr.string()?;
    }
    let _counts = ndr.word()?;
    let (user_id, primary_group, group_count) = (ndr.word()?, ndr.word()?, ndr.word()?);
    let has_groups = ndr.pointer()?;
    let _flags_and_session_key = ndr.take(4 + 16)?;
    let (has_server, has_domain) = (ndr.string()?, ndr.string()?);
    let has_domain_id = ndr.pointer()?;
    let _reserved_control_status_times = ndr.take(8 + 4 + 4 + 8 + 8 + 4 + 4)?;
    let (extra_count, has_extra) = (ndr.word()?, ndr.pointer()?);
    let (has_resource_domain, resource_count, has_resources) = (ndr.pointer()?, ndr.word()?, ndr.pointer()?);
    // What was pointed at, in the same order.
    let [effective_name, others @ ..] = names;
    let user = ndr.pointed_string(effective_name)?;
    for other in others {
        ndr.pointed_string(other)?;
    }
    let groups = ndr.group_ids(has_groups, group_count)?;
    ndr.pointed_string(has_server)?;
    let domain = ndr.pointed_string(has_domain)?;
    let mut sids = Vec::new();
    // A UserId of 0: the account's own SID is the first of ExtraSids.
    let mut names_itself = user_id == 0 && has_extra;
    if has_domain_id {
        let id = ndr.sid()?;
        if user_id != 0 {
            sids.push(format!("{id}-{user_id}"));
            names_itself = true;
        }
        sids.push(format!("{id}-{primary_group}"));
        sids.extend(groups.iter().map(|group| format!("{id}-{group}")));
    }
    if has_extra {
        let extra = extra_sids(&mut ndr, extra_count)?;
        match user_id {
            0 => sids = extra.into_iter().chain(sids).collect(),
            _ => sids.extend(extra),
        }
    }
    if has_resource_domain {
        let id = ndr.sid()?;
        let groups = ndr.group_ids(has_resources, resource_count)?;
        sids.extend(groups.iter().map(|group| format!("{id}-{group}")));
    }
    let mut seen = HashSet::new();
    let once = sids.into_iter().filter(|sid| names_itself && seen.insert(sid.clone())).collect();
    (!user.is_empty()).then_some(DomainAccount { user, domain, sids: once })
}

/// KERB_SID_AND_ATTRIBUTES[].
fn extra_sids(ndr: &mut Ndr<'_>, count: u32) -> Option<Vec<String>> {
    if ndr.word()? != count {
        return None;
    }
    let entries = ndr.take(usize::try_from(count).ok()?.checked_mul(8)?)?;
    let (entries, _) = entries.as_chunks::<8>();
    let there = entries.iter().filter(|entry| !entry.starts_with(&[0; 4]));
    there.map(|_| ndr.sid()).collect()
}
