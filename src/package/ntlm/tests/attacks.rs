//! What happened to others: the rows of the NTLM table that a message alone can carry.

#![forbid(unsafe_code)]

use super::*;
use crate::package::ntlm::authenticate::{Authenticate, MIC_AT};
use crate::package::ntlm::av_pair::{self, AvPairs, id};
use crate::package::ntlm::challenge::Challenge;
use crate::package::ntlm::flags::NegotiateFlags as N;
use crate::package::ntlm::message::{u16_at, u32_at};
use crate::package::ntlm::negotiate::Negotiate;
use crate::package::ntlm::response::Ntlmv2Response;

type Altered<'a> = dyn FnMut(usize, Vec<u8>) -> Vec<u8> + 'a;

fn alice_asking(asks: Flags, on_the_way: &mut Altered<'_>) -> std::result::Result<Pair, Refused> {
    let asked = Run { client_asks: asks, ..everything(on_the_way) };
    run(&*client("EXAMPLE", "alice", "secret"), &*server(), asked)
}

fn alice(on_the_way: &mut Altered<'_>) -> std::result::Result<Pair, Refused> {
    alice_asking(protected(), on_the_way)
}

/// The three messages of a good handshake.
fn messages() -> [Vec<u8>; 3] {
    let mut seen = [const { Vec::new() }; 3];
    alice(&mut |leg, token| {
        seen[leg] = token.clone();
        token
    })
    .unwrap();
    seen
}

fn parse_all(message: &[u8]) {
    let _ = Negotiate::parse(message);
    let _ = Challenge::parse(message);
    if let Ok(message) = Authenticate::parse(message) {
        let _ = Ntlmv2Response::parse(message.nt_response);
    }
    let _ = AvPairs::parse(message).map(|pairs| pairs.iter().count());
}

/// The offset of each field in each message.
const FIELDS: [(usize, &[usize]); 3] = [(0, &[16, 24]), (1, &[12, 40]), (2, &[12, 20, 28, 36, 44, 52])];

/// A1: lengths and offsets at every edge, in every field of every message.
#[test]
fn a1_fields_outside_their_message() {
    for (leg, fields) in FIELDS {
        for field in fields {
            for length in [1u16, 2, 0x7FFF, 0xFFFE, 0xFFFF] {
                for offset in [0u32, 1, 63, 0x7FFF_FFFF, 0xFFFF_FFFF, 0u32.wrapping_sub(u32::from(length))] {
                    let result = alice(&mut |at, mut token| {
                        if at == leg {
                            if leg == 0 {
                                token[13] |= 0x30;
                            }
                            token[*field..field + 2].copy_from_slice(&length.to_le_bytes());
                            token[field + 4..field + 8].copy_from_slice(&offset.to_le_bytes());
                        }
                        token
                    });
                    match result {
                        // Where 63 lies inside the message it may be read, and the MIC does not fit.
                        Err(_) if offset == 63 => {}
                        Err(Refused::ByServer(code)) if leg != 1 => {
                            assert_eq!(code, Code::InvalidToken)
                        }
                        Err(Refused::ByClient(code)) if leg == 1 => {
                            assert_eq!(code, Code::InvalidToken)
                        }
                        _ => panic!("leg {leg} field {field} length {length} offset {offset}"),
                    }
                }
            }
        }
    }
}

/// A2: names that are no text.
#[test]
fn a2_strings_that_are_no_text() {
    let odd = alice(&mut |leg, mut token| {
        if leg == 2 {
            token[36] -= 1;
        }
        token
    });
    assert_eq!(refused_by_server(odd), Code::InvalidToken);
    let lone = alice(&mut |leg, mut token| {
        if leg == 2 {
            let at = u32_at(&token, 40).unwrap() as usize;
            token[at..at + 2].copy_from_slice(&[0x00, 0xD8]);
        }
        token
    });
    assert_eq!(refused_by_server(lone), Code::LogonDenied);
    // A lone surrogate is a unit like any other where both sides have it.
    let strange = U16String::from_vec(vec![0xD800, 0x61]);
    struct Strange(U16String);
    impl AccountSource for Strange {
        fn lookup(&self, user: &U16Str, _domain: &U16Str) -> Result<Option<Account>> {
            let key = AccountKey::NtHash(nt_hash(&[0xDC00]));
            Ok((*user == *self.0).then(|| Account { user: user.into(), domain: wide(""), key }))
        }
    }
    let who = Identity {
        user: Some(strange.clone()),
        password: Some(Password::Clear(Secret::new(vec![0xDC00]))),
        ..Identity::default()
    };
    let who = acquire(true, Some(who), None, TestOs::new(&[])).unwrap();
    let pair =
        run(&*who, &*server_of(Arc::new(Strange(strange.clone()))), everything(&mut untouched)).unwrap();
    assert_eq!(pair.server.facts.client, Some(strange));
}

/// A3, A7: a CHALLENGE whose target info is broken at each byte.
#[test]
fn a3_target_info_cut_off_anywhere() {
    let [_, challenge, _] = messages();
    let length = u16_at(&challenge, 40).unwrap();
    for cut in 0..length {
        let result = alice(&mut |leg, mut token| {
            if leg == 1 {
                token[40..42].copy_from_slice(&cut.to_le_bytes());
            }
            token
        });
        assert_eq!(refused_by_client(result), Code::InvalidToken);
    }
}

/// A4: names that end nowhere cost no memory; the leak checkers run this.
#[test]
fn a4_names_of_every_shape() {
    let source = server();
    for name in ["\\", "@", "\\\\", "a\\", "\\a", "a@", "@a", "a\\b\\c@d@e", "", " "] {
        for domain in ["", "\\", "@", "D"] {
            if name.is_empty() {
                continue;
            }
            let mut nobody = untouched;
            let result = run(&*client(domain, name, "x"), &*source, everything(&mut nobody));
            assert_eq!(refused_by_server(result), Code::LogonDenied);
        }
    }
}

/// A6: everything optional is left out.
#[test]
fn a6_nothing_optional() {
    let mut nobody = untouched;
    let asked = Run { target: None, client_asks: Flags::NONE, ..everything(&mut nobody) };
    let who = Identity {
        user: Some(wide("bob")),
        password: Some(Password::Clear(Secret::new(wide("geheim").into_vec()))),
        ..Identity::default()
    };
    let who = acquire(true, Some(who), None, TestOs::new(&[])).unwrap();
    let pair = run(&*who, &*server(), asked).unwrap();
    assert_eq!((pair.server.facts.client, pair.server.facts.target), (Some(wide("bob")), None));
}

/// A8, A13, A14: without the password there is no way in, MIC or not; and the account on the wire
/// is the one that is checked.
#[test]
fn a8_no_password_no_entry() {
    for (domain, user) in [("EXAMPLE", "alice"), ("", "Guest"), ("", "Administrator"), ("", "nobody")] {
        for asks in [Flags::NONE, protected()] {
            let mut strip = |leg, token| if leg == 2 { without_mic(token) } else { token };
            let asked = Run { client_asks: asks, ..everything(&mut strip) };
            let result = run(&*client(domain, user, "guess"), &*server(), asked);
            assert_eq!(refused_by_server(result), Code::LogonDenied);
        }
    }
    // Bob's proof under Alice's name.
    let swap = |leg, mut token: Vec<u8>| {
        if leg == 2 {
            let at = u32_at(&token, 40).unwrap() as usize;
            token[at..at + 6].copy_from_slice(&[b'a', 0, b'n', 0, b'n', 0]);
        }
        token
    };
    let source = || server_of(Arc::new(Users(vec![("", "bob", "geheim"), ("", "ann", "geheim")])));
    let mut swapped = swap;
    let result = run(&*client("", "bob", "geheim"), &*source(), everything(&mut swapped));
    assert_eq!(refused_by_server(result), Code::LogonDenied);
}

/// AUTHENTICATE with its MIC and Version cut out.
fn without_mic(message: Vec<u8>) -> Vec<u8> {
    let mut cut = [&message[..64], &message[88..]].concat();
    for field in FIELDS[2].1 {
        let offset = u32_at(&cut, field + 4).unwrap().saturating_sub(24);
        cut[field + 4..field + 8].copy_from_slice(&offset.to_le_bytes());
    }
    cut
}

/// A9: an account without a password is not for the network.
#[test]
fn a9_blank_passwords() {
    let mut nobody = untouched;
    let result = run(&*client("", "blank", ""), &*server(), everything(&mut nobody));
    assert_eq!(refused_by_server(result), Code::LogonDenied);
    let broken = run(&*client("", "bob", "geheim"), &*server_of(Arc::new(Broken)), everything(&mut nobody));
    assert_eq!(refused_by_server(broken), Code::LogonDenied);
}

/// A15: a caller that binds to a channel refuses a client that does not.
#[test]
fn a15_channel_bindings() {
    let (one, other) = (&b"tls-server-end-point:one"[..], &b"tls-server-end-point:two"[..]);
    let bound = |client_binds, server_binds, server_asks| {
        let mut nobody = untouched;
        let asked = Run { client_binds, server_binds, server_asks, ..everything(&mut nobody) };
        run(&*client("", "bob", "geheim"), &*server(), asked)
    };
    bound(Some(one), Some(one), Flags::NONE).unwrap();
    bound(Some(one), None, Flags::NONE).unwrap();
    bound(None, Some(one), Flags::ALLOW_MISSING_BINDINGS).unwrap();
    assert_eq!(refused_by_server(bound(Some(other), Some(one), Flags::NONE)), Code::BadBindings);
    assert_eq!(refused_by_server(bound(None, Some(one), Flags::NONE)), Code::BadBindings);
}

/// A16: the MIC taken out, with and without Version.
#[test]
fn a16_the_mic_is_dropped() {
    let zeroed = alice(&mut |leg, mut token| {
        if leg == 2 {
            token[MIC_AT..MIC_AT + 16].fill(0);
        }
        token
    });
    assert_eq!(refused_by_server(zeroed), Code::MessageAltered);
    let cut = alice(&mut |leg, token| if leg == 2 { without_mic(token) } else { token });
    assert_eq!(refused_by_server(cut), Code::MessageAltered);
    // Flags taken out of any of the messages, behind the MIC's back.
    for (leg, at) in [(0, 12), (1, 20), (2, 60)] {
        let flipped = alice(&mut |on, mut token| {
            if on == leg {
                token[at] ^= N::SIGN.0 as u8;
            }
            token
        });
        assert!(flipped.is_err());
    }
}

fn with_target_info(challenge: Vec<u8>, pairs: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let parsed = Challenge::parse(&challenge).unwrap();
    let mut list = Vec::new();
    for (av_id, value) in pairs {
        av_pair::push(&mut list, *av_id, value).unwrap();
    }
    for (av_id, value) in parsed.target_info.iter() {
        av_pair::push(&mut list, av_id, value).unwrap();
    }
    av_pair::end(&mut list);
    Challenge::build(parsed.flags, &parsed.server_challenge, &parsed.target_name, &list).unwrap()
}

/// The MIC is there whatever the CHALLENGE says: a timestamp or a whole target info that somebody
/// took out is noticed.
#[test]
fn a16_the_challenge_is_stripped() {
    let no_info = alice(&mut |leg, mut token| {
        if leg == 1 {
            token[22] &= 0x7F;
        }
        token
    });
    assert_eq!(refused_by_server(no_info), Code::MessageAltered);
    let no_timestamp = alice(&mut |leg, token| match leg {
        1 => {
            let parsed = Challenge::parse(&token).unwrap();
            let list = [0; 4];
            Challenge::build(parsed.flags, &parsed.server_challenge, &parsed.target_name, &list).unwrap()
        }
        _ => token,
    });
    assert_eq!(refused_by_server(no_timestamp), Code::MessageAltered);
}

/// A17: what only a client may say does not come through from a CHALLENGE.
#[test]
fn a17_target_info_speaks_in_the_clients_name() {
    let injected = [
        (id::FLAGS, vec![0; 4]),
        (id::SINGLE_HOST, vec![1; 48]),
        (id::TARGET_NAME, b"x\0".to_vec()),
        (id::CHANNEL_BINDINGS, vec![7; 16]),
    ];
    let mut sent = Vec::new();
    let result = alice(&mut |leg, token| match leg {
        1 => with_target_info(token, &injected),
        2 => {
            sent = token.clone();
            token
        }
        _ => token,
    });
    // The CHALLENGE was altered, so the MIC does not fit.
    assert_eq!(refused_by_server(result), Code::MessageAltered);
    let message = Authenticate::parse(&sent).unwrap();
    let pairs = Ntlmv2Response::parse(message.nt_response).unwrap().av_pairs;
    assert_eq!(pairs.flags, Some(av_pair::FLAG_MIC));
    assert_eq!(pairs.channel_bindings, Some([0; 16]));
    assert_eq!(pairs.target_name, Some(&crate::package::ntlm::message::utf16le(&wide("host/server"))[..]));
    assert!(pairs.find(id::SINGLE_HOST).is_none());
    for twice in [id::FLAGS, id::TIMESTAMP, id::TARGET_NAME, id::CHANNEL_BINDINGS] {
        let value = |size| (twice, vec![0; size]);
        let size = match twice {
            id::FLAGS => 4,
            id::TIMESTAMP => 8,
            id::CHANNEL_BINDINGS => 16,
            _ => 2,
        };
        let result = alice(&mut |leg, token| match leg {
            1 => with_target_info(token, &[value(size), value(size)]),
            _ => token,
        });
        assert_eq!(refused_by_client(result), Code::InvalidToken);
    }
}

/// What the initiator always says: channel bindings, target name, and four zero bytes at the end.
#[test]
fn the_blob_is_exactly_its_pairs_and_four_bytes() {
    let [_, challenge, authenticate] = messages();
    let theirs = Challenge::parse(&challenge).unwrap().target_info;
    let message = Authenticate::parse(&authenticate).unwrap();
    let response = Ntlmv2Response::parse(message.nt_response).unwrap();
    let mut list = Vec::new();
    for (av_id, value) in response.av_pairs.iter() {
        av_pair::push(&mut list, av_id, value).unwrap();
    }
    av_pair::end(&mut list);
    list.extend_from_slice(&[0; 4]);
    assert_eq!(response.client_challenge[28..], list);
    assert_eq!(response.client_challenge[8..16], theirs.timestamp.unwrap());
    assert_eq!(response.av_pairs.timestamp, theirs.timestamp);
    assert_eq!(message.lm_response, [0; 24]);
    assert!(message.mic.is_some_and(|mic| mic != [0; 16]));
}

/// A20: names that make a host authenticate to itself.
#[test]
fn a20_marshalled_target_names() {
    let name = wide("cifs/host1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA");
    let error = client("", "bob", "geheim").initiate(Some(&name)).err().unwrap();
    assert_eq!(error.code, Code::TargetUnknown);
}

/// A21: a CHALLENGE that offers less than was asked for.
#[test]
fn a21_downgrades_by_the_challenge() {
    let without = |flags: N| {
        move |leg: usize, mut token: Vec<u8>| {
            if leg == 1 {
                let kept = N(u32_at(&token, 20).unwrap()).without(flags);
                token[20..24].copy_from_slice(&kept.0.to_le_bytes());
            }
            token
        }
    };
    for flags in [
        N::SIGN,
        N::SEAL,
        N(N::SIGN.0 | N::SEAL.0),
        N::EXTENDED_SESSIONSECURITY,
        N::NTLM,
        N::UNICODE,
        N::STRENGTH_128,
    ] {
        assert_eq!(refused_by_client(alice(&mut without(flags))), Code::UnsupportedFunction);
    }
    let sign = alice_asking(Flags::INTEGRITY, &mut without(N::SIGN));
    assert_eq!(refused_by_client(sign), Code::UnsupportedFunction);
    for extra in [N::LM_KEY, N::DATAGRAM] {
        let result = alice(&mut |leg, mut token| {
            if leg == 1 {
                token[20] |= extra.0 as u8;
            }
            token
        });
        assert_eq!(refused_by_client(result), Code::UnsupportedFunction);
    }
}

/// And by the NEGOTIATE: a client without session security is not answered.
#[test]
fn a21_downgrades_by_the_negotiate() {
    let without = |flags: u32| {
        move |leg: usize, mut token: Vec<u8>| {
            if leg == 0 {
                let kept = u32_at(&token, 12).unwrap() & !flags;
                token[12..16].copy_from_slice(&kept.to_le_bytes());
            }
            token
        }
    };
    let old = alice(&mut without(N::EXTENDED_SESSIONSECURITY.0));
    assert_eq!(refused_by_server(old), Code::UnsupportedFunction);
    assert_eq!(refused_by_client(alice(&mut without(N::SEAL.0))), Code::UnsupportedFunction);
    let unseen = alice_asking(Flags::NONE, &mut without(N::STRENGTH_56.0));
    assert_eq!(refused_by_server(unseen), Code::MessageAltered);
}

/// What an acceptor keeps for a client that has proven nothing is bounded, whatever it sends.
#[test]
fn messages_longer_than_their_fields_are_refused() {
    for (which, longest) in [(0, 1 << 16), (2, 7 << 16)] {
        let result = alice(&mut |leg, mut token| {
            if leg == which {
                token.resize(longest + 1, 0);
            }
            token
        });
        assert_eq!(refused_by_server(result), Code::InvalidToken);
    }
}

/// Numbers that differ from test to test but not from run to run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

fn mutated(numbers: &mut Numbers, message: &[u8]) -> Vec<u8> {
    let mut bytes = message.to_vec();
    for _ in 0..=numbers.below(3) {
        let at = numbers.below(bytes.len().max(1));
        match numbers.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), numbers.below(256) as u8),
            2 if at < bytes.len() => bytes[at] = 0xFF,
            3 if at < bytes.len() => bytes[at] = 0,
            _ if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            _ => {}
        }
    }
    bytes
}

/// No parser panics, and no altered handshake is let in: everything is under the proof or the MIC.
#[test]
fn mutated_messages_are_refused() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let seeds = messages();
    for round in 0..60_000 {
        parse_all(&mutated(&mut numbers, &seeds[round % 3]));
    }
    let (who, source) = (client("EXAMPLE", "alice", "secret"), server());
    for round in 0..12_000 {
        let mut changed = false;
        let mut alter = |leg: usize, token: Vec<u8>| {
            if leg != round % 3 {
                return token;
            }
            let altered = mutated(&mut numbers, &token);
            changed = altered != token;
            altered
        };
        let result = run(&*who, &*source, everything(&mut alter));
        assert_eq!(result.is_err(), changed, "round {round}");
    }
}

/// Each single byte of AUTHENTICATE matters.
#[test]
fn every_bit_of_authenticate_is_protected() {
    let length = messages()[2].len();
    for at in 0..length {
        for bit in [0, 3, 7] {
            let result = alice(&mut |leg, mut token| {
                if leg == 2 {
                    token[at] ^= 1 << bit;
                }
                token
            });
            assert!(result.is_err(), "byte {at} bit {bit}");
        }
    }
}
