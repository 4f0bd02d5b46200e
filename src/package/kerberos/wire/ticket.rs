//! Ticket and its encrypted part (RFC 4120 5.3).

#![forbid(unsafe_code)]

use super::base::{
    AuthData, EncryptedData, EncryptionKey, HostAddress, read_addresses, read_authorization_data,
    read_principal, write_addresses, write_authorization_data, write_principal,
};
use super::{VERSION, application, version};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

/// Ticket, with the bytes that it came as.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub der: Vec<u8>,
    /// realm and sname. Not protected: what counts is what stands in an encrypted part.
    pub server: Principal,
    pub enc_part: EncryptedData,
}

impl Ticket {
    pub fn new(server: Principal, enc_part: EncryptedData) -> Self {
        let mut writer = Writer::new();
        writer.nest(der::application(1), |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| writer.integer(VERSION));
                write_principal(writer, 1, &server);
                writer.field(3, |writer| enc_part.write(writer));
            });
        });
        Self { der: writer.finish(), server, enc_part }
    }

    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 1)?)?;
        version(&mut fields, 0)?;
        let server = read_principal(&mut fields, 1)?;
        let enc_part = EncryptedData::read(fields.required(3)?)?;
        fields.end()?;
        Ok(Self { der: bytes.to_vec(), server, enc_part })
    }
}

/// TransitedEncoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transited {
    /// 1: DOMAIN-X500-COMPRESS (RFC 4120 3.3.3.2).
    pub tr_type: i32,
    pub contents: Vec<u8>,
}

/// EncTicketPart.
#[derive(Clone, Debug)]
pub struct EncTicketPart {
    pub flags: u32,
    pub key: EncryptionKey,
    pub client: Principal,
    pub transited: Transited,
    pub authtime: i64,
    pub starttime: Option<i64>,
    pub endtime: i64,
    pub renew_till: Option<i64>,
    pub caddr: Option<Vec<HostAddress>>,
    pub authorization_data: Vec<AuthData>,
}

impl EncTicketPart {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 3)?)?;
        let flags = der::flags(fields.required(0)?)?;
        let key = EncryptionKey::read(fields.required(1)?)?;
        let client = read_principal(&mut fields, 2)?;
        let transited = {
            let mut fields = Fields::of(fields.required(4)?)?;
            let tr_type = der::integer(fields.required(0)?)?;
            let contents = der::octets(fields.required(1)?)?.to_vec();
            fields.end()?;
            Transited { tr_type, contents }
        };
        let authtime = der::time(fields.required(5)?)?;
        let starttime = fields.optional(6)?.map(der::time).transpose()?;
        let endtime = der::time(fields.required(7)?)?;
        let renew_till = fields.optional(8)?.map(der::time).transpose()?;
        let caddr = fields.optional(9)?.map(read_addresses).transpose()?;
        let authorization_data = fields.optional(10)?.map(read_authorization_data).transpose()?;
        fields.end()?;
        let authorization_data = authorization_data.unwrap_or_default();
        Ok(Self {
            flags,
            key,
            client,
            transited,
            authtime,
            starttime,
            endtime,
            renew_till,
            caddr,
            authorization_data,
        })
    }

    pub fn build(&self) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(3), |writer| writer.sequence(|writer| self.write(writer)));
        writer.finish_secret()
    }

    fn write(&self, writer: &mut Writer) {
        writer.field(0, |writer| writer.flags(self.flags));
        writer.field(1, |writer| self.key.write(writer));
        write_principal(writer, 2, &self.client);
        writer.field(4, |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| writer.integer(self.transited.tr_type));
                writer.field(1, |writer| writer.octets(&self.transited.contents));
            });
        });
        writer.field(5, |writer| writer.time(self.authtime));
        writer.optional(6, self.starttime, Writer::time);
        writer.field(7, |writer| writer.time(self.endtime));
        writer.optional(8, self.renew_till, Writer::time);
        writer.optional(9, self.caddr.as_deref(), write_addresses);
        let data = Some(self.authorization_data.as_slice()).filter(|data| !data.is_empty());
        writer.optional(10, data, write_authorization_data);
    }
}
