//! The first page: what one does in a sentence, and what is cheapest now.

use askama::Template;
use gpurate_domain::Nanos;

use super::words::Lang;
use super::{Frame, Given};
use crate::catalogue;
use crate::market::Freshness;
use crate::prices::{Answer, CheapestRow, Display};
use crate::workloads::{Kind, Workload};

/// The order of the rows, for reading; which rows there are is the view's matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the view has them: rentable ones first, cheapest first.
    #[default]
    Price,
    /// By the cheapest of anything.
    Floor,
    /// By the GPU's name.
    Gpu,
    /// Most memory first.
    Memory,
    /// Seen last first.
    Age,
}

impl Sort {
    const ALL: [(&'static str, Self); 5] =
        [("price", Self::Price), ("floor", Self::Floor), ("gpu", Self::Gpu), ("memory", Self::Memory), ("age", Self::Age)];

    /// Reads the word of an address.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, sort)| *sort)
    }

    /// The word of an address.
    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or("price", |(word, _)| *word)
    }

    /// Every word.
    pub fn words() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(word, _)| *word)
    }

    fn apply(self, rows: &mut [CheapestRow]) {
        match self {
            Self::Price => {}
            Self::Floor => rows.sort_by_key(|row| row.floor.usd_per_gpu_hour),
            Self::Gpu => rows.sort_by(|a, b| a.offer.gpu_group.cmp(&b.offer.gpu_group)),
            Self::Memory => rows.sort_by_key(|row| std::cmp::Reverse(row.offer.vram_gib_usable)),
            Self::Age => rows.sort_by_key(|row| row.offer.age_seconds),
        }
    }
}

/// The first page.
#[derive(Template)]
#[template(path = "home.html")]
pub struct Home {
    p: Frame,
    answer: Answer<CheapestRow>,
    given: Given,
    question: Given,
    sort: Sort,
    picks: Vec<Option<Pick>>,
}

/// A row's card can be one of the two that are compared. Every card has one such row, its first; the first two cards are
/// marked, so that there are two whatever is chosen.
struct Pick {
    slug: String,
    is_first: bool,
    is_second: bool,
}

impl Home {
    /// Of an answer to the filters in `given`.
    pub fn new(p: Frame, mut answer: Answer<CheapestRow>, given: Given, sort: Sort) -> Self {
        sort.apply(&mut answer.items);
        let question = super::simulate::question_of(&Given::default());
        let mut page = Self { p, answer, given, question, sort, picks: Vec::new() };
        page.picks = picks(page.rows());
        page
    }

    /// Whether there are two cards to compare.
    fn has_two(&self) -> bool {
        self.picks.iter().flatten().any(|pick| pick.is_second)
    }

    fn rows(&self) -> &[CheapestRow] {
        if self.answer.items.is_empty() { &self.answer.last_known } else { &self.answer.items }
    }

    fn are_last_known(&self) -> bool {
        self.answer.items.is_empty() && !self.answer.last_known.is_empty()
    }

    /// The offers that a row's median was taken from, for programs: the question without what only orders it, with its defaults
    /// where they held. Stale ones and low scores are among them, as in [`Frame::offers_of`].
    fn offers_of(&self, row: &CheapestRow) -> String {
        let (o, given) = (&row.offer, &self.given);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("gpu", &o.gpu_group);
        let one = match given.get("by").as_str() {
            "provider" => Some(("provider", o.provider.to_string())),
            "region" => Some(("region", o.region.to_string())),
            "market" => Some(("market", o.market.as_str().to_owned())),
            _ => None,
        };
        query.extend_pairs(&one);
        let one = one.map_or("gpu", |(name, _)| name);
        let kept = given.0.iter().filter(|(name, _)| ![one, "gpu", "by", "limit", "cursor", "sort"].contains(&name.as_str()));
        query.extend_pairs(kept);
        let held = |name: &str| name != one && name != "reliability_min" && (row.rentable || name == "market");
        query.extend_pairs(self.answer.defaults.iter().filter(|one| held(one.parameter)).map(|one| (one.parameter, one.value)));
        format!("/api/v1/offers?{}", query.finish())
    }

    fn included(&self) -> usize {
        self.answer.coverage.providers.iter().filter(|provider| provider.included).count()
    }

    fn sorted(&self, word: &str) -> &'static str {
        match Sort::from_word(word) {
            Some(Sort::Memory) if self.sort == Sort::Memory => "descending",
            sort if sort == Some(self.sort) => "ascending",
            _ => "none",
        }
    }
}

fn picks(rows: &[CheapestRow]) -> Vec<Option<Pick>> {
    let mut seen: Vec<&str> = Vec::new();
    let mut picks = Vec::with_capacity(rows.len());
    for row in rows {
        let slug = row.offer.gpu.as_deref().filter(|slug| !seen.contains(slug));
        picks.push(slug.map(|slug| Pick { slug: slug.to_owned(), is_first: seen.is_empty(), is_second: seen.len() == 1 }));
        seen.extend(slug);
    }
    picks
}

impl Frame {
    /// The name of a GPU by the slug of its group; the slug where no table has it.
    pub(super) fn gpu_name(&self, group: &str) -> String {
        let table = catalogue::gpus();
        table.by_slug(group).map_or_else(|| group.to_owned(), |index| table.gpu(index).name.clone())
    }

    /// The name of a provider by its slug.
    pub(super) fn provider_name(&self, slug: &str) -> String {
        catalogue::by_slug(slug).map_or_else(|| slug.to_owned(), |known| known.manifest.name.clone())
    }

    /// A price in the currency that was asked for, tax included where it was asked for.
    pub(super) fn displayed(&self, display: &Option<Display>) -> Option<askama::filters::Safe<String>> {
        let display = display.as_ref()?;
        let nanos = display.per_gpu_hour_with_vat.or(display.per_gpu_hour)?;
        Some(super::figures::rate(self.lang, nanos.0, display.currency))
    }

    /// What stands behind an amount that is not in dollars or has tax on top.
    pub(super) fn displayed_as(&self, display: &Option<Display>) -> String {
        match display.as_ref().and_then(|display| display.vat_percent) {
            Some(Nanos(percent)) => self.x("with-vat", super::figures::exact(self.lang, percent, 0)),
            None => String::new(),
        }
    }

    /// Whether an offer is of several GPUs or of part of one.
    pub(super) fn counted(&self, count: &Option<gpurate_domain::GpuCount>) -> Option<String> {
        count.map(|count| count.to_string()).filter(|count| count != "1")
    }

    /// The sentence of a default of the view.
    pub(super) fn assumed(&self, parameter: &str) -> String {
        self.t(match parameter {
            "market" => "default-market",
            "availability" => "default-availability",
            "gpu_count" => "default-gpu-count",
            "slices" => "default-slices",
            "unverified" => "default-unverified",
            "retired" => "default-retired",
            "reliability_min" => "default-reliability",
            _ => return parameter.to_owned(),
        })
    }

    /// How many cheaper offers each default hid.
    pub(super) fn hidden(&self, hidden: &crate::prices::Hidden) -> Vec<String> {
        let all = [
            ("hidden-spot", hidden.spot),
            ("hidden-serverless", hidden.serverless),
            ("hidden-multi-gpu", hidden.multi_gpu),
            ("hidden-slice", hidden.slice),
            ("hidden-unverified", hidden.unverified),
            ("hidden-low-reliability", hidden.low_reliability),
            ("hidden-retired", hidden.retired),
            ("hidden-no-rate", hidden.no_rate),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).map(|(key, count)| self.n(key, count)).collect()
    }
}

/// Models that a session makes pictures or clips with.
pub(super) fn models() -> impl Iterator<Item = &'static Workload> {
    crate::workloads::table().workloads().iter().filter(|workload| workload.kind != Kind::Training)
}
