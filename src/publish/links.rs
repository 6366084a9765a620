//! Pages as files: every link leads to a file beside it, to a running gpurate, or says that it leads nowhere; a form, which needs
//! somebody to answer, gives way to a sentence. The rest of a page stays as the daemon sends it, byte for byte.

use std::borrow::Cow;

use lol_html::html_content::{ContentType, Element};
use lol_html::{RewriteStrSettings, element, rewrite_str};

/// Where a link leads in the published site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Where it led before: another host, or a place on the same page.
    Same,
    /// There.
    At(String),
    /// Nowhere.
    Nowhere,
}

/// What is put into a page, as markup.
#[derive(Clone, Debug, Default)]
pub(super) struct Inserted {
    /// Before its header: of which moment it is.
    pub notice: String,
    /// In the place of a form.
    pub form: String,
    /// After the words of a link that leads nowhere.
    pub left_out: String,
    /// What it may load: a folder has no headers to say it.
    pub policy: String,
}

/// A page that cannot be read as one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoPage(String);

type Handled = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// The links of a page in their order, entities undone.
///
/// # Errors
/// The page is no HTML of ours.
pub(super) fn links(html: &str) -> Result<Vec<String>, NoPage> {
    let mut found = Vec::new();
    let note = |element: &mut Element<'_, '_>| -> Handled {
        found.push(href(element)?);
        Ok(())
    };
    let settings = RewriteStrSettings::new().append_element_content_handler(element!("a[href], link[href]", note));
    rewrite_str(html, settings).map_err(|error| NoPage(error.to_string()))?;
    Ok(found)
}

/// The page with every link where `target` says. A link from the head that leads nowhere is taken out.
///
/// # Errors
/// The page is no HTML of ours.
pub(super) fn rewrite(html: &str, target: impl Fn(&str) -> Target, inserted: &Inserted) -> Result<String, NoPage> {
    let lead = |element: &mut Element<'_, '_>| -> Handled {
        match target(&href(element)?) {
            Target::Same => {}
            Target::At(link) => element.set_attribute("href", &escaped(&link))?,
            Target::Nowhere if element.tag_name() == "link" => element.remove(),
            Target::Nowhere => {
                element.after(&inserted.left_out, ContentType::Html);
                element.remove_and_keep_content();
            }
        }
        Ok(())
    };
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("a[href], link[href]", lead))
        .append_element_content_handler(element!("form", |form| {
            form.replace(&inserted.form, ContentType::Html);
            Ok(())
        }))
        // Its fields stand in the cells of a table.
        .append_element_content_handler(element!("form.pick, td.pick, th.pick", |field| {
            field.replace("", ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("head > meta[charset]", |meta| {
            meta.after(&inserted.policy, ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("body > header", |header| {
            header.before(&inserted.notice, ContentType::Html);
            Ok(())
        }));
    rewrite_str(html, settings).map_err(|error| NoPage(error.to_string()))
}

fn href(element: &Element<'_, '_>) -> Result<String, NoPage> {
    plain(&element.get_attribute("href").unwrap_or_default()).map(Cow::into_owned)
}

/// An attribute's value with its entities undone: those that our templates write.
fn plain(value: &str) -> Result<Cow<'_, str>, NoPage> {
    if !value.contains('&') {
        return Ok(Cow::Borrowed(value));
    }
    let mut text = String::with_capacity(value.len());
    let mut parts = value.split('&');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let unknown = || NoPage(format!("`&{part}` in an address is no entity that this program writes"));
        let (name, rest) = part.split_once(';').ok_or_else(unknown)?;
        let number = || name.strip_prefix('#')?.parse().ok().and_then(char::from_u32);
        text.push(match name {
            "amp" => '&',
            "quot" => '"',
            "lt" => '<',
            "gt" => '>',
            _ => number().ok_or_else(unknown)?,
        });
        text.push_str(rest);
    }
    Ok(Cow::Owned(text))
}

/// An address as an attribute's value; the quotes are the rewriter's to escape.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html><html><head><meta charset=\"utf-8\"><link rel=\"alternate\" href=\"/gone\"></head><body>\
        <header><a href=\"/x?a=1&#38;b=&#34;2\">x &amp; y</a></header><main><header>h</header><a href=\"/gone\">z <b>w</b></a>\
        <form action=\"/\"><input><a href=\"/in-a-form\">i</a></form><td class=\"pick\"><input></td><form class=\"pick\"></form><a href=\"https://example.com/?a&amp;b\">o</a></main></body></html>";

    fn inserted() -> Inserted {
        Inserted { notice: "<p>N</p>".into(), form: "<p>F</p>".into(), left_out: " (L)".into(), policy: "<meta P>".into() }
    }

    #[test]
    fn links_are_found_with_their_entities_undone() {
        let found = links(PAGE).expect("a page");
        assert_eq!(found, ["/gone", "/x?a=1&b=\"2", "/gone", "/in-a-form", "https://example.com/?a&b"]);
        assert!(links("<a href=\"/?a&b;\">").is_err(), "what it does not know it does not guess");
        assert!(links("<a href=\"/?a&amp\">").is_err());
    }

    #[test]
    fn a_page_is_rewritten_where_it_must_be_and_nowhere_else() {
        let target = |href: &str| match href {
            "/gone" => Target::Nowhere,
            href if href.starts_with('/') => Target::At("y?a&\"b".to_owned()),
            _ => Target::Same,
        };
        let html = rewrite(PAGE, target, &inserted()).expect("a page");
        assert_eq!(
            html,
            "<!doctype html><html><head><meta charset=\"utf-8\"><meta P></head><body><p>N</p>\
            <header><a href=\"y?a&amp;&quot;b\">x &amp; y</a></header><main><header>h</header>z <b>w</b> (L)\
            <p>F</p><a href=\"https://example.com/?a&amp;b\">o</a></main></body></html>"
        );
        let same = rewrite(PAGE, |_| Target::Same, &Inserted { form: "<p>F</p>".into(), ..Inserted::default() }).expect("a page");
        assert_eq!(
            same,
            PAGE.replace(
                "<form action=\"/\"><input><a href=\"/in-a-form\">i</a></form><td class=\"pick\"><input></td><form class=\"pick\"></form>",
                "<p>F</p>"
            )
        );
    }
}
