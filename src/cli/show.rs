//! `gpurate show OFFER`: one price, down to the request and the kept answer it was read in.

use clap::Args;
use gpurate_domain::OfferId;

use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, market, out};
use crate::http::prices::{OfferAnswer, with_evidence};
use crate::prices;
use crate::store::read::{PageFact, PriceRow};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gpurate show 68afeaae49fab243c222      an id from `gpurate offers`, or `id` in a document")]
pub(super) struct Arguments {
    /// The offer's id: 20 hex digits.
    #[arg(value_name = "OFFER")]
    id: String,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let id: OfferId = arguments.id.parse().map_err(|_| {
        Usage(format!(
            "`{}` is not the id of an offer: it has 20 hex digits; see `gpurate offers`",
            arguments.id.chars().take(40).collect::<String>()
        ))
    })?;
    let (store, market) = market::read(context)?;
    let Some(detail) = prices::show(&market, id, market::now()) else {
        anyhow::bail!("no offer `{id}` is on sale now: withdrawn, or never seen; see `gpurate offers`");
    };
    let answer = with_evidence(store.reader()?, &market, id, detail)?;
    if arguments.json {
        out::json(&answer)?;
    } else {
        out::text(&text(&answer))?;
    }
    Ok(Outcome::Ok)
}

fn text(answer: &OfferAnswer) -> String {
    let detail = &answer.offer;
    let offer = &detail.offer;
    let usd = |price: Option<i64>| price.map(words::money);
    let from = if offer.price_kind.is_from() { "from " } else { "" };
    let original = &offer.original_price;
    let rate = original.rate_date.map(|date| format!(", in dollars by the reference rate of {date}")).unwrap_or_default();
    let mut rows = vec![
        ("offer", offer.id.to_string()),
        ("provider", format!("{} ({})", detail.provider_name, offer.provider)),
        ("sku", offer.sku.to_string()),
        ("tier", offer.tier.to_string()),
        ("region", format!("{}{}", offer.region, offer.country.map(|country| format!(" ({country})")).unwrap_or_default())),
        ("market", format!("{}{}", offer.market, detail.provider_term.as_ref().map(|term| format!(" (`{term}`)")).unwrap_or_default())),
        ("GPU", format!("{} (`{}`)", offer.gpu_group, offer.gpu_name_raw)),
        ("GPUs", format!("{}{}", or_unknown(offer.gpu_count), offer.gpu_count_max.map(|most| format!(" to {most}")).unwrap_or_default())),
        ("memory", or_unknown(offer.vram_gib_usable.or(offer.vram_gib_per_gpu).map(|memory| format!("{memory} GiB per GPU")))),
        ("USD per GPU-hour", or_unknown(usd(offer.price_usd_per_gpu_hour.map(|price| price.nanos)).map(|usd| format!("{from}{usd}")))),
        ("USD per hour", or_unknown(usd(offer.price_usd_per_hour.map(|price| price.nanos)))),
        ("as quoted", format!("{from}{} {} {}{rate}", words::money(original.amount.0), original.currency, original.unit.replace('_', " "))),
        ("price since", words::moment(offer.price_since)),
        (
            "seen",
            format!(
                "{} ({} ago, {})",
                words::moment(offer.observed_at),
                words::age_marked(offer.age_seconds, offer.freshness),
                offer.presence
            ),
        ),
        ("stock", offer.availability.as_str().replace('_', " ")),
    ];
    rows.extend(offer.terms.iter().map(|term| {
        let kind = serde_json::to_value(term.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
        ("beside it", format!("{} {} {} per {}", kind.replace('_', " "), term.amount, term.currency, term.unit.replace('_', " ")))
    }));
    if let Some(billing) = &detail.billing {
        rows.push(("billed", format!("{} ({}, read on {})", billing.words, billing.source, billing.read_on)));
    }
    if let Some(held) = &detail.held {
        let price = or_unknown(held.per_hour.map(|price| words::money(price.0)));
        rows.push((
            "not believed",
            format!("{price} per hour, seen {} times: {}; `gpurate accept {}` believes it", held.times, held.reason, offer.provider),
        ));
    }
    rows.push(("rent it at", offer.launch_url.clone()));
    let mut text = facts(&rows);
    text.push_str(&evidence(&answer.pages));
    text.push_str(&past(&answer.history));
    if detail.sample {
        text.push_str("\nSAMPLE DATA: all figures are made up; none is a real price\n");
    }
    text
}

fn evidence(pages: &[PageFact]) -> String {
    if pages.is_empty() {
        return "\nThe answers it was read in are no longer kept.\n".to_owned();
    }
    let mut text = "\nRead in:\n".to_owned();
    for page in pages {
        text.push_str(&format!(
            "  {} {}\n    kept as {} ({}), {}\n",
            page.method,
            page.url,
            page.hash,
            words::bytes(u64::try_from(page.bytes).unwrap_or(0)),
            words::moment(page.last_seen_at)
        ));
    }
    text
}

fn past(history: &[PriceRow]) -> String {
    if history.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["from", ">price per hour", "currency"]);
    for row in history {
        table.row([
            words::moment(row.observed_at),
            row.price_per_hour.clone().unwrap_or_else(|| "withdrawn".to_owned()),
            row.currency.clone().unwrap_or_default(),
        ]);
    }
    format!("\nPrices, newest first:\n{table}")
}
