//! What an agreed key becomes: an established context.

#![forbid(unsafe_code)]

use widestring::U16String;

use super::messages::{self, Parameters, Role};
use super::{INFO, key_info};
use crate::crypto::enctype::Key;
use crate::crypto::random;
use crate::error::Result;
use crate::package::facts::{BindingsVerdict, Extra};
use crate::package::{Established, Facts, Flags, time};
use crate::secret::Secret;

/// The keys and sequence numbers that both sides know, and what is known besides.
pub struct Session {
    pub role: Role,
    /// The acceptor's subkey, else the initiator's, else the ticket's session key.
    pub key: Key,
    pub acceptor_subkey: bool,
    pub send_number: u32,
    pub receive_number: u32,
    pub grants: Flags,
    pub names: Names,
    /// Seconds since 1970.
    pub starttime: i64,
    pub endtime: i64,
    pub bindings: BindingsVerdict,
    pub extra: Option<Box<Extra>>,
}

pub struct Names {
    pub client: Option<U16String>,
    pub server: Option<U16String>,
    pub authority: Option<U16String>,
    pub target: Option<U16String>,
}

impl Session {
    pub fn establish(self) -> Box<Established> {
        let Self { role, key, acceptor_subkey, grants, names, .. } = self;
        let (send_number, receive_number) = (self.send_number.into(), self.receive_number.into());
        let parameters = Parameters { role, key: &key, acceptor_subkey, send_number, receive_number, grants };
        let (sender, receiver) = messages::halves(parameters);
        let facts = Facts {
            package: &INFO,
            sizes: messages::sizes(key.enctype(), grants),
            grants,
            client: names.client,
            server: names.server,
            authority: names.authority,
            target: names.target,
            start: time::from_unix(self.starttime),
            expiry: time::from_unix(self.endtime),
            session_key: Secret::new(key.bytes().to_vec()),
            key_info: key_info::of(key.enctype()),
            bindings: self.bindings,
            extra: self.extra,
        };
        Box::new(Established { sender, receiver, facts })
    }
}

/// A sequence number to begin with: 30 bits, since some peers take larger ones for negative.
pub fn first_number() -> Result<u32> {
    let mut bytes = [0; 4];
    random::fill(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes) & 0x3FFF_FFFF)
}
