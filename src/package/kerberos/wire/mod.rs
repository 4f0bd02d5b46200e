//! Kerberos' messages on the wire.

#![forbid(unsafe_code)]
