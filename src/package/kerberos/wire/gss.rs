//! How context tokens are framed (RFC 4121 4.1), and user-to-user's two messages.

#![forbid(unsafe_code)]

use super::{Name, Ticket, VERSION, version};
use crate::error::Result;
use crate::package::der::{self, Fields, Reader, Writer, invalid};

/// 1.2.840.113554.1.2.2.
pub const KERBEROS_OID: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2];
/// 1.2.840.48018.1.2.2: the same with a bit lost, as Windows 2000 wrote it and all later ones still do.
pub const MS_KERBEROS_OID: &[u8] = &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2];
/// 1.2.840.113554.1.2.2.3.
pub const USER_TO_USER_OID: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 3];

/// TOK_ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum TokenId {
    ApReq = 0x0100,
    ApRep = 0x0200,
    KrbError = 0x0300,
    /// KERB_TGT_REQUEST and KERB_TGT_REPLY of user-to-user.
    TgtReq = 0x0400,
    TgtRep = 0x0401,
}

impl TokenId {
    const ALL: [Self; 5] = [Self::ApReq, Self::ApRep, Self::KrbError, Self::TgtReq, Self::TgtRep];
}

/// A context token without its frame.
#[derive(Clone, Copy)]
pub struct Framed<'a> {
    /// One of the three above.
    pub oid: &'a [u8],
    pub token_id: TokenId,
    pub inner: &'a [u8],
}

impl<'a> Framed<'a> {
    pub fn parse(token: &'a [u8]) -> Result<Self> {
        let framed = der::only(token, der::APPLICATION_0)?;
        let mut reader = Reader::new(framed.body);
        let oid = reader.expect(der::OBJECT_IDENTIFIER)?;
        if ![KERBEROS_OID, MS_KERBEROS_OID, USER_TO_USER_OID].contains(&oid.body) {
            return Err(invalid("a token of another mechanism than Kerberos"));
        }
        let rest = framed.body.get(oid.whole.len()..).unwrap_or_default();
        let (id, inner) = rest.split_first_chunk().ok_or_else(|| invalid("no TOK_ID"))?;
        let id = u16::from_be_bytes(*id);
        let known = TokenId::ALL.into_iter().find(|known| *known as u16 == id);
        let token_id = known.ok_or_else(|| invalid("an unknown TOK_ID"))?;
        Ok(Self { oid: oid.body, token_id, inner })
    }

    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::APPLICATION_0, |writer| {
            writer.element(der::OBJECT_IDENTIFIER, self.oid);
            writer.raw(&(self.token_id as u16).to_be_bytes());
            writer.raw(self.inner);
        });
        writer.finish()
    }
}

/// msg-type of KERB-TGT-REQUEST and KERB-TGT-REPLY.
const TGT_REQ: i32 = 16;
const TGT_REP: i32 = 17;

/// KERB-TGT-REQUEST: asks a user who is a server for its ticket-granting ticket.
#[derive(Clone, Debug, Default)]
pub struct TgtRequest {
    pub server_name: Option<Name>,
    pub realm: Option<String>,
}

impl TgtRequest {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        user_to_user_head(&mut fields, TGT_REQ)?;
        let server_name = fields.optional(2)?.map(Name::read).transpose()?;
        let realm = fields.optional(3)?.map(der::text).transpose()?;
        fields.end()?;
        Ok(Self { server_name, realm })
    }

    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(VERSION));
            writer.field(1, |writer| writer.integer(TGT_REQ));
            writer.optional(2, self.server_name.as_ref(), |writer, name| name.write(writer));
            writer.optional(3, self.realm.as_deref(), Writer::text);
        });
        writer.finish()
    }
}

/// KERB-TGT-REPLY's ticket.
pub fn parse_tgt_reply(bytes: &[u8]) -> Result<Ticket> {
    let mut fields = Fields::of(bytes)?;
    user_to_user_head(&mut fields, TGT_REP)?;
    let ticket = Ticket::parse(fields.required(2)?)?;
    fields.end()?;
    Ok(ticket)
}

/// KERB-TGT-REPLY around a ticket's DER.
pub fn build_tgt_reply(ticket: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.field(0, |writer| writer.integer(VERSION));
        writer.field(1, |writer| writer.integer(TGT_REP));
        writer.field(2, |writer| writer.raw(ticket));
    });
    writer.finish()
}

fn user_to_user_head(fields: &mut Fields<'_>, message_type: i32) -> Result<()> {
    version(fields, 0)?;
    match der::integer::<i32>(fields.required(1)?)? == message_type {
        true => Ok(()),
        false => Err(invalid("another user-to-user message was expected")),
    }
}
