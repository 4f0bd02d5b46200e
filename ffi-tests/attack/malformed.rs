//! Rows A1 to A7: messages that no honest peer makes.

use super::*;

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
