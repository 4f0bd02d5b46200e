//! What every direction of a context keeps, whatever its enctype.

#![forbid(unsafe_code)]

use super::window::Window;
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::Flags;
use crate::secret::Secret;

/// How sequence numbers are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// RFC 4121: 64 bits.
    Long,
    /// RFC 4757: 32 bits. A direction ends after 2^32 messages.
    Short,
}

/// One direction.
pub struct Half {
    /// `None`: another process goes on with it.
    key: Option<Key>,
    grants: Flags,
    /// The acceptor sends in this direction.
    from_acceptor: bool,
    acceptor_subkey: bool,
    /// The sequence number of the direction's first message.
    first: u64,
    window: Window,
}

/// Direction, subkey, enctype, grants, three numbers; the key follows.
const FIXED: usize = 1 + 1 + 4 + 4 + 3 * 8;
const LONGEST_KEY: usize = 32;

impl Half {
    pub fn new(key: &Key, grants: Flags, from_acceptor: bool, acceptor_subkey: bool, first: u64) -> Half {
        Half {
            key: Some(key.clone()),
            grants,
            from_acceptor,
            acceptor_subkey,
            first,
            window: Window::default(),
        }
    }

    pub fn sent_by_acceptor(&self) -> bool {
        self.from_acceptor
    }

    pub fn acceptor_subkey(&self) -> bool {
        self.acceptor_subkey
    }

    pub fn dce_style(&self) -> bool {
        self.grants.has(Flags::DCE_STYLE)
    }

    /// The context's key; after an export SEC_E_INVALID_HANDLE.
    pub fn key(&self) -> Result<&Key> {
        self.key.as_ref().ok_or_else(|| Error::new(Code::InvalidHandle, "the context was exported"))
    }

    /// SEC_E_UNSUPPORTED_FUNCTION where no protection of messages was granted.
    pub fn allows_messages(&self) -> Result<()> {
        let protection =
            Flags::CONFIDENTIALITY | Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT;
        self.key()?;
        match self.grants.any(protection) {
            true => Ok(()),
            false => Err(Error::new(Code::UnsupportedFunction, "no protection of messages was granted")),
        }
    }

    /// The sequence number of the message that is sent next.
    pub fn next_number(&self, numbers: Numbers) -> Result<u64> {
        let limit = match numbers {
            Numbers::Long => u64::MAX,
            Numbers::Short => 1 << 32,
        };
        match self.window.next < limit {
            true => Ok(self.first.wrapping_add(self.window.next)),
            false => Err(Error::new(Code::ContextExpired, "no sequence number is left")),
        }
    }

    /// A message was sent.
    pub fn sent(&mut self) {
        self.window.next = self.window.next.saturating_add(1);
    }

    /// An authentic message of that number came: SEC_E_OUT_OF_SEQUENCE where the grants say so.
    ///
    /// Some peers count in 32 bits also where 64 are sent (Heimdal): what is below the first number
    /// has gone round once. No peer that counts in 64 bits ever sends such a number.
    pub fn came(&mut self, number: u64, numbers: Numbers) -> Result<()> {
        let went_round = number < self.first && self.first <= u64::from(u32::MAX);
        let number = match (numbers, went_round) {
            (Numbers::Long, false) => number.wrapping_sub(self.first),
            (_, true) => number.wrapping_add(1 << 32).wrapping_sub(self.first),
            (Numbers::Short, false) => number.wrapping_sub(self.first) & u64::from(u32::MAX),
        };
        self.window.take(number, self.grants)
    }

    /// This half's state for another process; every later call is refused.
    pub fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        let key = self.key()?;
        let mut blob = Secret::new(Vec::with_capacity(FIXED + LONGEST_KEY));
        let bytes = blob.as_mut();
        bytes.push(u8::from(self.from_acceptor));
        bytes.push(u8::from(self.acceptor_subkey));
        bytes.extend_from_slice(&key.enctype().number().to_le_bytes());
        bytes.extend_from_slice(&self.grants.bits().to_le_bytes());
        for number in [self.first, self.window.next, self.window.seen] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(key.bytes());
        self.key = None;
        Ok(blob)
    }

    /// A half again from what `export` wrote.
    pub fn import(blob: &[u8]) -> Option<Half> {
        let ([from_acceptor, acceptor_subkey], rest) = blob.split_first_chunk()?;
        let (enctype, rest) = rest.split_first_chunk()?;
        let (grants, rest) = rest.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (next, rest) = rest.split_first_chunk()?;
        let (seen, key) = rest.split_first_chunk()?;
        let enctype = Enctype::from_number(i32::from_le_bytes(*enctype))?;
        Some(Half {
            key: Some(Key::new(enctype, key).ok()?),
            grants: Flags::from_bits(u32::from_le_bytes(*grants)),
            from_acceptor: *from_acceptor != 0,
            acceptor_subkey: *acceptor_subkey != 0,
            first: u64::from_le_bytes(*first),
            window: Window { next: u64::from_le_bytes(*next), seen: u64::from_le_bytes(*seen) },
        })
    }
}

/// Keys that are derived with the first message that needs them.
pub fn ready<K>(slot: &mut Option<Box<K>>, derive: impl FnOnce() -> Result<K>) -> Result<&K> {
    if slot.is_none() {
        *slot = Some(Box::new(derive()?));
    }
    slot.as_deref().ok_or_else(|| Error::new(Code::InternalError, "keys that were just derived"))
}
