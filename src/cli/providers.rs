//! `gpurate providers`: how each does, what is known about it, which hosts are asked, and a new one.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use gpurate_providers::Manifest;

use super::collect::known;
use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, market, new_provider, out};
use crate::catalogue;
use crate::prices::{self, PartRow, ProviderRow};
use crate::store::StoreError;

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  gpurate providers                 health at a glance\n  gpurate providers show vastai     its rule, sources, parts\n  gpurate providers hosts           for a firewall, one per line\n  gpurate providers new mycloud     in a checkout: the template under that name"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// All that is known about one.
    Show {
        /// Which.
        slug: String,
        /// The API's own document.
        #[arg(long)]
        json: bool,
    },
    /// Every host that is asked, one per line.
    Hosts,
    /// Copy the template in a checkout.
    New {
        /// Lower-case letters and digits.
        slug: String,
    },
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    match &arguments.command {
        None => list(context, arguments.json)?,
        Some(Command::Show { slug, json }) => show(context, slug, *json)?,
        Some(Command::Hosts) => out::text(&hosts())?,
        Some(Command::New { slug }) => {
            let root = new_provider::checkout(&std::env::current_dir()?)?;
            out::text(&new_provider::make(&root, slug)?)?;
        }
    }
    Ok(Outcome::Ok)
}

fn hosts() -> String {
    let hosts: BTreeSet<&str> = catalogue::all().iter().flat_map(|known| known.manifest.hosts.iter().map(String::as_str)).collect();
    hosts.into_iter().collect::<Vec<_>>().join("\n")
}

fn list(context: &Context, json: bool) -> anyhow::Result<()> {
    if json {
        let (_, market) = market::read(context)?;
        return Ok(out::json(&prices::providers(&market, market::now()))?);
    }
    let Some(market) = market::read_if_there(context)? else {
        let mut table = Table::new(&["provider", "name", "sells", "health"]).whole(&[0]);
        for known in catalogue::all() {
            table.row([known.slug().to_owned(), known.manifest.name.clone(), sells(&known.manifest), "never collected".to_owned()]);
        }
        return Ok(out::text(&format!(
            "{table}\nThere is no database at `{}` yet: run `gpurate collect` or `gpurate serve`.",
            context.database.display()
        ))?);
    };
    let answer = prices::providers(&market, market::now());
    let mut table = Table::new(&["provider", "sells", ">parts", ">offers", "last accepted", "health"]).whole(&[0, 4]).at_least(5, 20);
    for row in &answer.items {
        let manifest = catalogue::by_slug(&row.slug).map(|known| &known.manifest);
        table.row([
            row.slug.to_string(),
            manifest.map(sells).unwrap_or_default(),
            format!("{}/{}", row.parts.iter().filter(|part| is_fresh(part)).count(), row.parts.len()),
            row.offers.to_string(),
            last_accepted(row, answer.as_of),
            health(row),
        ]);
    }
    let sample = if answer.sample { "\nSAMPLE DATA: all figures are made up; none is a real price" } else { "" };
    let more: Vec<String> = catalogue::rules_only().iter().map(|(slug, _)| (*slug).to_owned()).collect();
    let more = super::table::wrapped("only their billing is known (gpurate providers show SLUG): ", &more, ", ");
    Ok(out::text(&format!("{table}\nparts: fresh/all; one provider's: gpurate providers show SLUG\n{}{sample}", more.trim_end()))?)
}

fn last_accepted(row: &ProviderRow, as_of: DateTime<Utc>) -> String {
    let last = row.parts.iter().filter_map(|part| part.last_accepted_at).max();
    last.map_or_else(|| "never".to_owned(), |last| format!("{} ago", words::age((as_of - last).num_seconds().max(0))))
}

fn is_fresh(part: &PartRow) -> bool {
    part.freshness == Some(crate::market::Freshness::Fresh)
}

fn sells(manifest: &Manifest) -> String {
    let markets: Vec<String> = manifest.markets.keys().map(|market| market.to_string().replace('_', " ")).collect();
    if markets.is_empty() { "exchange rates".to_owned() } else { markets.join(", ") }
}

/// The worst there is to say, in a few words.
fn health(row: &ProviderRow) -> String {
    if !row.enabled {
        return "switched off, or a credential is missing".to_owned();
    }
    let bad: Vec<&PartRow> = row.parts.iter().filter(|part| part.last_outcome.is_some() && part.failures > 0).collect();
    let never = row.parts.iter().filter(|part| part.last_outcome.is_none()).count();
    match bad.first() {
        Some(part) => {
            let reason = part.last_error.as_deref().unwrap_or("no reason given");
            let more = if bad.len() > 1 { format!(" (and {} more)", bad.len() - 1) } else { String::new() };
            format!("{} {}: {reason}{more}", part.part, part.last_outcome.map_or("failed", |outcome| outcome.as_str()))
        }
        None if never == row.parts.len() => "never collected".to_owned(),
        None if never > 0 => format!("well; {} not collected yet", words::counted(never, "part")),
        None => "well".to_owned(),
    }
}

fn show(context: &Context, slug: &str, json: bool) -> anyhow::Result<()> {
    if let Some((slug, known)) = catalogue::rules_only().iter().find(|(known, _)| *known == slug) {
        return show_rules_only(slug, known, json);
    }
    let known = known(slug)?;
    let market = market::read_if_there(context)?;
    let answer = market.and_then(|market| prices::provider(&market, slug, market::now()));
    if json {
        return match &answer {
            Some(answer) => Ok(out::json(answer)?),
            None => Err(StoreError::Missing(context.database.display().to_string()).into()),
        };
    }
    let row = answer.as_ref().and_then(|answer| answer.items.first());
    let mut text = facts(&known_facts(slug, &known.manifest));
    text.push_str(&rules(&known.manifest.billing));
    match row {
        Some(row) => text.push_str(&format!("\n{}", parts(row))),
        None => text.push_str("\nNever collected: run `gpurate collect` or `gpurate serve`.\n"),
    }
    Ok(out::text(&text)?)
}

/// A provider whose billing is known and whose prices are not collected.
fn show_rules_only(slug: &str, known: &gpurate_providers::RulesOnly, json: bool) -> anyhow::Result<()> {
    if json {
        let rule = known.billing.general(None);
        return Ok(out::json(&serde_json::json!({ "slug": slug, "name": known.name, "homepage": known.homepage, "billing_rule": rule }))?);
    }
    let mut text = facts(&[("provider", slug.to_owned()), ("name", known.name.clone()), ("homepage", known.homepage.clone())]);
    text.push_str(&rules(&known.billing));
    text.push_str("\nIts prices are not collected: there is no adapter for it.\n");
    Ok(out::text(&text)?)
}

fn known_facts(slug: &str, manifest: &Manifest) -> Vec<(&'static str, String)> {
    let or_none = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let markets: Vec<String> =
        manifest.markets.iter().map(|(market, presence)| format!("{market} ({})", format!("{presence:?}").to_lowercase())).collect();
    vec![
        ("provider", slug.to_owned()),
        ("name", manifest.name.clone()),
        ("kind", format!("{:?}", manifest.kind).to_lowercase()),
        ("homepage", manifest.homepage.clone()),
        ("rent at", manifest.launch_url.clone()),
        ("markets", or_none(&markets)),
        (
            "asked",
            format!(
                "every {}, at most {} requests a minute to a host",
                words::age(i64::from(manifest.interval_seconds)),
                manifest.requests_per_minute
            ),
        ),
        ("hosts", manifest.hosts.join(", ")),
        ("credentials", or_none(&manifest.credentials)),
        ("removed before keeping", or_none(&manifest.redactions)),
        (
            "a price is",
            format!(
                "fresh up to {}, stale after {}",
                words::age(i64::from(manifest.freshness.fresh_seconds)),
                words::age(i64::from(manifest.freshness.stale_seconds))
            ),
        ),
    ]
}

/// Billing rules with their sources; what is not known is not there.
fn rules(billing: &gpurate_domain::Layers) -> String {
    let mut text = String::new();
    for layer in billing.all() {
        let source = &layer.default_source;
        let since = source.valid_from.map_or_else(String::new, |from| format!(", since {from}"));
        let until = layer.valid_until.map_or_else(String::new, |until| format!(", until {until}"));
        text.push_str(&format!("\nBilling of {}{since}{until} ({}, read on {})\n", layer.applies_to, source.source, source.read_on));
        for known in layer.rule().sources() {
            text.push_str(&format!("  {} = {}", known.name, known.value()));
            match known.source == source {
                true => text.push('\n'),
                false => text.push_str(&format!(" ({}, read on {})\n", known.source.source, known.source.read_on)),
            }
        }
        if let Some(note) = &layer.note {
            note.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
        }
        for other in &layer.contradictions {
            text.push_str(&format!(
                "  against it: {} {} ({}, read on {}); {}\n",
                other.fact, other.says, other.source, other.read_on, other.why
            ));
        }
    }
    if text.is_empty() { "\nBilling: not known\n".to_owned() } else { text }
}

fn parts(row: &ProviderRow) -> Table {
    let mut table = Table::new(&["part", ">offers", "last accepted", "last attempt", "result"]).whole(&[0]).at_least(4, 24);
    for part in &row.parts {
        let result = match (&part.last_outcome, &part.last_error) {
            (None, _) => "never asked".to_owned(),
            (Some(outcome), Some(error)) if part.failures > 0 => format!("{}: {error}", outcome.as_str()),
            (Some(outcome), _) => outcome.as_str().to_owned(),
        };
        table.row([
            part.part.to_string(),
            part.counts.offers.to_string(),
            part.age_seconds.zip(part.freshness).map_or_else(|| "never".to_owned(), |(age, freshness)| words::age_marked(age, freshness)),
            or_unknown(part.last_attempt_at.map(words::moment)),
            result,
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_gets_every_host_once() {
        let text = hosts();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.is_sorted() && lines.contains(&"api.runpod.io"), "{text}");
        for known in catalogue::all() {
            assert!(known.manifest.hosts.iter().all(|host| lines.contains(&host.as_str())), "{}", known.slug());
        }
    }

    #[test]
    fn d25_a_rule_is_shown_with_its_source_and_the_day_it_was_read() {
        let Ok(known) = known("runpod") else { panic!("a provider") };
        let text = rules(&known.manifest.billing);
        assert!(text.contains("read on 20") && text.contains("http"), "{text}");
    }

    #[test]
    fn every_provider_is_in_the_readme() {
        let readme = include_str!("../../README.md");
        for known in catalogue::all() {
            let line = format!("| [`{0}`](providers/{0}/README.md) |", known.slug());
            assert!(readme.contains(&line), "README.md: the table of providers lacks a line that begins with `{line}`");
        }
    }
}
