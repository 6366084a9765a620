//! Which of the daemon's addresses are published, and the file of each. Pure.
//!
//! A page is a file that its links name (`gpus/rtx-4090.html`), not a folder with an `index.html` in it: a link then works from
//! `file://` and from a host that looks for no index, too.

/// A kind of page.
struct Page {
    /// Its address without the language; `*` is one segment, and such a page is published where another links it.
    path: &'static str,
    /// Keys of its query that are published where another page links them; with any other it is not.
    keys: &'static [&'static str],
}

/// The pages. A line here adds one; one with a `*` is reached by links alone.
const PAGES: &[Page] = &[
    Page { path: "/simulate", keys: &["preset", "limit"] },
    Page { path: "/compare", keys: &["a", "b"] },
    Page { path: "/gpus/*", keys: &["since"] },
    Page { path: "/providers", keys: &[] },
    Page { path: "/providers/*", keys: &[] },
    Page { path: "/guides/*", keys: &["workload", "usage"] },
    Page { path: "/about", keys: &[] },
    // What one reads first is written last.
    Page { path: "/", keys: &["sort"] },
];

/// Documents that are published though no page may link them.
const DOCUMENTS: &[&str] = &["/api/v1/gpus", "/api/v1/providers", "/api/v1/cheapest"];

/// Longer names of files are cut, with a hash of the whole: some hosts and file systems take no more than 255 bytes.
const NAME_BYTES_MAX: usize = 120;

/// What an address answers with, in the order in which it is published: where there is too much, the last are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Style sheet, icon.
    Asset,
    /// A page for people.
    Page,
    /// JSON.
    Document,
    /// CSV.
    Rows,
    /// An archived answer of a provider.
    Archived,
}

/// An address of the daemon, its query in pairs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Address {
    path: String,
    query: Vec<(String, String)>,
}

impl Address {
    /// A link as a page has it, entities undone: the address, and the fragment with its `#`. `None` where it leads to another
    /// host, or is only a fragment.
    pub(super) fn of_link(href: &str) -> Option<(Self, &str)> {
        if !href.starts_with('/') || href.starts_with("//") {
            return None;
        }
        let (rest, fragment) = href.find('#').map_or((href, ""), |at| href.split_at(at));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let query = url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Some((Self { path: path.to_owned(), query }, fragment))
    }

    /// As it is asked.
    pub(super) fn request(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        format!("{}?{query}", self.path)
    }

    /// The hash of the archived answer that it is of.
    pub(super) fn archived(&self) -> Option<&str> {
        self.path.strip_prefix("/api/v1/pages/")
    }

    /// What it answers with, where it is published.
    pub(super) fn kind(&self) -> Option<Kind> {
        if self.path.starts_with("/static/") {
            return Some(Kind::Asset);
        }
        if self.archived().is_some() {
            return Some(Kind::Archived);
        }
        if self.path.starts_with("/api/v1/export/") {
            let is_csv = self.query.iter().any(|(name, value)| name == "format" && value == "csv");
            return is_csv.then_some(Kind::Rows);
        }
        if self.path.starts_with("/api/v1/csv/") {
            return Some(Kind::Rows);
        }
        if self.path.starts_with("/api/") {
            // It describes a service, which a folder is not.
            return (self.path != "/api/v1/openapi.json").then_some(Kind::Document);
        }
        let (_, path) = self.language();
        let is_published = |page: &&Page| matches(page.path, path) && self.query.iter().all(|(name, _)| page.keys.contains(&name.as_str()));
        PAGES.iter().any(|page| is_published(&page)).then_some(Kind::Page)
    }

    fn language(&self) -> (&str, &str) {
        match self.path.strip_prefix("/fr") {
            Some("") => ("/fr", "/"),
            Some(rest) if rest.starts_with('/') => ("/fr", rest),
            _ => ("", &self.path),
        }
    }

    /// The file of an address of that kind, below the folder. `is_sample`: rows and archived answers, which have no place to say
    /// that they are made up, say it in their names.
    pub(super) fn file(&self, kind: Kind, is_sample: bool) -> String {
        let (prefix, path) = self.language();
        let mut name: String = format!("{prefix}{path}")[1..].split('/').map(spelt).collect::<Vec<_>>().join("/");
        if name.is_empty() || name.ends_with('/') {
            name.push_str("index");
        }
        let ending = match kind {
            Kind::Asset => return self.path[1..].to_owned(),
            Kind::Page => ".html",
            Kind::Document => ".json",
            Kind::Rows if is_sample => ".sample.csv",
            Kind::Rows => ".csv",
            Kind::Archived if is_sample => ".sample.txt",
            Kind::Archived => ".txt",
        };
        let asked: String = self
            .query
            .iter()
            .filter(|(key, _)| kind != Kind::Rows || key != "format")
            .map(|(key, value)| format!(".{}-{}", spelt(key), spelt(value)))
            .collect();
        let whole = format!("{name}{asked}");
        let last = whole.rfind('/').map_or(0, |slash| slash + 1);
        if whole.len() - last + ending.len() <= NAME_BYTES_MAX {
            return format!("{whole}{ending}");
        }
        let hash = blake3::hash(whole.as_bytes()).to_hex();
        let begin: String = whole[last..].chars().take(NAME_BYTES_MAX - 40).collect();
        let begin = begin.rsplit_once('.').map_or(begin.as_str(), |(begin, _)| begin);
        format!("{}{begin}.{}{ending}", &whole[..last], &hash[..16])
    }
}

/// Where publishing begins: every page that needs no link, in every language, and the documents.
pub(super) fn starts() -> impl Iterator<Item = Address> {
    let of = |path: String| Address { path, query: Vec::new() };
    let pages = PAGES.iter().filter(|page| !page.path.contains('*'));
    let pages = pages.flat_map(move |page| crate::web::Lang::ALL.map(|lang| of(format!("{}{}", lang.prefix(), page.path))));
    pages.chain(DOCUMENTS.iter().map(move |path| of((*path).to_owned())))
}

/// The files that replace their earlier selves last, in this order: who comes in by them finds the rest there.
pub(super) const LAST: [&str; 2] = ["fr/index.html", "index.html"];

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return false,
        }
    }
}

/// A text in letters that every host, file system and address takes as they are; `~` and two digits stand for any other byte. A dot
/// parts the words of a file's name, so none is in a word.
fn spelt(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b',' => char::from(byte).to_string(),
            _ => format!("~{byte:02x}"),
        })
        .collect()
}

/// From a file to another, both below the folder, as a relative link.
pub(super) fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.split('/').collect();
    let shared = from.iter().zip(&to[..to.len() - 1]).take_while(|(one, other)| one == other).count();
    let mut link = "../".repeat(from.len() - shared);
    link.push_str(&to[shared..].join("/"));
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(href: &str) -> Address {
        Address::of_link(href).expect("an own link").0
    }

    #[track_caller]
    fn check(href: &str, kind: Kind, file: &str) {
        let address = address(href);
        assert_eq!(address.kind(), Some(kind), "{href}");
        assert_eq!(address.file(kind, false), file, "{href}");
    }

    #[test]
    fn an_address_has_a_file_that_says_what_it_is() {
        check("/", Kind::Page, "index.html");
        check("/fr/", Kind::Page, "fr/index.html");
        check("/fr/?sort=gpu", Kind::Page, "fr/index.sort-gpu.html");
        check("/providers", Kind::Page, "providers.html");
        check("/gpus/rtx-4090?since=7d#history", Kind::Page, "gpus/rtx-4090.since-7d.html");
        check("/fr/compare?a=l4&b=rtx-4090", Kind::Page, "fr/compare.a-l4.b-rtx-4090.html");
        check("/guides/image-generation", Kind::Page, "guides/image-generation.html");
        check("/api/v1/offers/0123", Kind::Document, "api/v1/offers/0123.json");
        check("/api/v1/compare?gpus=a,b", Kind::Document, "api/v1/compare.gpus-a,b.json");
        check("/api/v1/export/offers?format=csv&gpu=l4", Kind::Rows, "api/v1/export/offers.gpu-l4.csv");
        check("/api/v1/csv/compare?gpus=a,b", Kind::Rows, "api/v1/csv/compare.gpus-a,b.csv");
        check("/api/v1/pages/ab", Kind::Archived, "api/v1/pages/ab.txt");
        check("/static/0a.css", Kind::Asset, "static/0a.css");
        assert_eq!(address("/api/v1/export/offers?format=csv").file(Kind::Rows, true), "api/v1/export/offers.sample.csv");
    }

    #[test]
    fn what_needs_a_service_is_not_published() {
        for href in [
            "/?gpu=l4",
            "/simulate?images=3",
            "/api/v1/openapi.json",
            "/api/v1/export/offers?format=parquet",
            "/metrics",
            "/gpus",
            "/gpus/",
        ] {
            assert_eq!(address(href).kind(), None, "{href}");
        }
        assert!(Address::of_link("//example.com/x").is_none() && Address::of_link("#main").is_none());
        assert!(Address::of_link("https://example.com/").is_none());
    }

    #[test]
    fn files_differ_where_addresses_do_and_their_names_are_plain_and_short() {
        let long = format!("/api/v1/simulate?trace={}", "1,".repeat(500));
        let hrefs = [
            "/gpus/a",
            "/gpus/a?since=b",
            "/gpus/a.since-b",
            "/gpus/a?since=b.c",
            "/gpus/~2e",
            "/gpus/.",
            "/gpus/%2e",
            &long,
            "/api/v1/simulate?trace=1",
        ];
        let files: std::collections::BTreeSet<String> = hrefs.iter().map(|href| address(href).file(Kind::Page, false)).collect();
        assert_eq!(files.len(), hrefs.len(), "{files:?}");
        for file in files {
            assert!(file.split('/').all(|name| name.len() <= NAME_BYTES_MAX && !name.starts_with('.')), "{file}");
            assert!(file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_,.~/".contains(&byte)), "{file}");
        }
    }

    #[test]
    fn a_link_goes_up_and_down_again() {
        assert_eq!(relative("index.html", "fr/index.html"), "fr/index.html");
        assert_eq!(relative("fr/gpus/l4.html", "fr/gpus/l4.since-7d.html"), "l4.since-7d.html");
        assert_eq!(relative("fr/gpus/l4.html", "gpus/l4.html"), "../../gpus/l4.html");
        assert_eq!(relative("fr/gpus/l4.html", "fr/index.html"), "../index.html");
        assert_eq!(relative("gpus/l4.html", "api/v1/offers/a.json"), "../api/v1/offers/a.json");
    }
}
