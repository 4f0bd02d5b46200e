//! What a caller asks of a context and what it was granted, in one set of names for both roles.
//!
//! `export/` maps ISC_REQ_*, ISC_RET_*, ASC_REQ_* and ASC_RET_* to these and back: their bits
//! differ from 0x1000 up.

#![forbid(unsafe_code)]

use std::ops::{BitAnd, BitOr, BitOrAssign};

/// A set of requirements or of grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u32);

macro_rules! flags {
    ($($name:ident = $bit:expr),+ $(,)?) => {
        impl Flags { $(pub const $name: Flags = Flags(1 << $bit);)+ }
    };
}

flags! {
    DELEGATE = 0, MUTUAL_AUTH = 1, REPLAY_DETECT = 2, SEQUENCE_DETECT = 3, CONFIDENTIALITY = 4,
    USE_SESSION_KEY = 5, DCE_STYLE = 6, DATAGRAM = 7, CONNECTION = 8, EXTENDED_ERROR = 9,
    STREAM = 10, INTEGRITY = 11, IDENTIFY = 12, NULL_SESSION = 13, NO_INTEGRITY = 14,
    ALLOW_MISSING_BINDINGS = 15, PROXY_BINDINGS = 16, UNVERIFIED_TARGET_NAME = 17,
    MANUAL_CRED_VALIDATION = 18, USE_SUPPLIED_CREDS = 19, PROMPT_FOR_CREDS = 20,
    ALLOCATE_MEMORY = 21,
}

impl Flags {
    pub const NONE: Flags = Flags(0);

    /// Every flag of `other` is here.
    pub fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Some flag of `other` is here.
    pub fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Without the flags of `other`.
    pub fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// `flag` if `condition` holds, else nothing.
    pub fn when(condition: bool, flag: Flags) -> Flags {
        if condition { flag } else { Flags::NONE }
    }

    /// One bit for each flag; an exported context's blob has these.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// What `bits` gave.
    pub fn from_bits(bits: u32) -> Flags {
        Flags(bits)
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Flags;
    fn bitand(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}
