//! Channel bindings as the caller gave them (SEC_CHANNEL_BINDINGS, checked by `boundary/`).

#![forbid(unsafe_code)]

/// The fields of a gss_channel_bindings_struct (RFC 2744 3.11), borrowed from the caller.
#[derive(Clone, Copy, Default)]
pub struct ChannelBindings<'a> {
    pub initiator_addrtype: u32,
    pub initiator_address: &'a [u8],
    pub acceptor_addrtype: u32,
    pub acceptor_address: &'a [u8],
    /// E.g. `tls-server-end-point:` and the certificate's hash (RFC 5929).
    pub application_data: &'a [u8],
}
