//! Configured addresses as they may be shown: without a password, and without a question, which often is a key. Pure.

use serde::Serializer;

/// What stands where something is not shown.
const HIDDEN: &str = "***";

/// An address without its name, password and question. It is read as text: also one that is no address must not be shown whole.
pub fn address(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (&text[..scheme.len() + 3], rest));
    // A password may hold what usually ends the host.
    let named = rest.rfind('@').filter(|at| rest[..*at].contains(':') || !rest[..*at].contains(['/', '?', '#']));
    let (name, rest) = named.map_or(("", rest), |at| (HIDDEN, &rest[at..]));
    match rest.find(['?', '#']) {
        Some(question) => format!("{scheme}{name}{}{HIDDEN}", &rest[..=question]),
        None => format!("{scheme}{name}{rest}"),
    }
}

/// A text with every address in it as it may be shown.
pub fn text(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | ')' | ',');
    let shown = |word: &str| {
        let (word, end) = word.split_at(word.find(ends).unwrap_or(word.len()));
        let is_address = word.contains("://") || word.contains('@');
        if is_address { format!("{}{end}", address(word)) } else { format!("{word}{end}") }
    };
    text.split_inclusive(ends).map(shown).collect()
}

/// For `config show`.
pub(super) fn option<S: Serializer>(address: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match address {
        Some(address) => serializer.serialize_some(&self::address(address)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn an_address_is_shown_without_password_and_question() {
        for (typed, shown) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://user:SECRET@host/p?key=SECRET", "http://***@host/p?***"),
            ("http://SECRET@host:9000/", "http://***@host:9000/"),
            ("http://user:SEC/RET@host", "http://***@host"),
            ("http://user:SEC?RE#T@host#SECRET", "http://***@host#***"),
            ("user:SECRET@host:9000", "***@host:9000"),
            ("host:9000", "host:9000"),
            ("s3://key:SEC/RET@bucket/prefix", "s3://***@bucket/prefix"),
            ("s3://bucket/mine@home", "s3://bucket/mine@home"),
            ("", ""),
        ] {
            assert_eq!(super::address(typed), shown, "{typed}");
        }
        let text = "PUT http://u:SECRET@host/a?b=SECRET (`https://x/`), twice";
        assert_eq!(super::text(text), "PUT http://***@host/a?*** (`https://x/`), twice");
    }

    #[test]
    fn no_message_and_no_listing_has_the_password_of_an_address() {
        for wrong in [
            "[transport]\nvia = \"http://user:SECRET@host/p?key=SECRET\"\n",
            "[transport]\nvia = \"user:SEC RET@host\"\n",
            "[transport]\nvia = \"http://user:SEC RET SECRET@host:x\"\n",
            "[transport]\nvai = \"http://user:SECRET@host\"\n",
            "[transport]\nretries_max = \"http://user:SECRET@host\"\n",
            "[transport]\nvia = \"http://user:SECRET@host\n",
        ] {
            let error = Config::parse(wrong, "x.toml").expect_err(wrong).to_string();
            assert!(!error.contains("SEC") && error.contains("transport") | error.contains("line"), "{wrong}: {error}");
        }
        let mut config = Config::parse("[transport]\nvia = \"http://user:SECRET@host:9000\"\n", "x.toml").expect("an address");
        let kept = config.transport.via.clone();
        assert_eq!(kept.as_deref(), Some("http://user:SECRET@host:9000"), "requests go there as it is written");
        // Others are checked where they are used.
        config.server.public_url = Some("https://user:SECRET@prices.example.com".to_owned());
        config.lake.endpoint = Some("https://user:SECRET@s3.example.com/?SECRET".to_owned());
        config.lake.target = Some("s3://user:SECRET@bucket/prefix".to_owned());
        let shown = toml::to_string(&config).expect("TOML");
        assert!(!shown.contains("SECRET"), "{shown}");
        for wanted in
            ["http://***@host:9000", "https://***@prices.example.com", "https://***@s3.example.com/?***", "s3://***@bucket/prefix"]
        {
            assert!(shown.contains(wanted), "{wanted} is not in {shown}");
        }
    }
}
