//! NTLM messages made by hand from MS-NLMP, so that they can be wrong in any way.
//! Nothing here is shared with the library.

#![forbid(unsafe_code)]

use hmac::{Hmac, KeyInit, Mac};
use md4::Md4;
use md5::{Digest, Md5};

pub const UNICODE: u32 = 0x1;
pub const SIGN: u32 = 0x10;
pub const SEAL: u32 = 0x20;
pub const LM_KEY: u32 = 0x80;
pub const ANONYMOUS: u32 = 0x800;
pub const EXTENDED_SECURITY: u32 = 0x8_0000;
pub const TARGET_INFO: u32 = 0x80_0000;
pub const VERSION: u32 = 0x200_0000;
pub const BITS_128: u32 = 0x2000_0000;
pub const KEY_EXCHANGE: u32 = 0x4000_0000;

/// What a present-day client asks for: UNICODE, REQUEST_TARGET, SIGN, SEAL, NTLM, ALWAYS_SIGN, ESS,
/// VERSION, 128, KEY_EXCH, 56.
pub const USUAL: u32 = 0xE208_8035;
pub const NTLM: u32 = 0x200;

pub const AV_EOL: u16 = 0;
pub const AV_FLAGS: u16 = 6;
pub const AV_TIMESTAMP: u16 = 7;
pub const AV_TARGET_NAME: u16 = 9;
pub const AV_CHANNEL_BINDINGS: u16 = 10;

pub type AvPairs = Vec<(u16, Vec<u8>)>;

pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = <Hmac<Md5> as KeyInit>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// RC4 of one short text.
fn rc4(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut state: Vec<u8> = (0..=255).collect();
    let mut j = 0_u8;
    for i in 0..256 {
        j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
        state.swap(i, usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    let mut next = |byte: &u8| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let at = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        byte ^ state[usize::from(at)]
    };
    text.iter().map(&mut next).collect()
}

/// The client's first signature: what SPNEGO takes as the MIC of its list.
pub fn list_mic(exported: &[u8; 16], list: &[u8]) -> [u8; 16] {
    let key = |purpose: &str| {
        let magic = format!("session key to client-to-server {purpose} key magic constant\0");
        Md5::new().chain_update(exported).chain_update(magic).finalize()
    };
    let checksum = hmac_md5(&key("signing"), &[&[0; 4], list]);
    let mut signature = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    signature[4..12].copy_from_slice(&rc4(&key("sealing"), &checksum[..8]));
    signature
}

/// A NEGOTIATE message of 40 bytes.
pub fn negotiate(flags: u32) -> Vec<u8> {
    let mut message = b"NTLMSSP\0\x01\0\0\0".to_vec();
    message.extend(flags.to_le_bytes());
    message.extend([0; 16]);
    message.extend([10, 0, 0x61, 0x4A, 0, 0, 0, 15]);
    message
}

pub fn u32_at(message: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(message[at..at + 4].try_into().unwrap())
}

/// The bytes of a field (length, room, offset) whose head is at `at`.
pub fn field(message: &[u8], at: usize) -> &[u8] {
    let length = usize::from(u16::from_le_bytes(message[at..at + 2].try_into().unwrap()));
    let offset = u32_at(message, at + 4) as usize;
    &message[offset..offset + length]
}

/// Reads AV pairs up to their end.
pub fn av_pairs(mut bytes: &[u8]) -> AvPairs {
    let mut pairs = Vec::new();
    loop {
        let id = u16::from_le_bytes(bytes[..2].try_into().unwrap());
        let length = usize::from(u16::from_le_bytes(bytes[2..4].try_into().unwrap()));
        if id == AV_EOL {
            return pairs;
        }
        pairs.push((id, bytes[4..4 + length].to_vec()));
        bytes = &bytes[4 + length..];
    }
}

pub fn av_bytes(pairs: &AvPairs) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, value) in pairs {
        bytes.extend(id.to_le_bytes());
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(value);
    }
    bytes.extend([0; 4]);
    bytes
}

/// A CHALLENGE message with this target information, for clients under attack.
pub fn challenge(flags: u32, target: &[u8], info: &[u8]) -> Vec<u8> {
    let mut message = b"NTLMSSP\0\x02\0\0\0".to_vec();
    put_field(&mut message, target, 56);
    message.extend(flags.to_le_bytes());
    message.extend([1, 2, 3, 4, 5, 6, 7, 8]);
    message.extend([0; 8]);
    put_field(&mut message, info, 56 + target.len());
    message.extend([10, 0, 0x61, 0x4A, 0, 0, 0, 15]);
    message.extend(target);
    message.extend(info);
    message
}

fn put_field(message: &mut Vec<u8>, value: &[u8], offset: usize) {
    message.extend((value.len() as u16).to_le_bytes());
    message.extend((value.len() as u16).to_le_bytes());
    message.extend((offset as u32).to_le_bytes());
}

/// The target information of an ordinary server.
pub fn usual_info() -> AvPairs {
    vec![(2, utf16("DOMAIN")), (1, utf16("SERVER")), (AV_TIMESTAMP, vec![0x11; 8])]
}

/// How the MIC of an AUTHENTICATE is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mic {
    Right,
    Wrong,
    /// The field is there and zero.
    Zero,
    /// The message has neither the field nor, with it, the version.
    Absent,
}

/// A client whose every part can be changed before it answers.
pub struct Client {
    pub user: Vec<u8>,
    pub domain: Vec<u8>,
    /// The names that the proof is over; those of the message when `None`.
    pub proof_names: Option<(Vec<u8>, Vec<u8>)>,
    pub password: String,
    pub flags: Option<u32>,
    pub mic: Mic,
    /// The raw AV list, when it is not to be the pairs below.
    pub raw_info: Option<Vec<u8>>,
    /// The AV pairs that the server sent, and what becomes of them.
    pub change_pairs: fn(&mut AvPairs),
    /// LmChallengeResponse.
    pub lm: Vec<u8>,
    /// NtChallengeResponse, when it is not to be the right one.
    pub nt: Option<Vec<u8>>,
    /// Changes of the right response.
    pub change_response: fn(&mut Vec<u8>),
    pub session_key: Option<Vec<u8>>,
}

impl Client {
    pub fn new(domain: &str, user: &str, password: &str) -> Self {
        Self {
            user: utf16(user),
            domain: utf16(domain),
            proof_names: None,
            password: password.into(),
            flags: None,
            mic: Mic::Right,
            raw_info: None,
            change_pairs: |pairs| pairs.push((AV_FLAGS, vec![2, 0, 0, 0])),
            lm: vec![0; 24],
            nt: None,
            change_response: |_| (),
            session_key: None,
        }
    }

    fn response_key(&self) -> [u8; 16] {
        let (user, domain) =
            self.proof_names.as_ref().map_or((&self.user, &self.domain), |names| (&names.0, &names.1));
        let nt_hash = Md4::digest(utf16(&self.password));
        // ASCII is all that the tests write in lower case.
        let user: Vec<u8> = user.iter().map(u8::to_ascii_uppercase).collect();
        hmac_md5(&nt_hash, &[&user, domain])
    }

    /// NtChallengeResponse and SessionBaseKey.
    fn response(&self, challenge: &[u8]) -> (Vec<u8>, [u8; 16]) {
        let mut pairs = av_pairs(field(challenge, 40));
        let time = pairs.iter().find(|pair| pair.0 == AV_TIMESTAMP).map_or(vec![0; 8], |pair| pair.1.clone());
        (self.change_pairs)(&mut pairs);
        let info = self.raw_info.clone().unwrap_or_else(|| av_bytes(&pairs));
        let mut blob = vec![1, 1, 0, 0, 0, 0, 0, 0];
        blob.extend(time.iter().chain(&[0; 8]).take(8));
        blob.extend([0xAA; 8]);
        blob.extend([0; 4]);
        blob.extend(info);
        blob.extend([0; 4]);
        let key = self.response_key();
        let proof = hmac_md5(&key, &[&challenge[24..32], &blob]);
        let mut response = proof.to_vec();
        response.extend(blob);
        (response, hmac_md5(&key, &[&proof]))
    }

    /// The AUTHENTICATE message that answers these two.
    pub fn authenticate(&self, negotiate: &[u8], challenge: &[u8]) -> Vec<u8> {
        let flags = self.flags.unwrap_or_else(|| u32_at(challenge, 20));
        let (right, session_base_key) = self.response(challenge);
        let mut nt = self.nt.clone().unwrap_or(right);
        (self.change_response)(&mut nt);
        let exported = if flags & KEY_EXCHANGE == 0 { session_base_key } else { [0x55; 16] };
        let wrapped = if flags & KEY_EXCHANGE == 0 { Vec::new() } else { rc4(&session_base_key, &exported) };
        let wrapped = self.session_key.clone().unwrap_or(wrapped);
        let mut message = self.assemble(flags, &nt, &wrapped);
        match self.mic {
            Mic::Right | Mic::Wrong => {
                let mut mic = hmac_md5(&exported, &[negotiate, challenge, &message]);
                mic[7] ^= u8::from(self.mic == Mic::Wrong);
                message[72..88].copy_from_slice(&mic);
            }
            Mic::Zero | Mic::Absent => {}
        }
        message
    }

    fn assemble(&self, flags: u32, nt: &[u8], session_key: &[u8]) -> Vec<u8> {
        let header = if self.mic == Mic::Absent { 64 } else { 88 };
        let flags = if self.mic == Mic::Absent { flags & !VERSION } else { flags };
        let workstation = utf16("CLIENT");
        let values = [&self.domain[..], &self.user, &workstation, &self.lm, nt, session_key];
        let mut offsets = [0; 6];
        let mut end = header;
        for (offset, value) in offsets.iter_mut().zip(values) {
            *offset = end;
            end += value.len();
        }
        let mut message = b"NTLMSSP\0\x03\0\0\0".to_vec();
        for index in [3, 4, 0, 1, 2, 5] {
            put_field(&mut message, values[index], offsets[index]);
        }
        message.extend(flags.to_le_bytes());
        if self.mic != Mic::Absent {
            message.extend([10, 0, 0x61, 0x4A, 0, 0, 0, 15]);
            message.extend([0; 16]);
        }
        values.iter().for_each(|value| message.extend(*value));
        message
    }
}
