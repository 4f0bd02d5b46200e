//! The authenticator's checksum of type 0x8003, which is none (RFC 4121 4.1.1).

#![forbid(unsafe_code)]

use zeroize::Zeroizing;

use crate::error::Result;
use crate::package::der::invalid;

/// cksumtype.
pub const GSS_CHECKSUM: i32 = 0x8003;

/// Flags.
pub const GSS_C_DELEG_FLAG: u32 = 1;
pub const GSS_C_MUTUAL_FLAG: u32 = 2;
pub const GSS_C_REPLAY_FLAG: u32 = 4;
pub const GSS_C_SEQUENCE_FLAG: u32 = 8;
pub const GSS_C_CONF_FLAG: u32 = 16;
pub const GSS_C_INTEG_FLAG: u32 = 32;
/// RFC 4757 7.1.
pub const GSS_C_DCE_STYLE: u32 = 0x1000;
pub const GSS_C_IDENTIFY_FLAG: u32 = 0x2000;
pub const GSS_C_EXTENDED_ERROR_FLAG: u32 = 0x4000;

/// Lgth: of Bnd.
const BINDINGS: u32 = 16;
/// DlgOpt.
const DELEGATION: u16 = 1;

/// What the checksum carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GssChecksum {
    /// Bnd: MD5 of the channel bindings, zeros for none.
    pub bindings: [u8; 16],
    /// Flags.
    pub flags: u32,
    /// Deleg: a KRB-CRED. It stands there if, and only if, GSS_C_DELEG_FLAG is set.
    pub delegation: Option<Zeroizing<Vec<u8>>>,
    /// Exts, as they came.
    pub extensions: Vec<u8>,
}

impl GssChecksum {
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let short = || invalid("an authenticator's checksum that is too short");
        let (length, rest) = bytes.split_first_chunk().ok_or_else(short)?;
        let (bindings, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (flags, rest) = rest.split_first_chunk().ok_or_else(short)?;
        if u32::from_le_bytes(*length) != BINDINGS {
            return Err(invalid("channel bindings of another length than 16"));
        }
        let flags = u32::from_le_bytes(*flags);
        if flags & GSS_C_DELEG_FLAG == 0 {
            return Ok(Self { bindings: *bindings, flags, delegation: None, extensions: rest.to_vec() });
        }
        let (option, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        if u16::from_le_bytes(*option) != DELEGATION {
            return Err(invalid("an unknown delegation option"));
        }
        let length = usize::from(u16::from_le_bytes(*length));
        let (delegation, rest) = rest.split_at_checked(length).ok_or_else(short)?;
        let delegation = Some(Zeroizing::new(delegation.to_vec()));
        Ok(Self { bindings: *bindings, flags, delegation, extensions: rest.to_vec() })
    }

    /// Fails if the delegated credential is longer than 65,535 bytes. The delegation flag follows from
    /// whether there is one.
    pub fn build(&self) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(24);
        let flags = match self.delegation {
            Some(_) => self.flags | GSS_C_DELEG_FLAG,
            None => self.flags & !GSS_C_DELEG_FLAG,
        };
        out.extend_from_slice(&BINDINGS.to_le_bytes());
        out.extend_from_slice(&self.bindings);
        out.extend_from_slice(&flags.to_le_bytes());
        if let Some(delegation) = &self.delegation {
            let length = u16::try_from(delegation.len());
            let length = length.map_err(|_| invalid("a delegated credential that is too long"))?;
            out.extend_from_slice(&DELEGATION.to_le_bytes());
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(delegation);
        }
        out.extend_from_slice(&self.extensions);
        Ok(out)
    }
}
