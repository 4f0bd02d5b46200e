//! Structures in one block: channel bindings, KDC proxy settings, exported contexts.

#![forbid(unsafe_code)]

use super::handshakes;
use super::world::export_key;
use crate::boundary;
use crate::crypto::aead;
use crate::object::transfer;
use crate::package::negotiate::NEGOTIATE;
use crate::package::{self, Qop};
use crate::part::Part;

/// SEC_CHANNEL_BINDINGS and its extended form.
pub fn channel_bindings(buffer: &[u8]) {
    let Ok(bindings) = boundary::bindings::parse(buffer) else { return };
    let parts = [bindings.initiator_address, bindings.acceptor_address, bindings.application_data];
    assert!(parts.iter().all(|part| part.len() <= buffer.len()), "bindings outside of their buffer");
}

pub fn bindings() -> Vec<Vec<u8>> {
    let words = |words: &[u32], data: &[u8]| -> Vec<u8> {
        words.iter().flat_map(|word| word.to_ne_bytes()).chain(data.iter().copied()).collect()
    };
    let magic = crate::abi::SEC_CHANNEL_BINDINGS_EX_MAGIC;
    vec![
        words(&[0, 0, 0, 0, 0, 0, 29, 32], b"tls-server-end-point:01234567"),
        words(&[2, 4, 32, 2, 4, 36, 4, 40], b"abcdefghdata"),
        words(&[magic, 1, 48, 60, 2, 4, 48, 2, 4, 52, 4, 56], b"abcdefghdata"),
    ]
}

/// SecPkgCredentials_KdcProxySettingsW.
pub fn kdc_proxy(buffer: &[u8]) {
    let Ok(settings) = boundary::kdc_proxy::parse(buffer) else { return };
    assert!(settings.server.is_none_or(|server| server.len() * 2 <= buffer.len()));
}

pub fn proxies() -> Vec<Vec<u8>> {
    let settings = |flags: u32, offset: u16, length: u16, name: &str| -> Vec<u8> {
        let head = [1u32.to_ne_bytes(), flags.to_ne_bytes()].concat();
        let places = [offset, length, 0, 0].map(u16::to_ne_bytes).concat();
        [head, places, name.encode_utf16().flat_map(u16::to_ne_bytes).collect()].concat()
    };
    let name = "https://proxy.example.test/KdcProxy";
    vec![settings(1, 16, 70, name), settings(0, 0, 0, ""), settings(0, 18, 10, name)]
}

/// What an exported context holds under its seal, which only the owner of the key can make.
pub fn import_context(data: &[u8]) {
    let (selector, plain) = data.split_first().unwrap_or((&0, &[]));
    let Some(package) = package::PACKAGES.get(usize::from(*selector) % package::PACKAGES.len()) else {
        return;
    };
    let key = export_key();
    let sealed = aead::seal(key.bytes(), transfer::VERSION, plain).expect("anything can be sealed");
    let Ok(context) = transfer::import(*package, &[transfer::VERSION, &sealed].concat(), &key) else {
        return;
    };
    let _ = (context.progress(), context.facts().map(|facts| facts.client.clone()));
    let (mut message, mut token, mut padding) = ([0x61; 40], [0; 256], [0; 64]);
    let _ = context.unwrap(&mut [Part::Sealed(&mut message)], &[0; 60], &[]);
    let _ = context.verify(&[Part::SignedOnly(&message)], &[0; 28]);
    for qop in [Qop::Encrypt, Qop::NoEncrypt] {
        let _ = context.wrap(&mut [Part::Sealed(&mut message)], &mut token, &mut padding, qop);
    }
    let _ = transfer::export(&context, &key);
}

/// Contexts of both roles, before and after a message.
pub fn contexts() -> Vec<Vec<u8>> {
    let key = export_key();
    let mut seeds = Vec::new();
    for used in [false, true] {
        for context in handshakes::contexts(&NEGOTIATE) {
            if used {
                let _ = context.wrap(&mut [Part::Sealed(&mut [1; 9])], &mut [0; 64], &mut [], Qop::Encrypt);
            }
            let blob = transfer::export(&context, &key).expect("an established context");
            let sealed = blob.strip_prefix(transfer::VERSION).unwrap_or_default();
            let plain = aead::open(key.bytes(), transfer::VERSION, sealed).expect("our own seal");
            for selector in [0, 1] {
                seeds.push([&[selector], plain.as_ref().as_slice()].concat());
            }
        }
    }
    seeds
}
