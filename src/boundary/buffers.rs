//! SecBufferDesc, read once. Bounds, NULLs, duplicates and overlaps are settled on the copy, before
//! any slice of the caller's memory exists.

use std::borrow::Cow;
use std::ffi::c_void;

use crate::abi::{
    SECBUFFER_ATTRMASK, SECBUFFER_CHANNEL_BINDINGS, SECBUFFER_CHANNEL_BINDINGS_RESULT, SECBUFFER_TOKEN,
    SECBUFFER_VERSION, SecBuffer, SecBufferDesc, names,
};
use crate::boundary::bindings;
use crate::boundary::blocks::{self, Block};
use crate::boundary::fixed::Fixed;
use crate::error::{Code, Error, Result};
use crate::store::bindings::ChannelBindings;

pub(super) fn bad_buffers(reason: &'static str) -> Error {
    Error::new(Code::InvalidToken, reason)
}

/// One SecBuffer as it was when the call began, and where the caller keeps it.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// BufferType without its attributes.
    pub kind: u32,
    /// The bits of SECBUFFER_ATTRMASK.
    pub attributes: u32,
    pub start: *mut u8,
    pub len: usize,
    pub place: *mut SecBuffer,
}

impl Entry {
    /// Memory was promised, but there is none, or it does not fit the address space.
    fn check(&self) -> Result<()> {
        let missing = self.start.is_null() && self.len > 0;
        let wraps = (self.start as usize).checked_add(self.len).is_none() || self.len > isize::MAX as usize;
        if missing || wraps { Err(bad_buffers("a buffer without its memory")) } else { Ok(()) }
    }

    pub fn overlaps(&self, other: &Entry) -> bool {
        let (a, b) = (self.start as usize, other.start as usize);
        self.len > 0 && other.len > 0 && a < b.saturating_add(other.len) && b < a.saturating_add(self.len)
    }

    /// The bytes for reading.
    ///
    /// # Safety
    /// The caller of the library promises `len` readable bytes; nothing writes to them meanwhile.
    pub unsafe fn bytes<'a>(&self) -> Result<&'a [u8]> {
        self.check()?;
        if self.len == 0 {
            return Ok(&[]);
        }
        // SAFETY: `check` saw a pointer and a length that fits; the rest is promised.
        Ok(unsafe { std::slice::from_raw_parts(self.start, self.len) })
    }

    /// The bytes for writing.
    ///
    /// # Safety
    /// The caller of the library promises `len` writable bytes; nothing else reads or writes them
    /// meanwhile: overlaps were ruled out.
    pub unsafe fn bytes_mut<'a>(&self) -> Result<&'a mut [u8]> {
        self.check()?;
        if self.len == 0 {
            return Ok(&mut []);
        }
        // SAFETY: `check` saw a pointer and a length that fits; the rest is promised.
        Ok(unsafe { std::slice::from_raw_parts_mut(self.start, self.len) })
    }

    /// Tells the caller how much of the buffer is used.
    ///
    /// # Safety
    /// The caller's array of buffers is still there and writable.
    pub unsafe fn set_len(&self, len: usize) {
        // SAFETY: `place` was computed from the caller's array, which it promises to be writable.
        // A length never exceeds the u32 that it came from, or that was checked.
        unsafe { (&raw mut (*self.place).cbBuffer).write_unaligned(len as u32) };
    }

    /// Points the caller's buffer somewhere else.
    ///
    /// # Safety
    /// The caller's array of buffers is still there and writable.
    pub unsafe fn set_start(&self, start: *mut c_void) {
        // SAFETY: as for `set_len`.
        unsafe { (&raw mut (*self.place).pvBuffer).write_unaligned(start) };
    }
}

/// Reads a descriptor and its array, once; NULL is an empty one.
///
/// # Safety
/// `descriptor` is NULL or points at a SecBufferDesc whose array has cBuffers entries.
pub(super) unsafe fn read(descriptor: *const SecBufferDesc, list: &mut Fixed<Entry>) -> Result<()> {
    if descriptor.is_null() {
        return Ok(());
    }
    // SAFETY: not NULL, and promised to be a descriptor.
    let descriptor = unsafe { descriptor.read_unaligned() };
    let count = descriptor.cBuffers as usize;
    if descriptor.ulVersion != SECBUFFER_VERSION {
        return Err(bad_buffers("ulVersion is not SECBUFFER_VERSION"));
    }
    if count > super::fixed::MOST || (count > 0 && descriptor.pBuffers.is_null()) {
        return Err(bad_buffers("cBuffers and pBuffers do not go together"));
    }
    for index in 0..count {
        let place = descriptor.pBuffers.wrapping_add(index);
        // SAFETY: the array has `count` entries.
        let buffer = unsafe { place.read_unaligned() };
        list.push(Entry {
            kind: buffer.BufferType & !SECBUFFER_ATTRMASK,
            attributes: buffer.BufferType & SECBUFFER_ATTRMASK,
            start: buffer.pvBuffer.cast(),
            len: buffer.cbBuffer as usize,
            place,
        });
    }
    Ok(())
}

/// A descriptor in words: the types and sizes of its buffers.
///
/// # Safety
/// As for [`read`].
pub unsafe fn describe(descriptor: *const SecBufferDesc) -> String {
    let mut list = Fixed::new();
    // SAFETY: promised by the caller.
    if let Err(error) = unsafe { read(descriptor, &mut list) } {
        return format!("[{}]", error.reason);
    }
    let described = list.iter().map(|entry| {
        let kind = names::name(names::BUFFER_TYPES, entry.kind);
        let kind = kind.trim_start_matches("SECBUFFER_");
        match entry.attributes {
            0 => format!("{kind} {}", entry.len),
            set => {
                format!("{kind}|{} {}", names::flags(names::BUFFER_ATTRIBUTES, "SECBUFFER_", set), entry.len)
            }
        }
    });
    format!("[{}]", described.collect::<Vec<_>>().join(", "))
}

/// The only buffer of that kind; two are a mistake that nobody should guess about.
pub(super) fn only(list: &[Entry], kind: u32) -> Result<Option<Entry>> {
    let mut found = list.iter().filter(|entry| entry.kind == kind).copied();
    match (found.next(), found.next()) {
        (first, None) => Ok(first),
        _ => Err(bad_buffers("two buffers of a kind that there is one of")),
    }
}

/// What a caller brings to a leg of an authentication.
pub struct Input<'a> {
    /// The peer's token; `None` for no SECBUFFER_TOKEN and for an empty one.
    pub token: Option<Cow<'a, [u8]>>,
    bindings: Option<Cow<'a, [u8]>>,
}

impl Input<'_> {
    /// Reads pInput. What lies where `output` is going to be written is copied.
    ///
    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose memory stays as it is until the input is dropped.
    pub unsafe fn read(descriptor: *const SecBufferDesc, output: &Output) -> Result<Self> {
        let mut list = Fixed::new();
        // SAFETY: promised by the caller.
        unsafe { read(descriptor, &mut list) }?;
        // SAFETY: promised by the caller.
        let token = unsafe { output.apart(only(&list, SECBUFFER_TOKEN)?) }?;
        // SAFETY: promised by the caller.
        let bindings = unsafe { output.apart(only(&list, SECBUFFER_CHANNEL_BINDINGS)?) }?;
        Ok(Self { token, bindings })
    }

    /// The channel bindings, their offsets and lengths checked.
    pub fn bindings(&self) -> Result<Option<ChannelBindings<'_>>> {
        self.bindings.as_deref().map(bindings::parse).transpose()
    }
}

/// Where a caller wants the token of a leg.
pub struct Output {
    token: Option<Entry>,
    verdict: Option<Entry>,
    allocate: bool,
    allocated: bool,
}

impl Output {
    /// Reads pOutput; `allocate` is ISC_REQ_ALLOCATE_MEMORY or ASC_REQ_ALLOCATE_MEMORY.
    ///
    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose array and memory stay until the output is dropped.
    pub unsafe fn read(descriptor: *const SecBufferDesc, allocate: bool) -> Result<Self> {
        let mut list = Fixed::new();
        // SAFETY: promised by the caller.
        unsafe { read(descriptor, &mut list) }?;
        let verdict = only(&list, SECBUFFER_CHANNEL_BINDINGS_RESULT)?;
        Ok(Self { token: only(&list, SECBUFFER_TOKEN)?, verdict, allocate, allocated: false })
    }

    /// Hands the leg's token over, or says that there is none. Nothing is written when this fails.
    ///
    /// The order of the answers is what Windows was measured to give: no place at all and too small
    /// a place are SEC_E_BUFFER_TOO_SMALL, a place without memory is SEC_E_INTERNAL_ERROR.
    pub fn deliver(&mut self, token: Option<&[u8]>) -> Result<()> {
        let token = token.unwrap_or_default();
        match self.token {
            Some(entry) if self.allocate => {
                hand_over(&entry, token)?;
                self.allocated = !token.is_empty();
                Ok(())
            }
            Some(entry) => copy_over(&entry, token),
            None if token.is_empty() => Ok(()),
            None => Err(Error::new(Code::BufferTooSmall, "no SECBUFFER_TOKEN for the token")),
        }
    }

    /// Whether the token is a block that the caller has to free.
    pub fn allocated(&self) -> bool {
        self.allocated
    }

    /// Takes the token back: the call fails after all.
    pub fn withdraw(&mut self) {
        if let Some(entry) = self.token.filter(|_| !self.allocate) {
            // SAFETY: the caller's array of buffers is there for the whole call.
            unsafe { entry.set_len(entry.len) };
        }
        if let Some(entry) = self.token.filter(|_| self.allocated) {
            // SAFETY: the caller's array of buffers is there for the whole call, and `deliver` put a
            // block of ours there.
            let block = unsafe { (&raw const (*entry.place).pvBuffer).read_unaligned() };
            let _ = blocks::free(block);
            let _ = hand_over(&entry, &[]);
            self.allocated = false;
        }
    }

    /// SECBUFFER_CHANNEL_BINDINGS_RESULT, if the caller asked for it.
    pub fn tell_verdict(&self, flags: u32) {
        let wide_enough = |entry: &Entry| !entry.start.is_null() && entry.len >= size_of::<u32>();
        if let Some(entry) = self.verdict.filter(wide_enough) {
            // SAFETY: the caller promises `len` writable bytes there, and these are enough.
            unsafe {
                entry.start.cast::<u32>().write_unaligned(flags);
                entry.set_len(size_of::<u32>());
            }
        }
    }

    /// The bytes of an input buffer, copied when `deliver` would write into them.
    ///
    /// # Safety
    /// As [`Entry::bytes`], but for what `deliver` writes.
    unsafe fn apart<'a>(&self, input: Option<Entry>) -> Result<Option<Cow<'a, [u8]>>> {
        let Some(input) = input.filter(|input| input.len > 0) else { return Ok(None) };
        // SAFETY: promised by the caller, and a copy is made before anything is written.
        let bytes = unsafe { input.bytes() }?;
        let written = |entry: &Entry| {
            let place = Entry { start: entry.place.cast(), len: size_of::<SecBuffer>(), ..*entry };
            input.overlaps(entry) || input.overlaps(&place)
        };
        if !self.token.is_some_and(|entry| written(&entry)) {
            return Ok(Some(Cow::Borrowed(bytes)));
        }
        let mut copy = Vec::new();
        let reserved = copy.try_reserve_exact(bytes.len());
        reserved.map_err(|_| Error::new(Code::InsufficientMemory, "no memory for a copy of the token"))?;
        copy.extend_from_slice(bytes);
        Ok(Some(Cow::Owned(copy)))
    }
}

/// The token as a block of ours: whatever pvBuffer held before is the caller's business.
fn hand_over(entry: &Entry, token: &[u8]) -> Result<()> {
    let block = match token {
        [] => std::ptr::null_mut(),
        token => Block::of(token)?.release(),
    };
    // SAFETY: the caller's array of buffers is there for the whole call.
    unsafe {
        entry.set_start(block);
        entry.set_len(token.len());
    }
    Ok(())
}

/// The token into the caller's memory.
fn copy_over(entry: &Entry, token: &[u8]) -> Result<()> {
    if !token.is_empty() && entry.len > 0 && entry.start.is_null() {
        return Err(Error::new(Code::InternalError, "SECBUFFER_TOKEN has a size and no memory"));
    }
    if token.len() > entry.len {
        return Err(Error::new(Code::BufferTooSmall, "the token does not fit"));
    }
    // SAFETY: the caller promises `len` writable bytes, no fewer than the token has; the token lies
    // in memory of ours, or was copied there. With an empty token nothing is copied.
    unsafe {
        if !token.is_empty() {
            std::ptr::copy_nonoverlapping(token.as_ptr(), entry.start, token.len());
        }
        entry.set_len(token.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{SECBUFFER_DATA, SECBUFFER_EMPTY};

    fn buffer(kind: u32, bytes: &mut [u8]) -> SecBuffer {
        SecBuffer { cbBuffer: bytes.len() as u32, BufferType: kind, pvBuffer: bytes.as_mut_ptr().cast() }
    }

    fn none(kind: u32, len: u32) -> SecBuffer {
        SecBuffer { cbBuffer: len, BufferType: kind, pvBuffer: std::ptr::null_mut() }
    }

    fn describe(buffers: &mut [SecBuffer]) -> SecBufferDesc {
        SecBufferDesc { ulVersion: 0, cBuffers: buffers.len() as u32, pBuffers: buffers.as_mut_ptr() }
    }

    fn output(buffers: &mut [SecBuffer], allocate: bool) -> Result<Output> {
        // SAFETY: a descriptor of live buffers.
        unsafe { Output::read(&describe(buffers), allocate) }
    }

    fn code<T>(result: Result<T>) -> Option<Code> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn a_descriptor_is_checked_before_it_is_followed() {
        let mut buffers = [none(SECBUFFER_EMPTY, 0)];
        let good = describe(&mut buffers);
        let bad = [
            SecBufferDesc { ulVersion: 1, ..good },
            SecBufferDesc { cBuffers: 65, ..good },
            SecBufferDesc { cBuffers: u32::MAX, ..good },
            SecBufferDesc { pBuffers: std::ptr::null_mut(), ..good },
        ];
        let list = &mut Fixed::new();
        // SAFETY: a descriptor of one live buffer.
        unsafe { read(&good, list) }.unwrap();
        assert_eq!(list.len(), 1);
        for descriptor in bad {
            // SAFETY: a descriptor that is refused before its array is read.
            assert_eq!(code(unsafe { read(&descriptor, list) }), Some(Code::InvalidToken));
        }
        // SAFETY: NULL is allowed.
        unsafe { read(std::ptr::null(), list) }.unwrap();
    }

    #[test]
    fn input_takes_one_token_and_ignores_what_it_does_not_know() {
        let (mut token, mut other) = (*b"token", *b"other");
        let mut buffers =
            [buffer(SECBUFFER_DATA, &mut other), buffer(SECBUFFER_TOKEN, &mut token), none(77, 3)];
        let nowhere = output(&mut [], false).unwrap();
        // SAFETY: a descriptor of live buffers.
        let input = unsafe { Input::read(&describe(&mut buffers), &nowhere) }.unwrap();
        assert_eq!(input.token.as_deref(), Some(&b"token"[..]));
        assert!(input.bindings().unwrap().is_none());
        buffers[0].BufferType = SECBUFFER_TOKEN;
        // SAFETY: a descriptor of live buffers.
        assert_eq!(code(unsafe { Input::read(&describe(&mut buffers), &nowhere) }), Some(Code::InvalidToken));
        let mut missing = [none(SECBUFFER_TOKEN, 5)];
        // SAFETY: a descriptor of live buffers.
        assert_eq!(code(unsafe { Input::read(&describe(&mut missing), &nowhere) }), Some(Code::InvalidToken));
    }

    #[test]
    fn a_token_goes_into_the_callers_memory_if_it_fits() {
        let mut room = [0xAA_u8; 4];
        let mut buffers = [none(SECBUFFER_EMPTY, 0), buffer(SECBUFFER_TOKEN, &mut room)];
        assert_eq!(
            code(output(&mut buffers, false).unwrap().deliver(Some(b"12345"))),
            Some(Code::BufferTooSmall)
        );
        assert_eq!((buffers[1].cbBuffer, room), (4, [0xAA; 4]));
        output(&mut buffers, false).unwrap().deliver(Some(b"123")).unwrap();
        assert_eq!((buffers[1].cbBuffer, room), (3, *b"123\xAA"));
        output(&mut buffers, false).unwrap().deliver(None).unwrap();
        assert_eq!(buffers[1].cbBuffer, 0);
    }

    #[test]
    fn no_place_for_a_token() {
        assert_eq!(code(output(&mut [], false).unwrap().deliver(Some(b"1"))), Some(Code::BufferTooSmall));
        assert_eq!(code(output(&mut [], true).unwrap().deliver(Some(b"1"))), Some(Code::BufferTooSmall));
        assert_eq!(code(output(&mut [], false).unwrap().deliver(None)), None);
        let mut sized = [none(SECBUFFER_TOKEN, 8)];
        assert_eq!(code(output(&mut sized, false).unwrap().deliver(Some(b"1"))), Some(Code::InternalError));
        let mut empty = [none(SECBUFFER_TOKEN, 0)];
        assert_eq!(code(output(&mut empty, false).unwrap().deliver(Some(b"1"))), Some(Code::BufferTooSmall));
        assert_eq!((empty[0].cbBuffer, empty[0].pvBuffer.is_null()), (0, true));
    }

    #[test]
    fn an_allocated_token_is_a_block_of_ours() {
        let mut buffers = [none(SECBUFFER_TOKEN, 9)];
        buffers[0].pvBuffer = 8 as *mut c_void;
        output(&mut buffers, true).unwrap().deliver(Some(b"12345")).unwrap();
        assert_eq!((buffers[0].cbBuffer, blocks::length(buffers[0].pvBuffer)), (5, Some(5)));
        blocks::free(buffers[0].pvBuffer).unwrap();
        output(&mut buffers, true).unwrap().deliver(None).unwrap();
        assert_eq!((buffers[0].cbBuffer, buffers[0].pvBuffer.is_null()), (0, true));
        let mut withdrawn = output(&mut buffers, true).unwrap();
        withdrawn.deliver(Some(b"12345")).unwrap();
        assert!(withdrawn.allocated());
        withdrawn.withdraw();
        assert_eq!((buffers[0].cbBuffer, buffers[0].pvBuffer.is_null()), (0, true));
    }

    #[test]
    fn a_withdrawn_token_leaves_the_buffer_its_size() {
        let mut room = [0_u8; 9];
        let mut buffers = [buffer(SECBUFFER_TOKEN, &mut room)];
        let mut withdrawn = output(&mut buffers, false).unwrap();
        withdrawn.deliver(Some(b"12345")).unwrap();
        assert_eq!(buffers[0].cbBuffer, 5);
        withdrawn.withdraw();
        assert_eq!(buffers[0].cbBuffer, 9);
    }

    #[test]
    fn an_input_token_that_lies_in_the_output_is_copied() {
        let mut shared = *b"challenge";
        let mut incoming = [buffer(SECBUFFER_TOKEN, &mut shared)];
        let mut outgoing = [buffer(SECBUFFER_TOKEN, &mut shared[2..])];
        let mut output = output(&mut outgoing, false).unwrap();
        // SAFETY: a descriptor of live buffers.
        let input = unsafe { Input::read(&describe(&mut incoming), &output) }.unwrap();
        output.deliver(Some(b"answer")).unwrap();
        assert_eq!(input.token.as_deref(), Some(&b"challenge"[..]));
        assert_eq!(&shared, b"chanswere");
    }

    #[test]
    fn the_verdict_on_bindings_is_told_where_it_was_asked_for() {
        let mut room = [0_u8; 4];
        let mut buffers = [buffer(SECBUFFER_CHANNEL_BINDINGS_RESULT, &mut room)];
        output(&mut buffers, false).unwrap().tell_verdict(0x10);
        assert_eq!(room, 0x10_u32.to_ne_bytes());
    }
}
