//! KDC-REQ and KDC-REP (RFC 4120 5.4).

#![forbid(unsafe_code)]

use super::base::{
    EncryptedData, EncryptionKey, HostAddress, Name, read_addresses, read_principal, write_addresses,
    write_principal,
};
use super::padata::{PaData, read_method_data, write_method_data};
use super::{Ticket, application, head, message_type, write_head};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer, invalid};
use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

const MOST_ETYPES: usize = 64;
const MOST_TICKETS: usize = 8;
const MOST_LAST_REQS: usize = 64;

/// KDC-REQ-BODY.
#[derive(Clone, Debug)]
pub struct KdcReqBody {
    pub kdc_options: u32,
    pub cname: Option<Name>,
    /// The server's realm, and in an AS-REQ the client's.
    pub realm: String,
    pub sname: Option<Name>,
    pub from: Option<i64>,
    pub till: i64,
    pub rtime: Option<i64>,
    pub nonce: u32,
    /// In order of preference.
    pub etype: Vec<i32>,
    pub addresses: Option<Vec<HostAddress>>,
    pub enc_authorization_data: Option<EncryptedData>,
    /// The DER of each.
    pub additional_tickets: Vec<Vec<u8>>,
}

impl KdcReqBody {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let kdc_options = der::flags(fields.required(0)?)?;
        let cname = fields.optional(1)?.map(Name::read).transpose()?;
        let realm = der::text(fields.required(2)?)?;
        let sname = fields.optional(3)?.map(Name::read).transpose()?;
        let from = fields.optional(4)?.map(der::time).transpose()?;
        let till = der::time(fields.required(5)?)?;
        let rtime = fields.optional(6)?.map(der::time).transpose()?;
        let nonce = der::uint32(fields.required(7)?)?;
        let etype = der::list(fields.required(8)?, MOST_ETYPES, der::integer)?;
        let addresses = fields.optional(9)?.map(read_addresses).transpose()?;
        let enc_authorization_data = fields.optional(10)?.map(EncryptedData::read).transpose()?;
        let tickets = fields.optional(11)?;
        let ticket = |bytes| Ticket::parse(bytes).map(|ticket| ticket.der);
        let tickets = tickets.map(|bytes| der::list(bytes, MOST_TICKETS, ticket)).transpose()?;
        fields.end()?;
        Ok(Self {
            kdc_options,
            cname,
            realm,
            sname,
            from,
            till,
            rtime,
            nonce,
            etype,
            addresses,
            enc_authorization_data,
            additional_tickets: tickets.unwrap_or_default(),
        })
    }

    /// What a TGS-REQ's authenticator has a checksum over, too.
    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|writer| self.write(writer));
        writer.finish()
    }

    fn write(&self, writer: &mut Writer) {
        writer.field(0, |writer| writer.flags(self.kdc_options));
        writer.optional(1, self.cname.as_ref(), |writer, name| name.write(writer));
        writer.field(2, |writer| writer.text(&self.realm));
        writer.optional(3, self.sname.as_ref(), |writer, name| name.write(writer));
        writer.optional(4, self.from, Writer::time);
        writer.field(5, |writer| writer.time(self.till));
        writer.optional(6, self.rtime, Writer::time);
        writer.field(7, |writer| writer.integer(self.nonce));
        writer.field(8, |writer| {
            writer.sequence(|writer| self.etype.iter().for_each(|etype| writer.integer(*etype)));
        });
        writer.optional(9, self.addresses.as_deref(), write_addresses);
        writer.optional(10, self.enc_authorization_data.as_ref(), |writer, data| data.write(writer));
        if !self.additional_tickets.is_empty() {
            writer.field(11, |writer| {
                writer.sequence(|writer| {
                    self.additional_tickets.iter().for_each(|ticket| writer.raw(ticket));
                });
            });
        }
    }
}

/// KDC-REQ.
#[derive(Clone, Debug)]
pub struct KdcReq {
    /// `message_type::AS_REQ` or `TGS_REQ`.
    pub msg_type: u8,
    pub padata: Vec<PaData>,
    pub body: KdcReqBody,
    /// The body's DER.
    pub body_der: Vec<u8>,
}

impl KdcReq {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let msg_type = match bytes.first() == Some(&der::application(message_type::AS_REQ)) {
            true => message_type::AS_REQ,
            false => message_type::TGS_REQ,
        };
        let mut fields = Fields::of(application(bytes, msg_type)?)?;
        head(&mut fields, 1, msg_type)?;
        let padata = fields.optional(3)?.map(read_method_data).transpose()?.unwrap_or_default();
        let body_der = fields.required(4)?.to_vec();
        fields.end()?;
        Ok(Self { msg_type, padata, body: KdcReqBody::read(&body_der)?, body_der })
    }

    /// `body` is a KDC-REQ-BODY's DER.
    pub fn build(msg_type: u8, padata: &[PaData], body: &[u8]) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(msg_type), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 1, msg_type);
                let padata = Some(padata).filter(|padata| !padata.is_empty());
                writer.optional(3, padata, write_method_data);
                writer.field(4, |writer| writer.raw(body));
            });
        });
        writer.finish()
    }
}

/// KDC-REP.
#[derive(Clone, Debug)]
pub struct KdcRep {
    /// `message_type::AS_REP` or `TGS_REP`.
    pub msg_type: u8,
    pub padata: Vec<PaData>,
    pub client: Principal,
    pub ticket: Ticket,
    pub enc_part: EncryptedData,
}

impl KdcRep {
    /// A reply of that type and no other.
    pub fn parse(bytes: &[u8], msg_type: u8) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, msg_type)?)?;
        head(&mut fields, 0, msg_type)?;
        let padata = fields.optional(2)?.map(read_method_data).transpose()?.unwrap_or_default();
        let client = read_principal(&mut fields, 3)?;
        let ticket = Ticket::parse(fields.required(5)?)?;
        let enc_part = EncryptedData::read(fields.required(6)?)?;
        fields.end()?;
        Ok(Self { msg_type, padata, client, ticket, enc_part })
    }

    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(self.msg_type), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 0, self.msg_type);
                let padata = Some(self.padata.as_slice()).filter(|padata| !padata.is_empty());
                writer.optional(2, padata, write_method_data);
                write_principal(writer, 3, &self.client);
                writer.field(5, |writer| writer.raw(&self.ticket.der));
                writer.field(6, |writer| self.enc_part.write(writer));
            });
        });
        writer.finish()
    }
}

/// EncKDCRepPart.
#[derive(Clone, Debug)]
pub struct EncKdcRepPart {
    pub key: EncryptionKey,
    /// lr-type and lr-value.
    pub last_req: Vec<(i32, i64)>,
    pub nonce: u32,
    pub key_expiration: Option<i64>,
    pub flags: u32,
    pub authtime: i64,
    pub starttime: Option<i64>,
    pub endtime: i64,
    pub renew_till: Option<i64>,
    pub server: Principal,
    pub caddr: Option<Vec<HostAddress>>,
    /// encrypted-pa-data (RFC 6806 11).
    pub encrypted_padata: Vec<PaData>,
}

/// EncASRepPart's and EncTGSRepPart's tags. MIT sends the second in both replies; RFC 4120 5.4.2 has
/// both taken for either.
pub const ENC_AS_REP_PART: u8 = 25;
pub const ENC_TGS_REP_PART: u8 = 26;

impl EncKdcRepPart {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let element = der::Reader::new(bytes).next()?;
        let known = [der::application(ENC_AS_REP_PART), der::application(ENC_TGS_REP_PART)];
        if !known.contains(&element.tag) || element.whole.len() != bytes.len() {
            return Err(invalid("not the encrypted part of a KDC's reply"));
        }
        let mut fields = Fields::of(element.body)?;
        let key = EncryptionKey::read(fields.required(0)?)?;
        let last_req = der::list(fields.required(1)?, MOST_LAST_REQS, last_req)?;
        let nonce = der::uint32(fields.required(2)?)?;
        let key_expiration = fields.optional(3)?.map(der::time).transpose()?;
        let flags = der::flags(fields.required(4)?)?;
        let authtime = der::time(fields.required(5)?)?;
        let starttime = fields.optional(6)?.map(der::time).transpose()?;
        let endtime = der::time(fields.required(7)?)?;
        let renew_till = fields.optional(8)?.map(der::time).transpose()?;
        let server = read_principal(&mut fields, 9)?;
        let caddr = fields.optional(11)?.map(read_addresses).transpose()?;
        let encrypted_padata = fields.optional(12)?.map(read_method_data).transpose()?;
        fields.end()?;
        Ok(Self {
            key,
            last_req,
            nonce,
            key_expiration,
            flags,
            authtime,
            starttime,
            endtime,
            renew_till,
            server,
            caddr,
            encrypted_padata: encrypted_padata.unwrap_or_default(),
        })
    }

    /// `tag` is one of the two.
    pub fn build(&self, tag: u8) -> Secret<Vec<u8>> {
        let mut writer = Writer::new();
        writer.nest(der::application(tag), |writer| writer.sequence(|writer| self.write(writer)));
        writer.finish_secret()
    }

    fn write(&self, writer: &mut Writer) {
        writer.field(0, |writer| self.key.write(writer));
        writer.field(1, |writer| {
            writer.sequence(|writer| {
                for (lr_type, lr_value) in &self.last_req {
                    writer.sequence(|writer| {
                        writer.field(0, |writer| writer.integer(*lr_type));
                        writer.field(1, |writer| writer.time(*lr_value));
                    });
                }
            });
        });
        writer.field(2, |writer| writer.integer(self.nonce));
        writer.optional(3, self.key_expiration, Writer::time);
        writer.field(4, |writer| writer.flags(self.flags));
        writer.field(5, |writer| writer.time(self.authtime));
        writer.optional(6, self.starttime, Writer::time);
        writer.field(7, |writer| writer.time(self.endtime));
        writer.optional(8, self.renew_till, Writer::time);
        write_principal(writer, 9, &self.server);
        writer.optional(11, self.caddr.as_deref(), write_addresses);
        let padata = Some(self.encrypted_padata.as_slice()).filter(|padata| !padata.is_empty());
        writer.optional(12, padata, write_method_data);
    }
}

/// One element of LastReq.
fn last_req(bytes: &[u8]) -> Result<(i32, i64)> {
    let mut fields = Fields::of(bytes)?;
    let lr_type = der::integer(fields.required(0)?)?;
    let lr_value = der::time(fields.required(1)?)?;
    fields.end()?;
    Ok((lr_type, lr_value))
}
