//! Our initiator against our acceptor.

#![forbid(unsafe_code)]

use super::*;
use crate::package::facts::BindingsVerdict;
use crate::package::ntlm::flags::NegotiateFlags;
use crate::package::ntlm::message::u32_at;
use crate::package::{Qop, time};
use crate::part::Part;

fn exchange(from: &mut Established, to: &mut Established, text: &[u8]) {
    let (mut data, mut token) = (text.to_vec(), [0; 16]);
    let used = from.sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [], Qop::Encrypt).unwrap();
    assert_eq!((used.token, used.padding), (16, 0));
    assert!(text.len() < 8 || data != text);
    assert_eq!(to.receiver.unwrap(&mut [Part::Sealed(&mut data)], &token, &[]).unwrap(), Qop::Encrypt);
    assert_eq!(data, text);
    let signed = [Part::SignedOnly(text)];
    assert_eq!(from.sender.mic(&signed, &mut token).unwrap(), 16);
    to.receiver.verify(&signed, &token).unwrap();
}

fn name(facts: &crate::package::Facts) -> String {
    facts.client.as_ref().unwrap().to_string_lossy()
}

#[test]
fn a_password_opens_a_context_that_signs_and_seals_both_ways() {
    let mut pair =
        run(&*client("EXAMPLE", "alice", "secret"), &*server(), everything(&mut untouched)).unwrap();
    let (mine, theirs) = (&pair.client.facts, &pair.server.facts);
    assert_eq!(mine.session_key.as_ref(), theirs.session_key.as_ref());
    assert_eq!(mine.session_key.as_ref().len(), 16);
    assert_eq!((name(mine), name(theirs)), ("EXAMPLE\\alice".into(), "EXAMPLE\\Alice".into()));
    assert_eq!(mine.server, theirs.server);
    assert_eq!(theirs.server, Some(wide("SERVER-WITH-A-L")));
    assert_eq!(theirs.authority, Some(wide("EXAMPLE")));
    assert_eq!((&mine.target, &theirs.target), (&Some(wide("host/server")), &Some(wide("host/server"))));
    assert_eq!((mine.grants, theirs.grants), (protected(), protected()));
    assert_eq!((mine.expiry, theirs.bindings), (time::NEVER, BindingsVerdict::Unchecked));
    for length in [0, 1, 7, 64, 1000, 70_000] {
        let text: Vec<u8> = (0..length).map(|k| k as u8).collect();
        exchange(&mut pair.client, &mut pair.server, &text);
        exchange(&mut pair.server, &mut pair.client, &text);
    }
}

#[test]
fn names_in_every_form_are_proven() {
    let source = || {
        server_of(Arc::new(Users(vec![
            ("EXAMPLE", "müller", "passwörd"),
            ("", "straße", "x"),
            ("", "user@example.test", "y"),
            ("", "\u{1D11E}", "z"),
        ])))
    };
    let cases = [
        ("example", "MÜLLER", "passwörd", "EXAMPLE\\müller"),
        ("", "EXAMPLE\\Müller", "passwörd", "EXAMPLE\\müller"),
        ("", "STRAßE", "x", "straße"),
        ("", "user@example.test", "y", "user@example.test"),
        ("anything", "\u{1D11E}", "z", "\u{1D11E}"),
    ];
    for (domain, user, password, canonical) in cases {
        let pair = run(&*client(domain, user, password), &*source(), everything(&mut untouched));
        let pair = pair.unwrap_or_else(|refused| panic!("{user}: {refused:?}"));
        assert_eq!(name(&pair.server.facts), canonical);
    }
}

#[test]
fn a_hash_does_instead_of_its_password() {
    let mut hashed = identity("EXAMPLE", "alice", "");
    hashed.password = Some(Password::NtHash(nt_hash(wide("secret").as_slice())));
    let hashed = acquire(true, Some(hashed), None, TestOs::new(&[])).unwrap();
    run(&*hashed, &*server(), everything(&mut untouched)).unwrap();
}

#[test]
fn a_source_may_know_ntowf_v2_alone() {
    struct Later;
    impl AccountSource for Later {
        fn lookup(&self, user: &U16Str, domain: &U16Str) -> Result<Option<Account>> {
            let hash = nt_hash(wide("secret").as_slice());
            let key = crate::package::ntlm::keys::ntowf_v2(hash.as_ref(), user, domain);
            Ok(Some(Account { user: user.into(), domain: domain.into(), key: AccountKey::NtowfV2(key) }))
        }
    }
    run(&*client("D", "u", "secret"), &*server_of(Arc::new(Later)), everything(&mut untouched)).unwrap();
    let wrong = run(&*client("D", "u", "other"), &*server_of(Arc::new(Later)), everything(&mut untouched));
    assert_eq!(refused_by_server(wrong), Code::LogonDenied);
}

/// What Windows was measured to send for each requirement.
#[test]
fn requirements_become_sign_and_seal_as_on_windows() {
    let (sign, seal) = (NegotiateFlags::SIGN, NegotiateFlags::SEAL);
    let cases = [
        (Flags::NONE, NegotiateFlags::NONE),
        (Flags::INTEGRITY, sign),
        (Flags::REPLAY_DETECT, sign),
        (Flags::SEQUENCE_DETECT, sign),
        (Flags::CONFIDENTIALITY, seal),
        (Flags::CONFIDENTIALITY | Flags::INTEGRITY, sign | seal),
        (Flags::CONNECTION, NegotiateFlags::NONE),
        (Flags::EXTENDED_ERROR, NegotiateFlags::NONE),
        (Flags::MUTUAL_AUTH, NegotiateFlags::NONE),
        (Flags::DCE_STYLE, NegotiateFlags::NONE),
        (Flags::DELEGATE, NegotiateFlags::NONE),
    ];
    for (requirements, expected) in cases {
        let mut initiator = client("", "bob", "geheim").initiate(None).unwrap();
        let step = initiator.step(In { token: None, bindings: None, requirements });
        let Step::Continue(token) = step else { panic!("no NEGOTIATE") };
        let flags = NegotiateFlags(u32_at(&token, 12).unwrap());
        assert_eq!(flags.and(sign | seal), expected);
        assert!(flags.has(NegotiateFlags::ALWAYS_SIGN));
    }
}

#[test]
fn grants_are_what_was_negotiated_and_never_an_echo() {
    let granted = |asks| {
        let mut nobody = untouched;
        let asked = Run { client_asks: asks, ..everything(&mut nobody) };
        let pair = run(&*client("", "bob", "geheim"), &*server(), asked).unwrap();
        assert_eq!(pair.server.facts.grants & protected(), pair.client.facts.grants & protected());
        pair.client.facts.grants
    };
    let signed = Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT;
    assert_eq!(granted(Flags::NONE), Flags::NONE);
    assert_eq!(granted(Flags::MUTUAL_AUTH | Flags::DELEGATE | Flags::EXTENDED_ERROR), Flags::NONE);
    assert_eq!(granted(Flags::REPLAY_DETECT), signed);
    assert_eq!(granted(Flags::CONFIDENTIALITY), signed | Flags::CONFIDENTIALITY);
    assert_eq!(granted(Flags::IDENTIFY | Flags::CONNECTION), Flags::IDENTIFY | Flags::CONNECTION);
}

#[test]
fn nothing_asked_gives_an_authentication_only_context() {
    let mut nobody = untouched;
    let asked = Run { client_asks: Flags::NONE, ..everything(&mut nobody) };
    let mut pair = run(&*client("", "bob", "geheim"), &*server(), asked).unwrap();
    assert_eq!(pair.client.facts.session_key.as_ref(), pair.server.facts.session_key.as_ref());
    for half in [&mut pair.client, &mut pair.server] {
        let (mut data, mut token) = ([1; 4], [0; 16]);
        let refused = |code| assert_eq!(code, Code::UnsupportedFunction);
        let parts = &mut [Part::Sealed(&mut data)];
        refused(half.sender.wrap(parts, &mut token, &mut [], Qop::Encrypt).unwrap_err().code);
        refused(half.sender.mic(parts, &mut token).unwrap_err().code);
        refused(half.sender.list_mic(&[1][..].into()).unwrap_err().code);
        refused(half.receiver.unwrap(parts, &token, &[]).unwrap_err().code);
        refused(half.receiver.verify(parts, &token).unwrap_err().code);
        refused(half.receiver.unwrap_stream(&mut [0; 20]).unwrap_err().code);
        assert_eq!(data, [1; 4]);
    }
}

#[test]
fn a_client_without_strong_keys_is_offered_no_protection() {
    use NegotiateFlags as N;
    let target = NegotiateFlags::TARGET_TYPE_SERVER;
    let whole = crate::package::ntlm::flags::offer(Flags::INTEGRITY | Flags::CONFIDENTIALITY);
    let answer = |offered| crate::package::ntlm::flags::answer(offered, target);
    assert!(answer(whole).has(N::SIGN | N::SEAL | N::KEY_EXCH | N::STRENGTH_128));
    for missing in [N::STRENGTH_128, N::KEY_EXCH] {
        let offered = answer(whole.without(missing));
        assert_eq!(offered.and(N::SIGN | N::SEAL | N::KEY_EXCH), N::NONE);
    }
}

#[test]
fn an_over_long_name_of_the_environment_is_taken_for_none() {
    let long = "N".repeat(256);
    let os = TestOs::new(&[("NETBIOS_COMPUTER_NAME", &long), ("NETBIOS_DOMAIN_NAME", &long)]);
    let names = crate::package::ntlm::target::TargetNames::new(os).unwrap();
    assert_eq!(names.target, wide("SERVER-WITH-A-L"));
}

#[test]
fn a_null_session_needs_both_sides_will() {
    let null = |client_asks, server_asks| {
        let mut nobody = untouched;
        let run_with = Run { client_asks, server_asks, ..everything(&mut nobody) };
        run(&*client("", "bob", "geheim"), &*server(), run_with)
    };
    let pair = null(Flags::NULL_SESSION, Flags::NULL_SESSION).unwrap();
    assert_eq!((&pair.client.facts.client, &pair.server.facts.client), (&None, &None));
    assert_eq!(pair.server.facts.grants, Flags::NULL_SESSION);
    assert_eq!(*pair.server.facts.session_key.as_ref(), vec![0; 16]);
    assert_eq!(refused_by_server(null(Flags::NULL_SESSION, Flags::NONE)), Code::LogonDenied);
    // A null session cannot protect, so nobody gets one who asks for protection.
    let protected = Flags::NULL_SESSION | Flags::INTEGRITY;
    assert_eq!(refused_by_client(null(protected, Flags::NULL_SESSION)), Code::UnsupportedFunction);
    assert_eq!(refused_by_server(null(Flags::NULL_SESSION, protected)), Code::UnsupportedFunction);
}

#[test]
fn empty_names_and_password_mean_a_null_session() {
    let mut nobody = untouched;
    let asked = Run { client_asks: Flags::NONE, server_asks: Flags::NULL_SESSION, ..everything(&mut nobody) };
    let pair = run(&*client("", "", ""), &*server(), asked).unwrap();
    assert_eq!(pair.server.facts.client, None);
}

#[test]
fn datagram_style_is_refused_clearly() {
    let mut nobody = untouched;
    let asked = Run { client_asks: Flags::DATAGRAM, ..everything(&mut nobody) };
    assert_eq!(
        refused_by_client(run(&*client("", "bob", "geheim"), &*server(), asked)),
        Code::UnsupportedFunction
    );
    let asked = Run { server_asks: Flags::DATAGRAM, ..everything(&mut nobody) };
    assert_eq!(
        refused_by_server(run(&*client("", "bob", "geheim"), &*server(), asked)),
        Code::UnsupportedFunction
    );
}

/// What one call asks for holds for the next: many callers pass the returned attributes back in.
#[test]
fn the_first_calls_demands_hold_for_the_second() {
    let bound = b"tls-server-end-point:x";
    let shake = |client_first, client_second, server_first, server_second| {
        let mut initiator = client("", "bob", "geheim").initiate(None).unwrap();
        let mut acceptor = server().accept().unwrap();
        let input = |token, (requirements, bound): (Flags, Option<&'static [u8]>)| In {
            token,
            bindings: bindings(bound),
            requirements,
        };
        let Step::Continue(negotiate) = initiator.step(input(None, client_first)) else { panic!() };
        let Step::Continue(challenge) = acceptor.step(input(Some(&negotiate), server_first)) else {
            panic!()
        };
        let authenticate = match initiator.step(input(Some(&challenge), client_second)) {
            Step::Done(Some(token), _) => token,
            step => return Err(failed(step)),
        };
        match acceptor.step(input(Some(&authenticate), server_second)) {
            Step::Done(None, established) => Ok(*established),
            step => Err(failed(step)),
        }
    };
    let nothing = (Flags::NONE, None);
    let protection = (protected(), None);
    let all = (protected(), Some(&bound[..]));
    let established = shake(all, nothing, all, nothing).unwrap();
    assert_eq!(
        (established.facts.grants, established.facts.bindings),
        (protected(), BindingsVerdict::Matched)
    );
    assert_eq!(shake(protection, nothing, all, nothing).err(), Some(Code::BadBindings));
    assert_eq!(shake(nothing, nothing, protection, nothing).err(), Some(Code::UnsupportedFunction));
    assert_eq!(shake(nothing, protection, nothing, nothing).err(), Some(Code::UnsupportedFunction));
}

#[test]
fn names_that_fit_no_message_are_refused_at_once() {
    let long = "x".repeat(9000);
    let error = client("", "bob", "geheim").initiate(Some(&wide(&long))).err().unwrap();
    assert_eq!(error.code, Code::TargetUnknown);
    let error = acquire(true, Some(identity("", &long, "x")), None, TestOs::new(&[])).err().unwrap();
    assert_eq!(error.code, Code::InvalidParameter);
}

#[test]
fn old_clients_get_a_context_without_unicode() {
    // curl's own type 1, and one that ends with its flags.
    for length in [32, 16] {
        let mut acceptor = server().accept().unwrap();
        let mut negotiate = hex("4e544c4d5353500001000000068208000000000000000000");
        negotiate.resize(length, 0);
        let step = acceptor.step(In { token: Some(&negotiate), bindings: None, requirements: Flags::NONE });
        let Step::Continue(challenge) = step else { panic!("no CHALLENGE") };
        let flags = NegotiateFlags(u32_at(&challenge, 20).unwrap());
        assert!(flags.has(NegotiateFlags::OEM) && !flags.has(NegotiateFlags::UNICODE));
        assert!(!flags.protects_messages() && !flags.has(NegotiateFlags::KEY_EXCH));
    }
}

#[test]
fn a_handshake_that_is_over_stays_over() {
    let mut acceptor = server().accept().unwrap();
    let step = |acceptor: &mut Box<dyn Handshake>, token: Option<&[u8]>| {
        failed(acceptor.step(In { token, bindings: None, requirements: Flags::NONE }))
    };
    assert_eq!(step(&mut acceptor, None), Code::InvalidToken);
    assert_eq!(step(&mut acceptor, Some(&[1, 2, 3])), Code::OutOfSequence);
    let mut initiator = client("", "bob", "geheim").initiate(None).unwrap();
    assert_eq!(step(&mut initiator, Some(&[0])), Code::InvalidToken);
    assert_eq!(step(&mut initiator, None), Code::OutOfSequence);
    assert!(
        matches!(initiator.supply(Some(&Broken)), Step::Failed(error, _) if error.code == Code::UnsupportedFunction)
    );
}
