//! KRB-CRED, which carries a delegated ticket (RFC 4120 5.8).

#![forbid(unsafe_code)]

use super::base::{
    EncryptedData, EncryptionKey, HostAddress, read_addresses, read_optional_principal, write_addresses,
    write_principal,
};
use super::{Ticket, application, head, message_type, microseconds, write_head};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

const MOST_TICKETS: usize = 16;

/// KRB-CRED.
#[derive(Clone, Debug)]
pub struct KrbCred {
    pub tickets: Vec<Ticket>,
    /// Of EncKrbCredPart; etype 0 means that it is not encrypted.
    pub enc_part: EncryptedData,
}

impl KrbCred {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, message_type::KRB_CRED)?)?;
        head(&mut fields, 0, message_type::KRB_CRED)?;
        let tickets = der::list(fields.required(2)?, MOST_TICKETS, Ticket::parse)?;
        let enc_part = EncryptedData::read(fields.required(3)?)?;
        fields.end()?;
        Ok(Self { tickets, enc_part })
    }

    /// `tickets` are the DER of each.
    pub fn build(tickets: &[&[u8]], enc_part: &EncryptedData) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(message_type::KRB_CRED), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 0, message_type::KRB_CRED);
                writer.field(2, |writer| {
                    writer.sequence(|writer| tickets.iter().for_each(|ticket| writer.raw(ticket)));
                });
                writer.field(3, |writer| enc_part.write(writer));
            });
        });
        writer.finish()
    }
}

/// KrbCredInfo: what a ticket's new owner must know of it.
#[derive(Clone, Debug)]
pub struct KrbCredInfo {
    pub key: EncryptionKey,
    pub client: Option<Principal>,
    pub flags: Option<u32>,
    pub authtime: Option<i64>,
    pub starttime: Option<i64>,
    pub endtime: Option<i64>,
    pub renew_till: Option<i64>,
    pub server: Option<Principal>,
    pub caddr: Option<Vec<HostAddress>>,
}

impl KrbCredInfo {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let key = EncryptionKey::read(fields.required(0)?)?;
        let client = read_optional_principal(&mut fields, 1)?;
        let flags = fields.optional(3)?.map(der::flags).transpose()?;
        let authtime = fields.optional(4)?.map(der::time).transpose()?;
        let starttime = fields.optional(5)?.map(der::time).transpose()?;
        let endtime = fields.optional(6)?.map(der::time).transpose()?;
        let renew_till = fields.optional(7)?.map(der::time).transpose()?;
        let server = read_optional_principal(&mut fields, 8)?;
        let caddr = fields.optional(10)?.map(read_addresses).transpose()?;
        fields.end()?;
        Ok(Self { key, client, flags, authtime, starttime, endtime, renew_till, server, caddr })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| self.key.write(writer));
            if let Some(client) = &self.client {
                write_principal(writer, 1, client);
            }
            writer.optional(3, self.flags, Writer::flags);
            writer.optional(4, self.authtime, Writer::time);
            writer.optional(5, self.starttime, Writer::time);
            writer.optional(6, self.endtime, Writer::time);
            writer.optional(7, self.renew_till, Writer::time);
            if let Some(server) = &self.server {
                write_principal(writer, 8, server);
            }
            writer.optional(10, self.caddr.as_deref(), write_addresses);
        });
    }
}

/// EncKrbCredPart.
#[derive(Clone, Debug)]
pub struct EncKrbCredPart {
    /// One for each ticket, in the same order.
    pub ticket_info: Vec<KrbCredInfo>,
    pub nonce: Option<u32>,
    pub timestamp: Option<i64>,
    pub usec: Option<u32>,
}

impl EncKrbCredPart {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, 29)?)?;
        let ticket_info = der::list(fields.required(0)?, MOST_TICKETS, KrbCredInfo::read)?;
        let nonce = fields.optional(1)?.map(der::uint32).transpose()?;
        let timestamp = fields.optional(2)?.map(der::time).transpose()?;
        let usec = fields.optional(3)?.map(microseconds).transpose()?;
        // s-address and r-address bind to addresses that no network keeps any more.
        fields.end()?;
        Ok(Self { ticket_info, nonce, timestamp, usec })
    }

    pub fn build(&self) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(29), |writer| {
            writer.sequence(|writer| {
                writer.field(0, |writer| {
                    writer.sequence(|writer| self.ticket_info.iter().for_each(|info| info.write(writer)));
                });
                writer.optional(1, self.nonce, |writer, nonce| writer.integer(nonce));
                writer.optional(2, self.timestamp, Writer::time);
                writer.optional(3, self.usec, |writer, usec| writer.integer(usec));
            });
        });
        writer.finish_secret()
    }
}
