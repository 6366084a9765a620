//! What a question may ask for: typed, bounded, read from `key=value` pairs as a query string or a command line has
//! them. It knows the catalogue (GPUs, providers) and not the market: a tier or region that nothing has now is no
//! error, because it may have something tomorrow; the answer's advice then names the nearest one.

use gpurate_domain::{Country, Currency, GpuCount, MarketKind, Nanos, region};

use crate::catalogue;
use crate::parameters;
use crate::words::nearest;

/// A list holds at most so many values.
pub const LIST_ITEMS_MAX: usize = 50;
/// A value has at most so many characters.
pub const TEXT_CHARS_MAX: usize = 200;
/// A page of offers has so many unless told.
pub const LIMIT_DEFAULT: usize = 100;
/// And at most so many.
pub const LIMIT_MAX: usize = 1_000;

/// A parameter as it is documented.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Several values, separated by commas.
    pub list: bool,
    /// What it means, in a sentence.
    pub description: &'static str,
}

const fn parameter(name: &'static str, list: bool, description: &'static str) -> Parameter {
    Parameter { name, list, description }
}

/// Every parameter, for the API's document and the command line's help.
pub const PARAMETERS: [Parameter; 31] = [
    parameter("gpu", true, "slug, alias or family; a family means all its members"),
    parameter("manufacturer", true, "maker of the GPU (`NVIDIA`)"),
    parameter("architecture", true, "architecture of the GPU (`Ada Lovelace`)"),
    parameter("segment", true, "`consumer`, `workstation` or `datacenter`"),
    parameter("vram_min_gib", false, "at least so much usable memory per GPU"),
    parameter("vram_max_gib", false, "at most so much usable memory per GPU"),
    parameter("gpu_count", false, "so many GPUs: `1`, `8` or `1/8`"),
    parameter("market", true, "`on_demand`, `spot` or `serverless`"),
    parameter("tier", true, "what a provider does not mix (`secure`, `community`)"),
    parameter("provider", true, "slug of a provider"),
    parameter("region", true, "a provider's own code of a place"),
    parameter("country", true, "ISO 3166-1 alpha-2 code; matches what a source lists only"),
    parameter("continent", true, "`AF`, `AN`, `AS`, `EU`, `NA`, `OC` or `SA`"),
    parameter("price_max", false, "at most so many USD per GPU-hour"),
    parameter("ram_min_gib", false, "at least so much host memory; unknown is left out"),
    parameter("vcpu_min", false, "at least so many virtual CPUs; unknown is left out"),
    parameter("availability", false, "`any`, `not_out` or `available` (the source says so)"),
    parameter("age_max_seconds", false, "seen within so many seconds"),
    parameter("reliability_min", false, "score between 0 and 1; offers of sources that give none are kept"),
    parameter("download_min_mbit_s", false, "at least so fast; unknown is left out"),
    parameter("granularity_max_seconds", false, "billed in steps of at most so many seconds; unknown is left out"),
    parameter("free_egress", false, "`true`: every GB out is free"),
    parameter("persistent_storage", false, "`true`: data can outlive the machine"),
    parameter("slices", false, "`include` parts of a card, or `exclude`"),
    parameter("unverified", false, "`include` hosts the marketplace has not verified, or `exclude`"),
    parameter("retired", false, "`include` retired series, or `exclude`"),
    parameter("currency", false, "shows prices in this currency too, by the ECB's reference rate"),
    parameter("vat_percent", false, "shows prices with so much tax on top too"),
    parameter("by", false, "one row per `gpu`, `provider`, `region` or `market`"),
    parameter("limit", false, "at most so many rows"),
    parameter("cursor", false, "`next_cursor` of the page before"),
];

/// A parameter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// Its name, as given.
    pub parameter: String,
    /// The value and the way out, in words.
    pub message: String,
}

/// What the rows are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// One row per GPU.
    #[default]
    Gpu,
    /// One row per provider.
    Provider,
    /// One row per provider and region, because a region's code is the provider's own.
    Region,
    /// One row per market.
    Market,
}

/// How sure it must be that an offer can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stock {
    /// Whatever the source says.
    Any,
    /// Not said to be out of stock.
    NotOut,
    /// Said to be in stock.
    Available,
}

/// Whether something is in the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// It is.
    Include,
    /// It is not.
    Exclude,
}

/// What one value of `gpu` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuChoice {
    /// As typed.
    pub typed: String,
    /// Parts of the table.
    pub gpus: Vec<usize>,
    /// The family, where all of it is meant: its variants and ambiguous names belong to it.
    pub family: Option<String>,
    /// The slug of one group that is no single part (`rtx-4090-any`, `rtx-4090-36gb`, `~mystery-9000`).
    pub group: Option<String>,
}

impl GpuChoice {
    /// Whether it means the group of this slug, also one that nothing is offered of now.
    pub fn means(&self, slug: &str) -> bool {
        let table = catalogue::gpus();
        if self.group.as_deref() == Some(slug) {
            return true;
        }
        match table.by_slug(slug) {
            Some(gpu) => self.gpus.contains(&gpu),
            // Groups that are no single part: boards with other memory and offers that do not say which member they are.
            None => self.family.as_deref().is_some_and(|family| {
                let rest = slug.strip_prefix(&gpurate_domain::gpu::slug_of(family));
                let memory = |rest: &str| rest.strip_prefix('-')?.strip_suffix("gb")?.parse::<u32>().ok();
                rest.is_some_and(|rest| rest.is_empty() || rest == "-any" || memory(rest).is_some())
            }),
        }
    }
}

/// A question, read and checked. `None` and an empty list mean "not asked".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the parameters, which PARAMETERS describes")]
pub struct Filters {
    pub gpu: Vec<GpuChoice>,
    pub manufacturer: Vec<String>,
    pub architecture: Vec<String>,
    pub segment: Vec<String>,
    pub vram_min_mib: Option<u32>,
    pub vram_max_mib: Option<u32>,
    pub gpu_count: Option<GpuCount>,
    pub market: Vec<MarketKind>,
    pub tier: Vec<String>,
    pub provider: Vec<String>,
    pub region: Vec<String>,
    pub country: Vec<Country>,
    pub continent: Vec<&'static str>,
    pub price_max_nanos: Option<i64>,
    pub ram_min_mib: Option<u32>,
    pub vcpu_min_millis: Option<u32>,
    pub availability: Option<Stock>,
    pub age_max_seconds: Option<i64>,
    pub reliability_min_ppm: Option<u32>,
    pub download_min_mbit_s: Option<u32>,
    pub granularity_max_seconds: Option<u32>,
    pub free_egress: bool,
    pub persistent_storage: bool,
    pub slices: Option<Inclusion>,
    pub unverified: Option<Inclusion>,
    pub retired: Option<Inclusion>,
    pub currency: Option<Currency>,
    pub vat_percent: Option<Nanos>,
    pub by: By,
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}

impl Filters {
    /// As [`Filters::parse`], for a list of offers: it has a row per offer, so `by` means nothing there.
    ///
    /// # Errors
    /// [`FilterError`], also for `by`.
    pub fn parse_for_offers(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, FilterError> {
        let pairs: Vec<(String, String)> = pairs.collect();
        if pairs.iter().any(|(name, _)| name == "by") {
            let message = "`by` is for `cheapest`: a list of offers has one row per offer".to_owned();
            return Err(FilterError { parameter: "by".to_owned(), message });
        }
        Self::parse(pairs.into_iter())
    }

    /// Reads a question. A list may also be given by repeating its key; any other key stands once.
    ///
    /// # Errors
    /// [`FilterError`] names the parameter, the value, and what is allowed or near.
    pub fn parse(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, FilterError> {
        Self::read(pairs, provider)
    }

    /// The same for prices of elsewhere, of whatever provider.
    ///
    /// # Errors
    /// [`FilterError`], as [`Filters::parse`].
    pub fn parse_for_import(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, FilterError> {
        Self::read(pairs, |item| {
            let is_one = crate::import::map::is_slug(item);
            is_one
                .then(|| item.to_owned())
                .ok_or_else(|| error("provider", format!("`{}` is no slug of a provider: small letters, digits and `-`", shown(item))))
        })
    }

    fn read(
        pairs: impl Iterator<Item = (String, String)>,
        provider: impl Fn(&str) -> Result<String, FilterError>,
    ) -> Result<Self, FilterError> {
        let mut filters = Self::default();
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in pairs {
            let Some(known) = PARAMETERS.iter().find(|known| known.name == name) else { return Err(unknown_parameter(&name)) };
            if !known.list && seen.contains(&known.name) {
                return Err(parameters::twice(known.name));
            }
            seen.push(known.name);
            filters.set(known.name, value.trim(), &provider)?;
        }
        if let (Some(min), Some(max)) = (filters.vram_min_mib, filters.vram_max_mib)
            && min > max
        {
            return Err(error("vram_max_gib", "`vram_max_gib` is below `vram_min_gib`; nothing can be both".to_owned()));
        }
        Ok(filters)
    }

    fn set(&mut self, name: &'static str, value: &str, provider: impl Fn(&str) -> Result<String, FilterError>) -> Result<(), FilterError> {
        if value.chars().count() > TEXT_CHARS_MAX && !is_list(name) {
            return Err(error(name, format!("`{name}` has more than {TEXT_CHARS_MAX} characters; shorten it")));
        }
        if value.is_empty() {
            return Err(error(name, format!("`{name}` has no value; leave it out to not filter by it")));
        }
        match name {
            "gpu" => extend(&mut self.gpu, name, value, gpu),
            "manufacturer" => extend(&mut self.manufacturer, name, value, |item| fact(name, item, |gpu| gpu.manufacturer.as_deref())),
            "architecture" => extend(&mut self.architecture, name, value, |item| fact(name, item, |gpu| gpu.architecture.as_deref())),
            "segment" => extend(&mut self.segment, name, value, |item| fact(name, item, |gpu| gpu.segment.as_deref())),
            "market" => {
                extend(&mut self.market, name, value, |item| one_of(name, item, &MarketKind::ALL.map(|kind| (kind.as_str(), kind))))
            }
            "tier" => extend(&mut self.tier, name, value, |item| Ok(item.to_owned())),
            "provider" => extend(&mut self.provider, name, value, provider),
            "region" => extend(&mut self.region, name, value, |item| Ok(item.to_owned())),
            "country" => extend(&mut self.country, name, value, |item| {
                item.parse().map_err(|inner| error(name, format!("{inner}; write two letters, as `FR`")))
            }),
            "continent" => extend(&mut self.continent, name, value, |item| {
                let all: Vec<_> = region::continents().map(|code| (code, code)).collect();
                one_of(name, &item.to_uppercase(), &all)
            }),
            _ => self.set_single(name, value),
        }
    }

    fn set_single(&mut self, name: &'static str, value: &str) -> Result<(), FilterError> {
        match name {
            "vram_min_gib" => self.vram_min_mib = Some(mib(name, value, true)?),
            "vram_max_gib" => self.vram_max_mib = Some(mib(name, value, false)?),
            "ram_min_gib" => self.ram_min_mib = Some(mib(name, value, true)?),
            "gpu_count" => {
                self.gpu_count = Some(value.parse().map_err(|inner: gpurate_domain::gpu::CountError| error(name, inner.to_string()))?)
            }
            "price_max" => self.price_max_nanos = Some(decimal(name, value, None)?.0),
            "vcpu_min" => self.vcpu_min_millis = Some(scaled(decimal(name, value, None)?, 1_000, true)),
            "availability" => {
                let words = [("any", Stock::Any), ("not_out", Stock::NotOut), ("available", Stock::Available)];
                self.availability = Some(one_of(name, value, &words)?);
            }
            "age_max_seconds" => self.age_max_seconds = Some(i64::from(whole(name, value)?)),
            "reliability_min" => self.reliability_min_ppm = Some(scaled(decimal(name, value, Some(1))?, 1_000_000, true)),
            "download_min_mbit_s" => self.download_min_mbit_s = Some(whole(name, value)?),
            "granularity_max_seconds" => self.granularity_max_seconds = Some(whole(name, value)?),
            "free_egress" => self.free_egress = one_of(name, value, &[("true", true), ("false", false)])?,
            "persistent_storage" => self.persistent_storage = one_of(name, value, &[("true", true), ("false", false)])?,
            "slices" => self.slices = Some(inclusion(name, value)?),
            "unverified" => self.unverified = Some(inclusion(name, value)?),
            "retired" => self.retired = Some(inclusion(name, value)?),
            "currency" => {
                let message = || format!("`{}` is not a currency; write three letters, as `EUR`", shown(value));
                self.currency = Some(value.parse().map_err(|_| error(name, message()))?);
            }
            "vat_percent" => self.vat_percent = Some(decimal(name, value, Some(100))?),
            "by" => {
                self.by =
                    one_of(name, value, &[("gpu", By::Gpu), ("provider", By::Provider), ("region", By::Region), ("market", By::Market)])?
            }
            "limit" => {
                let limit = usize::try_from(whole(name, value)?).unwrap_or(usize::MAX);
                if limit == 0 || limit > LIMIT_MAX {
                    return Err(error(name, format!("`{}` is no page; `limit` is 1 to {LIMIT_MAX}", shown(value))));
                }
                self.limit = Some(limit);
            }
            "cursor" => {
                super::offers::Cursor::parse(value)?;
                self.cursor = Some(value.to_owned());
            }
            _ => return Err(unknown_parameter(name)),
        }
        Ok(())
    }

    /// The names of what narrows this question, without what only changes how it is shown.
    pub fn narrowing(&self) -> Vec<&'static str> {
        let flags = [
            ("gpu", !self.gpu.is_empty()),
            ("manufacturer", !self.manufacturer.is_empty()),
            ("architecture", !self.architecture.is_empty()),
            ("segment", !self.segment.is_empty()),
            ("vram_min_gib", self.vram_min_mib.is_some()),
            ("vram_max_gib", self.vram_max_mib.is_some()),
            ("gpu_count", self.gpu_count.is_some()),
            ("market", !self.market.is_empty()),
            ("tier", !self.tier.is_empty()),
            ("provider", !self.provider.is_empty()),
            ("region", !self.region.is_empty()),
            ("country", !self.country.is_empty()),
            ("continent", !self.continent.is_empty()),
            ("price_max", self.price_max_nanos.is_some()),
            ("ram_min_gib", self.ram_min_mib.is_some()),
            ("vcpu_min", self.vcpu_min_millis.is_some()),
            ("availability", self.availability.is_some_and(|stock| stock != Stock::Any)),
            ("age_max_seconds", self.age_max_seconds.is_some()),
            ("reliability_min", self.reliability_min_ppm.is_some()),
            ("download_min_mbit_s", self.download_min_mbit_s.is_some()),
            ("granularity_max_seconds", self.granularity_max_seconds.is_some()),
            ("free_egress", self.free_egress),
            ("persistent_storage", self.persistent_storage),
            ("slices", self.slices == Some(Inclusion::Exclude)),
            ("unverified", self.unverified == Some(Inclusion::Exclude)),
            ("retired", self.retired == Some(Inclusion::Exclude)),
        ];
        flags.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
    }

    /// The same question without one of [`Filters::narrowing`].
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut looser = self.clone();
        match name {
            "gpu" => looser.gpu.clear(),
            "manufacturer" => looser.manufacturer.clear(),
            "architecture" => looser.architecture.clear(),
            "segment" => looser.segment.clear(),
            "vram_min_gib" => looser.vram_min_mib = None,
            "vram_max_gib" => looser.vram_max_mib = None,
            "gpu_count" => looser.gpu_count = None,
            "market" => looser.market = MarketKind::ALL.to_vec(),
            "tier" => looser.tier.clear(),
            "provider" => looser.provider.clear(),
            "region" => looser.region.clear(),
            "country" => looser.country.clear(),
            "continent" => looser.continent.clear(),
            "price_max" => looser.price_max_nanos = None,
            "ram_min_gib" => looser.ram_min_mib = None,
            "vcpu_min" => looser.vcpu_min_millis = None,
            "availability" => looser.availability = Some(Stock::Any),
            "age_max_seconds" => looser.age_max_seconds = None,
            "reliability_min" => looser.reliability_min_ppm = None,
            "download_min_mbit_s" => looser.download_min_mbit_s = None,
            "granularity_max_seconds" => looser.granularity_max_seconds = None,
            "free_egress" => looser.free_egress = false,
            "persistent_storage" => looser.persistent_storage = false,
            "slices" => looser.slices = Some(Inclusion::Include),
            "unverified" => looser.unverified = Some(Inclusion::Include),
            "retired" => looser.retired = Some(Inclusion::Include),
            _ => {}
        }
        looser
    }
}

fn error(parameter: &str, message: String) -> FilterError {
    FilterError { parameter: parameter.chars().take(40).collect(), message }
}

/// The beginning of a foreign value.
fn shown(value: &str) -> String {
    value.chars().take(40).collect()
}

fn hint(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

fn is_list(name: &str) -> bool {
    PARAMETERS.iter().any(|known| known.name == name && known.list)
}

fn unknown_parameter(name: &str) -> FilterError {
    parameters::unknown(name, &PARAMETERS.map(|known| known.name))
}

fn extend<T>(list: &mut Vec<T>, name: &'static str, value: &str, read: impl Fn(&str) -> Result<T, FilterError>) -> Result<(), FilterError> {
    for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        if item.chars().count() > TEXT_CHARS_MAX {
            return Err(error(name, format!("a value of `{name}` has more than {TEXT_CHARS_MAX} characters; shorten it")));
        }
        if list.len() == LIST_ITEMS_MAX {
            return Err(error(name, format!("`{name}` has more than {LIST_ITEMS_MAX} values; ask in several questions")));
        }
        list.push(read(item)?);
    }
    if list.is_empty() {
        return Err(error(name, format!("`{name}` has no value; leave it out to not filter by it")));
    }
    Ok(())
}

fn one_of<T: Copy>(name: &'static str, value: &str, words: &[(&str, T)]) -> Result<T, FilterError> {
    words.iter().find(|(word, _)| *word == value).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let allowed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let near = hint(nearest(&shown(value), allowed.iter().copied()));
        error(name, format!("`{}` is no value of `{name}`: one of `{}`{near}", shown(value), allowed.join("`, `")))
    })
}

fn inclusion(name: &'static str, value: &str) -> Result<Inclusion, FilterError> {
    one_of(name, value, &[("include", Inclusion::Include), ("exclude", Inclusion::Exclude)])
}

fn whole(name: &'static str, value: &str) -> Result<u32, FilterError> {
    value.parse().map_err(|_| error(name, format!("`{}` is no value of `{name}`; write a whole number", shown(value))))
}

/// A decimal number, not below zero, at most `max` or a million.
fn decimal(name: &'static str, value: &str, max: Option<i64>) -> Result<Nanos, FilterError> {
    let number: Nanos = value.parse().map_err(|inner| error(name, format!("{inner}; `{name}` is a number as `0.5`")))?;
    let max = max.unwrap_or(1_000_000);
    let bound = Nanos::from_units(max).unwrap_or(Nanos(i64::MAX));
    if number < Nanos(0) || number > bound {
        return Err(error(name, format!("`{}` is out of range; `{name}` is 0 to {max}", shown(value))));
    }
    Ok(number)
}

/// `number` times `times`, as a whole number.
fn scaled(number: Nanos, times: u32, up: bool) -> u32 {
    let product = u128::from(number.0.unsigned_abs()) * u128::from(times);
    let unit = u128::from(gpurate_domain::money::NANOS_PER_UNIT.unsigned_abs());
    let whole = if up { product.div_ceil(unit) } else { product / unit };
    u32::try_from(whole).unwrap_or(u32::MAX)
}

fn mib(name: &'static str, value: &str, up: bool) -> Result<u32, FilterError> {
    Ok(scaled(decimal(name, value, None)?, 1_024, up))
}

fn fact(name: &'static str, item: &str, of: impl Fn(&gpurate_domain::gpu::Gpu) -> Option<&str>) -> Result<String, FilterError> {
    let mut known: Vec<&str> = catalogue::gpus().gpus().iter().filter_map(of).collect();
    known.sort_unstable();
    known.dedup();
    match known.iter().find(|word| word.eq_ignore_ascii_case(item)) {
        Some(word) => Ok((*word).to_owned()),
        None => {
            let near = nearest(item, known.iter().copied());
            let way_out = near.map_or_else(|| format!("; known are `{}`", known.join("`, `")), |near| hint(Some(near)));
            Err(error(name, format!("no GPU has the {name} `{}`{way_out}", shown(item))))
        }
    }
}

fn provider(item: &str) -> Result<String, FilterError> {
    let slugs = catalogue::slugs();
    if slugs.contains(&item) {
        return Ok(item.to_owned());
    }
    if let Some(told) = catalogue::not_collected(item) {
        return Err(error("provider", told));
    }
    let near = nearest(&shown(item), slugs.iter().copied());
    let way_out = near.map_or_else(|| format!("; known are `{}`", slugs.join("`, `")), |near| hint(Some(near)));
    Err(error("provider", format!("no provider is called `{}`{way_out}", shown(item))))
}

fn gpu(item: &str) -> Result<GpuChoice, FilterError> {
    let table = catalogue::gpus();
    let choice = |gpus, family: Option<&str>, group: Option<&str>| GpuChoice {
        typed: item.to_owned(),
        gpus,
        family: family.map(str::to_owned),
        group: group.map(str::to_owned),
    };
    if let Some(index) = table.by_slug(item) {
        return Ok(choice(vec![index], None, None));
    }
    let members = table.find(item);
    if !members.is_empty() {
        return Ok(choice(members, table.family(item), None));
    }
    // Groups that are no single part: an unmapped name, an ambiguous family, a board with other memory.
    let odd_board = item.strip_suffix("gb").and_then(|rest| rest.rsplit_once('-')).filter(|(_, gib)| gib.parse::<u16>().is_ok());
    let family = item.strip_suffix("-any").or(odd_board.map(|(family, _)| family));
    if item.starts_with('~') || family.is_some_and(|family| table.family(family).is_some()) {
        return Ok(choice(Vec::new(), None, Some(item)));
    }
    Err(error("gpu", catalogue::no_one_gpu(&shown(item))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Filters, FilterError> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key.to_owned(), value.to_owned())
        });
        Filters::parse(pairs)
    }

    #[track_caller]
    fn refuses(text: &str, parameter: &str, message: &str) {
        let error = parse(text).expect_err(text);
        assert_eq!(error.parameter, parameter, "{text}");
        assert!(error.message.contains(message), "{text}: {}", error.message);
    }

    #[test]
    fn a_mistake_names_the_parameter_the_value_and_the_way_out() {
        refuses("gpu=rtx4900", "gpu", "no GPU is called `rtx4900`; did you mean `rtx-4090`?");
        refuses("pirce_max=1", "pirce_max", "there is no parameter `pirce_max`; did you mean `price_max`?");
        refuses("market=spott", "market", "one of `on_demand`, `spot`, `serverless`; did you mean `spot`?");
        refuses("segment=consummer", "segment", "did you mean `consumer`?");
        refuses("provider=nobody", "provider", "no provider is called `nobody`");
        let (rules_only, _) = catalogue::rules_only().first().expect("one without an adapter");
        refuses(&format!("provider={rules_only}"), "provider", "only its billing is known");
        refuses("country=ZZ", "country", "`ZZ` is not an ISO 3166-1 alpha-2 country code");
        refuses("continent=XX", "continent", "`AF`, `AN`");
        refuses("gpu_count=0", "gpu_count", "`0` is not a count of GPUs");
        refuses("reliability_min=1.5", "reliability_min", "0 to 1");
        refuses("price_max=-1", "price_max", "out of range");
        refuses("price_max=NaN", "price_max", "`NaN` is not a decimal number");
        refuses("vram_min_gib=24&vram_max_gib=8", "vram_max_gib", "below");
        refuses("limit=0", "limit", "1 to 1000");
        refuses("limit=1&limit=2", "limit", "twice");
        refuses("currency=euro", "currency", "three letters");
        refuses("cursor=what", "cursor", "`what` is no cursor");
        refuses("tier=", "tier", "no value");
        refuses("tier=,", "tier", "no value");
    }

    #[test]
    fn values_are_bounded() {
        refuses(&format!("tier={}", vec!["a"; 51].join(",")), "tier", "more than 50");
        refuses(&format!("tier={}", "a".repeat(201)), "tier", "more than 200");
        refuses(&format!("by={}", "a".repeat(201)), "by", "more than 200");
        let long = parse(&format!("{}=1", "x".repeat(10_000))).expect_err("unknown");
        assert!(long.message.len() < 2_000 && long.parameter.len() <= 40);
    }

    #[test]
    fn a_family_means_its_members_and_a_slug_one_part() {
        let slug = parse("gpu=rtx-4090").expect("a slug");
        assert_eq!((slug.gpu[0].gpus.len(), slug.gpu[0].family.as_deref()), (1, None));
        let family = parse("gpu=h100").expect("a family");
        assert!(family.gpu[0].gpus.len() > 1);
        assert_eq!(family.gpu[0].family.as_deref(), Some("H100"));
        let groups = parse("gpu=rtx-4090-36gb,rtx-4090-any,~mystery-9000").expect("groups");
        assert!(groups.gpu.iter().all(|choice| choice.group.as_deref() == Some(choice.typed.as_str())));
    }

    #[test]
    fn units_become_whole_numbers_without_loosening_a_bound() {
        let filters = parse("vram_min_gib=11.9999&vram_max_gib=24&vcpu_min=0.5&reliability_min=0.95&price_max=0.40").expect("a question");
        assert_eq!(filters.vram_min_mib, Some(12_288));
        assert_eq!(filters.vram_max_mib, Some(24_576));
        assert_eq!(filters.vcpu_min_millis, Some(500));
        assert_eq!(filters.reliability_min_ppm, Some(950_000));
        assert_eq!(filters.price_max_nanos, Some(400_000_000));
    }

    #[test]
    fn every_narrowing_parameter_can_be_loosened() {
        let text = "gpu=h100&manufacturer=nvidia&segment=datacenter&vram_min_gib=1&gpu_count=2&market=spot&tier=a&region=b&country=FR\
                    &continent=EU&price_max=1&ram_min_gib=1&vcpu_min=1&availability=available&age_max_seconds=5&reliability_min=0.5\
                    &download_min_mbit_s=3&granularity_max_seconds=60&free_egress=true&persistent_storage=true&slices=exclude\
                    &unverified=exclude&retired=exclude&architecture=hopper&vram_max_gib=99";
        let filters = parse(text).expect("a question");
        for name in filters.narrowing() {
            assert_ne!(filters.without(name), filters, "{name}");
        }
        let names = filters.narrowing();
        assert!(PARAMETERS.iter().filter(|known| names.contains(&known.name)).count() == names.len());
    }
}
