//! The flags of the authenticator's checksum (RFC 4121 4.1.1.1, MS-KILE 3.2.5.2) and SSPI's.

#![forbid(unsafe_code)]

use super::wire::checksum;
use crate::package::Flags;

/// The Flags field of the checksum 0x8003.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GssFlags(pub u32);

impl GssFlags {
    pub const DELEG: u32 = checksum::GSS_C_DELEG_FLAG;
    pub const MUTUAL: u32 = checksum::GSS_C_MUTUAL_FLAG;
    pub const REPLAY: u32 = checksum::GSS_C_REPLAY_FLAG;
    pub const SEQUENCE: u32 = checksum::GSS_C_SEQUENCE_FLAG;
    pub const CONF: u32 = checksum::GSS_C_CONF_FLAG;
    pub const INTEG: u32 = checksum::GSS_C_INTEG_FLAG;
    pub const DCE_STYLE: u32 = checksum::GSS_C_DCE_STYLE;
    pub const IDENTIFY: u32 = checksum::GSS_C_IDENTIFY_FLAG;
    pub const EXTENDED_ERROR: u32 = checksum::GSS_C_EXTENDED_ERROR_FLAG;

    pub fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }

    /// What an initiator asks of the acceptor for what its caller asks. Delegation is added when there is
    /// something to delegate.
    pub fn asked(requirements: Flags) -> GssFlags {
        let bits = PAIRS.iter().filter(|(flag, _)| requirements.has(*flag)).map(|(_, bit)| bit);
        let mut asked = bits.fold(0, |all, bit| all | bit) & !Self::DELEG;
        // Replay and order show in signed messages; encrypted ones are signed, too.
        if asked & (Self::CONF | Self::REPLAY | Self::SEQUENCE) != 0 {
            asked |= Self::INTEG;
        }
        // The third leg answers the second: DCE style is mutual (MS-KILE 3.4.5.1).
        if asked & Self::DCE_STYLE != 0 {
            asked |= Self::MUTUAL;
        }
        GssFlags(asked)
    }

    /// What a context with these flags has.
    pub fn grants(self) -> Flags {
        let has = PAIRS.iter().filter(|(_, bit)| self.has(*bit)).map(|(flag, _)| *flag);
        has.fold(Flags::NONE, |all, flag| all | flag)
    }
}

const PAIRS: [(Flags, u32); 9] = [
    (Flags::DELEGATE, GssFlags::DELEG),
    (Flags::MUTUAL_AUTH, GssFlags::MUTUAL),
    (Flags::REPLAY_DETECT, GssFlags::REPLAY),
    (Flags::SEQUENCE_DETECT, GssFlags::SEQUENCE),
    (Flags::CONFIDENTIALITY, GssFlags::CONF),
    (Flags::INTEGRITY, GssFlags::INTEG),
    (Flags::DCE_STYLE, GssFlags::DCE_STYLE),
    (Flags::IDENTIFY, GssFlags::IDENTIFY),
    (Flags::EXTENDED_ERROR, GssFlags::EXTENDED_ERROR),
];

/// Flags that a caller gets because it asked: they name a style, not a protection.
pub fn style(requirements: Flags) -> Flags {
    requirements & Flags::CONNECTION
}

/// Whether an acceptor's caller has the protection that it insists on.
pub fn satisfy(grants: Flags, requirements: Flags) -> bool {
    let insists = requirements & (Flags::INTEGRITY | Flags::CONFIDENTIALITY);
    grants.has(insists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_comes_with_what_it_needs() {
        assert_eq!(GssFlags::asked(Flags::NONE), GssFlags(0));
        assert_eq!(GssFlags::asked(Flags::CONFIDENTIALITY), GssFlags(GssFlags::CONF | GssFlags::INTEG));
        assert_eq!(GssFlags::asked(Flags::REPLAY_DETECT), GssFlags(GssFlags::REPLAY | GssFlags::INTEG));
        assert_eq!(GssFlags::asked(Flags::DCE_STYLE), GssFlags(GssFlags::DCE_STYLE | GssFlags::MUTUAL));
        assert_eq!(GssFlags::asked(Flags::DELEGATE | Flags::MUTUAL_AUTH), GssFlags(GssFlags::MUTUAL));
    }

    #[test]
    fn grants_are_what_the_checksum_says() {
        assert_eq!(
            GssFlags(0x3E).grants(),
            Flags::MUTUAL_AUTH
                | Flags::REPLAY_DETECT
                | Flags::SEQUENCE_DETECT
                | Flags::CONFIDENTIALITY
                | Flags::INTEGRITY
        );
        assert!(satisfy(Flags::INTEGRITY, Flags::INTEGRITY | Flags::MUTUAL_AUTH));
        assert!(!satisfy(Flags::INTEGRITY, Flags::CONFIDENTIALITY));
    }
}
