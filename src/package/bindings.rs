//! Channel bindings as NTLM and Kerberos carry them, and what an acceptor makes of them.

#![forbid(unsafe_code)]

use crate::crypto::digest::md5;
use crate::error::{Code, Error, Result};
use crate::package::Flags;
use crate::package::facts::BindingsVerdict;
use crate::secret::equal;
use crate::store::bindings::ChannelBindings;

/// MD5 of the gss_channel_bindings_struct: MsvAvChannelBindings (MS-NLMP 2.2.2.1), Bnd (RFC 4121 4.1.1.2).
pub fn hash(bindings: &ChannelBindings<'_>) -> [u8; 16] {
    let word = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    md5(&[
        &bindings.initiator_addrtype.to_le_bytes(),
        &word(bindings.initiator_address.len()),
        bindings.initiator_address,
        &bindings.acceptor_addrtype.to_le_bytes(),
        &word(bindings.acceptor_address.len()),
        bindings.acceptor_address,
        &word(bindings.application_data.len()),
        bindings.application_data,
    ])
}

/// Extended Protection: what the client says of its channel (`sent`; zeros say nothing) against what
/// the caller knows of it (`own`).
pub fn judge(sent: Option<[u8; 16]>, own: Option<[u8; 16]>, requirements: Flags) -> Result<BindingsVerdict> {
    let Some(own) = own else { return Ok(BindingsVerdict::Unchecked) };
    let refused = |reason| Err(Error::new(Code::BadBindings, reason));
    match sent.filter(|hash| *hash != [0; 16]) {
        Some(hash) if equal(&hash, &own) => Ok(BindingsVerdict::Matched),
        Some(_) if requirements.has(Flags::PROXY_BINDINGS) => Ok(BindingsVerdict::Proxy),
        Some(_) => refused("the client is bound to another channel"),
        None if requirements.has(Flags::ALLOW_MISSING_BINDINGS) => Ok(BindingsVerdict::Missing),
        None => refused("the client sent no channel bindings"),
    }
}
