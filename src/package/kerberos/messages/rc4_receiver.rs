//! The half that receives tokens of RFC 4757.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::half::{Half, Numbers, ready};
use super::rc4_token::{self as token, Fields};
use super::rotation::sealed_length;
use super::{altered, wipe};
use crate::crypto::enctype::{Rc4MessageKeys, Rc4Token};
use crate::error::{Code, Error, Result};
use crate::package::{MechList, Qop, Receiver};
use crate::part::Part;
use crate::secret::Secret;

/// One direction, receiving.
pub struct Rc4Receiver {
    half: Half,
    keys: Option<Box<Rc4MessageKeys>>,
}

/// Where padding stands behind the data: in a buffer of its own, or in the stream.
fn check_padding(padding: &[u8]) -> Result<()> {
    match padding.iter().all(|byte| usize::from(*byte) == padding.len()) {
        true => Ok(()),
        false => Err(altered("padding that is none")),
    }
}

/// How many of these bytes are in front of the padding, which is one byte at least.
fn unpadded(bytes: &[u8]) -> Result<usize> {
    let padding = bytes.last().map_or(0, |last| usize::from(*last));
    let length = bytes.len().checked_sub(padding);
    let length = length.filter(|_| (1..=token::LONGEST_PADDING).contains(&padding));
    let length = length.ok_or_else(|| altered("padding that is none"))?;
    check_padding(bytes.get(length..).unwrap_or_default())?;
    Ok(length)
}

impl Rc4Receiver {
    pub fn new(half: Half) -> Self {
        Self { half, keys: None }
    }

    /// Checks, and decrypts where it is sealed. `tail` is the padding's place. Answers the message's
    /// number too, which is yet to be counted.
    fn open(&mut self, fields: Fields<'_>, parts: &mut [Part<'_>], tail: &mut [u8]) -> Result<(Qop, u64)> {
        let qop = match *fields.head {
            token::SEALED => Qop::Encrypt,
            token::SIGNED => Qop::NoEncrypt,
            _ => return Err(altered("not a token of this kind")),
        };
        let Fields { head, sequence, checksum, rest } = fields;
        let confounder = rest.first_chunk_mut().ok_or_else(|| altered("a token cut short"))?;
        let key = self.half.key()?;
        let keys = ready(&mut self.keys, || Rc4MessageKeys::new(key))?;
        let token = Rc4Token { header: head, sequence: &mut *sequence, checksum };
        match qop {
            Qop::Encrypt => keys.open(token, confounder, parts, tail)?,
            Qop::NoEncrypt => keys.verify(token::USAGE_WRAP, token, confounder, parts, tail)?,
        }
        Ok((qop, token::number(sequence, self.half.sent_by_acceptor())?))
    }

    /// What the framing must say that it frames: the data too, but in DCE style.
    fn check_framed(&self, framed: usize, data: usize) -> Result<()> {
        let follows = if self.half.dce_style() { 0 } else { data };
        match framed.checked_sub(token::WRAP_SIZE) == Some(follows) {
            true => Ok(()),
            false => Err(altered("a framing of another length")),
        }
    }

    fn open_parts(
        &mut self,
        token: &[u8],
        framing: usize,
        framed: usize,
        parts: &mut [Part<'_>],
        padding: &[u8],
    ) -> Result<Qop> {
        let body = token.get(framing..).unwrap_or_default();
        let data = sealed_length(parts).and_then(|data| data.checked_add(padding.len()));
        self.check_framed(framed, data.ok_or_else(|| altered("an impossible length"))?)?;
        let mut body: [u8; token::WRAP_SIZE] =
            body.try_into().map_err(|_| altered("buffers of other sizes than the message's"))?;
        let mut tail = [0; token::LONGEST_PADDING];
        let tail = tail.get_mut(..padding.len()).ok_or_else(|| altered("padding of more than a block"))?;
        tail.copy_from_slice(padding);
        let fields = token::fields(&mut body).ok_or_else(|| altered("a token cut short"))?;
        let (qop, number) = self.open(fields, parts, tail)?;
        if !self.half.dce_style() {
            check_padding(tail)?;
        }
        self.half.came(number, Numbers::Short)?;
        Ok(qop)
    }

    /// Answers where in the stream the plaintext lies.
    fn open_stream(&mut self, stream: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        let total = stream.len();
        let (framing, framed) = token::read_framing(stream)?;
        let start = framing.saturating_add(token::WRAP_SIZE);
        let data = total.checked_sub(start).ok_or_else(|| altered("a token cut short"))?;
        self.check_framed(framed, data)?;
        let (front, data) = stream.split_at_mut(start);
        let fields = front.get_mut(framing..).and_then(token::fields);
        let fields = fields.ok_or_else(|| altered("a token cut short"))?;
        let (qop, number) = self.open(fields, &mut [Part::Sealed(&mut *data)], &mut [])?;
        let length = if self.half.dce_style() { data.len() } else { unpadded(data)? };
        self.half.came(number, Numbers::Short)?;
        Ok((start..start.saturating_add(length), qop))
    }

    fn check_mic(&mut self, parts: &[Part<'_>], token: &[u8]) -> Result<()> {
        let (framing, framed) = token::read_framing(token)?;
        let body = token.get(framing..).unwrap_or_default();
        let body: Option<[u8; token::MIC_SIZE]> = body.try_into().ok();
        let mut body =
            body.filter(|body| body.len() == framed).ok_or_else(|| altered("a token cut short"))?;
        let fields = token::fields(&mut body).ok_or_else(|| altered("a token cut short"))?;
        if *fields.head != token::MIC {
            return Err(altered("not a token of this kind"));
        }
        let Fields { head, sequence, checksum, .. } = fields;
        let key = self.half.key()?;
        let keys = ready(&mut self.keys, || Rc4MessageKeys::new(key))?;
        let token = Rc4Token { header: head, sequence: &mut *sequence, checksum };
        keys.verify(token::USAGE_MIC, token, &[], parts, &[])?;
        self.half.came(token::number(sequence, self.half.sent_by_acceptor())?, Numbers::Short)
    }
}

impl Receiver for Rc4Receiver {
    fn unwrap(&mut self, parts: &mut [Part<'_>], token: &[u8], padding: &[u8]) -> Result<Qop> {
        self.half.allows_messages()?;
        let opened = token::read_framing(token)
            .and_then(|(framing, framed)| self.open_parts(token, framing, framed, parts, padding));
        if opened.is_err() {
            wipe(parts);
        }
        opened
    }

    fn unwrap_stream(&mut self, stream: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        self.half.allows_messages()?;
        if stream.len() < 16 {
            return Err(Error::new(Code::IncompleteMessage, "the stream is shorter than its framing"));
        }
        let opened = self.open_stream(stream);
        if opened.is_err() {
            stream.fill(0);
        }
        opened
    }

    fn verify(&mut self, parts: &[Part<'_>], token: &[u8]) -> Result<()> {
        self.half.allows_messages()?;
        self.check_mic(parts, token)
    }

    fn list_verify(&mut self, list: &MechList, mic: &[u8]) -> Result<()> {
        self.check_mic(&[Part::SignedOnly(list.der())], mic)
    }

    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        let blob = self.half.export()?;
        self.keys = None;
        Ok(blob)
    }
}
