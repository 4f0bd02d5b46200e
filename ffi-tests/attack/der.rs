//! SPNEGO tokens made by hand from RFC 4178, so that they can be wrong in any way.
//! Nothing here is shared with the library.

#![forbid(unsafe_code)]

pub const SPNEGO: &[u8] = &[6, 6, 0x2B, 6, 1, 5, 5, 2];
pub const NTLM_OID: &[u8] = &[6, 10, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10];
pub const NEGOEX: &[u8] = &[6, 10, 0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 30];
pub const KERBEROS: &[u8] = &[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2];
pub const MS_KERBEROS: &[u8] = &[6, 9, 0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2];

pub const ACCEPT_COMPLETE: u8 = 0;
pub const ACCEPT_INCOMPLETE: u8 = 1;
pub const REJECT: u8 = 2;
pub const REQUEST_MIC: u8 = 3;

pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = match length {
        0..=0x7F => vec![tag, length as u8],
        0x80..=0xFF => vec![tag, 0x81, length as u8],
        0x100..=0xFFFF => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        _ => vec![tag, 0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8],
    };
    bytes.extend(content);
    bytes
}

/// MechTypeList, which is also what its MIC is over.
pub fn mech_list(mechs: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &mechs.concat())
}

/// A NegTokenInit of these fields, in the initial token's frame.
pub fn init_of(fields: &[Vec<u8>]) -> Vec<u8> {
    let inner = tlv(0xA0, &tlv(0x30, &fields.concat()));
    tlv(0x60, &[SPNEGO, &inner].concat())
}

pub fn mech_types(mechs: &[&[u8]]) -> Vec<u8> {
    tlv(0xA0, &mech_list(mechs))
}

pub fn octets(field: u8, bytes: &[u8]) -> Vec<u8> {
    tlv(0xA0 + field, &tlv(4, bytes))
}

pub fn init(mechs: &[&[u8]], token: Option<&[u8]>) -> Vec<u8> {
    let mut fields = vec![mech_types(mechs)];
    fields.extend(token.map(|token| octets(2, token)));
    init_of(&fields)
}

/// A NegTokenResp of these fields.
pub fn response_of(fields: &[Vec<u8>]) -> Vec<u8> {
    tlv(0xA1, &tlv(0x30, &fields.concat()))
}

pub fn neg_state(state: u8) -> Vec<u8> {
    tlv(0xA0, &tlv(0x0A, &[state]))
}

pub fn response(state: Option<u8>, mech: Option<&[u8]>, token: Option<&[u8]>, mic: Option<&[u8]>) -> Vec<u8> {
    let mut fields = Vec::new();
    fields.extend(state.map(neg_state));
    fields.extend(mech.map(|mech| tlv(0xA1, mech)));
    fields.extend(token.map(|token| octets(2, token)));
    fields.extend(mic.map(|mic| octets(3, mic)));
    response_of(&fields)
}

/// What a well-formed NegTokenResp says.
#[derive(Debug, Default)]
pub struct Response {
    pub state: Option<u8>,
    pub mech: Option<Vec<u8>>,
    pub token: Option<Vec<u8>>,
    pub mic: Option<Vec<u8>>,
}

/// One element: tag, content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81 => (usize::from(*rest.first()?), &rest[1..]),
        0x82 => (usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?)), &rest[2..]),
        _ => return None,
    };
    Some((tag, rest.get(..length)?, &rest[length..]))
}

pub fn read_response(token: &[u8]) -> Option<Response> {
    let (0xA1, sequence, []) = element(token)? else { return None };
    let (0x30, mut fields, []) = element(sequence)? else { return None };
    let mut response = Response::default();
    while !fields.is_empty() {
        let (tag, field, rest) = element(fields)?;
        let (_, value, _) = element(field)?;
        match tag {
            0xA0 => response.state = value.first().copied(),
            0xA1 => response.mech = Some(field.to_vec()),
            0xA2 => response.token = Some(value.to_vec()),
            0xA3 => response.mic = Some(value.to_vec()),
            _ => return None,
        }
        fields = rest;
    }
    Some(response)
}
