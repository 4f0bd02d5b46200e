//! Where C ends: every raw pointer is read or written in this room, and the operating system is
//! asked from here. What leaves it is safe.

pub mod attributes;
pub mod bindings;
pub mod blocks;
pub mod buffers;
pub mod callbacks;
pub mod extended_bindings;
pub mod fixed;
pub mod identity;
pub mod identity_out;
pub mod kdc_proxy;
pub mod messages;
pub mod os;
pub mod places;
pub mod strings;
pub mod winpr;
