//! ISC_REQ_*, ISC_RET_*, ASC_REQ_* and ASC_RET_* and the one set of flags that stands for them all.

#![forbid(unsafe_code)]

use crate::abi::*;
use crate::object::context::Role;
use crate::package::Flags;

/// A flag, the bit that asks for it and the bit that grants it, which may be none: 0.
type Row = (Flags, u32, u32);

static INITIATOR: [Row; 20] = [
    (Flags::DELEGATE, ISC_REQ_DELEGATE, ISC_RET_DELEGATE),
    (Flags::MUTUAL_AUTH, ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH),
    (Flags::REPLAY_DETECT, ISC_REQ_REPLAY_DETECT, ISC_RET_REPLAY_DETECT),
    (Flags::SEQUENCE_DETECT, ISC_REQ_SEQUENCE_DETECT, ISC_RET_SEQUENCE_DETECT),
    (Flags::CONFIDENTIALITY, ISC_REQ_CONFIDENTIALITY, ISC_RET_CONFIDENTIALITY),
    (Flags::USE_SESSION_KEY, ISC_REQ_USE_SESSION_KEY, ISC_RET_USE_SESSION_KEY),
    (Flags::PROMPT_FOR_CREDS, ISC_REQ_PROMPT_FOR_CREDS, 0),
    (Flags::USE_SUPPLIED_CREDS, ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS),
    (Flags::ALLOCATE_MEMORY, ISC_REQ_ALLOCATE_MEMORY, ISC_RET_ALLOCATED_MEMORY),
    (Flags::DCE_STYLE, ISC_REQ_USE_DCE_STYLE, ISC_RET_USED_DCE_STYLE),
    (Flags::DATAGRAM, ISC_REQ_DATAGRAM, ISC_RET_DATAGRAM),
    (Flags::CONNECTION, ISC_REQ_CONNECTION, ISC_RET_CONNECTION),
    (Flags::EXTENDED_ERROR, ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR),
    (Flags::STREAM, ISC_REQ_STREAM, ISC_RET_STREAM),
    (Flags::INTEGRITY, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY),
    (Flags::IDENTIFY, ISC_REQ_IDENTIFY, ISC_RET_IDENTIFY),
    (Flags::NULL_SESSION, ISC_REQ_NULL_SESSION, ISC_RET_NULL_SESSION),
    (Flags::MANUAL_CRED_VALIDATION, ISC_REQ_MANUAL_CRED_VALIDATION, ISC_RET_MANUAL_CRED_VALIDATION),
    (Flags::NO_INTEGRITY, ISC_REQ_NO_INTEGRITY, 0),
    (Flags::UNVERIFIED_TARGET_NAME, ISC_REQ_UNVERIFIED_TARGET_NAME, 0),
];

static ACCEPTOR: [Row; 17] = [
    (Flags::DELEGATE, ASC_REQ_DELEGATE, ASC_RET_DELEGATE),
    (Flags::MUTUAL_AUTH, ASC_REQ_MUTUAL_AUTH, ASC_RET_MUTUAL_AUTH),
    (Flags::REPLAY_DETECT, ASC_REQ_REPLAY_DETECT, ASC_RET_REPLAY_DETECT),
    (Flags::SEQUENCE_DETECT, ASC_REQ_SEQUENCE_DETECT, ASC_RET_SEQUENCE_DETECT),
    (Flags::CONFIDENTIALITY, ASC_REQ_CONFIDENTIALITY, ASC_RET_CONFIDENTIALITY),
    (Flags::USE_SESSION_KEY, ASC_REQ_USE_SESSION_KEY, ASC_RET_USE_SESSION_KEY),
    (Flags::ALLOCATE_MEMORY, ASC_REQ_ALLOCATE_MEMORY, ASC_RET_ALLOCATED_MEMORY),
    (Flags::DCE_STYLE, ASC_REQ_USE_DCE_STYLE, ASC_RET_USED_DCE_STYLE),
    (Flags::DATAGRAM, ASC_REQ_DATAGRAM, ASC_RET_DATAGRAM),
    (Flags::CONNECTION, ASC_REQ_CONNECTION, ASC_RET_CONNECTION),
    (Flags::EXTENDED_ERROR, ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR),
    (Flags::STREAM, ASC_REQ_STREAM, ASC_RET_STREAM),
    (Flags::INTEGRITY, ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY),
    (Flags::IDENTIFY, ASC_REQ_IDENTIFY, ASC_RET_IDENTIFY),
    (Flags::NULL_SESSION, ASC_REQ_ALLOW_NULL_SESSION, ASC_RET_NULL_SESSION),
    (Flags::PROXY_BINDINGS, ASC_REQ_PROXY_BINDINGS, 0),
    (Flags::ALLOW_MISSING_BINDINGS, ASC_REQ_ALLOW_MISSING_BINDINGS, 0),
];

/// What each bit of an argument means: `requests` by the bits that ask, `grants` by the bits of `Flags`.
struct ByBit {
    requests: [u32; 32],
    grants: [u32; 32],
}

static BY_BIT: [ByBit; 2] = [by_bit(&INITIATOR), by_bit(&ACCEPTOR)];

const fn by_bit(rows: &[Row]) -> ByBit {
    let mut table = ByBit { requests: [0; 32], grants: [0; 32] };
    let mut row = 0;
    while row < rows.len() {
        let (flag, request, grant) = rows[row];
        table.requests[request.trailing_zeros() as usize] = flag.bits();
        table.grants[flag.bits().trailing_zeros() as usize] = grant;
        row += 1;
    }
    table
}

fn of(role: Role) -> &'static ByBit {
    let [initiator, acceptor] = &BY_BIT;
    match role {
        Role::Initiator => initiator,
        Role::Acceptor => acceptor,
    }
}

/// All that the bits that are set stand for; each call asks for a few of the many that there are.
fn translate(table: &[u32; 32], mut bits: u32) -> u32 {
    let mut translated = 0;
    while bits != 0 {
        translated |= table[bits.trailing_zeros() as usize % 32];
        bits &= bits.wrapping_sub(1);
    }
    translated
}

/// fContextReq; bits that mean nothing here are ignored.
pub fn requirements(role: Role, bits: u32) -> Flags {
    Flags::from_bits(translate(&of(role).requests, bits))
}

/// *pfContextAttr, and SECPKG_ATTR_FLAGS.
pub fn grants(role: Role, flags: Flags) -> u32 {
    translate(&of(role).grants, flags.bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_sides_differ_from_0x1000_up() {
        let flags = Flags::INTEGRITY | Flags::CONFIDENTIALITY;
        assert_eq!(requirements(Role::Initiator, 0x1_0010), flags);
        assert_eq!(requirements(Role::Acceptor, 0x2_0010), flags);
        assert_eq!((grants(Role::Initiator, flags), grants(Role::Acceptor, flags)), (0x1_0010, 0x2_0010));
    }

    #[test]
    fn unknown_bits_are_neither_asked_for_nor_echoed() {
        for role in [Role::Initiator, Role::Acceptor] {
            let rows: &[Row] = if role == Role::Initiator { &INITIATOR } else { &ACCEPTOR };
            let all = requirements(role, u32::MAX);
            assert_eq!(requirements(role, rows.iter().fold(0, |bits, row| bits | row.1)), all);
            for (flag, request, grant) in rows {
                assert_eq!((requirements(role, *request), grants(role, *flag)), (*flag, *grant));
            }
            assert_eq!(requirements(role, 0x0200_1000), Flags::NONE);
            assert_eq!(grants(role, Flags::NO_INTEGRITY | Flags::PROXY_BINDINGS), 0);
        }
    }
}
