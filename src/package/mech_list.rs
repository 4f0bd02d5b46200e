//! The list of mechanisms that a mechListMIC is over (RFC 4178 5).

#![forbid(unsafe_code)]

use std::cell::OnceCell;

use smallvec::SmallVec;

/// What is seldom longer than a MechTypeList or a MIC, and needs no memory of its own then.
pub type ShortBytes = SmallVec<[u8; 40]>;

/// The DER of a MechTypeList as the initiator sent it, in one negotiation.
pub struct MechList {
    der: ShortBytes,
    /// The MICs of both directions, for a mechanism that makes them in one go: the initiator's, then the
    /// acceptor's. A list belongs to one context, so that they are that context's.
    pub mics: OnceCell<[[u8; 16]; 2]>,
}

impl MechList {
    pub fn new(der: ShortBytes) -> Self {
        Self { der, mics: OnceCell::new() }
    }

    /// What the MICs are over.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl From<&[u8]> for MechList {
    fn from(der: &[u8]) -> Self {
        Self::new(der.into())
    }
}
