//! SspiSetChannelBindingFlags: SEC_CHANNEL_BINDINGS made into SEC_CHANNEL_BINDINGS_EX.

use crate::abi::{
    SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS, SEC_CHANNEL_BINDINGS_EX, SEC_CHANNEL_BINDINGS_EX_MAGIC,
    SecPkgContext_Bindings,
};
use crate::boundary::bindings;
use crate::boundary::blocks::{self, Block};
use crate::boundary::places::{bytes, get, put};
use crate::error::{Code, Error, Result};
use crate::store::bindings::ChannelBindings;

/// More than any hash of any certificate, and no length that memory could not hold.
const LONGEST: u32 = 0x1_0000;

/// Replaces the bindings by their extended form with these flags.
///
/// # Safety
/// `place` is NULL or a structure whose BindingsLength is true, which nobody else uses meanwhile.
pub unsafe fn set_flags(place: *mut SecPkgContext_Bindings, flags: u32) -> Result<()> {
    let invalid = |reason: &'static str| Error::new(Code::InvalidParameter, reason);
    // SAFETY: as promised by the caller.
    let old = unsafe { get(place) }.ok_or_else(|| invalid("no channel bindings"))?;
    if flags & !SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS != 0 || old.BindingsLength > LONGEST {
        return Err(invalid("unknown flags of channel bindings, or too many bytes"));
    }
    if blocks::length(old.Bindings.cast()).is_some_and(|block| block < old.BindingsLength as usize) {
        return Err(invalid("channel bindings longer than their block"));
    }
    // SAFETY: the caller promises that many bytes.
    let old_bytes = unsafe { bytes(old.Bindings.cast_const().cast(), old.BindingsLength as usize) }?;
    let parsed = bindings::parse(old_bytes).map_err(|_| invalid("malformed channel bindings"))?;
    let extended = extended(&parsed, flags);
    let block = Block::of(&extended)?;
    let new =
        SecPkgContext_Bindings { BindingsLength: extended.len() as u32, Bindings: block.release().cast() };
    // SAFETY: the structure was read there.
    unsafe { put(place, new) };
    // Bindings in the caller's own memory stay the caller's.
    let _ = blocks::free(old.Bindings.cast());
    Ok(())
}

fn extended(bindings: &ChannelBindings<'_>, flags: u32) -> Vec<u8> {
    const HEADER: usize = size_of::<SEC_CHANNEL_BINDINGS_EX>();
    let (initiator, acceptor) = (bindings.initiator_address, bindings.acceptor_address);
    let data = bindings.application_data;
    let acceptor_at = HEADER + initiator.len();
    let data_at = acceptor_at + acceptor.len();
    // Every length is below LONGEST.
    let head = [
        SEC_CHANNEL_BINDINGS_EX_MAGIC as usize,
        flags as usize,
        HEADER,
        data_at + data.len(),
        bindings.initiator_addrtype as usize,
        initiator.len(),
        HEADER,
        bindings.acceptor_addrtype as usize,
        acceptor.len(),
        acceptor_at,
        data.len(),
        data_at,
    ];
    let head = head.iter().flat_map(|word| (*word as u32).to_ne_bytes());
    head.chain([initiator, acceptor, data].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::SEC_CHANNEL_BINDINGS;

    #[test]
    fn bindings_become_extended_once() {
        let header = SEC_CHANNEL_BINDINGS {
            cbApplicationDataLength: 4,
            dwApplicationDataOffset: 32,
            ..SEC_CHANNEL_BINDINGS::default()
        };
        let mut memory =
            Vec::from([0, 0, 0, 0, 0, 0, header.cbApplicationDataLength, 32, u32::from_ne_bytes(*b"data")]);
        let mut place = SecPkgContext_Bindings { BindingsLength: 36, Bindings: memory.as_mut_ptr().cast() };
        for flags in [1, 0] {
            // SAFETY: a whole structure that only this test uses.
            unsafe { set_flags(&mut place, flags) }.unwrap();
            assert_eq!(place.BindingsLength, 52);
            // SAFETY: the block has as many bytes as it says.
            let block = unsafe { bytes(place.Bindings.cast_const().cast(), 52) }.unwrap();
            assert_eq!(u32::from_ne_bytes(block[4..8].try_into().unwrap()), flags);
            assert_eq!(bindings::parse(block).unwrap().application_data, b"data");
        }
        blocks::free(place.Bindings.cast()).unwrap();
    }

    #[test]
    fn malformed_bindings_change_nothing() {
        // SAFETY: NULL is refused.
        assert!(unsafe { set_flags(std::ptr::null_mut(), 0) }.is_err());
        let mut memory = [0_u32, 0, 0, 0, 0, 0, 5, 32, 0];
        for (length, flags) in [(36, 0), (31, 0), (0, 0), (u32::MAX, 0), (36, 2)] {
            let mut place =
                SecPkgContext_Bindings { BindingsLength: length, Bindings: memory.as_mut_ptr().cast() };
            // SAFETY: no length above the memory's is believed.
            let refused = unsafe { set_flags(&mut place, flags) }.err().map(|error| error.code);
            assert_eq!(refused, Some(Code::InvalidParameter), "{length} {flags}");
            assert_eq!(place.BindingsLength, length);
        }
        let block = Block::new(36).unwrap();
        let mut place = SecPkgContext_Bindings { BindingsLength: 37, Bindings: block.start().cast() };
        // SAFETY: a block of ours, whose length is known.
        let refused = unsafe { set_flags(&mut place, 0) }.err().map(|error| error.code);
        assert_eq!(refused, Some(Code::InvalidParameter));
    }
}
