//! Our initiator against our acceptor.

#![forbid(unsafe_code)]

use super::*;
use crate::package::facts::BindingsVerdict;
use crate::package::negotiate::{IN_PROGRESS, INFO, OPTIMISTIC};
use crate::package::ntlm;

#[test]
fn ntlm_alone_goes_bare_and_is_answered_bare() {
    for emission in ["auto", "raw", "RAW", "nonsense"] {
        let mut pair =
            negotiate_with(&*client(NTLM, emission), &*server(NTLM), protected(), &mut untouched).unwrap();
        assert!(pair.tokens.len() == 3 && pair.tokens.iter().all(|token| token.starts_with(b"NTLMSSP\0")));
        assert_eq!(pair.client.facts.package, &ntlm::INFO);
        exchange(&mut pair);
    }
}

#[test]
fn ntlm_inside_spnego_has_its_list_signed_both_ways() {
    for (ours, theirs) in
        [(NTLM, NTLM), (these![NTLMSSP, TWO], these![TWO, NTLMSSP]), (NTLM, these![TWO, NTLMSSP])]
    {
        let mut pair = negotiate(ours, theirs).unwrap();
        assert_eq!(pair.tokens.len(), 4);
        let [_, challenge, authenticate, end] = pair.tokens.as_slice() else { panic!() };
        let states = [challenge, authenticate, end].map(|token| {
            let response = NegTokenResp::parse(token).unwrap();
            (response.neg_state.unwrap(), response.mech_list_mic.map(<[u8]>::len))
        });
        use NegState::*;
        assert_eq!(
            states,
            [(AcceptIncomplete, None), (AcceptIncomplete, Some(16)), (AcceptCompleted, Some(16))]
        );
        let (mine, other) = (&pair.client.facts, &pair.server.facts);
        assert_eq!((mine.package, other.package), (&ntlm::INFO, &ntlm::INFO));
        assert_eq!((mine.sizes, mine.session_key.as_ref()), (ntlm::SIZES, other.session_key.as_ref()));
        exchange(&mut pair);
    }
}

/// The sequence goes on behind the mechListMIC: MS-SPNG 3.2.5.1.
#[test]
fn the_first_signature_after_spnego_carries_one() {
    use crate::part::Part;
    let mut pair = negotiate(NTLM, NTLM).unwrap();
    for half in [&mut pair.client, &mut pair.server] {
        let mut token = [0; 16];
        half.sender.mic(&[Part::SignedOnly(b"x")], &mut token).unwrap();
        assert_eq!(token[12..], [1, 0, 0, 0]);
    }
}

#[test]
fn a_context_without_integrity_has_no_list_mic() {
    let pair = negotiate_with(&*client(NTLM, "spnego"), &*server(NTLM), Flags::NONE, &mut untouched).unwrap();
    assert_eq!(pair.tokens.len(), 4);
    for token in &pair.tokens[1..] {
        assert!(NegTokenResp::parse(token).unwrap().mech_list_mic.is_none());
    }
    // Led to another mechanism than its first, an initiator takes no context that cannot make one.
    let refused = negotiate(these![NTLMSSP, UNSIGNED], these![UNSIGNED]).err().unwrap();
    assert_eq!((refused.by_client, refused.code), (true, Code::MessageAltered));
}

/// Whoever asks for nothing still learns when somebody on the way has made the choice.
#[test]
fn another_mechanism_than_the_first_is_asked_for_integrity() {
    let (ours, theirs) = (client(these![TWO, NTLMSSP], "spnego"), server(NTLM));
    let pair = negotiate_with(&*ours, &*theirs, Flags::NONE, &mut untouched).unwrap();
    let has_mic =
        |token: &&Vec<u8>| NegTokenResp::parse(token).is_ok_and(|resp| resp.mech_list_mic.is_some());
    assert_eq!(pair.tokens.iter().filter(has_mic).count(), 2);
    assert!(pair.client.facts.grants.has(Flags::INTEGRITY));
    let mut cut = |leg: usize, token: Vec<u8>| match leg {
        0 => {
            let ntlm = tokens::mech_types(NTLMSSP.oids.iter().copied());
            tokens::init(&ntlm, None)
        }
        _ => token,
    };
    let both = server(these![TWO, NTLMSSP]);
    assert!(negotiate_with(&*ours, &*both, Flags::NONE, &mut cut).is_err());
}

/// Peers take SEAL without SIGN for a context that cannot sign.
#[test]
fn confidentiality_alone_asks_for_integrity_as_well() {
    let (client, server) = (client(NTLM, "spnego"), server(NTLM));
    let pair = negotiate_with(&*client, &*server, Flags::CONFIDENTIALITY, &mut untouched).unwrap();
    let token = tokens::NegTokenInit::parse(&pair.tokens[0]).unwrap().mech_token.unwrap();
    assert_eq!(token[12] & 0x30, 0x30);
    assert!(NegTokenResp::parse(&pair.tokens[3]).unwrap().mech_list_mic.is_some());
}

#[test]
fn mechanisms_of_any_length_are_negotiated_first_and_second() {
    let lengths: [(Mechanisms, Mechanisms, usize); 4] = [
        (these![ONE, NTLMSSP], these![NTLMSSP, ONE], 2),
        (these![TWO, NTLMSSP], these![NTLMSSP, TWO], 2),
        (these![THREE, NTLMSSP], these![THREE], 4),
        (these![FOUR], these![FOUR], 4),
    ];
    for (ours, theirs, tokens) in lengths {
        let pair = negotiate(ours, theirs).unwrap();
        assert_eq!((pair.tokens.len(), pair.client.facts.package), (tokens, &scripted::INFO));
        let last = NegTokenResp::parse(pair.tokens.last().unwrap()).unwrap();
        assert_eq!((last.neg_state, last.mech_list_mic), (Some(NegState::AcceptCompleted), None));
    }
    let switched: [(Mechanisms, Mechanisms, usize); 4] = [
        (these![NTLMSSP, ONE], these![ONE], 4),
        (these![NTLMSSP, TWO], these![TWO], 5),
        (these![NTLMSSP, THREE], these![THREE], 6),
        (these![NTLMSSP, FOUR], these![FOUR], 7),
    ];
    for (ours, theirs, tokens) in switched {
        let pair = negotiate(ours, theirs).unwrap();
        assert_eq!((pair.tokens.len(), pair.server.facts.package), (tokens, &scripted::INFO));
        let choice = NegTokenResp::parse(&pair.tokens[1]).unwrap();
        assert_eq!((choice.neg_state, choice.response_token), (Some(NegState::RequestMic), None));
        let mics = pair.tokens[1..]
            .iter()
            .filter(|token| NegTokenResp::parse(token).unwrap().mech_list_mic.is_some());
        assert_eq!(mics.count(), 2);
    }
    let mut pair = negotiate(these![TWO, NTLMSSP], NTLM).unwrap();
    assert_eq!((pair.tokens.len(), pair.server.facts.package), (6, &ntlm::INFO));
    exchange(&mut pair);
}

#[test]
fn what_one_side_cannot_do_is_left_out() {
    let falls_to_ntlm: [(Mechanisms, Mechanisms, usize); 3] = [
        (these![NO_CREDENTIAL, NTLMSSP], these![TWO, NTLMSSP], 4),
        (these![NO_TOKEN, NTLMSSP], these![TWO, NTLMSSP], 4),
        (these![TWO, NTLMSSP], these![NO_ACCEPTOR, NTLMSSP], 6),
    ];
    for (ours, theirs, tokens) in falls_to_ntlm {
        let pair = negotiate(ours, theirs).unwrap();
        assert_eq!((pair.tokens.len(), pair.server.facts.package), (tokens, &ntlm::INFO));
    }
    let refused = negotiate(these![TWO], NTLM).err().unwrap();
    assert_eq!((refused.by_client, refused.code), (false, Code::InvalidToken));
    assert!(is_reject(refused.token.as_deref()));
    assert_eq!(negotiate(these![NO_TOKEN], NTLM).err().unwrap().code, Code::TargetUnknown);
}

#[test]
fn an_acceptor_speaks_first_when_it_is_given_nothing() {
    let mut side = Side::new(server(these![NTLMSSP, TWO]).accept().unwrap(), Flags::NONE);
    let hint = side.step(None).unwrap().unwrap();
    assert_eq!(side.handshake.progress().package, &INFO);
    assert_eq!(tokens::NegTokenInit::parse(&hint).unwrap().mech_types.oids.len(), 3);
    let mut initiator = Side::new(client(NTLM, "auto").initiate(None).unwrap(), protected());
    // Whoever is hinted at speaks SPNEGO.
    let all = talk(&mut initiator, &mut side, Some(hint.clone()), &mut untouched).unwrap();
    assert_eq!((all.len(), all[0][0]), (4, 0x60));
    // What is bare may follow as well.
    let mut side = Side::new(server(NTLM).accept().unwrap(), Flags::NONE);
    side.step(Some(&[])).unwrap().unwrap();
    let mut initiator = Side::new(client(NTLM, "raw").initiate(None).unwrap(), protected());
    assert_eq!(talk(&mut initiator, &mut side, Some(hint), &mut untouched).unwrap().len(), 3);
    // Once only.
    let mut side = Side::new(server(NTLM).accept().unwrap(), Flags::NONE);
    side.step(None).unwrap();
    assert_eq!(side.step(None).unwrap_err().0, Code::InvalidToken);
    let mut initiator = client(NTLM, "auto").initiate(None).unwrap();
    assert!(
        matches!(initiator.step(input(Some(b"?"), Flags::NONE)), Step::Failed(error, _) if error.code == Code::InvalidToken)
    );
}

#[test]
fn a_hint_names_what_can_accept() {
    let hinted = |mechanisms| {
        let mut side = Side::new(server(mechanisms).accept().unwrap(), Flags::NONE);
        side.step(None).map(|hint| {
            let hint = hint.unwrap();
            let oids = tokens::NegTokenInit::parse(&hint).unwrap().mech_types.oids;
            (oids.len(), NTLMSSP.is(oids[0]))
        })
    };
    assert_eq!(hinted(these![TWO, NTLMSSP]).unwrap(), (3, false));
    assert_eq!(hinted(these![NO_ACCEPTOR, NTLMSSP]).unwrap(), (1, true));
    let (code, token) = hinted(these![NO_ACCEPTOR]).unwrap_err();
    assert!(code == Code::NoCredentials && is_reject(token.as_deref()));
}

/// Without SPNEGO, and with or without a frame of its own.
#[test]
fn an_acceptor_takes_a_mechanisms_own_first_token() {
    let mut side = Side::new(server(these![NTLMSSP, TWO]).accept().unwrap(), Flags::NONE);
    assert_eq!(side.step(Some(b"T1")).unwrap().unwrap(), b"T2");
    assert_eq!(side.done.unwrap().facts.package, &scripted::INFO);
    let mut side = Side::new(server(NTLM).accept().unwrap(), Flags::NONE);
    assert_eq!(side.step(Some(b"T1")).unwrap_err().0, Code::InvalidToken);
    use crate::package::der::{self, element};
    for oid in TWO.oids {
        let framed =
            element(der::APPLICATION_0, &[element(der::OBJECT_IDENTIFIER, oid), vec![1, 0]].concat());
        assert!(TWO.is_bare(&framed) && !NTLMSSP.is_bare(&framed));
    }
    assert!(!TWO.is_bare(b"") && !NTLMSSP.is_bare(b"T1"));
}

/// Both names of a mechanism are its own: for the first choice, and for the answer.
#[test]
fn either_object_identifier_of_a_mechanism_is_its_first_choice() {
    for oid in TWO.oids {
        let list = tokens::mech_types([*oid, NTLMSSP.oids[0]].into_iter());
        let mut side = Side::new(server(these![NTLMSSP, TWO]).accept().unwrap(), Flags::NONE);
        let answer = side.step(Some(&tokens::init(&list, Some(b"T1")))).unwrap().unwrap();
        let answer = NegTokenResp::parse(&answer).unwrap();
        assert_eq!((answer.neg_state, answer.supported_mech), (Some(NegState::AcceptCompleted), Some(*oid)));
        let other = negotiate_with(
            &*client(these![TWO, NTLMSSP], "spnego"),
            &*server(these![TWO]),
            protected(),
            &mut |leg, token| match leg {
                1 => changed(&token, |response| response.supported_mech = Some(oid)),
                _ => token,
            },
        );
        assert_eq!(other.unwrap().tokens.len(), 2);
    }
}

/// As MIT's acceptor may.
#[test]
fn an_acceptor_may_end_without_saying_so() {
    for (ours, theirs) in [(NTLM, NTLM), (these![NTLMSSP, ONE], these![ONE])] {
        let last = negotiate(ours, theirs).unwrap().tokens.len() - 1;
        negotiate_with(&*client(ours, "spnego"), &*server(theirs), protected(), &mut |leg, token| {
            if leg == last { changed(&token, |response| response.neg_state = None) } else { token }
        })
        .unwrap();
        let without_mic =
            negotiate_with(&*client(ours, "spnego"), &*server(theirs), protected(), &mut |leg, token| {
                match leg == last {
                    true => changed(&token, |response| {
                        (response.neg_state, response.mech_list_mic) = (None, None);
                    }),
                    false => token,
                }
            });
        assert!(matches!(without_mic.err().unwrap().code, Code::MessageAltered | Code::InvalidToken));
    }
}

/// As an acceptor that has SPNEGO's name only: it takes the mechanism's token and answers with one.
#[test]
fn bare_answers_are_understood_where_nothing_else_was_offered() {
    let shake = |ours| {
        let mut initiator = Side::new(client(ours, "spnego").initiate(None).unwrap(), protected());
        let mut acceptor = Side::new(server(NTLM).accept().unwrap(), Flags::NONE);
        let init = initiator.step(None).unwrap().unwrap();
        let token = tokens::NegTokenInit::parse(&init).unwrap().mech_token.unwrap();
        let challenge = acceptor.step(Some(token)).unwrap();
        talk(&mut initiator, &mut acceptor, challenge, &mut untouched)
    };
    assert_eq!(shake(NTLM).unwrap().len(), 1);
    assert_eq!(shake(these![NTLMSSP, TWO]).err().unwrap().code, Code::InvalidToken);
}

#[test]
fn what_is_known_before_the_end() {
    let mut initiator = client(NTLM, "spnego").initiate(None).unwrap();
    let mut acceptor = server(NTLM).accept().unwrap();
    let Step::Continue(init) = initiator.step(input(None, protected())) else { panic!() };
    let known = initiator.progress();
    assert_eq!((known.package, known.negotiation_state, known.sizes), (&ntlm::INFO, OPTIMISTIC, ntlm::SIZES));
    let Step::Continue(challenge) = acceptor.step(input(Some(&init), Flags::NONE)) else { panic!() };
    let Step::Continue(_) = initiator.step(input(Some(&challenge), Flags::NONE)) else { panic!() };
    for side in [initiator.progress(), acceptor.progress()] {
        assert_eq!((side.package, side.negotiation_state), (&ntlm::INFO, IN_PROGRESS));
    }
    assert!(initiator.progress().grants.has(protected()));
    let pair = negotiate(NTLM, NTLM).unwrap();
    assert_eq!(pair.client.facts.progress().negotiation_state, 0);
}

#[test]
fn what_the_first_call_asks_holds_for_a_mechanism_that_begins_later() {
    for same in [true, false] {
        let mut initiator =
            Side::new(client(these![TWO, NTLMSSP], "spnego").initiate(None).unwrap(), protected());
        let mut acceptor = Side::new(server(NTLM).accept().unwrap(), Flags::NONE);
        initiator.binds = Some(b"tls-server-end-point:x");
        acceptor.binds = Some(if same { b"tls-server-end-point:x" } else { b"tls-server-end-point:y" });
        let init = initiator.step(None).unwrap().unwrap();
        (initiator.asks, initiator.binds) = (Flags::NONE, None);
        let choice = acceptor.step(Some(&init)).unwrap();
        acceptor.binds = None;
        match talk(&mut initiator, &mut acceptor, choice, &mut untouched) {
            Ok(_) => {
                assert!(same && acceptor.done.is_some());
                let facts = acceptor.done.unwrap().facts;
                assert_eq!((facts.grants, facts.bindings), (protected(), BindingsVerdict::Matched));
            }
            Err(refused) => {
                assert!(!same && refused.code == Code::BadBindings && is_reject(refused.token.as_deref()))
            }
        }
    }
}

#[test]
fn accounts_are_supplied_to_what_goes_bare() {
    let waiting = acquire(NTLM, false, None, None, "auto").unwrap();
    let shake = |emission| {
        let mut initiator = Side::new(client(NTLM, emission).initiate(None).unwrap(), protected());
        let mut acceptor = waiting.accept().unwrap();
        let first = initiator.step(None).unwrap().unwrap();
        let Step::Continue(challenge) = acceptor.step(input(Some(&first), Flags::NONE)) else { panic!() };
        let last = initiator.step(Some(&challenge)).unwrap().unwrap();
        let step = acceptor.step(input(Some(&last), Flags::NONE));
        (acceptor, step)
    };
    let (mut acceptor, step) = shake("raw");
    assert!(matches!(step, Step::NeedAccount));
    assert!(matches!(acceptor.supply(users().as_deref()), Step::Done(None, _)));
    // There is no way to send the end of SPNEGO afterwards: refused, never half done.
    let (mut acceptor, step) = shake("spnego");
    assert!(
        matches!(step, Step::Failed(error, token) if error.code == Code::LogonDenied && is_reject(token.as_deref()))
    );
    assert!(matches!(acceptor.supply(users().as_deref()), Step::Failed(..)));
}
