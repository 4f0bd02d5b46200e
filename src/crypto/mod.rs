//! What the protocols share: digests, random bytes and fused message kernels.
//!
//! | file              | holds |
//! |-------------------|-------|
//! | `aead.rs`         | XChaCha20-Poly1305, for what leaves the process and comes back |
//! | `cpu_dispatch.rs` | AES and SHA-1 by the processor's own instructions |
//! | `digest.rs`       | MD4, MD5, HMAC-MD5 and SHA-256 of whole messages |
//! | `enctype/`        | the encryption types of Kerberos: keys, whole messages, and messages in parts |
//! | `first_signatures.rs` | NTLM's first signature of both directions at once |
//! | `md5_lanes.rs` | MD5's compression function over four blocks at a time |
//! | `md5.rs`          | MD5's compression function, and a digest in the making |
//! | `hmac_md5.rs`     | an HMAC-MD5 key in the form that makes each message cheap |
//! | `rc4.rs`          | RC4's key schedule and key stream |
//! | `rc4_hmac_md5.rs` | NTLM's messages: RC4 and HMAC-MD5 in one pass |
//! | `random.rs`       | random bytes from the operating system |

#![deny(unsafe_code)]

pub mod aead;
mod cpu_dispatch;
pub mod digest;
pub mod enctype;
pub mod first_signatures;
pub mod hmac_md5;
mod md5;
mod md5_lanes;
pub mod random;
pub mod rc4;
pub mod rc4_hmac_md5;
#[cfg(test)]
mod tests;
