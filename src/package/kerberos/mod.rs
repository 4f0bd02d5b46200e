//! Kerberos V5 (RFC 4120, RFC 4121, MS-KILE).

#![forbid(unsafe_code)]

pub mod messages;
#[allow(unused_imports)]
pub mod wire;
