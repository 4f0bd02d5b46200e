//! NTLMv2_RESPONSE and NTLMv2_CLIENT_CHALLENGE (MS-NLMP 2.2.2.7, 2.2.2.8).

#![forbid(unsafe_code)]

use super::av_pair::{self, AvPairs, id};
use super::message::{array_at, invalid};
use crate::error::{Code, Error, Result};

/// NTProofStr, the fixed part of the client challenge, MsvAvEOL.
const LEAST: usize = 16 + AV_PAIRS_AT + 4;
/// Where the AV pairs begin in a client challenge.
const AV_PAIRS_AT: usize = 28;

/// A response as it was received.
pub struct Ntlmv2Response<'a> {
    pub nt_proof: [u8; 16],
    /// The NTLMv2_CLIENT_CHALLENGE verbatim: the proof covers these bytes.
    pub client_challenge: &'a [u8],
    pub av_pairs: AvPairs<'a>,
}

impl<'a> Ntlmv2Response<'a> {
    /// Refuses everything that is no NTLMv2 response, NTLMv1's 24 bytes first.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        if bytes.len() == 24 {
            return Err(Error::new(Code::LogonDenied, "the client sent an NTLMv1 response"));
        }
        if bytes.len() < LEAST {
            return Err(invalid("the NTLMv2 response is too short"));
        }
        let nt_proof = array_at(bytes, 0)?;
        let client_challenge = bytes.get(16..).unwrap_or_default();
        if array_at::<2>(client_challenge, 0)? != [1, 1] {
            return Err(invalid("RespType and HiRespType are not those of NTLMv2"));
        }
        let av_pairs = AvPairs::parse(client_challenge.get(AV_PAIRS_AT..).unwrap_or_default())?;
        Ok(Self { nt_proof, client_challenge, av_pairs })
    }
}

/// What the initiator puts into the AV pairs beside the acceptor's own.
pub struct ClientPairs<'a> {
    /// MsvAvChannelBindings; zeros when there are none.
    pub channel_bindings: [u8; 16],
    /// MsvAvTargetName, UTF-16LE.
    pub target_name: &'a [u8],
}

/// NTLMv2_CLIENT_CHALLENGE. Of the acceptor's pairs, those that only a client may say never
/// come through: whoever altered the CHALLENGE could speak with them in our name.
pub fn client_challenge(
    time: &[u8; 8],
    challenge_from_client: &[u8; 8],
    target_info: &AvPairs<'_>,
    own: &ClientPairs<'_>,
) -> Result<Vec<u8>> {
    let mut blob = Vec::with_capacity(512);
    blob.extend_from_slice(&[1, 1, 0, 0, 0, 0, 0, 0]);
    blob.extend_from_slice(time);
    blob.extend_from_slice(challenge_from_client);
    blob.extend_from_slice(&[0; 4]);
    let clients_own = [id::FLAGS, id::SINGLE_HOST, id::TARGET_NAME, id::CHANNEL_BINDINGS];
    for (av_id, value) in target_info.iter().filter(|(av_id, _)| !clients_own.contains(av_id)) {
        av_pair::push(&mut blob, av_id, value)?;
    }
    av_pair::push(&mut blob, id::FLAGS, &av_pair::FLAG_MIC.to_le_bytes())?;
    av_pair::push(&mut blob, id::CHANNEL_BINDINGS, &own.channel_bindings)?;
    av_pair::push(&mut blob, id::TARGET_NAME, own.target_name)?;
    av_pair::end(&mut blob);
    // Reserved4: peers recompute the proof over exactly these four bytes behind the pairs.
    blob.extend_from_slice(&[0; 4]);
    Ok(blob)
}
