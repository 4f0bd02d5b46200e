//! What an administrator of Kerberos keeps: principals, keytabs, credential caches, krb5.conf.

#![forbid(unsafe_code)]

pub mod principal;
