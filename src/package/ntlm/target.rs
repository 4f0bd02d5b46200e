//! What an acceptor calls itself in its CHALLENGE.

#![forbid(unsafe_code)]

use widestring::{U16Str, U16String};

use super::av_pair::{self, id};
use super::flags::NegotiateFlags;
use super::message::utf16le;
use crate::error::Result;
use crate::package::time;
use crate::store::names::upcased;
use crate::store::os::Os;

/// The acceptor's names, in the form in which a CHALLENGE carries them.
pub struct TargetNames {
    /// TargetName: the domain where there is one, else the computer.
    pub target: U16String,
    /// TARGET_TYPE_DOMAIN or TARGET_TYPE_SERVER.
    pub target_type: NegotiateFlags,
    /// The name pairs.
    pairs: Vec<u8>,
}

impl TargetNames {
    /// From `NETBIOS_COMPUTER_NAME` and `NETBIOS_DOMAIN_NAME` when set, else from the host's name.
    pub fn new(os: &dyn Os) -> Result<Self> {
        let host = os.host_name();
        let dot = host.as_slice().iter().position(|unit| *unit == u16::from(b'.'));
        let (label, domain) = host.as_slice().split_at(dot.unwrap_or(host.len()));
        let dns_domain = domain.get(1..).filter(|domain| !domain.is_empty()).unwrap_or(label);
        let computer = variable(os, "NETBIOS_COMPUTER_NAME").unwrap_or_else(|| netbios(label));
        let domain = variable(os, "NETBIOS_DOMAIN_NAME");
        let (target, target_type) = match &domain {
            Some(domain) => (domain.clone(), NegotiateFlags::TARGET_TYPE_DOMAIN),
            None => (computer.clone(), NegotiateFlags::TARGET_TYPE_SERVER),
        };
        let mut pairs = Vec::with_capacity(256);
        let nb_domain = domain.as_ref().unwrap_or(&computer);
        av_pair::push(&mut pairs, id::NB_DOMAIN_NAME, &utf16le(nb_domain))?;
        av_pair::push(&mut pairs, id::NB_COMPUTER_NAME, &utf16le(&computer))?;
        av_pair::push(&mut pairs, id::DNS_DOMAIN_NAME, &utf16le(U16Str::from_slice(dns_domain)))?;
        av_pair::push(&mut pairs, id::DNS_COMPUTER_NAME, &utf16le(&host))?;
        Ok(Self { target, target_type, pairs })
    }

    /// The whole list for a CHALLENGE made now.
    pub fn target_info(&self) -> Result<Vec<u8>> {
        let mut list = Vec::with_capacity(self.pairs.len() + 16);
        list.extend_from_slice(&self.pairs);
        av_pair::push(&mut list, id::TIMESTAMP, &time::now().to_le_bytes())?;
        av_pair::end(&mut list);
        Ok(list)
    }
}

/// This computer's name for AUTHENTICATE's Workstation field.
pub fn workstation(os: &dyn Os) -> U16String {
    let host = os.host_name();
    let label = host.as_slice().split(|unit| *unit == u16::from(b'.')).next().unwrap_or_default();
    variable(os, "NETBIOS_COMPUTER_NAME").unwrap_or_else(|| netbios(label))
}

/// A setting longer than a DNS name is taken for none.
const LONGEST_NAME: usize = 255;

fn variable(os: &dyn Os, name: &str) -> Option<U16String> {
    let value = os.variable(name)?;
    let usable = |value: &U16String| !value.is_empty() && value.len() <= LONGEST_NAME;
    Some(U16String::from_str(&value.to_string_lossy())).filter(usable)
}

/// A NetBIOS name: upcased, 15 characters at most.
fn netbios(label: &[u16]) -> U16String {
    let longest = label.get(..15).unwrap_or(label);
    upcased(U16Str::from_slice(longest))
}
