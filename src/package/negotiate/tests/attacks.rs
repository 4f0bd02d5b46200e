//! Rows B1 to B8 of the table of attacks, and whoever is on the way.

#![forbid(unsafe_code)]

use super::*;
use crate::package::der::{self, element};

static BOTH: Mechanisms = &[&NTLMSSP, &TWO];
const NEGOEX: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 30];

fn attacked(
    ours: Mechanisms,
    theirs: Mechanisms,
    mut on_the_way: impl FnMut(usize, Vec<u8>) -> Vec<u8>,
) -> std::result::Result<Pair, Refused> {
    negotiate_with(&*client(ours, "spnego"), &*server(theirs), protected(), &mut on_the_way)
}

fn reoffered(token: &[u8], oids: &[&[u8]], keeps_token: bool) -> Vec<u8> {
    let init = tokens::NegTokenInit::parse(token).unwrap();
    tokens::init(&tokens::mech_types(oids.iter().copied()), init.mech_token.filter(|_| keeps_token))
}

/// What an acceptor says to a first token.
fn first(theirs: Mechanisms, token: &[u8]) -> Answer {
    Side::new(server(theirs).accept().unwrap(), Flags::NONE).step(Some(token))
}

/// B1: NegoEx in a list is skipped, its token never looked at; it is never offered.
#[test]
fn nego_ex_is_skipped() {
    let list = tokens::mech_types([NEGOEX, NTLMSSP.oids[0]].into_iter());
    let init = tokens::init(&list, Some(b"NEGOEXTS\xff\xff\xff\xff\xff\xff\xff\xff"));
    let answer = first(NTLM, &init).unwrap().unwrap();
    let answer = NegTokenResp::parse(&answer).unwrap();
    assert_eq!(
        (answer.neg_state, answer.supported_mech),
        (Some(NegState::RequestMic), Some(NTLMSSP.oids[0]))
    );
    assert_eq!(answer.response_token, None);
    let only = tokens::init(&tokens::mech_types([NEGOEX].into_iter()), Some(b"NEGOEXTS"));
    assert_eq!(first(NTLM, &only).unwrap_err().0, Code::InvalidToken);
    let Some(hint) = Side::new(server(NTLM).accept().unwrap(), Flags::NONE).step(None).unwrap() else {
        panic!()
    };
    assert!(!hint.windows(NEGOEX.len()).any(|window| window == NEGOEX));
    // An acceptor that chooses what was not offered.
    let refused = attacked(NTLM, NTLM, |leg, token| match leg {
        1 => changed(&token, |response| response.supported_mech = Some(NEGOEX)),
        _ => token,
    });
    assert_eq!(refused.err().unwrap().code, Code::InvalidToken);
}

/// B2 and B5: empty tokens at each step, lists of none, tokens of nobody.
#[test]
fn nothing_where_something_is_due_is_refused() {
    for leg in 1..4 {
        let refused =
            attacked(NTLM, NTLM, |at, token| if at == leg { Vec::new() } else { token }).err().unwrap();
        assert_eq!((refused.code, refused.by_client), (Code::InvalidToken, leg % 2 == 1), "{leg}");
        let refused = attacked(BOTH, these![TWO], |at, token| match at == leg {
            true => changed(&token, |response| response.response_token = Some(&[])),
            false => token,
        });
        assert_eq!(refused.err().unwrap().code, Code::InvalidToken, "{leg}");
    }
    for leg in 1..3 {
        let without = attacked(NTLM, NTLM, |at, token| match at == leg {
            true => changed(&token, |response| response.response_token = None),
            false => token,
        });
        assert_eq!(without.err().unwrap().code, Code::InvalidToken);
    }
    let opened = |fields: &[u8]| {
        let choice = element(der::CONTEXT_0, &element(der::SEQUENCE, fields));
        let oid = element(der::OBJECT_IDENTIFIER, tokens::SPNEGO_OID);
        element(der::APPLICATION_0, &[oid, choice].concat())
    };
    let none = element(der::CONTEXT_0, &element(der::SEQUENCE, &[]));
    let token_alone = element(der::CONTEXT_0 + 2, &element(der::OCTET_STRING, b"NTLMSSP\0"));
    for fields in [vec![], none.clone(), token_alone.clone(), [none, token_alone].concat()] {
        assert_eq!(first(NTLM, &opened(&fields)).unwrap_err().0, Code::InvalidToken);
    }
    // A list without a token is fine: the choice is the answer.
    let list = tokens::init(&tokens::mech_types(NTLMSSP.oids.iter().copied()), None);
    let answer = first(NTLM, &list).unwrap().unwrap();
    assert_eq!(NegTokenResp::parse(&answer).unwrap().neg_state, Some(NegState::AcceptIncomplete));
    let long = tokens::mech_types([&[1; 129][..], NTLMSSP.oids[0]].into_iter());
    assert_eq!(first(NTLM, &tokens::init(&long, None)).unwrap_err().0, Code::InvalidToken);
    let many: Vec<&[u8]> = vec![scripted::OID; 33];
    let many = tokens::init(&tokens::mech_types(many.into_iter()), None);
    assert_eq!(first(these![TWO], &many).unwrap_err().0, Code::InvalidToken);
}

/// B6: answers first, two beginnings, every negState everywhere.
#[test]
fn messages_out_of_turn_are_refused() {
    let response = NegTokenResp { response_token: Some(b"T1"), ..NegTokenResp::default() }.build();
    let (code, token) = first(BOTH, &response).unwrap_err();
    assert!(code == Code::InvalidToken && is_reject(token.as_deref()));
    let mut opening = Vec::new();
    let twice = attacked(NTLM, NTLM, |leg, token| match leg {
        0 => {
            opening = token.clone();
            token
        }
        2 => opening.clone(),
        _ => token,
    });
    assert_eq!(twice.err().unwrap().code, Code::InvalidToken);
    use NegState::*;
    for state in [None, Some(AcceptCompleted), Some(AcceptIncomplete), Some(Reject), Some(RequestMic)] {
        for leg in 1..4 {
            let result = attacked(NTLM, NTLM, |at, token| match at == leg {
                true => changed(&token, |response| response.neg_state = state),
                false => token,
            });
            let fine = match leg {
                1 => matches!(state, Some(AcceptIncomplete | RequestMic)),
                2 => !matches!(state, Some(Reject | RequestMic)),
                // Without one the end is where nothing is left to say; the MIC is checked all the same.
                _ => matches!(state, None | Some(AcceptCompleted)),
            };
            assert_eq!(result.is_ok(), fine, "{leg} {state:?}");
            if let Err(refused) = result {
                let expected = if state == Some(Reject) { Code::LogonDenied } else { Code::InvalidToken };
                assert_eq!(refused.code, expected, "{leg} {state:?}");
            }
        }
    }
}

/// B3: a switch, and a mechanism that is chosen again later.
#[test]
fn a_mechanism_is_chosen_once() {
    let again = attacked(BOTH, BOTH, |leg, token| match leg {
        3 => changed(&token, |response| response.supported_mech = Some(scripted::OID)),
        _ => token,
    });
    assert_eq!(again.err().unwrap().code, Code::InvalidToken);
    let with_token = attacked(BOTH, these![TWO], |leg, token| match leg {
        1 => changed(&token, |response| response.response_token = Some(b"T2")),
        _ => token,
    });
    assert_eq!(with_token.err().unwrap().code, Code::InvalidToken);
}

/// B7: the list as sent, or no context.
#[test]
fn a_list_that_was_changed_on_the_way_is_refused() {
    let ntlm = NTLMSSP.oids[0];
    let lists: [(&[&[u8]], bool); 5] = [
        (&[ntlm], true),
        (&[ntlm, scripted::OID], true),
        (&[ntlm, NEGOEX, scripted::OID], true),
        (&[scripted::OID, ntlm], false),
        (&[scripted::OID], false),
    ];
    for (oids, keeps_token) in lists {
        let refused = attacked(BOTH, BOTH, |leg, token| match leg {
            0 => reoffered(&token, oids, keeps_token),
            _ => token,
        });
        let refused = refused.err().unwrap();
        assert_eq!(refused.code, Code::MessageAltered);
        // Whoever sent the list is never satisfied: only he can know of a mechanism that was put first.
        assert!(refused.by_client || !refused.other_done);
    }
    // The second of the list is put first, and what would have told of it is taken out.
    let stripped = attacked(these![NTLMSSP, TWO], these![TWO], |leg, token| match leg {
        0 => reoffered(&token, &[scripted::OID], false),
        3 => changed(&token, |response| response.mech_list_mic = None),
        _ => token,
    });
    assert_eq!(stripped.err().unwrap().code, Code::MessageAltered);
}

/// B7: missing, zero, foreign, cut and lengthened MICs, in both directions.
#[test]
fn a_list_mic_is_never_waived() {
    let cases: [(Mechanisms, Mechanisms, &[usize]); 4] = [
        (NTLM, NTLM, &[2, 3]),
        (these![TWO, NTLMSSP], NTLM, &[4, 5]),
        (BOTH, these![TWO], &[3, 4]),
        (these![NTLMSSP, ONE], these![ONE], &[2, 3]),
    ];
    for (ours, theirs, legs) in cases {
        let good = negotiate(ours, theirs).unwrap();
        for &leg in legs {
            let mic = NegTokenResp::parse(&good.tokens[leg]).unwrap().mech_list_mic.unwrap().to_vec();
            let other = legs.iter().find(|other| **other != leg).unwrap();
            let foreign = NegTokenResp::parse(&good.tokens[*other]).unwrap().mech_list_mic.unwrap().to_vec();
            let zero = vec![0; mic.len()];
            let dummy = [&[1, 0, 0, 0][..], &[0; 12]].concat();
            for bad in [
                None,
                Some(zero),
                Some(dummy),
                Some(foreign),
                Some(vec![]),
                Some(mic[1..].to_vec()),
                Some([&mic[..], &[0]].concat()),
            ] {
                let refused = attacked(ours, theirs, |at, token| match at == leg {
                    true => changed(&token, |response| response.mech_list_mic = bad.as_deref()),
                    false => token,
                });
                let refused = refused.err().unwrap_or_else(|| panic!("{leg} {bad:?}"));
                if refused.code == WAITS {
                    assert!(refused.by_client && bad.is_none());
                    continue;
                }
                assert!(matches!(refused.code, Code::MessageAltered | Code::InvalidToken), "{refused:?}");
                assert!(is_reject(refused.token.as_deref()));
            }
        }
    }
}

/// A MIC that nobody demanded is checked all the same.
#[test]
fn a_list_mic_that_is_not_due_must_be_right() {
    let refused = attacked(these![TWO], these![TWO], |leg, token| match leg {
        1 => changed(&token, |response| response.mech_list_mic = Some(b"none")),
        _ => token,
    });
    assert_eq!(refused.err().unwrap().code, Code::MessageAltered);
}

/// B8: nesting, indefinite and impossible lengths, duplicates, trailing bytes.
#[test]
fn only_strict_der_is_read() {
    let good = negotiate(BOTH, BOTH).unwrap().tokens[0].clone();
    let parses = |token: &[u8]| tokens::NegTokenInit::parse(token).is_ok();
    assert!(parses(&good));
    assert!(!parses(&[&good[..], &[0]].concat()));
    let mut nested = vec![0; 2];
    for tag in [der::SEQUENCE, der::CONTEXT_0, der::APPLICATION_0] {
        for _ in 0..10_000 {
            nested = element(tag, &nested[..nested.len().min(60_000)]);
        }
        assert_eq!(first(NTLM, &nested).unwrap_err().0, Code::InvalidToken);
    }
    for length in [&[0x80][..], &[0x84, 0xFF, 0xFF, 0xFF, 0xFF], &[0x88, 0, 0, 0, 1, 0, 0, 0, 0], &[0x89; 10]]
    {
        assert!(!parses(&[&[0x60], length, &good[2..]].concat()));
    }
    let oids = element(der::CONTEXT_0, &tokens::mech_types(NTLMSSP.oids.iter().copied()));
    let token = element(der::CONTEXT_0 + 2, &element(der::OCTET_STRING, b"x"));
    let mic = |number| element(der::CONTEXT_0 + number, &element(der::OCTET_STRING, b"mic"));
    let unknown = element(der::CONTEXT_0 + 9, b"never read");
    let opened = |fields: &[&[u8]]| {
        let choice = element(der::CONTEXT_0, &element(der::SEQUENCE, &fields.concat()));
        let oid = element(der::OBJECT_IDENTIFIER, tokens::SPNEGO_OID);
        element(der::APPLICATION_0, &[oid, choice].concat())
    };
    for fields in [&[&oids[..], &token][..], &[&oids, &token, &mic(3)], &[&oids, &mic(4)], &[&oids, &unknown]]
    {
        assert!(parses(&opened(fields)));
    }
    for fields in [
        &[&oids[..], &oids, &token][..],
        &[&oids, &token, &token],
        &[&token, &oids],
        &[&oids, &mic(3), &mic(4)],
        &[&oids, &mic(1)],
        &[&oids, &unknown, &unknown],
        &[&oids, &[0x30, 0]],
    ] {
        assert!(!parses(&opened(fields)));
    }
    for state in [&[0x0A, 1, 4][..], &[0x0A, 2, 0, 1], &[0x0A, 0], &[2, 1, 0]] {
        let fields = element(der::SEQUENCE, &element(der::CONTEXT_0, state));
        assert!(NegTokenResp::parse(&element(der::CONTEXT_0 + 1, &fields)).is_err());
    }
}

/// Every token cut anywhere: refused by whoever gets it, and the sender is not satisfied alone.
#[test]
fn no_cut_token_is_taken() {
    for (ours, theirs) in [(NTLM, NTLM), (these![TWO, NTLMSSP], NTLM)] {
        let lengths: Vec<usize> = negotiate(ours, theirs).unwrap().tokens.iter().map(Vec::len).collect();
        for (leg, length) in lengths.into_iter().enumerate() {
            for end in 1..length {
                let refused = attacked(ours, theirs, |at, mut token| {
                    if at == leg {
                        token.truncate(end);
                    }
                    token
                });
                let refused = refused.err().unwrap();
                assert_eq!(refused.by_client, leg % 2 == 1, "{leg} {end}");
                assert!(is_reject(refused.token.as_deref()));
            }
        }
    }
}

/// Bits flipped anywhere in a negotiation. Who is done with it anyway is done with the same keys and
/// the same mechanism as without, and messages go both ways.
#[test]
fn flipped_bits_lead_nowhere_else() {
    let mut random = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let (mut refused, mut taken) = (0, 0);
    for (ours, theirs) in [(BOTH, NTLM), (these![TWO, NTLMSSP], NTLM)] {
        let legs = negotiate(ours, theirs).unwrap().tokens.len();
        for _ in 0..1500 {
            let at = next(legs);
            let (mut byte, bit) = (next(usize::MAX), next(8));
            let result = attacked(ours, theirs, |leg, mut token| {
                if leg == at {
                    byte %= token.len();
                    token[byte] ^= 1 << bit;
                }
                token
            });
            match result {
                Err(_) => refused += 1,
                Ok(mut pair) => {
                    taken += 1;
                    let (mine, other) = (&pair.client.facts, &pair.server.facts);
                    assert_eq!(mine.package, other.package);
                    assert_eq!(mine.session_key.as_ref(), other.session_key.as_ref());
                    exchange(&mut pair);
                }
            }
        }
    }
    assert!(refused > 2900, "{refused} refused, {taken} taken");
}

#[test]
fn a_wrong_password_is_told_by_a_reject() {
    let wrong = acquire(NTLM, true, Some(identity("", "bob", "falsch")), None, "spnego").unwrap();
    let refused = negotiate_with(&*wrong, &*server(NTLM), protected(), &mut untouched).err().unwrap();
    assert_eq!((refused.by_client, refused.code), (false, Code::LogonDenied));
    assert!(is_reject(refused.token.as_deref()));
    let mut initiator = Side::new(client(NTLM, "spnego").initiate(None).unwrap(), protected());
    initiator.step(None).unwrap();
    assert_eq!(initiator.step(refused.token.as_deref()).unwrap_err().0, Code::LogonDenied);
    assert_eq!(initiator.step(refused.token.as_deref()).unwrap_err().0, Code::OutOfSequence);
    // A mechanism's own error goes with it, and tells more.
    let reject = first(these![TWO], &tokens::init(&tokens::mech_types(TWO.oids.iter().copied()), Some(b"?")));
    let reject = reject.unwrap_err().1.unwrap();
    assert_eq!(NegTokenResp::parse(&reject).unwrap().response_token, Some(&b"TE"[..]));
    let mut initiator = Side::new(client(these![TWO], "spnego").initiate(None).unwrap(), protected());
    initiator.step(None).unwrap();
    assert_eq!(initiator.step(Some(&reject)).unwrap_err().0, Code::TargetUnknown);
}
