//! The mechListMIC (RFC 4178 5, MS-SPNG 3.2.5.1): what keeps the list of mechanisms as it was sent.
//!
//! It is due where the mechanism is not the initiator's first, where the acceptor requests it and
//! where the mechanism says so (NTLM), both ways, and then it is never waived. Only a context without
//! integrity has nothing to make it with: RFC 4178 then demands none, and one that is sent is not
//! looked at, as nothing could check it. An initiator that was led to another mechanism than its first asks
//! for integrity and takes no context without it.

#![forbid(unsafe_code)]

use crate::error::{Code, Error, Result};
use crate::package::{Established, Flags, MechList, ShortBytes};

/// Both directions' MIC over one list.
pub struct ListMic {
    list: MechList,
    pub due: bool,
    /// Due, and no context that could not make it will do.
    insisted: bool,
    sent: bool,
    received: bool,
}

fn available(established: &Established) -> bool {
    established.facts.grants.any(Flags::INTEGRITY | Flags::CONFIDENTIALITY)
}

fn altered(reason: &'static str) -> Error {
    Error::new(Code::MessageAltered, reason)
}

impl ListMic {
    pub fn new(list: ShortBytes, due: bool) -> Self {
        Self { list: MechList::new(list), due, insisted: false, sent: false, received: false }
    }

    /// The mechanism is another than the first choice: without the MIC nobody knows who chose it.
    pub fn insist(&mut self) {
        self.due = true;
        self.insisted = true;
    }

    /// Checks the peer's, if it sent one.
    pub fn take(&mut self, established: &mut Established, mic: Option<&[u8]>) -> Result<()> {
        let Some(mic) = mic.filter(|_| available(established)) else { return Ok(()) };
        if self.received {
            return Err(altered("a second mechListMIC"));
        }
        established
            .receiver
            .list_verify(&self.list, mic)
            .map_err(|_| altered("the mechListMIC is not the peer's over this list of mechanisms"))?;
        self.received = true;
        Ok(())
    }

    /// Ours, if the peer is to have one and has not: also where only the peer found it due.
    pub fn make(&mut self, established: &mut Established) -> Result<Option<ShortBytes>> {
        if self.sent || !available(established) || !(self.due || self.received) {
            return Ok(None);
        }
        self.sent = true;
        established.sender.list_mic(&self.list).map(Some)
    }

    /// The peer's is due and has not come.
    pub fn awaited(&self, established: &Established) -> bool {
        self.due && !self.received && available(established)
    }

    /// The end: the peer's has come where it was due.
    pub fn finish(&self, established: &Established) -> Result<()> {
        match self.awaited(established) || self.insisted && !self.received {
            true => Err(altered("the mechListMIC is missing")),
            false => Ok(()),
        }
    }

    pub fn received(&self) -> bool {
        self.received
    }
}
