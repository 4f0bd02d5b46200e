//! The half that receives tokens of RFC 4121, divided and turned as their sender liked.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::cfx_sender::Usages;
use super::half::{Half, Numbers, ready};
use super::header::{self, Header};
use super::rotation::{sealed_length, turn_left};
use super::{altered, wipe};
use crate::crypto::enctype::{ChecksumKey, OpeningKeys};
use crate::error::{Code, Error, Result};
use crate::package::{MechList, Qop, Receiver};
use crate::part::Part;
use crate::secret::Secret;

const CONFOUNDER: usize = 16;

/// What is not data of a token whose EC is below 56 fits here; more is not met with.
const USUAL_OVERHEAD: usize = 128;

/// One direction, receiving.
pub struct CfxReceiver {
    half: Half,
    opening: Option<Box<OpeningKeys>>,
    wrap_checksum: Option<Box<ChecksumKey>>,
    mic_checksum: Option<Box<ChecksumKey>>,
}

/// Where things are in a token of GSS_Wrap, sizes in bytes.
struct Layout {
    header: Header,
    /// Filler and the copy of the header; 0 in a token that is not sealed.
    tail: usize,
    checksum: usize,
    confounder: usize,
    /// By how much what follows the header was turned to the right.
    turned: usize,
}

/// What is not data, when it lies in front of the data: tail, checksum, confounder.
struct Front<'a> {
    tail: &'a mut [u8],
    checksum: &'a mut [u8],
    confounder: &'a mut [u8],
}

impl Layout {
    fn new(header: Header, checksum: usize, dce_style: bool) -> Result<Layout> {
        let (ec, rrc) = (usize::from(header.ec), usize::from(header.rrc));
        if !header.sealed() {
            return match ec == checksum {
                true => Ok(Layout { header, tail: 0, checksum, confounder: 0, turned: rrc }),
                false => Err(altered("a checksum of another length")),
            };
        }
        let turned = if dce_style && rrc != 0 { rrc.saturating_add(ec) } else { rrc };
        let tail = ec.saturating_add(header::SIZE);
        Ok(Layout { header, tail, checksum, confounder: CONFOUNDER, turned })
    }

    /// By how much the parts must be turned for the confounder to stand in front of the data, and
    /// all else in front of the confounder: as Windows sends them.
    fn in_front(&self) -> usize {
        self.tail.saturating_add(self.checksum)
    }

    /// All that follows the header and is not data.
    fn overhead(&self) -> usize {
        self.in_front().saturating_add(self.confounder)
    }

    /// A token is turned less than once round. Without data and confounder once round is as Windows
    /// sends it.
    fn check_turn(&self, total: usize) -> Result<()> {
        match self.turned < total || self.turned == self.in_front() {
            true => Ok(()),
            false => Err(altered("a token turned by more than its length")),
        }
    }

    fn divide<'a>(&self, front: &'a mut [u8]) -> Result<Front<'a>> {
        let whole = || altered("a token shorter than its parts");
        let (tail, rest) = front.split_at_mut_checked(self.tail).ok_or_else(whole)?;
        let (checksum, confounder) = rest.split_at_mut_checked(self.checksum).ok_or_else(whole)?;
        Ok(Front { tail, checksum, confounder })
    }
}

impl CfxReceiver {
    pub fn new(half: Half) -> Self {
        Self { half, opening: None, wrap_checksum: None, mic_checksum: None }
    }

    fn read(&self, bytes: &[u8; header::SIZE], id: u16) -> Result<Header> {
        let flags = header::flags(self.half.sent_by_acceptor(), false, self.half.acceptor_subkey());
        Header::read(bytes, id, flags)
    }

    fn layout(&self, bytes: &[u8; header::SIZE]) -> Result<Layout> {
        let header = self.read(bytes, header::WRAP)?;
        Layout::new(header, self.half.key()?.enctype().checksum_size(), self.half.dce_style())
    }

    /// `rest` is the token without its header, `padding` what follows the data.
    fn open_parts(
        &mut self,
        bytes: &[u8; header::SIZE],
        rest: &[u8],
        parts: &mut [Part<'_>],
        padding: &[u8],
    ) -> Result<Qop> {
        let layout = self.layout(bytes)?;
        let overhead = layout.overhead();
        if rest.len().checked_add(padding.len()) != Some(overhead) {
            return Err(altered("buffers of other sizes than the message's"));
        }
        let total = sealed_length(parts)
            .and_then(|data| data.checked_add(overhead))
            .ok_or_else(|| altered("an impossible length"))?;
        layout.check_turn(total)?;

        let (mut usual, mut unusual) = ([0; USUAL_OVERHEAD], Vec::new());
        let front = match usual.get_mut(..overhead) {
            Some(front) => front,
            None => {
                unusual.resize(overhead, 0);
                &mut unusual[..]
            }
        };
        // What follows the data is put in front of all: turned once more, by its own length.
        let (first, then) = front.split_at_mut(padding.len());
        first.copy_from_slice(padding);
        then.copy_from_slice(rest);
        let turned = layout.turned.saturating_add(padding.len());
        let excess = match turned.checked_sub(layout.in_front()) {
            Some(more) => more.checked_rem(total).unwrap_or(0),
            None => total.saturating_sub(layout.in_front().saturating_sub(turned)),
        };
        turn_left(front, parts, total, excess);
        self.open(&layout, layout.divide(front)?, parts)
    }

    /// `body` is the stream without its header. Answers where in it the plaintext lies.
    fn open_stream(&mut self, bytes: &[u8; header::SIZE], body: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        let layout = self.layout(bytes)?;
        let total = body.len();
        let overhead = layout.overhead();
        let length = total.checked_sub(overhead).ok_or_else(|| altered("a token cut short"))?;
        layout.check_turn(total)?;

        if layout.turned == layout.in_front() {
            let (front, data) = body.split_at_mut(overhead);
            let qop = self.open(&layout, layout.divide(front)?, &mut [Part::Sealed(data)])?;
            return Ok((overhead..total, qop));
        }
        body.rotate_left(layout.turned);
        let (confounder, rest) = body.split_at_mut(layout.confounder);
        let (data, rest) = rest.split_at_mut(length);
        let (tail, checksum) = rest.split_at_mut(layout.tail);
        let front = Front { tail, checksum, confounder };
        let qop = self.open(&layout, front, &mut [Part::Sealed(data)])?;
        let start = layout.confounder;
        Ok((start..start.saturating_add(length), qop))
    }

    /// Checks, decrypts where it is sealed, and counts.
    fn open(&mut self, layout: &Layout, front: Front<'_>, parts: &mut [Part<'_>]) -> Result<Qop> {
        let header = layout.header;
        let usage = Usages::of(self.half.sent_by_acceptor()).seal;
        let key = self.half.key()?;
        let qop = if header.sealed() {
            let keys = ready(&mut self.opening, || OpeningKeys::new(key, usage))?;
            let confounder =
                front.confounder.first_chunk_mut().ok_or_else(|| altered("a token cut short"))?;
            keys.open(confounder, parts, front.tail, front.checksum)?;
            if !front.tail.last_chunk().is_some_and(|copy| header.is_copied_in(copy)) {
                return Err(altered("a header that is not the one that was sealed"));
            }
            Qop::Encrypt
        } else {
            let key = ready(&mut self.wrap_checksum, || ChecksumKey::new(key, usage))?;
            let signed = Header { ec: 0, rrc: 0, ..header };
            key.check(parts, &signed.to_bytes(), front.checksum)?;
            Qop::NoEncrypt
        };
        self.half.came(header.number, Numbers::Long)?;
        Ok(qop)
    }

    fn check_mic(&mut self, parts: &[Part<'_>], token: &[u8]) -> Result<()> {
        let (bytes, checksum) = token.split_first_chunk().ok_or_else(too_short)?;
        let header = self.read(bytes, header::MIC)?;
        let usage = Usages::of(self.half.sent_by_acceptor()).sign;
        let key = self.half.key()?;
        if checksum.len() != key.enctype().checksum_size() {
            return Err(altered("a checksum of another length"));
        }
        let key = ready(&mut self.mic_checksum, || ChecksumKey::new(key, usage))?;
        key.check(parts, bytes, checksum)?;
        self.half.came(header.number, Numbers::Long)
    }
}

fn too_short() -> Error {
    Error::new(Code::InvalidToken, "the token is shorter than a header")
}

impl Receiver for CfxReceiver {
    fn unwrap(&mut self, parts: &mut [Part<'_>], token: &[u8], padding: &[u8]) -> Result<Qop> {
        self.half.allows_messages()?;
        let (bytes, rest) = token.split_first_chunk().ok_or_else(too_short)?;
        let opened = self.open_parts(bytes, rest, parts, padding);
        if opened.is_err() {
            wipe(parts);
        }
        opened
    }

    fn unwrap_stream(&mut self, stream: &mut [u8]) -> Result<(Range<usize>, Qop)> {
        self.half.allows_messages()?;
        let (bytes, body) = stream
            .split_first_chunk_mut()
            .ok_or_else(|| Error::new(Code::IncompleteMessage, "the stream is shorter than a header"))?;
        match self.open_stream(bytes, body) {
            Ok((Range { start, end }, qop)) => {
                let behind = |place: usize| place.saturating_add(header::SIZE);
                Ok((behind(start)..behind(end), qop))
            }
            Err(error) => {
                body.fill(0);
                Err(error)
            }
        }
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
        (self.opening, self.wrap_checksum, self.mic_checksum) = (None, None, None);
        Ok(blob)
    }
}
