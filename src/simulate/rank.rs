//! From offers to rows: which are compared, in what order, and why.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gpurate_domain::bill::{Priced, Tariff, Unknowns};
use gpurate_domain::billing::BillingRule;
use gpurate_domain::gpu::Gpu;
use gpurate_domain::money::FxRates;
use gpurate_domain::{Country, GpuCount, GpuMatch, MarketKind, Nanos, OfferId, PerHour, PriceKind, Vram};

use super::evaluate::{CardWork, Case, End, Outcome, Scratch};
use super::plan::{PlanError, Policy, Resolved, Work};
use super::view::{self, Explanation, LeftOut, SimulationAnswer};
use super::{Plan, own_card};
use crate::catalogue;
use crate::market::come_back::{After, Counted};
use crate::market::{Entry, Market, group_slug_of, vram_usable};
use crate::prices::{self, Candidates, Filters};
use crate::said::{self, Said, text_of};
use crate::workloads::{self, Range};

/// A share of the offers goes to another thread where there are more than so many.
const ALONE_MAX: usize = 2_000;

/// How a card does the plan's work, or why not.
#[derive(Clone, Debug)]
pub(super) struct Card {
    /// Slug of the part.
    pub gpu: String,
    /// The variant that was chosen, where the work is a model's.
    pub variant: Option<String>,
    /// It may run out of memory.
    pub tight: bool,
    /// Numbers.
    pub work: CardWork,
    /// Typical milliseconds of an image, for showing.
    pub typical_milliseconds: Option<u64>,
    /// How the speed is known.
    pub basis: String,
    /// The same as sentences, and what is to be known of it.
    pub basis_said: [Vec<Said>; 2],
    /// Estimated from other cards.
    pub is_estimate: bool,
}

/// An offer with what it came to.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub position: usize,
    pub card: Arc<Card>,
    pub rule: Arc<BillingRule>,
    pub outcome: Outcome,
    pub sticker: i64,
}

/// What the plan costs with every offer that can be had, cheapest first. `as_of` is floored to ten seconds.
///
/// # Errors
/// [`PlanError`] names the key and the fix.
pub fn simulate(market: &Market, plan: &Plan, as_of: DateTime<Utc>) -> Result<SimulationAnswer, PlanError> {
    answer(market, plan, &plan.resolve()?, as_of)
}

/// The same with every row there is, whatever the plan's `limit`: for what looks for a row far down.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_whole(market: &Market, plan: &Plan, as_of: DateTime<Utc>) -> Result<SimulationAnswer, PlanError> {
    answer(market, plan, &Resolved { limit: usize::MAX, ..plan.resolve()? }, as_of)
}

fn answer(market: &Market, plan: &Plan, resolved: &Resolved, as_of: DateTime<Utc>) -> Result<SimulationAnswer, PlanError> {
    let candidates = prices::candidates(market, &resolved.filters, as_of);
    let mut left_out = LeftOutTally::default();
    let ranked = rank(market, resolved, &candidates, &mut left_out)?;
    let own = own_card::row(resolved)?;
    Ok(view::answer(market, plan, resolved, &candidates, ranked, left_out.views(), own))
}

/// One offer's whole bill, with every other policy beside.
///
/// # Errors
/// [`PlanError`], also where the offer does not take part, with the reason.
pub fn explain(market: &Market, plan: &Plan, id: OfferId, as_of: DateTime<Utc>) -> Result<Explanation, PlanError> {
    let resolved = plan.resolve()?;
    let error = |message: String| PlanError { key: "explain".to_owned(), message };
    let position = market.index.position(id).ok_or_else(|| error(format!("no offer has the id `{id}` now; see `gpurate offers`")))?;
    let entry = &market.index.entries[position];
    let mut cards = Cards { plan: &resolved, known: HashMap::new() };
    let card = cards.of(entry)?.map_err(|why| error(format!("this offer cannot do it: {why}")))?;
    let rule =
        catalogue::billing_rule(&entry.offer.key, place(entry, &resolved), Some(resolved.rules_on.unwrap_or_else(|| as_of.date_naive())));
    let case = case_of(market, &resolved, entry, &rule, &card.work);
    let mut scratch = Scratch::default();
    let tariffs = case.tariffs(&resolved, market.rates.as_deref()).map_err(|no_rate| error(no_rate.to_string()))?;
    let outcome = super::spot::best(&case, &resolved, &tariffs, &mut scratch)
        .ok_or_else(|| error("the plan's policy is not possible with this offer; leave `policy` out".to_owned()))?;
    let sticker = market.index.columns.usd_nanos_per_gpu_hour[position];
    let ranked = Ranked { position, card, rule, outcome, sticker };
    let as_of = prices::floor_as_of(as_of);
    let asked = prices::candidates(market, &resolved.filters, as_of);
    let mut warnings = Vec::new();
    if !entry.offer.price.availability.may_be_had() {
        warnings.push("its source says that it cannot be had now".to_owned());
    } else if !asked.groups.iter().any(|(_, positions)| positions.contains(&position)) {
        warnings.push("the plan's filters leave it out (market, GPU count, host, place, or the age of its price)".to_owned());
    } else if resolved.trusted_hosts && !is_trusted(entry) {
        warnings.push("its host is neither verified nor secure, and the plan has `hosts = trusted`".to_owned());
    }
    Ok(view::explanation(market, &resolved, &ranked, as_of, warnings))
}

/// The country that a rule is looked up for: the offer's, else the one the plan asks for.
pub(super) fn place(entry: &Entry, plan: &Resolved) -> Option<Country> {
    entry.offer.country.or(match plan.filters.country.as_slice() {
        [country] => Some(*country),
        _ => None,
    })
}

/// What is computed with of an offer.
pub(super) fn case_of<'a>(market: &Market, plan: &Resolved, entry: &'a Entry, rule: &'a BillingRule, work: &'a CardWork) -> Case<'a> {
    let (offer, rented) = (&entry.offer, Rented::of(plan, entry));
    let price = offer.price.per_hour;
    Case {
        priced: Priced {
            per_hour: PerHour { nanos: rented.share(price.nanos), ..price },
            terms: &offer.price.terms,
            vcpu_millis: offer.attributes.vcpu_millis.map(|millis| rented.share(millis)),
            ram_mib: offer.attributes.ram_mib.map(|mib| rented.share(mib)),
            egress_free_gb_per_month: offer.attributes.egress_free_gb_per_month.map(|gb| rented.share(gb)),
        },
        rule,
        market: offer.key.market,
        gpus: rented.gpus,
        download_mbit_s: offer.attributes.download_mbit_s,
        is_from: offer.price.kind.is_from(),
        units: is_marketplace(&offer.key.provider).then_some(u64::from(offer.units)),
        returns_ppm: returns(market, plan, entry).map(|(ppm, ..)| ppm),
        work,
    }
}

/// GPUs of one machine as it is rented, and as its offer counts them.
#[derive(Clone, Copy)]
struct Rented {
    gpus: u64,
    of: u64,
}

impl Rented {
    /// Where an offer leaves the number open ("1 to 8", at so much for each) the plan's own number is rented. A slice counts as
    /// one.
    fn of(plan: &Resolved, entry: &Entry) -> Self {
        let own = entry.offer.key.gpu_count.and_then(GpuCount::as_whole).unwrap_or(1).max(1);
        let asked = plan.filters.gpu_count.and_then(GpuCount::as_whole).unwrap_or(own);
        let is_open = entry.offer.gpu_count_max.is_some_and(|most| (own..=most).contains(&asked));
        Self { gpus: u64::from(if is_open { asked } else { own }), of: u64::from(own) }
    }

    /// A figure of the whole offer, for so many GPUs of it.
    fn share<T: TryFrom<i128> + Into<i128> + Copy>(self, whole: T) -> T {
        if self.gpus == self.of {
            return whole;
        }
        let (gpus, of) = (i128::from(self.gpus), i128::from(self.of));
        let product = whole.into().saturating_mul(gpus);
        T::try_from(product.saturating_add(of / 2).div_euclid(of)).unwrap_or(whole)
    }
}

/// How often a machine of an offer's kind was seen free again after such a gap as the plan has, in millionths; counted are
/// machines with one GPU. Of what is bought from a list, and where too little was seen, nothing is known.
pub(super) fn returns<'a>(market: &'a Market, plan: &Resolved, entry: &Entry) -> Option<(u64, After, &'a Counted)> {
    let key = &entry.offer.key;
    if market.come_back.is_empty() || key.gpu_count != Some(GpuCount::ONE) || Rented::of(plan, entry).gpus > 1 {
        return None;
    }
    market.come_back.chance(&group_slug_of(&entry.gpu, &entry.offer), (key.market, &key.provider, &key.tier), plan.gap_seconds())
}

/// Why offers are not among the rows.
#[derive(Default)]
pub(super) struct LeftOutTally(HashMap<String, (u64, Vec<String>)>);

impl LeftOutTally {
    fn add(&mut self, why: &str, gpu: &str, offers: u64) {
        let (count, gpus) = self.0.entry(why.to_owned()).or_default();
        *count += offers;
        if gpus.len() < 12 && !gpus.iter().any(|known| known == gpu) {
            gpus.push(gpu.to_owned());
        }
    }

    fn join(&mut self, other: Self) {
        for (why, (count, gpus)) in other.0 {
            let place = self.0.entry(why).or_default();
            place.0 += count;
            for gpu in gpus {
                if place.1.len() < 12 && !place.1.contains(&gpu) {
                    place.1.push(gpu);
                }
            }
        }
    }

    fn views(self) -> Vec<LeftOut> {
        let mut views: Vec<LeftOut> = self.0.into_iter().map(|(why, (offers, gpus))| LeftOut::new(why, offers, gpus)).collect();
        views.sort_by(|a, b| b.offers.cmp(&a.offers).then_with(|| a.why.cmp(&b.why)));
        views
    }
}

/// Cards of a plan, each looked at once.
pub(super) struct Cards<'a> {
    pub plan: &'a Resolved,
    pub known: HashMap<(usize, u32), Result<Arc<Card>, String>>,
}

impl Cards<'_> {
    /// How the card of an offer does the work; the inner error says why it cannot.
    pub fn of(&mut self, entry: &Entry) -> Result<Result<Arc<Card>, String>, PlanError> {
        let GpuMatch::Known(number) = entry.gpu else {
            return Ok(Err(text_of("left-card-unknown").to_owned()));
        };
        let Some(usable) = vram_usable(entry) else {
            return Ok(Err(text_of("left-memory-unknown").to_owned()));
        };
        if let Some(known) = self.known.get(&(number, usable.mib)) {
            return Ok(known.clone());
        }
        let card = card(self.plan, catalogue::gpus().gpu(number), usable)?.map(Arc::new);
        self.known.insert((number, usable.mib), card.clone());
        Ok(card)
    }
}

/// How one card does a plan's work.
///
/// # Errors
/// A variant that the workload does not have.
pub(super) fn card(plan: &Resolved, gpu: &Gpu, usable: Vram) -> Result<Result<Card, String>, PlanError> {
    let nominal = usable.gib_rounded().saturating_mul(1024).max(usable.mib);
    if plan.vram_mib.is_some_and(|asked| nominal < asked) {
        return Ok(Err(text_of("left-less-memory").to_owned()));
    }
    match &plan.work {
        Work::Model { workload, steps } => {
            let choice = workloads::choose(workload, gpu, usable, plan.wish())
                .map_err(|error| PlanError { key: "variant".to_owned(), message: error.to_string() })?;
            let Some(variant) = choice.chosen else { return Ok(Err(text_of("left-no-variant").to_owned())) };
            let speed = match workloads::seconds_within(workload, variant, gpu, Some(usable), *steps, None) {
                Ok(speed) => speed,
                Err(error) => return Ok(Err(format!("how fast it runs there is not known: {error}"))),
            };
            let range = speed.milliseconds_per_unit;
            Ok(Ok(Card {
                gpu: gpu.slug.clone(),
                variant: Some(variant.name.clone()),
                tight: choice.tight,
                work: CardWork {
                    weights_bytes: variant.weights_bytes.or(workload.download_bytes).unwrap_or(0),
                    image_milliseconds: (range.low, range.high),
                    session_milliseconds: (0, 0),
                },
                typical_milliseconds: Some(range.typical),
                basis: speed.words,
                basis_said: [speed.basis_said, speed.cautions_said],
                is_estimate: speed.is_estimate,
            }))
        }
        Work::PerImage { milliseconds, reference } => Ok(by_index(plan, gpu, reference, *milliseconds, true)),
        Work::PerSession { seconds, reference } => Ok(by_index(plan, gpu, reference, seconds * 1000, false)),
    }
}

/// A time on the reference card, scaled by the indices of both cards.
fn by_index(plan: &Resolved, gpu: &Gpu, reference: &Gpu, milliseconds: u64, per_image: bool) -> Result<Card, String> {
    let index = |gpu: &Gpu| {
        let read = |text: &Option<String>| {
            text.as_ref().and_then(|text| text.parse::<Nanos>().ok()).map(|nanos| nanos.0).filter(|index| *index > 0)
        };
        Some((read(&gpu.diffusion_index_low)?, read(&gpu.diffusion_index_rtx4090)?, read(&gpu.diffusion_index_high)?))
    };
    let scale = |from: i64, to: i64| {
        let product = u128::from(milliseconds) * u128::try_from(from).unwrap_or(0);
        u64::try_from(product.div_ceil(u128::try_from(to).unwrap_or(1))).unwrap_or(u64::MAX / 1_000_000)
    };
    let same = gpu.slug == reference.slug;
    let (low, typical, high, basis) = if same {
        (milliseconds, milliseconds, milliseconds, said::say("speed-of-plan", Vec::new()))
    } else {
        let (Some(here), Some(there)) = (index(gpu), index(reference)) else {
            return Err(text_of("left-no-index").to_owned());
        };
        let basis = said::say("speed-from-plan", vec![said::gpu("gpu", &reference.slug)]);
        (scale(there.0, here.2), scale(there.1, here.1), scale(there.2, here.0), basis)
    };
    let (basis, basis_said) = basis.apart();
    let range = (low, high);
    let none = (0, 0);
    Ok(Card {
        gpu: gpu.slug.clone(),
        variant: None,
        tight: false,
        work: CardWork {
            // Without a model nobody knows what one of them takes: all that is kept is fetched.
            weights_bytes: plan.weights_bytes.unwrap_or(plan.models_bytes),
            image_milliseconds: if per_image { range } else { none },
            session_milliseconds: if per_image { none } else { range },
        },
        typical_milliseconds: per_image.then_some(typical),
        basis,
        basis_said: [vec![basis_said], Vec::new()],
        is_estimate: !same,
    })
}

/// Every candidate's outcome; one per row's key unless machines are asked for.
fn rank(market: &Market, plan: &Resolved, candidates: &Candidates, left_out: &mut LeftOutTally) -> Result<Vec<Ranked>, PlanError> {
    let all: usize = candidates.groups.iter().map(|(_, positions)| positions.len()).sum();
    let on = plan.rules_on.unwrap_or_else(|| candidates.as_of.date_naive());
    let work = |groups: &[(usize, Vec<usize>)]| {
        let mut worker = Worker {
            market,
            plan,
            on,
            cards: Cards { plan, known: HashMap::new() },
            scratch: Scratch::default(),
            best: HashMap::new(),
            rows: Vec::new(),
            left_out: LeftOutTally::default(),
        };
        for (group, positions) in groups {
            worker.group(*group, positions)?;
        }
        Ok(worker)
    };
    let workers = if all <= ALONE_MAX {
        vec![work(&candidates.groups)?]
    } else {
        // Halves of equal numbers of offers; a group stays whole, so that its card is looked at once.
        let mut half = 0;
        let middle = candidates.groups.iter().position(|(_, positions)| {
            half += positions.len();
            half * 2 >= all
        });
        let (first, second) = candidates.groups.split_at(middle.map_or(0, |middle| middle + 1).min(candidates.groups.len()));
        let both: [Result<Worker<'_>, PlanError>; 2] = std::thread::scope(|scope| {
            let other = scope.spawn(|| work(second));
            [work(first), other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))]
        });
        both.into_iter().collect::<Result<Vec<_>, _>>()?
    };
    let mut ranked = Vec::new();
    for worker in workers {
        left_out.join(worker.left_out);
        ranked.extend(worker.rows);
        ranked.extend(worker.best.into_values());
    }
    ranked.sort_by_key(|row: &Ranked| (row.outcome.place(), row.position));
    Ok(ranked)
}

struct Worker<'a> {
    market: &'a Market,
    plan: &'a Resolved,
    on: chrono::NaiveDate,
    cards: Cards<'a>,
    scratch: Scratch,
    best: HashMap<(usize, u32, u32, MarketKind), Ranked>,
    rows: Vec<Ranked>,
    left_out: LeftOutTally,
}

impl Worker<'_> {
    fn group(&mut self, number: usize, positions: &[usize]) -> Result<(), PlanError> {
        let group = &self.market.index.groups[number];
        let rates = self.market.rates.as_deref();
        for position in positions {
            let entry = &self.market.index.entries[*position];
            if self.plan.trusted_hosts && !is_trusted(entry) {
                self.left_out.add(text_of("left-untrusted"), &group.slug, 1);
                continue;
            }
            let card = match self.cards.of(entry)? {
                Ok(card) => card,
                Err(why) => {
                    self.left_out.add(&why, &group.slug, 1);
                    continue;
                }
            };
            self.offer(number, *position, entry, card, rates);
        }
        Ok(())
    }

    fn offer(&mut self, number: usize, position: usize, entry: &Entry, card: Arc<Card>, rates: Option<&FxRates>) {
        let group = &self.market.index.groups[number];
        let rule = catalogue::billing_rule(&entry.offer.key, place(entry, self.plan), Some(self.on));
        let case = case_of(self.market, self.plan, entry, &rule, &card.work);
        let tariffs: (Tariff, Tariff, Unknowns) = match case.tariffs(self.plan, rates) {
            Ok(tariffs) => tariffs,
            Err(no_rate) => return self.left_out.add(&no_rate.to_string(), &group.slug, 1),
        };
        let Some(outcome) = super::spot::best(&case, self.plan, &tariffs, &mut self.scratch) else {
            return self.left_out.add(text_of("left-policy"), &group.slug, 1);
        };
        if self.plan.budget_nanos.is_some_and(|budget| outcome.low > budget) {
            return self.left_out.add(text_of("left-budget"), &group.slug, 1);
        }
        let columns = &self.market.index.columns;
        let sticker = columns.usd_nanos_per_gpu_hour[position];
        let row = Ranked { position, card, rule, outcome, sticker };
        if self.plan.by_machine {
            self.rows.push(row);
            return;
        }
        let tier = self.market.index.cells[columns.cell[position] as usize].tier;
        let key = (number, columns.provider[position], tier, columns.market[position]);
        let order = |row: &Ranked| (row.outcome.place(), row.position);
        match self.best.entry(key) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(row);
            }
            std::collections::hash_map::Entry::Occupied(mut place) => {
                if order(&row) < order(place.get()) {
                    place.insert(row);
                }
            }
        }
    }
}

/// A marketplace's listing is one machine, or so many equal ones; a list price is not counted.
fn is_marketplace(provider: &str) -> bool {
    catalogue::by_slug(provider).is_some_and(|known| known.manifest.kind == gpurate_providers::manifest::ProviderKind::Marketplace)
}

/// Verified, or in a tier that is not the community's.
fn is_trusted(entry: &Entry) -> bool {
    entry.offer.attributes.verified == Some(true) || (entry.offer.attributes.verified.is_none() && &*entry.offer.key.tier != "community")
}

impl Ranked {
    pub fn policies(&self, plan: &Resolved, case: &Case<'_>, tariff: &Tariff) -> Vec<Policy> {
        let chosen = self.outcome.policy;
        let any = Resolved { policy: None, ..plan.clone() };
        case.policies(&any, tariff).filter(|policy| *policy != chosen).collect()
    }

    /// How one end of its bill comes about.
    pub fn how(&self, end: End) -> (Policy, u64, End) {
        (self.outcome.policy, self.outcome.machines, if end == End::Low { self.outcome.low_at } else { self.outcome.high_at })
    }
}

/// When the dearer of two cards is the cheaper one for the plan's work: by the cheapest rentable offer of each.
///
/// # Errors
/// [`PlanError`] where a card has no offer or no known speed.
pub fn compare(market: &Market, plan: &Plan, gpus: [&str; 2], as_of: DateTime<Utc>) -> Result<super::BusyShare, PlanError> {
    let resolved = plan.resolve()?;
    let error = |message: String| PlanError { key: "compare".to_owned(), message };
    let slugs = crate::compare::slugs(gpus).map_err(|refused| error(refused.to_string()))?;
    let mut sides = Vec::new();
    for (typed, meant) in gpus.into_iter().zip(slugs) {
        let asked = Filters::parse(std::iter::once(("gpu".to_owned(), meant.to_owned())))?;
        let filters = Filters { gpu: asked.gpu, ..resolved.filters.clone() };
        let candidates = prices::candidates(market, &filters, as_of);
        let cheapest = candidates.groups.iter().filter_map(|(_, positions)| {
            let trusted = |position: &&usize| !resolved.trusted_hosts || is_trusted(&market.index.entries[**position]);
            positions.iter().find(trusted).copied()
        });
        let prices = &market.index.columns.usd_nanos_per_gpu_hour;
        let position = cheapest.min_by_key(|position| prices[*position]).ok_or_else(|| {
            error(format!(
                "nothing is offered of `{}` now that passes the plan's filters",
                crate::words::plain(&typed.chars().take(40).collect::<String>())
            ))
        })?;
        let mut cards = Cards { plan: &resolved, known: HashMap::new() };
        let card = cards.of(&market.index.entries[position])?.map_err(|why| error(format!("`{typed}`: {why}")))?;
        sides.push((card, prices[position], market.index.entries[position].offer.price.kind));
    }
    let side = |index: usize| {
        let (card, price, kind): &(Arc<Card>, i64, PriceKind) = &sides[index];
        let work = &card.work;
        let (low, high) = if work.session_milliseconds.1 > 0 { work.session_milliseconds } else { work.image_milliseconds };
        let typical = card.typical_milliseconds.unwrap_or(low.midpoint(high));
        super::busy_share::Side { gpu: &card.gpu, price: *price, kind: *kind, time: Range { low, typical, high } }
    };
    Ok(super::BusyShare { sample: market.sample, ..super::busy_share(side(0), side(1)) })
}
