//! `gpurate simulate`: what a way of working costs with each offer.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};
use gpurate_domain::{Currency, OfferId};

use super::table::{Table, facts, wrapped};
use super::words::{self, or_unknown};
use super::{Context, Outcome, Usage, market, out};
use crate::simulate::{
    self, BusyShare, Explanation, KEYS, LineView, PRESETS, PhaseSum, Plan, PlanError, RowView, SimulationAnswer, SpotView, TimelineView,
    Verdict, Verified,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gpurate simulate --preset evenings\n  gpurate simulate rtx-4090 --preset evenings                         with one card alone\n  gpurate simulate --model flux1-dev --evenings 3 --hours 2.5 --images 150 --models-gb 60 --there\n  gpurate simulate --preset overnight --by 07:00 --country DE,FR\n  gpurate simulate --preset evenings --explain 68afeaae49fab243c222   one bill whole\n  gpurate simulate --preset evenings --compare rtx-4090 rtx-5090      when the dearer card is the cheaper one\n  gpurate simulate --plan plan.toml --json\n\nEvery key of a plan is a flag, and `gpurate simulate --keys` explains them all. What a plan does not say is assumed, and\nthe answer lists what was assumed. The model, its formulas and limits: docs/simulator.md."
)]
pub(super) struct Arguments {
    /// Only these GPUs: slugs, names or families; the same as `--gpu`.
    #[arg(value_name = "GPU")]
    gpus: Vec<String>,
    #[command(flatten)]
    keys: Keys,
    /// A plan in TOML; flags replace its keys.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// You look between bursts (short for `--presence there`).
    #[arg(long, conflicts_with = "presence")]
    there: bool,
    /// Nobody waits but the deadline (short for `--presence asleep`).
    #[arg(long, conflicts_with_all = ["presence", "there"])]
    asleep: bool,
    /// One offer's bill whole, with every fact it rests on.
    #[arg(long, value_name = "OFFER", conflicts_with = "compare")]
    explain: Option<OfferId>,
    /// When the dearer of two cards is the cheaper one.
    #[arg(long, value_names = ["GPU", "GPU"], num_args = 2)]
    compare: Option<Vec<String>>,
    /// Keep plan, answer, prices and rules under a name, beside the database.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["explain", "compare"])]
    save: Option<String>,
    /// Compute a saved one again; exit status 1 where a digit differs.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["explain", "compare", "save", "plan"])]
    verify: Option<String>,
    /// Explain every key of a plan.
    #[arg(long = "keys")]
    list_keys: bool,
    /// The API's own document.
    #[arg(long)]
    json: bool,
}

/// The keys of a plan as flags, made from the one list of them that the API has.
#[derive(Clone, Debug, Default)]
struct Keys(Vec<(String, String)>);

impl Args for Keys {
    fn augment_args(command: Command) -> Command {
        let flag = |name: &'static str, help: String| {
            let long = name.replace('_', "-");
            Arg::new(name).long(long).value_name("VALUE").action(ArgAction::Append).help(help).allow_negative_numbers(true)
        };
        let usual = [
            "preset",
            "model",
            "evenings",
            "hours",
            "images",
            "models_gb",
            "presence",
            "by",
            "images_kept",
            "policy",
            "budget_usd",
            "present_card",
        ];
        let keys = KEYS.iter().map(|key| {
            let flag = flag(key.name, format!("{} [for example: {}]", key.meaning, key.example));
            if usual.contains(&key.name) {
                flag.help_heading("The plan")
            } else {
                flag.help_heading("The rest of the plan").hide_short_help(true)
            }
        });
        let filters = simulate::filters_taken()
            .map(|known| flag(known.name, known.description.to_owned()).help_heading("Which offers").hide_short_help(true));
        command.args(keys).args(filters)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Keys {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut keys = Self::default();
        keys.update_from_arg_matches(matches)?;
        Ok(keys)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.clear();
        for name in KEYS.iter().map(|key| key.name).chain(simulate::filters_taken().map(|known| known.name)) {
            let values = matches.get_many::<String>(name).into_iter().flatten();
            self.0.extend(values.map(|value| (name.to_owned(), value.clone())));
        }
        Ok(())
    }
}

impl Arguments {
    fn plan(&self) -> anyhow::Result<Plan> {
        let mut pairs = self.keys.0.clone();
        pairs.extend(self.gpus.iter().map(|gpu| ("gpu".to_owned(), gpu.clone())));
        if self.there || self.asleep {
            pairs.push(("presence".to_owned(), if self.there { "there" } else { "asleep" }.to_owned()));
        }
        for (key, value) in &mut pairs {
            if key == "eviction_trace" && !value.starts_with('{') {
                *value = read_trace(value)?;
            }
        }
        let flags = Plan::parse(pairs)?;
        let Some(path) = &self.plan else { return Ok(flags) };
        let text = std::fs::read_to_string(path).map_err(|error| Usage(format!("the plan {} cannot be read: {error}", path.display())))?;
        let file =
            Plan::parse_toml(&text).map_err(|error| PlanError { message: format!("{}: {}", path.display(), error.message), ..error })?;
        Ok(file.replaced_by(&flags))
    }
}

/// The text of a trace of evictions, without what is not needed, so that a long one fits into a plan.
fn read_trace(path: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| Usage(format!("the trace {path} cannot be read: {error}")))?;
    Ok(text.split_whitespace().collect())
}

pub(super) fn run(context: &Context, arguments: &Arguments) -> anyhow::Result<Outcome> {
    if arguments.list_keys {
        out::text(&keys())?;
        return Ok(Outcome::Ok);
    }
    let folder = simulate::folder_of(&context.database);
    if let Some(name) = &arguments.verify {
        let verified = simulate::verify(&folder, name)?;
        show(arguments.json, &verified, verified_text)?;
        return Ok(Outcome::of(verified.differences.is_empty()));
    }
    let plan = arguments.plan()?;
    let (_, market) = market::read(context)?;
    if let Some(id) = arguments.explain {
        let explanation = simulate::explain(&market, &plan, id, market::now())?;
        return show(arguments.json, &explanation, explained);
    }
    if let Some(gpus) = &arguments.compare {
        let compared = simulate::compare(&market, &plan, [&gpus[0], &gpus[1]], market::now())?;
        return show(arguments.json, &compared, shares);
    }
    let answer = match &arguments.save {
        Some(name) => {
            let (answer, path) = simulate::save(&market, &plan, market::now(), &folder, name)?;
            out::note(&format!("saved as {}; `gpurate simulate --verify {name}` computes it again", path.display()));
            answer
        }
        None => simulate::simulate(&market, &plan, market::now())?,
    };
    show(arguments.json, &answer, text)?;
    Ok(Outcome::of(!answer.items.is_empty()))
}

fn show<T: serde::Serialize>(json: bool, answer: &T, text: impl Fn(&T) -> String) -> anyhow::Result<Outcome> {
    if json {
        out::json(answer)?
    } else {
        out::text(&text(answer))?
    }
    Ok(Outcome::Ok)
}

fn keys() -> String {
    let mut text = "Presets:\n".to_owned();
    let presets: Vec<(&str, String)> = PRESETS.iter().map(|((name, _), meaning)| (*name, (*meaning).to_owned())).collect();
    text.push_str(&facts(&presets));
    text.push_str("\nKeys (flags with dashes; in a file `key = value`):\n");
    let rows: Vec<(&str, String)> = KEYS.iter().map(|key| (key.name, format!("{} [for example: {}]", key.meaning, key.example))).collect();
    text.push_str(&facts(&rows));
    text.push_str("\nWhich offers:\n");
    let rows: Vec<(&str, String)> = simulate::filters_taken().map(|known| (known.name, known.description.to_owned())).collect();
    text.push_str(&facts(&rows));
    text
}

/// The whole answer for a person.
fn text(answer: &SimulationAnswer) -> String {
    let mut text = String::new();
    let what = answer.workload.as_deref().unwrap_or("your work");
    let images = if answer.images > 0 { format!(", {} images", answer.images) } else { String::new() };
    let days = if answer.days == 1 { "one day".to_owned() } else { format!("{} days", answer.days) };
    text.push_str(&format!(
        "{what}: {} in {days}{images}. Totals in USD for all of it.\n\n",
        words::counted(usize::try_from(answer.sessions).unwrap_or(usize::MAX), "session")
    ));
    if answer.items.is_empty() {
        text.push_str("Nothing found.\n");
    } else {
        text.push_str(&table(&answer.items, answer.currency).to_string());
    }
    text.push('\n');
    if let Some(advice) = &answer.advice {
        text.push_str(&format!("{advice}\n"));
    }
    if answer.rows > answer.items.len() {
        text.push_str(&format!("{} more rows: --limit {}\n", answer.rows - answer.items.len(), answer.rows.min(1000)));
    }
    if answer.items.iter().any(|row| row.tied_with_first) {
        text.push_str("=: its range overlaps the first row's: which is cheaper is not known\n");
    }
    if answer.items.iter().any(|row| row.total_is_open) {
        text.push_str("from: its price per hour is \"from\", a lower bound that the total counts; it stands behind those that are known\n");
    }
    if answer.items.iter().any(|row| !row.in_time) {
        text.push_str("late: not done in the time that a session has\n");
    }
    if let Some(currency) = answer.currency {
        let is_converted = |_: &chrono::NaiveDate| answer.items.iter().any(|row| row.total_high_in_currency.is_some());
        text.push_str(&answer.rate_date.filter(is_converted).map_or_else(
            || format!("no reference rate for {currency}: nothing is converted\n"),
            |date| format!("{currency} by the reference rate of {date}\n"),
        ));
    }
    text.push_str(&own_card(answer));
    text.push_str(&frontier(answer));
    text.push_str(&spot(answer));
    let deciding: Vec<String> =
        answer.deciding.iter().map(|fact| format!("row {}: {} ({} USD)", fact.rank, fact.unknown, cents(fact.total_usd.0))).collect();
    if !deciding.is_empty() {
        text.push_str(&wrapped("would come first, were this at its best: ", &deciding, "; "));
    }
    let left_out: Vec<String> = answer
        .left_out
        .iter()
        .take(6)
        .map(|left| format!("{} × {} ({})", left.offers, left.why, left.gpus.iter().take(3).cloned().collect::<Vec<_>>().join(", ")))
        .collect();
    if !left_out.is_empty() {
        text.push_str(&wrapped("left out: ", &left_out, "; "));
    }
    text.push_str(&assumed(&answer.assumptions));
    if answer.sample {
        text.push_str("SAMPLE DATA: all prices are made up; none is a real price\n");
    }
    text
}

fn assumed(assumptions: &[simulate::Assumption]) -> String {
    let items: Vec<String> = assumptions
        .iter()
        .map(|one| if one.key == "unknown" { format!("{} {}", one.why, one.value) } else { format!("{} {}", one.key, one.value) })
        .collect();
    if items.is_empty() { String::new() } else { wrapped("assumed: ", &items, "; ") }
}

/// Rounded half up to a cent: for showing only.
fn cents(nanos: i64) -> String {
    let cents = (i128::from(nanos) + 5_000_000).div_euclid(10_000_000);
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

fn range(low: i64, high: i64) -> String {
    let (low, high) = (cents(low), cents(high));
    if low == high { high } else { format!("{low}–{high}") }
}

fn in_currency(row: &RowView, currency: Option<Currency>) -> String {
    row.total_high_in_currency.zip(currency).map(|(amount, currency)| format!("\n{} {currency}", cents(amount.0))).unwrap_or_default()
}

fn table(rows: &[RowView], currency: Option<Currency>) -> Table {
    let columns =
        [">", "GPU and\nwhere", ">total", ">per 1000\nimages", ">waiting", ">first\nimage", "between\nsessions", ">USD/h\n(place)", "age"];
    let mut table = Table::new(&columns).whole(&[6, 8]).at_least(1, 28);
    for row in rows {
        let offer = &row.offer;
        let place = match &*offer.region {
            "global" => String::new(),
            region => format!(" {region}"),
        };
        let market = if offer.market == gpurate_domain::MarketKind::OnDemand { String::new() } else { format!(" {}", offer.market) };
        let more = if row.rule_has_more_on_top { " +" } else { "" };
        let tie = if row.tied_with_first { "=" } else { "" };
        let open = if row.total_is_open { "from\n" } else { "" };
        let late = if row.in_time { "" } else { "\nlate" };
        let gpus = if row.gpus > 1 { format!(" {} GPUs", row.gpus) } else { String::new() };
        let machines = if row.machines > 1 { format!(" ×{}", row.machines) } else { String::new() };
        table.row([
            format!("{}{tie}", row.rank),
            format!("{}{gpus}{machines}\n{} {}{place}{market}", offer.gpu_group, offer.provider, offer.tier),
            format!("{open}{}{more}{late}{}", range(row.total_low_usd.0, row.total_high_usd.0), in_currency(row, currency)),
            or_unknown(row.usd_per_1000_images.map(|nanos| cents(nanos.0))),
            words::span(row.waited_high_seconds),
            words::span(row.click_to_first_image_seconds),
            row.policy.as_str().replace('_', " "),
            format!(
                "{} ({})",
                or_unknown(offer.price_usd_per_gpu_hour.map(|price| words::asked(price.nanos, offer.price_kind))),
                row.sticker_rank
            ),
            words::age_marked(offer.age_seconds, offer.freshness),
        ]);
    }
    table
}

fn own_card(answer: &SimulationAnswer) -> String {
    let Some(own) = &answer.own_card else { return String::new() };
    let parts: Vec<String> = own.lines.iter().map(|line| format!("{} {}", line.words, cents(line.amount_usd.0))).collect();
    format!(
        "not renting: your {} costs {} USD ({}), which would be row {}\n",
        own.gpu,
        range(own.total_low_usd.0, own.total_high_usd.0),
        parts.join(", "),
        own.rank
    )
}

fn frontier(answer: &SimulationAnswer) -> String {
    let steps: Vec<String> = answer
        .frontier
        .iter()
        .map(|point| match point.usd_per_hour_not_waited {
            None => format!(
                "row {}: {} USD and {} of waiting",
                point.rank,
                cents(point.total_high_usd.0),
                words::span(point.waited_high_seconds)
            ),
            Some(price) => format!(
                "row {}: {} USD and {}, an hour less waited costs {}",
                point.rank,
                cents(point.total_high_usd.0),
                words::span(point.waited_high_seconds),
                cents(price.0)
            ),
        })
        .collect();
    if steps.len() < 2 { String::new() } else { wrapped("waiting less: ", &steps, "; ") }
}

fn spot(answer: &SimulationAnswer) -> String {
    let rows: Vec<String> = answer
        .items
        .iter()
        .filter_map(|row| Some((row.rank, row.spot.as_ref()?)))
        .map(|(rank, spot)| format!("row {rank}: {}", spot_words(spot)))
        .collect();
    if rows.is_empty() { String::new() } else { wrapped("taken away: ", &rows, "; ") }
}

fn spot_words(spot: &SpotView) -> String {
    let often = format!("{} evictions on average", words::rounded(spot.evictions_mean.0));
    let (Some(half), Some(most)) = (spot.cost_p50_usd, spot.cost_p95_usd) else { return format!("{often}: too many to run through") };
    let unfinished = if spot.unfinished > 0 { format!(", {} of them did not end: too low", spot.unfinished) } else { String::new() };
    let in_time = spot.in_time.map(|share| format!(", in time {} %", words::rounded(share.0.saturating_mul(100)))).unwrap_or_default();
    format!(
        "{often}, half of {} runs cost at most {} USD and nineteen in twenty {}{in_time}{unfinished}",
        spot.runs,
        cents(half.0),
        cents(most.0)
    )
}

fn lines(lines: &[LineView]) -> Table {
    let mut table = Table::new(&["line", "quantity", ">USD per unit", "unit", ">USD"]).whole(&[0]);
    for line in lines {
        table.row([
            line.words.clone(),
            line.quantity.clone(),
            line.unit_price_usd.to_string(),
            line.unit.clone(),
            line.amount_usd.to_string(),
        ]);
    }
    table
}

/// A session's phases by kind, in their order.
fn session(timeline: &TimelineView) -> String {
    let phase = |sum: &PhaseSum| {
        let free = if sum.billed { "" } else { " (not paid)" };
        format!("{} {}{free}", sum.kind.in_words(), words::span(sum.seconds))
    };
    timeline.sums.iter().map(phase).collect::<Vec<_>>().join(", ")
}

/// One bill for a person.
fn explained(explanation: &Explanation) -> String {
    let row = &explanation.row;
    let offer = &row.offer;
    let mut text =
        format!("{} at {} {} {} ({}), {}\n\n", offer.gpu_group, offer.provider, offer.tier, offer.region, offer.market, offer.id);
    text.push_str(&facts(&[
        (
            "price",
            format!(
                "{}{} USD per GPU-hour, seen {} ago",
                if row.total_is_open { "from " } else { "" },
                or_unknown(offer.price_usd_per_gpu_hour.map(|price| price.to_string())),
                words::age(offer.age_seconds)
            ),
        ),
        ("billed", format!("{}{}", row.rule, row.rule_read_on.map(|day| format!(" (read on {day})")).unwrap_or_default())),
        ("variant", or_unknown(row.variant.clone())),
        ("speed", row.speed_basis.clone()),
        (
            "between sessions",
            format!(
                "{} ({})",
                row.policy.as_str().replace('_', " "),
                row.break_even_gap_seconds
                    .map_or_else(|| "stopping never pays".to_owned(), |gap| format!("stopping pays from a gap of {}", words::span(gap)))
            ),
        ),
        ("first session", session(&row.timeline)),
        ("first image", format!("after {}", words::span(row.click_to_first_image_seconds))),
        ("waiting", format!("{} to {} in all", words::span(row.waited_low_seconds), words::span(row.waited_high_seconds))),
        (
            "total",
            format!(
                "{} to {} USD{}",
                row.total_low_usd,
                row.total_high_usd,
                if row.total_is_open { " by the least that is asked per hour: it may be more" } else { "" }
            ),
        ),
    ]));
    for warning in &explanation.warnings {
        text.push_str(&format!("not among the plan's rows: {warning}\n"));
    }
    text.push_str("\nThe dear end, line by line:\n");
    text.push_str(&lines(&row.lines).to_string());
    text.push_str(&format!("sum: {} USD\n", row.total_high_usd));
    if row.total_low_usd != row.total_high_usd {
        text.push_str("\nThe cheap end:\n");
        text.push_str(&lines(&explanation.lines_low).to_string());
        text.push_str(&format!("sum: {} USD\n", row.total_low_usd));
    }
    if !row.unknown.is_empty() {
        text.push_str(&wrapped("not known: ", &row.unknown, "; "));
    }
    let others: Vec<String> = row
        .other_policies
        .iter()
        .map(|other| format!("{} {}", other.policy.as_str().replace('_', " "), range(other.total_low_usd.0, other.total_high_usd.0)))
        .collect();
    if !others.is_empty() {
        text.push_str(&wrapped("other ways between sessions: ", &others, "; "));
    }
    if let Some(spot) = &row.spot {
        text.push_str(&format!("taken away: {}; then: {}\n", spot_words(spot), spot.on_eviction));
    }
    text.push_str("\nThe rule, fact by fact:\n");
    for fact in &explanation.rule {
        text.push_str(&format!("  {} = {} ({}, read on {})\n", fact.name, fact.value, fact.source, fact.read_on));
    }
    for note in &explanation.notes {
        note.lines().for_each(|line| text.push_str(&format!("  {line}\n")));
    }
    text.push('\n');
    text.push_str(&assumed(&explanation.assumptions));
    if explanation.sample {
        text.push_str("SAMPLE DATA: all prices are made up; none is a real price\n");
    }
    text
}

fn verified_text(verified: &Verified) -> String {
    let head = format!("{} rows, saved {}: ", verified.rows, words::moment(verified.saved_at));
    if verified.differences.is_empty() {
        return format!("{head}every digit agrees\n");
    }
    format!("{head}{} differences\n  {}\n", verified.differences.len(), verified.differences.join("\n  "))
}

/// Two cards for a person.
fn shares(compared: &BusyShare) -> String {
    let BusyShare { slower, faster, .. } = compared;
    let mut text = format!(
        "{slower}: {} USD per hour; {faster}: {} USD per hour, {} times as fast\n",
        words::asked(compared.slower_usd_per_hour.0, compared.slower_price_kind),
        words::asked(compared.faster_usd_per_hour.0, compared.faster_price_kind),
        words::rounded(compared.speed_ratio.0)
    );
    text.push_str(&match (compared.verdict, compared.share) {
        (Verdict::Above, Some(share)) => {
            let ends = words::share_ends(compared).map(|ends| format!(" ({ends} by the ranges)")).unwrap_or_default();
            let percent = words::percent_tenths(share);
            format!("{faster} is the cheaper one where {slower} would compute more than {percent} % of the time{ends}\n")
        }
        (Verdict::Always, _) => format!("{faster} is always the cheaper one, at both ends of the ranges too\n"),
        (Verdict::Never, _) => {
            format!("{faster} is never the cheaper one: even computing all the time its speed does not make up for its price\n")
        }
        _ => format!(
            "undecided: by the ranges, {faster} is the cheaper one from {} of the time that {slower} would compute\n",
            words::share_ends(compared).unwrap_or_default()
        ),
    });
    let heads = [slower, faster].map(|gpu| format!(">{gpu}"));
    let mut table = Table::new(&[">computing", &heads[0], &heads[1]]);
    for point in compared.curve.iter().step_by(2) {
        table.row([format!("{} %", point.busy_percent), words::rounded(point.slower_usd.0), words::rounded(point.faster_usd.0)]);
    }
    text.push_str(&format!("\nUSD for what {slower} computes in that share of an hour, and for the rest of the hour\n{table}"));
    if compared.sample {
        text.push_str("SAMPLE DATA: all prices are made up; none is a real price\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn plan(words: &[&str]) -> Plan {
        let line = Line::try_parse_from(std::iter::once(&"simulate").chain(words)).unwrap_or_else(|error| panic!("{words:?}: {error}"));
        line.arguments.plan().unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    #[test]
    fn a_gpu_may_stand_without_its_flag_also_behind_others() {
        let written = |words: &[&str]| format!("{:?}", plan(words));
        let flag = written(&["--preset", "evenings", "--gpu", "rtx-4090"]);
        assert_ne!(flag, written(&["--preset", "evenings"]));
        assert_eq!(written(&["rtx-4090", "--preset", "evenings"]), flag);
        assert_eq!(written(&["--preset", "evenings", "rtx-4090"]), flag);
        assert_eq!(written(&["--compare", "rtx-4090", "rtx-5090"]), written(&[]), "two cards that are compared are no filter");
    }
}
