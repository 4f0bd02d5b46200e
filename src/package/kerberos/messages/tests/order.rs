//! Sequence numbers, and contexts that go on elsewhere.

#![forbid(unsafe_code)]

use super::window::Window;
use super::*;

const STRICT: Flags = Flags::SEQUENCE_DETECT;
const LOOSE: Flags = Flags::REPLAY_DETECT;

/// Sends `count` messages; message `n` says `n`.
fn send(sender: &mut Box<dyn Sender>, count: u8) -> Vec<Message> {
    (0..count).map(|n| Message::wrap(sender, &[n; 24], Qop::Encrypt)).collect()
}

fn take(receiver: &mut Box<dyn Receiver>, message: &Message) -> Option<u8> {
    let mut message = message.clone();
    match message.open(receiver) {
        Ok(_) => Some(message.data[0]),
        Err(error) => {
            assert_eq!((error.code, message.data), (Code::OutOfSequence, vec![0; 24]));
            None
        }
    }
}

#[test]
fn in_order_only_where_sequence_is_detected() {
    for enctype in ENCTYPES {
        for grants in [STRICT, STRICT | LOOSE] {
            let (mut sender, mut receiver) = pair(enctype, grants);
            let messages = send(&mut sender, 5);
            assert_eq!(take(&mut receiver, &messages[1]), None);
            assert_eq!(take(&mut receiver, &messages[0]), Some(0));
            assert_eq!(take(&mut receiver, &messages[0]), None);
            assert_eq!(take(&mut receiver, &messages[4]), None);
            assert_eq!(take(&mut receiver, &messages[1]), Some(1));
            assert_eq!(take(&mut receiver, &messages[2]), Some(2));
            assert_eq!(take(&mut receiver, &messages[1]), None);
        }
    }
}

#[test]
fn each_once_where_replays_are_detected() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, LOOSE);
        let messages = send(&mut sender, 80);
        for n in [3, 0, 1, 66, 5, 79] {
            assert_eq!(take(&mut receiver, &messages[n]), Some(n as u8));
            assert_eq!(take(&mut receiver, &messages[n]), None);
        }
        // 64 numbers before the next one are remembered: 16 is the oldest.
        for (n, taken) in [(15, false), (16, true), (16, false), (66, false), (78, true), (4, false)] {
            assert_eq!(take(&mut receiver, &messages[n]).is_some(), taken, "{n}");
        }
    }
}

#[test]
fn any_number_where_nothing_is_detected() {
    for enctype in ENCTYPES {
        let (mut sender, mut receiver) = pair(enctype, Flags::INTEGRITY);
        let messages = send(&mut sender, 3);
        for n in [2, 2, 0, 1, 0] {
            assert_eq!(take(&mut receiver, &messages[n]), Some(n as u8));
        }
    }
}

#[test]
fn a_replayed_stream_shows_nothing() {
    for enctype in ENCTYPES {
        for qop in [Qop::Encrypt, Qop::NoEncrypt] {
            let (mut sender, mut receiver) = pair(enctype, usual());
            let stream = Message::wrap(&mut sender, &[7; 24], qop).stream();
            open_stream(&mut receiver, &mut stream.clone()).unwrap();
            let mut again = stream.clone();
            assert_eq!(code(open_stream(&mut receiver, &mut again)), Code::OutOfSequence);
            assert!(!again.windows(2).any(|bytes| bytes == [7, 7]));
        }
    }
}

#[test]
fn a_window_knows_what_came() {
    let mut window = Window::default();
    let mut came = std::collections::HashSet::new();
    let mut number = 1u64;
    for _ in 0..20_000 {
        number = number.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let candidate = (window.next + (number >> 33) % 90).saturating_sub(75);
        let before = window;
        let right = candidate + 64 >= window.next && !came.contains(&candidate);
        assert_eq!(window.take(candidate, LOOSE).is_ok(), right, "{candidate} {before:?}");
        assert!(right || window == before);
        came.insert(candidate);
    }
    assert!(window.take(u64::MAX, LOOSE).is_err());
    window.take(u64::MAX - 1, LOOSE).unwrap();
    assert_eq!(window, Window { next: u64::MAX, seen: 1 });
    assert!(window.take(u64::MAX, LOOSE).is_err());
}

#[test]
fn numbers_go_on_beyond_32_bits_or_round_them() {
    for grants in [STRICT, LOOSE] {
        for enctype in ENCTYPES {
            for first in [u64::from(u32::MAX), u64::from(u32::MAX) - 1, 0x7FFF_FFFF] {
                let [(mut sender, _), (_, mut receiver)] = pair_from(enctype, grants, first);
                let messages = send(&mut sender, 4);
                for (n, message) in (0..).zip(&messages) {
                    assert_eq!(take(&mut receiver, message), Some(n));
                    assert_eq!(take(&mut receiver, message), None);
                }
                if enctype != Enctype::Rc4Hmac {
                    assert_eq!(messages[3].token[8..16], (first + 3).to_be_bytes());
                }
            }
        }
    }
}

#[test]
fn a_peer_that_counts_in_32_bits_goes_round() {
    for grants in [STRICT, LOOSE] {
        let [_, (_, mut receiver)] = pair_from(CFX[1], grants, u64::from(u32::MAX) - 1);
        for number in [u32::MAX - 1, u32::MAX, 0, 1] {
            let [(mut sender, _), _] = pair_from(CFX[1], grants, u64::from(number));
            let message = &send(&mut sender, 1)[0];
            assert_eq!(take(&mut receiver, message), Some(0), "{number}");
            assert_eq!(take(&mut receiver, message), None, "{number}");
        }
    }
}

#[test]
fn a_direction_ends_before_its_numbers_come_again() {
    let mut half = Half::new(&key(Enctype::Rc4Hmac), usual(), false, false, 9);
    let blob = half.export().unwrap();
    let mut blob = blob.as_ref().clone();
    blob[18..26].copy_from_slice(&(u64::from(u32::MAX)).to_le_bytes());
    let ((mut sender, _), _) = import(&blob, &blob).unwrap();
    Message::wrap(&mut sender, b"the last one", Qop::Encrypt);
    let mut token = [0; 48];
    assert_eq!(code(sender.mic(&[], &mut token)), Code::ContextExpired);
    let wrapped = sender.wrap(&mut [Part::Sealed(&mut [1; 4])], &mut token, &mut [], Qop::Encrypt);
    assert_eq!(code(wrapped), Code::ContextExpired);
}

#[test]
fn an_exported_context_goes_on_elsewhere_only() {
    for enctype in ENCTYPES {
        for grants in [usual(), usual() | Flags::DCE_STYLE, LOOSE] {
            let [mut initiator, mut acceptor] = pair_from(enctype, grants, 77);
            let old = Message::wrap(&mut initiator.0, &[9; 24], Qop::Encrypt);
            assert_eq!(take(&mut acceptor.1, &old), Some(9));
            let _unsent =
                Message::wrap(&mut acceptor.0, b"two", Qop::NoEncrypt).open(&mut initiator.1).unwrap();
            let mut moved = acceptor;
            let (halves, of) =
                import(moved.0.export().unwrap().as_ref(), moved.1.export().unwrap().as_ref()).unwrap();
            assert_eq!(of, enctype);
            acceptor = halves;

            let mut token = [0; 96];
            let wrapped = moved.0.wrap(&mut [Part::Sealed(&mut [1; 4])], &mut token, &mut [], Qop::Encrypt);
            assert_eq!(code(wrapped), Code::InvalidHandle);
            assert_eq!(code(moved.0.mic(&[], &mut token)), Code::InvalidHandle);
            assert_eq!(code(moved.0.list_mic(&[][..].into())), Code::InvalidHandle);
            assert_eq!(code(moved.0.export()), Code::InvalidHandle);
            assert_eq!(code(old.clone().open(&mut moved.1)), Code::InvalidHandle);
            assert_eq!(code(open_stream(&mut moved.1, &mut old.stream())), Code::InvalidHandle);
            assert_eq!(code(moved.1.verify(&[], &token)), Code::InvalidHandle);
            assert!(moved.1.list_verify(&[][..].into(), &token[..28]).is_err());
            assert_eq!(code(moved.1.export()), Code::InvalidHandle);

            assert_eq!(take(&mut acceptor.1, &old), None);
            let next = Message::wrap(&mut initiator.0, &[10; 24], Qop::Encrypt);
            assert_eq!(take(&mut acceptor.1, &next), Some(10));
            assert_eq!(
                Message::wrap(&mut acceptor.0, b"x", Qop::Encrypt).open(&mut initiator.1).unwrap(),
                Qop::Encrypt
            );
        }
    }
}

#[test]
fn what_was_not_exported_is_not_imported() {
    let (mut sender, mut receiver) = pair(CFX[1], usual());
    let (sender, receiver) = (sender.export().unwrap(), receiver.export().unwrap());
    import(sender.as_ref(), receiver.as_ref()).unwrap();
    let whole = sender.as_ref();
    for length in 0..whole.len() {
        assert_eq!(code(import(&whole[..length], receiver.as_ref())), Code::InvalidToken);
        assert_eq!(code(import(receiver.as_ref(), &whole[..length])), Code::InvalidToken);
    }
    let mut foreign = whole.clone();
    foreign[2] = 99;
    assert_eq!(code(import(&foreign, receiver.as_ref())), Code::InvalidToken);
}
