//! SecPkgCredentials_KdcProxySettingsW: offsets and lengths checked against the buffer.

#![forbid(unsafe_code)]

use widestring::U16String;

use crate::abi::{
    KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY, KDC_PROXY_SETTINGS_V1, SecPkgCredentials_KdcProxySettingsW,
};
use crate::error::{Code, Error, Result};

/// What SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS says.
#[derive(Debug, PartialEq, Eq)]
pub struct KdcProxySettings {
    /// KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY.
    pub force: bool,
    /// The proxy's name, its units as given.
    pub server: Option<U16String>,
}

fn bad_settings() -> Error {
    Error::new(Code::InvalidParameter, "KDC proxy settings that leave their buffer")
}

/// Reads the settings out of the buffer that holds them.
pub fn parse(buffer: &[u8]) -> Result<KdcProxySettings> {
    let head: &[u8; size_of::<SecPkgCredentials_KdcProxySettingsW>()] =
        buffer.first_chunk().ok_or_else(bad_settings)?;
    let (words, _) = head.as_chunks::<4>();
    let (halves, _) = head.as_chunks::<2>();
    let ([version, flags, ..], [_, _, _, _, offset, length, ..]) = (words, halves) else {
        return Err(bad_settings());
    };
    if u32::from_ne_bytes(*version) != KDC_PROXY_SETTINGS_V1 {
        return Err(Error::new(Code::InvalidParameter, "KDC proxy settings of another version"));
    }
    let (offset, length) = (u16::from_ne_bytes(*offset).into(), u16::from_ne_bytes(*length).into());
    Ok(KdcProxySettings {
        force: u32::from_ne_bytes(*flags) & KDC_PROXY_SETTINGS_FLAGS_FORCEPROXY != 0,
        server: server(buffer, offset, length)?,
    })
}

/// `length` bytes of UTF-16 from `offset`; none is no proxy.
fn server(buffer: &[u8], offset: usize, length: usize) -> Result<Option<U16String>> {
    if length == 0 {
        return Ok(None);
    }
    let bytes = buffer.get(offset..offset + length).ok_or_else(bad_settings)?;
    match bytes.as_chunks() {
        (units, []) => Ok(Some(U16String::from_vec(
            units.iter().map(|unit| u16::from_ne_bytes(*unit)).collect::<Vec<_>>(),
        ))),
        _ => Err(bad_settings()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(version: u32, flags: u32, offset: u16, length: u16, rest: &[u8]) -> Vec<u8> {
        let mut bytes = [version.to_ne_bytes(), flags.to_ne_bytes()].concat();
        bytes.extend([offset, length, 0, 0].iter().flat_map(|half| half.to_ne_bytes()));
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn settings_are_read_as_they_stand() {
        let name: Vec<u8> = [0x70_u16, 0, 0xD800].iter().flat_map(|unit| unit.to_ne_bytes()).collect();
        let read = parse(&settings(1, 1, 16, 6, &name)).unwrap();
        assert_eq!(
            read,
            KdcProxySettings { force: true, server: Some(U16String::from_vec([0x70, 0, 0xD800])) }
        );
        let none = parse(&settings(1, 0, 9999, 0, &[])).unwrap();
        assert_eq!(none, KdcProxySettings { force: false, server: None });
    }

    #[test]
    fn nothing_outside_the_buffer_is_read() {
        let good = settings(1, 0, 16, 4, &[0; 4]);
        assert!((0..good.len()).all(|len| parse(&good[..len]).is_err()));
        assert!(parse(&settings(2, 0, 16, 4, &[0; 4])).is_err());
        for (offset, length) in [(16, 6), (17, 4), (16, 3), (u16::MAX, u16::MAX), (0, u16::MAX)] {
            assert!(parse(&settings(1, 0, offset, length, &[0; 4])).is_err());
        }
    }
}
