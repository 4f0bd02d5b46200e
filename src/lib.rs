//! A C-ABI drop-in for Microsoft's SSPI.
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

pub mod abi;
