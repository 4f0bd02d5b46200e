//! CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2).

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use super::av_pair::AvPairs;
use super::flags::NegotiateFlags;
use super::message::{self, Builder, MessageType};
use crate::error::Result;

/// Up to the reserved bytes: a server without target info may send no more.
const LEAST: usize = 32;
/// With TargetInfoFields.
const WITH_TARGET_INFO: usize = 48;

/// What the initiator reads of it.
pub struct Challenge<'a> {
    pub flags: NegotiateFlags,
    pub server_challenge: [u8; 8],
    pub target_name: U16String,
    pub target_info: AvPairs<'a>,
}

impl<'a> Challenge<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        message::open(bytes, MessageType::Challenge, LEAST)?;
        let flags = NegotiateFlags(message::u32_at(bytes, 20)?);
        let has_info = flags.has(NegotiateFlags::TARGET_INFO);
        let header = if has_info { WITH_TARGET_INFO } else { LEAST };
        let name = message::field(bytes, 12, header)?;
        let target_info = match has_info {
            true => AvPairs::parse(message::field(bytes, 40, header)?.bytes)?,
            false => AvPairs::default(),
        };
        Ok(Self {
            flags,
            server_challenge: message::array_at(bytes, 24)?,
            target_name: message::read_text(name.bytes, flags.has(NegotiateFlags::UNICODE))?,
            target_info,
        })
    }

    /// `target_info` is a whole list, with its end.
    pub fn build(
        flags: NegotiateFlags,
        server_challenge: &[u8; 8],
        target_name: &U16Str,
        target_info: &[u8],
    ) -> Result<Vec<u8>> {
        let name = match flags.has(NegotiateFlags::UNICODE) {
            true => message::utf16le(target_name),
            false => target_name.to_string_lossy().into_bytes(),
        };
        let mut builder = Builder::new(MessageType::Challenge, 56, name.len() + target_info.len());
        builder.put(20, &flags.0.to_le_bytes());
        builder.put(24, server_challenge);
        builder.put(48, &message::VERSION);
        builder.field(12, &name)?;
        builder.field(40, target_info)?;
        Ok(builder.finish())
    }
}
