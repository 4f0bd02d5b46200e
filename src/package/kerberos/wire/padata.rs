//! Pre-authentication data (RFC 4120 5.2.7).

#![forbid(unsafe_code)]

use super::microseconds;
use crate::error::Result;
use crate::package::der::{self, Fields, Writer};

const MOST_PADATA: usize = 64;
const MOST_ENTRIES: usize = 64;

/// padata-type.
pub const PA_TGS_REQ: i32 = 1;
pub const PA_ENC_TIMESTAMP: i32 = 2;
pub const PA_PW_SALT: i32 = 3;
pub const PA_ETYPE_INFO: i32 = 11;
pub const PA_ETYPE_INFO2: i32 = 19;
pub const PA_SVR_REFERRAL_INFO: i32 = 20;
/// KERB-PA-PAC-REQUEST (MS-KILE 2.2.3).
pub const PA_PAC_REQUEST: i32 = 128;
pub const PA_FX_FAST: i32 = 136;
/// PA-REQ-ENC-PA-REP (RFC 6806 11).
pub const PA_REQ_ENC_PA_REP: i32 = 149;
pub const PA_PAC_OPTIONS: i32 = 167;

/// PA-DATA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaData {
    pub padata_type: i32,
    pub padata_value: Vec<u8>,
}

impl PaData {
    pub fn new(padata_type: i32, padata_value: Vec<u8>) -> Self {
        Self { padata_type, padata_value }
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let padata_type = der::integer(fields.required(1)?)?;
        let padata_value = der::octets(fields.required(2)?)?.to_vec();
        fields.end()?;
        Ok(Self { padata_type, padata_value })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(1, |writer| writer.integer(self.padata_type));
            writer.field(2, |writer| writer.octets(&self.padata_value));
        });
    }
}

/// The value of the first element of that type.
pub fn find(padata: &[PaData], padata_type: i32) -> Option<&[u8]> {
    let found = padata.iter().find(|element| element.padata_type == padata_type)?;
    Some(&found.padata_value)
}

/// METHOD-DATA, and any SEQUENCE OF PA-DATA.
pub fn read_method_data(bytes: &[u8]) -> Result<Vec<PaData>> {
    der::list(bytes, MOST_PADATA, PaData::read)
}

pub fn write_method_data(writer: &mut Writer, padata: &[PaData]) {
    writer.sequence(|writer| padata.iter().for_each(|element| element.write(writer)));
}

/// A KRB-ERROR's e-data with KDC_ERR_PREAUTH_REQUIRED.
pub fn build_method_data(padata: &[PaData]) -> Vec<u8> {
    let mut writer = Writer::new();
    write_method_data(&mut writer, padata);
    writer.finish()
}

/// ETYPE-INFO2-ENTRY; ETYPE-INFO-ENTRY has no s2kparams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EtypeInfo {
    pub etype: i32,
    pub salt: Option<Vec<u8>>,
    pub s2kparams: Option<Vec<u8>>,
}

impl EtypeInfo {
    /// ETYPE-INFO2, in the KDC's order of preference.
    pub fn parse2(bytes: &[u8]) -> Result<Vec<Self>> {
        der::list(bytes, MOST_ENTRIES, |bytes| {
            let mut fields = Fields::of(bytes)?;
            let etype = der::integer(fields.required(0)?)?;
            // A salt is what it is, whatever its bytes mean as text.
            let salt = fields.optional(1)?;
            let salt = salt.map(|bytes| der::only(bytes, der::GENERAL_STRING)).transpose()?;
            let s2kparams = fields.optional(2)?.map(der::octets).transpose()?;
            fields.end()?;
            let salt = salt.map(|salt| salt.body.to_vec());
            Ok(Self { etype, salt, s2kparams: s2kparams.map(<[u8]>::to_vec) })
        })
    }

    /// ETYPE-INFO.
    pub fn parse1(bytes: &[u8]) -> Result<Vec<Self>> {
        der::list(bytes, MOST_ENTRIES, |bytes| {
            let mut fields = Fields::of(bytes)?;
            let etype = der::integer(fields.required(0)?)?;
            let salt = fields.optional(1)?.map(der::octets).transpose()?;
            fields.end()?;
            Ok(Self { etype, salt: salt.map(<[u8]>::to_vec), s2kparams: None })
        })
    }

    pub fn build2(entries: &[Self]) -> Vec<u8> {
        Self::build(entries, der::GENERAL_STRING)
    }

    pub fn build1(entries: &[Self]) -> Vec<u8> {
        Self::build(entries, der::OCTET_STRING)
    }

    fn build(entries: &[Self], salt_tag: u8) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            for entry in entries {
                writer.sequence(|writer| {
                    writer.field(0, |writer| writer.integer(entry.etype));
                    writer.optional(1, entry.salt.as_deref(), |writer, salt| writer.element(salt_tag, salt));
                    writer.optional(2, entry.s2kparams.as_deref(), Writer::octets);
                });
            }
        });
        writer.finish()
    }
}

/// PA-ENC-TS-ENC: seconds and microseconds.
pub fn build_timestamp(patimestamp: i64, pausec: u32) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.field(0, |writer| writer.time(patimestamp));
        writer.field(1, |writer| writer.integer(pausec));
    });
    writer.finish()
}

pub fn parse_timestamp(bytes: &[u8]) -> Result<(i64, u32)> {
    let mut fields = Fields::of(bytes)?;
    let patimestamp = der::time(fields.required(0)?)?;
    let pausec = fields.optional(1)?.map(microseconds).transpose()?;
    fields.end()?;
    Ok((patimestamp, pausec.unwrap_or(0)))
}

/// KERB-PA-PAC-REQUEST.
pub fn build_pac_request(include_pac: bool) -> Vec<u8> {
    let mut writer = Writer::new();
    let value = if include_pac { 0xFF } else { 0 };
    writer.sequence(|writer| writer.field(0, |writer| writer.element(der::BOOLEAN, &[value])));
    writer.finish()
}
