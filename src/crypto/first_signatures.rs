//! The first signature of either direction of an NTLM context over the same bytes (MS-NLMP 3.4.4.2), both
//! at once.
//!
//! Each takes eight compressions of MD5 and a key schedule of RC4. The compressions of both directions run
//! in lanes side by side, and both key schedules between their steps.

#![forbid(unsafe_code)]

use zeroize::{Zeroize, Zeroizing};

use super::md5;
use super::md5_lanes::{Beside, States};
use super::rc4::{Exchanges, TwoSchedules};

/// What the session key is hashed with to become a direction's SIGNKEY and SEALKEY.
pub type Magic = [&'static [u8; 59]; 2];

/// HMAC-MD5 of sequence number 0 and `bytes`, and what the key stream begins with, for each direction.
pub fn first_signatures(
    session_key: &[u8; 16],
    magics: [Magic; 2],
    bytes: &[u8],
) -> [([u8; 16], [u8; 8]); 2] {
    let keys = message_keys(session_key, magics);
    let [sign_one, seal_one, sign_other, seal_other] = &*keys;
    let mut schedules = TwoSchedules::new([seal_one, seal_other]);

    let mut states = States::new();
    let mut pads = [(sign_one, 0x36), (sign_one, 0x5c), (sign_other, 0x36), (sign_other, 0x5c)].map(padded);
    compress(&mut states, pads.each_ref(), &mut schedules);
    pads.as_flattened_mut().zeroize();
    let mut keyed = Zeroizing::new(states.each());
    let [inner_one, outer_one, inner_other, outer_other] = &*keyed;

    states = States::of([inner_one, inner_other, inner_one, inner_other]);
    each_block(bytes, |block| compress(&mut states, [block; 4], &mut schedules));
    let [inner_one, inner_other, ..] = states.each().map(|state| inner_digest(&state));
    states = States::of([outer_one, outer_other, outer_one, outer_other]);
    compress(&mut states, [&inner_one, &inner_other, &inner_one, &inner_other], &mut schedules);
    let [one, other, ..] = states.each().map(|state| md5::to_bytes(&state));
    states.zeroize();
    keyed.as_flattened_mut().zeroize();
    let [stream_one, stream_other] = schedules.first_eight();
    [(one, stream_one), (other, stream_other)]
}

/// SIGNKEY and SEALKEY of one direction, then of the other.
fn message_keys(session_key: &[u8; 16], magics: [Magic; 2]) -> Zeroizing<[[u8; 16]; 4]> {
    let [[a, b], [c, d]] = magics;
    let mut messages = [a, b, c, d].map(|magic| md5::padded(session_key, magic));
    let mut states = States::new();
    for block in 0..2 {
        states.compress_alone(messages.each_ref().map(|message| &message.as_chunks().0[block]));
    }
    messages.as_flattened_mut().zeroize();
    let keys = Zeroizing::new(states.each().map(|state| md5::to_bytes(&state)));
    states.zeroize();
    keys
}

/// A key's block of HMAC.
fn padded((key, pad): (&[u8; 16], u8)) -> [u8; 64] {
    let mut block = [pad; 64];
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    block
}

/// The blocks of the inner digest behind the key's: sequence number 0, the bytes, MD5's padding.
fn each_block(bytes: &[u8], mut compress: impl FnMut(&[u8; 64])) {
    let bits = (64 + 4 + bytes.len() as u64).wrapping_mul(8);
    let (mut rest, mut start, mut marked) = (bytes, 4, false);
    loop {
        let mut block = [0; 64];
        let (head, tail) = rest.split_at(rest.len().min(64 - start));
        let end = start + head.len();
        block[start..end].copy_from_slice(head);
        if end < 64 && !marked {
            block[end] = 0x80;
            marked = true;
        }
        let last = marked && end < 56;
        if let (true, Some(length)) = (last, block.last_chunk_mut()) {
            *length = bits.to_le_bytes();
        }
        compress(&block);
        if last {
            return;
        }
        (rest, start) = (tail, 0);
    }
}

/// The outer digest's last block.
fn inner_digest(state: &[u32; 4]) -> [u8; 64] {
    let mut block = [0; 64];
    block[..16].copy_from_slice(&md5::to_bytes(state));
    block[16] = 0x80;
    block[56..].copy_from_slice(&(8 * (64 + 16u64)).to_le_bytes());
    block
}

impl Beside for Exchanges<'_> {
    #[inline(always)]
    fn in_four(&mut self, n: usize) {
        self.four(n);
    }
}

/// Compresses a block in each lane and makes a quarter of both key schedules, as long as they last.
#[inline(never)]
fn compress(states: &mut States, blocks: [&[u8; 64]; 4], schedules: &mut TwoSchedules) {
    let beside = schedules.quarter(|exchanges| states.compress(blocks, exchanges));
    if !beside {
        states.compress_alone(blocks);
    }
}
