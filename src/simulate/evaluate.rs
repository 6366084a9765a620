//! One offer under a plan: the timeline of each policy, and what it costs. The inner loop: no text, no allocation that
//! is not reused.

use gpurate_domain::MarketKind;
use gpurate_domain::bill::{self, Ledger, Priced, Runs, Tariff, Unknown, Unknowns, Usage};
use gpurate_domain::billing::BillingRule;
use gpurate_domain::money::FxRates;
use serde::{Deserialize, Serialize};

use super::plan::{Policy, Resolved};

const MILLION: u64 = 1_000_000;

/// How long a card works, per session of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardWork {
    /// What is fetched before the first image.
    pub weights_bytes: u64,
    /// Milliseconds of one image: fast end and slow end; 0 where work is given as time.
    pub image_milliseconds: (u64, u64),
    /// Milliseconds of one session's work where it is given as time.
    pub session_milliseconds: (u64, u64),
}

/// What an evaluation needs to know of an offer.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Its money facts.
    pub priced: Priced<'a>,
    /// Its rule.
    pub rule: &'a BillingRule,
    /// How it is sold.
    pub market: MarketKind,
    /// GPUs that share the work.
    pub gpus: u64,
    /// Of its host, where known.
    pub download_mbit_s: Option<u64>,
    /// Its price is a lower bound.
    pub is_from: bool,
    /// So many of it can be had at once; `None` where the source does not count them (a list price).
    pub units: Option<u64>,
    /// How often a machine of its kind was seen to come back after such a gap, in millionths; `None` where too little was seen.
    pub returns_ppm: Option<u64>,
    /// Its card.
    pub work: &'a CardWork,
}

/// Which end of everything that is not known exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Fast and cheap.
    Low,
    /// Slow and dear.
    High,
}

/// The phases before work, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overheads {
    /// From the order until it runs.
    pub boot: u64,
    /// Pulling the image.
    pub pull: u64,
    /// Fetching everything that is kept.
    pub models: u64,
    /// Fetching what one workload needs.
    pub weights: u64,
    /// Loading.
    pub set_up: u64,
}

/// What a policy comes to for one offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Which.
    pub policy: Policy,
    /// Nano-dollars, discount, credit and tax included: the cheap end.
    pub low: i64,
    /// The dear end.
    pub high: i64,
    /// At which speed of the card the cheap end is: a slower one can be the cheaper where stopped time costs.
    pub low_at: End,
    /// And the dear end.
    pub high_at: End,
    /// Machines at once.
    pub machines: u64,
    /// Done in the window, where there is one, and all of it in the whole time.
    pub in_time: bool,
    /// From the order to the first image of a session that begins cold.
    pub click_seconds: u64,
    /// Waited in the whole time, at the fast end.
    pub waited_low_seconds: u64,
    /// At the slow end.
    pub waited_high_seconds: u64,
    /// What is not known of it.
    pub unknown: Unknowns,
}

impl Outcome {
    /// What it costs at most is not known: its hourly price is a lower bound.
    pub const fn is_open(&self) -> bool {
        self.unknown.contains(Unknown::AboveFrom)
    }

    /// What is ranked by: in time, what it costs at most known, the dear end, the cheap end.
    pub const fn place(&self) -> (bool, bool, i64, i64) {
        (!self.in_time, self.is_open(), self.high, self.low)
    }
}

/// Scratch that is reused from offer to offer.
#[derive(Debug, Default)]
pub struct Scratch {
    runs: Vec<Runs>,
}

/// Seconds of `bytes` at `mbit_s`, rounded up.
fn transfer_seconds(bytes: u64, mbit_s: u64) -> u64 {
    bytes.saturating_mul(8).div_ceil(mbit_s.max(1) * MILLION)
}

/// An assumption: no provider says how often a machine finds its GPU again that it does not keep.
const RETURNS_WHERE_THE_GPU_GOES_PPM: u64 = 900_000;

impl Case<'_> {
    /// Both ends' tariffs and what is not known.
    ///
    /// # Errors
    /// The currency that has no rate.
    pub fn tariffs(&self, plan: &Resolved, rates: Option<&FxRates>) -> Result<(Tariff, Tariff, Unknowns), bill::NoRate> {
        let (high, unknown) = self.tariff(plan, rates, Unknowns::ALL)?;
        let low = if unknown.is_empty() { high } else { self.tariff(plan, rates, Unknowns::NONE)?.0 };
        Ok((low, high, unknown))
    }

    /// The tariff with these unknowns at their dear end.
    ///
    /// # Errors
    /// The currency that has no rate.
    pub fn tariff(&self, plan: &Resolved, rates: Option<&FxRates>, dear: Unknowns) -> Result<(Tariff, Unknowns), bill::NoRate> {
        let (tariff, mut unknown) = Tariff::compile(&self.priced, self.rule, rates, &plan.assumed, dear)?;
        if self.is_from {
            unknown.insert(Unknown::AboveFrom);
        }
        Ok((tariff, unknown))
    }

    /// The phases before work.
    pub fn overheads(&self, plan: &Resolved) -> Overheads {
        let speed = self.download_mbit_s.filter(|speed| *speed > 0).map_or(plan.download_mbit_s, |host| host.min(plan.download_mbit_s));
        let has_images = self.rule.environment.prebuilt_images.as_ref().is_some_and(|fact| fact.value);
        let weights = plan.weights_bytes.unwrap_or(self.work.weights_bytes);
        Overheads {
            boot: if self.market == MarketKind::Serverless { plan.cold_start_seconds } else { plan.boot_seconds },
            pull: if has_images || self.market == MarketKind::Serverless { 0 } else { transfer_seconds(plan.image_bytes, speed) },
            models: transfer_seconds(plan.models_bytes.max(weights), speed),
            weights: transfer_seconds(weights, speed),
            set_up: plan.set_up_seconds,
        }
    }

    /// Seconds that one session computes on one of `machines`.
    pub(super) fn work_seconds(&self, images: u64, machines: u64, end: End) -> u64 {
        let share = self.gpus.max(1) * machines.max(1);
        let pick = |(low, high): (u64, u64)| if end == End::Low { low } else { high };
        let images = images.div_ceil(share);
        let milliseconds = images.saturating_mul(pick(self.work.image_milliseconds)) + pick(self.work.session_milliseconds);
        milliseconds.div_ceil(1000)
    }

    /// How many machines it takes to be done in the window, and whether that is enough; and whether all sessions fit into
    /// the whole time.
    pub fn machines(&self, plan: &Resolved, overheads: &Overheads, policy: Policy) -> (u64, bool) {
        let fetched = match policy {
            Policy::Delete => overheads.weights,
            Policy::Serverless => 0,
            Policy::Keep | Policy::Stop | Policy::NetworkVolume => overheads.models,
        };
        let before = overheads.boot + overheads.pull + fetched + overheads.set_up;
        let fits = |machines: u64| {
            let sessions = plan.sessions.iter().map(|session| {
                let busy = self.work_seconds(session.images, machines, End::High) + session.looking_seconds;
                session.count.saturating_mul(busy)
            });
            sessions.sum::<u64>() <= plan.horizon_seconds
        };
        let Some(window) = plan.window_seconds else { return (1, fits(1)) };
        let longest = plan.sessions.iter().max_by_key(|session| session.images);
        let (images, looking) = longest.map_or((0, 0), |session| (session.images, session.looking_seconds));
        let available = window.saturating_sub(before + looking);
        let done = |machines: u64| available > 0 && self.work_seconds(images, machines, End::High) <= available;
        // Training is one job: it cannot be shared out.
        let most = if self.work.session_milliseconds.1 > 0 { 1 } else { plan.machines_max.min(self.units.unwrap_or(u64::MAX)).max(1) };
        let least = if available == 0 { most } else { self.work_seconds(images, 1, End::High).div_ceil(available).clamp(1, most) };
        // A share of images is a whole number: one machine more may do it.
        let machines = (least..=most).find(|machines| done(*machines)).unwrap_or(most);
        (machines, done(machines) && fits(machines))
    }

    /// Policies that this offer allows, of those the plan wants.
    pub fn policies(&self, plan: &Resolved, tariff: &Tariff) -> impl Iterator<Item = Policy> {
        let serverless = self.market == MarketKind::Serverless;
        let (can_stop, has_volume, wanted) = (tariff.can_stop(), tariff.has_network_volume(), plan.policy);
        let survives = tariff.disk_survives_stop();
        [Policy::Keep, Policy::Stop, Policy::Delete, Policy::NetworkVolume, Policy::Serverless].into_iter().filter(move |policy| {
            let possible = match policy {
                Policy::Serverless => serverless,
                _ if serverless => false,
                Policy::Keep | Policy::Delete => true,
                // A disk that a stop wipes makes stopping a deleting that costs more.
                Policy::Stop => can_stop && survives,
                Policy::NetworkVolume => has_volume,
            };
            possible && (serverless || wanted.is_none_or(|wanted| wanted == *policy))
        })
    }

    /// Hands the usage of a policy to `then`.
    pub fn with_usage<T>(
        &self,
        plan: &Resolved,
        tariff: &Tariff,
        (policy, machines, end): (Policy, u64, End),
        scratch: &mut Scratch,
        then: impl FnOnce(&Usage<'_>) -> T,
    ) -> T {
        let overheads = self.overheads(plan);
        scratch.runs.clear();
        let mut builder = Builder { case: self, plan, tariff, overheads, machines, end, runs: &mut scratch.runs };
        let base = builder.build(policy);
        then(&Usage { runs: &scratch.runs, ..base })
    }

    /// The bill of a policy, written into a ledger, without discount, credit and tax.
    pub fn bill<L: Ledger>(&self, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch, ledger: &mut L) {
        self.with_usage(plan, tariff, how, scratch, |usage| bill::bill(tariff, usage, ledger));
    }

    /// The sum of a policy's bill, without discount, credit and tax.
    pub fn sum(&self, plan: &Resolved, tariff: &Tariff, how: (Policy, u64, End), scratch: &mut Scratch) -> i64 {
        self.with_usage(plan, tariff, how, scratch, |usage| bill::total(tariff, usage))
    }

    /// Seconds of one image, at least one; the time of a session's work where it is no images.
    pub fn image_seconds(&self, end: End) -> u64 {
        let pick = |(low, high): (u64, u64)| if end == End::Low { low } else { high };
        (pick(self.work.image_milliseconds) + pick(self.work.session_milliseconds)).div_ceil(1000).max(1)
    }

    /// Both ends of a policy, and at which speed of the card they are: the dearest and the cheapest of both speeds.
    pub fn ends(
        &self,
        (low, high, _): &(Tariff, Tariff, Unknowns),
        policy: Policy,
        machines: u64,
        mut total: impl FnMut(&Tariff, (Policy, u64, End)) -> i64,
    ) -> ((i64, End), (i64, End)) {
        let mut at = |tariff: &Tariff, end: End| (total(tariff, (policy, machines, end)), end);
        let (fast, slow) = (at(low, End::Low), at(high, End::High));
        // Only where other time costs too is less work not always cheaper: what is not computed is stopped or idle.
        if !matches!(policy, Policy::Keep | Policy::Stop) {
            return (fast, slow);
        }
        let (cheap_slow, dear_fast) = (at(low, End::High), at(high, End::Low));
        (if cheap_slow.0 < fast.0 { cheap_slow } else { fast }, if dear_fast.0 > slow.0 { dear_fast } else { slow })
    }

    /// An outcome with the times of a policy and the totals it came to.
    pub fn outcome(
        &self,
        plan: &Resolved,
        (_, high, unknown): &(Tariff, Tariff, Unknowns),
        policy: Policy,
        (cheap, dear): ((i64, End), (i64, End)),
    ) -> Outcome {
        let overheads = self.overheads(plan);
        let (machines, in_time) = self.machines(plan, &overheads, policy);
        let waited = |end| self.waited(plan, &overheads, policy, high, machines, end);
        let Overheads { boot, pull, set_up, models, weights } = overheads;
        // Of a session that is not the first: what is kept need not be fetched again. Where there is one it is the first.
        let is_first = plan.sessions_count() <= 1;
        let click = match policy {
            Policy::Keep | Policy::Stop | Policy::NetworkVolume if is_first => boot + pull + models + set_up,
            Policy::Keep => 0,
            Policy::Stop => boot + set_up,
            Policy::Delete => boot + pull + weights + set_up,
            Policy::NetworkVolume => boot + pull + set_up,
            Policy::Serverless => boot,
        };
        Outcome {
            policy,
            low: cheap.0,
            high: dear.0,
            low_at: cheap.1,
            high_at: dear.1,
            machines,
            in_time,
            click_seconds: click + self.work.image_milliseconds.1.div_ceil(1000),
            waited_low_seconds: waited(End::Low),
            waited_high_seconds: waited(End::High),
            unknown: *unknown,
        }
    }

    /// How long one waits in all: for machines, and for the card.
    fn waited(&self, plan: &Resolved, overheads: &Overheads, policy: Policy, tariff: &Tariff, machines: u64, end: End) -> u64 {
        let mut waited = 0;
        let cold = overheads.boot + overheads.pull + overheads.set_up;
        for (index, session) in plan.sessions.iter().enumerate() {
            let work = self.work_seconds(session.images, machines, end);
            let first = index == 0;
            let starts = match policy {
                Policy::Keep => u64::from(first) * (cold + overheads.models),
                Policy::Stop => {
                    let cold_starts = if first { 1 + self.anew(plan, end) } else { 0 };
                    session.count * (overheads.boot + overheads.set_up) + cold_starts * (overheads.pull + overheads.models)
                }
                Policy::Delete => session.count * (cold + overheads.weights),
                Policy::NetworkVolume => session.count * cold + u64::from(first) * overheads.models,
                Policy::Serverless => session.count * self.cold_starts(plan, tariff, session) * overheads.boot,
            };
            waited += starts + session.count * work;
        }
        waited
    }

    /// Restarts that find their machine gone: another one, with everything fetched anew. A whole number on either side of what
    /// is expected.
    fn anew(&self, plan: &Resolved, end: End) -> u64 {
        // What the plan says, else what was seen, else what the rule lets one expect.
        let returns_ppm = plan.returns_ppm.or(self.returns_ppm).unwrap_or_else(|| self.returns_by_the_rule());
        let lost = (plan.sessions_count() - 1) * (MILLION - returns_ppm.min(MILLION));
        if end == End::Low { lost / MILLION } else { lost.div_ceil(MILLION) }
    }

    /// How often a stopped machine is taken to come back where nothing else is known, in millionths.
    pub(super) fn returns_by_the_rule(&self) -> u64 {
        let keeps_gpu = self.rule.states.stopped_keeps_gpu.as_ref().is_none_or(|fact| fact.value);
        if keeps_gpu { MILLION } else { RETURNS_WHERE_THE_GPU_GOES_PPM }
    }

    /// Cold starts of one serverless session: one after every gap that is longer than a worker waits.
    pub(super) fn cold_starts(&self, plan: &Resolved, tariff: &Tariff, session: &super::plan::Session) -> u64 {
        let timeout = tariff.idle_timeout_seconds().map_or(plan.idle_timeout_seconds, u64::from);
        if session.looking_seconds / session.bursts.max(1) > timeout { session.bursts.max(1) } else { 1 }
    }

    /// Looking that a serverless worker sees to its end, because every gap is within its wait.
    fn looking_of_workers(&self, plan: &Resolved, tariff: &Tariff, session: &super::plan::Session) -> u64 {
        let timeout = tariff.idle_timeout_seconds().map_or(plan.idle_timeout_seconds, u64::from);
        if session.looking_seconds / session.bursts.max(1) > timeout { 0 } else { session.looking_seconds }
    }

    /// How long a gap must be before stopping costs less than running on; `None` where it never does.
    pub fn break_even_seconds(&self, plan: &Resolved, tariff: &Tariff, scratch: &mut Scratch) -> Option<u64> {
        if !tariff.can_stop() || tariff.stopped_is_full() || self.market == MarketKind::Serverless {
            return None;
        }
        let overheads = self.overheads(plan);
        let disk_bytes = plan.models_bytes.max(self.work.weights_bytes) + plan.system_bytes + plan.image_bytes;
        let base = Usage { disk_bytes, is_one_machine: true, month_hours: plan.month_hours, ..Usage::default() };
        let mut cost = |gap: u64, stops: bool| {
            scratch.runs.clear();
            // An hour of work on either side, so that minimum and rounding are those of a session.
            if stops {
                scratch.runs.push(Runs { count: 1, work_seconds: 3600, ..Runs::default() });
                scratch.runs.push(Runs {
                    count: 1,
                    boot_seconds: overheads.boot,
                    set_up_seconds: overheads.set_up,
                    work_seconds: 3600,
                    ..Runs::default()
                });
                let stopped_seconds = gap.saturating_sub(overheads.boot + overheads.set_up);
                bill::total(tariff, &Usage { runs: &scratch.runs, stopped_seconds, ..base })
            } else {
                scratch.runs.push(Runs { count: 1, work_seconds: 7200, idle_seconds: gap, ..Runs::default() });
                bill::total(tariff, &Usage { runs: &scratch.runs, ..base })
            }
        };
        let longest = 31 * 86_400;
        if cost(longest, true) >= cost(longest, false) {
            return None;
        }
        let (mut dear, mut cheap) = (0, longest);
        while cheap - dear > 1 {
            let middle = dear + (cheap - dear) / 2;
            if cost(middle, true) < cost(middle, false) { cheap = middle } else { dear = middle }
        }
        Some(cheap)
    }
}

/// Writes the runs of a policy, and returns the rest of its usage.
struct Builder<'a, 'b> {
    case: &'a Case<'a>,
    plan: &'a Resolved,
    tariff: &'a Tariff,
    overheads: Overheads,
    machines: u64,
    end: End,
    runs: &'b mut Vec<Runs>,
}

impl Builder<'_, '_> {
    /// A run with only what comes before work.
    fn start(&self, download_seconds: u64, pulls: bool) -> Runs {
        let Overheads { boot, pull, set_up, .. } = self.overheads;
        Runs {
            count: 1,
            boot_seconds: boot,
            image_pull_seconds: if pulls { pull } else { 0 },
            download_seconds,
            set_up_seconds: set_up,
            ..Runs::default()
        }
    }

    fn push(&mut self, runs: Runs, count: u64) {
        if count > 0 {
            self.runs.push(Runs { count: count * self.machines, ..runs });
        }
    }

    fn build(&mut self, policy: Policy) -> Usage<'static> {
        let (plan, machines) = (self.plan, self.machines);
        let weights = plan.weights_bytes.unwrap_or(self.case.work.weights_bytes);
        let models = plan.models_bytes.max(weights);
        let base = Usage {
            egress_bytes: plan.egress_bytes,
            egress_used_bytes: plan.egress_used_bytes,
            months: plan.months,
            month_hours: plan.month_hours,
            ..Usage::default()
        };
        let small = plan.system_bytes + plan.image_bytes;
        let image = if self.overheads.pull > 0 { plan.image_bytes } else { 0 };
        match policy {
            Policy::Keep => {
                self.keep();
                Usage {
                    is_one_machine: machines == 1,
                    disk_bytes: models + small,
                    ingress_bytes: (models + image).saturating_mul(machines),
                    ..base
                }
            }
            Policy::Stop => {
                let fetched = self.stop();
                let existing: u64 = self.runs.iter().map(|runs| runs.count * runs.seconds()).sum();
                Usage {
                    is_one_machine: machines == 1,
                    stopped_seconds: (plan.horizon_seconds * machines).saturating_sub(existing),
                    disk_bytes: models + small,
                    ingress_bytes: (models + image).saturating_mul(fetched).saturating_mul(machines),
                    ..base
                }
            }
            Policy::Delete => {
                let starts = self.delete();
                Usage {
                    disk_bytes: weights + small,
                    ingress_bytes: (weights + image).saturating_mul(starts).saturating_mul(machines),
                    ..base
                }
            }
            Policy::NetworkVolume => {
                let starts = self.network_volume();
                Usage {
                    disk_bytes: small,
                    network_bytes: models,
                    network_seconds: plan.horizon_seconds,
                    ingress_bytes: models.saturating_add(image.saturating_mul(starts).saturating_mul(machines)),
                    ..base
                }
            }
            Policy::Serverless => {
                self.serverless();
                let has_volume = self.tariff.has_network_volume();
                Usage {
                    network_bytes: if has_volume { models } else { 0 },
                    network_seconds: plan.horizon_seconds,
                    ingress_bytes: models,
                    ..base
                }
            }
        }
    }

    /// One machine from the first start to the end of the whole time.
    fn keep(&mut self) {
        let mut run = self.start(self.overheads.models, true);
        for session in &self.plan.sessions {
            run.work_seconds += session.count * self.case.work_seconds(session.images, self.machines, self.end);
            run.idle_seconds += session.count * session.looking_seconds;
        }
        let busy = run.seconds();
        run.idle_seconds += self.plan.horizon_seconds.saturating_sub(busy);
        self.push(run, 1);
    }

    /// Returns how often everything was fetched.
    fn stop(&mut self) -> u64 {
        let anew = self.case.anew(self.plan, self.end);
        let mut first_left = 1;
        let mut anew_left = anew;
        for position in 0..self.plan.sessions.len() {
            let session = self.plan.sessions[position];
            let work_seconds = self.case.work_seconds(session.images, self.machines, self.end);
            let with = |runs: Runs| Runs { work_seconds, idle_seconds: session.looking_seconds, ..runs };
            let cold = session.count.min(first_left + anew_left);
            (first_left, anew_left) = (0, anew_left - cold.saturating_sub(first_left).min(anew_left));
            self.push(with(self.start(self.overheads.models, true)), cold);
            self.push(with(self.start(0, false)), session.count - cold);
        }
        1 + anew
    }

    fn delete(&mut self) -> u64 {
        let mut starts = 0;
        for position in 0..self.plan.sessions.len() {
            let session = self.plan.sessions[position];
            let work_seconds = self.case.work_seconds(session.images, self.machines, self.end);
            let run = Runs { work_seconds, idle_seconds: session.looking_seconds, ..self.start(self.overheads.weights, true) };
            self.push(run, session.count);
            starts += session.count;
        }
        starts
    }

    fn network_volume(&mut self) -> u64 {
        let mut starts = 0;
        for position in 0..self.plan.sessions.len() {
            let session = self.plan.sessions[position];
            let work_seconds = self.case.work_seconds(session.images, self.machines, self.end);
            let with = |runs: Runs| Runs { work_seconds, idle_seconds: session.looking_seconds, ..runs };
            let first = u64::from(position == 0);
            self.push(with(self.start(self.overheads.models, true)), first);
            self.push(with(self.start(0, true)), session.count - first);
            starts += session.count;
        }
        starts
    }

    fn serverless(&mut self) {
        let timeout = self.tariff.idle_timeout_seconds().map_or(self.plan.idle_timeout_seconds, u64::from);
        for position in 0..self.plan.sessions.len() {
            let session = self.plan.sessions[position];
            let work_seconds = self.case.work_seconds(session.images, self.machines, self.end);
            let workers = self.case.cold_starts(self.plan, self.tariff, &session);
            let looking = self.case.looking_of_workers(self.plan, self.tariff, &session);
            let run = Runs {
                boot_seconds: self.overheads.boot,
                work_seconds: work_seconds.div_ceil(workers),
                idle_seconds: looking + timeout,
                ..Runs::default()
            };
            self.push(run, session.count * workers);
        }
    }
}

/// A sum with what comes off and on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjusted {
    /// Off, at most the sum.
    pub discount: i64,
    /// Off, at most what is left.
    pub credit: i64,
    /// On top.
    pub tax: i64,
    /// What is paid.
    pub total: i64,
}

impl Resolved {
    /// Discount, credit and tax, each rounded once to a nano-dollar.
    pub fn adjusted(&self, sum: i64) -> Adjusted {
        if self.discount_ppm == 0 && self.credit_nanos == 0 && self.vat_ppm == 0 {
            return Adjusted { discount: 0, credit: 0, tax: 0, total: sum };
        }
        let share = |nanos: i64, ppm: u64| {
            let product = i128::from(nanos) * i128::from(ppm);
            i64::try_from((product + 500_000) / 1_000_000).unwrap_or(i64::MAX)
        };
        let discount = share(sum, self.discount_ppm).min(sum);
        let credit = self.credit_nanos.min(sum - discount);
        let net = sum - discount - credit;
        let tax = share(net, self.vat_ppm);
        Adjusted { discount, credit, tax, total: net.saturating_add(tax) }
    }
}
