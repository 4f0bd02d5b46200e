//! A short list on the stack: filling it costs what is put in and nothing else.

use std::mem::{MaybeUninit, needs_drop};
use std::ops::{Deref, DerefMut};

/// The most entries that a list takes.
pub const MOST: usize = 64;

/// At most [`MOST`] values, in the order in which they were pushed.
pub struct Fixed<T> {
    items: [MaybeUninit<T>; MOST],
    len: usize,
}

impl<T> Fixed<T> {
    pub fn new() -> Self {
        const { assert!(!needs_drop::<T>()) };
        Self { items: [const { MaybeUninit::uninit() }; MOST], len: 0 }
    }

    /// Appends; answers `false`, and drops the value, when the list is full.
    pub fn push(&mut self, item: T) -> bool {
        let Some(place) = self.items.get_mut(self.len) else { return false };
        place.write(item);
        self.len += 1;
        true
    }
}

impl<T> Deref for Fixed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the first `len` items were written by `push`.
        unsafe { std::slice::from_raw_parts(self.items.as_ptr().cast(), self.len) }
    }
}

impl<T> DerefMut for Fixed<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: the first `len` items were written by `push`.
        unsafe { std::slice::from_raw_parts_mut(self.items.as_mut_ptr().cast(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_order_and_its_bound() {
        let mut list = Fixed::new();
        assert!(list.is_empty());
        assert!((0..MOST).all(|item| list.push(item)));
        assert!(!list.push(MOST));
        assert!(list.iter().copied().eq(0..MOST));
        list[1] = 7;
        assert_eq!(list[1], 7);
    }
}
