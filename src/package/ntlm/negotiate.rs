//! NEGOTIATE_MESSAGE (MS-NLMP 2.2.1.1).

#![forbid(unsafe_code)]

use super::flags::NegotiateFlags;
use super::message::{self, Builder, MessageType};
use crate::error::Result;

/// Signature, type and flags: old clients send no more.
const LEAST: usize = 16;
/// With the two name fields.
const WITH_NAMES: usize = 32;
/// It is kept until its MIC is checked, and anybody may send one: no honest one comes near.
const LARGEST: usize = 1 << 16;

/// What the acceptor reads of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negotiate {
    pub flags: NegotiateFlags,
}

impl Negotiate {
    /// The names in it are hints that nobody may rely on: they are checked and not kept.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        message::open(bytes, MessageType::Negotiate, LEAST)?;
        if bytes.len() > LARGEST {
            return Err(message::invalid("the NEGOTIATE is too long"));
        }
        let flags = NegotiateFlags(message::u32_at(bytes, 12)?);
        let supplied =
            [(NegotiateFlags::OEM_DOMAIN_SUPPLIED, 16), (NegotiateFlags::OEM_WORKSTATION_SUPPLIED, 24)];
        for (flag, at) in supplied {
            if flags.has(flag) {
                message::field(bytes, at, WITH_NAMES)?;
            }
        }
        Ok(Self { flags })
    }

    /// No names are sent.
    pub fn build(flags: NegotiateFlags) -> Vec<u8> {
        let mut builder = Builder::new(MessageType::Negotiate, 40, 0);
        builder.put(12, &flags.0.to_le_bytes());
        builder.put(20, &40u32.to_le_bytes());
        builder.put(28, &40u32.to_le_bytes());
        builder.put(32, &message::VERSION);
        builder.finish()
    }
}
