//! What the three messages share (MS-NLMP 2.2): signature, type, payload fields, text.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use crate::error::{Code, Error, Result};

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// VERSION (2.2.2.10): product 10.0, NTLMSSP_REVISION_W2K3. For people who read traces.
pub const VERSION: [u8; 8] = [10, 0, 0, 0, 0, 0, 0, 15];

/// MessageType.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    Negotiate = 1,
    Challenge = 2,
    Authenticate = 3,
}

/// SEC_E_INVALID_TOKEN.
pub fn invalid(reason: &'static str) -> Error {
    Error::new(Code::InvalidToken, reason)
}

/// Checks signature, type and least length.
pub fn open(message: &[u8], message_type: MessageType, least: usize) -> Result<()> {
    if message.get(..8) != Some(&SIGNATURE[..]) {
        return Err(invalid("not an NTLM message"));
    }
    if u32_at(message, 8)? != message_type as u32 {
        return Err(invalid("another NTLM message was expected"));
    }
    if message.len() < least {
        return Err(invalid("the NTLM message is shorter than its header"));
    }
    Ok(())
}

/// `N` bytes at an offset.
pub fn array_at<const N: usize>(message: &[u8], at: usize) -> Result<[u8; N]> {
    let bytes = message.get(at..).and_then(|rest| rest.first_chunk::<N>());
    bytes.copied().ok_or_else(|| invalid("the NTLM message is too short"))
}

pub fn u16_at(message: &[u8], at: usize) -> Result<u16> {
    array_at(message, at).map(u16::from_le_bytes)
}

pub fn u32_at(message: &[u8], at: usize) -> Result<u32> {
    array_at(message, at).map(u32::from_le_bytes)
}

/// A payload field: its bytes and where they begin.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    pub bytes: &'a [u8],
    /// `None` for an empty field, whose offset means nothing.
    pub offset: Option<usize>,
}

/// Reads the field whose Len, MaxLen and BufferOffset stand at `at`; its bytes lie behind the
/// first `header` bytes and inside the message.
pub fn field<'a>(message: &'a [u8], at: usize, header: usize) -> Result<Field<'a>> {
    let length = usize::from(u16_at(message, at)?);
    let offset = u32_at(message, at.saturating_add(4))?;
    if length == 0 {
        return Ok(Field { bytes: &[], offset: None });
    }
    let outside = || invalid("a field lies outside the NTLM message");
    let offset = usize::try_from(offset).map_err(|_| outside())?;
    if offset < header {
        return Err(invalid("a field overlaps the NTLM message's header"));
    }
    let bytes = message.get(offset..).and_then(|rest| rest.get(..length)).ok_or_else(outside)?;
    Ok(Field { bytes, offset: Some(offset) })
}

/// A name from the wire. OEM names are UTF-8 when valid, else Latin-1.
pub fn read_text(bytes: &[u8], unicode: bool) -> Result<U16String> {
    if unicode {
        return read_utf16(bytes);
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => U16String::from_str(text),
        Err(_) => U16String::from_vec(bytes.iter().map(|byte| u16::from(*byte)).collect::<Vec<u16>>()),
    })
}

/// UTF-16LE units, lone surrogates included.
pub fn read_utf16(bytes: &[u8]) -> Result<U16String> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(invalid("a name has half a UTF-16 unit"));
    }
    Ok(U16String::from_vec(units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<u16>>()))
}

/// A name for the wire, as UTF-16LE.
pub fn utf16le(text: &U16Str) -> Vec<u8> {
    text.as_slice().iter().flat_map(|unit| unit.to_le_bytes()).collect()
}

/// A message in the making: a zeroed header, then the payload.
pub struct Builder {
    message: Vec<u8>,
}

impl Builder {
    /// `header` bytes for the header, room for `payload` more.
    pub fn new(message_type: MessageType, header: usize, payload: usize) -> Self {
        let mut message = Vec::with_capacity(header.saturating_add(payload));
        message.extend_from_slice(SIGNATURE);
        message.extend_from_slice(&(message_type as u32).to_le_bytes());
        message.resize(header, 0);
        Self { message }
    }

    /// Overwrites header bytes; what does not fit the header was no header field.
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        let place = self.message.get_mut(at..).and_then(|rest| rest.get_mut(..bytes.len()));
        if let Some(place) = place {
            place.copy_from_slice(bytes);
        }
    }

    /// Appends a payload and writes its Len, MaxLen and BufferOffset at `at`.
    pub fn field(&mut self, at: usize, payload: &[u8]) -> Result<()> {
        let too_long = || Error::new(Code::InvalidToken, "a field does not fit an NTLM message");
        let length = u16::try_from(payload.len()).map_err(|_| too_long())?.to_le_bytes();
        let offset = u32::try_from(self.message.len()).map_err(|_| too_long())?.to_le_bytes();
        self.put(at, &[length[0], length[1], length[0], length[1]]);
        self.put(at.saturating_add(4), &offset);
        self.message.extend_from_slice(payload);
        Ok(())
    }

    pub fn finish(self) -> Vec<u8> {
        self.message
    }
}
