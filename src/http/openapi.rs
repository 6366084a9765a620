//! The OpenAPI document, made complete: which values a parameter takes, and what any address may answer beside its own.
//! Handlers state what is theirs; what all of them share stands here once. Nothing is decided here: a schema says what
//! the reading code accepts.

use serde_json::Value;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterStyle};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};

use crate::catalogue;
use crate::prices::{LIMIT_MAX, LIST_ITEMS_MAX, PARAMETERS, TEXT_CHARS_MAX};

/// The media type of every error.
const PROBLEM: &str = "application/problem+json";
/// Addresses that are answered whoever asks how often.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];
/// Largest amount that a question may name.
const DECIMAL_MAX: i64 = 1_000_000;

/// Completes the document once all addresses are in it.
pub(super) fn complete(document: &mut OpenApi) {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("the configured token")).build();
    document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    for (path, item) in &mut document.paths.paths {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    describe(path, parameter);
                }
            }
            answers(path, operation);
        }
    }
}

/// What any address may answer, beside what its handler says.
fn answers(path: &str, operation: &mut Operation) {
    let takes_body = operation.request_body.is_some();
    let responses = &mut operation.responses.responses;
    for response in responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        let is_problem = |content: &RefOr<utoipa::openapi::Content>| matches!(content, RefOr::T(content) if matches!(&content.schema, Some(RefOr::Ref(schema)) if schema.ref_location.ends_with("/Problem")));
        if response.content.get("application/json").is_some_and(is_problem)
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
    let problem = |description: &str| {
        let content = ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
        RefOr::T(ResponseBuilder::new().description(description).content(PROBLEM, content).build())
    };
    let bare = |description: &str| RefOr::T(ResponseBuilder::new().description(description).build());
    let mut also = |status: &str, response| {
        responses.entry(status.to_owned()).or_insert(response);
    };
    // An address that is too long is a head that is too large: there is no 414.
    also("431", bare("the request's head, its address included, is too large: up to 32 KiB fit"));
    also("500", problem("a fault of this program"));
    if takes_body {
        also("408", problem("the body did not come in time"));
    }
    if takes_body && path != "/api/v1/imports" {
        also("413", problem("the body is too large"));
    }
    if path != "/readyz" {
        also("503", problem("too many requests at once, the answer took too long, or the database cannot be read"));
    }
    if !HEALTH.contains(&path) {
        also("429", problem("this client asks too often, or for too much at once; `Retry-After` says for how long to wait"));
    }
}

/// Which values a parameter takes.
fn describe(path: &str, parameter: &mut Parameter) {
    let Some(one) = values(path, &parameter.name) else { return };
    let list = match path {
        "/api/v1/cheapest" | "/api/v1/offers" => PARAMETERS.iter().any(|known| known.name == parameter.name && known.list),
        "/api/v1/workloads" | "/api/v1/workloads/{id}" => parameter.name == "gpu",
        "/api/v1/changes" | "/api/v1/changes.atom" | "/api/v1/changes/stream" => {
            matches!(parameter.name.as_str(), "gpu" | "market" | "provider" | "kind")
        }
        "/api/v1/compare" => parameter.name == "gpus",
        "/api/v1/history" | "/api/v1/come-back" | "/api/v1/bid" => {
            matches!(parameter.name.as_str(), "gpu" | "market" | "provider" | "tier" | "region" | "country")
        }
        _ => path.starts_with("/api/v1/export/") && matches!(parameter.name.as_str(), "gpu" | "provider"),
    };
    if !list {
        parameter.schema = Some(RefOr::T(Schema::Object(one)));
        return;
    }
    // Two cards, no more and no less.
    let (least, most) = if path == "/api/v1/compare" { (2, 2) } else { (1, LIST_ITEMS_MAX) };
    let many = ArrayBuilder::new().items(one).min_items(Some(least)).max_items(Some(most)).unique_items(least > 1);
    parameter.schema = Some(RefOr::T(Schema::Array(many.build())));
    parameter.style = Some(ParameterStyle::Form);
    parameter.explode = Some(false);
}

fn values(path: &str, name: &str) -> Option<Object> {
    // Keys of a plan go together; what one takes alone is said in its words, with an example.
    let of_plan = path.starts_with("/api/v1/simulate") || path.starts_with("/api/v1/busy-share/");
    if of_plan && (name == "other" || crate::simulate::KEYS.iter().any(|key| key.name == name)) {
        return Some(text());
    }
    let gpus = catalogue::gpus().gpus();
    Some(match name {
        // Aliases and groups are meant too: a list of them would refuse what is answered.
        "gpu" | "gpus" | "tier" | "region" => text(),
        "part" => ObjectBuilder::new().schema_type(Type::String).build(),
        "slug" if path.contains("/gpus/") => text(),
        "slug" if path.contains("/guides/") => words(crate::guide::SLUGS),
        "workload" => text(),
        "usage" => words(["interactive", "batch"]),
        // What a list provider lists are no single machines.
        "provider" if path == "/api/v1/come-back" => words(crate::history::come_back::marketplaces()),
        "slug" | "provider" => words(catalogue::slugs()),
        "manufacturer" => facts(gpus.iter().filter_map(|gpu| gpu.manufacturer.as_deref())),
        "architecture" => facts(gpus.iter().filter_map(|gpu| gpu.architecture.as_deref())),
        "segment" => facts(gpus.iter().filter_map(|gpu| gpu.segment.as_deref())),
        "bid" | "budget" => number(DECIMAL_MAX),
        "price" => words(["rentable", "lowest"]),
        "figures" => ObjectBuilder::new().schema_type(Type::Boolean).build(),
        // A table of some six hundred names, which its maintainers change.
        "time_zone" => pattern("^[A-Za-z][A-Za-z0-9_+/-]*$"),
        "evenings" if path == "/api/v1/bid" => whole(1, i64::from(crate::history::bid::EVENINGS_MAX)),
        "from" if path == "/api/v1/bid" => pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
        "hours" if path == "/api/v1/bid" => whole(1, 24),
        "market" => words(gpurate_domain::MarketKind::ALL.map(gpurate_domain::MarketKind::as_str)),
        "country" => facts(gpurate_domain::Country::all().map(|country| country.as_str().to_owned()).collect::<Vec<_>>()),
        "continent" => facts(gpurate_domain::region::continents()),
        "gpu_count" => pattern("^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$"),
        "vram_min_gib" | "vram_max_gib" | "ram_min_gib" | "vcpu_min" | "price_max" => number(DECIMAL_MAX),
        "reliability_min" => number(1),
        "vat_percent" => number(100),
        "age_max_seconds" | "download_min_mbit_s" | "granularity_max_seconds" => whole(0, i64::from(u32::MAX)),
        "limit" => whole(1, i64::try_from(LIMIT_MAX).unwrap_or(i64::MAX)),
        "availability" => words(["any", "not_out", "available"]),
        "free_egress" | "persistent_storage" | "several" | "revisions" => ObjectBuilder::new().schema_type(Type::Boolean).build(),
        "origin" => pattern("^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$"),
        "variant" => text(),
        "vram_gib" => number(1024),
        "id" if path.starts_with("/api/v1/workloads/") => text(),
        "steps" => whole(1, 1_000),
        "resolution" => pattern("^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}(x[1-9][0-9]{0,3})?$"),
        "offload" | "compiled" if path.starts_with("/api/v1/workloads") => words(["include", "exclude"]),
        "slices" | "unverified" | "retired" => words(["include", "exclude"]),
        "currency" => pattern("^[A-Za-z]{3}$"),
        "by" if path == "/api/v1/come-back" => words(["tier", "region"]),
        "by" => words(["gpu", "provider", "region", "market"]),
        "cursor" if path == "/api/v1/collections" => pattern("^[0-9]{1,18}$"),
        "cursor" if path.starts_with("/api/v1/changes") => pattern(r"^[0-9]{1,15}\.[ep][0-9]{1,18}$"),
        "last_event_id" | "Last-Event-ID" => pattern(r"^[0-9]{1,15}\.[ep][0-9]{1,18}$"),
        "cursor" => pattern(r"^-?[0-9]{1,18}\.[0-9a-f]{20}\."),
        "since" | "until" => pattern(r"^([0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?|[0-9]{1,4}[hdw])$"),
        "step" => words(["changes", "hour", "day", "week"]),
        "format" if path == "/api/v1/imports" => words(["csv", "ndjson", "parquet"]),
        "map_bytes" => whole(1, i64::from(super::imports::MAP_BYTES_MAX)),
        "file" => text(),
        "format" => words(crate::export::FormatKind::ALL.iter().map(|kind| kind.as_str())),
        "table" => words(["offers", "prices", "series"]),
        "kind" if path.starts_with("/api/v1/changes") => words(crate::changes::Kind::ALL.map(crate::changes::Kind::as_str)),
        "kind" => words(["rejected", "quarantine", "unmapped"]),
        "id" => pattern("^[0-9a-f]{20}$"),
        "hash" => pattern("^[0-9a-f]{64}$"),
        _ => return None,
    })
}

/// Any text that is one.
fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(TEXT_CHARS_MAX)).pattern(Some(r"\S")).build()
}

fn pattern(pattern: &str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(TEXT_CHARS_MAX)).pattern(Some(pattern)).build()
}

fn words<W: Into<Value>>(words: impl IntoIterator<Item = W>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build()
}

/// Words of a table, each once.
fn facts<W: Into<String>>(found: impl IntoIterator<Item = W>) -> Object {
    let mut found: Vec<String> = found.into_iter().map(Into::into).collect();
    found.sort_unstable();
    found.dedup();
    words(found)
}

fn number(most: i64) -> Object {
    ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0)).maximum(Some(most)).build()
}

fn whole(least: i64, most: i64) -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most)).build()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    fn document() -> Value {
        serde_json::to_value(super::super::document()).expect("a document")
    }

    fn operations(document: &Value) -> Vec<(&str, &Value)> {
        let paths = document["paths"].as_object().expect("paths");
        paths.iter().flat_map(|(path, item)| item.as_object().expect("an item").values().map(move |one| (path.as_str(), one))).collect()
    }

    #[test]
    fn every_parameter_says_which_values_it_takes() {
        for (path, operation) in operations(&document()) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let schema = &parameter["schema"];
                let said = ["enum", "pattern", "minimum", "items"].iter().any(|word| !schema[word].is_null());
                assert!(said || schema["type"] == "boolean" || parameter["name"] == "part", "{path} {parameter}");
            }
        }
    }

    /// Two types of one name would be one schema in the document, and one of them wrong.
    #[test]
    fn no_two_types_have_one_name_in_the_document() {
        let mut seen = std::collections::BTreeMap::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
                if entry.is_dir() {
                    folders.push(entry);
                    continue;
                }
                let text = std::fs::read_to_string(&entry).unwrap_or_default();
                let mut attributes = String::new();
                for line in text.lines().map(str::trim) {
                    if line.starts_with("#[") || line.starts_with("///") {
                        attributes.push_str(line);
                        continue;
                    }
                    let name = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
                    if let Some(name) = name.filter(|_| attributes.contains("ToSchema)]")) {
                        let own = name.split([' ', '<', '(', ';']).next().unwrap_or(name);
                        let shown = attributes.split("schema(as = ").nth(1).and_then(|rest| rest.split(')').next()).unwrap_or(own);
                        let other = seen.insert(shown.to_owned(), entry.clone());
                        assert_eq!(other, None, "`{shown}` is also in {}: give one of them `#[schema(as = …)]`", entry.display());
                    }
                    attributes.clear();
                }
            }
        }
        assert!(seen.len() > 50, "types were found: {}", seen.len());
    }

    #[test]
    fn every_address_says_how_it_refuses_and_in_which_form() {
        for (path, operation) in operations(&document()) {
            let responses = operation["responses"].as_object().expect("responses");
            for status in ["431", "500", "503"] {
                assert!(responses.contains_key(status), "{path} {status}");
            }
            assert_eq!(responses.contains_key("429"), !super::HEALTH.contains(&path), "{path}");
            for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
                let of_its_own = path == "/readyz" && status == "503";
                assert!(of_its_own || response["content"]["application/json"].is_null(), "{path} {status}");
            }
        }
    }

    #[test]
    fn a_word_that_is_documented_is_accepted() {
        for (path, operation) in operations(&document()).into_iter().filter(|(path, _)| *path == "/api/v1/cheapest") {
            for parameter in operation["parameters"].as_array().expect("parameters") {
                let schema = if parameter["schema"]["items"].is_null() { &parameter["schema"] } else { &parameter["schema"]["items"] };
                for word in schema["enum"].as_array().into_iter().flatten() {
                    let pair = (parameter["name"].as_str().expect("a name").to_owned(), word.as_str().expect("a word").to_owned());
                    assert!(crate::prices::Filters::parse([pair.clone()].into_iter()).is_ok(), "{path} {pair:?}");
                }
            }
        }
    }
}
