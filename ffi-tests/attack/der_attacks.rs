//! Row B8: encodings that are no DER, and every bit of every leg changed.

use super::der::*;
use super::spnego::{Acceptor, Initiator, ListMic, third};
use super::wire::{NTLM, USUAL, negotiate};
use super::*;

fn may_go_on(status: u32) -> bool {
    [OK, CONTINUE_NEEDED].contains(&status)
}

/// Both parsers meet the token, first and later; none of them may take it.
fn refused_everywhere(token: &[u8], what: &str) {
    let first = Acceptor::new().hears(token).status;
    let (mut client, open) = Initiator::new();
    let answer = client.hears(Some(token)).status;
    let mut server = Acceptor::new();
    server.hears(&open);
    let later = server.hears(token).status;
    assert!(
        !may_go_on(first) && !may_go_on(answer) && !may_go_on(later),
        "{what}: {first:#x} {answer:#x} {later:#x}"
    );
}

#[test]
fn b8_depth() {
    for tag in [0x60, 0xA0, 0xA1, 0x30, 0x24] {
        for depth in [1, 10, 64, 10_000] {
            let mut token = Vec::new();
            for _ in 0..depth {
                token = tlv(tag, &token);
            }
            refused_everywhere(&token, &format!("{tag:#x}, {depth} deep"));
            refused_everywhere(&init_of(&[token.clone()]), &format!("{tag:#x} inside, {depth} deep"));
            refused_everywhere(
                &response_of(&[tlv(0xA2, &token)]),
                &format!("{tag:#x} in a field, {depth} deep"),
            );
        }
    }
}

#[test]
fn b8_lengths() {
    let good = [
        init(&[NTLM_OID], Some(&negotiate(USUAL | NTLM))),
        response(Some(ACCEPT_INCOMPLETE), Some(NTLM_OID), Some(&usual_challenge()), None),
    ];
    let lengths: [&[u8]; 10] = [
        &[0x80],
        &[0x84, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0x84, 0x7F, 0xFF, 0xFF, 0xFF],
        &[0x85, 1, 0, 0, 0, 0],
        &[0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0x88, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0x84, 0, 0, 0, 1],
        &[0x83, 0, 0, 5],
        &[0xFF],
        &[0x8F, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5],
    ];
    for token in good {
        for length in lengths {
            // In place of every length that is one, and of many bytes that are none.
            for at in 1..token.len().min(60) {
                let bad = [&token[..at], length, &token[at + 1..]].concat();
                let what = format!("{length:?} at {at}");
                let status = Acceptor::new().hears(&bad).status;
                assert!(status != OK, "{what}");
                let (mut client, _) = Initiator::new();
                assert!(client.hears(Some(&bad)).status != OK, "{what}");
            }
            let bad = [&token[..1], length, &token[1..]].concat();
            refused_everywhere(&bad, &format!("{length:?} outside"));
        }
    }
}

#[test]
fn b8_cut_and_trailing() {
    let first = negotiate(USUAL | NTLM);
    let open = init(&[NTLM_OID], Some(&first));
    for end in 1..open.len() {
        assert!(!may_go_on(Acceptor::new().hears(&open[..end]).status), "{end} bytes of the first token");
    }
    let mut server = Acceptor::new();
    let answer = server.hears(&open).token;
    for end in 0..answer.len() {
        let (mut client, _) = Initiator::new();
        assert!(!may_go_on(client.hears(Some(&answer[..end])).status), "{end} bytes of the answer");
    }
    for more in [&[0][..], &[0, 0], &[0x30, 0], &[0xFF; 100]] {
        let long = [&open[..], more].concat();
        assert!(!may_go_on(Acceptor::new().hears(&long).status), "{more:?} behind the first token");
        let long = [&answer[..], more].concat();
        let (mut client, _) = Initiator::new();
        assert!(!may_go_on(client.hears(Some(&long)).status), "{more:?} behind the answer");
    }
}

#[test]
fn b8_fields_twice_and_out_of_order() {
    let first = negotiate(USUAL | NTLM);
    let (list, token) = (mech_types(&[NTLM_OID]), octets(2, &first));
    for fields in [
        vec![list.clone(), list.clone()],
        vec![list.clone(), token.clone(), token.clone()],
        vec![token.clone(), list.clone()],
        vec![list.clone(), octets(2, &first), mech_types(&[KERBEROS])],
        vec![tlv(0xA0, &[mech_list(&[NTLM_OID]), mech_list(&[NTLM_OID])].concat())],
    ] {
        assert!(!may_go_on(Acceptor::new().hears(&init_of(&fields)).status), "{fields:?}");
    }
    let challenge = octets(2, &usual_challenge());
    let (state, mech) = (neg_state(ACCEPT_INCOMPLETE), tlv(0xA1, NTLM_OID));
    for fields in [
        vec![state.clone(), state.clone(), mech.clone(), challenge.clone()],
        vec![state.clone(), mech.clone(), mech.clone(), challenge.clone()],
        vec![state.clone(), mech.clone(), challenge.clone(), challenge.clone()],
        vec![challenge.clone(), mech.clone(), state.clone()],
        vec![state.clone(), tlv(0xA1, &[NTLM_OID, NTLM_OID].concat()), challenge.clone()],
    ] {
        let (mut client, _) = Initiator::new();
        assert!(!may_go_on(client.hears(Some(&response_of(&fields))).status), "{fields:?}");
    }
}

#[test]
fn b8_noise() {
    let first = negotiate(USUAL | NTLM);
    let mut noise = Noise(8);
    let open = init(&[MS_KERBEROS, KERBEROS, NTLM_OID], Some(&first));
    let answer = response(Some(ACCEPT_INCOMPLETE), Some(NTLM_OID), Some(&usual_challenge()), Some(&[0; 16]));
    for _ in 0..20_000 {
        for good in [&open, &answer] {
            let mut bad = good.clone();
            for _ in 0..=noise.next() % 4 {
                let at = noise.next() % bad.len();
                bad[at] = noise.next() as u8;
            }
            bad.truncate(if noise.next().is_multiple_of(3) {
                noise.next() % (bad.len() + 1)
            } else {
                bad.len()
            });
            assert_ne!(Acceptor::new().hears(&bad).status, OK, "{bad:?}");
            let (mut client, _) = Initiator::new();
            assert_ne!(client.hears(Some(&bad)).status, OK, "{bad:?}");
        }
    }
}

/// Every bit of the client's first and last token: a changed token never ends in a logon.
#[test]
fn b7_every_bit_of_the_clients_tokens() {
    let first = negotiate(USUAL | NTLM);
    let open = init(&[NTLM_OID], Some(&first));
    let over = ListMic::Over(mech_list(&[NTLM_OID]));
    let mut bits = 0;
    loop {
        let mut changed = open.clone();
        let Some(byte) = changed.get_mut(bits / 8) else { break };
        *byte ^= 1 << (bits % 8);
        let mut server = Acceptor::new();
        let answer = server.hears(&changed);
        if let Some(token) = third(&client(), &first, &answer.token, &over) {
            assert_ne!(server.hears(&token).status, OK, "bit {bits} of the first token");
        }
        bits += 1;
    }
    let mut bits = 0;
    loop {
        let mut server = Acceptor::new();
        let answer = server.hears(&open);
        let mut token = third(&client(), &first, &answer.token, &over).unwrap();
        let Some(byte) = token.get_mut(bits / 8) else { break };
        *byte ^= 1 << (bits % 8);
        assert_ne!(server.hears(&token).status, OK, "bit {bits} of the last token");
        bits += 1;
    }
}

/// Every bit of the server's tokens. What may change: accept-incomplete into request-mic, as both
/// sides send a MIC in any case.
#[test]
fn b7_every_bit_of_the_servers_tokens() {
    for leg in [0, 1] {
        let mut bits = 0;
        loop {
            let mut server = Acceptor::new();
            let (mut client, open) = Initiator::new();
            let mut token = server.hears(&open).token;
            if leg == 1 {
                token = server.hears(&client.hears(Some(&token)).token).token;
            }
            let original = read_response(&token).unwrap();
            let Some(byte) = token.get_mut(bits / 8) else { break };
            *byte ^= 1 << (bits % 8);
            let mut answer = client.hears(Some(&token));
            let mut is_let_in = answer.status == OK;
            if leg == 0 && answer.status == CONTINUE_NEEDED {
                let last = server.hears(&answer.token);
                is_let_in = last.status == OK;
                if is_let_in {
                    answer = client.hears(Some(&last.token));
                    is_let_in = answer.status == OK;
                }
            }
            let is_listed = leg == 0
                && original.state == Some(ACCEPT_INCOMPLETE)
                && read_response(&token).is_some_and(|changed| changed.state == Some(REQUEST_MIC));
            assert!(!is_let_in || is_listed, "bit {bits} of token {leg}: {token:?}");
            bits += 1;
        }
    }
}
