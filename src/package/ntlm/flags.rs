//! NegotiateFlags (MS-NLMP 2.2.2.5): what they are called and what they grant.

#![forbid(unsafe_code)]

use std::ops::BitOr;

use crate::package::Flags;

/// The NegotiateFlags field of all three messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegotiateFlags(pub u32);

impl NegotiateFlags {
    pub const NONE: Self = Self(0);
    pub const UNICODE: Self = Self(0x0000_0001);
    pub const OEM: Self = Self(0x0000_0002);
    pub const REQUEST_TARGET: Self = Self(0x0000_0004);
    pub const SIGN: Self = Self(0x0000_0010);
    pub const SEAL: Self = Self(0x0000_0020);
    pub const DATAGRAM: Self = Self(0x0000_0040);
    pub const LM_KEY: Self = Self(0x0000_0080);
    pub const NTLM: Self = Self(0x0000_0200);
    pub const ANONYMOUS: Self = Self(0x0000_0800);
    pub const OEM_DOMAIN_SUPPLIED: Self = Self(0x0000_1000);
    pub const OEM_WORKSTATION_SUPPLIED: Self = Self(0x0000_2000);
    pub const ALWAYS_SIGN: Self = Self(0x0000_8000);
    pub const TARGET_TYPE_DOMAIN: Self = Self(0x0001_0000);
    pub const TARGET_TYPE_SERVER: Self = Self(0x0002_0000);
    pub const EXTENDED_SESSIONSECURITY: Self = Self(0x0008_0000);
    pub const IDENTIFY: Self = Self(0x0010_0000);
    pub const TARGET_INFO: Self = Self(0x0080_0000);
    pub const VERSION: Self = Self(0x0200_0000);
    pub const STRENGTH_128: Self = Self(0x2000_0000);
    pub const KEY_EXCH: Self = Self(0x4000_0000);
    pub const STRENGTH_56: Self = Self(0x8000_0000);

    /// Every flag of `other` is here.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn when(condition: bool, flags: Self) -> Self {
        if condition { flags } else { Self::NONE }
    }

    /// Messages can be signed: SEAL implies what SIGN gives.
    pub fn protects_messages(self) -> bool {
        self.has(Self::SIGN) || self.has(Self::SEAL)
    }
}

impl BitOr for NegotiateFlags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What an acceptor takes of an initiator's offer.
const ACCEPTABLE: NegotiateFlags = NegotiateFlags(
    NegotiateFlags::UNICODE.0
        | NegotiateFlags::OEM.0
        | NegotiateFlags::REQUEST_TARGET.0
        | NegotiateFlags::SIGN.0
        | NegotiateFlags::SEAL.0
        | NegotiateFlags::NTLM.0
        | NegotiateFlags::ALWAYS_SIGN.0
        | NegotiateFlags::EXTENDED_SESSIONSECURITY.0
        | NegotiateFlags::IDENTIFY.0
        | NegotiateFlags::VERSION.0
        | NegotiateFlags::STRENGTH_128.0
        | NegotiateFlags::KEY_EXCH.0
        | NegotiateFlags::STRENGTH_56.0,
);

/// What no AUTHENTICATE may claim unless the CHALLENGE had it.
pub const BINDING: NegotiateFlags = NegotiateFlags(
    NegotiateFlags::UNICODE.0
        | NegotiateFlags::SIGN.0
        | NegotiateFlags::SEAL.0
        | NegotiateFlags::DATAGRAM.0
        | NegotiateFlags::LM_KEY.0
        | NegotiateFlags::EXTENDED_SESSIONSECURITY.0
        | NegotiateFlags::STRENGTH_128.0
        | NegotiateFlags::KEY_EXCH.0,
);

/// The NEGOTIATE flags for what a caller asks: the mapping that Windows was seen to use.
pub fn offer(requirements: Flags) -> NegotiateFlags {
    use NegotiateFlags as N;
    let sign = requirements.any(Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT);
    let seal = requirements.has(Flags::CONFIDENTIALITY);
    N::UNICODE
        | N::REQUEST_TARGET
        | N::NTLM
        | N::ALWAYS_SIGN
        | N::EXTENDED_SESSIONSECURITY
        | N::VERSION
        | N::STRENGTH_128
        | N::STRENGTH_56
        | N::when(sign, N::SIGN)
        | N::when(seal, N::SEAL)
        // Without SIGN or SEAL implementations differ in what KEY_EXCH means.
        | N::when(sign || seal, N::KEY_EXCH)
        | N::when(requirements.has(Flags::IDENTIFY), N::IDENTIFY)
}

/// The CHALLENGE flags for an initiator's offer.
pub fn answer(offered: NegotiateFlags, target_type: NegotiateFlags) -> NegotiateFlags {
    use NegotiateFlags as N;
    let taken = offered.and(ACCEPTABLE) | N::NTLM | N::TARGET_INFO | target_type;
    // One character set, never both.
    let taken = if taken.has(N::UNICODE) { taken.without(N::OEM) } else { taken | N::OEM };
    // An old client that lacks either is authenticated, and no more.
    let protects = taken.protects_messages() && taken.has(N::STRENGTH_128 | N::KEY_EXCH);
    if protects { taken } else { taken.without(N::SIGN | N::SEAL | N::KEY_EXCH) }
}

/// What both sides have after negotiating `flags`. Only what does not change the protection
/// follows the caller's wish.
pub fn grants(flags: NegotiateFlags, requirements: Flags) -> Flags {
    let style = Flags::CONNECTION | Flags::DCE_STYLE | Flags::USE_SESSION_KEY;
    let signed = Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT;
    (requirements & style)
        | Flags::when(flags.protects_messages(), signed)
        | Flags::when(flags.has(NegotiateFlags::SEAL), Flags::CONFIDENTIALITY)
        | Flags::when(flags.has(NegotiateFlags::IDENTIFY), Flags::IDENTIFY)
        | Flags::when(flags.has(NegotiateFlags::ANONYMOUS), Flags::NULL_SESSION)
}

/// Whether `flags` give the protection that a caller insists on.
pub fn satisfy(flags: NegotiateFlags, requirements: Flags) -> bool {
    let integrity = !requirements.has(Flags::INTEGRITY) || flags.protects_messages();
    let confidentiality = !requirements.has(Flags::CONFIDENTIALITY) || flags.has(NegotiateFlags::SEAL);
    integrity && confidentiality
}
