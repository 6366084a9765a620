//! The plan: what a person knows about their own way of working, and what is assumed of the rest.
//!
//! A plan is a set of keys with values in text ([`KEYS`]), whatever it was written in: flags, a query string, TOML or
//! JSON. [`Plan::resolve`] turns it into numbers; every default that was used is listed as an [`Assumption`], and can be
//! replaced by giving its key. Keys that are filters of prices (`gpu`, `provider`, `country`, …) narrow the offers.

use std::collections::BTreeMap;
use std::sync::Arc;

use gpurate_domain::gpu::Gpu;
use gpurate_domain::spot::Trace;
use gpurate_domain::{Currency, Nanos};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::presets;
use crate::catalogue;
use crate::parameters;
use crate::prices::{FilterError, Filters, PARAMETERS, Parameter};
use crate::words::nearest;
use crate::workloads::{self, Kind, Range, Wish, Workload};

/// A trace of use has at most so many entries.
pub const TRACE_ENTRIES_MAX: usize = 2_000;
/// At most so many seeded runs.
pub const RUNS_MAX: u64 = 10_000;
/// A plan has at most so many characters in all.
pub const TEXT_CHARACTERS_MAX: usize = 100_000;

/// A key of a plan as it is documented.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; the unit is in it.
    pub name: &'static str,
    /// Values by example.
    pub example: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn key(name: &'static str, example: &'static str, meaning: &'static str) -> Key {
    Key { name, example, meaning }
}

/// Every key beside the filters of prices.
pub const KEYS: &[Key] = &[
    key("preset", "evenings", "a plan to begin from: `evenings`, `overnight`, `lora-weekly`; other keys replace its values"),
    key("model", "flux1-dev", "what you run; `gpurate workloads` lists them"),
    key("variant", "fp8_resident", "which precision of it; else the best that fits each card"),
    key("steps", "28", "steps of one image; else the model's usual number"),
    key("vram_gib", "24", "only cards with so much usable memory; needed where no model says it"),
    key("weights_gb", "34", "what is fetched before the first image; else the variant's files"),
    key("seconds_per_image", "6.5", "how long an image takes on your card, where no benchmark says it; other cards by their index"),
    key("work_hours", "6", "computing per session, as hours on your card, in place of images (training)"),
    key("evenings", "3", "sessions a week"),
    key("sessions", "13", "sessions in the whole time, in place of `evenings`"),
    key("days", "30", "the whole time"),
    key("hours", "2.5", "how long a session lasts on the card you have now; for `asleep` the time until it must be done"),
    key("images", "150", "images (or clips) of a session"),
    key("presence", "there", "`there`: you look between bursts; `asleep`: nobody waits but the deadline"),
    key("by", "08:00", "for `asleep`: when it must be done; `from` says when it begins"),
    key("from", "22:00", "for `by`: when it begins"),
    key("looking_minutes", "90", "running and looking per session, in place of what `hours`, `images` and your card come to"),
    key("burst_images", "4", "images between two looks"),
    key("present_card", "rtx-4090", "the card that `hours` and `work_hours` are counted on"),
    key("models_gb", "60", "models and data that you keep"),
    key("images_kept", "20", "images of a session that you take home"),
    key("mb_per_image", "1.31", "size of one of them; else the model's usual size"),
    key("policy", "best", "between sessions: `keep`, `stop`, `delete`, `network_volume`, or the `best` for each offer"),
    key("hosts", "trusted", "`trusted`: verified or secure ones; `any`"),
    key("machines_max", "8", "for `asleep`: at most so many machines at once to be done in time"),
    key("boot_seconds", "60", "from the order until the machine runs"),
    key("image_gb", "8", "the container's image, pulled where no image with drivers is there"),
    key("system_gb", "10", "disk for the system beside models and image"),
    key("set_up_seconds", "60", "loading models into the card, starting the program"),
    key("compile_seconds", "0", "compiling before the first image"),
    key("download_mbit_s", "500", "what the sites of models give; a slower host gives less"),
    key("keep_running_minutes", "15", "for a trace of use: shorter gaps are one session"),
    key("checkpoint_minutes", "30", "work that an eviction destroys at most; for images one image"),
    key(
        "stopped_returns_percent",
        "90",
        "how often a stopped machine comes back; else as machines of its kind were seen to, else by the rule: 100, or 90 where it does not keep its GPU",
    ),
    key("cold_start_seconds", "20", "serverless: from a request to a worker that computes"),
    key("idle_timeout_seconds", "5", "serverless: how long a worker waits, where the rule does not say"),
    key("discount_percent", "0", "off every line"),
    key("credit_usd", "0", "taken off the total"),
    key("egress_used_gb", "0", "data out that your account uses already, a month"),
    key("budget_usd", "40", "at most so much for the whole time"),
    key("evictions_per_hour", "0.05", "spot: how often a running machine is taken away"),
    key(
        "eviction_trace",
        "trace.json",
        "spot: a recorded availability to draw from in place of a rate; the command line reads the file, the API takes its JSON",
    ),
    key("capacity_wait_minutes", "10", "spot: how long one waits for another, on average"),
    key("seed", "1", "of the seeded runs; the same seed gives the same answer"),
    key("runs", "1000", "how many seeded runs"),
    key("own_card", "rtx-4090", "adds the row of not renting: the card"),
    key("own_card_price_usd", "1900", "what it costs"),
    key("own_card_months", "36", "over how many months it is written off"),
    key("own_card_watts", "550", "what the machine draws while it works; else the card's own figure and 150"),
    key("own_card_kwh_usd", "0.30", "what a kWh costs"),
    key("trace", "0-30:12;600-640:20", "a trace of use in place of sessions: minutes from the start, `begin-end:images` each"),
    key("rules_on", "2025-06-01", "billing rules as they were on that day, where their history is known; prices are of now"),
    key("rows", "provider", "`provider`: one row per provider, GPU and tier; `machines`: every offer"),
    key("limit", "20", "at most so many rows"),
    key("currency", "EUR", "shows totals in this currency too, by the ECB's reference rate"),
    key("vat_percent", "20", "tax on top"),
];

/// Keys that say the same in different ways: a plan gives one of each, and what it gives replaces the preset's.
const WAYS: [&[&str]; 3] = [&["evenings", "sessions", "trace"], &["hours", "by"], &["model", "seconds_per_image", "work_hours"]];

/// Filters that a plan takes too.
fn is_filter(name: &str) -> bool {
    !matches!(name, "by" | "limit" | "cursor" | "currency" | "vat_percent" | "vram_min_gib")
        && PARAMETERS.iter().any(|known| known.name == name)
}

/// The filters of prices that narrow a plan's offers.
pub fn filters_taken() -> impl Iterator<Item = &'static Parameter> {
    let is_key = |name: &str| KEYS.iter().any(|key| key.name == name);
    PARAMETERS.iter().filter(move |known| is_filter(known.name) && !is_key(known.name))
}

/// A plan that cannot be used: which key, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PlanError {
    /// The key at fault.
    pub key: String,
    /// The value and the way out, in words.
    pub message: String,
}

impl PlanError {
    fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}

impl From<FilterError> for PlanError {
    fn from(error: FilterError) -> Self {
        Self { key: error.parameter, message: error.message }
    }
}

/// A default that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanAssumption)]
pub struct Assumption {
    /// The key that replaces it.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Why this value.
    pub why: String,
}

/// A plan as it was given: keys and values in text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    given: BTreeMap<String, String>,
}

fn shown(text: &str) -> String {
    crate::words::plain(&text.chars().take(40).collect::<String>())
}

impl Plan {
    /// A plan of pairs; a filter that takes a list may stand several times, any other key once.
    ///
    /// # Errors
    /// [`PlanError`] for an unknown key (with one that is near), or one given twice.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, PlanError> {
        let mut plan = Self::default();
        let mut characters = 0;
        for (name, value) in pairs {
            characters += name.len() + value.len();
            if characters > TEXT_CHARACTERS_MAX {
                return Err(PlanError::new(
                    shown(&name),
                    format!("a plan has at most {TEXT_CHARACTERS_MAX} characters; shorten its trace"),
                ));
            }
            let name = name.replace('-', "_");
            plan.known(&name)?;
            if value.trim().is_empty() {
                return Err(PlanError::new(&*name, format!("`{name}` has no value; leave it out to use the default")));
            }
            let is_list = PARAMETERS.iter().any(|known| known.name == name && known.list);
            match plan.given.entry(name) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(value.trim().to_owned());
                }
                std::collections::btree_map::Entry::Occupied(mut place) if is_list => {
                    let joined = format!("{},{}", place.get(), value.trim());
                    place.insert(joined);
                }
                std::collections::btree_map::Entry::Occupied(place) => {
                    return Err(parameters::twice(place.key()).into());
                }
            }
        }
        plan.check_preset()?;
        Ok(plan)
    }

    /// A plan of TOML: the keys of [`KEYS`] and of filters, `[own_card]` as a table, `trace` as a list of
    /// `[begin_minute, end_minute, images]`.
    ///
    /// # Errors
    /// [`PlanError`] with the line where it is no TOML, else with the key.
    pub fn parse_toml(text: &str) -> Result<Self, PlanError> {
        if text.len() > TEXT_CHARACTERS_MAX {
            return Err(PlanError::new("plan", format!("a plan has at most {TEXT_CHARACTERS_MAX} characters; shorten its trace")));
        }
        let table: toml::Table =
            toml::from_str(text).map_err(|error| PlanError::new("plan", format!("not TOML: {}", error.to_string().trim_end())))?;
        if let Some((key, _)) = table.iter().find(|(_, value)| value.as_float().is_some_and(|number| !number.is_finite())) {
            return Err(PlanError::new(shown(key), format!("`{}` is no number a plan can be made of; write it in digits", shown(key))));
        }
        let value = serde_json::to_value(table).map_err(|error| PlanError::new("plan", error.to_string()))?;
        Self::parse_json(&value)
    }

    /// A plan of JSON: an object as [`Plan::parse_toml`] describes it.
    ///
    /// # Errors
    /// [`PlanError`] with the key.
    pub fn parse_json(value: &serde_json::Value) -> Result<Self, PlanError> {
        let object = value
            .as_object()
            .ok_or_else(|| PlanError::new("plan", "a plan is an object of keys and values, as `{\"preset\": \"evenings\"}`"))?;
        let mut pairs = Vec::new();
        for (name, value) in object {
            match value {
                serde_json::Value::Object(inner) if name == "own_card" => {
                    for (inner_name, value) in inner {
                        let full = if inner_name == "gpu" { "own_card".to_owned() } else { format!("own_card_{inner_name}") };
                        pairs.push((full.clone(), scalar(&full, value)?));
                    }
                }
                serde_json::Value::Array(items) if name == "trace" => pairs.push((name.clone(), trace_text(items)?)),
                serde_json::Value::Array(items) => {
                    let items = items.iter().map(|item| scalar(name, item)).collect::<Result<Vec<_>, _>>()?;
                    pairs.push((name.clone(), items.join(",")));
                }
                serde_json::Value::Object(_) if name == "eviction_trace" => pairs.push((name.clone(), value.to_string())),
                serde_json::Value::Null => {}
                value => pairs.push((name.clone(), scalar(name, value)?)),
            }
        }
        Self::parse(pairs)
    }

    /// The pairs, in order of keys: what makes a permalink.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.given.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// This plan with the keys of another in the place of its own.
    #[must_use]
    pub fn replaced_by(&self, other: &Self) -> Self {
        let mut given = self.given.clone();
        given.extend(other.given.iter().map(|(key, value)| (key.clone(), value.clone())));
        Self { given }
    }

    /// The same plan with its preset and the defaults it used spelled out, so that it stays what it is when those change.
    /// What is derived from benchmarks and sizes is left to who keeps the numbers themselves.
    #[must_use]
    pub fn pinned(&self, assumptions: &[Assumption]) -> Self {
        const DERIVED: [&str; 5] = ["looking_minutes", "images_kept", "mb_per_image", "models_gb", "weights_gb"];
        let mut given = BTreeMap::new();
        let preset = self.given.get("preset").and_then(|name| presets::of(name).ok()).unwrap_or_default();
        for (key, _) in preset {
            if let Some(value) = self.text(key) {
                given.insert((*key).to_owned(), value.to_owned());
            }
        }
        given.extend(self.given.iter().filter(|(key, _)| *key != "preset").map(|(key, value)| (key.clone(), value.clone())));
        for one in assumptions.iter().filter(|one| !DERIVED.contains(&one.key.as_str())) {
            given.entry(one.key.clone()).or_insert_with(|| one.value.clone());
        }
        Self { given }
    }

    fn known(&self, name: &str) -> Result<(), PlanError> {
        if KEYS.iter().any(|key| key.name == name) || is_filter(name) {
            return Ok(());
        }
        let all = KEYS.iter().map(|key| key.name).chain(PARAMETERS.iter().map(|known| known.name).filter(|name| is_filter(name)));
        let hint = nearest(&shown(name), all).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(PlanError::new(
            shown(name),
            format!("no key of a plan is called `{}`{hint}; `gpurate simulate --keys` lists them", shown(name)),
        ))
    }

    fn check_preset(&self) -> Result<(), PlanError> {
        match self.given.get("preset") {
            Some(name) => presets::of(name).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The value of a key: given, else the preset's, unless another way to say the same was given.
    fn text(&self, name: &str) -> Option<&str> {
        if !self.given.contains_key(name)
            && WAYS.iter().any(|ways| ways.contains(&name) && ways.iter().any(|other| self.given.contains_key(*other)))
        {
            return None;
        }
        let preset = || presets::of(self.given.get("preset")?).ok()?.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        self.given.get(name).map(String::as_str).or_else(preset)
    }

    /// The numbers of the plan, with every default that was used.
    ///
    /// # Errors
    /// [`PlanError`] names the key, what is wrong with it and what to write.
    pub fn resolve(&self) -> Result<Resolved, PlanError> {
        Resolver { plan: self, assumptions: Vec::new() }.resolve()
    }
}

fn scalar(name: &str, value: &serde_json::Value) -> Result<String, PlanError> {
    match value {
        serde_json::Value::String(text) => Ok(text.clone()),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(PlanError::new(shown(name), format!("`{}` takes a text, a number or a list of them", shown(name)))),
    }
}

fn trace_text(items: &[serde_json::Value]) -> Result<String, PlanError> {
    let error = || PlanError::new("trace", "an entry of `trace` is `[begin_minute, end_minute, images]`, whole numbers");
    let mut text = Vec::new();
    for item in items {
        match item.as_array().map(Vec::as_slice) {
            Some([begin, end, images]) => {
                let [begin, end, images] = [begin, end, images].map(serde_json::Value::as_u64);
                let (Some(begin), Some(end), Some(images)) = (begin, end, images) else { return Err(error()) };
                text.push(format!("{begin}-{end}:{images}"));
            }
            _ => return Err(error()),
        }
    }
    Ok(text.join(";"))
}

/// Between sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The machine runs on.
    Keep,
    /// It is stopped, with its disk.
    Stop,
    /// It is deleted; models are fetched anew.
    Delete,
    /// It is deleted; models stay on a volume that outlives it.
    NetworkVolume,
    /// Workers come and go with requests.
    Serverless,
}

impl Policy {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Stop => "stop",
            Self::Delete => "delete",
            Self::NetworkVolume => "network_volume",
            Self::Serverless => "serverless",
        }
    }
}

/// Equal sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// How many.
    pub count: u64,
    /// Images of one; 0 where work is given as time.
    pub images: u64,
    /// Running and looking, the same on any card.
    pub looking_seconds: u64,
    /// Bursts of one.
    pub bursts: u64,
}

/// How the time of the work follows from the card.
#[derive(Clone, Debug)]
pub enum Work {
    /// Images of a workload, by benchmarks and index.
    Model {
        /// Which.
        workload: &'static Workload,
        /// Steps, where said.
        steps: Option<u32>,
    },
    /// So many milliseconds an image on the reference card; others by the ratio of the indices.
    PerImage {
        /// On the reference card.
        milliseconds: u64,
        /// The reference card.
        reference: &'static Gpu,
    },
    /// So many seconds a session on the reference card; others by the ratio of the indices.
    PerSession {
        /// On the reference card.
        seconds: u64,
        /// The reference card.
        reference: &'static Gpu,
    },
}

/// A card of one's own.
#[derive(Clone, Copy, Debug)]
pub struct OwnCard {
    /// Which.
    pub gpu: &'static Gpu,
    /// What it costs, in nano-dollars.
    pub price_nanos: i64,
    /// Written off over so many months.
    pub months: u64,
    /// While it works.
    pub watts: u64,
    /// Nano-dollars.
    pub kwh_nanos: i64,
}

/// A plan in numbers.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// How long the work takes.
    pub work: Work,
    /// Which variant is wanted.
    pub variant: Option<String>,
    /// Usable memory that is asked for.
    pub vram_mib: Option<u32>,
    /// What is fetched before the first image, where said.
    pub weights_bytes: Option<u64>,
    /// Sessions.
    pub sessions: Vec<Session>,
    /// The whole time.
    pub horizon_seconds: u64,
    /// Months in it, for allowances and caps.
    pub months: u32,
    /// Hours of such a month.
    pub month_hours: u32,
    /// Whether somebody waits.
    pub there: bool,
    /// A session must be done in it.
    pub window_seconds: Option<u64>,
    /// Hours of a session as asked, for the price per useful hour.
    pub session_seconds: u64,
    /// Kept models and data.
    pub models_bytes: u64,
    /// Data out in the whole time.
    pub egress_bytes: u64,
    /// Of the account already, a month.
    pub egress_used_bytes: u64,
    /// `None` for the best.
    pub policy: Option<Policy>,
    /// Only verified or secure hosts.
    pub trusted_hosts: bool,
    /// To be done in time.
    pub machines_max: u64,
    /// From the order until it runs.
    pub boot_seconds: u64,
    /// The container's image.
    pub image_bytes: u64,
    /// Disk for the system.
    pub system_bytes: u64,
    /// Loading, with compiling.
    pub set_up_seconds: u64,
    /// Speed of the sites of models.
    pub download_mbit_s: u64,
    /// Work between two checkpoints; `None` for one image.
    pub checkpoint_seconds: Option<u64>,
    /// How often a stopped machine comes back, in millionths, where said.
    pub returns_ppm: Option<u64>,
    /// Serverless.
    pub cold_start_seconds: u64,
    /// Serverless, where the rule does not say.
    pub idle_timeout_seconds: u64,
    /// Off every line, in millionths.
    pub discount_ppm: u64,
    /// Nano-dollars.
    pub credit_nanos: i64,
    /// On top, in millionths.
    pub vat_ppm: u64,
    /// Also shown in it.
    pub currency: Option<Currency>,
    /// Nano-dollars.
    pub budget_nanos: Option<i64>,
    /// Evictions per hour, in millionths.
    pub evictions_per_hour_ppm: u64,
    /// Drawn from in place of the rate.
    pub eviction_trace: Option<Arc<Trace>>,
    /// Mean wait for capacity.
    pub capacity_wait_seconds: u64,
    /// Of the runs.
    pub seed: u64,
    /// How many.
    pub runs: u32,
    /// The row of not renting.
    pub own_card: Option<OwnCard>,
    /// Every offer has a row.
    pub by_machine: bool,
    /// At most so many rows.
    pub limit: usize,
    /// Billing rules of this day, in place of today's.
    pub rules_on: Option<chrono::NaiveDate>,
    /// Which offers are meant.
    pub filters: Filters,
    /// What an unknown fact may cost at most.
    pub assumed: gpurate_domain::bill::Assumed,
    /// Defaults that were used.
    pub assumptions: Vec<Assumption>,
}

impl Resolved {
    /// Images of the whole time.
    pub fn images(&self) -> u64 {
        self.sessions.iter().map(|session| session.images * session.count).sum()
    }

    /// Sessions of the whole time.
    pub fn sessions_count(&self) -> u64 {
        self.sessions.iter().map(|session| session.count).sum()
    }

    /// Between two sessions, on average.
    pub fn gap_seconds(&self) -> u64 {
        let gaps = self.sessions_count().saturating_sub(1).max(1);
        self.horizon_seconds.saturating_sub(self.session_seconds.saturating_mul(self.sessions_count())) / gaps
    }

    /// What runs, in words.
    pub fn workload(&self) -> Option<&'static Workload> {
        match &self.work {
            Work::Model { workload, .. } => Some(workload),
            Work::PerImage { .. } | Work::PerSession { .. } => None,
        }
    }

    /// Which variant of the workload is wanted.
    pub fn wish(&self) -> Wish<'_> {
        self.variant.as_deref().map_or(Wish::Best { offload: false, compiled: false }, Wish::Named)
    }
}

struct Resolver<'a> {
    plan: &'a Plan,
    assumptions: Vec<Assumption>,
}

const MILLION: u64 = 1_000_000;

impl Resolver<'_> {
    fn assume(&mut self, key: &str, value: impl Into<String>, why: impl Into<String>) {
        // More than one figure may rest on it.
        if self.assumptions.iter().all(|known| known.key != key) {
            self.assumptions.push(Assumption { key: key.to_owned(), value: value.into(), why: why.into() });
        }
    }

    /// A decimal number in thousandths within bounds, where given.
    fn thousandths_given(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, PlanError> {
        let Some(text) = self.plan.text(name) else { return Ok(None) };
        let number: Option<u64> = text.parse::<Nanos>().ok().and_then(|nanos| u64::try_from(nanos.0).ok()).map(|nanos| nanos / MILLION);
        let number = number.filter(|thousandths| (least * 1000..=most * 1000).contains(thousandths));
        number.map(Some).ok_or_else(|| {
            let example = KEYS.iter().find(|key| key.name == name).map_or("1", |key| key.example);
            PlanError::new(name, format!("`{name}` is `{}`; write a number from {least} to {most}, as `{example}`", shown(text)))
        })
    }

    fn thousandths(&mut self, name: &str, least: u64, most: u64, default: &str, why: &str) -> Result<u64, PlanError> {
        if let Some(given) = self.thousandths_given(name, least, most)? {
            return Ok(given);
        }
        self.assume(name, default, why);
        Ok(default.parse::<Nanos>().ok().and_then(|nanos| u64::try_from(nanos.0).ok()).map_or(0, |nanos| nanos / MILLION))
    }

    fn whole_given(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, PlanError> {
        let Some(text) = self.plan.text(name) else { return Ok(None) };
        let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
        number
            .map(Some)
            .ok_or_else(|| PlanError::new(name, format!("`{name}` is `{}`; write a whole number from {least} to {most}", shown(text))))
    }

    fn whole(&mut self, name: &str, least: u64, most: u64, default: u64, why: &str) -> Result<u64, PlanError> {
        if let Some(given) = self.whole_given(name, least, most)? {
            return Ok(given);
        }
        self.assume(name, default.to_string(), why);
        Ok(default)
    }

    /// An amount of dollars in nano-dollars.
    fn dollars_given(&self, name: &str) -> Result<Option<i64>, PlanError> {
        let Some(text) = self.plan.text(name) else { return Ok(None) };
        let amount = text.parse::<Nanos>().ok().filter(|nanos| (0..=1_000_000 * gpurate_domain::money::NANOS_PER_UNIT).contains(&nanos.0));
        amount
            .map(|nanos| Some(nanos.0))
            .ok_or_else(|| PlanError::new(name, format!("`{name}` is `{}`; write dollars from 0 to 1000000, as `40`", shown(text))))
    }

    fn word<T: Copy>(&self, name: &str, allowed: &[(&str, T)]) -> Result<Option<T>, PlanError> {
        let Some(text) = self.plan.text(name) else { return Ok(None) };
        let folded = text.to_lowercase().replace('-', "_");
        allowed.iter().find(|(word, _)| *word == folded).map(|(_, value)| Some(*value)).ok_or_else(|| {
            let all: Vec<String> = allowed.iter().map(|(word, _)| format!("`{word}`")).collect();
            PlanError::new(name, format!("`{name}` is `{}`; write {}", shown(text), all.join(", ")))
        })
    }

    fn gpu(&self, name: &str) -> Result<Option<&'static Gpu>, PlanError> {
        let Some(text) = self.plan.text(name) else { return Ok(None) };
        let pair = std::iter::once(("gpu".to_owned(), text.to_owned()));
        let filters = Filters::parse(pair).map_err(|error| PlanError::new(name, error.message))?;
        match filters.gpu.as_slice() {
            [choice] if choice.gpus.len() == 1 => Ok(Some(catalogue::gpus().gpu(choice.gpus[0]))),
            _ => Err(PlanError::new(name, format!("`{name}` is `{}`; write one card, as `rtx-4090` or `a100-80gb-sxm`", shown(text)))),
        }
    }

    fn workload(&self) -> Result<Option<&'static Workload>, PlanError> {
        let Some(text) = self.plan.text("model") else { return Ok(None) };
        workloads::table().find(text).map(Some).map_err(|error| PlanError::new("model", error.to_string()))
    }

    fn resolve(mut self) -> Result<Resolved, PlanError> {
        for ways in WAYS {
            let given: Vec<&str> = ways.iter().copied().filter(|key| self.plan.given.contains_key(*key)).collect();
            if let [first, second, ..] = given.as_slice() {
                return Err(PlanError::new(*second, format!("`{first}` and `{second}` say the same in two ways; give one of them")));
            }
        }
        let there = self.word("presence", &[("there", true), ("asleep", false)])?;
        let there = there.unwrap_or_else(|| {
            self.assume("presence", "there", "you look between bursts");
            true
        });
        let work = self.work()?;
        let days = self.whole("days", 1, 366, 30, "a month")?;
        let horizon_seconds = days * 86_400;
        // No month is longer than 31 days, so that no cap or allowance covers more than a month.
        let months = u32::try_from(days.div_ceil(31)).unwrap_or(12).max(1);
        let (sessions, session_seconds, window_seconds) = self.sessions(&work, there, horizon_seconds)?;
        let images: u64 = sessions.iter().map(|session| session.images * session.count).sum();
        let count: u64 = sessions.iter().map(|session| session.count).sum();
        let egress_bytes = self.egress_bytes(&work, images, count)?;
        let policy = self.word(
            "policy",
            &[
                ("best", None),
                ("keep", Some(Policy::Keep)),
                ("stop", Some(Policy::Stop)),
                ("delete", Some(Policy::Delete)),
                ("network_volume", Some(Policy::NetworkVolume)),
            ],
        )?;
        let policy = policy.unwrap_or_else(|| {
            self.assume("policy", "best", "for each offer what costs least");
            None
        });
        let trusted_hosts = self.word("hosts", &[("trusted", true), ("any", false)])?.unwrap_or_else(|| {
            self.assume("hosts", "trusted", "verified hosts, and no community tiers");
            true
        });
        let models = self.thousandths_given("models_gb", 0, 100_000)?;
        let weights_bytes = self.thousandths_given("weights_gb", 0, 10_000)?.map(|thousandths| thousandths * MILLION);
        let models_bytes = match models {
            Some(thousandths) => thousandths * MILLION,
            None => {
                let bytes = weights_bytes.or_else(|| model_of(&work)?.download_bytes).unwrap_or(0);
                self.assume("models_gb", Nanos(i64::try_from(bytes).unwrap_or(0)).to_string(), "what this model alone takes");
                bytes
            }
        };
        if weights_bytes.is_none() && model_of(&work).is_none() {
            let all = Nanos(i64::try_from(models_bytes).unwrap_or(0)).to_string();
            self.assume("weights_gb", all, "without a model nobody knows what one of them takes: all that you keep is fetched");
        }
        let checkpoint_seconds = match (&work, self.thousandths_given("checkpoint_minutes", 0, 10_000)?) {
            (_, Some(thousandths)) => Some((thousandths * 60 / 1000).max(1)),
            (Work::PerSession { .. }, None) => {
                self.assume("checkpoint_minutes", "30", "what an eviction destroys at most");
                Some(1800)
            }
            (Work::Model { .. } | Work::PerImage { .. }, None) => None,
        };
        let (evictions_per_hour_ppm, capacity_wait_seconds, eviction_trace) = self.evictions()?;
        let filters = self.filters(there)?;
        let set_up =
            self.whole("set_up_seconds", 0, 7200, 60, "loading models into the card and starting the program; no published figure")?;
        let compile = self.whole_given("compile_seconds", 0, 7200)?.unwrap_or(0);
        Ok(Resolved {
            vram_mib: self.whole_given("vram_gib", 1, 1024)?.and_then(|gib| u32::try_from(gib * 1024).ok()),
            variant: self.plan.text("variant").map(str::to_owned),
            months,
            // Of a calendar month: the plan's own time where it is one, else a twelfth of a year.
            month_hours: if (28..=31).contains(&days) { u32::try_from(days * 24).unwrap_or(730) } else { 730 },
            machines_max: if there { 1 } else { self.whole("machines_max", 1, 64, 8, "at once, to be done in time")? },
            boot_seconds: self.whole("boot_seconds", 0, 7200, 60, "from the order until it runs; no published figure")?,
            image_bytes: self.thousandths("image_gb", 0, 1000, "8", "a usual image with CUDA and a user interface")? * MILLION,
            system_bytes: self.thousandths("system_gb", 0, 1000, "10", "disk beside models and image")? * MILLION,
            set_up_seconds: set_up + compile,
            download_mbit_s: self.whole("download_mbit_s", 1, 100_000, 500, "what the sites of models give; a slower host gives less")?,
            returns_ppm: self.thousandths_given("stopped_returns_percent", 0, 100)?.map(|thousandths| thousandths * 10),
            cold_start_seconds: self.whole("cold_start_seconds", 0, 3600, 20, "serverless; no published figure")?,
            idle_timeout_seconds: self.whole("idle_timeout_seconds", 0, 86_400, 5, "serverless, where the provider's rule does not say")?,
            discount_ppm: self.thousandths_given("discount_percent", 0, 100)?.unwrap_or(0) * 10,
            credit_nanos: self.dollars_given("credit_usd")?.unwrap_or(0),
            vat_ppm: self.thousandths_given("vat_percent", 0, 100)?.unwrap_or(0) * 10,
            currency: filters.currency,
            budget_nanos: self.dollars_given("budget_usd")?,
            egress_used_bytes: self.thousandths_given("egress_used_gb", 0, 10_000_000)?.unwrap_or(0) * MILLION,
            evictions_per_hour_ppm,
            capacity_wait_seconds,
            eviction_trace,
            seed: self.whole_given("seed", 0, u64::MAX)?.unwrap_or(1),
            runs: u32::try_from(self.whole_given("runs", 10, RUNS_MAX)?.unwrap_or(1000)).unwrap_or(1000),
            own_card: self.own_card()?,
            by_machine: self.word("rows", &[("provider", false), ("machines", true)])?.unwrap_or(false),
            limit: usize::try_from(self.whole_given("limit", 1, 1000)?.unwrap_or(20)).unwrap_or(20),
            rules_on: match self.plan.text("rules_on") {
                Some(text) => {
                    Some(text.parse().map_err(|_| {
                        PlanError::new("rules_on", format!("`rules_on` is `{}`; write a day, as `2025-06-01`", shown(text)))
                    })?)
                }
                None => None,
            },
            work,
            weights_bytes,
            sessions,
            horizon_seconds,
            there,
            window_seconds,
            session_seconds,
            models_bytes,
            egress_bytes,
            policy,
            trusted_hosts,
            checkpoint_seconds,
            filters,
            assumed: super::assumed::ASSUMED.value,
            assumptions: self.assumptions,
        })
    }

    /// Evictions per hour in millionths, the mean wait, and the trace in place of both.
    fn evictions(&mut self) -> Result<(u64, u64, Option<Arc<Trace>>), PlanError> {
        if let Some(text) = self.plan.text("eviction_trace") {
            if !text.starts_with('{') {
                let message = format!(
                    "`eviction_trace` is `{}`; give the trace itself, as `{{\"metadata\": {{\"gap_seconds\": 600}}, \"data\": [0, 1]}}` (the command line reads a file)",
                    shown(text)
                );
                return Err(PlanError::new("eviction_trace", message));
            }
            let trace = Trace::parse(text).map_err(|error| PlanError::new("eviction_trace", format!("`eviction_trace`: {error}")))?;
            return Ok((trace.evictions_per_hour_ppm(), trace.mean_wait_seconds(), Some(Arc::new(trace))));
        }
        let why = "spot: an assumption; no provider publishes a rate per hour";
        let rate = self.thousandths("evictions_per_hour", 0, 60, "0.05", why)? * 1000;
        if rate == 0 && self.plan.text("evictions_per_hour").is_some_and(|text| text.parse::<Nanos>().is_ok_and(|nanos| nanos.0 != 0)) {
            return Err(PlanError::new("evictions_per_hour", "`evictions_per_hour` is below 0.001; write 0 for never"));
        }
        Ok((rate, self.whole("capacity_wait_minutes", 0, 10_000, 10, "spot: an assumption")? * 60, None))
    }

    fn present_card(&mut self) -> Result<&'static Gpu, PlanError> {
        if let Some(gpu) = self.gpu("present_card")? {
            return Ok(gpu);
        }
        self.assume("present_card", "rtx-4090", "the card that hours are counted on");
        let pair = std::iter::once(("gpu".to_owned(), "rtx-4090".to_owned()));
        let filters = Filters::parse(pair)?;
        Ok(catalogue::gpus().gpu(filters.gpu[0].gpus[0]))
    }

    fn work(&mut self) -> Result<Work, PlanError> {
        if let Some(thousandths) = self.thousandths_given("work_hours", 0, 10_000)? {
            return Ok(Work::PerSession { seconds: (thousandths * 36 / 10).max(1), reference: self.present_card()? });
        }
        if let Some(milliseconds) = self.thousandths_given("seconds_per_image", 0, 100_000)? {
            if milliseconds == 0 {
                return Err(PlanError::new("seconds_per_image", "`seconds_per_image` is 0; write how long one image takes, as `6.5`"));
            }
            return Ok(Work::PerImage { milliseconds, reference: self.present_card()? });
        }
        let Some(workload) = self.workload()? else {
            let message =
                "say what you run: `model = flux1-dev` (see `gpurate workloads`), or `seconds_per_image`, or `work_hours`, or a `preset`";
            return Err(PlanError::new("model", message));
        };
        if workload.kind == Kind::Training {
            let message = format!("`{}` is training: say `work_hours`, how long a run takes on the card you have now", workload.id);
            return Err(PlanError::new("work_hours", message));
        }
        let steps = self.whole_given("steps", 1, 1000)?.and_then(|steps| u32::try_from(steps).ok());
        Ok(Work::Model { workload, steps })
    }

    /// Sessions, how long one lasts as asked, and the window of one that nobody watches.
    fn sessions(&mut self, work: &Work, there: bool, horizon: u64) -> Result<(Vec<Session>, u64, Option<u64>), PlanError> {
        if let Some(trace) = self.plan.text("trace").map(str::to_owned) {
            return self.trace(&trace, horizon);
        }
        let count = match self.whole_given("sessions", 1, 10_000)? {
            Some(count) => count,
            None => {
                let evenings = self.thousandths("evenings", 0, 100, "3", "sessions a week")?;
                if evenings == 0 {
                    return Err(PlanError::new(
                        "evenings",
                        "`evenings` is 0; write how many sessions a week has, as `3` (0.5 for one in two weeks)",
                    ));
                }
                ((evenings * (horizon / 86_400) + 3500) / 7000).max(1)
            }
        };
        let timed = matches!(work, Work::PerSession { .. });
        let images = match self.whole_given("images", 1, 10_000_000)? {
            Some(images) => images,
            None if timed => 0,
            None => return Err(PlanError::new("images", "say how many images a session makes, as `images = 150`")),
        };
        let window_seconds = if there { None } else { Some(self.window()?) };
        let burst = if there { self.whole("burst_images", 1, 100_000, 4, "between two looks")? } else { images.max(1) };
        let bursts = images.div_ceil(burst).max(1);
        let (looking_seconds, session_seconds) = match (self.thousandths_given("looking_minutes", 0, 100_000)?, window_seconds) {
            (Some(thousandths), window) => {
                let looking = thousandths * 60 / 1000;
                let present = self.present_card()?;
                // What the present card computes is part of a session; where nobody knows it, looking alone is.
                let computing = self.computing(work, images, present).unwrap_or(0);
                (looking, window.unwrap_or(looking + computing).max(1))
            }
            (None, Some(window)) => (0, window),
            (None, None) => self.looking(work, images)?,
        };
        let busy = session_seconds.saturating_mul(count);
        if busy > horizon {
            let message = format!(
                "{count} sessions of {} h do not fit into {} days; give fewer `sessions` or more `days`",
                session_seconds / 3600,
                horizon / 86_400
            );
            return Err(PlanError::new("sessions", message));
        }
        Ok((vec![Session { count, images, looking_seconds, bursts }], session_seconds, window_seconds))
    }

    /// Seconds that the present card computes in a session.
    fn computing(&self, work: &Work, images: u64, present: &Gpu) -> Result<u64, PlanError> {
        Ok(match work {
            Work::PerSession { seconds, .. } => *seconds,
            Work::PerImage { milliseconds, .. } => milliseconds.saturating_mul(images).div_ceil(1000),
            Work::Model { workload, steps } => {
                let speed = on_card(workload, *steps, self.plan.text("variant"), present).map_err(|why| {
                    let message = format!(
                        "how fast your card ({}) runs `{}` is not known ({why}): say `looking_minutes`, or another `present_card`",
                        present.slug, workload.id
                    );
                    PlanError::new("present_card", message)
                })?;
                speed.typical.saturating_mul(images).div_ceil(1000)
            }
        })
    }

    /// Looking is what is left of a session's hours when the present card has computed.
    fn looking(&mut self, work: &Work, images: u64) -> Result<(u64, u64), PlanError> {
        let session = self.thousandths("hours", 0, 24, "2", "how long a session lasts")? * 36 / 10;
        let present = self.present_card()?;
        let computing = self.computing(work, images, present)?;
        if computing > session {
            let (what, fewer) = match work {
                Work::PerSession { .. } => ("the session's work takes".to_owned(), "less `work_hours`"),
                _ => (format!("{images} images take"), "fewer `images`"),
            };
            let message = format!(
                "{what} {} min on a {} alone, and a session lasts {} min: give more `hours` or {fewer}",
                computing / 60,
                present.name,
                session / 60
            );
            return Err(PlanError::new("hours", message));
        }
        let looking = session - computing;
        self.assume(
            "looking_minutes",
            (looking / 60).to_string(),
            "the session less what your present card computes; the same on any card",
        );
        Ok((looking, session.max(1)))
    }

    /// How long nobody waits.
    fn window(&mut self) -> Result<u64, PlanError> {
        if let Some(by) = self.plan.text("by").map(str::to_owned) {
            let minutes = |name: &str, text: &str| {
                let parsed = text.split_once(':').and_then(|(hour, minute)| Some((hour.parse::<u64>().ok()?, minute.parse::<u64>().ok()?)));
                parsed
                    .filter(|(hour, minute)| *hour < 24 && *minute < 60)
                    .map(|(hour, minute)| hour * 60 + minute)
                    .ok_or_else(|| PlanError::new(name, format!("`{name}` is `{}`; write a time of day, as `08:00`", shown(text))))
            };
            let from = match self.plan.text("from").map(str::to_owned) {
                Some(from) => from,
                None => {
                    self.assume("from", "22:00", "when it begins");
                    "22:00".to_owned()
                }
            };
            let (from, by) = (minutes("from", &from)?, minutes("by", &by)?);
            return Ok(if by > from { by - from } else { by + 24 * 60 - from } * 60);
        }
        match self.thousandths_given("hours", 0, 24 * 31)? {
            Some(thousandths) => Ok((thousandths * 36 / 10).max(60)),
            None => {
                self.assume("hours", "10", "a night");
                Ok(36_000)
            }
        }
    }

    fn trace(&mut self, text: &str, horizon: u64) -> Result<(Vec<Session>, u64, Option<u64>), PlanError> {
        let merge = self.whole("keep_running_minutes", 0, 1440, 15, "nobody stops a machine for a shorter gap")? * 60;
        let mut entries: Vec<(u64, u64, u64)> = Vec::new();
        for entry in text.split(';').map(str::trim).filter(|entry| !entry.is_empty()) {
            let parsed = entry.split_once(':').and_then(|(span, images)| {
                let (begin, end) = span.split_once('-')?;
                Some((begin.trim().parse::<u64>().ok()?, end.trim().parse::<u64>().ok()?, images.trim().parse::<u64>().ok()?))
            });
            let Some((begin, end, images)) =
                parsed.filter(|(begin, end, images)| begin < end && *end <= horizon / 60 && *images <= 10_000_000)
            else {
                let message = format!(
                    "`{}` is no entry of `trace`: write `begin-end:images` in minutes from the start, end after begin and within {} days, as `0-30:12`",
                    shown(entry),
                    horizon / 86_400
                );
                return Err(PlanError::new("trace", message));
            };
            if entries.last().is_some_and(|last| begin * 60 < last.1) {
                return Err(PlanError::new(
                    "trace",
                    format!("`{}` begins before the entry before it ends; put them in order", shown(entry)),
                ));
            }
            if entries.len() == TRACE_ENTRIES_MAX {
                return Err(PlanError::new("trace", format!("a trace has at most {TRACE_ENTRIES_MAX} entries")));
            }
            let (begin, end) = (begin * 60, end * 60);
            match entries.last_mut() {
                Some(last) if begin - last.1 < merge => (last.1, last.2) = (end, last.2 + images),
                _ => entries.push((begin, end, images)),
            }
        }
        if entries.is_empty() {
            return Err(PlanError::new("trace", "a trace has one entry at least, as `0-30:12`"));
        }
        let busy: u64 = entries.iter().map(|(begin, end, _)| end - begin).sum();
        let burst = self.whole("burst_images", 1, 100_000, 4, "between two looks")?;
        // What is recorded is how long one sat there: on every card the same, computing included.
        let sessions = entries.iter().map(|(begin, end, images)| Session {
            count: 1,
            images: *images,
            looking_seconds: end - begin,
            bursts: images.div_ceil(burst).max(1),
        });
        let average = busy / u64::try_from(entries.len()).unwrap_or(1).max(1);
        self.assume("looking_minutes", "the trace's", "an entry is how long you sat there; computing comes on top of it on every card");
        Ok((sessions.collect(), average.max(1), None))
    }

    fn egress_bytes(&mut self, work: &Work, images: u64, sessions: u64) -> Result<u64, PlanError> {
        let kept = match self.whole_given("images_kept", 0, 10_000_000)? {
            // A training run keeps checkpoints, of which nobody says how many there are.
            Some(kept) if images == 0 => kept.saturating_mul(sessions),
            Some(kept) => kept.saturating_mul(sessions).min(images),
            None => {
                self.assume("images_kept", "all", "every image is taken home");
                images
            }
        };
        let each = match (self.thousandths_given("mb_per_image", 0, 100_000)?, model_of(work).and_then(|workload| workload.output_bytes)) {
            (Some(thousandths), _) => thousandths * 1000,
            (None, Some(bytes)) => bytes,
            (None, None) => {
                self.assume("mb_per_image", "1.31", "a PNG of 1024x1024; the size of this workload's output was not found");
                1_310_000
            }
        };
        Ok(kept.saturating_mul(each))
    }

    fn filters(&mut self, there: bool) -> Result<Filters, PlanError> {
        let plan = self.plan;
        let value = |name: &str| plan.text(name).map(|value| (name.to_owned(), value.to_owned()));
        let mut pairs: Vec<(String, String)> =
            PARAMETERS.iter().filter(|known| is_filter(known.name)).filter_map(|known| value(known.name)).collect();
        if plan.text("market").is_none() {
            let (markets, why) = if there {
                ("on_demand,serverless", "somebody waits: nothing that can be taken away")
            } else {
                ("on_demand,spot,serverless", "nobody waits: also what can be taken away")
            };
            self.assume("market", markets, why);
            pairs.push(("market".to_owned(), markets.to_owned()));
        }
        pairs.extend(["currency"].into_iter().filter_map(value));
        Ok(Filters::parse(pairs.into_iter())?)
    }

    fn own_card(&mut self) -> Result<Option<OwnCard>, PlanError> {
        let Some(gpu) = self.gpu("own_card")? else { return Ok(None) };
        let Some(price_nanos) = self.dollars_given("own_card_price_usd")? else {
            return Err(PlanError::new(
                "own_card_price_usd",
                "say what your card costs, as `own_card_price_usd = 1900` (0 for one that is paid)",
            ));
        };
        let months = self.whole("own_card_months", 1, 240, 36, "written off over three years")?;
        let watts = match (self.whole_given("own_card_watts", 0, 10_000)?, gpu.tdp_w) {
            (Some(watts), _) => watts,
            (None, Some(tdp)) => {
                let watts = u64::from(tdp) + 150;
                self.assume("own_card_watts", watts.to_string(), "the card's own figure and 150 for the rest of the machine");
                watts
            }
            (None, None) => return Err(PlanError::new("own_card_watts", "how much this card draws is not known: say `own_card_watts`")),
        };
        let kwh_nanos = match self.dollars_given("own_card_kwh_usd")? {
            Some(nanos) => nanos,
            None => {
                self.assume("own_card_kwh_usd", "0.30", "an assumption; look at your bill");
                300_000_000
            }
        };
        Ok(Some(OwnCard { gpu, price_nanos, months, watts, kwh_nanos }))
    }
}

fn model_of(work: &Work) -> Option<&'static Workload> {
    match work {
        Work::Model { workload, .. } => Some(workload),
        Work::PerImage { .. } | Work::PerSession { .. } => None,
    }
}

/// Milliseconds of one image on a whole card, in the variant that is asked for or the best that fits.
pub(super) fn on_card(workload: &Workload, steps: Option<u32>, variant: Option<&str>, gpu: &Gpu) -> Result<Range, String> {
    let usable = gpu.vram().ok_or("its memory is not known")?;
    let wish = variant.map_or(Wish::Best { offload: false, compiled: false }, Wish::Named);
    let choice = workloads::choose(workload, gpu, usable, wish).map_err(|error| error.to_string())?;
    let chosen = choice.chosen.ok_or("no variant of it fits")?;
    let speed = workloads::seconds(workload, chosen, gpu, steps, None).map_err(|error| error.to_string())?;
    Ok(speed.milliseconds_per_unit)
}
