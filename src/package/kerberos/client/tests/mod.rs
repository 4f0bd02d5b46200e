//! The client against a KDC that is played here, which can also lie.

#![forbid(unsafe_code)]

mod kdc;
mod kpasswd;
mod logons;
mod tickets;
mod ways;

use std::sync::Arc;

use super::*;
use crate::error::{Code, Error};
use crate::secret::Secret;
use kdc::World;

pub const PASSWORD: &str = "Password123!";

pub fn config(text: &str) -> Arc<Config> {
    Arc::new(Config::of_texts(&[text]).unwrap())
}

pub fn password(name_type: i32, name: &str, realm: &str, password: &str) -> Identity {
    let principal = Principal::new(name_type, &[name], realm);
    Identity::Password { principal, password: Secret::new(password.encode_utf16().collect()) }
}

pub fn alice() -> Identity {
    password(1, "alice", "A.TEST", PASSWORD)
}

pub fn supplier(world: &Arc<World>, identity: Identity) -> Supplier {
    with_config(world, identity, "")
}

pub fn with_config(world: &Arc<World>, identity: Identity, text: &str) -> Supplier {
    Supplier::new(config(text), world.clone(), identity)
}

pub fn http(realm: &str) -> Principal {
    Principal::new(2, &["HTTP", "www.a.test"], realm)
}

/// The status of a call that must fail.
pub fn code<T>(result: Result<T>) -> Code {
    result.map(|_| ()).map_err(|error: Error| error.code).unwrap_err()
}
