//! The buffers of a message: found by type, whatever their order, and worked on in place without
//! allocating.

use std::ops::Range;

use crate::abi::{
    SECBUFFER_DATA, SECBUFFER_PADDING, SECBUFFER_READONLY, SECBUFFER_READONLY_WITH_CHECKSUM,
    SECBUFFER_STREAM, SECBUFFER_TOKEN, SecBufferDesc,
};
use crate::boundary::buffers::{self, Entry, bad_buffers};
use crate::boundary::fixed::Fixed;
use crate::boundary::places::required;
use crate::error::Result;
use crate::part::Part;

/// What is done with the caller's memory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// EncryptMessage: data, token and padding are written.
    Seal,
    /// MakeSignature: only the token is written.
    Sign,
    /// DecryptMessage: only data is written.
    Open,
    /// VerifySignature: nothing is written.
    Verify,
}

/// Where a message's buffers are listed: on the caller's stack, and never moved.
pub struct Workspace<'a> {
    entries: Fixed<Entry>,
    parts: Fixed<Part<'a>>,
}

/// EncryptMessage and MakeSignature.
pub struct Outgoing<'s, 'a> {
    pub parts: &'s mut [Part<'a>],
    pub token: &'a mut [u8],
    pub padding: &'a mut [u8],
    token_entry: Entry,
    padding_entry: Option<Entry>,
}

/// DecryptMessage and VerifySignature with a token of its own.
pub struct Incoming<'s, 'a> {
    pub parts: &'s mut [Part<'a>],
    pub token: &'a [u8],
    pub padding: &'a [u8],
}

/// DecryptMessage with SECBUFFER_STREAM: token and data in one piece.
pub struct Stream<'a> {
    pub bytes: &'a mut [u8],
    stream_entry: Entry,
    data_entry: Entry,
}

/// What DecryptMessage was given.
pub enum Open<'s, 'a> {
    Parts(Incoming<'s, 'a>),
    Stream(Stream<'a>),
}

/// The buffers that there is one of, and how many there are of data.
#[derive(Default)]
struct Sorted {
    token: Option<Entry>,
    padding: Option<Entry>,
    stream: Option<Entry>,
    data: usize,
}

impl<'a> Workspace<'a> {
    #[inline]
    pub fn new() -> Self {
        Self { entries: Fixed::new(), parts: Fixed::new() }
    }

    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose array has cBuffers entries.
    unsafe fn read(&mut self, descriptor: *const SecBufferDesc) -> Result<Sorted> {
        required(descriptor)?;
        // SAFETY: promised by the caller.
        unsafe { buffers::read(descriptor, &mut self.entries) }?;
        let mut sorted = Sorted::default();
        for entry in self.entries.iter() {
            let place = match entry.kind {
                SECBUFFER_TOKEN => &mut sorted.token,
                SECBUFFER_PADDING => &mut sorted.padding,
                SECBUFFER_STREAM => &mut sorted.stream,
                SECBUFFER_DATA => {
                    sorted.data += 1;
                    continue;
                }
                _ => continue,
            };
            if place.replace(*entry).is_some() {
                return Err(bad_buffers("two buffers of a kind that there is one of"));
            }
        }
        Ok(sorted)
    }

    fn data(&self) -> impl Iterator<Item = &Entry> + Clone {
        self.entries.iter().filter(|entry| entry.kind == SECBUFFER_DATA)
    }

    /// What is written shares no byte with anything else.
    fn check_overlaps(&self, sorted: &Sorted, purpose: Purpose) -> Result<()> {
        let written_rest = matches!(purpose, Purpose::Seal | Purpose::Sign);
        let mut later = self.data();
        while let Some(one) = later.next() {
            let writes = writes_data(one, purpose);
            let clash = |other: &Entry| (writes || writes_data(other, purpose)) && one.overlaps(other);
            let mut rest = sorted.token.iter().chain(&sorted.padding);
            if later.clone().any(clash) || rest.any(|other| (writes || written_rest) && one.overlaps(other)) {
                return Err(bad_buffers("buffers overlap"));
            }
        }
        match (sorted.token, sorted.padding) {
            (Some(token), Some(padding)) if written_rest && token.overlaps(&padding) => {
                Err(bad_buffers("buffers overlap"))
            }
            _ => Ok(()),
        }
    }

    /// Makes the parts of the message.
    ///
    /// # Safety
    /// The data buffers' memory is there for as long as the parts are, and overlaps were ruled out.
    unsafe fn fill(&mut self, purpose: Purpose) -> Result<()> {
        for entry in self.entries.iter().filter(|entry| entry.kind == SECBUFFER_DATA) {
            // SAFETY: promised by the caller; only what nothing else touches is made writable.
            self.parts.push(match writes_data(entry, purpose) {
                true => Part::Sealed(unsafe { entry.bytes_mut() }?),
                false => Part::SignedOnly(unsafe { entry.bytes() }?),
            });
        }
        Ok(())
    }
}

impl Sorted {
    fn token(&self) -> Result<Entry> {
        self.token.ok_or_else(|| bad_buffers("no SECBUFFER_TOKEN"))
    }
}

fn read_only(entry: &Entry) -> bool {
    entry.attributes & (SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM) != 0
}

fn writes_data(entry: &Entry, purpose: Purpose) -> bool {
    matches!(purpose, Purpose::Seal | Purpose::Open) && !read_only(entry)
}

impl<'s, 'a> Outgoing<'s, 'a> {
    /// The buffers of EncryptMessage: SECBUFFER_TOKEN, SECBUFFER_DATA and perhaps SECBUFFER_PADDING.
    ///
    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose array and memory are there until this is dropped.
    pub unsafe fn seal(space: &'s mut Workspace<'a>, descriptor: *const SecBufferDesc) -> Result<Self> {
        // SAFETY: promised by the caller.
        unsafe { Self::read(space, descriptor, Purpose::Seal) }
    }

    /// The buffers of MakeSignature: SECBUFFER_TOKEN and the data, which is only read.
    ///
    /// # Safety
    /// As [`Outgoing::seal`].
    pub unsafe fn sign(space: &'s mut Workspace<'a>, descriptor: *const SecBufferDesc) -> Result<Self> {
        // SAFETY: promised by the caller.
        unsafe { Self::read(space, descriptor, Purpose::Sign) }
    }

    /// # Safety
    /// As [`Outgoing::seal`].
    unsafe fn read(
        space: &'s mut Workspace<'a>,
        descriptor: *const SecBufferDesc,
        purpose: Purpose,
    ) -> Result<Self> {
        // SAFETY: promised by the caller.
        let mut sorted = unsafe { space.read(descriptor) }?;
        if purpose == Purpose::Sign {
            sorted.padding = None;
        }
        let token_entry = sorted.token()?;
        if read_only(&token_entry) || sorted.padding.is_some_and(|padding| read_only(&padding)) {
            return Err(bad_buffers("a token or padding that is read-only"));
        }
        if purpose == Purpose::Seal && sorted.data == 0 {
            return Err(bad_buffers("no SECBUFFER_DATA"));
        }
        space.check_overlaps(&sorted, purpose)?;
        // SAFETY: promised by the caller, and overlaps were ruled out.
        unsafe {
            space.fill(purpose)?;
            Ok(Self {
                parts: &mut space.parts,
                token: token_entry.bytes_mut()?,
                padding: sorted.padding.map_or(Ok(&mut [][..]), |padding| padding.bytes_mut())?,
                token_entry,
                padding_entry: sorted.padding,
            })
        }
    }

    /// Tells the caller how much of the token and of the padding is used.
    pub fn used(self, token: usize, padding: usize) {
        // SAFETY: the caller's array is there for the whole call, and the slices are used no more.
        unsafe {
            self.token_entry.set_len(token);
            if let Some(entry) = self.padding_entry {
                entry.set_len(padding);
            }
        }
    }
}

impl<'s, 'a> Incoming<'s, 'a> {
    /// The buffers of VerifySignature; nothing in them is written.
    ///
    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose array and memory are there until this is dropped.
    pub unsafe fn verify(space: &'s mut Workspace<'a>, descriptor: *const SecBufferDesc) -> Result<Self> {
        // SAFETY: promised by the caller.
        unsafe {
            let sorted = space.read(descriptor)?;
            Self::sorted(space, &sorted, Purpose::Verify)
        }
    }

    /// # Safety
    /// The buffers' memory is there until this is dropped.
    unsafe fn sorted(space: &'s mut Workspace<'a>, sorted: &Sorted, purpose: Purpose) -> Result<Self> {
        let token = sorted.token()?;
        space.check_overlaps(sorted, purpose)?;
        // SAFETY: promised by the caller, and overlaps were ruled out.
        unsafe {
            space.fill(purpose)?;
            Ok(Self {
                parts: &mut space.parts,
                token: token.bytes()?,
                padding: sorted.padding.map_or(Ok(&[][..]), |padding| padding.bytes())?,
            })
        }
    }
}

impl<'s, 'a> Open<'s, 'a> {
    /// The buffers of DecryptMessage: SECBUFFER_TOKEN and SECBUFFER_DATA (and SECBUFFER_PADDING), or
    /// SECBUFFER_STREAM and one SECBUFFER_DATA that is pointed into it.
    ///
    /// # Safety
    /// `descriptor` is NULL or a SecBufferDesc whose array and memory are there until this is dropped.
    pub unsafe fn read(space: &'s mut Workspace<'a>, descriptor: *const SecBufferDesc) -> Result<Self> {
        // SAFETY: promised by the caller.
        let sorted = unsafe { space.read(descriptor) }?;
        let first = space.data().next().copied().ok_or_else(|| bad_buffers("no SECBUFFER_DATA"))?;
        let Some(stream) = sorted.stream else {
            // SAFETY: promised by the caller.
            return unsafe { Incoming::sorted(space, &sorted, Purpose::Open) }.map(Open::Parts);
        };
        if sorted.data > 1 || read_only(&stream) {
            return Err(bad_buffers("SECBUFFER_STREAM goes with one SECBUFFER_DATA"));
        }
        // SAFETY: promised by the caller; of all buffers only this one's memory is touched.
        let bytes = unsafe { stream.bytes_mut() }?;
        Ok(Open::Stream(Stream { bytes, stream_entry: stream, data_entry: first }))
    }
}

impl Stream<'_> {
    /// Points SECBUFFER_DATA at the plaintext inside the stream.
    pub fn plain(self, range: Range<usize>) {
        let len = range.len().min(self.bytes.len());
        let start = self.stream_entry.start.wrapping_add(range.start);
        // SAFETY: the caller's array is there for the whole call, and the slice is used no more.
        unsafe {
            self.data_entry.set_start(start.cast());
            self.data_entry.set_len(len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::SecBuffer;
    use crate::error::Code;

    fn buffer(kind: u32, bytes: &mut [u8]) -> SecBuffer {
        SecBuffer { cbBuffer: bytes.len() as u32, BufferType: kind, pvBuffer: bytes.as_mut_ptr().cast() }
    }

    fn describe(buffers: &mut [SecBuffer]) -> SecBufferDesc {
        SecBufferDesc { ulVersion: 0, cBuffers: buffers.len() as u32, pBuffers: buffers.as_mut_ptr() }
    }

    fn seal<'s>(space: &'s mut Workspace<'s>, buffers: &mut [SecBuffer]) -> Result<Outgoing<'s, 's>> {
        // SAFETY: a descriptor of live buffers.
        unsafe { Outgoing::seal(space, &describe(buffers)) }
    }

    fn open<'s>(space: &'s mut Workspace<'s>, buffers: &mut [SecBuffer]) -> Result<Open<'s, 's>> {
        // SAFETY: a descriptor of live buffers.
        unsafe { Open::read(space, &describe(buffers)) }
    }

    fn code<T>(result: Result<T>) -> Option<Code> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn buffers_are_found_by_type_in_any_order() {
        let (mut head, mut body, mut token) = (*b"head", *b"body", [0; 16]);
        let mut buffers = [
            buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, &mut head),
            buffer(0, &mut []),
            buffer(SECBUFFER_DATA, &mut body),
            buffer(SECBUFFER_TOKEN, &mut token),
        ];
        let mut space = Workspace::new();
        let message = seal(&mut space, &mut buffers).unwrap();
        assert_eq!((message.parts.len(), message.token.len(), message.padding.len()), (2, 16, 0));
        assert!(matches!(&message.parts[0], Part::SignedOnly(b"head")));
        match &mut message.parts[1] {
            Part::Sealed(bytes) => bytes.copy_from_slice(b"BODY"),
            Part::SignedOnly(_) => panic!("data is sealed"),
        }
        message.used(12, 0);
        assert_eq!((buffers[3].cbBuffer, &body), (12, b"BODY"));
    }

    #[test]
    fn nothing_is_writable_in_a_message_that_is_verified() {
        let (mut body, mut token) = (*b"body", [0; 16]);
        let mut buffers = [buffer(SECBUFFER_DATA, &mut body), buffer(SECBUFFER_TOKEN, &mut token)];
        let mut space = Workspace::new();
        // SAFETY: a descriptor of live buffers.
        let message = unsafe { Incoming::verify(&mut space, &describe(&mut buffers)) }.unwrap();
        assert!(matches!(&message.parts[0], Part::SignedOnly(b"body")));
        let mut space = Workspace::new();
        // SAFETY: a descriptor of live buffers.
        let message = unsafe { Outgoing::sign(&mut space, &describe(&mut buffers)) }.unwrap();
        assert!(matches!(&message.parts[0], Part::SignedOnly(b"body")));
    }

    #[test]
    fn a_message_needs_its_buffers_once_and_with_memory() {
        let (mut body, mut token) = (*b"body", [0; 16]);
        let (data, token) = (buffer(SECBUFFER_DATA, &mut body), buffer(SECBUFFER_TOKEN, &mut token));
        let nowhere = SecBuffer { pvBuffer: std::ptr::null_mut(), ..data };
        let far = SecBuffer { pvBuffer: (usize::MAX - 1) as *mut _, ..data };
        for mut buffers in
            [vec![data], vec![token], vec![data, token, token], vec![token, nowhere], vec![token, far]]
        {
            assert_eq!(code(seal(&mut Workspace::new(), &mut buffers)), Some(Code::InvalidToken));
            assert_eq!(code(open(&mut Workspace::new(), &mut buffers)), Some(Code::InvalidToken));
        }
        assert_eq!(code(seal(&mut Workspace::new(), &mut [])), Some(Code::InvalidToken));
        let empty = SecBuffer { cbBuffer: 0, ..nowhere };
        assert_eq!(code(seal(&mut Workspace::new(), &mut [token, empty])), None);
    }

    #[test]
    fn what_is_written_may_not_overlap() {
        let mut memory = [0_u8; 64];
        let start = (&raw mut memory).cast::<u8>();
        let at = |kind: u32, from: usize, len: u32| SecBuffer {
            cbBuffer: len,
            BufferType: kind,
            pvBuffer: start.wrapping_add(from).cast(),
        };
        let token = at(SECBUFFER_TOKEN, 0, 16);
        assert_eq!(code(seal(&mut Workspace::new(), &mut [token, at(SECBUFFER_DATA, 16, 48)])), None);
        let read_only = SECBUFFER_DATA | SECBUFFER_READONLY;
        let twice = [token, at(read_only, 16, 8), at(read_only, 20, 8)];
        assert_eq!(code(seal(&mut Workspace::new(), &mut twice.clone())), None);
        for mut buffers in [
            [token, at(SECBUFFER_DATA, 15, 8), at(0, 0, 0)],
            [token, at(read_only, 15, 8), at(0, 0, 0)],
            [token, at(SECBUFFER_DATA, 16, 8), at(SECBUFFER_DATA, 23, 8)],
            [token, at(SECBUFFER_DATA, 16, 8), at(read_only, 16, 1)],
            [token, at(SECBUFFER_DATA, 16, 8), at(SECBUFFER_PADDING, 23, 8)],
            [token, at(SECBUFFER_DATA, 16, 8), at(SECBUFFER_PADDING, 15, 1)],
        ] {
            assert_eq!(code(seal(&mut Workspace::new(), &mut buffers)), Some(Code::InvalidToken));
        }
    }

    #[test]
    fn a_stream_gets_its_data_pointed_into_it() {
        let mut wrapped = *b"tokenplain";
        let mut buffers = [buffer(SECBUFFER_STREAM, &mut wrapped), buffer(SECBUFFER_DATA, &mut [])];
        buffers[1].pvBuffer = std::ptr::null_mut();
        let mut space = Workspace::new();
        let Open::Stream(stream) = open(&mut space, &mut buffers).unwrap() else { panic!("a stream") };
        assert_eq!(stream.bytes, b"tokenplain");
        stream.plain(5..10);
        assert_eq!((buffers[1].cbBuffer, buffers[1].pvBuffer), (5, wrapped[5..].as_mut_ptr().cast()));
        assert_eq!(buffers[0].cbBuffer, 10);
    }
}
