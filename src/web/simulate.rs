//! The simulator: the plan as a form, the ranking, each bill as a bar and in lines, cost against waiting, and when the
//! dearer card is the cheaper one.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::Safe;
use gpurate_domain::bill::{LineKind, Unknown};
use gpurate_domain::{Currency, Nanos, OfferId};

use super::chart::{self, Piece, StepChart};
use super::words::Lang;
use super::{Frame, Given, Whole};
use crate::catalogue;
use crate::market::Freshness;
use crate::simulate::{
    Assumption, BusyShare, FactView, FrontierPoint, LineView, PRESETS, PhaseSum, Policy, RowView, SimulationAnswer, TimelineView, Verdict,
};

/// The page of the simulator.
#[derive(Template)]
#[template(path = "simulate.html")]
pub struct SimulatePage {
    p: Frame,
    /// The form's values: the plan's own, else those of its preset.
    question: Given,
    simulated: Simulated,
}

/// What came of a plan.
pub struct Simulated {
    /// The view's answer.
    pub answer: SimulationAnswer,
    /// Two cards against each other; none where fewer than two are offered.
    pub busy: Option<BusyShare>,
    /// Which two can be compared.
    pub cards: BusyCards,
}

/// Cards to choose two of.
#[derive(Clone, Debug, Default)]
pub struct BusyCards {
    /// One.
    pub card: String,
    /// The other.
    pub other: String,
    /// Those of the answer.
    pub choice: Vec<String>,
    /// Why there is no comparison.
    pub why_not: Option<String>,
}

impl BusyCards {
    /// The cards of an answer, and two of them: those that were asked for, else the first and the one on the frontier that
    /// waits least.
    pub fn of(answer: &SimulationAnswer, card: Option<String>, other: Option<String>) -> Self {
        let mut choice: Vec<String> = Vec::new();
        for slug in answer.items.iter().filter_map(|row| row.offer.gpu.as_ref()) {
            if choice.iter().all(|known| *known != **slug) {
                choice.push(slug.to_string());
            }
        }
        let by_rank = |rank: usize| answer.items.iter().find(|row| row.rank == rank)?.offer.gpu.as_ref().map(ToString::to_string);
        let card = card.or_else(|| choice.first().cloned()).unwrap_or_default();
        let soonest = answer.frontier.iter().rev().filter_map(|point| by_rank(point.rank)).find(|slug| *slug != card);
        let other = other.or(soonest).or_else(|| choice.iter().find(|slug| **slug != card).cloned()).unwrap_or_default();
        Self { card, other, choice, why_not: None }
    }
}

/// The values of the form for what was given: the plan's own over those of the preset it names; where nothing was given,
/// those of the first preset.
pub(super) fn question_of(given: &Given) -> Given {
    let named = given.get("preset").replace('_', "-");
    let preset = PRESETS.iter().find(|((name, _), _)| *name == named).or(PRESETS.first().filter(|_| given.0.is_empty()));
    let values = preset.map_or(&[][..], |((_, values), _)| *values);
    let own = |key: &str| given.0.iter().any(|(name, _)| name == key);
    let usual = values.iter().filter(|(key, _)| !own(key)).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Given(usual.chain(given.0.iter().cloned()).collect())
}

/// What a bar is coloured by.
const GROUPS: [(&str, &str); 8] = [
    ("g-work", "group-work"),
    ("g-idle", "group-idle"),
    ("g-start", "group-start"),
    ("g-rounding", "group-rounding"),
    ("g-stopped", "group-stopped"),
    ("g-storage", "group-storage"),
    ("g-traffic", "group-traffic"),
    ("g-other", "group-other"),
];

fn group(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Work => "g-work",
        LineKind::Idle => "g-idle",
        LineKind::Boot | LineKind::ImagePull | LineKind::Download | LineKind::SetUp => "g-start",
        LineKind::Rounding | LineKind::MinimumAmount => "g-rounding",
        LineKind::Stopped | LineKind::Hibernated => "g-stopped",
        LineKind::DiskRunning | LineKind::DiskStopped | LineKind::NetworkVolume => "g-storage",
        LineKind::Egress | LineKind::Ingress => "g-traffic",
        LineKind::Lost
        | LineKind::MonthlyCap
        | LineKind::PublicIp
        | LineKind::SetUpFee
        | LineKind::Discount
        | LineKind::Credit
        | LineKind::Tax
        | LineKind::WriteOff
        | LineKind::Electricity => "g-other",
    }
}

/// A phase in the drawing: as its line in the bill, pale where nothing is paid for it.
fn phase_look(kind: LineKind, billed: bool) -> &'static str {
    match (billed, group(kind)) {
        (false, "g-start") => "g-start pale",
        (false, _) => "g-stopped pale",
        (true, class) => class,
    }
}

/// The look of all phases of a kind.
pub(super) fn phase_class(sum: &PhaseSum) -> &'static str {
    phase_look(sum.kind, sum.billed)
}

impl SimulatePage {
    /// Of what was given and what came of it.
    pub fn new(p: Frame, given: &Given, simulated: Simulated) -> Self {
        Self { p, question: question_of(given), simulated }
    }

    fn groups(&self) -> Vec<(&'static str, String)> {
        GROUPS.iter().map(|(class, key)| (*class, self.p.t(key))).collect()
    }
}

impl Simulated {
    /// The most that a row of the answer comes to.
    pub(super) fn most(&self) -> i64 {
        let own = self.answer.own_card.iter().map(|own| own.total_high_usd.0);
        self.answer.items.iter().map(|row| row.total_high_usd.0).chain(own).max().unwrap_or(0)
    }

    /// A bill as a bar.
    pub(super) fn bar(&self, p: &Frame, lines: &[LineView]) -> Vec<Piece> {
        let amounts: Vec<(i64, &'static str, String)> = lines
            .iter()
            .map(|line| {
                let words =
                    format!("{}{}{}", p.line(line.kind), p.t("colon"), super::figures::money(p.lang, line.amount_usd.0, Currency::USD, 2));
                (line.amount_usd.0, group(line.kind), words)
            })
            .collect();
        chart::bar(&amounts, self.most())
    }

    /// Cost against waiting: all rows as points, those that nothing beats joined.
    fn frontier(&self, p: &Frame) -> Option<StepChart> {
        let on_it = |rank: usize| self.answer.frontier.iter().any(|point| point.rank == rank);
        let waited = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let shown = self.answer.items.len();
        let further = self.answer.frontier.iter().filter(|point| point.rank > shown);
        let further =
            further.map(|point| (waited(point.waited_high_seconds), point.total_high_usd.0, "s1", p.n("frontier-row", point.rank)));
        let points: Vec<chart::Mark> = self
            .answer
            .items
            .iter()
            .map(|row| {
                let class = if on_it(row.rank) { "s1" } else { "dim" };
                let total = super::figures::money(p.lang, row.total_high_usd.0, Currency::USD, 2);
                let label =
                    format!("{}. {}, {}: {total}", row.rank, p.gpu_name(&row.offer.gpu_group), p.provider_name(&row.offer.provider));
                (waited(row.waited_high_seconds), row.total_high_usd.0, class, label)
            })
            .chain(further)
            .collect();
        let line = self.answer.frontier.iter().map(|point| (waited(point.waited_high_seconds), point.total_high_usd.0)).collect();
        let hours = |seconds: i64, _: i64| p.x("hours", seconds / 3_600);
        StepChart::scatter(&points, &[("s1", line)], 3_600, (&hours, &|nanos, step| p.axis(nanos, step)))
    }

    /// The frontier by name: rows that are further down than the list are named by their number.
    /// The offer of one that is in the list stands beside it.
    fn steps(&self, p: &Frame) -> Vec<(String, Option<OfferId>, &FrontierPoint)> {
        let of = |rank: usize| match self.answer.items.iter().find(|row| row.rank == rank) {
            Some(row) => {
                let name = format!("{}, {}", p.gpu_name(&row.offer.gpu_group), p.provider_name(&row.offer.provider));
                (name, Some(row.offer.id))
            }
            None => (p.n("frontier-row", rank), None),
        };
        self.answer.frontier.iter().map(|point| (of(point.rank), point)).map(|((name, offer), point)| (name, offer, point)).collect()
    }
}

impl Frame {
    /// What an hour of the slower card's work costs on either, by the share it computes.
    pub(super) fn busy_chart(&self, busy: &BusyShare) -> Option<StepChart> {
        let line = |of: &dyn Fn(&crate::simulate::BusySharePoint) -> Nanos| {
            busy.curve.iter().map(|point| (i64::from(point.busy_percent), of(point).0)).collect::<Vec<_>>()
        };
        let lines = [("s1", line(&|point| point.slower_usd)), ("s2", line(&|point| point.faster_usd))];
        let percent = |value: i64, _: i64| self.x("percent", value);
        StepChart::scatter(&[], &lines, 1, (&percent, &|nanos, step| self.axis(nanos, step)))
    }

    /// The answer of two cards in a sentence.
    pub(super) fn verdict(&self, busy: &BusyShare) -> String {
        let (slower, faster) = (self.gpu_name(&busy.slower), self.gpu_name(&busy.faster));
        match (busy.verdict, busy.share) {
            (Verdict::Always, _) => self.xy("busy-always", faster, slower),
            (Verdict::Never, _) => self.xy("busy-never", faster, slower),
            (Verdict::Undecided | Verdict::Below, _) => self.xy("busy-undecided", faster, slower),
            (Verdict::Above, share) => {
                let percent = share.map_or(0, |share| share.0.saturating_mul(100));
                self.lang.xyz("busy-above", faster, slower, super::figures::decimal(self.lang, percent, 0))
            }
        }
    }

    /// A session's phases along a bar, one path for each look.
    pub(super) fn timeline(&self, timeline: &TimelineView) -> Vec<chart::Path> {
        let spans = timeline.phases.iter().map(|phase| (phase.begins_seconds, phase.seconds, phase_look(phase.kind, phase.billed)));
        chart::spans(spans, timeline.seconds)
    }

    /// A length of time as it is read, with its exact seconds beside it.
    pub(super) fn exact_span(&self, seconds: impl Borrow<u64>) -> Safe<String> {
        let seconds = *seconds.borrow();
        Safe(format!("<data value=\"{seconds}\">{}</data>", super::figures::long_span(self.lang, seconds)))
    }

    /// What becomes of the machine after a session.
    pub(super) fn then(&self, policy: impl Borrow<Policy>, seconds: impl Whole) -> String {
        let key = match policy.borrow() {
            Policy::Keep => "then-keep",
            Policy::Stop => "then-stop",
            Policy::Delete | Policy::Serverless => "then-delete",
            Policy::NetworkVolume => "then-network-volume",
        };
        self.x(key, self.span(seconds))
    }

    /// What the answer of two cards is at the ends of all ranges, where these differ.
    pub(super) fn share_range(&self, busy: &BusyShare) -> Option<String> {
        let end = |verdict: Verdict, share: Option<Nanos>| {
            let percent = share.map(|share| self.x("percent", super::figures::decimal(self.lang, share.0.saturating_mul(100), 0)));
            match (verdict, percent) {
                (Verdict::Always, _) => self.t("always"),
                (Verdict::Below, Some(percent)) => self.x("share-below", percent),
                (_, Some(percent)) => percent,
                _ => self.t("never"),
            }
        };
        let (best, worst) = (end(busy.best, busy.share_low), end(busy.worst, busy.share_high));
        (best != worst).then(|| self.xy("share-range", best, worst))
    }

    /// What a line of a bill is for.
    pub(super) fn line(&self, kind: impl Borrow<LineKind>) -> String {
        self.t(match kind.borrow() {
            LineKind::Work => "line-work",
            LineKind::Idle => "line-idle",
            LineKind::Boot => "line-boot",
            LineKind::ImagePull => "line-image-pull",
            LineKind::Download => "line-download",
            LineKind::SetUp => "line-set-up",
            LineKind::Lost => "line-lost",
            LineKind::Rounding => "line-rounding",
            LineKind::MinimumAmount => "line-minimum",
            LineKind::MonthlyCap => "line-cap",
            LineKind::Stopped => "line-stopped",
            LineKind::Hibernated => "line-hibernated",
            LineKind::PublicIp => "line-public-ip",
            LineKind::SetUpFee => "line-set-up-fee",
            LineKind::DiskRunning => "line-disk-running",
            LineKind::DiskStopped => "line-disk-stopped",
            LineKind::NetworkVolume => "line-network-volume",
            LineKind::Egress => "line-egress",
            LineKind::Ingress => "line-ingress",
            LineKind::Discount => "line-discount",
            LineKind::Credit => "line-credit",
            LineKind::Tax => "line-tax",
            LineKind::WriteOff => "line-write-off",
            LineKind::Electricity => "line-electricity",
        })
    }

    pub(super) fn policy(&self, policy: impl Borrow<Policy>) -> String {
        self.t(match policy.borrow() {
            Policy::Keep => "policy-keep",
            Policy::Stop => "policy-stop",
            Policy::Delete => "policy-delete",
            Policy::NetworkVolume => "policy-network-volume",
            Policy::Serverless => "policy-serverless",
        })
    }

    /// A quantity or unit of a bill's line: the view's text with this language's words and point.
    pub(super) fn quantity(&self, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        let word = |word: &str| match word {
            "GB" => "Go".to_owned(),
            "GiB" => "Gio".to_owned(),
            "hour" => "heure".to_owned(),
            "start" => "démarrage".to_owned(),
            "eviction" => "éviction".to_owned(),
            "month" => "mois".to_owned(),
            "of" => "de".to_owned(),
            "on" => "en".to_owned(),
            "average" => "moyenne".to_owned(),
            number => super::figures::as_written(self.lang, number),
        };
        text.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// What is not known of a bill; `None` where it is none of the words of this program.
    pub(super) fn unknown_fact(&self, words: &str) -> Option<String> {
        if words == "how fast its card does this work" {
            return Some(self.t("unknown-speed"));
        }
        let unknown = Unknown::ALL.into_iter().find(|unknown| unknown.in_words() == words)?;
        Some(self.t(match unknown {
            Unknown::Granularity => "unknown-granularity",
            Unknown::Minimum => "unknown-minimum",
            Unknown::MeterStart => "unknown-meter-start",
            Unknown::ImagePull => "unknown-image-pull",
            Unknown::Stopped => "unknown-stopped",
            Unknown::Hibernated => "unknown-hibernated",
            Unknown::Disk => "unknown-disk",
            Unknown::DiskStopped => "unknown-disk-stopped",
            Unknown::NetworkVolume => "unknown-network-volume",
            Unknown::Month => "unknown-month",
            Unknown::Egress => "unknown-egress",
            Unknown::Ingress => "unknown-ingress",
            Unknown::Apart => "unknown-apart",
            Unknown::MoreOnTop => "unknown-more-on-top",
            Unknown::AboveFrom => "unknown-above-from",
        }))
    }

    pub(super) fn unknown_facts(&self, unknown: &[String]) -> String {
        let words: Vec<String> = unknown.iter().map(|words| self.unknown_fact(words).unwrap_or_else(|| words.clone())).collect();
        words.join(&self.t("semicolon"))
    }

    /// What a default of the plan is about, and why it is so; `None` where the view's own words must do.
    pub(super) fn plan_default(&self, assumption: &Assumption) -> Option<String> {
        Some(self.t(match assumption.key.as_str() {
            "presence" => "plan-presence",
            "days" => "plan-days",
            "evenings" => "plan-evenings",
            "burst_images" => "plan-burst",
            "hours" => "plan-hours",
            "present_card" => "plan-present-card",
            "looking_minutes" => "plan-looking",
            "policy" => "plan-policy",
            "hosts" => "plan-hosts",
            "models_gb" => "plan-models",
            "checkpoint_minutes" => "plan-checkpoint",
            "evictions_per_hour" => "plan-evictions",
            "capacity_wait_minutes" => "plan-capacity",
            "set_up_seconds" => "plan-set-up",
            "boot_seconds" => "plan-boot",
            "image_gb" => "plan-image",
            "system_gb" => "plan-system",
            "download_mbit_s" => "plan-download",
            "cold_start_seconds" => "plan-cold-start",
            "idle_timeout_seconds" => "plan-idle-timeout",
            "machines_max" => "plan-machines",
            "mb_per_image" => "plan-mb-per-image",
            "images_kept" => "plan-images-kept",
            "from" => "plan-from",
            "market" => "plan-market",
            "keep_running_minutes" => "plan-keep-running",
            "own_card_months" => "plan-own-months",
            "own_card_watts" => "plan-own-watts",
            "own_card_kwh_usd" => "plan-own-kwh",
            _ => return None,
        }))
    }

    /// What an unknown fact was taken for at most, and which; `None` where it is none of the bounds of the view.
    pub(super) fn bound(&self, assumption: &Assumption) -> Option<(String, String)> {
        if assumption.key != "unknown" {
            return None;
        }
        let number = assumption.value.split(' ').find(|word| word.starts_with(|sign: char| sign.is_ascii_digit())).unwrap_or_default();
        let value = |key: &str| self.x(key, super::figures::as_written(self.lang, number));
        let (what, provider) = assumption.why.split_once(": the dearest that a known rule has, at ").unwrap_or((&assumption.why, ""));
        let at = |key: &str| self.x(key, self.provider_name(provider));
        Some(match what {
            "where a rule does not say to what time is rounded" => (value("bound-seconds"), self.t("bound-granularity")),
            "where a rule does not say the least that a start costs" => (value("bound-seconds"), self.t("bound-minimum")),
            "where storage is not known" => (value("bound-per-gb-month"), at("bound-storage")),
            "where egress is not known" => (value("bound-per-gb-out"), at("bound-egress")),
            "where ingress is not known" => (value("bound-per-gb-in"), at("bound-ingress")),
            "where a storage price does not say its month's hours" => (self.t("bound-month-hours"), self.t("bound-month")),
            "where something comes on top that only an order tells (rows with `+`): it" => {
                (self.t("bound-left-out"), self.t("bound-more-on-top"))
            }
            "where a price is \"from\" so much (a lower bound; such rows stand behind the others): it is" => {
                (self.t("bound-at-that"), self.t("bound-from"))
            }
            _ => return None,
        })
    }

    pub(super) fn nanos_seconds(&self, seconds: &Nanos) -> String {
        format!("{}\u{a0}s", super::figures::decimal(self.lang, seconds.0, 1))
    }

    /// What an eviction does; `None` where the view's own words must do.
    pub(super) fn on_eviction(&self, words: &str) -> Option<String> {
        const ASSUMED: &str = " (assumed: the provider's rule does not say)";
        let said = words.strip_suffix(ASSUMED);
        let does = self.t(match said.unwrap_or(words) {
            "it is stopped, its disk is kept and billed" => "eviction-stop",
            "it is paused until the bid leads again, its disk is kept and billed" => "eviction-pause",
            "it is hibernated, its disk is kept and billed" => "eviction-hibernate",
            "it is deleted" => "eviction-delete",
            "it goes on elsewhere with an empty disk" => "eviction-wipe",
            _ => return None,
        });
        Some(if said.is_some() { self.x("eviction-assumed", does) } else { does })
    }

    pub(super) fn evictions(&self, spot: &crate::simulate::SpotView) -> String {
        self.x("spot-evictions", super::figures::decimal(self.lang, spot.evictions_mean.0, 1))
    }
}

pub(super) fn cards() -> &'static [gpurate_domain::gpu::Gpu] {
    catalogue::gpus().gpus()
}

pub(super) fn totals_differ(row: &RowView) -> bool {
    row.total_low_usd != row.total_high_usd
}

/// The plan as the query of another address.
pub(super) fn plan_query(answer: &SimulationAnswer) -> String {
    answer.permalink.find('?').map_or_else(String::new, |mark| answer.permalink[mark..].to_owned())
}

pub(super) fn included(answer: &SimulationAnswer) -> usize {
    answer.coverage.providers.iter().filter(|provider| provider.included).count()
}

/// The sources of a line's facts, each once.
pub(super) fn sources(line: &LineView) -> Vec<&FactView> {
    let mut found: Vec<&FactView> = Vec::new();
    for fact in &line.facts {
        if found.iter().all(|known| (&known.source, known.read_on) != (&fact.source, fact.read_on)) {
            found.push(fact);
        }
    }
    found
}
