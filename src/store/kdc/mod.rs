//! How a request reaches a realm's servers.

#![forbid(unsafe_code)]

use crate::error::Result;

/// Which of a realm's servers is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The KDC, port 88.
    Kdc,
    /// The password changing service, port 464.
    Kpasswd,
}

/// One request and its reply; finding servers, transports, time limits and fail-over are inside.
pub trait Exchange: Send + Sync {
    /// The reply of one of the realm's servers. `too_big` tells of a reply over UDP whether it asks
    /// for TCP (KRB_ERR_RESPONSE_TOO_BIG).
    fn exchange(
        &self,
        realm: &str,
        service: Service,
        request: &[u8],
        too_big: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<u8>>;
}
