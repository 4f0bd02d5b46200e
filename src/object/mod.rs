//! Credential and Context: lifecycle, locking, what an application can ask of them. This room knows
//! no protocol.

#![forbid(unsafe_code)]

pub mod configuration;
pub mod context;
pub mod credential;
pub mod impersonation;
pub mod transfer;

#[cfg(test)]
mod tests;
