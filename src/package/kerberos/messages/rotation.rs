//! Turning what lies in several places, as if it were one piece (RFC 4121 4.2.5, RRC).

#![forbid(unsafe_code)]

use crate::part::Part;

/// Bytes of the parts that travel sealed; `None` for an impossible sum.
pub fn sealed_length(parts: &[Part<'_>]) -> Option<usize> {
    let lengths = parts.iter().map(|part| match part {
        Part::Sealed(bytes) => bytes.len(),
        Part::SignedOnly(_) => 0,
    });
    lengths.into_iter().try_fold(0usize, usize::checked_add)
}

/// Turns `head` and the sealed parts, `total` bytes one behind the other, left by `count`.
///
/// `count` is at most `total`. Slow, and seldom needed: for tokens that were divided elsewhere than
/// their sender divides them.
pub fn turn_left(head: &mut [u8], parts: &mut [Part<'_>], total: usize, count: usize) {
    if count == 0 || count >= total {
        return;
    }
    reverse(head, parts, 0, total.saturating_sub(count));
    reverse(head, parts, count, 0);
    reverse(head, parts, 0, 0);
}

/// Reverses all but the first `before` and the last `after` bytes.
fn reverse(head: &mut [u8], parts: &mut [Part<'_>], before: usize, after: usize) {
    let sealed = parts.iter_mut().filter_map(|part| match part {
        Part::Sealed(bytes) => Some(&mut **bytes),
        Part::SignedOnly(_) => None,
    });
    let mut bytes = head.iter_mut().chain(sealed.flatten());
    bytes.by_ref().take(before).for_each(drop);
    bytes.by_ref().rev().take(after).for_each(drop);
    while let (Some(low), Some(high)) = (bytes.next(), bytes.next_back()) {
        std::mem::swap(low, high);
    }
}
