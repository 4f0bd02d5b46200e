//! Kerberos' messages as bytes (RFC 4120 5, RFC 3244, RFC 4121 4.1).
//!
//! Every type reads itself from one DER element and writes itself into a `Writer`. Reading is strict,
//! but fields behind the known ones are skipped, as RFC 4120 1.5.1 asks. What holds a key is written
//! into zeroized memory. Nothing here knows a key's use: encryption is the caller's.

#![forbid(unsafe_code)]

pub mod ap;
pub mod base;
pub mod checksum;
pub mod cred;
pub mod error;
pub mod gss;
pub mod kdc;
pub mod kpasswd;
pub mod padata;
pub mod ticket;

#[cfg(test)]
mod tests;

pub use ap::{ApRep, ApReq, Authenticator, EncApRepPart};
pub use base::{AuthData, Checksum, EncryptedData, EncryptionKey, HostAddress, Name};
pub use checksum::GssChecksum;
pub use cred::{EncKrbCredPart, KrbCred, KrbCredInfo};
pub use error::KrbError;
pub use kdc::{EncKdcRepPart, KdcRep, KdcReq, KdcReqBody};
pub use padata::{EtypeInfo, PaData};
pub use ticket::{EncTicketPart, Ticket, Transited};

use crate::error::Result;
use crate::package::der::{self, Fields, Writer, invalid};

/// pvno, tkt-vno, authenticator-vno.
const VERSION: i32 = 5;

/// msg-type, and the APPLICATION tag, of the messages (RFC 4120 7.5.7).
pub mod message_type {
    pub const AS_REQ: u8 = 10;
    pub const AS_REP: u8 = 11;
    pub const TGS_REQ: u8 = 12;
    pub const TGS_REP: u8 = 13;
    pub const AP_REQ: u8 = 14;
    pub const AP_REP: u8 = 15;
    pub const KRB_PRIV: u8 = 21;
    pub const KRB_CRED: u8 = 22;
    pub const KRB_ERROR: u8 = 30;
}

/// Key usage numbers (RFC 4120 7.5.1, RFC 4121 2).
pub mod usage {
    pub const PA_ENC_TIMESTAMP: u32 = 1;
    pub const TICKET: u32 = 2;
    pub const AS_REP_ENC_PART: u32 = 3;
    pub const TGS_REQ_AUTH_DATA_SESSION: u32 = 4;
    pub const TGS_REQ_AUTH_DATA_SUBKEY: u32 = 5;
    pub const TGS_REQ_AUTHENTICATOR_CHECKSUM: u32 = 6;
    pub const TGS_REQ_AUTHENTICATOR: u32 = 7;
    pub const TGS_REP_SESSION: u32 = 8;
    pub const TGS_REP_SUBKEY: u32 = 9;
    pub const AP_REQ_CHECKSUM: u32 = 10;
    pub const AP_REQ_AUTHENTICATOR: u32 = 11;
    pub const AP_REP_ENC_PART: u32 = 12;
    pub const KRB_PRIV: u32 = 13;
    pub const KRB_CRED: u32 = 14;
}

/// TicketFlags (RFC 4120 5.3); bit 0 is the highest.
pub mod ticket_flags {
    pub const FORWARDABLE: u32 = 1 << 30;
    pub const FORWARDED: u32 = 1 << 29;
    pub const PROXIABLE: u32 = 1 << 28;
    pub const PROXY: u32 = 1 << 27;
    pub const POSTDATED: u32 = 1 << 25;
    pub const INVALID: u32 = 1 << 24;
    pub const RENEWABLE: u32 = 1 << 23;
    pub const INITIAL: u32 = 1 << 22;
    pub const PRE_AUTHENT: u32 = 1 << 21;
    pub const TRANSITED_POLICY_CHECKED: u32 = 1 << 19;
    pub const OK_AS_DELEGATE: u32 = 1 << 18;
    pub const ENC_PA_REP: u32 = 1 << 16;
}

/// KDCOptions (RFC 4120 5.4.1, RFC 6806 3); bit 0 is the highest.
pub mod kdc_options {
    pub const FORWARDABLE: u32 = 1 << 30;
    pub const FORWARDED: u32 = 1 << 29;
    pub const PROXIABLE: u32 = 1 << 28;
    pub const RENEWABLE: u32 = 1 << 23;
    pub const CANONICALIZE: u32 = 1 << 16;
    pub const RENEWABLE_OK: u32 = 1 << 4;
    pub const ENC_TKT_IN_SKEY: u32 = 1 << 3;
    pub const RENEW: u32 = 1 << 1;
}

/// APOptions (RFC 4120 5.5.1).
pub mod ap_options {
    pub const USE_SESSION_KEY: u32 = 1 << 30;
    pub const MUTUAL_REQUIRED: u32 = 1 << 29;
}

/// The one SEQUENCE inside [APPLICATION number].
fn application(bytes: &[u8], number: u8) -> Result<&[u8]> {
    Ok(der::only(bytes, der::application(number))?.body)
}

/// A field that must hold 5.
fn version(fields: &mut Fields<'_>, number: u8) -> Result<()> {
    match der::integer::<i32>(fields.required(number)?)? {
        VERSION => Ok(()),
        _ => Err(invalid("another version than 5 of Kerberos")),
    }
}

/// pvno and msg-type at two numbers that follow each other.
fn head(fields: &mut Fields<'_>, number: u8, message_type: u8) -> Result<()> {
    version(fields, number)?;
    let found = der::integer::<i32>(fields.required(number.saturating_add(1))?)?;
    match found == i32::from(message_type) {
        true => Ok(()),
        false => Err(invalid("a msg-type that is not that of the message's tag")),
    }
}

fn write_head(writer: &mut Writer, number: u8, message_type: u8) {
    writer.field(number, |writer| writer.integer(VERSION));
    writer.field(number.saturating_add(1), |writer| writer.integer(message_type));
}

/// Microseconds.
fn microseconds(bytes: &[u8]) -> Result<u32> {
    match der::integer::<u32>(bytes)? {
        value @ 0..1_000_000 => Ok(value),
        _ => Err(invalid("more than 999,999 microseconds")),
    }
}
