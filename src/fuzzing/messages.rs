//! Protected messages: what was changed on its way is refused, what was not is taken.

#![forbid(unsafe_code)]

use std::ops::Range;

use super::input::{Edit, Input};
use crate::package::{Qop, Receiver, Sender};
use crate::part::Part;

/// The largest token of any package's message.
const LARGEST_TOKEN: usize = 256;

/// Bytes of a token that no checksum covers; none of NTLM's and RFC 4757's.
pub const ALL_COVERED: Range<usize> = 0..0;

/// A message goes from one half to the other, and the input says how it is changed.
///
/// Input: kind of message, edits, then the message itself.
pub fn tampered(halves: (Box<dyn Sender>, Box<dyn Receiver>), uncovered: &Range<usize>, data: &[u8]) {
    let (mut sender, mut receiver) = halves;
    let mut input = Input(data);
    let kind = input.byte();
    if kind & 0x80 != 0 {
        return foreign(&mut *receiver, kind, &mut input);
    }
    for _ in 0..2 {
        let edits = input.edits();
        let length = usize::from(input.byte());
        let plain = input.take(length);
        let arrived = one(&mut *sender, &mut *receiver, kind, uncovered, &edits, plain);
        if !arrived {
            break;
        }
    }
}

/// One message; answers whether it was taken, which has to be whether it arrived as it was sent.
fn one(
    sender: &mut dyn Sender,
    receiver: &mut dyn Receiver,
    kind: u8,
    uncovered: &Range<usize>,
    edits: &[Edit],
    plain: &[u8],
) -> bool {
    let mut data = plain.to_vec();
    let (mut token, mut padding) = ([0; LARGEST_TOKEN], [0; LARGEST_TOKEN]);
    let half = data.len() / 2;
    let qop = if kind & 4 != 0 { Qop::NoEncrypt } else { Qop::Encrypt };
    let (token_length, padding_length) = match kind & 3 {
        0 => {
            let length = sender.mic(&[Part::SignedOnly(plain)], &mut token);
            (length.expect("a signature can be made"), 0)
        }
        1 => {
            let (signed, sealed) = data.split_at_mut(half);
            let mut parts = [Part::SignedOnly(signed), Part::Sealed(sealed)];
            let wrapped = sender.wrap(&mut parts, &mut token, &mut padding, qop);
            let wrapped = wrapped.expect("a message can be protected");
            (wrapped.token, wrapped.padding)
        }
        _ => {
            let mut parts = [Part::Sealed(&mut data)];
            let wrapped = sender.wrap(&mut parts, &mut token, &mut padding, qop);
            let wrapped = wrapped.expect("a message can be protected");
            (wrapped.token, wrapped.padding)
        }
    };
    let mut wire = [&token[..token_length], &data, &padding[..padding_length]].concat();
    let sent = wire.clone();
    edits.iter().for_each(|edit| edit.apply(&mut wire));
    let untouched = wire == sent;
    let covered = |wire: &[u8]| {
        let mut wire = wire.to_vec();
        wire.iter_mut().take(uncovered.end).skip(uncovered.start).for_each(|byte| *byte = 0);
        wire
    };
    let covered_same = covered(&wire) == covered(&sent);
    let (token, rest) = wire.split_at_mut(token_length);
    let (data, padding) = rest.split_at_mut(plain.len());
    let taken = match kind & 3 {
        0 => receiver.verify(&[Part::SignedOnly(data)], token),
        1 => {
            let (signed, sealed) = data.split_at_mut(half);
            receiver.unwrap(&mut [Part::SignedOnly(signed), Part::Sealed(sealed)], token, padding).map(drop)
        }
        2 => receiver.unwrap(&mut [Part::Sealed(data)], token, padding).map(drop),
        _ => {
            let range = receiver.unwrap_stream(&mut wire);
            if let Ok((range, _)) = &range {
                assert_eq!(wire.get(range.clone()), Some(plain), "a stream gives another message");
            }
            range.map(drop)
        }
    };
    // What no checksum covers may be wrong and the message still what was sent.
    let right = if untouched { taken.is_ok() } else { taken.is_err() || covered_same };
    assert!(right, "changed: {}, taken: {taken:?}", !untouched);
    if taken.is_ok() && kind & 3 != 3 {
        let at = token_length..token_length.saturating_add(plain.len());
        assert_eq!(wire.get(at), Some(plain), "another message");
    }
    taken.is_ok()
}

/// A token that nobody made.
fn foreign(receiver: &mut dyn Receiver, kind: u8, input: &mut Input<'_>) {
    let length = usize::from(input.byte());
    let token = input.take(length);
    let mut data = input.0.to_vec();
    let taken = match kind & 3 {
        0 => receiver.verify(&[Part::SignedOnly(&data)], token),
        1 => receiver.unwrap_stream(&mut data).map(drop),
        2 => receiver.list_verify(&data.as_slice().into(), token),
        _ => receiver.unwrap(&mut [Part::Sealed(&mut data)], token, &[]).map(drop),
    };
    // A fuzzer sees what is compared: it does find the one token that is right.
    let _ = taken;
}

/// Each kind of message, untouched and changed.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for kind in 0..8 {
        seeds.push([&[kind, 0, 12][..], b"hello world!", &[1, 3, 0, 1, 5], b"again"].concat());
        seeds.push([&[kind, 1, 20, 0, 0x80, 12][..], b"hello world!"].concat());
    }
    for kind in 0x80..0x84 {
        seeds.push([&[kind, 16][..], &[1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0], b"data"].concat());
    }
    seeds
}
