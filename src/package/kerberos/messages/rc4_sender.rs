//! The half that sends tokens of RFC 4757.

#![forbid(unsafe_code)]

use smallvec::smallvec;

use super::half::{Half, Numbers, ready};
use super::rc4_token::{self as token, Fields};
use super::rotation::sealed_length;
use super::too_small;
use crate::crypto::enctype::{Rc4MessageKeys, Rc4Token};
use crate::error::{Code, Error, Result};
use crate::package::{MechList, Qop, Sender, ShortBytes, Wrapped};
use crate::part::Part;
use crate::secret::Secret;

/// One direction, sending.
pub struct Rc4Sender {
    half: Half,
    keys: Option<Box<Rc4MessageKeys>>,
}

impl Rc4Sender {
    pub fn new(half: Half) -> Self {
        Self { half, keys: None }
    }

    /// SND_SEQ of the next message, in plain.
    fn sequence(&self) -> Result<[u8; 8]> {
        Ok(token::sequence(self.half.next_number(Numbers::Short)?, self.half.sent_by_acceptor()))
    }

    /// The padding is one byte, where there is a buffer for it; DCE style has none. The framing
    /// counts the data but in DCE style.
    fn protect(
        &mut self,
        parts: &mut [Part<'_>],
        place: &mut [u8],
        padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped> {
        let sequence = self.sequence()?;
        let dce_style = self.half.dce_style();
        let padding = padding.get_mut(..usize::from(!dce_style)).unwrap_or_default();
        let data = sealed_length(parts)
            .ok_or_else(|| Error::new(Code::InvalidParameter, "a message of impossible length"))?;
        let follows = if dce_style { 0 } else { data.saturating_add(padding.len()) };
        let framing = token::write_framing(place, token::WRAP_SIZE.saturating_add(follows))?;
        let size = framing.saturating_add(token::WRAP_SIZE);
        let fields = place.get_mut(framing..size).and_then(token::fields).ok_or_else(too_small)?;
        let confounder = fields.rest.first_chunk_mut().ok_or_else(too_small)?;

        let key = self.half.key()?;
        let keys = ready(&mut self.keys, || Rc4MessageKeys::new(key))?;
        *fields.sequence = sequence;
        *fields.head = if qop == Qop::Encrypt { token::SEALED } else { token::SIGNED };
        padding.fill(token::PADDING);
        let token = Rc4Token { header: fields.head, sequence: fields.sequence, checksum: fields.checksum };
        match qop {
            Qop::Encrypt => keys.seal(token, confounder, parts, padding)?,
            Qop::NoEncrypt => {
                crate::crypto::random::fill(confounder)?;
                keys.sign(token::USAGE_WRAP, token, confounder, parts, padding);
            }
        }
        self.half.sent();
        Ok(Wrapped { token: size, padding: padding.len() })
    }

    fn sign(&mut self, parts: &[Part<'_>], place: &mut [u8]) -> Result<usize> {
        let sequence = self.sequence()?;
        let framing = token::write_framing(place, token::MIC_SIZE)?;
        let size = framing.saturating_add(token::MIC_SIZE);
        let fields = place.get_mut(framing..size).and_then(token::fields).ok_or_else(too_small)?;
        let key = self.half.key()?;
        let keys = ready(&mut self.keys, || Rc4MessageKeys::new(key))?;
        let Fields { head, sequence: place, checksum, .. } = fields;
        (*head, *place) = (token::MIC, sequence);
        let token = Rc4Token { header: head, sequence: place, checksum };
        keys.sign(token::USAGE_MIC, token, &[], parts, &[]);
        self.half.sent();
        Ok(size)
    }
}

/// Bytes of a signature: framing and fields.
const SIGNATURE: usize = 13 + token::MIC_SIZE;

impl Sender for Rc4Sender {
    fn wrap(
        &mut self,
        parts: &mut [Part<'_>],
        token: &mut [u8],
        padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped> {
        self.half.allows_messages()?;
        self.protect(parts, token, padding, qop)
    }

    fn mic(&mut self, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize> {
        self.half.allows_messages()?;
        self.sign(parts, token)
    }

    fn list_mic(&mut self, list: &MechList) -> Result<ShortBytes> {
        let mut mic = smallvec![0; SIGNATURE];
        self.sign(&[Part::SignedOnly(list.der())], &mut mic)?;
        Ok(mic)
    }

    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        let blob = self.half.export()?;
        self.keys = None;
        Ok(blob)
    }
}
