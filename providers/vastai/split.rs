//! How one model's book is read whole although an answer holds at most 64 rows: a question whose answer is full is
//! split, by number of GPUs, then by price, then (many machines at one price) by machine.
//!
//! Pure: from the answers so far follows the next question, or that the book is whole. `fetch` and `parse` ask the same
//! function, so that `parse` refuses pages that `fetch` would have gone on from.
//!
//! By price one goes on from where a full answer ends, which is sound only while rows come in ascending order; where
//! they do not, the range is halved. Bounds are `dph_total`, the field the answer is ordered by, in exact decimal text.

use std::collections::BTreeMap;

use gpurate_domain::Nanos;
use serde_json::{Value, json};

use crate::{ShapeError, json as read};

/// Rows asked for: one below the server's cap of 64, which was seen on 2026-08-22 (getcomputable/gpu-index). A full
/// answer cannot be told from a truncated one, so it counts as truncated.
pub(super) const LIMIT: usize = 63;

/// GB of disk in `dph_total`: the server's own default, named so that bounds mean the same in every question.
const ALLOCATED_STORAGE_GB: u32 = 8;

/// Numbers of GPUs that are asked for together; every number is in one class.
const CLASSES: [(u64, Option<u64>); 5] = [(0, Some(1)), (2, Some(2)), (3, Some(4)), (5, Some(8)), (9, None)];

/// From the first bound on, up to and without the second.
type Range<T> = (Option<T>, Option<T>);

/// What one question is about; read back from the request a page carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Filters {
    /// The model, as Vast spells it.
    pub(super) model: String,
    /// One of [`CLASSES`], both ends included.
    counts: Option<(u64, Option<u64>)>,
    prices: Range<Nanos>,
    machines: Range<u64>,
}

impl Filters {
    /// All offers of a model.
    pub(super) fn model(name: &str) -> Self {
        Self { model: name.to_owned(), counts: None, prices: (None, None), machines: (None, None) }
    }

    /// The body of the question. `verified` is left out on purpose: asking for it hides most of the market (vast-cli #268).
    /// Bundling would show one machine for several like it, and which one would change from answer to answer.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "gpu_name": {"eq": self.model},
            "rentable": {"eq": true},
            "type": "on-demand",
            "order": [["dph_total", "asc"]],
            "limit": LIMIT,
            "allocated_storage": ALLOCATED_STORAGE_GB,
            "disable_bundling": true,
        });
        let mut bound = |field: &str, operator: &str, value: Option<Value>| {
            if let Some(value) = value {
                body[field][operator] = value;
            }
        };
        if let Some((least, most)) = self.counts {
            bound("num_gpus", "gte", (least > 0).then(|| json!(least)));
            bound("num_gpus", "lte", most.map(|most| json!(most)));
        }
        bound("dph_total", "gte", self.prices.0.and_then(exact));
        bound("dph_total", "lt", self.prices.1.and_then(exact));
        bound("machine_id", "gte", self.machines.0.map(|machine| json!(machine)));
        bound("machine_id", "lt", self.machines.1.map(|machine| json!(machine)));
        body
    }

    /// Reads what [`Filters::body`] wrote.
    pub(super) fn of_request(body: Option<&str>) -> Result<Self, ShapeError> {
        let unknown = || ShapeError::new("", "the page's request does not tell its filters");
        let body: Value = body.and_then(|body| serde_json::from_str(body).ok()).ok_or_else(unknown)?;
        let whole = |pointer: &str| body.pointer(pointer).and_then(Value::as_u64);
        let price = |operator: &str| body.get("dph_total").and_then(|bounds| read::optional_decimal(bounds, operator).ok().flatten());
        let counts = body.get("num_gpus").map(|_| (whole("/num_gpus/gte").unwrap_or(0), whole("/num_gpus/lte")));
        Ok(Self {
            model: body.pointer("/gpu_name/eq").and_then(Value::as_str).ok_or_else(unknown)?.to_owned(),
            counts,
            prices: (price("gte"), price("lt")),
            machines: (whole("/machine_id/gte"), whole("/machine_id/lt")),
        })
    }

    /// Whether a row is one that was asked for; what a row does not say is not held against it.
    fn allow(&self, row: &Row) -> bool {
        let (least, most) = self.counts.unwrap_or((0, None));
        let nano = |price: Nanos, more: i64| Nanos(price.0.saturating_add(more));
        row.model.as_ref().is_none_or(|model| *model == self.model)
            && row.count.is_none_or(|count| count >= least && most.is_none_or(|most| count <= most))
            // The row's price was rounded to a nano-dollar, the server's was not.
            && row.price.is_none_or(|price| self.prices.0.is_none_or(|from| nano(price, 1) >= from) && self.prices.1.is_none_or(|to| price <= to))
            && row.machine.is_none_or(|id| self.machines.0.is_none_or(|from| id >= from) && self.machines.1.is_none_or(|to| id < to))
    }
}

/// A number whose digits are exact.
fn exact(amount: Nanos) -> Option<Value> {
    amount.to_string().parse().ok().map(Value::Number)
}

/// What splitting needs of a row.
#[derive(Clone, Debug)]
struct Row {
    model: Option<String>,
    count: Option<u64>,
    price: Option<Nanos>,
    machine: Option<u64>,
}

/// What splitting needs of an answer.
#[derive(Clone, Debug)]
pub(super) struct Answer(Vec<Row>);

impl Answer {
    /// # Errors
    /// [`ShapeError`] where there is no list of offers.
    pub(super) fn read(answer: &Value) -> Result<Self, ShapeError> {
        let row = |row: &Value| Row {
            model: read::optional_text(row, "gpu_name").ok().flatten().map(str::to_owned),
            count: read::optional_whole(row, "num_gpus").ok().flatten(),
            price: read::optional_decimal(row, "dph_total").ok().flatten(),
            machine: read::optional_whole(row, "machine_id").ok().flatten(),
        };
        Ok(Self(read::array(answer, "/offers")?.iter().map(row).collect()))
    }

    fn is_full(&self) -> bool {
        self.0.len() >= LIMIT
    }
}

/// What follows from the answers so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This question is open.
    Ask(Filters),
    /// The answers to these questions hold the whole book.
    Whole(Vec<Filters>),
}

/// The next open question about `root`, or the questions whose answers hold the book.
///
/// # Errors
/// Why it cannot be read whole, in words.
pub(super) fn next(root: &Filters, answers: &BTreeMap<Filters, Answer>) -> Result<Step, String> {
    let mut whole = Vec::new();
    let mut waiting = vec![root.clone()];
    while let Some(filters) = waiting.pop() {
        let Some(answer) = answers.get(&filters) else { return Ok(Step::Ask(filters)) };
        // A short answer to the first question is whole whatever its rows are; `parse` names those that do not fit.
        if (answer.is_full() || filters != *root) && !answer.0.iter().all(|row| filters.allow(row)) {
            return Err("the source does not keep to the filters it was asked for".to_owned());
        }
        if !answer.is_full() {
            whole.push(filters);
            continue;
        }
        let split = split(&filters, answer)?;
        // The last to be pushed is the first to be looked at.
        waiting.extend(split.questions.into_iter().rev());
        if split.keeps_rows {
            whole.push(filters);
        }
    }
    Ok(Step::Whole(whole))
}

/// How a full answer is gone on from.
struct Split {
    questions: Vec<Filters>,
    /// The full answer holds all rows below the bound of the one question that follows.
    keeps_rows: bool,
}

fn split(filters: &Filters, answer: &Answer) -> Result<Split, String> {
    let with = |change: &dyn Fn(&mut Filters)| {
        let mut changed = filters.clone();
        change(&mut changed);
        changed
    };
    if filters.counts.is_none() {
        let questions = CLASSES.iter().map(|class| with(&|f| f.counts = Some(*class))).collect();
        return Ok(Split { questions, keeps_rows: false });
    }
    if filters.machines == (None, None) {
        let prices: Vec<Nanos> = answer.0.iter().filter_map(|row| row.price).collect();
        let (Some(least), Some(most)) = (prices.iter().min().copied(), prices.iter().max().copied()) else {
            return Err("a full answer without `dph_total` cannot be split".to_owned());
        };
        let moves_on = |cut: Nanos| cut > least && filters.prices.0.is_none_or(|from| cut > from);
        if prices.len() == answer.0.len() && prices.is_sorted() {
            // One nano-dollar below, because the last row's price may have been rounded up.
            let cut = Nanos(most.0.saturating_sub(1));
            if moves_on(cut) {
                return Ok(Split { questions: vec![with(&|f| f.prices.0 = Some(cut))], keeps_rows: true });
            }
        }
        let mut sorted = prices;
        sorted.sort_unstable();
        let middle = sorted[sorted.len() / 2];
        if moves_on(middle) {
            let halves = vec![with(&|f| f.prices.1 = Some(middle)), with(&|f| f.prices.0 = Some(middle))];
            return Ok(Split { questions: halves, keeps_rows: false });
        }
        // All at about one price: that price is split by machine, and what is dearer asked apart.
        let above = Nanos(middle.0.saturating_add(1));
        let [low, high] = halves_by_machine(filters, answer)?;
        let at_price = |mut half: Filters| {
            half.prices.1 = Some(filters.prices.1.map_or(above, |to| to.min(above)));
            half
        };
        let mut questions = vec![at_price(low), at_price(high)];
        if filters.prices.1.is_none_or(|to| above < to) {
            questions.push(with(&|f| f.prices.0 = Some(above)));
        }
        return Ok(Split { questions, keeps_rows: false });
    }
    Ok(Split { questions: halves_by_machine(filters, answer)?.to_vec(), keeps_rows: false })
}

fn halves_by_machine(filters: &Filters, answer: &Answer) -> Result<[Filters; 2], String> {
    let mut machines: Vec<u64> = answer.0.iter().filter_map(|row| row.machine).collect();
    machines.sort_unstable();
    machines.dedup();
    match machines.as_slice() {
        [_, _, ..] => {
            let middle = machines[machines.len() / 2];
            let (mut low, mut high) = (filters.clone(), filters.clone());
            low.machines.1 = Some(middle);
            high.machines.0 = Some(middle);
            Ok([low, high])
        }
        _ => Err(format!("an answer is full ({} rows) and cannot be split further", answer.0.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(prices: impl Iterator<Item = (String, u64)>) -> Answer {
        let rows: Vec<Value> =
            prices.map(|(price, machine)| json!({"gpu_name": "X", "num_gpus": 1, "dph_total": price, "machine_id": machine})).collect();
        Answer::read(&json!({ "offers": rows })).expect("a list")
    }

    fn class_of_one() -> Filters {
        Filters { counts: Some(CLASSES[0]), ..Filters::model("X") }
    }

    #[test]
    fn filters_read_back_from_the_request() {
        let plain = Filters::model("RTX 4090");
        let full = Filters {
            model: "H100 SXM".into(),
            counts: Some((3, Some(4))),
            prices: (Some(Nanos(246_666_667)), Some(Nanos(1_300_000_000))),
            machines: (Some(5), Some(9)),
        };
        let ends = CLASSES.iter().map(|class| Filters { counts: Some(*class), ..plain.clone() });
        for filters in ends.chain([plain.clone(), full]) {
            assert_eq!(Filters::of_request(Some(&filters.body().to_string())), Ok(filters));
        }
        assert!(Filters::of_request(None).is_err() && Filters::of_request(Some("{}")).is_err());
    }

    #[test]
    fn every_number_of_gpus_is_in_one_class() {
        for count in 0..40_u64 {
            let classes = CLASSES.iter().filter(|(least, most)| count >= *least && most.is_none_or(|most| count <= most)).count();
            assert_eq!(classes, 1, "{count}");
        }
    }

    #[test]
    fn bounds_are_exact_decimals_and_unverified_hosts_are_asked_for() {
        let body = Filters { prices: (Some(Nanos(246_666_667)), None), ..Filters::model("X") }.body().to_string();
        assert!(body.contains(r#""dph_total":{"gte":0.246666667}"#), "{body}");
        assert!(!body.contains("verified"), "{body}");
    }

    #[test]
    fn an_ordered_answer_is_gone_on_from_its_end_and_another_is_halved() {
        let ordered = rows((100..163).map(|cents| (format!("0.{cents}"), cents)));
        let split_of_ordered = split(&class_of_one(), &ordered).expect("can be split");
        assert!(split_of_ordered.keeps_rows);
        assert_eq!(split_of_ordered.questions[0].prices, (Some(Nanos(161_999_999)), None));
        let unordered = rows((100..163).rev().map(|cents| (format!("0.{cents}"), cents)));
        let split_of_unordered = split(&class_of_one(), &unordered).expect("can be split");
        assert!(!split_of_unordered.keeps_rows);
        let bounds: Vec<_> = split_of_unordered.questions.iter().map(|filters| filters.prices).collect();
        assert_eq!(bounds, [(None, Some(Nanos(131_000_000))), (Some(Nanos(131_000_000)), None)]);
    }

    #[test]
    fn many_machines_at_one_price_are_split_by_machine() {
        let split_of_equal = split(&class_of_one(), &rows((0..63).map(|machine| ("0.5".into(), machine)))).expect("can be split");
        let above = Some(Nanos(500_000_001));
        let shown: Vec<_> = split_of_equal.questions.iter().map(|filters| (filters.prices, filters.machines)).collect();
        assert_eq!(shown, [((None, above), (None, Some(31))), ((None, above), (Some(31), None)), ((above, None), (None, None))]);
    }

    #[test]
    fn what_cannot_be_split_is_said() {
        assert!(split(&class_of_one(), &rows((0..63).map(|_| ("0.5".into(), 7)))).is_err());
        assert!(split(&class_of_one(), &rows((0..63).map(|_| ("?".into(), 7)))).is_err());
    }
}
