//! PSEC_WINNT_AUTH_IDENTITY_OPAQUE: an identity in one block, which only the Sspi* functions look into.
//!
//! A block of this library is a SEC_WINNT_AUTH_IDENTITY_EX2 with packed credentials of the password
//! type, so that AcquireCredentialsHandle takes it as it is.

#![forbid(unsafe_code)]

mod layout;
mod packed;
mod seal;
#[cfg(test)]
mod tests;

use widestring::{U16Str, U16String};
use zeroize::Zeroize;

use crate::error::{Code, Error, Result};
use crate::secret::{Secret, equal};
use crate::store::identity::{Identity, Password};
use crate::store::names;
use crate::store::os::Os;

pub use layout::{HEADER, structure_length};
pub use seal::{Scope, decrypt, encrypt};

use layout::{Layout, Parts, malformed};
use packed::Proof;

/// A checked block, owned.
pub struct Opaque {
    block: Secret<Vec<u8>>,
    layout: Layout,
}

/// Whether two identities name one account, and whether they also prove it by the same credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub same_user: bool,
    pub same_identity: bool,
}

impl Opaque {
    /// A copy of a block, checked; it has room for encryption afterwards even if it had none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let layout = Layout::parse(bytes)?;
        let encrypted = Scope::of_flags(layout.flags)?.is_some();
        let parts = layout.parts(bytes);
        if let (Some(packed), false) = (parts.packed, encrypted) {
            packed::check(packed)?;
        }
        if !layout.has_trailer() && encrypted {
            return Err(malformed("an encrypted identity without its trailer"));
        }
        if !layout.has_trailer() {
            return Self::build(&parts);
        }
        let block = bytes.get(..layout.length).unwrap_or_default();
        Ok(Self { block: Secret::new(block.to_vec()), layout })
    }

    /// The block of an identity.
    pub fn from_identity(identity: &Identity) -> Result<Self> {
        let bytes = |text: &Option<U16String>| text.as_ref().map(|text| text_bytes(text));
        let (user, domain) = (bytes(&identity.user), bytes(&identity.domain));
        let package_list = bytes(&identity.package_list);
        let password = identity.password.as_ref().map(packed::write);
        let packed = password.or_else(|| identity.keytab.as_ref().map(packed::write_keytab)).transpose()?;
        Self::build(&Parts {
            user: user.as_deref(),
            domain: domain.as_deref(),
            packed: packed.as_ref().map(|packed| packed.as_ref().as_slice()),
            package_list: package_list.as_deref(),
            flags: if identity.only { layout::FLAG_ONLY } else { 0 },
        })
    }

    fn build(parts: &Parts<'_>) -> Result<Self> {
        let block = parts.build()?;
        let layout = Layout::parse(block.as_ref())?;
        Ok(Self { block, layout })
    }

    /// The block; SspiMarshalAuthIdentity gives just these bytes.
    pub fn bytes(&self) -> &[u8] {
        self.block.as_ref()
    }

    pub fn is_encrypted(&self) -> bool {
        matches!(Scope::of_flags(self.layout.flags), Ok(Some(_)) | Err(_))
    }

    /// The identity itself, decrypted where that is needed.
    pub fn identity(&self, os: &dyn Os) -> Result<Identity> {
        let mut clear = Secret::new(self.block.as_ref().clone());
        seal::open(clear.as_mut(), os)?;
        let parts = self.layout.parts(clear.as_ref());
        let (password, keytab) = match parts.packed.map(packed::read).transpose()?.flatten() {
            Some(Proof::Password(password)) => (Some(password), None),
            Some(Proof::Keytab(keytab)) => (None, Some(keytab)),
            None => (None, None),
        };
        Ok(Identity {
            user: parts.user.map(text),
            domain: parts.domain.map(text),
            password,
            keytab,
            package_list: parts.package_list.map(text).filter(|list| !list.is_empty()),
            only: self.layout.flags & layout::FLAG_ONLY != 0,
            given: None,
        })
    }

    /// A copy whose package list rules `package` out; everything else stays, encryption too.
    pub fn excluding(&self, package: &U16Str, os: &dyn Os) -> Result<Self> {
        let scope = Scope::of_flags(self.layout.flags)?;
        let mut clear = Secret::new(self.block.as_ref().clone());
        seal::open(clear.as_mut(), os)?;
        let mut parts = self.layout.parts(clear.as_ref());
        let list = without_package(&parts.package_list.map(text).unwrap_or_default(), package)?;
        let list = text_bytes(&list);
        parts.package_list = Some(&list);
        parts.flags &= !(layout::FLAG_PROCESS_ENCRYPTED | layout::FLAG_USER_PROTECTED);
        let mut copy = Self::build(&parts)?;
        if let Some(scope) = scope {
            seal::encrypt(copy.block.as_mut(), scope, os)?;
            copy.layout = Layout::parse(copy.block.as_ref())?;
        }
        Ok(copy)
    }
}

/// Zeroes what proves the identity of a block; its names stay, as on Windows.
pub fn zero(block: &mut [u8]) -> Result<()> {
    let layout = Layout::parse(block)?;
    let encrypted = layout.flags & layout::FLAGS_ENCRYPTED != 0;
    let packed = layout.packed.and_then(|range| block.get_mut(range)).unwrap_or_default();
    let whole = 0..packed.len();
    let secret = if encrypted { whole } else { packed::secret(packed).unwrap_or(whole) };
    packed.get_mut(secret).unwrap_or_default().zeroize();
    Ok(())
}

/// Compares two identities: names without regard to case and in either spelling (`DOMAIN\user`).
pub fn compare(a: &Identity, b: &Identity) -> Comparison {
    let (user_a, domain_a) = a.account();
    let (user_b, domain_b) = b.account();
    let same_user = names::same(user_a, user_b) && names::same(domain_a, domain_b);
    let same_password = match (&a.password, &b.password) {
        (None, None) => true,
        (Some(Password::Clear(a)), Some(Password::Clear(b))) => {
            let (a, b) = (Secret::new(unit_bytes(a.as_ref())), Secret::new(unit_bytes(b.as_ref())));
            equal(a.as_ref(), b.as_ref())
        }
        (Some(Password::NtHash(a)), Some(Password::NtHash(b))) => equal(a.as_ref(), b.as_ref()),
        _ => false,
    };
    let same_keytab = match (&a.keytab, &b.keytab) {
        (None, None) => true,
        (Some(a), Some(b)) => equal(a.as_ref(), b.as_ref()),
        _ => false,
    };
    Comparison { same_user, same_identity: same_user && same_password && same_keytab }
}

/// The list that rules `package` out. A list of names that are allowed loses the name; any other list
/// gets `!package`.
fn without_package(list: &U16Str, package: &U16Str) -> Result<U16String> {
    let separator = |unit: &u16| matches!(*unit, 0x2C | 0x3A);
    if package.is_empty() || package.as_slice().iter().any(|unit| separator(unit) || *unit == BANG) {
        return Err(Error::new(Code::SecpkgNotFound, "not the name of a package"));
    }
    let names = list.as_slice().split(separator).map(U16Str::from_slice).filter(|name| !name.is_empty());
    let (excluded, allowed): (Vec<_>, Vec<_>) =
        names.partition(|name| name.as_slice().first() == Some(&BANG));
    let left: Vec<_> = allowed.iter().filter(|name| !names::same(name, package)).collect();
    let mut out = U16String::new();
    let mut push = |name: &[u16]| {
        if !out.is_empty() {
            out.push_char(',');
        }
        out.push_slice(name);
    };
    left.iter().for_each(|name| push(name.as_slice()));
    let others =
        excluded.iter().filter(|name| !names::same(U16Str::from_slice(&name.as_slice()[1..]), package));
    others.for_each(|name| push(name.as_slice()));
    // An empty list would allow every package, so the name is ruled out unless others are listed.
    if left.is_empty() {
        push(&[&[BANG], package.as_slice()].concat());
    }
    Ok(out)
}

const BANG: u16 = b'!' as u16;

fn unit_bytes(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len() * 2);
    bytes.extend(units.iter().flat_map(|unit| unit.to_ne_bytes()));
    bytes
}

fn text_bytes(text: &U16Str) -> Vec<u8> {
    unit_bytes(text.as_slice())
}

fn text(bytes: &[u8]) -> U16String {
    U16String::from_vec(bytes.as_chunks().0.iter().map(|unit| u16::from_ne_bytes(*unit)).collect::<Vec<_>>())
}
