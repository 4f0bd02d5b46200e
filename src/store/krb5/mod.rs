//! What administrators of Kerberos already have: krb5.conf, keytabs, credential caches.

#![forbid(unsafe_code)]

mod bytes;
pub mod ccache;
mod ccache_file;
pub mod ccache_format;
pub mod conf;
mod conf_file;
pub mod conf_values;
pub mod keytab;
pub mod principal;
#[cfg(all(test, unix))]
mod tests;
