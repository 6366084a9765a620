//! Addresses: to the one asked instead (`via`) and back, and what of an address may be shown or kept. Pure.

use std::net::IpAddr;

use gpurate_providers::Request;
use url::{Host, Url};

/// Query parameters that carry a credential at one provider or another. Names of page marks (`page_token`) are not among them.
const CREDENTIAL_PARAMETERS: [&str; 13] = [
    "access_token",
    "api-key",
    "api_key",
    "apikey",
    "auth",
    "auth_token",
    "key",
    "password",
    "secret",
    "sig",
    "signature",
    "token",
    "x-amz-security-token",
];

/// Where a request for `original` is sent instead: to `via`, with scheme and host as the first path segments. A port that
/// is not the scheme's own stays with the host; path and query stay byte for byte.
pub fn via_url(via: &Url, original: &Url) -> Url {
    let host = original.host_str().unwrap_or_default();
    let port = original.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut mapped = via.clone();
    mapped.set_path(&format!("/{}/{host}{port}{}", original.scheme(), original.path()));
    mapped.set_query(original.query());
    mapped
}

/// The inverse of [`via_url`], from path and query; `None` where they do not begin with a scheme and a host.
pub fn original_url(path_and_query: &str) -> Option<Url> {
    let (scheme, rest) = path_and_query.strip_prefix('/')?.split_once('/')?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !matches!(scheme, "http" | "https") || authority.is_empty() || authority.contains(['@', '\\']) {
        return None;
    }
    Url::parse(&format!("{scheme}://{rest}")).ok()
}

/// Whether an address is of this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// An address without what may be a credential: no user, no password, no query parameter that is called like a key or whose
/// value is one of `secrets`. The other parameters stay byte for byte.
pub fn public_url(url: &Url, secrets: &[String]) -> Url {
    let mut public = url.clone();
    // Both only fail for addresses without a host, which have neither.
    let _ = public.set_username("");
    let _ = public.set_password(None);
    public.set_fragment(None);
    if let Some(query) = url.query() {
        let kept: Vec<_> = query.split('&').filter(|pair| !is_credential(pair, secrets)).collect();
        public.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    }
    public
}

/// The address and the body of a request as they may be kept and shown: without what [`public_url`] takes away, and with
/// `***` where one of `secrets` stands elsewhere. Byte for byte as asked where there is none.
pub fn public_request(request: &Request, secrets: &[String]) -> (String, Option<String>) {
    let url = Url::parse(&request.url).map_or_else(
        |_| String::new(),
        |url| {
            let public = public_url(&url, secrets);
            if public == url { request.url.clone() } else { public.to_string() }
        },
    );
    (hidden(&url, secrets), request.body.as_deref().map(|body| hidden(body, secrets)))
}

/// A text with `***` for each secret, as it is and as an address or JSON writes it.
pub fn hidden(text: &str, secrets: &[String]) -> String {
    let mut shown = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let in_query: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        // A path writes a space otherwise than a query does.
        let in_path = in_query.replace('+', "%20");
        let in_json = serde_json::Value::from(secret.as_str()).to_string();
        for written in [secret, &in_query, &in_path, in_json.trim_matches('"')] {
            shown = shown.replace(written, "***");
        }
    }
    shown
}

/// The name under which a request's validator is kept: the same for the same question, and without a readable secret. The
/// digest covers what is left out of the address, so that two questions never share a name.
pub fn request_key(request: &Request) -> String {
    let public = Url::parse(&request.url).map(|url| public_url(&url, &[]).to_string()).unwrap_or_default();
    let mut hasher = blake3::Hasher::new();
    hasher.update(request.url.as_bytes());
    hasher.update(&[0]);
    hasher.update(request.body.as_deref().unwrap_or_default().as_bytes());
    format!("{} {public} {}", request.method.as_str(), hasher.finalize().to_hex())
}

fn is_credential(pair: &str, secrets: &[String]) -> bool {
    url::form_urlencoded::parse(pair.as_bytes()).any(|(name, value)| {
        CREDENTIAL_PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
            || secrets.iter().any(|secret| !secret.is_empty() && value.contains(secret.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn path_and_query(url: &Url) -> String {
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    #[track_caller]
    fn check(original: &str, mapped: &str) {
        let via = url("http://127.0.0.1:9000");
        let found = via_url(&via, &url(original));
        assert_eq!(found.as_str(), mapped);
        assert_eq!(original_url(&path_and_query(&found)), Some(url(original)));
    }

    #[test]
    fn scheme_host_and_port_become_path_segments() {
        check("https://api.example.com/graphql", "http://127.0.0.1:9000/https/api.example.com/graphql");
        check(
            "https://api.example.com:8443/v1/pricing?a=%7B%7d&b",
            "http://127.0.0.1:9000/https/api.example.com:8443/v1/pricing?a=%7B%7d&b",
        );
        check("https://api.example.com:443/", "http://127.0.0.1:9000/https/api.example.com/");
        check("http://[::1]:80/a//b/?", "http://127.0.0.1:9000/http/[::1]/a//b/?");
        check(
            "https://example.com/US%20East%20(N.%20Virginia)/x.json",
            "http://127.0.0.1:9000/https/example.com/US%20East%20(N.%20Virginia)/x.json",
        );
    }

    #[test]
    fn what_does_not_begin_with_scheme_and_host_is_nobodys() {
        for text in [
            "",
            "/",
            "/https",
            "/https/",
            "/https//x",
            "/ftp/example.com/",
            "/file/etc/passwd",
            "/https/a@example.com/",
            "https/example.com/",
        ] {
            assert_eq!(original_url(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn mapping_there_and_back_changes_nothing(
            scheme in "https?",
            host in "([a-z][a-z0-9-]{0,8}[a-z0-9]\\.){1,3}example\\.com",
            port in proptest::option::of(1_u16..),
            path in "(/[a-zA-Z0-9._~!$&'()*+,;=:@%-]{0,9}){0,5}",
            query in proptest::option::of("[a-zA-Z0-9._~!$&'()*+,;=:@/?%-]{0,30}"),
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            // Some letters make no name (`xn--a`).
            let Ok(original) = Url::parse(&format!("{scheme}://{host}{port}{path}{query}")) else { return Ok(()) };
            for via in ["http://127.0.0.1:9000", "https://gateway.example.com/"] {
                let mapped = via_url(&url(via), &original);
                prop_assert_eq!(mapped.origin(), url(via).origin());
                prop_assert_eq!(original_url(&path_and_query(&mapped)), Some(original.clone()));
            }
        }
    }

    #[test]
    fn a_public_address_has_no_credential_and_keeps_its_page_mark() {
        let address = url("https://me:pw@example.com/v1?key=AIza1&page_token=b%2F&Api_Key=s&x=hunter2");
        assert_eq!(public_url(&address, &["hunter2".to_owned()]).as_str(), "https://example.com/v1?page_token=b%2F");
        assert_eq!(public_url(&url("https://example.com/v1?token=t"), &[]).as_str(), "https://example.com/v1");
    }

    #[test]
    fn what_is_kept_of_a_request_has_no_secret_in_address_or_body_and_is_else_as_asked() {
        let secrets = ["a b+\"c".to_owned(), String::new()];
        let body = serde_json::json!({"auth": secrets[0], "gpu": "L4"});
        let asked = Request::post_json("https://me:pw@example.com/k/a%20b%2B%22c/v1?q=a+b%2B%22c&page=2&api_key=x", &body);
        let (url, kept) = public_request(&asked, &secrets);
        assert_eq!(url, "https://example.com/k/***/v1?page=2");
        assert_eq!(kept.as_deref(), Some(r#"{"auth":"***","gpu":"L4"}"#));
        assert_eq!(hidden("GET https://example.com/?odd=a+b%2B%22c", &secrets), "GET https://example.com/?odd=***");
        let plain = Request::post_json("https://example.com?gpu=a%2fb", &serde_json::json!({"gpu": "L4"}));
        assert_eq!(public_request(&plain, &secrets), (plain.url.clone(), plain.body.clone()), "byte for byte");
    }

    #[test]
    fn a_request_key_tells_questions_apart_and_hides_secrets() {
        let key = |url: &str| request_key(&Request::get(url));
        let one = key("https://example.com/v1?token=hunter2&page=1");
        assert!(!one.contains("hunter2") && one.starts_with("GET https://example.com/v1?page=1 "), "{one}");
        assert_ne!(one, key("https://example.com/v1?token=hunter3&page=1"));
        let post = |body: serde_json::Value| request_key(&Request::post_json("https://example.com/", &body));
        assert_ne!(post(serde_json::json!({"gpu": 1})), post(serde_json::json!({"gpu": 2})));
        assert_eq!(post(serde_json::json!({"gpu": 1})), post(serde_json::json!({"gpu": 1})));
    }
}
