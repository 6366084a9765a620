//! Sentences of the views in the reader's language: the message of their id, with their figures in the reader's form, each
//! with its exact value or a link. The English ones are the views' own texts; a test holds them against each other.

use std::str::FromStr;

use gpurate_domain::MarketKind;
use gpurate_domain::billing::Money;

use super::words::Lang;
use super::{Frame, figures};
use crate::catalogue;
use crate::said::{Argument, ArgumentKind, Message, Said};
use crate::simulate::{LeftOut, RowView};

/// A piece of a sentence; escaped by the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What is read.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// The exact value of a figure.
    pub value: Option<String>,
    /// It is in English whatever the page's language.
    pub is_english: bool,
}

impl Piece {
    fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What a message is found by.
fn key(message_id: &str) -> String {
    format!("said-{message_id}")
}

/// Stands for the figure of this number until the sentence is taken apart: a character for private use, which no message has.
fn mark(number: usize) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_u32(0xf0000 + number)).unwrap_or('\u{fffd}')
}

fn number_of(mark: char) -> Option<usize> {
    usize::try_from(u32::from(mark).checked_sub(0xf0000)?).ok().filter(|number| *number < 0xff00)
}

/// What a page says in place of an error that names a command: the message, the page that lists them, and that page's name.
fn page_instead(message_id: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match message_id {
        "error-no-gpu" => ("problem-no-gpu", "/", "nav-prices"),
        "error-no-workload" => ("problem-no-workload", "/compare#workloads", "compare-workloads"),
        "error-no-workload-near" => ("problem-no-workload-near", "/compare#workloads", "compare-workloads"),
        "error-no-key" => ("problem-no-key", "/simulate", "nav-simulate"),
        "error-no-key-near" => ("problem-no-key-near", "/simulate", "nav-simulate"),
        _ => return None,
    })
}

impl Frame {
    /// A sentence of a view.
    pub(super) fn said(&self, message: &Message) -> Vec<Piece> {
        self.said_as(message.message_id, &message.arguments)
    }

    /// The sentence of an id with these figures.
    pub(super) fn said_as(&self, message_id: &str, arguments: &[Argument]) -> Vec<Piece> {
        self.pieces(&key(message_id), arguments)
    }

    /// A message about these figures.
    fn pieces(&self, key: &str, arguments: &[Argument]) -> Vec<Piece> {
        let marks = arguments.iter().enumerate().map(|(number, argument)| (argument.name, mark(number).to_string()));
        let text = self.lang.named(key, marks);
        let mut pieces = Vec::new();
        let mut words = String::new();
        for character in text.chars() {
            match number_of(character).and_then(|number| arguments.get(number)) {
                Some(argument) => {
                    if !words.is_empty() {
                        pieces.push(Piece::words(std::mem::take(&mut words)));
                    }
                    pieces.extend(self.figure(argument));
                }
                None => words.push(character),
            }
        }
        if !words.is_empty() {
            pieces.push(Piece::words(words));
        }
        pieces
    }

    /// The same as plain text.
    pub(super) fn said_text(&self, message_id: &str, arguments: &[Argument]) -> String {
        self.said_as(message_id, arguments).into_iter().map(|piece| piece.text).collect()
    }

    /// Sentences one after another.
    pub(super) fn said_all(&self, all: &[Said], between: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for said in all {
            if !pieces.is_empty() {
                pieces.push(Piece::words(between));
            }
            pieces.extend(self.said_as(said.message_id, &said.arguments));
        }
        pieces
    }

    /// What is to be known of a time.
    pub(super) fn cautions(&self, cautions: &[Said]) -> Vec<Piece> {
        self.said_all(cautions, &self.t("semicolon"))
    }

    /// How the speed of a row is known, and what is to be known of that.
    pub(super) fn speed_basis(&self, row: &RowView) -> Vec<Piece> {
        let mut pieces = self.said_all(&row.speed_basis_said, ", ");
        if !row.speed_cautions_said.is_empty() {
            pieces.push(Piece::words(self.t("semicolon")));
            pieces.extend(self.cautions(&row.speed_cautions_said));
        }
        pieces
    }

    /// A figure; a range is its two ends where they read differently.
    pub(super) fn figure(&self, argument: &Argument) -> Vec<Piece> {
        if argument.kind == ArgumentKind::Sentence {
            return self.said_as(&argument.value, &[]);
        }
        if argument.kind == ArgumentKind::English && self.lang != Lang::En {
            return self.in_own_words(&argument.value);
        }
        let low = self.end(argument, &argument.value);
        if argument.is_from() {
            return vec![Piece::words(format!("{} ", self.t("price-from"))), low];
        }
        match argument.value_high.as_deref().map(|high| self.end(argument, high)) {
            Some(high) if high.text != low.text => {
                let between = self.xy("range", "\u{0}", "\u{0}").replace('\u{0}', "");
                vec![low, Piece::words(between), high]
            }
            _ => vec![low],
        }
    }

    fn end(&self, argument: &Argument, value: &str) -> Piece {
        let value = value.to_owned();
        let english = argument.end(&value);
        let at = |path: &str| Some(self.url(&format!("{path}{value}")));
        match argument.kind {
            ArgumentKind::Gpu => {
                let is_known = catalogue::gpus().by_slug(&value).is_some();
                Piece { href: is_known.then(|| at("/gpus/")).flatten(), ..Piece::words(english) }
            }
            ArgumentKind::Provider => {
                let is_known = catalogue::by_slug(&value).is_some();
                Piece { href: is_known.then(|| at("/providers/")).flatten(), ..Piece::words(english) }
            }
            ArgumentKind::Workload => Piece::words(self.workload_name(&english)),
            // A list of a view has each word in its own quotes.
            ArgumentKind::Name if self.lang != Lang::En => Piece::words(english.replace("`, `", ", ").replace("` or `", ", ")),
            ArgumentKind::Name => Piece::words(english),
            ArgumentKind::English => Piece { is_english: self.lang != Lang::En, ..Piece::words(english) },
            ArgumentKind::Feature => Piece::words(if self.lang == Lang::En { english } else { self.feature(&english) }),
            ArgumentKind::Market => Piece::words(
                MarketKind::ALL.into_iter().find(|market| market.as_str() == value).map_or(english, |market| self.market(market)),
            ),
            ArgumentKind::Usd
            | ArgumentKind::UsdFrom
            | ArgumentKind::UsdPerHour
            | ArgumentKind::UsdPerHourFrom
            | ArgumentKind::ImageSeconds => {
                Piece { text: figures::as_written(self.lang, &english), value: Some(value), ..Piece::default() }
            }
            ArgumentKind::Count | ArgumentKind::Gib | ArgumentKind::Percent => Piece::words(figures::as_written(self.lang, &english)),
            ArgumentKind::Days => Piece::words(value.parse().map_or(english, |days: i64| self.n("simulate-days", days))),
            ArgumentKind::Span | ArgumentKind::Age => Piece::words(self.time_words(&english)),
            ArgumentKind::Money => match (self.lang, Money::from_str(&value)) {
                (Lang::Fr, Ok(money)) => Piece {
                    text: figures::with_currency(self.lang, &figures::exact(self.lang, money.amount.0, 2), money.currency),
                    value: Some(money.amount.to_string()),
                    ..Piece::default()
                },
                _ => Piece::words(english),
            },
            ArgumentKind::Unit => Piece::words(self.t(match value.as_str() {
                "gb" => "unit-gb",
                "gib" => "unit-gib",
                "gb_month" => "unit-gb-month",
                "gib_month" => "unit-gib-month",
                "gb_hour" => "unit-gb-hour",
                _ => "unit-gib-hour",
            })),
            ArgumentKind::Eviction => Piece::words(self.evicted(&value)),
            ArgumentKind::Sentence => Piece::words(self.said_text(&value, &[])),
        }
    }

    /// English words of this program in the page's language, where it has them; else as they are, marked.
    pub(super) fn in_own_words(&self, english: &str) -> Vec<Piece> {
        if self.lang == Lang::En {
            return vec![Piece::words(english)];
        }
        if let Some(said) = crate::said::recognised(english) {
            return self.said_as(said.message_id, &said.arguments);
        }
        let known = self.no_speed(english).map(Piece::words);
        vec![known.unwrap_or_else(|| Piece { is_english: true, ..Piece::words(english) })]
    }

    /// An error in the page's language. Where it names a command or an address for programs, a reader of a page is sent to a page.
    pub(super) fn problem_words(&self, english: &str) -> Vec<Piece> {
        let Some((said, (key, path, label))) = crate::said::recognised(english).and_then(|said| {
            let page = page_instead(said.message_id)?;
            Some((said, page))
        }) else {
            return self.in_own_words(english);
        };
        let mut pieces = self.pieces(key, &said.arguments);
        pieces.push(Piece { href: Some(self.url(path)), ..Piece::words(self.t(label)) });
        pieces
    }

    /// Why offers were left out.
    pub(super) fn left_out(&self, left: &LeftOut) -> Vec<Piece> {
        match (&left.message_id, left.why.split_once("how fast it runs there is not known: ")) {
            (Some(message_id), _) => self.said_as(message_id, &[]),
            (None, Some(("", why))) => {
                let before = self.x("left-no-speed", "");
                std::iter::once(Piece::words(before)).chain(self.in_own_words(why)).collect()
            }
            (None, _) => self.in_own_words(&left.why),
        }
    }

    /// What happens to a spot machine, the default first.
    fn evicted(&self, words: &str) -> String {
        let word = |one: &str| {
            self.t(match one {
                "stop" => "evicted-stop",
                "pause" => "evicted-pause",
                "hibernate" => "evicted-hibernate",
                "delete" => "evicted-delete",
                _ => "evicted-wipe",
            })
        };
        words.split(',').map(word).reduce(|all, one| self.xy("evicted-choice", all, one)).unwrap_or_default()
    }

    /// A length of time as the views write it, `5.2 h`, in the reader's form.
    fn time_words(&self, english: &str) -> String {
        match (self.lang, english.split_once(' ')) {
            (Lang::Fr, Some((number, unit))) => {
                format!("{}\u{a0}{}", figures::as_written(self.lang, number), if unit == "d" { "j" } else { unit })
            }
            _ => english.to_owned(),
        }
    }
}
