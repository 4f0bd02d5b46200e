//! Attacks C1 to C3: changed, shortened and foreign tokens (CVE-2024-37370, CVE-2024-37371,
//! CVE-2025-57736, CVE-2014-4341, CVE-2014-4342).

#![forbid(unsafe_code)]

use super::*;

fn refused<T>(result: Result<T>) -> bool {
    result.is_err_and(|error| matches!(error.code, Code::MessageAltered | Code::OutOfSequence))
}

/// What no checksum covers: that an empty signed message of enctype 19, 16 bytes behind its header,
/// was turned by 16; and the number of a signed message of enctype 23, where numbers do not matter.
fn says_the_same(message: &Message, qop: Qop, grants: Flags, bit: usize) -> bool {
    if message.token[0] == 0x60 {
        let number = 8 * (13 + 8)..8 * (13 + 12);
        return qop == Qop::NoEncrypt && !grants.has(Flags::SEQUENCE_DETECT) && number.contains(&bit);
    }
    message.data.is_empty() && message.token.len() == 32 && bit == 8 * 7 + 3
}

#[test]
fn every_bit_of_a_wrapped_message_counts() {
    for enctype in ENCTYPES {
        for grants in [usual(), usual() | Flags::DCE_STYLE, Flags::INTEGRITY] {
            for qop in [Qop::Encrypt, Qop::NoEncrypt] {
                for length in [0, 1, 8, 16, 20, 33] {
                    let (mut sender, mut receiver) = pair(enctype, grants);
                    let message = Message::wrap(&mut sender, &text(length), qop);
                    let whole = message.stream();
                    for bit in 0..8 * whole.len() {
                        if says_the_same(&message, qop, grants, bit) {
                            continue;
                        }
                        let mut changed = whole.clone();
                        changed[bit / 8] ^= 0x80 >> (bit % 8);
                        let (token, rest) = changed.split_at(message.token.len());
                        let (data, padding) = rest.split_at(length);
                        let mut parts =
                            Message { token: token.to_vec(), data: data.to_vec(), padding: padding.to_vec() };
                        assert!(refused(parts.open(&mut receiver)), "{enctype:?} {qop:?} {length} bit {bit}");
                        assert_eq!(parts.data, vec![0; length]);
                        assert!(refused(open_stream(&mut receiver, &mut changed)), "{enctype:?} {bit}");
                        assert!(changed[16..].iter().all(|byte| *byte == 0));
                    }
                    // None of this has moved the window, and the true message still opens.
                    let mut message = message;
                    assert_eq!(message.open(&mut receiver).unwrap(), qop);
                    assert_eq!(message.data, text(length));
                }
            }
        }
    }
}

#[test]
fn every_bit_of_a_signature_and_of_what_it_signs_counts() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, usual());
        let (text, mut token) = (text(21), vec![0; 48]);
        let used = sender.mic(&[Part::SignedOnly(&text)], &mut token).unwrap();
        token.truncate(used);
        let whole = [&token[..], &text].concat();
        for bit in 0..8 * whole.len() {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 0x80 >> (bit % 8);
            let (token, text) = changed.split_at(used);
            assert!(refused(receiver.verify(&[Part::SignedOnly(text)], token)), "{enctype:?} bit {bit}");
            assert!(refused(receiver.list_verify(&text[..].into(), token)));
        }
        receiver.verify(&[Part::SignedOnly(&text)], &token).unwrap();
    }
}

#[test]
fn a_message_cut_short_or_made_longer_never_opens() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let message = Message::wrap(&mut sender, &text(30), qop);
            let whole = message.stream();
            for length in 0..whole.len() {
                let expected = if length < 16 { Code::IncompleteMessage } else { Code::MessageAltered };
                assert_eq!(code(open_stream(&mut receiver, &mut whole[..length].to_vec())), expected);
            }
            assert!(refused(open_stream(&mut receiver, &mut [&whole[..], &[0]].concat())));
            for length in 0..message.token.len() {
                let expected = if length < 16 { Code::InvalidToken } else { Code::MessageAltered };
                let mut short = message.clone();
                short.token.truncate(length);
                assert_eq!(code(short.open(&mut receiver)), expected);
            }
            let mut longer = message.clone();
            longer.token.push(0);
            assert!(refused(longer.open(&mut receiver)));
            let mut padded = message.clone();
            padded.padding.extend([1; 9]);
            assert!(refused(padded.open(&mut receiver)));
            let mut short = message.clone();
            short.data.pop();
            assert!(refused(short.open(&mut receiver)));

            let mut token = vec![0; 48];
            let used = sender.mic(&[], &mut token).unwrap();
            for length in 0..used {
                let expected = if length < 16 { Code::InvalidToken } else { Code::MessageAltered };
                assert_eq!(code(receiver.verify(&[], &token[..length])), expected);
            }
            assert!(refused(receiver.verify(&[], &token[..used + 1])));
        }
    }
}

#[test]
fn every_value_of_ec_and_rrc_but_the_right_one_is_refused() {
    for enctype in CFX {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let message = Message::wrap(&mut sender, &text(20), qop);
            for field in [4, 6] {
                let right = u16::from_be_bytes([message.token[field], message.token[field + 1]]);
                for value in (0..=u16::MAX).filter(|value| *value != right) {
                    let mut changed = message.clone();
                    changed.token[field..field + 2].copy_from_slice(&value.to_be_bytes());
                    let mut stream = changed.stream();
                    assert!(refused(changed.open(&mut receiver)), "{enctype:?} {field} {value}");
                    if value < 200 {
                        assert!(refused(open_stream(&mut receiver, &mut stream)));
                    }
                }
            }
        }
    }
}

#[test]
fn ones_own_message_is_not_the_peers() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let [(mut sender, mut receiver), _] = pair_from(enctype, usual(), 5);
            assert!(refused(Message::wrap(&mut sender, &text(9), qop).open(&mut receiver)));
            assert!(refused(open_stream(&mut receiver, &mut Message::wrap(&mut sender, b"x", qop).stream())));
            let mic = sender.list_mic(&b"list"[..].into()).unwrap();
            assert!(refused(receiver.list_verify(&b"list"[..].into(), &mic)));
        }
    }
}

#[test]
fn a_token_of_another_key_is_refused() {
    let key = key(CFX[1]);
    let half = |role, acceptor_subkey| {
        halves(Parameters {
            role,
            key: &key,
            acceptor_subkey,
            send_number: 0,
            receive_number: 0,
            grants: usual(),
        })
    };
    for (sends, receives) in [(true, false), (false, true)] {
        let (mut sender, mut receiver) = (half(Role::Initiator, sends).0, half(Role::Acceptor, receives).1);
        assert!(refused(Message::wrap(&mut sender, b"text", Qop::Encrypt).open(&mut receiver)));
        let mic = sender.list_mic(&b"list"[..].into()).unwrap();
        assert!(refused(receiver.list_verify(&b"list"[..].into(), &mic)));
    }
}

#[test]
fn a_signature_is_no_message_and_a_message_no_signature() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, usual());
        let mut mic = vec![0; 48];
        let used = sender.mic(&[], &mut mic).unwrap();
        assert!(refused(receiver.unwrap(&mut [], &mic[..used], &[])));
        let (mut sender, _) = pair(enctype, usual());
        let signed = Message::wrap(&mut sender, b"", Qop::NoEncrypt);
        assert!(refused(receiver.verify(&[], &signed.token)));
    }
}

#[test]
fn tokens_of_other_formats_are_refused() {
    let framed = |body: &[u8]| {
        let mechanism = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 0x01, 0x02, 0x02];
        [&[0x60, 11 + body.len() as u8], &mechanism[..], body].concat()
    };
    // RFC 1964: DES MAC MD5, MD2.5, DES MAC, DES3; DES and DES3; deletion of a context.
    let old: Vec<Vec<u8>> = [
        [2, 1, 0, 0, 0, 0, 0xFF, 0xFF],
        [2, 1, 1, 0, 0, 0, 0xFF, 0xFF],
        [2, 1, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        [2, 1, 4, 0, 2, 0, 0xFF, 0xFF],
        [2, 1, 0x11, 0, 0, 0, 0xFF, 0xFF],
        [2, 1, 0x11, 0, 2, 0, 0xFF, 0xFF],
        [1, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
        [1, 2, 0x11, 0, 0xFF, 0xFF, 0xFF, 0xFF],
    ]
    .iter()
    .map(|head| framed(&[&head[..], &[0; 40]].concat()))
    .collect();
    for enctype in ENCTYPES {
        let (_, mut receiver) = pair(enctype, usual());
        for token in &old {
            assert!(refused(open_stream(&mut receiver, &mut token.clone())));
            assert!(refused(receiver.unwrap(&mut [], &token[..45], &[])));
            assert!(refused(receiver.verify(&[], &token[..37])));
            for length in 16..token.len() {
                assert!(refused(open_stream(&mut receiver, &mut token[..length].to_vec())));
            }
        }
        // A token of the other protocol.
        let (mut other, _) = pair(if enctype == ENCTYPES[4] { ENCTYPES[1] } else { ENCTYPES[4] }, usual());
        assert!(refused(open_stream(
            &mut receiver,
            &mut Message::wrap(&mut other, b"abc", Qop::Encrypt).stream()
        )));
    }
}

#[test]
fn a_framing_that_is_not_the_shortest_is_refused() {
    let (mut sender, mut receiver) = pair(Enctype::Rc4Hmac, usual());
    let mut message = Message::wrap(&mut sender, b"text", Qop::Encrypt);
    let length = message.token[1];
    let rest = message.token[2..].to_vec();
    for longer in [&[0x81, length][..], &[0x82, 0, length], &[0x84, 0, 0, 0, length], &[0x80], &[0x88]] {
        let token = [&[0x60], longer, &rest].concat();
        let changed = Message { token, ..message.clone() };
        assert!(refused(changed.clone().open(&mut receiver)));
        assert!(refused(open_stream(&mut receiver, &mut changed.stream())));
    }
    message.open(&mut receiver).unwrap();
}
