//! `gpurate gpus`: the table of GPUs, and what each costs now.

use clap::Args;

use super::table::{Table, facts};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, market, out};
use crate::catalogue;
use crate::market::Market;
use crate::prices::{self, Answer, Figure, GpuRow};
use crate::store::StoreError;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate gpus                   the whole table\n  gpurate gpus rtx-4090          one GPU, with its aliases and sources"
)]
pub(super) struct Arguments {
    /// Only this one, by slug, name or alias; a family shows its members.
    gpu: Option<String>,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    let wanted = arguments.gpu.as_deref().map(members).transpose()?;
    let mut answer = answer(context)?;
    if let Some(wanted) = &wanted {
        answer.items.retain(|row| wanted.contains(&row.gpu.slug.as_str()));
    }
    match (answer.items.as_slice(), arguments.json) {
        (_, true) => out::json(&answer)?,
        ([row], false) if wanted.is_some() => out::text(&format!("{}\n{}", one(row), below(&answer)))?,
        (rows, false) => out::text(&format!("{}\n{}", table(rows), below(&answer)))?,
    }
    Ok(Outcome::Ok)
}

/// The whole table; without prices where there is no database.
fn answer(context: &Context) -> anyhow::Result<Answer<GpuRow>> {
    let market = market::read_if_there(context)?;
    let mut answer = prices::gpus(market.as_ref().unwrap_or(&Market::default()), market::now());
    if market.is_none() {
        // What a card is needs no database.
        answer.advice = Some(format!("facts alone, and no prices: {}", StoreError::Missing(context.database.display().to_string())));
    }
    Ok(answer)
}

fn below(answer: &Answer<GpuRow>) -> String {
    answer.advice.as_ref().map_or_else(|| market::footer(answer), |advice| format!("{advice}\n"))
}

/// The slugs that a name means.
fn members(typed: &str) -> Result<Vec<&'static str>, Usage> {
    let table = catalogue::gpus();
    let exact = table.by_slug(typed).map(|index| vec![index]);
    let found = exact.unwrap_or_else(|| table.find(typed));
    if found.is_empty() {
        return Err(Usage(catalogue::no_one_gpu(&crate::words::plain(typed))));
    }
    Ok(found.into_iter().map(|index| table.gpu(index).slug.as_str()).collect())
}

fn table(rows: &[GpuRow]) -> Table {
    let columns = ["GPU", "name", ">GiB", "architecture", "segment", ">FP16\nTFLOPS", ">on demand\nUSD/h", ">spot\nUSD/h"];
    let mut table = Table::new(&columns).whole(&[0]);
    for GpuRow { gpu, on_demand, spot, last_on_demand, last_spot } in rows {
        table.row([
            gpu.slug.clone(),
            gpu.name.clone(),
            or_unknown(gpu.vram_gib),
            or_unknown(gpu.architecture.as_ref()),
            or_unknown(gpu.segment.as_ref()),
            or_unknown(gpu.fp16_tensor_dense_tflops.as_ref()),
            or_unknown(on_demand.as_ref().map(price).or_else(|| last_on_demand.as_ref().map(last))),
            or_unknown(spot.as_ref().map(price).or_else(|| last_spot.as_ref().map(last))),
        ]);
    }
    table
}

fn price(figure: &Figure) -> String {
    let mark = if figure.rentable { "" } else { "*" };
    format!("{}{mark}", words::asked(figure.usd_per_gpu_hour.nanos, figure.price_kind))
}

/// A price that is too old to be called one of now.
fn last(figure: &Figure) -> String {
    format!("({} STALE)", words::asked(figure.usd_per_gpu_hour.nanos, figure.price_kind))
}

fn one(GpuRow { gpu, on_demand, spot, last_on_demand, last_spot }: &GpuRow) -> String {
    let figure = |figure: &Option<Figure>| {
        figure.as_ref().map(|figure| {
            let not = if figure.rentable { "" } else { ", outside the usual limits" };
            format!(
                "{}{} USD per GPU-hour at {} (median {}, {}, seen {} ago{not}): gpurate show {}",
                if figure.price_kind.is_from() { "from " } else { "" },
                words::money(figure.usd_per_gpu_hour.nanos),
                figure.provider,
                words::rounded(figure.median_usd_per_gpu_hour.nanos),
                words::counted(figure.offers as usize, "offer"),
                words::age(figure.age_seconds),
                figure.id
            )
        })
    };
    let stale = |last: &Option<Figure>| figure(last).map(|last| format!("nothing fresh; last {last}"));
    let with = |value: &Option<String>, unit: &str| value.as_ref().map(|value| format!("{value} {unit}"));
    facts(&[
        ("slug", gpu.slug.clone()),
        ("name", gpu.name.clone()),
        ("family", gpu.family.clone()),
        ("manufacturer", or_unknown(gpu.manufacturer.as_ref())),
        ("architecture", or_unknown(gpu.architecture.as_ref())),
        ("segment", or_unknown(gpu.segment.as_ref())),
        (
            "memory",
            or_unknown(gpu.vram_gib.map(|gib| format!("{gib} GiB {}", gpu.memory_type.clone().unwrap_or_default()).trim_end().to_owned())),
        ),
        ("bandwidth", or_unknown(with(&gpu.bandwidth_gb_s, "GB/s"))),
        ("FP32", or_unknown(with(&gpu.fp32_tflops, "TFLOPS"))),
        ("FP16 tensor, dense", or_unknown(with(&gpu.fp16_tensor_dense_tflops, "TFLOPS"))),
        ("power", or_unknown(gpu.tdp_w.map(|watts| format!("{watts} W")))),
        ("released", or_unknown(gpu.release_year)),
        ("also called", gpu.aliases.join(", ")),
        ("source", or_unknown(gpu.source.as_ref())),
        ("on demand", or_unknown(figure(on_demand).or_else(|| stale(last_on_demand)))),
        ("spot", or_unknown(figure(spot).or_else(|| stale(last_spot)))),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_its_slug_and_a_mistyped_one_is_hinted_at() {
        assert_eq!(members("rtx-4090").unwrap_or_default(), ["rtx-4090"]);
        assert!(members("H100").unwrap_or_default().len() > 1);
        let error = members("rtx4900").expect_err("no such GPU").to_string();
        assert!(error.contains("`rtx-4090`") || error.contains("RTX 4090"), "{error}");
    }

    #[test]
    fn facts_are_told_without_a_database_and_that_there_are_no_prices() {
        let config = crate::config::Config::default();
        let context = Context { config, config_path: None, database: "/nowhere/at/all.db".into() };
        let answer = answer(&context).expect("facts");
        assert_eq!(answer.items.len(), catalogue::gpus().gpus().len());
        let told = below(&answer);
        assert!(told.contains("no prices: there is no database at `/nowhere/at/all.db`") && told.contains("gpurate collect"), "{told}");
    }
}
