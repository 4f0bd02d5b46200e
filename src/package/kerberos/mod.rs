//! Kerberos V5 (RFC 4120, RFC 4121, MS-KILE).

#![forbid(unsafe_code)]

#[allow(unused_imports)]
pub mod wire;
