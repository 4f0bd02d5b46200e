//! The password changing protocol (RFC 3244) and KRB-PRIV, which it speaks in (RFC 4120 5.7).

#![forbid(unsafe_code)]

use super::base::{EncryptedData, HostAddress, Name};
use super::{KrbError, application, head, message_type, microseconds, write_head};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer, invalid};
use crate::secret::Secret;

/// Protocol version number: a change of one's own password, the bare new one as user-data.
pub const CHANGE_PASSWORD: u16 = 0x0001;
/// Protocol version number: ChangePasswdData as user-data.
pub const SET_PASSWORD: u16 = 0xFF80;

/// Result codes.
pub const KRB5_KPASSWD_SUCCESS: u16 = 0;
pub const KRB5_KPASSWD_MALFORMED: u16 = 1;
pub const KRB5_KPASSWD_HARDERROR: u16 = 2;
pub const KRB5_KPASSWD_AUTHERROR: u16 = 3;
pub const KRB5_KPASSWD_SOFTERROR: u16 = 4;
pub const KRB5_KPASSWD_ACCESSDENIED: u16 = 5;
pub const KRB5_KPASSWD_BAD_VERSION: u16 = 6;
pub const KRB5_KPASSWD_INITIAL_FLAG_NEEDED: u16 = 7;

/// A request, or a reply that is no error: length, version, AP-REQ or AP-REP length, both messages.
pub struct Framed<'a> {
    pub version: u16,
    /// AP-REQ or AP-REP.
    pub ap: &'a [u8],
    /// KRB-PRIV.
    pub private: &'a [u8],
}

impl<'a> Framed<'a> {
    pub fn build(&self) -> Result<Vec<u8>> {
        let too_long = |_| invalid("a password change that is too long for its frame");
        let whole = self.ap.len().saturating_add(self.private.len()).saturating_add(6);
        let mut out = Vec::with_capacity(whole);
        out.extend_from_slice(&u16::try_from(whole).map_err(too_long)?.to_be_bytes());
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&u16::try_from(self.ap.len()).map_err(too_long)?.to_be_bytes());
        out.extend_from_slice(self.ap);
        out.extend_from_slice(self.private);
        Ok(out)
    }

    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let ([a, b, c, d, e, f], rest) =
            bytes.split_first_chunk::<6>().ok_or_else(|| invalid("a password change without its head"))?;
        if usize::from(u16::from_be_bytes([*a, *b])) != bytes.len() {
            return Err(invalid("a password change of another length than it says"));
        }
        let version = u16::from_be_bytes([*c, *d]);
        let ap = usize::from(u16::from_be_bytes([*e, *f]));
        let (ap, private) =
            rest.split_at_checked(ap).ok_or_else(|| invalid("a password change that is cut off"))?;
        Ok(Self { version, ap, private })
    }
}

/// What a password changing server answers.
pub enum Reply<'a> {
    Framed(Framed<'a>),
    /// Framed behind an AP-REP of length 0, or bare.
    Error(Box<KrbError>),
}

impl<'a> Reply<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        if KrbError::is(bytes) {
            return Ok(Self::Error(Box::new(KrbError::parse(bytes)?)));
        }
        let framed = Framed::parse(bytes)?;
        match framed.ap.is_empty() {
            true => Ok(Self::Error(Box::new(KrbError::parse(framed.private)?))),
            false => Ok(Self::Framed(framed)),
        }
    }
}

/// Result code and result string of a reply's user-data, or of a KRB-ERROR's e-data.
pub fn parse_result(user_data: &[u8]) -> Result<(u16, &[u8])> {
    let (code, text) = user_data.split_first_chunk().ok_or_else(|| invalid("no result code"))?;
    Ok((u16::from_be_bytes(*code), text))
}

/// ChangePasswdData: the new password in UTF-8, and whose it is if not the caller's own.
pub fn build_change_data(password: &[u8], target: Option<(&Name, &str)>) -> Secret<Vec<u8>> {
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.field(0, |writer| writer.octets(password));
        writer.optional(1, target.map(|(name, _)| name), |writer, name| name.write(writer));
        writer.optional(2, target.map(|(_, realm)| realm), Writer::text);
    });
    writer.finish_secret()
}

/// KRB-PRIV's enc-part.
pub fn build_private(enc_part: &EncryptedData) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(der::application(message_type::KRB_PRIV), |writer| {
        writer.sequence(|writer| {
            write_head(writer, 0, message_type::KRB_PRIV);
            writer.field(3, |writer| enc_part.write(writer));
        });
    });
    writer.finish()
}

pub fn parse_private(bytes: &[u8]) -> Result<EncryptedData> {
    let mut fields = Fields::of(application(bytes, message_type::KRB_PRIV)?)?;
    head(&mut fields, 0, message_type::KRB_PRIV)?;
    let enc_part = EncryptedData::read(fields.required(3)?)?;
    fields.end()?;
    Ok(enc_part)
}

/// EncKrbPrivPart.
#[derive(Clone, Debug)]
pub struct EncKrbPrivPart {
    pub user_data: Secret<Vec<u8>>,
    pub timestamp: Option<i64>,
    pub usec: Option<u32>,
    pub seq_number: Option<u32>,
    pub s_address: HostAddress,
}

impl EncKrbPrivPart {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 28)?)?;
        let user_data = Secret::new(der::octets(fields.required(0)?)?.to_vec());
        let timestamp = fields.optional(1)?.map(der::time).transpose()?;
        let usec = fields.optional(2)?.map(microseconds).transpose()?;
        let seq_number = fields.optional(3)?.map(der::uint32).transpose()?;
        let s_address = HostAddress::read(fields.required(4)?)?;
        fields.end()?;
        Ok(Self { user_data, timestamp, usec, seq_number, s_address })
    }

    pub fn build(&self) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(28), |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| writer.octets(self.user_data.as_ref()));
                writer.optional(1, self.timestamp, Writer::time);
                writer.optional(2, self.usec, |writer, usec| writer.integer(usec));
                writer.optional(3, self.seq_number, |writer, number| writer.integer(number));
                writer.field(4, |writer| self.s_address.write(writer));
            });
        });
        writer.finish_secret()
    }
}
