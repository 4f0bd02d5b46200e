//! KRB-ERROR (RFC 4120 5.9.1).

#![forbid(unsafe_code)]

use super::base::{read_principal, write_principal};
use super::{application, head, message_type, microseconds, write_head};
use crate::error::Result;
use crate::package::der::{self, Fields, Writer};
use crate::store::krb5::principal::Principal;

/// error-code (RFC 4120 7.5.9, RFC 6806): those that somebody here sends or looks at.
pub mod code {
    pub const KDC_ERR_NAME_EXP: i32 = 1;
    pub const KDC_ERR_SERVICE_EXP: i32 = 2;
    pub const KDC_ERR_C_PRINCIPAL_UNKNOWN: i32 = 6;
    pub const KDC_ERR_S_PRINCIPAL_UNKNOWN: i32 = 7;
    pub const KDC_ERR_NULL_KEY: i32 = 9;
    pub const KDC_ERR_NEVER_VALID: i32 = 11;
    pub const KDC_ERR_POLICY: i32 = 12;
    pub const KDC_ERR_BADOPTION: i32 = 13;
    pub const KDC_ERR_ETYPE_NOSUPP: i32 = 14;
    pub const KDC_ERR_PADATA_TYPE_NOSUPP: i32 = 16;
    pub const KDC_ERR_CLIENT_REVOKED: i32 = 18;
    pub const KDC_ERR_SERVICE_REVOKED: i32 = 19;
    pub const KDC_ERR_TGT_REVOKED: i32 = 20;
    pub const KDC_ERR_CLIENT_NOTYET: i32 = 21;
    pub const KDC_ERR_KEY_EXPIRED: i32 = 23;
    pub const KDC_ERR_PREAUTH_FAILED: i32 = 24;
    pub const KDC_ERR_PREAUTH_REQUIRED: i32 = 25;
    pub const KDC_ERR_MUST_USE_USER2USER: i32 = 27;
    pub const KDC_ERR_SVC_UNAVAILABLE: i32 = 29;
    pub const KRB_AP_ERR_BAD_INTEGRITY: i32 = 31;
    pub const KRB_AP_ERR_TKT_EXPIRED: i32 = 32;
    pub const KRB_AP_ERR_TKT_NYV: i32 = 33;
    pub const KRB_AP_ERR_REPEAT: i32 = 34;
    pub const KRB_AP_ERR_NOT_US: i32 = 35;
    pub const KRB_AP_ERR_BADMATCH: i32 = 36;
    pub const KRB_AP_ERR_SKEW: i32 = 37;
    pub const KRB_AP_ERR_BADADDR: i32 = 38;
    pub const KRB_AP_ERR_BADVERSION: i32 = 39;
    pub const KRB_AP_ERR_MSG_TYPE: i32 = 40;
    pub const KRB_AP_ERR_MODIFIED: i32 = 41;
    pub const KRB_AP_ERR_BADKEYVER: i32 = 44;
    pub const KRB_AP_ERR_NOKEY: i32 = 45;
    pub const KRB_AP_ERR_MUT_FAIL: i32 = 46;
    pub const KRB_AP_ERR_INAPP_CKSUM: i32 = 50;
    pub const KRB_AP_PATH_NOT_ACCEPTED: i32 = 51;
    pub const KRB_ERR_RESPONSE_TOO_BIG: i32 = 52;
    pub const KRB_ERR_GENERIC: i32 = 60;
    pub const KRB_AP_ERR_NO_TGT: i32 = 67;
    pub const KDC_ERR_WRONG_REALM: i32 = 68;
    pub const KDC_ERR_PREAUTH_EXPIRED: i32 = 90;
    pub const KDC_ERR_MORE_PREAUTH_DATA_REQUIRED: i32 = 91;
    pub const KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS: i32 = 93;
}

/// KRB-ERROR. Nothing in it is protected.
#[derive(Clone, Debug)]
pub struct KrbError {
    pub ctime: Option<i64>,
    pub cusec: Option<u32>,
    pub stime: i64,
    pub susec: u32,
    pub error_code: i32,
    /// crealm, which may stand without a cname.
    pub crealm: Option<String>,
    pub client: Option<Principal>,
    pub server: Principal,
    pub e_text: Option<String>,
    pub e_data: Option<Vec<u8>>,
}

impl KrbError {
    /// What an acceptor or a test's KDC says, with the rest left out.
    pub fn new(error_code: i32, server: Principal, (stime, susec): (i64, u32)) -> Self {
        Self {
            ctime: None,
            cusec: None,
            stime,
            susec,
            error_code,
            crealm: None,
            client: None,
            server,
            e_text: None,
            e_data: None,
        }
    }

    /// Whether these bytes claim to be one.
    pub fn is(bytes: &[u8]) -> bool {
        bytes.first() == Some(&der::application(message_type::KRB_ERROR))
    }

    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(application(bytes, message_type::KRB_ERROR)?)?;
        head(&mut fields, 0, message_type::KRB_ERROR)?;
        let ctime = fields.optional(2)?.map(der::time).transpose()?;
        let cusec = fields.optional(3)?.map(microseconds).transpose()?;
        let stime = der::time(fields.required(4)?)?;
        let susec = microseconds(fields.required(5)?)?;
        let error_code = der::integer(fields.required(6)?)?;
        let crealm = fields.optional(7)?.map(der::text).transpose()?;
        let client = fields.optional(8)?.map(super::Name::read).transpose()?;
        let client = client.zip(crealm.clone()).map(|(name, realm)| name.at(realm));
        let server = read_principal(&mut fields, 9)?;
        let e_text = fields.optional(11)?.map(der::text_lossy).transpose()?;
        let e_data = fields.optional(12)?.map(der::octets).transpose()?.map(<[u8]>::to_vec);
        fields.end()?;
        Ok(Self { ctime, cusec, stime, susec, error_code, crealm, client, server, e_text, e_data })
    }

    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.nest(der::application(message_type::KRB_ERROR), |writer| {
            writer.sequence(|writer| {
                write_head(writer, 0, message_type::KRB_ERROR);
                writer.optional(2, self.ctime, Writer::time);
                writer.optional(3, self.cusec, |writer, cusec| writer.integer(cusec));
                writer.field(4, |writer| writer.time(self.stime));
                writer.field(5, |writer| writer.integer(self.susec));
                writer.field(6, |writer| writer.integer(self.error_code));
                match &self.client {
                    Some(client) => write_principal(writer, 7, client),
                    None => writer.optional(7, self.crealm.as_deref(), Writer::text),
                }
                write_principal(writer, 9, &self.server);
                writer.optional(11, self.e_text.as_deref(), Writer::text);
                writer.optional(12, self.e_data.as_deref(), Writer::octets);
            });
        });
        writer.finish()
    }
}
