//! What the messages are made of (RFC 4120 5.2).

#![forbid(unsafe_code)]

use crate::error::Result;
use crate::package::der::{self, Fields, Writer, invalid};
use zeroize::Zeroize;

use crate::secret::Secret;
use crate::store::krb5::principal::Principal;

/// No name has as many components, no list as many elements.
const MOST_COMPONENTS: usize = 32;
const MOST_ELEMENTS: usize = 256;
/// How deep AD-IF-RELEVANT may nest.
const DEEPEST: usize = 4;

/// ad-type (RFC 4120 5.2.6, MS-KILE 2.2).
pub const AD_IF_RELEVANT: i32 = 1;
pub const AD_WIN2K_PAC: i32 = 128;
pub const AD_AUTH_DATA_AP_OPTIONS: i32 = 143;

/// PrincipalName, whose realm stands elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name_type: i32,
    pub components: Vec<String>,
}

impl Name {
    pub fn of(principal: &Principal) -> Self {
        Self { name_type: principal.name_type, components: principal.components.clone() }
    }

    pub fn at(self, realm: String) -> Principal {
        Principal { name_type: self.name_type, components: self.components, realm }
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let name_type = der::integer(fields.required(0)?)?;
        let components = der::list(fields.required(1)?, MOST_COMPONENTS, der::text)?;
        fields.end()?;
        Ok(Self { name_type, components })
    }

    pub fn write(&self, writer: &mut Writer) {
        write_name(writer, self.name_type, &self.components);
    }
}

/// A PrincipalName.
fn write_name(writer: &mut Writer, name_type: i32, components: &[String]) {
    writer.sequence(|writer| {
        writer.field(0, |writer| writer.integer(name_type));
        writer.field(1, |writer| {
            writer.sequence(|writer| components.iter().for_each(|component| writer.text(component)));
        });
    });
}

/// Realm and PrincipalName at two numbers that follow each other.
pub fn read_principal(fields: &mut Fields<'_>, number: u8) -> Result<Principal> {
    let realm = der::text(fields.required(number)?)?;
    Ok(Name::read(fields.required(number.saturating_add(1))?)?.at(realm))
}

/// Realm and PrincipalName, both optional; a half of a principal is none.
pub fn read_optional_principal(fields: &mut Fields<'_>, number: u8) -> Result<Option<Principal>> {
    let realm = fields.optional(number)?.map(der::text).transpose()?;
    let name = fields.optional(number.saturating_add(1))?.map(Name::read).transpose()?;
    Ok(name.zip(realm).map(|(name, realm)| name.at(realm)))
}

pub fn write_principal(writer: &mut Writer, number: u8, principal: &Principal) {
    writer.field(number, |writer| writer.text(&principal.realm));
    writer.field(number.saturating_add(1), |writer| {
        write_name(writer, principal.name_type, &principal.components);
    });
}

/// EncryptedData.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedData {
    pub etype: i32,
    pub kvno: Option<u32>,
    pub cipher: Vec<u8>,
}

impl EncryptedData {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let etype = der::integer(fields.required(0)?)?;
        let kvno = fields.optional(1)?.map(der::uint32).transpose()?;
        let cipher = der::octets(fields.required(2)?)?.to_vec();
        fields.end()?;
        Ok(Self { etype, kvno, cipher })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(self.etype));
            writer.optional(1, self.kvno, |writer, kvno| writer.integer(kvno));
            writer.field(2, |writer| writer.octets(&self.cipher));
        });
    }

    /// Alone, as PA-ENC-TIMESTAMP's padata-value is.
    pub fn build(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }
}

/// EncryptionKey.
#[derive(Clone, Debug)]
pub struct EncryptionKey {
    pub keytype: i32,
    pub keyvalue: Secret<Vec<u8>>,
}

impl EncryptionKey {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let keytype = der::integer(fields.required(0)?)?;
        let keyvalue = Secret::new(der::octets(fields.required(1)?)?.to_vec());
        fields.end()?;
        Ok(Self { keytype, keyvalue })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(self.keytype));
            writer.field(1, |writer| writer.octets(self.keyvalue.as_ref()));
        });
    }
}

/// Checksum. Zeroed when it goes: that of an authenticator may hold a delegated key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    pub cksumtype: i32,
    pub checksum: Vec<u8>,
}

impl Drop for Checksum {
    fn drop(&mut self) {
        self.checksum.zeroize();
    }
}

impl Checksum {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let cksumtype = der::integer(fields.required(0)?)?;
        let checksum = der::octets(fields.required(1)?)?.to_vec();
        fields.end()?;
        Ok(Self { cksumtype, checksum })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(self.cksumtype));
            writer.field(1, |writer| writer.octets(&self.checksum));
        });
    }
}

/// HostAddress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostAddress {
    pub addr_type: i32,
    pub address: Vec<u8>,
}

impl HostAddress {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let addr_type = der::integer(fields.required(0)?)?;
        let address = der::octets(fields.required(1)?)?.to_vec();
        fields.end()?;
        Ok(Self { addr_type, address })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(self.addr_type));
            writer.field(1, |writer| writer.octets(&self.address));
        });
    }
}

/// HostAddresses.
pub fn read_addresses(bytes: &[u8]) -> Result<Vec<HostAddress>> {
    der::list(bytes, MOST_ELEMENTS, HostAddress::read)
}

pub fn write_addresses(writer: &mut Writer, addresses: &[HostAddress]) {
    writer.sequence(|writer| addresses.iter().for_each(|address| address.write(writer)));
}

/// One element of AuthorizationData.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthData {
    pub ad_type: i32,
    pub ad_data: Vec<u8>,
}

impl AuthData {
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let mut fields = Fields::of(bytes)?;
        let ad_type = der::integer(fields.required(0)?)?;
        let ad_data = der::octets(fields.required(1)?)?.to_vec();
        fields.end()?;
        Ok(Self { ad_type, ad_data })
    }

    pub fn write(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            writer.field(0, |writer| writer.integer(self.ad_type));
            writer.field(1, |writer| writer.octets(&self.ad_data));
        });
    }

    /// AD-IF-RELEVANT around other elements.
    pub fn if_relevant(elements: &[AuthData]) -> Self {
        let mut writer = Writer::new();
        write_authorization_data(&mut writer, elements);
        Self { ad_type: AD_IF_RELEVANT, ad_data: writer.finish() }
    }
}

/// AuthorizationData as it stands on the wire.
pub fn read_authorization_data(bytes: &[u8]) -> Result<Vec<AuthData>> {
    der::list(bytes, MOST_ELEMENTS, AuthData::read)
}

pub fn write_authorization_data(writer: &mut Writer, elements: &[AuthData]) {
    writer.sequence(|writer| elements.iter().for_each(|element| element.write(writer)));
}

/// The elements with those inside AD-IF-RELEVANT in its place, a few levels deep and no deeper.
pub fn flatten(elements: &[AuthData]) -> Result<Vec<AuthData>> {
    let mut flat = elements.to_vec();
    for _ in 0..DEEPEST {
        if flat.iter().all(|element| element.ad_type != AD_IF_RELEVANT) {
            return Ok(flat);
        }
        let mut next = Vec::with_capacity(flat.len());
        for element in flat {
            match element.ad_type {
                AD_IF_RELEVANT => next.extend(read_authorization_data(&element.ad_data)?),
                _ => next.push(element),
            }
        }
        flat = next;
    }
    match flat.iter().any(|element| element.ad_type == AD_IF_RELEVANT) {
        true => Err(invalid("authorization data nests too deep")),
        false => Ok(flat),
    }
}
