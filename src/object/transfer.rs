//! ExportSecurityContext and ImportSecurityContext between processes of one user.
//!
//! A blob is `version, XChaCha20-Poly1305(key, facts and both halves)`: it can be neither read nor
//! changed without the key (store/export_key.rs). The exporting context takes no message afterwards.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use crate::crypto::aead;
use crate::error::{Code, Error, Result};
use crate::object::context::{Context, Role};
use crate::package::facts::{BindingsVerdict, DomainAccount, Extra, Facts, KeyInfo, Sizes};
use crate::package::{self, Flags, Package};
use crate::secret::Secret;
use crate::store::export_key::ExportKey;

/// Names the format below; another version is refused.
pub const VERSION: &[u8] = b"libsspi context 2\n";

/// No fewer bytes than the words and lengths of a blob take.
const FIXED: usize = 128;

/// SECPKG_CONTEXT_EXPORT_TO_KERNEL and other things that have no meaning here are refused earlier.
pub fn export(context: &Context, key: &ExportKey) -> Result<Vec<u8>> {
    let facts = context.facts()?;
    let [sender, receiver] = context.export_halves()?;
    let account = facts.extra.as_ref().and_then(|extra| extra.account.as_ref());
    let names = [&facts.client, &facts.server, &facts.authority, &facts.target];
    let lengths = names.map(|name| name.as_ref().map_or(0, |name| name.len() * 2));
    let secrets = facts.session_key.as_ref().len() + sender.as_ref().len() + receiver.as_ref().len();
    // Room for all of it at once: what moves while it grows leaves keys behind.
    let told = account.map_or(0, account_room);
    let room = FIXED + facts.package.name.len() + lengths.iter().sum::<usize>() + secrets + told;
    let mut out = Writer(Secret::new(Vec::with_capacity(room)));
    out.bytes(facts.package.name.as_bytes());
    out.word(u32::from(context.role() == Role::Acceptor));
    let Sizes { max_token, max_signature, block_size, security_trailer } = facts.sizes;
    for word in [max_token, max_signature, block_size, security_trailer, facts.grants.bits()] {
        out.word(word);
    }
    for name in names {
        out.name(name.as_deref());
    }
    out.long(facts.start);
    out.long(facts.expiry);
    out.word(facts.bindings as u32);
    out.account(account);
    out.bytes(facts.session_key.as_ref());
    out.bytes(sender.as_ref());
    out.bytes(receiver.as_ref());
    debug_assert!(out.0.as_ref().len() <= room, "the blob has moved");
    let mut blob = VERSION.to_vec();
    blob.extend_from_slice(&aead::seal(key.bytes(), VERSION, out.0.as_ref())?);
    Ok(blob)
}

/// Bytes that an account takes, and no fewer.
fn account_room(account: &DomainAccount) -> usize {
    let sids = account.sids.iter().map(|sid| sid.len() + 4).sum::<usize>();
    (account.user.len() + account.domain.len()) * 2 + sids + 32
}

/// Makes a context from a blob. A blob of another key, version or package is SEC_E_INVALID_TOKEN.
pub fn import(package: &'static dyn Package, blob: &[u8], key: &ExportKey) -> Result<Context> {
    let sealed = blob.strip_prefix(VERSION).ok_or_else(foreign)?;
    let plain = aead::open(key.bytes(), VERSION, sealed)?;
    read(package, &mut Reader(plain.as_ref())).ok_or_else(foreign)?
}

fn foreign() -> Error {
    Error::new(Code::InvalidToken, "not an exported context of this key and version")
}

/// `None`: the blob is not of this form. It was sealed by this library, so this is another version.
fn read(package: &'static dyn Package, blob: &mut Reader<'_>) -> Option<Result<Context>> {
    let made_by = package::find(std::str::from_utf8(blob.bytes()?).ok()?).ok()?;
    if !package.makes(made_by.info()) {
        return None;
    }
    let role = if blob.word()? == 0 { Role::Initiator } else { Role::Acceptor };
    let sizes = Sizes {
        max_token: blob.word()?,
        max_signature: blob.word()?,
        block_size: blob.word()?,
        security_trailer: blob.word()?,
    };
    let facts = Facts {
        package: made_by.info(),
        sizes,
        grants: Flags::from_bits(blob.word()?),
        client: blob.name()?,
        server: blob.name()?,
        authority: blob.name()?,
        target: blob.name()?,
        start: blob.long()?,
        expiry: blob.long()?,
        bindings: BindingsVerdict::from_code(blob.word()?)?,
        extra: blob.account()?,
        session_key: Secret::new(blob.bytes()?.to_vec()),
        key_info: &KeyInfo::UNNAMED,
    };
    let (sender, receiver) = (blob.bytes()?, blob.bytes()?);
    if !blob.0.is_empty() {
        return None;
    }
    let established = package.import(facts, sender, receiver);
    Some(established.map(|established| Context::imported(role, established)))
}

/// Little-endian words; byte strings and names behind their length.
struct Writer(Secret<Vec<u8>>);

impl Writer {
    fn word(&mut self, word: u32) {
        self.0.as_mut().extend_from_slice(&word.to_le_bytes());
    }

    fn long(&mut self, long: u64) {
        self.0.as_mut().extend_from_slice(&long.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.word(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.0.as_mut().extend_from_slice(bytes);
    }

    fn account(&mut self, account: Option<&DomainAccount>) {
        self.word(u32::from(account.is_some()));
        if let Some(DomainAccount { user, domain, sids }) = account {
            self.name(Some(user));
            self.name(Some(domain));
            self.word(u32::try_from(sids.len()).unwrap_or(u32::MAX));
            sids.iter().for_each(|sid| self.bytes(sid.as_bytes()));
        }
    }

    fn name(&mut self, name: Option<&U16Str>) {
        self.word(u32::from(name.is_some()));
        let units = name.map(U16Str::as_slice).unwrap_or_default();
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        self.bytes(&bytes);
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.word()?).ok()?;
        self.take(length)
    }

    /// What a domain has told of the client; a delegated credential stays where it is.
    fn account(&mut self) -> Option<Option<Box<Extra>>> {
        if self.word()? == 0 {
            return Some(None);
        }
        let (user, domain) = (self.name()??, self.name()??);
        let count = self.word()?;
        let sid = |_| String::from_utf8(self.bytes()?.to_vec()).ok();
        let sids = (0..count).map(sid).collect::<Option<Vec<String>>>()?;
        let account = Some(DomainAccount { user, domain, sids });
        Some(Some(Box::new(Extra { delegated: None, account })))
    }

    fn name(&mut self) -> Option<Option<U16String>> {
        let present = self.word()? != 0;
        let units = self.bytes()?.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        let name = U16String::from_vec(units.collect::<Vec<_>>());
        Some(present.then_some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_domain_vouched_for_goes_along() {
        let account = DomainAccount {
            user: U16String::from_str("alice"),
            domain: U16String::from_str("EXAMPLE"),
            sids: vec!["S-1-5-21-1-2-3-1105".into(), "S-1-5-21-1-2-3-513".into()],
        };
        let mut out = Writer(Secret::new(Vec::new()));
        out.account(Some(&account));
        assert!(out.0.as_ref().len() <= account_room(&account));
        out.account(None);
        let mut blob = Reader(out.0.as_ref());
        assert_eq!(blob.account().unwrap().unwrap().account, Some(account));
        assert!(blob.account().unwrap().is_none() && blob.0.is_empty());
        for end in 0..out.0.as_ref().len() - 4 {
            assert!(Reader(&out.0.as_ref()[..end]).account().is_none());
        }
    }
}
