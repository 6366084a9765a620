//! The pages' words in every language: messages of `text/*.ftl`, with plurals by each language's own rules.
//!
//! A message is plain text. Markup stands in templates, and what a message is given is escaped there like any other text.
//! A message that a language lacks is a fault that tests find; in a running program its name is shown in its place.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::{Whole, figures};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English, at the root.
    En,
    /// French, under `/fr`.
    Fr,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// Its code, as in `lang="fr"`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    /// What its addresses begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::En => "",
            Self::Fr => "/fr",
        }
    }

    /// The file of its messages.
    const fn messages(self) -> &'static str {
        match self {
            Self::En => include_str!("text/en.ftl"),
            Self::Fr => include_str!("text/fr.ftl"),
        }
    }

    /// A message.
    pub fn t(self, key: &str) -> String {
        self.message(key, &FluentArgs::new())
    }

    /// A message of `$n` things.
    pub(crate) fn n(self, key: &str, n: impl Whole) -> String {
        self.message(key, &FluentArgs::from_iter([("n", whole(n))]))
    }

    /// A message about `$x`.
    pub fn x(self, key: &str, x: impl Display) -> String {
        self.message(key, &FluentArgs::from_iter([("x", text(x))]))
    }

    /// A message about `$x` and `$y`.
    pub fn xy(self, key: &str, x: impl Display, y: impl Display) -> String {
        self.message(key, &FluentArgs::from_iter([("x", text(x)), ("y", text(y))]))
    }

    /// A message about `$x`, `$y` and `$z`.
    pub fn xyz(self, key: &str, x: impl Display, y: impl Display, z: impl Display) -> String {
        self.message(key, &FluentArgs::from_iter([("x", text(x)), ("y", text(y)), ("z", text(z))]))
    }

    /// A message of `$n` things about `$x`.
    pub(crate) fn nx(self, key: &str, n: impl Whole, x: impl Display) -> String {
        self.message(key, &FluentArgs::from_iter([("n", whole(n)), ("x", text(x))]))
    }

    /// A message with figures of these names.
    pub(crate) fn named<'a>(self, key: &str, figures: impl Iterator<Item = (&'a str, String)>) -> String {
        self.message(key, &figures.map(|(name, figure)| (name.to_owned(), FluentValue::from(figure))).collect())
    }

    fn message(self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = &BUNDLES[self as usize];
        let mut errors = Vec::new();
        let found = bundle.get_message(key).and_then(|message| message.value());
        let words = found.map(|pattern| bundle.format_pattern(pattern, Some(args), &mut errors).into_owned());
        let well = words.is_some() && errors.is_empty();
        if cfg!(test) {
            assert!(well, "the message `{key}` in `{}`: {errors:?}", self.code());
        } else if !well {
            tracing::error!(key, lang = self.code(), ?errors, "a message of the pages is missing or broken");
        }
        words.unwrap_or_else(|| key.to_owned())
    }
}

fn whole(n: impl Whole) -> FluentValue<'static> {
    FluentValue::from(n.whole())
}

fn text(x: impl Display) -> FluentValue<'static> {
    FluentValue::from(x.to_string())
}

static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 2]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> FluentBundle<FluentResource> {
    let id = lang.code().parse().expect("a code of two letters is a language");
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The marks around what is put in are for right-to-left text, and would be copied with a figure.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::En => |value, _| number(Lang::En, value),
        Lang::Fr => |value, _| number(Lang::Fr, value),
    }));
    let words = match lang {
        Lang::En => lang.messages().to_owned(),
        Lang::Fr => held_together(lang.messages()),
    };
    let resource = FluentResource::try_new(words).expect("every message is parsed by a test");
    bundle.add_resource(resource).expect("no message stands twice, by a test");
    bundle
}

/// French sets a space before its double marks: one that no line breaks at.
fn held_together(text: &str) -> String {
    let marks = [" :", " ;", " ?", " !", " %", " »"];
    let held = marks.iter().fold(text.to_owned(), |text, mark| text.replace(mark, &mark.replace(' ', "\u{a0}")));
    held.replace("« ", "«\u{a0}")
}

/// Whole numbers in the reader's form.
fn number(lang: Lang, value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) => number.as_string().parse().ok().map(|whole: i64| figures::whole(lang, whole)),
        _ => None,
    }
}
