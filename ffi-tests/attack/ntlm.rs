//! NTLM under attack: the rows A1 to A21, with messages that are made by hand.

mod peer;
mod wire;

use std::fs;

use peer::{
    Answer, BAD_BINDINGS, CONTINUE_NEEDED, Context, Credential, INVALID_TOKEN, LOGON_DENIED, MESSAGE_ALTERED,
    OK, PROTECTED, TARGET_UNKNOWN, UNSUPPORTED_FUNCTION, use_accounts,
};
use wire::*;

const ACCOUNTS: &str = "DOMAIN:user:SecREt01\nDOMAIN:other:OtherPass\nDOMAIN:guest:\n";

fn client() -> Client {
    Client::new("DOMAIN", "user", "SecREt01")
}

/// An acceptor that has sent its CHALLENGE.
struct Server {
    credential: Credential,
    context: Context,
    negotiate: Vec<u8>,
    challenge: Vec<u8>,
}

impl Server {
    fn new() -> Self {
        Self::begun(negotiate(USUAL | NTLM))
    }

    fn begun(negotiate: Vec<u8>) -> Self {
        use_accounts(ACCOUNTS);
        let credential = Credential::inbound();
        let mut context = Context::new();
        let answer = context.accept(&credential, 0, &negotiate, None);
        assert_eq!(answer.status, CONTINUE_NEEDED, "NEGOTIATE");
        Self { credential, context, negotiate, challenge: answer.token }
    }

    fn finish(&mut self, authenticate: &[u8]) -> Answer {
        self.context.accept(&self.credential, 0, authenticate, None)
    }

    fn try_client(client: &Client) -> u32 {
        let mut server = Self::new();
        let authenticate = client.authenticate(&server.negotiate, &server.challenge);
        server.finish(&authenticate).status
    }
}

/// A client of the library that has sent its NEGOTIATE, and what it says to a CHALLENGE.
fn client_meets(challenge: &[u8], flags: u32) -> Answer {
    let credential = Credential::outbound("DOMAIN", "user", "SecREt01");
    let mut context = Context::new();
    assert_eq!(context.initiate(&credential, flags, "HTTP/server", None).status, CONTINUE_NEEDED);
    context.initiate(&credential, flags, "HTTP/server", Some(challenge))
}

fn usual_challenge() -> Vec<u8> {
    challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &av_bytes(&usual_info()))
}

/// Whether it is one of the answers to a logon that is no good: MESSAGE_ALTERED is a wrong MIC.
fn is_refused(status: u32) -> bool {
    [LOGON_DENIED, INVALID_TOKEN, MESSAGE_ALTERED, UNSUPPORTED_FUNCTION].contains(&status)
}

/// A small generator, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize
    }
}

#[test]
fn the_hand_made_client_is_let_in() {
    let mut server = Server::new();
    let authenticate = client().authenticate(&server.negotiate, &server.challenge);
    assert_eq!(server.finish(&authenticate).status, OK);
    assert_eq!(server.context.name().as_deref(), Some("DOMAIN\\user"));
}

#[test]
fn the_hand_made_server_is_answered() {
    let answer = client_meets(&usual_challenge(), PROTECTED);
    assert_eq!(answer.status, OK);
    assert_eq!(field(&answer.token, 36), utf16("user"));
}

/// Every length and offset of a message, with values that leave it.
fn strange_fields(message: &[u8], heads: &[usize], mut each: impl FnMut(&[u8])) {
    let length = message.len() as u32;
    let numbers = [
        0,
        1,
        2,
        0xFF,
        0xFFFF,
        0x7FFF_FFFF,
        0x8000_0000,
        u32::MAX,
        u32::MAX - 1,
        length,
        length - 1,
        length + 1,
    ];
    for &head in heads {
        for number in numbers {
            for (at, size) in [(0, 2), (2, 2), (4, 4)] {
                let mut bad = message.to_vec();
                bad[head + at..head + at + size].copy_from_slice(&number.to_le_bytes()[..size]);
                if bad != message {
                    each(&bad);
                }
                // A length whose sum with the offset wraps around 32 bits.
                let offset = u32_at(&bad, head + 4);
                bad[head + 4..head + 8].copy_from_slice(&u32::MAX.wrapping_sub(offset).to_le_bytes());
                each(&bad);
            }
        }
    }
}

#[test]
fn a1_lengths_and_offsets_of_negotiate() {
    use_accounts(ACCOUNTS);
    let credential = Credential::inbound();
    // Domain and workstation are meant to be there.
    let message = negotiate(USUAL | NTLM | 0x3000);
    strange_fields(&message, &[16, 24], |bad| {
        let status = Context::new().accept(&credential, 0, bad, None).status;
        assert!(status == CONTINUE_NEEDED || status == INVALID_TOKEN, "{status:#x}");
    });
}

#[test]
fn a1_lengths_and_offsets_of_challenge() {
    let message = usual_challenge();
    strange_fields(&message, &[12, 40], |bad| {
        let status = client_meets(bad, PROTECTED).status;
        assert!(status == OK || status == INVALID_TOKEN || status == UNSUPPORTED_FUNCTION, "{status:#x}");
    });
}

#[test]
fn a1_lengths_and_offsets_of_authenticate() {
    let mut server = Server::new();
    let message = client().authenticate(&server.negotiate, &server.challenge);
    strange_fields(&message, &[12, 20, 28, 36, 44, 52], |bad| {
        server = Server::new();
        let fresh = client().authenticate(&server.negotiate, &server.challenge);
        // The strange head on a message that is otherwise right for this challenge.
        let mut bad_now = fresh;
        bad_now[12..60].copy_from_slice(&bad[12..60]);
        let status = server.finish(&bad_now).status;
        assert!(is_refused(status), "{status:#x}");
    });
}

#[test]
fn a2_strings_that_are_no_strings() {
    for odd in
        [vec![0x00, 0xD8], vec![0x00, 0xDC], vec![0x41], vec![0x41, 0, 0x42], vec![0xFF; 7], vec![0; 300]]
    {
        let mut named = client();
        named.user = odd.clone();
        assert!(is_refused(Server::try_client(&named)), "user {odd:?}");
        let mut placed = client();
        placed.domain = odd.clone();
        assert!(is_refused(Server::try_client(&placed)), "domain {odd:?}");
        let bad_target = challenge(USUAL | NTLM | TARGET_INFO, &odd, &av_bytes(&usual_info()));
        let status = client_meets(&bad_target, PROTECTED).status;
        assert!(status == OK || status == INVALID_TOKEN, "target {odd:?}: {status:#x}");
        for id in [1, 2, 3, 4, 5] {
            let info = av_bytes(&vec![(id, odd.clone()), (AV_TIMESTAMP, vec![1; 8])]);
            let status = client_meets(&challenge(USUAL | NTLM | TARGET_INFO, &[], &info), PROTECTED).status;
            assert!(status == OK || status == INVALID_TOKEN, "AV {id} {odd:?}: {status:#x}");
        }
    }
}

/// AV lists that are broken: cut at every byte, without an end, with lengths that leave them.
fn broken_lists() -> Vec<Vec<u8>> {
    let good = av_bytes(&vec![
        (2, utf16("DOMAIN")),
        (1, utf16("SERVER")),
        (AV_TIMESTAMP, vec![1; 8]),
        (AV_FLAGS, vec![2, 0, 0, 0]),
    ]);
    let mut lists: Vec<Vec<u8>> = (0..good.len()).map(|end| good[..end].to_vec()).collect();
    let mut at = 0;
    while at < good.len() - 4 {
        for length in [0xFFFF_u16, 0x8000, 200] {
            let mut bad = good.clone();
            bad[at + 2..at + 4].copy_from_slice(&length.to_le_bytes());
            lists.push(bad);
        }
        at += 4 + usize::from(u16::from_le_bytes([good[at + 2], good[at + 3]]));
    }
    lists
}

#[test]
fn a3_broken_av_lists_meet_the_client() {
    for list in broken_lists() {
        let status =
            client_meets(&challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &list), PROTECTED).status;
        assert!(status == INVALID_TOKEN || (status == OK && list.is_empty()), "{list:?}: {status:#x}");
    }
}

#[test]
fn a3_broken_av_lists_meet_the_server() {
    for list in broken_lists() {
        let mut broken = client();
        broken.raw_info = Some(list.clone());
        let status = Server::try_client(&broken);
        // Four zero bytes follow the list: cut exactly before its end it still has one, and then the
        // MIC is not asked for or is right.
        let has_end = list.is_empty() || av_list_has_end(&list);
        assert!(is_refused(status) || (has_end && status == OK), "{list:?}: {status:#x}");
    }
}

/// Whether a cut list is whole with the four zero bytes that follow it in a response.
fn av_list_has_end(list: &[u8]) -> bool {
    let mut bytes = list.to_vec();
    bytes.extend([0; 4]);
    let mut rest = &bytes[..];
    while rest.len() >= 4 {
        let (id, length) =
            (u16::from_le_bytes([rest[0], rest[1]]), usize::from(u16::from_le_bytes([rest[2], rest[3]])));
        if id == AV_EOL {
            return length == 0;
        }
        if rest.len() < 4 + length {
            return false;
        }
        rest = &rest[4 + length..];
    }
    false
}

fn resident_kib() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4
}

#[test]
fn a4_bad_names_leave_nothing_behind() {
    let mut warm = 0;
    for round in 0..100_000 {
        if round == 5_000 {
            warm = resident_kib();
        }
        let mut server = Server::new();
        let mut named = client();
        let name = ["user@", "@", "\\", "DOMAIN\\user", "\\user", "a\\b\\c", "user@DOMAIN", ""][round % 8];
        named.user = utf16(name);
        named.domain = utf16(["", "DOMAIN", "\\", "@"][round / 8 % 4]);
        named.password = "wrong".into();
        let authenticate = named.authenticate(&server.negotiate, &server.challenge);
        let status = server.finish(&authenticate).status;
        assert!(is_refused(status), "{name}: {status:#x}");
    }
    let growth = resident_kib().saturating_sub(warm);
    // Other tests of this program run meanwhile.
    assert!(growth < 16 * 1024, "{growth} KiB");
}

#[test]
fn a5_fixed_av_values_of_every_length_meet_the_client() {
    for (id, right) in [(AV_FLAGS, 4), (AV_TIMESTAMP, 8)] {
        for length in 0..256 {
            let info = av_bytes(&vec![(2, utf16("DOMAIN")), (id, vec![0; length])]);
            let status =
                client_meets(&challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &info), PROTECTED)
                    .status;
            assert_eq!(status, if length == right { OK } else { INVALID_TOKEN }, "AV {id} of {length} bytes");
        }
    }
}

#[test]
fn a5_fixed_av_values_of_every_length_meet_the_server() {
    for (id, right) in [(AV_FLAGS, 4), (AV_TIMESTAMP, 8), (AV_CHANNEL_BINDINGS, 16)] {
        for length in 0..256 {
            let mut bad = client();
            bad.raw_info = Some(av_bytes(&vec![(2, utf16("DOMAIN")), (id, vec![0; length])]));
            let status = Server::try_client(&bad);
            assert!(
                if length == right { status == OK } else { is_refused(status) },
                "AV {id} of {length} bytes: {status:#x}"
            );
        }
    }
}

#[test]
fn a6_messages_without_their_optional_parts() {
    let bare = challenge(USUAL | NTLM, &[], &[]);
    let status = client_meets(&bare, PROTECTED).status;
    assert!(status == OK || status == INVALID_TOKEN || status == UNSUPPORTED_FUNCTION, "{status:#x}");
    let status = client_meets(&bare[..48], PROTECTED).status;
    assert!(status == OK || status == INVALID_TOKEN || status == UNSUPPORTED_FUNCTION, "{status:#x}");
    // A NEGOTIATE that ends behind its flags.
    use_accounts(ACCOUNTS);
    let credential = Credential::inbound();
    let status = Context::new().accept(&credential, 0, &negotiate(USUAL | NTLM)[..16], None).status;
    assert!(status == CONTINUE_NEEDED || status == INVALID_TOKEN, "{status:#x}");
}

#[test]
fn a7_hostile_challenges() {
    let good = usual_challenge();
    let mut noise = Noise(7);
    for _ in 0..20_000 {
        let mut bad = good.clone();
        for _ in 0..=noise.next() % 4 {
            let at = noise.next() % bad.len();
            bad[at] = noise.next() as u8;
        }
        bad.truncate(if noise.next().is_multiple_of(3) { noise.next() % (bad.len() + 1) } else { bad.len() });
        let answer = client_meets(&bad, PROTECTED);
        assert!(
            answer.status == OK || answer.status == INVALID_TOKEN || answer.status == UNSUPPORTED_FUNCTION,
            "{bad:?}: {:#x}",
            answer.status
        );
    }
}

#[test]
fn a8_no_mic_is_no_way_around_the_password() {
    for mic in [Mic::Absent, Mic::Zero, Mic::Wrong, Mic::Right] {
        for claims in [true, false] {
            for password in ["", "wrong", "secret01", "OtherPass"] {
                let mut bad = client();
                bad.mic = mic;
                bad.password = password.into();
                if !claims {
                    bad.change_pairs = |_| ();
                }
                assert_eq!(Server::try_client(&bad), LOGON_DENIED, "password {password:?}");
            }
        }
    }
}

#[test]
fn a8_a_client_that_promises_no_mic_needs_none() {
    let mut old = client();
    old.change_pairs = |_| ();
    old.mic = Mic::Absent;
    assert_eq!(Server::try_client(&old), OK);
}

#[test]
fn a8_every_bit_of_the_proof_counts() {
    for byte in 0..16 {
        for bit in 0..8 {
            let mut server = Server::new();
            let mut old = client();
            old.change_pairs = |_| ();
            old.mic = Mic::Absent;
            let mut authenticate = old.authenticate(&server.negotiate, &server.challenge);
            let proof = u32_at(&authenticate, 24) as usize;
            authenticate[proof + byte] ^= 1 << bit;
            assert_eq!(server.finish(&authenticate).status, LOGON_DENIED);
        }
    }
}

#[test]
fn a9_empty_responses() {
    for (lm, nt) in [
        (vec![], vec![]),
        (vec![0], vec![]),
        (vec![0; 24], vec![]),
        (vec![], vec![0; 24]),
        (vec![], vec![0; 16]),
        (vec![0; 24], vec![0; 48]),
    ] {
        for (domain, user) in
            [("DOMAIN", "user"), ("", ""), ("DOMAIN", "guest"), ("", "guest"), ("DOMAIN", "")]
        {
            for flags in
                [None, Some((USUAL | NTLM | ANONYMOUS) & !KEY_EXCHANGE), Some(USUAL | NTLM | ANONYMOUS)]
            {
                let mut empty = Client::new(domain, user, "");
                (empty.lm, empty.nt, empty.flags) = (lm.clone(), Some(nt.clone()), flags);
                for mic in [Mic::Absent, Mic::Zero] {
                    empty.mic = mic;
                    let status = Server::try_client(&empty);
                    assert!(is_refused(status), "{domain}\\{user}: {status:#x}");
                }
            }
        }
    }
}

#[test]
fn a13_the_account_on_the_wire_is_the_one_that_is_checked() {
    let mut other = client();
    other.password = "OtherPass".into();
    assert_eq!(Server::try_client(&other), LOGON_DENIED, "another account's password");
    let mut claimed = client();
    claimed.user = utf16("other");
    claimed.proof_names = Some((utf16("user"), utf16("DOMAIN")));
    assert_eq!(Server::try_client(&claimed), LOGON_DENIED, "another account's name");
    let mut moved = client();
    moved.domain = utf16("ELSEWHERE");
    moved.proof_names = Some((utf16("user"), utf16("DOMAIN")));
    assert_eq!(Server::try_client(&moved), LOGON_DENIED, "another domain");
}

#[test]
fn a14_missing_bindings_are_missed() {
    let bindings = bindings(b"tls-server-end-point:abc");
    for pairs in [
        (|_| ()) as fn(&mut AvPairs),
        |pairs| pairs.push((AV_CHANNEL_BINDINGS, vec![0; 16])),
        |pairs| pairs.push((AV_CHANNEL_BINDINGS, vec![7; 16])),
    ] {
        use_accounts(ACCOUNTS);
        let credential = Credential::inbound();
        let mut context = Context::new();
        let first = negotiate(USUAL | NTLM);
        let challenge = context.accept(&credential, 0, &first, Some(&bindings)).token;
        let mut unbound = client();
        unbound.change_pairs = pairs;
        unbound.mic = Mic::Absent;
        let authenticate = unbound.authenticate(&first, &challenge);
        assert_eq!(context.accept(&credential, 0, &authenticate, Some(&bindings)).status, BAD_BINDINGS);
    }
}

/// SEC_CHANNEL_BINDINGS with this application data.
fn bindings(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 24];
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(32_u32.to_le_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn a15_no_name_waives_the_mic() {
    for name in ["guest", "Guest", "", "anonymous", "ANONYMOUS LOGON"] {
        for mic in [Mic::Zero, Mic::Wrong, Mic::Absent] {
            let mut guest = Client::new("DOMAIN", name, "");
            guest.mic = mic;
            assert!(is_refused(Server::try_client(&guest)), "{name}");
        }
    }
}

#[test]
fn a16_a_dropped_mic_is_missed() {
    for mic in [Mic::Absent, Mic::Zero, Mic::Wrong] {
        let mut dropped = client();
        dropped.mic = mic;
        let status = Server::try_client(&dropped);
        assert!(is_refused(status), "{status:#x}");
    }
    // Stripped on the way: flags and version cleared, the field cut out or overwritten.
    let mut server = Server::new();
    let mut authenticate = client().authenticate(&server.negotiate, &server.challenge);
    authenticate[60..64].copy_from_slice(&((USUAL | NTLM) & !VERSION).to_le_bytes());
    authenticate[64..88].fill(0);
    assert!(is_refused(server.finish(&authenticate).status));
}

#[test]
fn a16_the_mic_is_over_all_three_messages() {
    let mut server = Server::begun(negotiate(USUAL | NTLM | 0x1000_0000));
    let authenticate = client().authenticate(&negotiate(USUAL | NTLM), &server.challenge);
    let status = server.finish(&authenticate).status;
    assert!(is_refused(status), "another NEGOTIATE: {status:#x}");
    let mut server = Server::new();
    let mut seen = server.challenge.clone();
    seen[12] ^= 2;
    let authenticate = client().authenticate(&server.negotiate, &{
        seen[12] ^= 2;
        seen[50] ^= 1;
        seen
    });
    assert!(is_refused(server.finish(&authenticate).status), "another CHALLENGE");
}

#[test]
fn a17_flags_of_the_server_never_reach_the_clients_response() {
    for value in [0_u32, 1, 4, 0xFFFF_FFFD, 2] {
        let mut info = usual_info();
        info.push((AV_FLAGS, value.to_le_bytes().to_vec()));
        let answer = client_meets(
            &challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &av_bytes(&info)),
            PROTECTED,
        );
        if answer.status != OK {
            assert_eq!(answer.status, INVALID_TOKEN);
            continue;
        }
        let pairs = av_pairs(&field(&answer.token, 20)[44..]);
        let flags: Vec<&Vec<u8>> =
            pairs.iter().filter(|pair| pair.0 == AV_FLAGS).map(|pair| &pair.1).collect();
        assert_eq!(flags.len(), 1, "one MsvAvFlags");
        assert_eq!(u32_at(flags[0], 0) & 2, 2, "which says that there is a MIC");
    }
    for twice in [AV_FLAGS, AV_TIMESTAMP] {
        let value = vec![0; if twice == AV_FLAGS { 4 } else { 8 }];
        let mut info = usual_info();
        info.retain(|pair| pair.0 != twice);
        info.extend([(twice, value.clone()), (twice, value)]);
        let status = client_meets(
            &challenge(USUAL | NTLM | TARGET_INFO, &utf16("DOMAIN"), &av_bytes(&info)),
            PROTECTED,
        )
        .status;
        assert_eq!(status, INVALID_TOKEN, "AV {twice} twice");
    }
}

#[test]
fn a17_duplicates_in_a_response_are_refused() {
    let lists: [fn(&mut AvPairs); 4] = [
        |pairs| pairs.extend([(AV_FLAGS, vec![0; 4]), (AV_FLAGS, vec![2, 0, 0, 0])]),
        |pairs| pairs.extend([(AV_FLAGS, vec![2, 0, 0, 0]), (AV_FLAGS, vec![0; 4])]),
        |pairs| pairs.extend([(AV_CHANNEL_BINDINGS, vec![0; 16]), (AV_CHANNEL_BINDINGS, vec![1; 16])]),
        |pairs| pairs.extend([(AV_TARGET_NAME, utf16("a")), (AV_TARGET_NAME, utf16("b"))]),
    ];
    for list in lists {
        for mic in [Mic::Absent, Mic::Right] {
            let mut twice = client();
            (twice.change_pairs, twice.mic) = (list, mic);
            assert!(is_refused(Server::try_client(&twice)));
        }
    }
}

#[test]
fn a18_lm_responses_open_nothing() {
    for nt in [vec![], vec![0x11; 24]] {
        let mut old = client();
        old.lm = vec![0x22; 24];
        old.nt = Some(nt);
        for mic in [Mic::Absent, Mic::Zero] {
            old.mic = mic;
            assert!(is_refused(Server::try_client(&old)));
        }
    }
}

#[test]
fn a20_a_marshalled_target_is_refused() {
    use_accounts(ACCOUNTS);
    let credential = Credential::outbound("DOMAIN", "user", "SecREt01");
    let target = "cifs/srv11UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA";
    assert_eq!(Context::new().initiate(&credential, PROTECTED, target, None).status, TARGET_UNKNOWN);
}

#[test]
fn a21_a_client_refuses_to_be_weakened() {
    for (weak, flags) in [
        ("no extended security", (USUAL | NTLM | TARGET_INFO) & !EXTENDED_SECURITY),
        ("neither SIGN nor SEAL", (USUAL | NTLM | TARGET_INFO) & !(SIGN | SEAL)),
        ("no SEAL", (USUAL | NTLM | TARGET_INFO) & !SEAL),
        ("no 128 bits", (USUAL | NTLM | TARGET_INFO) & !BITS_128),
        ("LM_KEY alone", ((USUAL | NTLM | TARGET_INFO) & !EXTENDED_SECURITY) | LM_KEY),
        ("nothing", UNICODE | NTLM),
    ] {
        let status =
            client_meets(&challenge(flags, &utf16("DOMAIN"), &av_bytes(&usual_info())), PROTECTED).status;
        assert!(status == UNSUPPORTED_FUNCTION || status == INVALID_TOKEN, "{weak}: {status:#x}");
    }
}

#[test]
fn a21_a_server_refuses_to_be_weakened() {
    let usual = USUAL | NTLM | TARGET_INFO;
    for (weak, flags) in [
        ("no extended security", usual & !EXTENDED_SECURITY),
        ("no 128 bits for sealing", usual & !BITS_128),
        ("no key exchange for sealing", usual & !KEY_EXCHANGE),
        ("LM_KEY, which was not offered", usual | LM_KEY),
        ("datagrams, which were not offered", usual | 0x40),
    ] {
        let mut bad = client();
        bad.flags = Some(flags);
        let status = Server::try_client(&bad);
        assert!(is_refused(status), "{weak}: {status:#x}");
    }
    for length in [0, 1, 8, 15, 17, 32] {
        let mut bad = client();
        bad.session_key = Some(vec![0x33; length]);
        assert!(is_refused(Server::try_client(&bad)), "a session key of {length} bytes");
    }
}

#[test]
fn a21_ntlmv1_is_refused() {
    for length in [16, 24, 25, 43, 44, 45, 47] {
        let mut old = client();
        old.nt = Some(vec![0x44; length]);
        old.mic = Mic::Absent;
        assert!(is_refused(Server::try_client(&old)), "a response of {length} bytes");
    }
    let changes: [fn(&mut Vec<u8>); 2] = [|response| response[16] = 2, |response| response[17] = 2];
    for change in changes {
        let mut other = client();
        other.change_response = change;
        assert!(is_refused(Server::try_client(&other)), "another version of the response");
    }
}

/// The acceptance oracle: of all messages that differ from the right one in one bit, none is accepted.
#[test]
fn no_changed_bit_is_accepted() {
    let length = {
        let server = Server::new();
        client().authenticate(&server.negotiate, &server.challenge).len()
    };
    for bit in 0..length * 8 {
        let mut server = Server::new();
        let mut authenticate = client().authenticate(&server.negotiate, &server.challenge);
        authenticate[bit / 8] ^= 1 << (bit % 8);
        let status = server.finish(&authenticate).status;
        assert_ne!(status, OK, "bit {bit}");
        assert_ne!(status, CONTINUE_NEEDED, "bit {bit}");
    }
}

#[test]
fn a_session_with_the_library_itself_talks() {
    use_accounts(ACCOUNTS);
    let (from, to) = (Credential::outbound("DOMAIN", "user", "SecREt01"), Credential::inbound());
    let (mut client, mut server) = (Context::new(), Context::new());
    let negotiate = client.initiate(&from, PROTECTED, "HTTP/server", None).token;
    let challenge = server.accept(&to, 0, &negotiate, None).token;
    let authenticate = client.initiate(&from, PROTECTED, "HTTP/server", Some(&challenge)).token;
    assert_eq!(server.accept(&to, 0, &authenticate, None).status, OK);
    let (signature, sealed) = client.seal(b"a text").unwrap();
    assert_eq!(server.open(&signature, &sealed).as_deref(), Some(&b"a text"[..]));
    // Once opened, it is opened.
    assert_eq!(server.open(&signature, &sealed), None);
}
