//! Answers as people and programs read them: rows, bills in lines with their facts, the frontier, what would decide.

use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::bill::{Line, LineKind, Lines, Quantity, Unknown, Unknowns, disk_kind};
use gpurate_domain::billing::{BillingRule, StorageRole};
use gpurate_domain::{Currency, MarketKind, Nanos};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::assumed::ASSUMED;
use super::evaluate::{Case, End, Scratch};
use super::messages::MESSAGES;
use super::plan::{Assumption, Plan, Policy, Resolved};
use super::rank::{Ranked, case_of};
use super::timeline::TimelineView;
use crate::market::Market;
use crate::prices::{self, Candidates, Coverage, OfferView};
use crate::said::{self, Argument, Said, say};

/// A fact of a billing rule, with where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactView {
    /// `section.field`.
    pub name: String,
    /// As the manifest writes it.
    pub value: String,
    /// Where it was read.
    pub source: String,
    /// And when.
    #[schema(value_type = String, format = Date)]
    pub read_on: NaiveDate,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineView {
    /// What it is for.
    #[schema(value_type = String)]
    pub kind: LineKind,
    /// The same in words.
    pub words: String,
    /// How much of it.
    pub quantity: String,
    /// What one unit costs, in USD.
    #[schema(value_type = String)]
    pub unit_price_usd: Nanos,
    /// What the unit is.
    pub unit: String,
    /// What the line comes to.
    #[schema(value_type = String)]
    pub amount_usd: Nanos,
    /// The facts of the rule it rests on; none where it is the offer's own price.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub facts: Vec<FactView>,
}

/// What another policy would cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyCost {
    /// Which.
    pub policy: Policy,
    /// Cheap end.
    #[schema(value_type = String)]
    pub total_low_usd: Nanos,
    /// Dear end.
    #[schema(value_type = String)]
    pub total_high_usd: Nanos,
}

/// What evictions do to a spot row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpotView {
    /// Evictions per hour of running, an assumption unless the plan says it; null where a trace was resampled.
    #[schema(value_type = Option<String>)]
    pub evictions_per_hour: Option<Nanos>,
    /// What an eviction does, as the provider's rule says it, or what was assumed.
    pub on_eviction: String,
    /// Seeded runs.
    pub runs: u32,
    /// Mean of their totals.
    #[schema(value_type = String)]
    pub cost_mean_usd: Nanos,
    /// Half of them cost no more; null where there are no runs because the plan would be taken away thousands of times.
    #[schema(value_type = Option<String>)]
    pub cost_p50_usd: Option<Nanos>,
    /// Nine tenths.
    #[schema(value_type = Option<String>)]
    pub cost_p90_usd: Option<Nanos>,
    /// Nineteen twentieths.
    #[schema(value_type = Option<String>)]
    pub cost_p95_usd: Option<Nanos>,
    /// Mean seconds from first start to end, added up over all sessions and machines.
    pub finish_mean_seconds: u64,
    /// Half of them.
    pub finish_p50_seconds: Option<u64>,
    /// Nine tenths.
    pub finish_p90_seconds: Option<u64>,
    /// Nineteen twentieths.
    pub finish_p95_seconds: Option<u64>,
    /// Mean number of evictions.
    #[schema(value_type = String)]
    pub evictions_mean: Nanos,
    /// Share of sessions that were done in their window; null without one.
    #[schema(value_type = Option<String>)]
    pub in_time: Option<Nanos>,
    /// Runs that did not end within the bound.
    pub unfinished: u32,
}

/// One offer under the plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RowView {
    /// By the dear end of the total, those done in time first, and of these those whose dear end is known.
    pub rank: usize,
    /// By the price per GPU-hour, among these rows.
    pub sticker_rank: usize,
    /// Its range overlaps the first row's: which of them is cheaper is not known.
    pub tied_with_first: bool,
    /// The offer.
    #[serde(flatten)]
    pub offer: OfferView,
    /// The variant of the model, the best that fits.
    pub variant: Option<String>,
    /// It may run out of memory: its figure counts tensors alone.
    pub tight: bool,
    /// Typical seconds of an image.
    #[schema(value_type = Option<String>)]
    pub seconds_per_image: Option<Nanos>,
    /// How that is known.
    pub speed_basis: String,
    /// How that is known, without the cautions, as sentences with their figures, for other languages; in `speed_basis` they are
    /// joined by commas.
    pub speed_basis_said: Vec<Said>,
    /// The cautions of `speed_basis`, as sentences with their figures.
    pub speed_cautions_said: Vec<Said>,
    /// Estimated from other cards.
    pub speed_is_estimate: bool,
    /// What happens between sessions.
    pub policy: Policy,
    /// What the other policies would cost.
    pub other_policies: Vec<PolicyCost>,
    /// From how long a gap on stopping costs less than running on; null where it never does, or cannot be done.
    pub break_even_gap_seconds: Option<u64>,
    /// The whole time: fast card, and every unknown at its cheapest.
    #[schema(value_type = String)]
    pub total_low_usd: Nanos,
    /// Slow card, and every unknown at its dearest.
    #[schema(value_type = String)]
    pub total_high_usd: Nanos,
    /// The hourly price is a lower bound (`price_kind` is `from`), and both ends count it: what it costs at most is not known, and
    /// the row stands behind those of which it is.
    pub total_is_open: bool,
    /// The dear end in the currency asked for.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_high_in_currency: Option<Nanos>,
    /// The dear end per hour of the sessions as the plan has them.
    #[schema(value_type = String)]
    pub usd_per_useful_hour: Nanos,
    /// The dear end per 1,000 images; null where the work is not images.
    #[schema(value_type = Option<String>)]
    pub usd_per_1000_images: Option<Nanos>,
    /// GPUs of one machine as it is rented: as many as were asked for where the offer leaves the number open.
    pub gpus: u64,
    /// Machines at once.
    pub machines: u64,
    /// Done in the window, where there is one.
    pub in_time: bool,
    /// From opening a session to its first image.
    pub click_to_first_image_seconds: u64,
    /// Waited for machines and for the card, fast end.
    pub waited_low_seconds: u64,
    /// Slow end.
    pub waited_high_seconds: u64,
    /// What is not known of its bill.
    pub unknown: Vec<String>,
    /// The billing rule in short.
    pub rule: String,
    /// The day its facts of time were read; null where nothing is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub rule_read_on: Option<NaiveDate>,
    /// Something comes on top that only an order tells; it is in no total.
    pub rule_has_more_on_top: bool,
    /// Evictions, for a spot offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotView>,
    /// The dear end's bill: lines that add up to it.
    pub lines: Vec<LineView>,
    /// The first session of it, phase by phase.
    pub timeline: TimelineView,
}

/// A step of the frontier of cost against waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FrontierPoint {
    /// The row's rank.
    pub rank: usize,
    /// Its dear end.
    #[schema(value_type = String)]
    pub total_high_usd: Nanos,
    /// What one waits.
    pub waited_high_seconds: u64,
    /// What an hour less of waiting costs, against the cheaper neighbour; null for the first.
    #[schema(value_type = Option<String>)]
    pub usd_per_hour_not_waited: Option<Nanos>,
}

/// A fact that would put another row first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deciding {
    /// Of which row.
    pub rank: usize,
    /// What is not known.
    pub unknown: String,
    /// Its total, were that at its cheapest and all else as before.
    #[schema(value_type = String)]
    pub total_usd: Nanos,
}

/// Offers that are not among the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// Why.
    pub why: String,
    /// The same as the id of a sentence without figures, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// How many.
    pub offers: u64,
    /// Of which cards, a few of them.
    pub gpus: Vec<String>,
}

impl LeftOut {
    pub(super) fn new(why: String, offers: u64, gpus: Vec<String>) -> Self {
        Self { message_id: said::id_of(MESSAGES, &why).map(str::to_owned), why, offers, gpus }
    }

    /// The reason as a figure of a sentence.
    pub(crate) fn reason(&self, name: &'static str) -> Argument {
        match &self.message_id {
            Some(message_id) => said::sentence(name, message_id),
            None => said::english(name, &self.why),
        }
    }
}

/// The row of not renting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnCardView {
    /// Its name.
    pub gpu: String,
    /// Where it would stand among the rows.
    pub rank: usize,
    /// Fast end.
    #[schema(value_type = String)]
    pub total_low_usd: Nanos,
    /// Slow end.
    #[schema(value_type = String)]
    pub total_high_usd: Nanos,
    /// Waited for the card, slow end.
    pub waited_high_seconds: u64,
    /// How its speed is known.
    pub speed_basis: String,
    /// Lines that add up to the slow end.
    pub lines: Vec<LineView>,
}

/// The answer to a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationAnswer {
    /// The moment ages count to.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Of the market that was asked.
    pub market_version: u64,
    /// Every price comes from made-up samples.
    pub sample: bool,
    /// The plan as it was given.
    #[schema(value_type = Object)]
    pub plan: Plan,
    /// The same as a query: a link that asks again.
    pub permalink: String,
    /// What runs.
    pub workload: Option<String>,
    /// Sessions of the whole time.
    pub sessions: u64,
    /// Images of the whole time.
    pub images: u64,
    /// The whole time.
    pub days: u64,
    /// Of the seeded runs.
    pub seed: u64,
    /// Defaults that were used; each is replaced by giving its key.
    pub assumptions: Vec<Assumption>,
    /// What is in the answer, and what is not, and why.
    pub coverage: Coverage,
    /// The day of the exchange rates.
    #[schema(value_type = Option<String>, format = Date)]
    pub rate_date: Option<NaiveDate>,
    /// The currency totals are shown in too.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Rows, cheapest by the dear end first; at most the plan's `limit`.
    pub items: Vec<RowView>,
    /// All rows there are.
    pub rows: usize,
    /// The row of not renting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_card: Option<OwnCardView>,
    /// Rows that nothing beats in both cost and waiting, cheapest first.
    pub frontier: Vec<FrontierPoint>,
    /// Facts that would put another row first.
    pub deciding: Vec<Deciding>,
    /// Offers that could be had and are not compared.
    pub left_out: Vec<LeftOut>,
    /// What to do about an answer without rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The same as a sentence with its figures, for other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice_said: Option<Said>,
}

/// One bill whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The moment ages count to.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: DateTime<Utc>,
    /// Every price comes from made-up samples.
    pub sample: bool,
    /// Why this offer is not among the plan's rows although it has a bill; none where it is, or could be.
    pub warnings: Vec<String>,
    /// The offer with its bill; ranks are 1, as it stands alone.
    pub row: RowView,
    /// The cheap end's bill.
    pub lines_low: Vec<LineView>,
    /// Every fact of its billing rule.
    pub rule: Vec<FactView>,
    /// What the figures of the rule cannot say.
    pub notes: Vec<String>,
    /// Defaults that were used.
    pub assumptions: Vec<Assumption>,
}

pub(super) struct Own {
    pub name: String,
    pub low: i64,
    pub high: i64,
    pub waited: u64,
    pub basis: String,
    pub lines: Vec<Line>,
}

/// The whole answer.
pub(super) fn answer(
    market: &Market,
    plan: &Plan,
    resolved: &Resolved,
    candidates: &Candidates,
    ranked: Vec<Ranked>,
    left_out: Vec<LeftOut>,
    own: Option<Own>,
) -> SimulationAnswer {
    let mut scratch = Scratch::default();
    let stickers = sticker_ranks(&ranked);
    // Of a first row without an upper end nothing is known to be dearer.
    let first_high = |first: &Ranked| if first.outcome.is_open() { i64::MAX } else { first.outcome.high };
    let (first_high, first_in_time) = ranked.first().map_or((0, true), |first| (first_high(first), first.outcome.in_time));
    let items: Vec<RowView> = ranked
        .iter()
        .take(resolved.limit)
        .enumerate()
        .filter_map(|(index, row)| {
            let tied = index > 0 && row.outcome.in_time == first_in_time && row.outcome.low <= first_high;
            let places = Places { rank: index + 1, sticker_rank: stickers[index], tied };
            row_view(market, resolved, row, places, candidates.as_of, &mut scratch)
        })
        .collect();
    let met = ranked.iter().take(resolved.limit).fold(Unknowns::NONE, |all, row| {
        let entry = &market.index.entries[row.position];
        all.with(mattering(&case_of(market, resolved, entry, &row.rule, &row.card.work), market, resolved, row, &mut scratch))
    });
    let markets: Vec<MarketKind> = ranked.iter().map(|row| market.index.entries[row.position].offer.key.market).collect();
    let advice = ranked.is_empty().then(|| {
        if market.index.entries.is_empty() {
            return say("empty-nothing-collected", Vec::new()).apart();
        }
        // Had anything passed now, it would be a candidate: what is stale is the cause, and not the plan.
        let is_stale = candidates.coverage.providers.iter().any(|provider| provider.last_price.is_some());
        if candidates.groups.is_empty() && is_stale {
            return say("nothing-fresh", Vec::new()).apart();
        }
        let most = left_out.first().map(|left| say("nothing-left-out", vec![said::count("offers", left.offers), left.reason("why")]));
        most.unwrap_or_else(|| say("nothing-passes", Vec::new())).apart()
    });
    let (advice, advice_said) = advice.unzip();
    SimulationAnswer {
        as_of: candidates.as_of,
        market_version: market.version,
        sample: market.sample,
        plan: plan.clone(),
        permalink: permalink(plan),
        workload: resolved.workload().map(|workload| workload.name.clone()),
        sessions: resolved.sessions_count(),
        images: resolved.images(),
        days: resolved.horizon_seconds / 86_400,
        seed: resolved.seed,
        assumptions: [assumptions(resolved, met, &markets), seen_to_return(market, resolved, ranked.iter().take(resolved.limit))].concat(),
        coverage: candidates.coverage.clone(),
        rate_date: market.rates.as_ref().map(|rates| rates.date),
        currency: resolved.currency,
        rows: ranked.len(),
        own_card: own.map(|own| own_view(own, &ranked)),
        frontier: frontier(&ranked),
        deciding: deciding(market, resolved, &ranked, &mut scratch),
        left_out,
        advice,
        advice_said,
        items,
    }
}

/// The plan as the query of the API.
pub(super) fn permalink(plan: &Plan) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(plan.pairs()).finish();
    format!("/api/v1/simulate?{query}")
}

/// The plan's assumptions, and the bounds of unknown facts that were met.
fn assumptions(plan: &Resolved, unknown: Unknowns, markets: &[MarketKind]) -> Vec<Assumption> {
    let mut all = plan.assumptions.clone();
    if let Some(day) = plan.rules_on {
        all.push(Assumption {
            key: "rules_on".to_owned(),
            value: day.to_string(),
            why: "where a rule's source does not say since when a fact holds, it is taken to have held on that day, as it was read                   (`rule_read_on`)"
                .to_owned(),
        });
    }
    // What holds for a market of which there is no row need not be read.
    let of = |one: &Assumption| match one.key.as_str() {
        "evictions_per_hour" | "capacity_wait_minutes" | "checkpoint_minutes" => Some(MarketKind::Spot),
        "cold_start_seconds" | "idle_timeout_seconds" => Some(MarketKind::Serverless),
        _ => None,
    };
    all.retain(|one| of(one).is_none_or(|market| markets.contains(&market)));
    let mut bound = |unknowns: &[Unknown], value: String, why: String| {
        if unknowns.iter().any(|one| unknown.contains(*one)) {
            all.push(Assumption { key: "unknown".to_owned(), value, why });
        }
    };
    let figures = &plan.assumed;
    bound(
        &[Unknown::Granularity],
        format!("rounded up to {} s at most", figures.granularity_seconds),
        "where a rule does not say to what time is rounded".to_owned(),
    );
    bound(
        &[Unknown::Minimum],
        format!("{} s at most", figures.minimum_seconds),
        "where a rule does not say the least that a start costs".to_owned(),
    );
    let storage = Nanos(figures.storage_nanos_per_gb_month);
    let why = |what: &str, of: &str| format!("where {what} is not known: the dearest that a known rule has, at {of}");
    bound(
        &[Unknown::Disk, Unknown::DiskStopped, Unknown::NetworkVolume],
        format!("{storage} USD per GB and month at most"),
        why("storage", &ASSUMED.storage_of),
    );
    bound(&[Unknown::Egress], format!("{} USD per GB out at most", Nanos(figures.egress_nanos_per_gb)), why("egress", &ASSUMED.egress_of));
    bound(
        &[Unknown::Ingress],
        format!("{} USD per GB in at most", Nanos(figures.ingress_nanos_per_gb)),
        why("ingress", &ASSUMED.ingress_of),
    );
    bound(&[Unknown::Month], "672 to 744 hours".to_owned(), "where a storage price does not say its month's hours".to_owned());
    bound(
        &[Unknown::MoreOnTop],
        "left out".to_owned(),
        "where something comes on top that only an order tells (rows with `+`): it".to_owned(),
    );
    bound(
        &[Unknown::AboveFrom],
        "counted at that".to_owned(),
        "where a price is \"from\" so much (a lower bound; such rows stand behind the others): it is".to_owned(),
    );
    all
}

/// Kinds of machines whose chances are spelled out.
const KINDS_SHOWN: usize = 6;

/// How often machines of the rows were seen to come back, where no key of the plan says it.
fn seen_to_return<'a>(market: &Market, plan: &Resolved, rows: impl Iterator<Item = &'a Ranked>) -> Vec<Assumption> {
    if plan.returns_ppm.is_some() || plan.sessions_count() < 2 {
        return Vec::new();
    }
    let mut all: Vec<Assumption> = Vec::new();
    let mut assumed = None;
    for row in rows.filter(|row| row.outcome.policy != super::plan::Policy::Serverless) {
        let entry = &market.index.entries[row.position];
        let Some((ppm, after, counted)) = super::rank::returns(market, plan, entry) else {
            if row.outcome.policy == super::plan::Policy::Stop && assumed.is_none() {
                let ppm = case_of(market, plan, entry, &row.rule, &row.card.work).returns_by_the_rule();
                assumed = (ppm < 1_000_000).then(|| Assumption {
                    key: "stopped_returns_percent".to_owned(),
                    value: (ppm / 10_000).to_string(),
                    why: "where a stopped machine does not keep its GPU and nothing was seen of its kind; the dear end counts one more that is \
                          gone"
                        .to_owned(),
                });
            }
            continue;
        };
        let key = &entry.offer.key;
        let value = format!(
            "{} % of {}, {} {}, {}",
            Nanos(i64::try_from(ppm / 1_000 * 100_000_000).unwrap_or(i64::MAX)),
            row.card.gpu,
            key.provider,
            key.tier,
            key.market.as_str().replace('_', " ")
        );
        if all.iter().any(|known| known.value == value) {
            continue;
        }
        let why = format!(
            "seen: so many of {} machines that were free were free again {} h later, in {} looks from {} to {} (`gpurate come-back {}`); between two sessions lie about {} h",
            counted.machines,
            after.hours,
            after.observations,
            counted.since.date_naive(),
            counted.until.date_naive(),
            row.card.gpu,
            plan.gap_seconds() / 3600
        );
        all.push(Assumption { key: "stopped_returns_percent".to_owned(), value, why });
        if all.len() == KINDS_SHOWN {
            break;
        }
    }
    all.extend(assumed);
    all
}

fn sticker_ranks(ranked: &[Ranked]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    order.sort_by_key(|index| (ranked[*index].sticker, *index));
    let mut ranks = vec![0; ranked.len()];
    for (place, index) in order.into_iter().enumerate() {
        ranks[index] = place + 1;
    }
    ranks
}

/// Rows that nothing beats in both, cheapest first.
fn frontier(ranked: &[Ranked]) -> Vec<FrontierPoint> {
    let mut points: Vec<FrontierPoint> = Vec::new();
    let mut least = u64::MAX;
    for (index, row) in ranked.iter().enumerate().filter(|(_, row)| row.outcome.in_time && !row.outcome.is_open()) {
        let waited = row.outcome.waited_high_seconds;
        if waited >= least {
            continue;
        }
        least = waited;
        let price = points.last().map(|last| {
            let (dearer, sooner) = (row.outcome.high - last.total_high_usd.0, last.waited_high_seconds - waited);
            let nanos = i128::from(dearer) * 3600 / i128::from(sooner.max(1));
            Nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
        });
        points.push(FrontierPoint {
            rank: index + 1,
            total_high_usd: Nanos(row.outcome.high),
            waited_high_seconds: waited,
            usd_per_hour_not_waited: price,
        });
    }
    points
}

/// Facts that would put another row first: one at a time at its cheapest, all else as before. At most 20 rows are tried.
fn deciding(market: &Market, plan: &Resolved, ranked: &[Ranked], scratch: &mut Scratch) -> Vec<Deciding> {
    let Some(first) = ranked.first().filter(|first| !first.outcome.is_open()) else { return Vec::new() };
    let mut found = Vec::new();
    let tied = ranked.iter().enumerate().skip(1).filter(|(_, row)| row.outcome.in_time && row.outcome.low < first.outcome.high).take(20);
    for (index, row) in tied {
        let entry = &market.index.entries[row.position];
        let case = case_of(market, plan, entry, &row.rule, &row.card.work);
        let mut tried = |unknown: String, total: i64| {
            if total < first.outcome.high {
                found.push(Deciding { rank: index + 1, unknown, total_usd: Nanos(total) });
            }
        };
        for unknown in row.outcome.unknown.iter() {
            let Ok((tariff, _)) = case.tariff(plan, market.rates.as_deref(), Unknowns::ALL.without(unknown)) else { continue };
            tried(unknown.in_words().to_owned(), super::spot::total(&case, plan, &tariff, row.how(End::High), scratch));
        }
        if row.card.work.image_milliseconds.0 < row.card.work.image_milliseconds.1
            || row.card.work.session_milliseconds.0 < row.card.work.session_milliseconds.1
        {
            let Ok((tariff, _)) = case.tariff(plan, market.rates.as_deref(), Unknowns::ALL) else { continue };
            tried("how fast its card does this work".to_owned(), super::spot::total(&case, plan, &tariff, row.how(End::Low), scratch));
        }
    }
    found
}

/// Where a row stands.
#[derive(Clone, Copy)]
struct Places {
    rank: usize,
    sticker_rank: usize,
    tied: bool,
}

fn row_view(
    market: &Market,
    plan: &Resolved,
    row: &Ranked,
    places: Places,
    as_of: DateTime<Utc>,
    scratch: &mut Scratch,
) -> Option<RowView> {
    let offer = prices::offer_view(market, &plan.filters, as_of, row.position)?;
    let entry = &market.index.entries[row.position];
    let case = case_of(market, plan, entry, &row.rule, &row.card.work);
    let tariffs = case.tariffs(plan, market.rates.as_deref()).ok()?;
    let outcome = &row.outcome;
    let useful = plan.session_seconds.saturating_mul(plan.sessions_count()).max(1);
    let per = |amount: i64, times: i128, over: u64| {
        Nanos(i64::try_from(i128::from(amount) * times / i128::from(over.max(1))).unwrap_or(i64::MAX))
    };
    let images = plan.images();
    let others = row.policies(plan, &case, &tariffs.1);
    let other_policies = others.into_iter().map(|policy| {
        let (low, high) = super::spot::both_ends(&case, plan, &tariffs, policy, scratch);
        PolicyCost { policy, total_low_usd: Nanos(low), total_high_usd: Nanos(high) }
    });
    let other_policies = other_policies.collect();
    let in_currency =
        plan.currency.zip(market.rates.as_ref()).and_then(|(currency, rates)| rates.convert(outcome.high, Currency::USD, currency));
    Some(RowView {
        rank: places.rank,
        sticker_rank: places.sticker_rank,
        tied_with_first: places.tied,
        offer,
        variant: row.card.variant.clone(),
        tight: row.card.tight,
        seconds_per_image: row
            .card
            .typical_milliseconds
            .map(|milliseconds| Nanos(i64::try_from(milliseconds * 1_000_000).unwrap_or(i64::MAX))),
        speed_basis: row.card.basis.clone(),
        speed_basis_said: row.card.basis_said[0].clone(),
        speed_cautions_said: row.card.basis_said[1].clone(),
        speed_is_estimate: row.card.is_estimate,
        policy: outcome.policy,
        other_policies,
        break_even_gap_seconds: case.break_even_seconds(plan, &tariffs.1, scratch),
        total_low_usd: Nanos(outcome.low),
        total_high_usd: Nanos(outcome.high),
        total_is_open: outcome.is_open(),
        total_high_in_currency: in_currency.map(Nanos),
        usd_per_useful_hour: per(outcome.high, 3600, useful),
        usd_per_1000_images: (images > 0).then(|| per(outcome.high, 1000, images)),
        gpus: case.gpus,
        machines: outcome.machines,
        in_time: outcome.in_time,
        click_to_first_image_seconds: outcome.click_seconds,
        waited_low_seconds: outcome.waited_low_seconds,
        waited_high_seconds: outcome.waited_high_seconds,
        unknown: mattering(&case, market, plan, row, scratch).iter().map(|unknown| unknown.in_words().to_owned()).collect(),
        rule: row.rule.in_words(),
        rule_read_on: row.rule.main_source().map(|source| source.read_on),
        rule_has_more_on_top: outcome.unknown.contains(Unknown::MoreOnTop),
        spot: super::spot::view(&case, plan, &tariffs.1, row.how(End::High)),
        lines: lines(&case, plan, &tariffs.1, row.how(End::High), scratch),
        timeline: super::timeline::timeline(&case, plan, &tariffs.1, row.how(End::High), scratch),
    })
}

/// Of what is not known of a row those that change its total: each on its own at its cheapest. What cannot be bounded
/// always matters.
fn mattering(case: &Case<'_>, market: &Market, plan: &Resolved, row: &Ranked, scratch: &mut Scratch) -> Unknowns {
    let mut matters = Unknowns::NONE;
    let rates = market.rates.as_deref();
    for unknown in row.outcome.unknown.iter() {
        let mut changed = || {
            let (tariff, _) = case.tariff(plan, rates, Unknowns::ALL.without(unknown)).ok()?;
            let (dear, _) = case.tariff(plan, rates, Unknowns::ALL).ok()?;
            let mut total = |tariff| super::spot::total(case, plan, tariff, row.how(End::High), scratch);
            Some(total(&tariff) != total(&dear))
        };
        if matches!(unknown, Unknown::MoreOnTop | Unknown::AboveFrom) || changed() != Some(false) {
            matters.insert(unknown);
        }
    }
    matters
}

/// The bill of a row at one end, discount, credit and tax included.
pub(super) fn lines(
    case: &Case<'_>,
    plan: &Resolved,
    tariff: &gpurate_domain::bill::Tariff,
    how: (Policy, u64, End),
    scratch: &mut Scratch,
) -> Vec<LineView> {
    let mut lines = Lines::default();
    super::spot::bill(case, plan, tariff, how, scratch, &mut lines);
    merge(&mut lines.0);
    let adjusted = plan.adjusted(lines.total());
    let sum = lines.total();
    let share = |kind: LineKind, ppm: u64, of: i64, amount_nanos: i64| Line {
        kind,
        quantity: Quantity::Share { ppm },
        unit_price_nanos: of,
        amount_nanos,
    };
    if adjusted.discount != 0 {
        lines.0.push(share(LineKind::Discount, plan.discount_ppm, sum, -adjusted.discount));
    }
    if adjusted.credit != 0 {
        lines.0.push(Line {
            kind: LineKind::Credit,
            quantity: Quantity::Starts { starts: 1 },
            unit_price_nanos: -plan.credit_nanos,
            amount_nanos: -adjusted.credit,
        });
    }
    if adjusted.tax != 0 {
        lines.0.push(share(LineKind::Tax, plan.vat_ppm, sum - adjusted.discount - adjusted.credit, adjusted.tax));
    }
    lines.0.iter().map(|line| line_view(line, case.rule, case.market)).collect()
}

/// Lines of time of one kind and price are one: the first session and the others need not be told apart.
fn merge(lines: &mut Vec<Line>) {
    let mut merged: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines.drain(..) {
        let same = merged.iter_mut().find(|known| known.kind == line.kind && known.unit_price_nanos == line.unit_price_nanos);
        match (same, line.quantity) {
            (Some(Line { quantity: Quantity::Time { seconds }, amount_nanos, .. }), Quantity::Time { seconds: more }) => {
                *seconds += more;
                *amount_nanos += line.amount_nanos;
            }
            _ => merged.push(line),
        }
    }
    *lines = merged;
}

/// `1234567` seconds as `342.94 h`, exact to a hundredth.
fn hours(seconds: u64) -> String {
    let hundredths = (u128::from(seconds) * 100 + 1800) / 3600;
    format!("{}.{:02} h", hundredths / 100, hundredths % 100)
}

fn units(bytes: u64, unit_bytes: u64) -> String {
    let hundredths = (u128::from(bytes) * 100 + u128::from(unit_bytes) / 2) / u128::from(unit_bytes.max(1));
    let unit = if unit_bytes == 1 << 30 { "GiB" } else { "GB" };
    format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100)
}

/// A line for reading.
pub(super) fn line_view(line: &Line, rule: &BillingRule, market: MarketKind) -> LineView {
    let unit_of = |unit_bytes: u64| if unit_bytes == 1 << 30 { "GiB" } else { "GB" };
    let (quantity, unit) = match line.quantity {
        Quantity::Time { seconds } => (format!("{} ({seconds} s)", hours(seconds)), "hour".to_owned()),
        Quantity::Starts { starts } => (format!("{starts} ×"), "start".to_owned()),
        Quantity::Data { bytes, unit_bytes } => (units(bytes, unit_bytes), unit_of(unit_bytes).to_owned()),
        Quantity::Storage { bytes, unit_bytes, seconds, period_seconds } => {
            let unit = if period_seconds == 3600 {
                format!("{} hour", unit_of(unit_bytes))
            } else {
                format!("{} month of {} h", unit_of(unit_bytes), period_seconds / 3600)
            };
            (format!("{} × {}", units(bytes, unit_bytes), hours(seconds)), unit)
        }
        Quantity::Share { ppm } => (format!("{} %", Nanos(i64::try_from(ppm).unwrap_or(0) * 100_000)), "of".to_owned()),
        Quantity::Evictions { milli } => (format!("{}.{:03} on average", milli / 1000, milli % 1000), "eviction".to_owned()),
        Quantity::Energy { watt_hours } => (format!("{}.{:03} kWh", watt_hours / 1000, watt_hours % 1000), "kWh".to_owned()),
    };
    let wanted = line.kind.facts();
    // The kind of storage that the tariff takes.
    let of_terms = rule.storage.iter().find(|kind| kind.per_offer && kind.role != StorageRole::NetworkVolume);
    let kind = match line.kind {
        LineKind::NetworkVolume => rule.storage.iter().find(|kind| kind.role == StorageRole::NetworkVolume),
        LineKind::DiskRunning | LineKind::DiskStopped => of_terms.or_else(|| disk_kind(rule)),
        _ => None,
    };
    let prefix = kind.map(|kind| format!("storage.{}.", kind.name));
    let facts = if wanted.is_empty() { Vec::new() } else { rule.sources() };
    let facts = facts.iter().filter(|known| {
        wanted.contains(&known.name.as_str()) || prefix.as_ref().is_some_and(|prefix| known.name.starts_with(prefix.as_str()))
    });
    let words = match (line.kind, market) {
        (LineKind::Boot, MarketKind::Serverless) => "cold starts",
        (LineKind::Idle, MarketKind::Serverless) => "worker waiting for a request",
        (kind, _) => kind.in_words(),
    };
    LineView {
        kind: line.kind,
        words: words.to_owned(),
        quantity,
        unit_price_usd: Nanos(line.unit_price_nanos),
        unit,
        amount_usd: Nanos(line.amount_nanos),
        facts: facts
            .map(|known| FactView {
                name: known.name.clone(),
                value: known.value(),
                source: known.source.source.clone(),
                read_on: known.source.read_on,
            })
            .collect(),
    }
}

fn own_view(own: Own, ranked: &[Ranked]) -> OwnCardView {
    let none = BillingRule::default();
    OwnCardView {
        rank: 1 + ranked.iter().filter(|row| row.outcome.in_time && !row.outcome.is_open() && row.outcome.high < own.high).count(),
        gpu: own.name,
        total_low_usd: Nanos(own.low),
        total_high_usd: Nanos(own.high),
        waited_high_seconds: own.waited,
        speed_basis: own.basis,
        lines: own.lines.iter().map(|line| line_view(line, &none, MarketKind::OnDemand)).collect(),
    }
}

/// One offer's bill whole.
pub(super) fn explanation(market: &Market, resolved: &Resolved, row: &Ranked, as_of: DateTime<Utc>, warnings: Vec<String>) -> Explanation {
    let mut scratch = Scratch::default();
    let places = Places { rank: 1, sticker_rank: 1, tied: false };
    let view = row_view(market, resolved, row, places, as_of, &mut scratch).expect("the offer was found and has a price");
    let entry = &market.index.entries[row.position];
    let case = case_of(market, resolved, entry, &row.rule, &row.card.work);
    let lines_low =
        case.tariffs(resolved, market.rates.as_deref()).map(|(low, ..)| lines(&case, resolved, &low, row.how(End::Low), &mut scratch));
    let facts = row.rule.sources();
    Explanation {
        as_of,
        sample: market.sample,
        warnings,
        row: view,
        lines_low: lines_low.unwrap_or_default(),
        rule: facts
            .iter()
            .map(|known| FactView {
                name: known.name.clone(),
                value: known.value(),
                source: known.source.source.clone(),
                read_on: known.source.read_on,
            })
            .collect(),
        notes: row.rule.notes.clone(),
        assumptions: [assumptions(resolved, row.outcome.unknown, &[case.market]), seen_to_return(market, resolved, std::iter::once(row))]
            .concat(),
    }
}
