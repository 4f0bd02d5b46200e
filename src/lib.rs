//! A C-ABI drop-in for Microsoft's SSPI.
//!
//! To find a line of code ask: is it about C, or about a protocol? And which one?
//!
//! | room | what is in it | may use |
//! |---|---|---|
//! | `abi` | C types, constants, status codes, the function table | nothing |
//! | `export` | the extern functions: read arguments, call one safe function, write results | `abi`, `boundary`, `handle`, `object`, and the types of `package` and `store` |
//! | `boundary` | every raw pointer is read or written here; what the OS is asked for | `abi`, `store` |
//! | `handle` | the locked table behind CredHandle and CtxtHandle | nothing |
//! | `object` | Credential and Context: lifecycle, locking, queries; knows no protocol | `package`, `store`, `crypto` |
//! | `package` | the traits and one folder per protocol | `crypto`, `store` |
//! | `crypto` | digests, key streams, Kerberos' enctypes, fused message kernels | nothing |
//! | `store` | identities, accounts, settings, krb5's files, the way to a KDC | `crypto` |
//! | `fuzzing` | in test builds only: the fuzzer's door to every parser | all |
//!
//! Any room may use `date`, `error`, `log`, `part` and `secret`. A test holds the arrows to this table.

#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

pub mod abi;

mod boundary;
mod crypto;
mod date;
mod error;
mod export;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod handle;
mod log;
mod object;
mod package;
mod part;
mod secret;
mod store;
