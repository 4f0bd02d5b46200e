//! The 16 bytes in front of every token of RFC 4121 (4.2.6).

#![forbid(unsafe_code)]

use super::altered;
use crate::error::Result;

/// Bytes of a header.
pub const SIZE: usize = 16;

/// TOK_ID of a token of GSS_Wrap.
pub const WRAP: u16 = 0x0504;
/// TOK_ID of a token of GSS_GetMIC.
pub const MIC: u16 = 0x0404;

const SENT_BY_ACCEPTOR: u8 = 0x01;
const SEALED: u8 = 0x02;
const ACCEPTOR_SUBKEY: u8 = 0x04;

const FILLER: u8 = 0xFF;

/// EC and RRC of a token of GSS_GetMIC, where only filler stands.
const NO_COUNT: u16 = 0xFFFF;

/// A header. In a token of GSS_GetMIC `ec` and `rrc` are filler, 0xFFFF each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: u16,
    pub flags: u8,
    /// EC: sealed, the bytes of filler; else the bytes of the checksum.
    pub ec: u16,
    /// RRC: by how many bytes what follows was turned to the right.
    pub rrc: u16,
    pub number: u64,
}

/// The flags of a direction.
pub fn flags(from_acceptor: bool, sealed: bool, acceptor_subkey: bool) -> u8 {
    let bit = |set, bit| if set { bit } else { 0 };
    bit(from_acceptor, SENT_BY_ACCEPTOR) | bit(sealed, SEALED) | bit(acceptor_subkey, ACCEPTOR_SUBKEY)
}

impl Header {
    /// A header without filler and turning.
    pub fn new(id: u16, flags: u8, number: u64) -> Header {
        let count = if id == MIC { NO_COUNT } else { 0 };
        Header { id, flags, ec: count, rrc: count, number }
    }

    pub fn sealed(&self) -> bool {
        self.flags & SEALED != 0
    }

    /// The flags but those that say nothing of the direction (unknown ones are ignored, RFC 4121 4.2.2).
    fn direction(flags: u8) -> u8 {
        flags & (SENT_BY_ACCEPTOR | ACCEPTOR_SUBKEY)
    }

    pub fn to_bytes(self) -> [u8; SIZE] {
        let [id, ec, rrc] = [self.id, self.ec, self.rrc].map(u16::to_be_bytes);
        let [a, b, c, d, e, f, g, h] = self.number.to_be_bytes();
        [id[0], id[1], self.flags, FILLER, ec[0], ec[1], rrc[0], rrc[1], a, b, c, d, e, f, g, h]
    }

    /// Reads a header that must have this TOK_ID and be of the direction that `flags` say.
    pub fn read(bytes: &[u8; SIZE], id: u16, flags: u8) -> Result<Header> {
        let [i, d, flag, filler, e, c, r, o, number @ ..] = *bytes;
        let header = Header {
            id: u16::from_be_bytes([i, d]),
            flags: flag,
            ec: u16::from_be_bytes([e, c]),
            rrc: u16::from_be_bytes([r, o]),
            number: u64::from_be_bytes(number),
        };
        if header.id != id || filler != FILLER {
            return Err(altered("not a token of this kind"));
        }
        if id == MIC && (header.ec, header.rrc) != (NO_COUNT, NO_COUNT) {
            return Err(altered("a token whose filler is none"));
        }
        if Header::direction(flag) != Header::direction(flags) {
            return Err(altered("a token of another direction or another key"));
        }
        Ok(header)
    }

    /// Whether `copy`, decrypted, is this header. RRC is written after the copy was made.
    pub fn is_copied_in(&self, copy: &[u8; SIZE]) -> bool {
        let [_, _, _, _, _, _, r, o, ..] = *copy;
        let copied = Header { rrc: u16::from_be_bytes([r, o]), ..*self };
        copied.to_bytes() == *copy
    }
}
