//! A message where it lies: confounder, the caller's parts, tail; read and written in order.

#![forbid(unsafe_code)]

use zeroize::Zeroize;

use crate::part::Part;

/// The segments of a message. Its text is the confounder, the sealed parts and the tail.
pub(super) struct Segments<'m, 'p> {
    pub(super) confounder: &'m mut [u8; 16],
    pub(super) parts: &'m mut [Part<'p>],
    pub(super) tail: &'m mut [u8],
}

/// Where in the segments reading or writing has come to.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    segment: usize,
    offset: usize,
}

impl Segments<'_, '_> {
    /// A segment, and whether it is of the text; `None` behind the last.
    fn segment(&self, at: usize) -> Option<(&[u8], bool)> {
        let Some(part) = at.checked_sub(1) else { return Some((self.confounder, true)) };
        match self.parts.get(part) {
            Some(Part::Sealed(bytes)) => Some((bytes, true)),
            Some(Part::SignedOnly(bytes)) => Some((bytes, false)),
            None => (part == self.parts.len()).then_some((self.tail, true)),
        }
    }

    /// A segment to write to, empty where it is none of the text; `None` behind the last.
    fn text_segment(&mut self, at: usize) -> Option<&mut [u8]> {
        let Some(part) = at.checked_sub(1) else { return Some(self.confounder) };
        let last = part == self.parts.len();
        match self.parts.get_mut(part) {
            Some(Part::Sealed(bytes)) => Some(bytes),
            Some(Part::SignedOnly(_)) => Some(&mut []),
            None => last.then_some(self.tail),
        }
    }

    /// Whether all of it is text, and no more than `most` bytes.
    pub(super) fn is_short_text(&self, most: usize) -> bool {
        let mut length = self.tail.len().saturating_add(16);
        for part in self.parts.iter() {
            match part {
                Part::Sealed(bytes) => length = length.saturating_add(bytes.len()),
                Part::SignedOnly(_) => return false,
            }
        }
        length <= most
    }

    /// Whether nothing follows.
    pub(super) fn at_end(&self, place: &Place) -> bool {
        self.segment(place.segment).is_none()
    }

    /// The place behind the last segment.
    pub(super) fn end(&self) -> Place {
        Place { segment: self.parts.len().saturating_add(2), offset: 0 }
    }

    /// Hands `most` bytes from `place` on to `take`, with whether they are of the text, and moves
    /// `place` behind them; fewer where `until` comes before.
    #[inline]
    pub(super) fn read(
        &self,
        place: &mut Place,
        until: &Place,
        most: usize,
        mut take: impl FnMut(&[u8], bool),
    ) {
        let mut left = most;
        while let Some((bytes, sealed)) = self.segment(place.segment) {
            let here = place.segment == until.segment;
            let end = if here { until.offset } else { bytes.len() };
            let stretch = bytes.get(place.offset..end).unwrap_or_default();
            let Some(piece) = stretch.get(..left) else {
                take(stretch, sealed);
                left = left.saturating_sub(stretch.len());
                place.offset = place.offset.saturating_add(stretch.len());
                if here {
                    return;
                }
                *place = Place { segment: place.segment.saturating_add(1), offset: 0 };
                continue;
            };
            take(piece, sealed);
            place.offset = place.offset.saturating_add(left);
            return;
        }
    }

    /// Puts `bytes` into the text at `place` and moves it behind them.
    #[inline]
    pub(super) fn write(&mut self, place: &mut Place, bytes: &[u8]) {
        let mut left = bytes;
        while let Some(segment) = self.text_segment(place.segment) {
            let space = segment.get_mut(place.offset..).unwrap_or_default();
            if let Some(space) = space.get_mut(..left.len()) {
                space.copy_from_slice(left);
                place.offset = place.offset.saturating_add(left.len());
                return;
            }
            let (now, later) = left.split_at(space.len());
            space.copy_from_slice(now);
            left = later;
            *place = Place { segment: place.segment.saturating_add(1), offset: 0 };
        }
    }

    /// The parts and the tail, sealed or not, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = &[u8]> {
        let parts = self.parts.iter().map(Part::bytes);
        std::iter::once(&self.confounder[..]).chain(parts).chain(std::iter::once(&*self.tail))
    }

    /// Zeroes the text.
    pub(super) fn forget(&mut self) {
        self.confounder.as_mut_slice().zeroize();
        for part in self.parts.iter_mut() {
            if let Part::Sealed(bytes) = part {
                bytes.zeroize();
            }
        }
        self.tail.zeroize();
    }
}
