//! How long is waited for what.

#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::time::Duration;

use crate::log::{self, Level};
use crate::store::os::Os;

/// Without `SSPI_KDC_TIMEOUT`.
const TOTAL: Duration = Duration::from_secs(20);
const LONGEST: u64 = 600;
const DNS_PORT: u16 = 53;

/// The times of one exchange. With the default total of 20 s: UDP waits 1, 2 and 4 s for each
/// server, TCP connects within 4 s and waits 10 s for the reply, DNS takes 5 s.
///
/// So a realm whose one KDC is gone answers: at once when its host refuses, after 7 s when it
/// refuses TCP only, after 11 s when nothing comes back at all, after 17 s when it takes the
/// connection and says nothing; never after more than the total.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The whole exchange, DNS included.
    pub total: Duration,
    /// The first wait for a datagram; each of the two others is twice as long.
    pub datagram: Duration,
    /// A TCP connection's establishment.
    pub connect: Duration,
    /// An established connection: sending the request, waiting for the whole reply.
    pub answer: Duration,
    /// All questions to DNS.
    pub dns: Duration,
    /// Who is asked; `None` is /etc/resolv.conf's choice.
    pub nameservers: Option<Vec<SocketAddr>>,
}

impl Settings {
    /// The other times follow from the total.
    pub fn with_total(total: Duration) -> Settings {
        Settings {
            total,
            datagram: (total / 20).min(Duration::from_secs(1)),
            connect: (total / 5).min(Duration::from_secs(10)),
            answer: total / 2,
            dns: (total / 4).min(Duration::from_secs(10)),
            nameservers: None,
        }
    }

    /// `SSPI_KDC_TIMEOUT`: 1 to 600 seconds.
    pub fn from_environment(os: &dyn Os) -> Settings {
        let own = os.nameservers();
        let address = |ip| SocketAddr::new(ip, DNS_PORT);
        let nameservers = own.map(|own| own.into_iter().map(address).collect());
        Settings { nameservers, ..Settings::timed(os) }
    }

    fn timed(os: &dyn Os) -> Settings {
        let Some(setting) = os.variable("SSPI_KDC_TIMEOUT").filter(|setting| !setting.is_empty()) else {
            return Settings::with_total(TOTAL);
        };
        let seconds = setting.to_str().and_then(|text| text.trim().parse::<u64>().ok());
        match seconds.filter(|seconds| (1..=LONGEST).contains(seconds)) {
            Some(seconds) => Settings::with_total(Duration::from_secs(seconds)),
            None => {
                log::write(Level::Warn, format_args!("SSPI_KDC_TIMEOUT is not 1 to {LONGEST} seconds"));
                Settings::with_total(TOTAL)
            }
        }
    }

    /// How long a datagram's reply is waited for, round by round.
    pub fn datagram_waits(&self) -> [Duration; 3] {
        [self.datagram, self.datagram.saturating_mul(2), self.datagram.saturating_mul(4)]
    }
}
