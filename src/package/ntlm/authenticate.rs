//! AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3).

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use super::flags::NegotiateFlags;
use super::message::{self, Builder, Field, MessageType};
use crate::error::Result;

/// Up to NegotiateFlags; Version and MIC follow or do not.
const LEAST: usize = 64;
/// Six fields of 64 KiB and a header fit: what is longer holds bytes that nothing points to.
const LARGEST: usize = 7 << 16;
/// Where Version stands, and what follows it.
const VERSION_AT: usize = 64;
/// Where the MIC stands.
pub const MIC_AT: usize = 72;
const MIC_END: usize = 88;

/// What the acceptor reads of it.
pub struct Authenticate<'a> {
    pub flags: NegotiateFlags,
    pub lm_response: &'a [u8],
    pub nt_response: &'a [u8],
    pub domain: U16String,
    pub user: U16String,
    pub encrypted_session_key: &'a [u8],
    /// The 16 bytes where a MIC would be. Whether they are one only the response can tell.
    pub mic: Option<[u8; 16]>,
}

impl<'a> Authenticate<'a> {
    /// The header ends where the first payload begins: flags do not tell whether a MIC is there.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        message::open(bytes, MessageType::Authenticate, LEAST)?;
        if bytes.len() > LARGEST {
            return Err(message::invalid("the AUTHENTICATE is too long"));
        }
        let flags = NegotiateFlags(message::u32_at(bytes, 60)?);
        let field = |at| message::field(bytes, at, LEAST);
        let (lm, nt, domain) = (field(12)?, field(20)?, field(28)?);
        let (user, workstation, session_key) = (field(36)?, field(44)?, field(52)?);
        let fields = [lm, nt, domain, user, workstation, session_key];
        let header = fields.iter().filter_map(|field: &Field| field.offset).min().unwrap_or(bytes.len());
        let unicode = flags.has(NegotiateFlags::UNICODE);
        message::read_text(workstation.bytes, unicode)?;
        Ok(Self {
            flags,
            lm_response: lm.bytes,
            nt_response: nt.bytes,
            domain: message::read_text(domain.bytes, unicode)?,
            user: message::read_text(user.bytes, unicode)?,
            encrypted_session_key: session_key.bytes,
            mic: if header >= MIC_END { Some(message::array_at(bytes, MIC_AT)?) } else { None },
        })
    }
}

/// The message as the MIC covers it: with the MIC's own bytes zero.
pub fn around_mic(message: &[u8]) -> [&[u8]; 3] {
    let before = message.get(..MIC_AT).unwrap_or(message);
    let after = message.get(MIC_END..).unwrap_or_default();
    [before, &[0; 16], after]
}

/// What the initiator writes into it.
pub struct Reply<'a> {
    pub flags: NegotiateFlags,
    pub lm_response: &'a [u8],
    pub nt_response: &'a [u8],
    pub domain: &'a U16Str,
    pub user: &'a U16Str,
    pub workstation: &'a U16Str,
    pub encrypted_session_key: &'a [u8],
    /// Leave room for a MIC, which is written when the message is whole.
    pub with_mic: bool,
}

impl Reply<'_> {
    pub fn build(&self) -> Result<Vec<u8>> {
        let header = if self.with_mic { MIC_END } else { MIC_AT };
        let names = 2 * (self.domain.len() + self.user.len() + self.workstation.len());
        let payload = names + self.nt_response.len() + 64;
        let mut builder = Builder::new(MessageType::Authenticate, header, payload);
        builder.put(60, &self.flags.0.to_le_bytes());
        builder.put(VERSION_AT, &message::VERSION);
        builder.field(28, &message::utf16le(self.domain))?;
        builder.field(36, &message::utf16le(self.user))?;
        builder.field(44, &message::utf16le(self.workstation))?;
        builder.field(12, self.lm_response)?;
        builder.field(20, self.nt_response)?;
        builder.field(52, self.encrypted_session_key)?;
        Ok(builder.finish())
    }
}

/// Writes the MIC into a message that has room for it.
pub fn set_mic(message: &mut [u8], mic: &[u8; 16]) {
    if let Some(place) = message.get_mut(MIC_AT..MIC_END) {
        place.copy_from_slice(mic);
    }
}
