//! Whose tickets are wanted, and what proves it.

#![forbid(unsafe_code)]

use std::sync::Arc;

use super::ServiceTicket;
use crate::crypto::enctype::{Enctype, Key};
use crate::error::{Code, Error, Result};
use crate::package::kerberos::wire::EtypeInfo;
use crate::secret::Secret;
use crate::store::krb5::keytab::Keytab;
use crate::store::krb5::principal::Principal;

/// An initiator's identity.
#[derive(Clone)]
pub enum Identity {
    /// UTF-16 units, as the caller gave them.
    Password { principal: Principal, password: Secret<Vec<u16>> },
    /// MD4 of the password: enctype 23 and no other.
    NtHash { principal: Principal, hash: Secret<[u8; 16]> },
    /// The newest key of each enctype, out of a keytab.
    Keys { principal: Principal, keys: Vec<Key> },
    /// Tickets that somebody else got.
    Tickets(Arc<dyn TicketStore>),
}

/// A credential cache as it is needed here.
pub trait TicketStore: Send + Sync {
    /// Whose tickets it holds.
    fn principal(&self) -> Principal;
    /// The ticket for a service, of any end time. An empty realm means any.
    fn find(&self, server: &Principal) -> Result<Option<ServiceTicket>>;
    /// Keeps another ticket, for the service as it was asked for. What cannot be kept is no error of
    /// the caller's.
    fn keep(&self, asked: &Principal, ticket: &ServiceTicket);
}

impl Identity {
    /// The newest keys that a keytab has for a principal. SEC_E_NO_CREDENTIALS where there are none of
    /// an enctype that exists here.
    pub fn of_keytab(keytab: &Keytab, principal: &Principal) -> Result<Self> {
        let entry =
            |enctype: Enctype| keytab.find(principal, None, enctype.number()).map(|entry| (enctype, entry));
        let entries = Enctype::ALL.into_iter().filter_map(entry);
        let keys = entries.map(|(enctype, entry)| Key::new(enctype, entry.key.as_ref()));
        let keys: Vec<Key> = keys.collect::<Result<_>>()?;
        match keys.is_empty() {
            true => Err(Error::new(Code::NoCredentials, "the keytab has no key of that principal")),
            false => Ok(Self::Keys { principal: principal.clone(), keys }),
        }
    }

    /// The client's name as it was given.
    pub fn principal(&self) -> Principal {
        match self {
            Self::Password { principal, .. } => principal.clone(),
            Self::NtHash { principal, .. } => principal.clone(),
            Self::Keys { principal, .. } => principal.clone(),
            Self::Tickets(store) => store.principal(),
        }
    }

    /// Which of `permitted` it has keys for, in that order.
    pub(super) fn enctypes(&self, permitted: &[i32]) -> Vec<Enctype> {
        let permitted = permitted.iter().filter_map(|number| Enctype::from_number(*number));
        let permitted: Vec<Enctype> = permitted.collect();
        let has = |enctype: &Enctype| match self {
            Self::Password { .. } => true,
            Self::NtHash { .. } => *enctype == Enctype::Rc4Hmac,
            Self::Keys { keys, .. } => keys.iter().any(|key| key.enctype() == *enctype),
            Self::Tickets(_) => false,
        };
        permitted.into_iter().filter(has).collect()
    }

    /// The key of an enctype, by what the KDC says of salt and iterations.
    pub(super) fn key(&self, enctype: Enctype, info: Option<&EtypeInfo>, salt: &[u8]) -> Result<Option<Key>> {
        Ok(match self {
            Self::Password { password, .. } => {
                let salt = info.and_then(|info| info.salt.as_deref()).unwrap_or(salt);
                let parameters = info.and_then(|info| info.s2kparams.as_deref());
                Some(Key::from_password(enctype, password.as_ref(), salt, parameters)?)
            }
            Self::NtHash { hash, .. } => {
                (enctype == Enctype::Rc4Hmac).then(|| Key::from_nt_hash(hash.as_ref()))
            }
            Self::Keys { keys, .. } => keys.iter().find(|key| key.enctype() == enctype).cloned(),
            Self::Tickets(_) => None,
        })
    }
}

/// The salt where the KDC names none: realm and components, one after the other (RFC 4120 4).
pub(super) fn default_salt(principal: &Principal) -> Vec<u8> {
    let mut salt = principal.realm.clone();
    principal.components.iter().for_each(|component| salt.push_str(component));
    salt.into_bytes()
}
