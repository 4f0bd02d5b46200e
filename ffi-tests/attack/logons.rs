//! Rows A8 to A21: logons that must not be let in, and sessions that must not be weakened.

use super::*;

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
