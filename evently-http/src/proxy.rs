//! Where a request came from, when proxies stand in front: `X-Forwarded-For` counts only from configured ones.

use http::HeaderMap;
use std::{net::IpAddr, str::FromStr};

/// The addresses of a proxy whose `X-Forwarded-For` is believed: `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyNetwork {
    address: IpAddr,
    prefix: u8,
}

/// The text is no address and no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an address or a network such as 10.0.0.0/8")]
pub struct InvalidNetwork;

impl ProxyNetwork {
    /// Whether an address is in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix);
                let top = |address: u32| address.checked_shr(shift).unwrap_or(0);
                top(own.to_bits()) == top(other.to_bits())
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix);
                let top = |address: u128| address.checked_shr(shift).unwrap_or(0);
                top(own.to_bits()) == top(other.to_bits())
            }
            _ => false,
        }
    }
}

impl FromStr for ProxyNetwork {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| InvalidNetwork)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix.parse().map_err(|_| InvalidNetwork)?,
        };
        if prefix > longest {
            return Err(InvalidNetwork);
        }
        Ok(Self { address, prefix })
    }
}

/// The address that a request came from: the peer's, or, where the peer is a trusted proxy, the last address of
/// `X-Forwarded-For` that is none. What stands before it anybody may have written.
pub(crate) fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &[ProxyNetwork],
) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let mut client = peer;
    let values = headers.get_all("x-forwarded-for").iter().rev();
    for part in values.flat_map(|value| value.to_str().unwrap_or("").rsplit(',')) {
        let Ok(address) = part.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !is_trusted(client) {
            break;
        }
    }
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn from(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        let trusted: Vec<ProxyNetwork> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client_address(Some(peer.parse().unwrap()), &headers, &trusted)
            .unwrap()
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_name_an_address() {
        assert_eq!(from("203.0.113.9", &["1.1.1.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(from("203.0.113.9", &["1.1.1.1"], &[]), "203.0.113.9");
    }

    #[test]
    fn the_last_address_before_the_proxies_is_the_clients() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(
            from("10.0.0.1", &["6.6.6.6, 198.51.100.2"], &proxies),
            "198.51.100.2"
        );
        assert_eq!(
            from("10.0.0.1", &["198.51.100.2, 10.2.3.4"], &proxies),
            "198.51.100.2"
        );
        assert_eq!(
            from("10.0.0.1", &["198.51.100.2", "10.2.3.4"], &proxies),
            "198.51.100.2"
        );
        assert_eq!(from("::ffff:10.0.0.1", &["2001:db8::1"], &proxies), "2001:db8::1");
        assert_eq!(from("10.0.0.1", &["198.51.100.2, junk"], &proxies), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &[], &proxies), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_with_and_without_a_prefix() {
        let all: ProxyNetwork = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("9.9.9.9".parse().unwrap()));
        let one: ProxyNetwork = "10.0.0.7".parse().unwrap();
        assert!(one.contains("10.0.0.7".parse().unwrap()) && !one.contains("10.0.0.8".parse().unwrap()));
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "host", "::/129"] {
            assert!(text.parse::<ProxyNetwork>().is_err(), "{text}");
        }
    }
}
