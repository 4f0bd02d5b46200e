//! Where C ends: every raw pointer is read or written in this room, and the operating system is
//! asked from here. What leaves it is safe.

pub mod blocks;
pub mod identity;
pub mod os;
pub mod strings;
pub mod winpr;
