//! Each branch of the acceptor's decision.

#![forbid(unsafe_code)]

use super::*;
use crate::crypto::hmac_md5::HmacMd5Key;
use crate::package::facts::BindingsVerdict;
use crate::package::ntlm::authenticate::{self, Authenticate, Reply};
use crate::package::ntlm::av_pair::{self, FLAG_MIC, id};
use crate::package::ntlm::decision::{self, Admission, Demand, Exchange, Policy};
use crate::package::ntlm::flags::NegotiateFlags as N;
use crate::package::ntlm::{keys, message};

/// What an offer without and with protection looks like.
const PLAIN: N = N(0x0088_8201 | 0x2000_0000);
const SEALED: N = N(PLAIN.0 | N::SIGN.0 | N::SEAL.0 | N::KEY_EXCH.0);
const NEGOTIATE: &[u8] = b"what was negotiated";
const CHALLENGE: &[u8] = b"what was challenged";

/// Where the MIC stands and whether it is one.
#[derive(Clone, Copy, PartialEq)]
enum Mic {
    Right,
    Wrong,
    /// The header ends before it.
    Absent,
}

/// A client that says what a test wants, with a proof that fits.
struct Said {
    flags: N,
    user: &'static str,
    password: &'static str,
    pairs: Vec<(u16, Vec<u8>)>,
    mic: Mic,
    lm_response: Vec<u8>,
    /// Instead of the response that fits.
    nt_response: Option<Vec<u8>>,
    /// Instead of the 16 bytes that fit.
    session_key: Option<Vec<u8>>,
}

/// What the acceptor knows and wants.
#[derive(Default)]
struct Known {
    offered: Option<N>,
    policy: Policy,
    demand: Demand,
    account: Option<AccountKey>,
    nobody: bool,
}

fn said() -> Said {
    Said {
        flags: PLAIN,
        user: "bob",
        password: "geheim",
        pairs: vec![],
        mic: Mic::Absent,
        lm_response: vec![0; 24],
        nt_response: None,
        session_key: None,
    }
}

fn utf16(text: &str) -> Vec<u8> {
    message::utf16le(&wide(text))
}

impl Said {
    fn message(&self) -> Vec<u8> {
        let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
        blob.resize(28, 0);
        for (av_id, value) in &self.pairs {
            av_pair::push(&mut blob, *av_id, value).unwrap();
        }
        av_pair::end(&mut blob);
        let hash = nt_hash(wide(self.password).as_slice());
        let key = keys::ntowf_v2(hash.as_ref(), &wide(self.user), &wide(""));
        let key = HmacMd5Key::new(key.as_ref());
        let proof = keys::nt_proof(&key, &[7; 8], &blob);
        let exchanged = self.flags.has(N::KEY_EXCH) && self.flags.protects_messages();
        let key_exchange_key = keys::key_exchange_key(&key, &proof);
        let session_key = if exchanged { Secret::new([0x55; 16]) } else { key_exchange_key.clone() };
        let encrypted = keys::exchange(&key_exchange_key, session_key.as_ref());
        let fitting = if exchanged { encrypted.as_ref().to_vec() } else { vec![] };
        let nt_response = self.nt_response.clone().unwrap_or([&proof[..], &blob].concat());
        let mut message = Reply {
            flags: self.flags,
            lm_response: &self.lm_response,
            nt_response: &nt_response,
            domain: &wide(""),
            user: &wide(self.user),
            workstation: &wide("BOX"),
            encrypted_session_key: self.session_key.as_ref().unwrap_or(&fitting),
            with_mic: self.mic != Mic::Absent,
        }
        .build()
        .unwrap();
        if self.mic != Mic::Absent {
            let mut mic = keys::mic(&session_key, NEGOTIATE, CHALLENGE, &message);
            mic[3] ^= u8::from(self.mic == Mic::Wrong);
            authenticate::set_mic(&mut message, &mic);
        }
        message
    }
}

fn decided(said: &Said, known: &Known) -> std::result::Result<Admission, Code> {
    let bytes = said.message();
    let parsed = Authenticate::parse(&bytes).map_err(|error| error.code)?;
    let exchange = Exchange {
        negotiate: NEGOTIATE,
        challenge: CHALLENGE,
        authenticate: &bytes,
        offered: known.offered.unwrap_or(SEALED),
        server_challenge: [7; 8],
    };
    let key = || AccountKey::NtHash(nt_hash(wide("geheim").as_slice()));
    let account =
        Account { user: wide("bob"), domain: wide(""), key: known.account.clone().unwrap_or_else(key) };
    let account = Some(&account).filter(|_| !known.nobody);
    let response = decision::examine(&exchange, &parsed, known.demand).map_err(|error| error.code)?;
    decision::decide(&exchange, &parsed, &response, account, &known.policy, known.demand)
        .map_err(|error| error.code)
}

fn refused(said: Said, known: Known) -> Code {
    decided(&said, &known).unwrap_err()
}

fn demand(requirements: Flags, bindings: Option<[u8; 16]>) -> Known {
    Known { demand: Demand { requirements, bindings }, ..Known::default() }
}

#[test]
fn who_proves_the_password_is_admitted() {
    let admission = decided(&said(), &Known::default()).unwrap();
    assert_eq!((admission.flags, admission.bindings), (PLAIN, BindingsVerdict::Unchecked));
    assert_eq!(admission.target, None);
    let admission = decided(&Said { flags: SEALED, ..said() }, &Known::default()).unwrap();
    assert_eq!(*admission.session_key.as_ref(), [0x55; 16]);
}

#[test]
fn flags_must_have_been_offered_and_be_enough() {
    let offered = Known { offered: Some(PLAIN), ..Known::default() };
    assert_eq!(refused(Said { flags: SEALED, ..said() }, offered), Code::InvalidToken);
    let with_lm_key = N(PLAIN.0 | N::LM_KEY.0);
    assert_eq!(refused(Said { flags: with_lm_key, ..said() }, Known::default()), Code::InvalidToken);
    let old = PLAIN.without(N::EXTENDED_SESSIONSECURITY);
    assert_eq!(refused(Said { flags: old, ..said() }, Known::default()), Code::UnsupportedFunction);
    for weak in [SEALED.without(N::STRENGTH_128), SEALED.without(N::KEY_EXCH)] {
        let weak = Said { flags: weak, ..said() };
        assert_eq!(refused(weak, Known::default()), Code::UnsupportedFunction);
    }
    let offered = Known { offered: Some(N(u32::MAX)), ..Known::default() };
    let datagram = Said { flags: N(PLAIN.0 | N::DATAGRAM.0), ..said() };
    assert_eq!(refused(datagram, offered), Code::UnsupportedFunction);
    assert_eq!(refused(said(), demand(Flags::DATAGRAM, None)), Code::UnsupportedFunction);
}

#[test]
fn the_acceptor_may_insist_on_protection() {
    let signed = N(SEALED.0 & !N::SEAL.0);
    assert_eq!(refused(said(), demand(Flags::INTEGRITY, None)), Code::UnsupportedFunction);
    let only_signed = Said { flags: signed, ..said() };
    assert_eq!(refused(only_signed, demand(Flags::CONFIDENTIALITY, None)), Code::UnsupportedFunction);
    decided(&Said { flags: signed, ..said() }, &demand(Flags::INTEGRITY, None)).unwrap();
    let everything = demand(Flags::INTEGRITY | Flags::CONFIDENTIALITY, None);
    decided(&Said { flags: SEALED, ..said() }, &everything).unwrap();
}

#[test]
fn the_session_key_field_fits_the_flags() {
    for length in [0, 1, 15, 17, 32] {
        let said = Said { flags: SEALED, session_key: Some(vec![1; length]), ..said() };
        assert_eq!(refused(said, Known::default()), Code::InvalidToken);
    }
    // Without key exchange the field means nothing: some clients send a byte.
    decided(&Said { session_key: Some(vec![0]), ..said() }, &Known::default()).unwrap();
    let exchanging = Said { flags: N(PLAIN.0 | N::KEY_EXCH.0), session_key: Some(vec![0]), ..said() };
    decided(&exchanging, &Known::default()).unwrap();
}

/// A9, A18: nothing but an NTLMv2 response is one.
#[test]
fn other_responses_are_refused() {
    let with =
        |nt_response: Vec<u8>| refused(Said { nt_response: Some(nt_response), ..said() }, Known::default());
    assert_eq!(with(vec![]), Code::LogonDenied);
    assert_eq!(with(vec![0x11; 24]), Code::LogonDenied);
    for length in (1..48).filter(|length| *length != 24) {
        assert_eq!(with(vec![1; length]), Code::InvalidToken);
    }
    let mut wrong_type = vec![0; 48];
    assert_eq!(with(wrong_type.clone()), Code::InvalidToken);
    wrong_type[16] = 1;
    assert_eq!(with(wrong_type.clone()), Code::InvalidToken);
    wrong_type[17] = 1;
    assert_eq!(with(wrong_type), Code::LogonDenied);
}

#[test]
fn anonymous_is_admitted_only_where_it_is_allowed() {
    let anonymous =
        |lm: &[u8]| Said { user: "", lm_response: lm.to_vec(), nt_response: Some(vec![]), ..said() };
    assert_eq!(refused(anonymous(&[0]), Known::default()), Code::LogonDenied);
    for lm in [&[][..], &[0]] {
        let admission = decided(&anonymous(lm), &demand(Flags::NULL_SESSION, None)).unwrap();
        assert!(admission.flags.has(N::ANONYMOUS));
        assert_eq!(*admission.session_key.as_ref(), [0; 16]);
    }
    let null = || demand(Flags::NULL_SESSION, None);
    assert_eq!(refused(anonymous(&[1]), null()), Code::LogonDenied);
    assert_eq!(refused(anonymous(&[0, 0]), null()), Code::LogonDenied);
    assert_eq!(refused(Said { user: "bob", ..anonymous(&[0]) }, null()), Code::LogonDenied);
    // What it negotiates protects nothing, its own session key not either.
    let sealed = || Said { flags: SEALED, session_key: Some(vec![0; 16]), ..anonymous(&[0]) };
    let admission = decided(&sealed(), &demand(Flags::NULL_SESSION, None)).unwrap();
    assert!(!admission.flags.protects_messages());
    // What a null session cannot satisfy it does not satisfy.
    let strict = Policy { require_mic: true, ..Policy::default() };
    assert_eq!(refused(anonymous(&[0]), Known { policy: strict, ..null() }), Code::LogonDenied);
    let service = Policy { services: vec![wide("HTTP/x")], ..Policy::default() };
    assert_eq!(refused(anonymous(&[0]), Known { policy: service, ..null() }), Code::WrongPrincipal);
    assert_eq!(refused(anonymous(&[0]), demand(Flags::NULL_SESSION, Some([1; 16]))), Code::BadBindings);
    let protected = demand(Flags::NULL_SESSION | Flags::INTEGRITY, None);
    assert_eq!(refused(sealed(), protected), Code::UnsupportedFunction);
}

#[test]
fn an_anonymous_flag_makes_nobody_anonymous() {
    let flagged = Said { flags: N(PLAIN.0 | N::ANONYMOUS.0), ..said() };
    let admission = decided(&flagged, &Known::default()).unwrap();
    assert!(!admission.flags.has(N::ANONYMOUS));
}

#[test]
fn unknown_user_wrong_password_and_blank_password_answer_the_same() {
    assert_eq!(refused(said(), Known { nobody: true, ..Known::default() }), Code::LogonDenied);
    assert_eq!(refused(Said { password: "other", ..said() }, Known::default()), Code::LogonDenied);
    let blank = AccountKey::NtHash(Secret::new(keys::EMPTY_PASSWORD));
    let blank = Known { account: Some(blank), ..Known::default() };
    assert_eq!(refused(Said { password: "", ..said() }, blank), Code::LogonDenied);
    let blank = keys::ntowf_v2(&keys::EMPTY_PASSWORD, &wide("bob"), &wide(""));
    let blank = Known { account: Some(AccountKey::NtowfV2(blank)), ..Known::default() };
    assert_eq!(refused(Said { password: "", ..said() }, blank), Code::LogonDenied);
    let other = AccountKey::NtowfV2(Secret::new([0; 16]));
    assert_eq!(refused(said(), Known { account: Some(other), ..Known::default() }), Code::LogonDenied);
    // The hash that stands in for an unknown user's opens nothing.
    let reply = Said { user: "", ..said() };
    assert_eq!(refused(reply, Known::default()), Code::LogonDenied);
}

#[test]
fn a_promised_mic_must_be_there_and_right() {
    let with = |mic, promise: u32| Said {
        flags: SEALED,
        mic,
        pairs: vec![(id::FLAGS, promise.to_le_bytes().to_vec())],
        ..said()
    };
    decided(&with(Mic::Right, FLAG_MIC), &Known::default()).unwrap();
    assert_eq!(refused(with(Mic::Wrong, FLAG_MIC), Known::default()), Code::MessageAltered);
    assert_eq!(refused(with(Mic::Absent, FLAG_MIC), Known::default()), Code::MessageAltered);
    // No promise, no MIC: 16 bytes may stand there all the same.
    decided(&with(Mic::Wrong, 0x1), &Known::default()).unwrap();
    decided(&with(Mic::Absent, 0x1), &Known::default()).unwrap();
    let strict = || Known { policy: Policy { require_mic: true, ..Policy::default() }, ..Known::default() };
    assert_eq!(refused(with(Mic::Right, 0), strict()), Code::LogonDenied);
    decided(&with(Mic::Right, FLAG_MIC), &strict()).unwrap();
}

#[test]
fn channel_bindings_follow_extended_protection() {
    let (own, other, zero) = ([9; 16], [8; 16], [0; 16]);
    let with = |hash: Option<[u8; 16]>| Said {
        pairs: hash.map(|hash| (id::CHANNEL_BINDINGS, hash.to_vec())).into_iter().collect(),
        ..said()
    };
    let verdict = |sent, requirements, bindings| {
        decided(&with(sent), &demand(requirements, bindings)).map(|admission| admission.bindings)
    };
    let (none, missing, proxy) = (Flags::NONE, Flags::ALLOW_MISSING_BINDINGS, Flags::PROXY_BINDINGS);
    let bad = Err(Code::BadBindings);
    for sent in [None, Some(zero), Some(other)] {
        assert_eq!(verdict(sent, none, None), Ok(BindingsVerdict::Unchecked));
        assert_eq!(verdict(sent, none, Some(own)), bad);
    }
    for requirements in [none, missing, proxy, missing | proxy] {
        assert_eq!(verdict(Some(own), requirements, Some(own)), Ok(BindingsVerdict::Matched));
    }
    for sent in [None, Some(zero)] {
        assert_eq!(verdict(sent, missing, Some(own)), Ok(BindingsVerdict::Missing));
        assert_eq!(verdict(sent, proxy, Some(own)), bad);
    }
    assert_eq!(verdict(Some(other), missing, Some(own)), bad);
    assert_eq!(verdict(Some(other), proxy, Some(own)), Ok(BindingsVerdict::Proxy));
}

/// A19, A20: what was meant for another service is not let in here.
#[test]
fn the_target_name_is_one_of_the_services() {
    let with = |name: Option<&str>| Said {
        pairs: name.map(|name| (id::TARGET_NAME, utf16(name))).into_iter().collect(),
        ..said()
    };
    let services = || Known {
        policy: Policy { services: vec![wide("HTTP/www.example.test"), wide("cifs/x")], ..Policy::default() },
        ..Known::default()
    };
    let admission = decided(&with(Some("http/WWW.example.test")), &services()).unwrap();
    assert_eq!(admission.target, Some(wide("http/WWW.example.test")));
    for name in [None, Some(""), Some("HTTP/other"), Some("HTTP/www.example.tes")] {
        assert_eq!(refused(with(name), services()), Code::WrongPrincipal);
    }
    assert_eq!(
        decided(&with(Some("HTTP/other")), &Known::default()).unwrap().target,
        Some(wide("HTTP/other"))
    );
    assert_eq!(decided(&with(Some("")), &Known::default()).unwrap().target, None);
}

/// A5: each AvId with each length; only the sizes that the protocol knows pass.
#[test]
fn av_pairs_have_their_sizes_and_come_once() {
    for av_id in (1..=11).chain([0x7FFF, 0xFFFF]) {
        for length in 0..=255 {
            let pairs = vec![(av_id, vec![0; length])];
            let result = decided(&Said { pairs, ..said() }, &Known::default());
            let fits = match av_id {
                id::FLAGS => length == 4,
                id::TIMESTAMP => length == 8,
                id::CHANNEL_BINDINGS => length == 16,
                1..=5 | id::TARGET_NAME => length % 2 == 0,
                _ => true,
            };
            match result {
                Ok(_) => assert!(fits, "{av_id} {length}"),
                Err(code) => assert_eq!((fits, code), (false, Code::InvalidToken), "{av_id} {length}"),
            }
        }
    }
    let values = [(id::FLAGS, 4), (id::TIMESTAMP, 8), (id::TARGET_NAME, 2), (id::CHANNEL_BINDINGS, 16)];
    for (av_id, size) in values {
        let pairs = vec![(av_id, vec![0; size]), (id::DNS_TREE_NAME, vec![]), (av_id, vec![1; size])];
        assert_eq!(refused(Said { pairs, ..said() }, Known::default()), Code::InvalidToken);
    }
}

/// Numbers that differ from round to round but not from run to run (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    /// Bytes changed, inserted or taken, and security buffers moved.
    fn mutate(&mut self, message: &[u8]) -> Vec<u8> {
        const FIELDS: [usize; 6] = [12, 20, 28, 36, 44, 52];
        let mut bytes = message.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            let field = FIELDS[self.below(6)];
            match self.below(9) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, self.below(256) as u8),
                2 => bytes.extend_from_slice(&[self.below(256) as u8; 3]),
                3 if bytes.len() > 64 => bytes.rotate_right(self.below(4)),
                4 if bytes.len() > 64 => bytes[field + self.below(8)] ^= 1 << self.below(8),
                5 if bytes.len() > 64 => bytes.copy_within(field..field + 8, FIELDS[self.below(6)]),
                6 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                _ if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        bytes
    }
}

/// What an acceptor acts on of a message without a MIC, for the right account.
fn admitted(bytes: &[u8], flags: N) -> Option<(Admission, U16String, U16String)> {
    let parsed = Authenticate::parse(bytes).ok()?;
    let exchange = Exchange {
        negotiate: NEGOTIATE,
        challenge: CHALLENGE,
        authenticate: bytes,
        offered: flags,
        server_challenge: [7; 8],
    };
    let key = AccountKey::NtHash(nt_hash(wide("geheim").as_slice()));
    let account = Account { user: wide("bob"), domain: wide(""), key };
    let response = decision::examine(&exchange, &parsed, Demand::default()).ok()?;
    let known = (Policy::default(), Demand::default());
    let admission =
        decision::decide(&exchange, &parsed, &response, Some(&account), &known.0, known.1).ok()?;
    Some((admission, parsed.user, parsed.domain))
}

/// The acceptance oracle. With a MIC nothing may change. Without one a proof covers the names and the
/// blob, so what gets through is listed here: NegotiateFlags without effect or towards less, the LM
/// response, the workstation, Version, MaxLen, bytes that no field covers, the case of the user name,
/// and EncryptedRandomSessionKey, whose owner cannot tell what it became.
#[test]
fn mutated_authenticates_are_refused_or_mean_the_same() {
    let mut numbers = Numbers(0x1234_5678_9ABC_DEF1);
    let promised = vec![(id::FLAGS, FLAG_MIC.to_le_bytes().to_vec())];
    for flags in [PLAIN, SEALED] {
        let whole = Said { flags, pairs: promised.clone(), mic: Mic::Right, ..said() }.message();
        let bare = Said { flags, ..said() }.message();
        let (sent, ..) = admitted(&bare, flags).unwrap();
        for round in 0..50_000 {
            let altered = numbers.mutate(&whole);
            assert!(altered == whole || admitted(&altered, flags).is_none(), "{round}: {altered:x?}");
            let altered = numbers.mutate(&bare);
            let Some((admission, user, domain)) = admitted(&altered, flags) else { continue };
            let names = user.as_slice().iter().chain(domain.as_slice()).copied().collect::<Vec<u16>>();
            assert!(same(&U16String::from_vec(names), &wide("bob")), "{round}: {altered:x?}");
            assert!(flags.has(admission.flags.and(super::super::flags::BINDING)), "{round}");
            let kept = admission.session_key.as_ref() == sent.session_key.as_ref();
            assert!(kept || flags == SEALED, "{round}: {altered:x?}");
        }
    }
}
