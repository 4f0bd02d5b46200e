//! KDC-PROXY-MESSAGE (MS-KKDCP 2.2.2):
//!
//! ```text
//! SEQUENCE { kerb-message [0] OCTET STRING, target-domain [1] GeneralString OPTIONAL,
//!            dclocator-hint [2] INTEGER OPTIONAL }
//! ```

#![forbid(unsafe_code)]

use std::io;

use crate::store::kdc::stream;

const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;
const GENERAL_STRING: u8 = 0x1B;
const KERB_MESSAGE: u8 = 0xA0;
const TARGET_DOMAIN: u8 = 0xA1;

/// The message that carries `message` to `realm`; TCP's length goes with it.
pub fn encode(realm: &str, message: &[u8]) -> io::Result<Vec<u8>> {
    let message = value(KERB_MESSAGE, &value(OCTET_STRING, &stream::framed(message)?));
    let realm = value(TARGET_DOMAIN, &value(GENERAL_STRING, realm.as_bytes()));
    Ok(value(SEQUENCE, &[message, realm].concat()))
}

/// The message in the proxy's answer; what stands behind it is skipped.
pub fn decode(answer: &[u8]) -> io::Result<Vec<u8>> {
    let message = split(answer, SEQUENCE)
        .and_then(|fields| split(fields, KERB_MESSAGE))
        .and_then(|field| split(field, OCTET_STRING))
        .and_then(|message| message.split_first_chunk::<4>())
        .filter(|(length, message)| stream::reply_length(**length) == Some(message.len()));
    let (_, message) = message.ok_or_else(|| stream::bad("what came is no KDC-PROXY-MESSAGE"))?;
    Ok(message.to_vec())
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let length = length.get(zeros..).unwrap_or_default();
    let head = match (length, u8::try_from(length.len())) {
        ([], _) => vec![tag, 0],
        ([short @ 0..=0x7F], _) => vec![tag, *short],
        (long, count) => [&[tag, 0x80 | count.unwrap_or_default()], long].concat(),
    };
    [head.as_slice(), content].concat()
}

/// The content of the first value, which must have that tag.
fn split(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (found, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |sum: usize, byte| sum.wrapping_shl(8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    rest.get(..length).filter(|_| *found == tag)
}
