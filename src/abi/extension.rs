//! What the functions under the prefix `libsspi_` take: an application's own accounts.

#![forbid(unsafe_code)]

use core::ffi::c_void;

use super::layout;

/// MD4 of the password's UTF-16LE bytes (NTOWFv1); `libsspi_nt_hash` makes it.
pub const LIBSSPI_KEY_NT_HASH: u32 = 1;
/// NTOWFv2 of exactly the user and domain that were asked for.
pub const LIBSSPI_KEY_NTOWF_V2: u32 = 2;
/// Characters of a name in LIBSSPI_ACCOUNT, its end included.
pub const LIBSSPI_NAME_LENGTH: usize = 257;

/// An account, filled in by a LIBSSPI_ACCOUNT_CALLBACK. It comes zeroed but for cbSize.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LIBSSPI_ACCOUNT {
    /// Size of this structure in bytes, set by the library.
    pub cbSize: u32,
    /// LIBSSPI_KEY_NT_HASH or LIBSSPI_KEY_NTOWF_V2.
    pub Kind: u32,
    /// The key that the logon is checked with.
    pub Key: [u8; 16],
    /// The user as the account spells it, NUL-terminated; left empty: as the client spelled it.
    pub User: [u16; LIBSSPI_NAME_LENGTH],
    /// The account's domain, NUL-terminated; left empty: it has none, whatever the client said.
    pub Domain: [u16; LIBSSPI_NAME_LENGTH],
}

/// Finds the account of a client that logs on.
///
/// User and Domain are UTF-16 as they came over the wire, not NUL-terminated; their lengths are
/// characters, and an absent domain has length 0. The callback fills in Account and answers
/// SEC_E_OK, or SEC_E_NO_CREDENTIALS when there is no such account; any other answer denies the
/// logon. It may be called from any thread that calls AcceptSecurityContext, from several at once,
/// and must not call this library for the same context, which answers SEC_E_OUT_OF_SEQUENCE then. It
/// must return: no C++ exception and no longjmp may leave it.
pub type LIBSSPI_ACCOUNT_CALLBACK = Option<
    unsafe extern "system" fn(
        Argument: *mut c_void,
        User: *const u16,
        UserLength: u32,
        Domain: *const u16,
        DomainLength: u32,
        Account: *mut LIBSSPI_ACCOUNT,
    ) -> i32,
>;

layout!(LIBSSPI_ACCOUNT: 1052 align 4 { cbSize @ 0, Kind @ 4, Key @ 8, User @ 24, Domain @ 538 });
