//! AP-REQ and AP-REP (RFC 4120 5.5).

#![forbid(unsafe_code)]

use super::base::{
    AuthData, Checksum, EncryptedData, EncryptionKey, read_authorization_data, read_principal,
    write_authorization_data, write_principal,
};
use super::{Ticket, VERSION, application, head, message_type, microseconds, version, write_head};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

/// AP-REQ.
#[derive(Clone, Debug)]
pub struct ApReq {
    pub ap_options: u32,
    pub ticket: Ticket,
    pub authenticator: EncryptedData,
}

impl ApReq {
    /// Whether these bytes claim to be one.
    pub fn is(bytes: &[u8]) -> bool {
        bytes.first() == Some(&der::application(message_type::AP_REQ))
    }

    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, message_type::AP_REQ)?)?;
        head(&mut fields, 0, message_type::AP_REQ)?;
        let ap_options = der::flags(fields.required(2)?)?;
        let ticket = Ticket::parse(fields.required(3)?)?;
        let authenticator = EncryptedData::read(fields.required(4)?)?;
        fields.end()?;
        Ok(Self { ap_options, ticket, authenticator })
    }

    pub fn build(ap_options: u32, ticket: &[u8], authenticator: &EncryptedData) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(message_type::AP_REQ), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 0, message_type::AP_REQ);
                writer.field(2, |writer| writer.flags(ap_options));
                writer.field(3, |writer| writer.raw(ticket));
                writer.field(4, |writer| authenticator.write(writer));
            });
        });
        writer.finish()
    }
}

/// Authenticator.
#[derive(Clone, Debug)]
pub struct Authenticator {
    pub client: Principal,
    pub cksum: Option<Checksum>,
    pub cusec: u32,
    pub ctime: i64,
    pub subkey: Option<EncryptionKey>,
    pub seq_number: Option<u32>,
    pub authorization_data: Vec<AuthData>,
}

impl Authenticator {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 2)?)?;
        version(&mut fields, 0)?;
        let client = read_principal(&mut fields, 1)?;
        let cksum = fields.optional(3)?.map(Checksum::read).transpose()?;
        let cusec = microseconds(fields.required(4)?)?;
        let ctime = der::time(fields.required(5)?)?;
        let subkey = fields.optional(6)?.map(EncryptionKey::read).transpose()?;
        let seq_number = fields.optional(7)?.map(der::uint32).transpose()?;
        let authorization_data = fields.optional(8)?.map(read_authorization_data).transpose()?;
        fields.end()?;
        let authorization_data = authorization_data.unwrap_or_default();
        Ok(Self { client, cksum, cusec, ctime, subkey, seq_number, authorization_data })
    }

    pub fn build(&self) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(2), |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| writer.integer(VERSION));
                write_principal(writer, 1, &self.client);
                writer.optional(3, self.cksum.as_ref(), |writer, cksum| cksum.write(writer));
                writer.field(4, |writer| writer.integer(self.cusec));
                writer.field(5, |writer| writer.time(self.ctime));
                writer.optional(6, self.subkey.as_ref(), |writer, subkey| subkey.write(writer));
                writer.optional(7, self.seq_number, |writer, number| writer.integer(number));
                let data = Some(self.authorization_data.as_slice()).filter(|data| !data.is_empty());
                writer.optional(8, data, write_authorization_data);
            });
        });
        writer.finish_secret()
    }
}

/// AP-REP.
#[derive(Clone, Debug)]
pub struct ApRep {
    pub enc_part: EncryptedData,
}

impl ApRep {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, message_type::AP_REP)?)?;
        head(&mut fields, 0, message_type::AP_REP)?;
        let enc_part = EncryptedData::read(fields.required(2)?)?;
        fields.end()?;
        Ok(Self { enc_part })
    }

    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(message_type::AP_REP), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 0, message_type::AP_REP);
                writer.field(2, |writer| self.enc_part.write(writer));
            });
        });
        writer.finish()
    }
}

/// EncAPRepPart.
#[derive(Clone, Debug)]
pub struct EncApRepPart {
    pub ctime: i64,
    pub cusec: u32,
    pub subkey: Option<EncryptionKey>,
    pub seq_number: Option<u32>,
}

impl EncApRepPart {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 27)?)?;
        let ctime = der::time(fields.required(0)?)?;
        let cusec = microseconds(fields.required(1)?)?;
        let subkey = fields.optional(2)?.map(EncryptionKey::read).transpose()?;
        let seq_number = fields.optional(3)?.map(der::uint32).transpose()?;
        fields.end()?;
        Ok(Self { ctime, cusec, subkey, seq_number })
    }

    pub fn build(&self) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(27), |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| writer.time(self.ctime));
                writer.field(1, |writer| writer.integer(self.cusec));
                writer.optional(2, self.subkey.as_ref(), |writer, subkey| subkey.write(writer));
                writer.optional(3, self.seq_number, |writer, number| writer.integer(number));
            });
        });
        writer.finish_secret()
    }
}
