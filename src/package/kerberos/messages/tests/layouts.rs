//! How tokens are laid out, on sending and on receipt.

#![forbid(unsafe_code)]

use super::*;

fn grants_of_dce(dce: bool) -> Flags {
    usual() | Flags::when(dce, Flags::DCE_STYLE)
}

#[test]
fn sealed_messages_have_windows_layout() {
    for (enctype, checksum) in [(CFX[0], 12), (CFX[1], 12), (CFX[2], 16), (CFX[3], 24)] {
        for (dce, filler) in [(false, 0), (true, 16)] {
            let (mut sender, _) = pair(enctype, grants_of_dce(dce));
            let Message { token, data, .. } = Message::wrap(&mut sender, &text(40), Qop::Encrypt);
            assert_eq!((token.len(), data.len()), (48 + checksum + filler, 40));
            let rrc = 16 + checksum as u8;
            assert_eq!(token[..8], [5, 4, 6, 0xFF, 0, filler as u8, 0, rrc]);
            assert_eq!(token[8..16], u64::from(USUAL).to_be_bytes());
            let sizes = sizes(enctype, grants_of_dce(dce));
            assert_eq!(sizes.security_trailer as usize, token.len());
        }
    }
    assert_eq!(sizes(Enctype::Aes256CtsHmacSha1, usual()).security_trailer, 60);
    assert_eq!(sizes(Enctype::Aes256CtsHmacSha1, grants_of_dce(true)).security_trailer, 76);
}

#[test]
fn a_signed_message_has_its_checksum_in_front() {
    for (enctype, checksum) in [(CFX[0], 12), (CFX[1], 12), (CFX[2], 16), (CFX[3], 24)] {
        for dce in [false, true] {
            let (mut sender, _) = pair(enctype, grants_of_dce(dce));
            let Message { token, data, .. } = Message::wrap(&mut sender, &text(40), Qop::NoEncrypt);
            assert_eq!((token.len(), data), (16 + checksum as usize, text(40)));
            assert_eq!(token[..8], [5, 4, 4, 0xFF, 0, checksum, 0, checksum]);
        }
    }
}

#[test]
fn tokens_of_the_acceptor_and_of_other_keys_say_so() {
    let key = key(CFX[1]);
    for (role, acceptor_subkey, flags) in [
        (Role::Initiator, false, 2),
        (Role::Acceptor, false, 3),
        (Role::Initiator, true, 6),
        (Role::Acceptor, true, 7),
    ] {
        let parameters = Parameters {
            role,
            key: &key,
            acceptor_subkey,
            send_number: 0,
            receive_number: 0,
            grants: usual(),
        };
        let (mut sender, _) = halves(parameters);
        assert_eq!(Message::wrap(&mut sender, b"", Qop::Encrypt).token[2], flags);
        let mut token = [0; 28];
        sender.mic(&[], &mut token).unwrap();
        assert_eq!(token[..8], [4, 4, flags & !2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
}

#[test]
fn tokens_of_enctype_23_are_framed_with_their_data_but_in_dce_style() {
    for (length, padding, framing, prefix) in [
        (40, 1, 13, vec![0x60, 11 + 32 + 41]),
        (40, 0, 13, vec![0x60, 11 + 32 + 40]),
        (100, 1, 14, vec![0x60, 0x81, 11 + 32 + 101]),
        (300, 1, 15, vec![0x60, 0x82, 0x01, 0x58]),
        (70_000, 0, 16, vec![0x60, 0x83, 0x01, 0x11, 0x9B]),
    ] {
        let (mut sender, mut receiver) = pair(Enctype::Rc4Hmac, usual());
        let (mut data, mut token, mut pad) = (text(length), [0; 49], [0; 1]);
        let parts = &mut [Part::Sealed(&mut data)];
        let used = sender.wrap(parts, &mut token, &mut pad[..padding], Qop::Encrypt).unwrap();
        assert_eq!((used.token, used.padding), (framing + 32, padding));
        assert_eq!(token[..prefix.len()], prefix);
        assert_eq!(token[framing..framing + 8], [2, 1, 0x11, 0, 0x10, 0, 0xFF, 0xFF]);
        receiver.unwrap(parts, &token[..used.token], &pad[..padding]).unwrap();
        assert_eq!(data, text(length));
    }
    let (mut sender, _) = pair(Enctype::Rc4Hmac, grants_of_dce(true));
    let message = Message::wrap(&mut sender, &text(300), Qop::NoEncrypt);
    assert_eq!((message.token.len(), message.padding.len()), (45, 0));
    assert_eq!(message.token[..2], [0x60, 43]);
    assert_eq!(message.token[13..21], [2, 1, 0x11, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(sizes(Enctype::Rc4Hmac, grants_of_dce(true)).security_trailer, 45);
    assert_eq!(sizes(Enctype::Rc4Hmac, usual()).security_trailer, 49);
}

#[test]
fn a_token_buffer_that_is_too_small_changes_nothing() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let needed = Message::wrap(&mut sender, &text(20), qop).token.len();
            let (mut sender, _) = pair(enctype, usual());
            for size in 0..needed {
                let mut data = text(20);
                let mut token = vec![0; size];
                let wrapped = sender.wrap(&mut [Part::Sealed(&mut data)], &mut token, &mut [0], qop);
                assert_eq!((code(wrapped), data), (Code::BufferTooSmall, text(20)));
            }
            let mut token = vec![0; sizes(enctype, usual()).max_signature as usize];
            let short = token.len() - 1;
            assert_eq!(code(sender.mic(&[], &mut token[..short])), Code::BufferTooSmall);
            Message::wrap(&mut sender, &text(20), qop).open(&mut receiver).unwrap();
            sender.mic(&[], &mut token).unwrap();
            receiver.verify(&[], &token).unwrap();
        }
    }
}

/// A token in one piece, filled and turned as a sender may.
struct Crafted {
    enctype: Enctype,
    sealed: bool,
    dce: bool,
    ec: u16,
    rrc: u16,
    length: usize,
}

impl Crafted {
    fn stream(&self) -> Vec<u8> {
        let key = key(self.enctype);
        let mut data = text(self.length);
        let mut checksum = vec![0; self.enctype.checksum_size()];
        let number = u64::from(USUAL);
        let flags = if self.sealed { 6 } else { 4 };
        let mut header = header::Header::new(header::WRAP, flags, number);
        let body = if self.sealed {
            header.ec = self.ec;
            let mut tail = [vec![0x5A; self.ec.into()], header.to_bytes().to_vec()].concat();
            let mut confounder = [0; 16];
            let keys = SealingKeys::new(&key, 24).unwrap();
            keys.seal(&mut confounder, &mut [Part::Sealed(&mut data)], &mut tail, &mut checksum).unwrap();
            [&confounder[..], &data, &tail, &checksum].concat()
        } else {
            let keys = ChecksumKey::new(&key, 24).unwrap();
            keys.sum(&[Part::SignedOnly(&data)], &header.to_bytes(), &mut checksum).unwrap();
            header.ec = checksum.len() as u16;
            [data, checksum].concat()
        };
        header.rrc = self.rrc;
        let turn = if self.dce && self.sealed && self.rrc != 0 { self.rrc + self.ec } else { self.rrc };
        let mut body = body;
        let length = body.len();
        body.rotate_right(usize::from(turn) % length);
        [&header.to_bytes()[..], &body].concat()
    }

    /// Everything that is not data, in bytes.
    fn overhead(&self) -> usize {
        let sealed = if self.sealed { 32 + usize::from(self.ec) } else { 0 };
        16 + self.enctype.checksum_size() + sealed
    }

    fn check(&self) {
        let stream = self.stream();
        let (plain, qop) = (text(self.length), if self.sealed { Qop::Encrypt } else { Qop::NoEncrypt });
        let receiver = || pair(self.enctype, grants_of_dce(self.dce)).1;
        assert_eq!(open_stream(&mut receiver(), &mut stream.clone()).unwrap(), (plain.clone(), qop));
        // Divided into token, two data buffers, and what is left of it behind them.
        let middle = self.length / 3;
        for behind in [0, 1, 12, self.overhead() - 16] {
            let (token, rest) = stream.split_at(self.overhead() - behind);
            let (data, padding) = rest.split_at(self.length);
            let (mut one, mut two) = (data[..middle].to_vec(), data[middle..].to_vec());
            let parts = &mut [Part::Sealed(&mut one), Part::Sealed(&mut two)];
            assert_eq!(receiver().unwrap(parts, token, padding).unwrap(), qop);
            assert_eq!([one, two].concat(), plain);
        }
    }
}

#[test]
fn a_token_may_be_filled_turned_and_divided_in_any_way() {
    for enctype in CFX {
        for length in [0, 1, 21, 70] {
            for sealed in [true, false] {
                for (dce, ec) in [(false, 0), (false, 5), (true, 0), (true, 16), (true, 255), (false, 1000)] {
                    let crafted = Crafted { enctype, sealed, dce, ec, rrc: 0, length };
                    let total = crafted.overhead() - 16 + length;
                    let usual = (if sealed { 16 } else { 0 }) + enctype.checksum_size();
                    let filled = if sealed && dce { usize::from(ec) } else { 0 };
                    for rrc in [0, 1, 11, 12, usual, usual + usize::from(ec), total - 1, total / 2] {
                        if rrc + filled < total {
                            Crafted { rrc: rrc as u16, ..crafted }.check();
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn every_turn_of_a_token_is_undone() {
    for (enctype, sealed) in [(CFX[1], true), (CFX[2], true), (CFX[3], false)] {
        let crafted = Crafted { enctype, sealed, dce: false, ec: 0, rrc: 0, length: 37 };
        for rrc in 0..(crafted.overhead() - 16 + 37) as u16 {
            Crafted { rrc, ..crafted }.check();
        }
    }
}

#[test]
fn a_token_turned_more_than_once_round_is_refused() {
    let crafted = Crafted { enctype: CFX[1], sealed: true, dce: false, ec: 0, rrc: 0, length: 20 };
    for rrc in [64, 28 + 64, 640, 65535 - 65535 % 64] {
        let mut stream = Crafted { rrc, ..crafted }.stream();
        let (_, mut receiver) = pair(CFX[1], usual());
        assert_eq!(code(open_stream(&mut receiver, &mut stream)), Code::MessageAltered);
    }
}

#[test]
fn a_padding_that_does_not_pad_is_refused_and_not_counted() {
    let (mut sender, mut receiver) = pair(Enctype::Rc4Hmac, usual());
    // Without a buffer for it there is no padding; as a stream this message has none.
    let (mut data, mut token) = (b"ends with no padding".to_vec(), [0; 49]);
    let parts = &mut [Part::Sealed(&mut data)];
    let used = sender.wrap(parts, &mut token, &mut [], Qop::Encrypt).unwrap().token;
    let mut stream = [&token[..used], &data].concat();
    assert_eq!(code(open_stream(&mut receiver, &mut stream)), Code::MessageAltered);
    assert!(stream.iter().all(|byte| *byte == 0));
    receiver.unwrap(&mut [Part::Sealed(&mut data)], &token[..used], &[]).unwrap();
    assert_eq!(data, b"ends with no padding");
}
