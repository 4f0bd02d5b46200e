#![forbid(unsafe_code)]

mod attacks;
mod golden;
mod layouts;
mod order;

use super::*;
use crate::crypto::enctype::{ChecksumKey, OpeningKeys, SealingKeys};
use crate::package::Qop;

const ENCTYPES: [Enctype; 5] = [
    Enctype::Aes128CtsHmacSha1,
    Enctype::Aes256CtsHmacSha1,
    Enctype::Aes128CtsHmacSha256,
    Enctype::Aes256CtsHmacSha384,
    Enctype::Rc4Hmac,
];

/// Those of RFC 4121.
const CFX: [Enctype; 4] = [ENCTYPES[0], ENCTYPES[1], ENCTYPES[2], ENCTYPES[3]];

const USUAL: u32 = 0x1000;

fn usual() -> Flags {
    Flags::CONFIDENTIALITY | Flags::INTEGRITY | Flags::REPLAY_DETECT | Flags::SEQUENCE_DETECT
}

fn key(enctype: Enctype) -> Key {
    let bytes: Vec<u8> = (1..).take(enctype.key_size()).collect();
    Key::new(enctype, &bytes).unwrap()
}

/// An initiator's and an acceptor's halves.
fn pair_from(enctype: Enctype, grants: Flags, first: u64) -> [Halves; 2] {
    let key = key(enctype);
    [Role::Initiator, Role::Acceptor].map(|role| {
        halves(Parameters {
            role,
            key: &key,
            acceptor_subkey: true,
            send_number: first,
            receive_number: first,
            grants,
        })
    })
}

/// A sender, and who receives from it.
fn pair(enctype: Enctype, grants: Flags) -> (Box<dyn Sender>, Box<dyn Receiver>) {
    let [(sender, _), (_, receiver)] = pair_from(enctype, grants, u64::from(USUAL));
    (sender, receiver)
}

/// The text of that many bytes.
fn text(length: usize) -> Vec<u8> {
    (0..length).map(|i| (7 * i + length) as u8).collect()
}

/// A message in its buffers.
#[derive(Clone)]
struct Message {
    token: Vec<u8>,
    data: Vec<u8>,
    padding: Vec<u8>,
}

impl Message {
    fn wrap(sender: &mut Box<dyn Sender>, text: &[u8], qop: Qop) -> Message {
        let (mut token, mut data, mut padding) = (vec![0xEE; 96], text.to_vec(), vec![0xEE; 1]);
        let parts = &mut [Part::Sealed(&mut data)];
        let used = sender.wrap(parts, &mut token, &mut padding, qop).unwrap();
        token.truncate(used.token);
        padding.truncate(used.padding);
        Message { token, data, padding }
    }

    fn stream(&self) -> Vec<u8> {
        [&self.token[..], &self.data, &self.padding].concat()
    }

    fn open(&mut self, receiver: &mut Box<dyn Receiver>) -> Result<Qop> {
        receiver.unwrap(&mut [Part::Sealed(&mut self.data)], &self.token, &self.padding)
    }
}

fn open_stream(receiver: &mut Box<dyn Receiver>, stream: &mut [u8]) -> Result<(Vec<u8>, Qop)> {
    let (range, qop) = receiver.unwrap_stream(stream)?;
    Ok((stream[range].to_vec(), qop))
}

fn code<T>(result: Result<T>) -> Code {
    result.err().expect("refused").code
}

#[test]
fn messages_come_through_both_ways_in_buffers_and_as_a_stream() {
    for enctype in ENCTYPES {
        for grants in [usual(), usual() | Flags::DCE_STYLE] {
            let [mut initiator, mut acceptor] = pair_from(enctype, grants, 7);
            for length in [0, 1, 15, 16, 17, 31, 32, 33, 100, 5000] {
                for qop in [Qop::Encrypt, Qop::NoEncrypt] {
                    for (from, to) in
                        [(&mut initiator.0, &mut acceptor.1), (&mut acceptor.0, &mut initiator.1)]
                    {
                        let text = text(length);
                        let mut message = Message::wrap(from, &text, qop);
                        assert!(length < 15 || (message.data == text) == (qop == Qop::NoEncrypt));
                        assert_eq!(message.open(to).unwrap(), qop);
                        assert_eq!(message.data, text);
                        let mut stream = Message::wrap(from, &text, qop).stream();
                        assert_eq!(open_stream(to, &mut stream).unwrap(), (text, qop));
                    }
                }
            }
        }
    }
}

#[test]
fn parts_are_one_message_and_signed_parts_stay() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let (head, between) = (text(24), text(9));
            let (mut one, mut two, mut token) = (text(19), text(40), vec![0; 96]);
            let parts = &mut [
                Part::SignedOnly(&head),
                Part::Sealed(&mut one),
                Part::SignedOnly(&between),
                Part::Sealed(&mut []),
                Part::Sealed(&mut two),
            ];
            let used = sender.wrap(parts, &mut token, &mut [], qop).unwrap().token;
            assert_eq!(receiver.unwrap(parts, &token[..used], &[]).unwrap(), qop);
            assert_eq!((&one, &two), (&text(19), &text(40)));

            let parts = &mut [Part::SignedOnly(&head), Part::Sealed(&mut one)];
            let used = sender.wrap(parts, &mut token, &mut [], qop).unwrap().token;
            let changed = text(23);
            let parts = &mut [Part::SignedOnly(&changed), Part::Sealed(&mut one)];
            assert_eq!(code(receiver.unwrap(parts, &token[..used], &[])), Code::MessageAltered);
            assert_eq!(one, [0; 19]);
        }
    }
}

#[test]
fn a_message_of_signed_parts_alone_has_nothing_but_its_token_on_the_wire() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let (body, mut token) = (text(33), vec![0; 96]);
            let parts = &mut [Part::SignedOnly(&body)];
            let used = sender.wrap(parts, &mut token, &mut [], qop).unwrap().token;
            assert_eq!(receiver.unwrap(parts, &token[..used], &[]).unwrap(), qop);
            let used = sender.wrap(parts, &mut token, &mut [], qop).unwrap().token;
            let other = text(32);
            let wrong = receiver.unwrap(&mut [Part::SignedOnly(&other)], &token[..used], &[]);
            assert_eq!(code(wrong), Code::MessageAltered);
        }
    }
}

#[test]
fn a_signature_covers_all_parts_and_counts_with_the_messages() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, usual());
        let (one, two, mut token) = (text(5), text(64), vec![0; 96]);
        let parts = [Part::SignedOnly(&one), Part::SignedOnly(&two)];
        for _ in 0..3 {
            let used = sender.mic(&parts, &mut token).unwrap();
            assert_eq!(used as u32, sizes(enctype, usual()).max_signature);
            receiver.verify(&parts, &token[..used]).unwrap();
            assert_eq!(code(receiver.verify(&parts, &token[..used])), Code::OutOfSequence);
            let mut message = Message::wrap(&mut sender, b"between", Qop::Encrypt);
            message.open(&mut receiver).unwrap();
        }
        let used = sender.mic(&parts, &mut token).unwrap();
        assert_eq!(code(receiver.verify(&parts[..1], &token[..used])), Code::MessageAltered);
        receiver.verify(&parts, &token[..used]).unwrap();
    }
}

#[test]
fn the_list_of_mechanisms_is_signed_like_any_message() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, usual());
        let mic = sender.list_mic(&b"mechanisms"[..].into()).unwrap();
        assert_eq!(code(receiver.list_verify(&b"mechanism"[..].into(), &mic)), Code::MessageAltered);
        receiver.list_verify(&b"mechanisms"[..].into(), &mic).unwrap();
        Message::wrap(&mut sender, b"next", Qop::Encrypt).open(&mut receiver).unwrap();
        assert_eq!(code(receiver.list_verify(&b"mechanisms"[..].into(), &mic)), Code::OutOfSequence);
    }
}

#[test]
fn without_any_protection_granted_only_the_list_is_signed() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, Flags::MUTUAL_AUTH);
        let mut token = [0; 96];
        let wrapped = sender.wrap(&mut [Part::Sealed(&mut [0; 4])], &mut token, &mut [], Qop::Encrypt);
        assert_eq!(code(wrapped), Code::UnsupportedFunction);
        assert_eq!(code(sender.mic(&[], &mut token)), Code::UnsupportedFunction);
        assert_eq!(code(receiver.verify(&[], &token)), Code::UnsupportedFunction);
        assert_eq!(code(receiver.unwrap(&mut [], &token, &[])), Code::UnsupportedFunction);
        assert_eq!(code(receiver.unwrap_stream(&mut token)), Code::UnsupportedFunction);
        let mic = sender.list_mic(&b"list"[..].into()).unwrap();
        receiver.list_verify(&b"list"[..].into(), &mic).unwrap();
    }
}

#[test]
fn a_context_stays_small() {
    use std::mem::size_of;
    let cfx = size_of::<CfxSender>() + size_of::<CfxReceiver>();
    assert!(cfx <= 200, "{cfx}");
    let (seal, open, sum) = (size_of::<SealingKeys>(), size_of::<OpeningKeys>(), size_of::<ChecksumKey>());
    // Sealed and signed both ways, as few contexts do.
    assert!(cfx + seal + open + 2 * sum <= 2600, "{seal} {open} {sum}");
    let rc4 = size_of::<Rc4Sender>() + size_of::<Rc4Receiver>();
    assert!(rc4 <= 200, "{rc4}");
}
