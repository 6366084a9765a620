//! The row of not renting: a card of one's own, written off and fed with electricity.

use gpurate_domain::bill::{Line, LineKind, Quantity};

use super::plan::{OwnCard, PlanError, Resolved};
use super::rank::card;
use super::view::Own;

/// Hours of a month of writing off: a twelfth of a year.
const MONTH_SECONDS: u64 = 365 * 24 / 12 * 3600;

/// What the plan costs on the plan's own card.
///
/// # Errors
/// Where the card cannot do the work or nobody says how fast.
pub(super) fn row(plan: &Resolved) -> Result<Option<Own>, PlanError> {
    let Some(own) = plan.own_card else { return Ok(None) };
    let error =
        |why: String| PlanError { key: "own_card".to_owned(), message: format!("the work cannot be done on {}: {why}", own.gpu.name) };
    let vram = own.gpu.vram().ok_or_else(|| error("its memory is not known".to_owned()))?;
    let card = card(plan, own.gpu, vram)?.map_err(error)?;
    let work = |images: u64, (low, high): (u64, u64), (session_low, session_high): (u64, u64)| {
        ((images * low + session_low).div_ceil(1000), (images * high + session_high).div_ceil(1000))
    };
    let (mut fast, mut slow, mut looking) = (0, 0, 0);
    for session in &plan.sessions {
        let (low, high) = work(session.images, card.work.image_milliseconds, card.work.session_milliseconds);
        fast += session.count * low;
        slow += session.count * high;
        looking += session.count * session.looking_seconds;
    }
    let lines_of = |computing: u64| lines(&own, plan, computing + looking);
    let sum = |lines: &[Line]| lines.iter().fold(0_i64, |sum, line| sum.saturating_add(line.amount_nanos));
    let (low, lines) = (sum(&lines_of(fast)), lines_of(slow));
    Ok(Some(Own { name: own.gpu.name.clone(), low, high: sum(&lines), waited: slow, basis: card.basis, lines }))
}

/// The machine draws its watts also while one looks: an upper bound, said in `docs/simulator.md`.
fn lines(own: &OwnCard, plan: &Resolved, running_seconds: u64) -> Vec<Line> {
    let rounded = |numerator: i128, denominator: u64| {
        let denominator = i128::from(denominator.max(1));
        i64::try_from((numerator + denominator / 2) / denominator).unwrap_or(i64::MAX)
    };
    let month = rounded(i128::from(own.price_nanos), own.months);
    let written_off = rounded(i128::from(own.price_nanos) * i128::from(plan.horizon_seconds), own.months * MONTH_SECONDS);
    let watt_hours = own.watts.saturating_mul(running_seconds) / 3600;
    let electricity = rounded(i128::from(own.kwh_nanos) * i128::from(own.watts) * i128::from(running_seconds), 3_600_000);
    vec![
        Line {
            kind: LineKind::WriteOff,
            quantity: Quantity::Time { seconds: plan.horizon_seconds },
            unit_price_nanos: month / i64::try_from(MONTH_SECONDS / 3600).unwrap_or(730),
            amount_nanos: written_off,
        },
        Line {
            kind: LineKind::Electricity,
            quantity: Quantity::Energy { watt_hours },
            unit_price_nanos: own.kwh_nanos,
            amount_nanos: electricity,
        },
    ]
}
