//! Where messages may go: addresses from the configuration alone, and not into private networks unless it says so. Asked
//! twice: of the address as it is written, and of what its name resolves to when a message is sent.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The address, or why it is none.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn parse(text: &str, allow_private: bool) -> Result<Url, String> {
    // The address may be a secret: no message repeats it.
    let url = Url::parse(text).map_err(|_| "is no address; write it like `https://hooks.example.com/...`".to_owned())?;
    let Some(host) = url.host() else { return Err("has no host; write it like `https://hooks.example.com/...`".to_owned()) };
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => return Err("is plain `http`; use `https`, or set `allow_private = true` for a host on a private network".to_owned()),
        other => return Err(format!("begins with `{other}:`; it must begin with `https:`")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "holds a user name or password; put what is secret into its path, and the whole of it into `webhook_env` or `webhook_file`"
                .to_owned(),
        );
    }
    let private = match host {
        Host::Ipv4(address) => is_private(IpAddr::V4(address)),
        Host::Ipv6(address) => is_private(IpAddr::V6(address)),
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
    };
    if private && !allow_private {
        return Err("is on this machine or a private network; set `allow_private = true` where that is meant".to_owned());
    }
    Ok(url)
}

/// Not an address of the public Internet.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        // Shared between a carrier's customers (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (18..20).contains(&b))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // An IPv4 address in IPv6's clothes: mapped, compatible, NAT64, 6to4.
    let inner = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    let inside = match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(inner(high, low)),
        [0x2002, high, low, ..] => Some(inner(high, low)),
        _ => None,
    };
    inside.is_some_and(is_private_v4)
        || address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || parts[..2] == [0x64, 0xff9b] && parts[2] == 1
        || parts[..2] == [0x2001, 0xdb8]
}

/// Resolves names to public addresses only: a name that is public when it is checked may be private when it is used.
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| !is_private(address.ip())).collect();
            if public.is_empty() {
                return Err("it is on a private network; set `allow_private = true` where that is meant".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_dress() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
            "64:ff9b:1::1",
        ] {
            assert!(is_private(private.parse().expect(private)), "{private}");
        }
        for public in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"] {
            assert!(!is_private(public.parse().expect(public)), "{public}");
        }
    }

    #[test]
    fn an_address_is_refused_with_the_way_out_and_never_repeated() {
        for (text, allow_private, part) in [
            ("https://hooks.example.com/secret", false, ""),
            ("http://hooks.example.com/secret", false, "`https`"),
            ("http://127.0.0.1:9/secret", true, ""),
            ("https://localhost/secret", false, "allow_private"),
            ("https://[::1]/secret", false, "allow_private"),
            ("https://2130706433/secret", false, "allow_private"),
            ("https://user:secret@example.com/", false, "webhook_env"),
            ("file:///secret", true, "no host"),
            ("secret", false, "is no address"),
        ] {
            match parse(text, allow_private) {
                Ok(_) => assert_eq!(part, "", "{text}"),
                Err(reason) => assert!(
                    !part.is_empty() && reason.contains(part) && !reason.contains("secret@") && !reason.contains("/secret"),
                    "{text}: {reason}"
                ),
            }
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_not_resolved() {
        let error = PublicOnly.resolve("localhost".parse().expect("a name")).await.err().expect("it is private").to_string();
        assert!(error.contains("private network"), "{error}");
    }
}
