//! Ports for servers that keep theirs while they are restarted.

use std::hash::{BuildHasher, RandomState};
use std::net::TcpListener;
use std::ops::Range;

/// Below the ports that operating systems give to outgoing connections: such a connection could take the port of a
/// server that is down for a moment, or not yet up.
const PORTS: Range<u16> = 10_000..32_000;
const ATTEMPTS: usize = 1_000;

/// A port that nobody listened on a moment ago, picked at random.
///
/// # Panics
/// When there is none.
pub fn free_port() -> u16 {
    let random = RandomState::new();
    (0..ATTEMPTS)
        .map(|attempt| {
            let place = random.hash_one(attempt) % u64::from(PORTS.end - PORTS.start);
            PORTS.start + u16::try_from(place).unwrap_or(0)
        })
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap_or_else(|| panic!("no free port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_free_and_no_outgoing_connection_takes_it() {
        for _ in 0..100 {
            let port = free_port();
            assert!(PORTS.contains(&port));
        }
    }
}
