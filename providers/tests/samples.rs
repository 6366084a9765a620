//! Every sample of every provider, replayed through `Transport`: the answer must give `expected.json`, and the prices
//! a person read (`facts.toml`) must be in it. `UPDATE_EXPECTED=1` rewrites the former; its diff is read.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use gpurate_domain::{Currency, GpuCount, GpuMatch, GpuTable, MarketKind, Nanos, RawOffer};
use gpurate_providers::exchanges::Case;
use gpurate_providers::{FetchError, Manifest, Page, Parsed, Part, Provider, Request, Settings, Transport, all, template};
use serde::Deserialize;
use serde_json::json;

struct Replay(Case);

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: Request) -> Result<Page, FetchError> {
        let host = url::Url::parse(&request.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let Some(answer) = self.0.answer_request(&request) else { return Err(FetchError::Status { host, status: 404 }) };
        match answer.exchange.status {
            200 => {}
            status => return Err(FetchError::Status { host, status }),
        }
        let headers = answer.exchange.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        Ok(Page::in_memory(request, DateTime::<Utc>::UNIX_EPOCH, headers, answer.body.clone()))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn providers() -> Vec<Box<dyn Provider>> {
    let mut providers = all();
    providers.push(template());
    providers
}

fn subfolders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = std::fs::read_dir(path)
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
        .unwrap_or_default();
    folders.sort();
    folders
}

fn run(provider: &dyn Provider, case: Case) -> Result<Parsed, String> {
    let part = Part::new(case.part.clone().expect("exchanges.toml names the part"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let pages = runtime.block_on(provider.fetch(&part, &Settings::default(), &Replay(case))).map_err(|error| format!("fetch: {error}"))?;
    provider.parse(&part, &pages).map_err(|error| format!("parse: {error}"))
}

/// A row as the expected file shows it: with what its name means, so that a change of the GPU table is seen.
fn shown(offer: &RawOffer, table: &GpuTable) -> serde_json::Value {
    let first = table.resolve(&offer.gpu_name, offer.vram_per_gpu);
    let meaning = match (&first, &offer.gpu_name_alternative) {
        (GpuMatch::Known(_), _) | (_, None) => first,
        (_, Some(name)) => table.resolve(name, offer.vram_per_gpu),
    };
    let meaning = match meaning {
        GpuMatch::Known(index) => table.gpu(index).slug.clone(),
        GpuMatch::Variant { family, vram } => format!("variant of {family} with {} GiB", vram.gib_text()),
        GpuMatch::Ambiguous { family } => format!("ambiguous {family}"),
        GpuMatch::Unmapped => "unmapped".to_owned(),
    };
    let per_hour = offer.price.per_hour(offer.gpu_count).map(|price| Nanos(price.nanos).to_string());
    let mut value = serde_json::to_value(offer).expect("an offer is JSON");
    value["= gpu"] = json!(meaning);
    value["= per_hour"] = json!(per_hour.unwrap_or_else(|error| error.to_string()));
    value
}

fn result_shown(result: &Result<Parsed, String>, table: &GpuTable) -> serde_json::Value {
    match result {
        Ok(parsed) => json!({
            "offers": parsed.offers.iter().map(|offer| shown(offer, table)).collect::<Vec<_>>(),
            "rejected": parsed.rejected,
            "rates": parsed.rates,
            "discovered_parts": parsed.discovered_parts,
            "empty_is_an_answer": parsed.empty_is_an_answer,
            "source_dated_at": parsed.source_dated_at,
        }),
        Err(error) => json!({ "error": error }),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    #[serde(default)]
    fact: Vec<Fact>,
    #[serde(default)]
    rate: Vec<RateFact>,
}

/// A reference rate that a person read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateFact {
    currency: Currency,
    per_eur: Nanos,
    source: String,
    read_on: NaiveDate,
}

/// One price that a person read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    sku: String,
    tier: Option<String>,
    region: Option<String>,
    market: MarketKind,
    gpu_count: Option<GpuCount>,
    /// The slug that the row's name must mean.
    gpu: Option<String>,
    price_per_hour: Nanos,
    currency: Currency,
    source: String,
    read_on: NaiveDate,
}

fn check_facts(path: &Path, parsed: &Parsed, table: &GpuTable) -> usize {
    let Ok(text) = std::fs::read_to_string(path) else { return 0 };
    let facts: Facts = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for fact in &facts.fact {
        assert!(!fact.source.is_empty(), "{}: a fact has a source", path.display());
        assert!(fact.read_on.format("%Y").to_string().as_str() >= "2020");
        let fits = |offer: &&RawOffer| {
            offer.sku == fact.sku
                && offer.market == fact.market
                && fact.tier.as_ref().is_none_or(|tier| *tier == offer.tier)
                && fact.region.as_ref().is_none_or(|region| *region == offer.region.0)
                && fact.gpu_count.is_none_or(|count| Some(count) == offer.gpu_count)
        };
        let found: Vec<_> = parsed.offers.iter().filter(fits).collect();
        assert!(!found.is_empty(), "{}: no offer for the fact `{}`", path.display(), fact.sku);
        for offer in found {
            let price = offer.price.per_hour(offer.gpu_count).unwrap_or_else(|error| panic!("{}: {error}", fact.sku));
            assert_eq!((Nanos(price.nanos), price.currency), (fact.price_per_hour, fact.currency), "{}: `{}`", path.display(), fact.sku);
            if let Some(gpu) = &fact.gpu {
                assert_eq!(shown(offer, table)["= gpu"], json!(gpu), "{}: `{}`", path.display(), fact.sku);
            }
        }
    }
    for fact in &facts.rate {
        let rates = parsed.rates.as_ref().expect("a source of rates has rates");
        assert!(!fact.source.is_empty() && fact.read_on.format("%Y").to_string().as_str() >= "2020");
        assert_eq!(rates.per_eur.get(&fact.currency), Some(&fact.per_eur), "{}", fact.currency);
    }
    facts.fact.len() + facts.rate.len()
}

#[test]
fn every_sample_gives_what_is_expected_and_every_fact_is_in_it() {
    let table = GpuTable::builtin();
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut differences = Vec::new();
    for provider in providers() {
        let mut facts = 0;
        let mut broken = 0;
        for path in subfolders(&folder().join(provider.slug()).join("samples")) {
            let case = Case::read(&path).unwrap_or_else(|error| panic!("{error}"));
            let result = run(provider.as_ref(), case);
            match &result {
                Ok(parsed) => {
                    facts += check_facts(&path.join("facts.toml"), parsed, &table);
                    broken += usize::from(!parsed.rejected.is_empty());
                }
                Err(_) => broken += 1,
            }
            let found = format!("{}\n", serde_json::to_string_pretty(&result_shown(&result, &table)).expect("JSON"));
            let expected = path.join("expected.json");
            if update {
                std::fs::write(&expected, &found).expect("the sample folder can be written");
            } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
                differences.push(expected.display().to_string());
            }
        }
        assert!(facts > 0, "{} has no fact read by a person in any facts.toml", provider.slug());
        assert!(broken > 0, "{} has no broken sample", provider.slug());
    }
    assert!(differences.is_empty(), "differs from (UPDATE_EXPECTED=1 rewrites, then read the diff): {differences:#?}");
}

#[test]
fn every_manifest_is_valid_and_names_its_hosts() {
    for provider in providers() {
        let manifest = Manifest::parse(provider.slug(), provider.manifest()).unwrap_or_else(|error| panic!("{error}"));
        for path in subfolders(&folder().join(provider.slug()).join("samples")) {
            let case = Case::read(&path).unwrap_or_else(|error| panic!("{error}"));
            for recorded in &case.recorded {
                let host = recorded.url.host_str().unwrap_or_default().to_owned();
                assert!(manifest.hosts.contains(&host), "{}: host `{host}` is not in the manifest", provider.slug());
            }
        }
    }
}

#[test]
fn every_manifest_without_an_adapter_is_listed_and_valid() {
    let adapters: Vec<_> = providers().iter().map(|provider| provider.slug()).collect();
    for (slug, text) in gpurate_providers::RULES_ONLY {
        let rules = gpurate_providers::RulesOnly::parse(slug, text).unwrap_or_else(|error| panic!("{error}"));
        assert!(!adapters.contains(slug), "{slug} has an adapter: its rules belong into the adapter's manifest");
        assert!(!rules.billing.is_empty() && !rules.billing.general(None).is_empty(), "{slug}: no rule is known for all of its offers");
    }
    let listed: Vec<_> = gpurate_providers::RULES_ONLY.iter().map(|(slug, _)| *slug).collect();
    for path in subfolders(&folder()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.join("manifest.toml").exists() && !path.join("mod.rs").exists() {
            assert!(listed.contains(&name.as_str()), "providers/{name} is not in `RULES_ONLY` of lib.rs");
        }
    }
}

#[test]
fn every_billing_fact_has_a_source_and_a_day_and_every_note_is_short_enough_to_read() {
    let manifests = providers()
        .into_iter()
        .map(|provider| (provider.slug(), Manifest::parse(provider.slug(), provider.manifest()).expect("valid").billing));
    let rules = gpurate_providers::RULES_ONLY
        .iter()
        .map(|(slug, text)| (*slug, gpurate_providers::RulesOnly::parse(slug, text).expect("valid").billing));
    for (slug, layers) in manifests.chain(rules) {
        for layer in layers.all() {
            let facts = layer.rule();
            assert!(
                facts.sources().iter().all(|known| known.source.source.len() > 8),
                "{slug}: a source is an address or a name one can find"
            );
            assert!(layer.note.as_ref().is_none_or(|note| note.len() < 3_000), "{slug}: a note of over 3,000 characters");
        }
    }
}

#[test]
fn every_folder_is_registered_and_has_a_readme() {
    let slugs: Vec<_> = providers().iter().map(|provider| provider.slug()).collect();
    for path in subfolders(&folder()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !path.join("mod.rs").exists() {
            continue;
        }
        assert!(slugs.contains(&name.as_str()), "providers/{name} is not in the list of lib.rs");
        assert!(path.join("README.md").exists(), "providers/{name} has no README.md");
    }
}
