//! The half that sends tokens of RFC 4121.

#![forbid(unsafe_code)]

use smallvec::smallvec;

use super::half::{Half, Numbers, ready};
use super::header::{self, Header};
use super::too_small;
use crate::crypto::enctype::{ChecksumKey, SealingKeys};
use crate::error::{Code, Error, Result};
use crate::package::{MechList, Qop, Sender, ShortBytes, Wrapped};
use crate::part::Part;
use crate::secret::Secret;

/// The key usages of one direction (RFC 4121 2).
pub struct Usages {
    /// Tokens of GSS_Wrap, sealed or not.
    pub seal: u32,
    /// Tokens of GSS_GetMIC.
    pub sign: u32,
}

impl Usages {
    pub fn of(from_acceptor: bool) -> Usages {
        match from_acceptor {
            true => Usages { seal: 22, sign: 23 },
            false => Usages { seal: 24, sign: 25 },
        }
    }
}

/// EC in DCE style, where Windows expects a whole cipher block.
const DCE_FILLER: usize = 16;

/// One direction, sending.
pub struct CfxSender {
    half: Half,
    sealing: Option<Box<SealingKeys>>,
    wrap_checksum: Option<Box<ChecksumKey>>,
    mic_checksum: Option<Box<ChecksumKey>>,
}

fn count(bytes: usize) -> Result<u16> {
    u16::try_from(bytes).map_err(|_| Error::new(Code::InternalError, "a count of a header"))
}

impl CfxSender {
    pub fn new(half: Half) -> Self {
        Self { half, sealing: None, wrap_checksum: None, mic_checksum: None }
    }

    /// The header of the next message.
    fn header(&self, id: u16, sealed: bool) -> Result<Header> {
        let flags = header::flags(self.half.sent_by_acceptor(), sealed, self.half.acceptor_subkey());
        Ok(Header::new(id, flags, self.half.next_number(Numbers::Long)?))
    }

    fn checksum_size(&self) -> Result<usize> {
        Ok(self.half.key()?.enctype().checksum_size())
    }

    /// Header, then what was turned in front of the data: filler, copy of the header, checksum;
    /// then the confounder, which the data follows.
    fn seal(&mut self, parts: &mut [Part<'_>], token: &mut [u8]) -> Result<usize> {
        let mut header = self.header(header::WRAP, true)?;
        let filler = if self.half.dce_style() { DCE_FILLER } else { 0 };
        let checksum_size = self.checksum_size()?;
        let tail_size = filler + header::SIZE;
        let size = header::SIZE + tail_size + checksum_size + 16;
        let (place, rest) =
            token.get_mut(..size).and_then(<[u8]>::split_first_chunk_mut).ok_or_else(too_small)?;
        let (tail, rest) = rest.split_at_mut(tail_size);
        let (checksum, confounder) = rest.split_at_mut(checksum_size);
        let confounder = confounder.first_chunk_mut().ok_or_else(too_small)?;

        header.ec = count(filler)?;
        tail.fill(0);
        if let Some(copy) = tail.last_chunk_mut() {
            *copy = header.to_bytes();
        }
        let usages = Usages::of(self.half.sent_by_acceptor());
        let key = self.half.key()?;
        let keys = ready(&mut self.sealing, || SealingKeys::new(key, usages.seal))?;
        keys.seal(confounder, parts, tail, checksum)?;
        header.rrc = count(header::SIZE + checksum_size)?;
        *place = header.to_bytes();
        self.half.sent();
        Ok(size)
    }

    /// Header and checksum, in front of the data.
    fn sign(&mut self, id: u16, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize> {
        let mut header = self.header(id, false)?;
        let checksum_size = self.checksum_size()?;
        let size = header::SIZE + checksum_size;
        let (place, checksum) =
            token.get_mut(..size).and_then(<[u8]>::split_first_chunk_mut).ok_or_else(too_small)?;
        let usages = Usages::of(self.half.sent_by_acceptor());
        let key = self.half.key()?;
        let key = match id == header::MIC {
            true => ready(&mut self.mic_checksum, || ChecksumKey::new(key, usages.sign))?,
            false => ready(&mut self.wrap_checksum, || ChecksumKey::new(key, usages.seal))?,
        };
        key.sum(parts, &header.to_bytes(), checksum)?;
        if id == header::WRAP {
            header.ec = count(checksum_size)?;
            header.rrc = header.ec;
        }
        *place = header.to_bytes();
        self.half.sent();
        Ok(size)
    }
}

impl Sender for CfxSender {
    fn wrap(
        &mut self,
        parts: &mut [Part<'_>],
        token: &mut [u8],
        _padding: &mut [u8],
        qop: Qop,
    ) -> Result<Wrapped> {
        self.half.allows_messages()?;
        let token = match qop {
            Qop::Encrypt => self.seal(parts, token)?,
            Qop::NoEncrypt => self.sign(header::WRAP, parts, token)?,
        };
        Ok(Wrapped { token, padding: 0 })
    }

    fn mic(&mut self, parts: &[Part<'_>], token: &mut [u8]) -> Result<usize> {
        self.half.allows_messages()?;
        self.sign(header::MIC, parts, token)
    }

    fn list_mic(&mut self, list: &MechList) -> Result<ShortBytes> {
        let mut mic = smallvec![0; header::SIZE + self.checksum_size()?];
        self.sign(header::MIC, &[Part::SignedOnly(list.der())], &mut mic)?;
        Ok(mic)
    }

    fn export(&mut self) -> Result<Secret<Vec<u8>>> {
        let blob = self.half.export()?;
        (self.sealing, self.wrap_checksum, self.mic_checksum) = (None, None, None);
        Ok(blob)
    }
}
