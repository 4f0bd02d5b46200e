//! Kerberos V5 (RFC 4120, RFC 4121, MS-KILE), both roles.
//!
//! | file | holds |
//! |---|---|
//! | `credential.rs` | whose tickets an initiator has, whose keys an acceptor has |
//! | `initiator.rs`, `acceptor.rs` | the two sides; `errors.rs`, what a KRB-ERROR means to the first |
//! | `decision.rs` | whom an acceptor lets in: a pure function; `replay.rs` and `pac.rs` serve it |
//! | `session.rs`, `messages/` | the established context |
//! | `delegation.rs`, `user_to_user.rs` | what their names say |
//! | `client/` | what a KDC is asked for |
//! | `wire/` | the messages, in the DER of `package/der.rs` |

#![forbid(unsafe_code)]

mod decision;
mod flags;
mod key_info;
mod pac;
mod replay;
#[cfg(test)]
mod tests;
pub mod messages;
#[allow(unused_imports)]
pub mod wire;
