//! Drawings: numbers to places on a canvas, for the SVG templates. Whole numbers only; the figures themselves are the
//! view's. An axis of prices begins at 0, so that a step looks as large as it is.

use chrono::{DateTime, Utc};

use super::words::Lang;

/// Width and height of a canvas, in its own units.
const WIDTH: i64 = 720;
const HEIGHT: i64 = 240;
/// Room for the labels on the left, below, on the right and above.
const LEFT: i64 = 70;
const BOTTOM: i64 = 30;
const RIGHT: i64 = 30;
const TOP: i64 = 12;
/// A line below this width is hard to see.
const SHORT: i64 = 6;

/// A label on an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Place along the axis.
    pub at: i64,
    /// What is written there.
    pub label: String,
}

/// Something that holds from one moment to another: `None` is a gap.
pub type Step = (DateTime<Utc>, DateTime<Utc>, Option<i64>);

/// The same of two values, the lower one first.
pub type BandStep = (DateTime<Utc>, DateTime<Utc>, Option<(i64, i64)>);

/// Writes a label: of a value, on an axis of such steps.
pub type Label<'a> = &'a dyn Fn(i64, i64) -> String;

/// A point: across, up, class in the style sheet, words.
pub type Mark = (i64, i64, &'static str, String);

/// One line of a chart in steps.
pub struct Series {
    /// Class in the style sheet.
    pub class: &'static str,
    /// In order.
    pub points: Vec<Step>,
    /// What lies behind the line, in order; empty: nothing.
    pub band: Vec<BandStep>,
}

/// A path with its class.
#[derive(Clone, Debug)]
pub struct Path {
    /// Class in the style sheet.
    pub class: &'static str,
    /// `d` of the path.
    pub d: String,
}

/// A point with its class and words.
#[derive(Clone, Debug)]
pub struct Dot {
    /// From the left.
    pub x: i64,
    /// From above.
    pub y: i64,
    /// Class in the style sheet.
    pub class: &'static str,
    /// What is said of it.
    pub label: String,
}

/// Axes with lines and points.
#[derive(Clone, Debug)]
pub struct StepChart {
    /// From below.
    pub ys: Vec<Tick>,
    /// From the left.
    pub xs: Vec<Tick>,
    /// Bands behind the lines.
    pub bands: Vec<Path>,
    /// Lines.
    pub paths: Vec<Path>,
    /// Points.
    pub dots: Vec<Dot>,
}

/// A scale from 0 to the first round number at or above the most.
struct Scale {
    top: i128,
    step: i128,
}

impl Scale {
    /// At most five steps of 1, 2 or 5 times a power of ten of `unit`.
    fn of(most: i64, unit: i64) -> Self {
        let most = i128::from(most.max(1));
        let mut power = i128::from(unit.max(1));
        while power * 50 < most {
            power *= 10;
        }
        let step = [1, 2, 5, 10].into_iter().map(|factor| factor * power).find(|step| step * 5 >= most).unwrap_or(power * 10);
        Self { top: (most + step - 1) / step * step, step }
    }

    /// What lies between two labels.
    fn step(&self) -> i64 {
        i64::try_from(self.step).unwrap_or(i64::MAX)
    }

    fn values(&self) -> impl Iterator<Item = i64> + '_ {
        (0..=self.top / self.step).filter_map(|number| i64::try_from(number * self.step).ok())
    }

    /// Place of a value on so many units.
    fn place(&self, value: i64, units: i64) -> i64 {
        i64::try_from(i128::from(value.max(0)) * i128::from(units) / self.top).unwrap_or(0)
    }
}

fn y(scale: &Scale, value: i64) -> i64 {
    HEIGHT - BOTTOM - scale.place(value, HEIGHT - BOTTOM - TOP)
}

impl StepChart {
    /// Width of the canvas.
    pub const WIDTH: i64 = WIDTH;
    /// Height of the canvas.
    pub const HEIGHT: i64 = HEIGHT;
    /// Where the axis of time begins.
    pub const LEFT: i64 = LEFT;
    /// Where it ends.
    pub const RIGHT: i64 = WIDTH - RIGHT;
    /// Where it lies.
    pub const BASE: i64 = HEIGHT - BOTTOM;

    /// Lines in steps over a window of time; `None` where nothing is known in it.
    pub fn new(lang: Lang, series: &[Series], window: (DateTime<Utc>, DateTime<Utc>), label: Label<'_>) -> Option<Self> {
        let known = series.iter().flat_map(|series| series.points.iter().filter_map(|point| point.2));
        let banded = series.iter().flat_map(|series| series.band.iter().filter_map(|step| step.2.map(|(_, high)| high)));
        let scale = Scale::of(known.max()?.max(banded.max().unwrap_or(0)), 1);
        let (since, until) = (window.0.timestamp(), window.1.timestamp());
        let seconds = (until - since).max(1);
        let x = |moment: DateTime<Utc>| {
            let at = (moment.timestamp() - since).clamp(0, seconds);
            LEFT + at * (WIDTH - LEFT - RIGHT) / seconds
        };
        let mut dots = Vec::new();
        let paths = series.iter().map(|series| {
            let mut d = String::new();
            let mut last: Option<(i64, i64)> = None;
            for (place, (from, until, value)) in series.points.iter().enumerate() {
                let Some(value) = value else {
                    last = None;
                    continue;
                };
                // A price that held for less than a unit is still seen.
                let (x1, y1) = (x(*from), y(&scale, *value));
                let x2 = x(*until).max(x1 + 1);
                match last {
                    // As before: the line goes on.
                    Some((_, y)) if y == y1 => d.push_str(&format!("H{x2}")),
                    Some(_) => d.push_str(&format!("V{y1}H{x2}")),
                    None => d.push_str(&format!("M{x1} {y1}H{x2}")),
                }
                // A line too short to see gets a dot.
                let ends = series.points.get(place + 1).is_none_or(|next| next.2.is_none());
                if last.is_none() && ends && x2 - x1 < SHORT {
                    dots.push(Dot { x: x2, y: y1, class: series.class, label: label(*value, 1_000_000) });
                }
                last = Some((x2, y1));
            }
            Path { class: series.class, d }
        });
        let paths = paths.filter(|path| !path.d.is_empty()).collect();
        let bands = series.iter().map(|series| Path { class: series.class, d: band(&series.band, x, |value| y(&scale, value)) });
        let bands = bands.filter(|path| !path.d.is_empty()).collect();
        let ys = scale.values().map(|value| Tick { at: y(&scale, value), label: label(value, scale.step()) }).collect();
        Some(Self { ys, xs: times(lang, since, seconds), bands, paths, dots })
    }

    /// Points of two whole numbers each, and lines. Both axes begin at 0; labels across stand at multiples of `unit`.
    pub fn scatter(points: &[Mark], lines: &[(&'static str, Vec<(i64, i64)>)], unit: i64, labels: (Label<'_>, Label<'_>)) -> Option<Self> {
        let lined = || lines.iter().flat_map(|(_, points)| points.iter().copied());
        let most_x = points.iter().map(|point| point.0).chain(lined().map(|point| point.0)).max()?;
        let most_y = points.iter().map(|point| point.1).chain(lined().map(|point| point.1)).max()?;
        let (across, up) = (Scale::of(most_x, unit), Scale::of(most_y, 1));
        let x = |value: i64| LEFT + across.place(value, WIDTH - LEFT - RIGHT);
        let path = |(class, points): &(&'static str, Vec<(i64, i64)>)| {
            let mut d = String::new();
            for (place, (at, value)) in points.iter().enumerate() {
                d.push_str(&format!("{}{} {}", if place == 0 { 'M' } else { 'L' }, x(*at), y(&up, *value)));
            }
            Path { class, d }
        };
        let dot = |(at, value, class, label): &Mark| Dot { x: x(*at), y: y(&up, *value), class, label: label.clone() };
        Some(Self {
            ys: up.values().map(|value| Tick { at: y(&up, value), label: labels.1(value, up.step()) }).collect(),
            xs: across.values().map(|value| Tick { at: x(value), label: labels.0(value, across.step()) }).collect(),
            bands: Vec::new(),
            paths: lines.iter().map(path).collect(),
            dots: points.iter().map(dot).collect(),
        })
    }
}

/// Areas between two values, one per stretch without a gap: along the upper one, and back along the lower one.
fn band(steps: &[BandStep], x: impl Fn(DateTime<Utc>) -> i64, y: impl Fn(i64) -> i64) -> String {
    let mut d = String::new();
    for stretch in steps.split(|step| step.2.is_none()) {
        let known: Vec<(i64, i64, i64, i64)> =
            stretch.iter().filter_map(|(from, until, ends)| ends.map(|(low, high)| (x(*from), x(*until), y(low), y(high)))).collect();
        let Some((first, .., high)) = known.first().copied() else { continue };
        d.push_str(&format!("M{first} {high}"));
        for (_, until, _, high) in &known {
            d.push_str(&format!("V{high}H{until}"));
        }
        for (from, _, low, _) in known.iter().rev() {
            d.push_str(&format!("V{low}H{from}"));
        }
        d.push('Z');
    }
    d
}

/// Labels of an axis of time: hours of a day, or days.
fn times(lang: Lang, since: i64, seconds: i64) -> Vec<Tick> {
    const STEPS: [i64; 13] =
        [60, 300, 900, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400, 90 * 86_400];
    let step = STEPS.into_iter().find(|step| seconds / step <= 7).unwrap_or(365 * 86_400);
    let first = since.div_euclid(step) * step + step;
    let moments = (0..8).map(|number| first + number * step).take_while(|moment| *moment <= since + seconds);
    let label = |moment: i64| {
        let moment = DateTime::from_timestamp(moment, 0).unwrap_or_default();
        let day = || super::figures::day(lang, moment.date_naive());
        if step < 86_400 { moment.format("%H:%M").to_string() } else { day().rsplit_once(' ').map_or_else(day, |(day, _)| day.to_owned()) }
    };
    moments.map(|moment| Tick { at: LEFT + (moment - since) * (WIDTH - LEFT - RIGHT) / seconds, label: label(moment) }).collect()
}

/// A piece of a bar.
#[derive(Clone, Debug)]
pub struct Piece {
    /// From the left.
    pub x: i64,
    /// How wide.
    pub width: i64,
    /// Class in the style sheet.
    pub class: &'static str,
    /// What is said of it.
    pub label: String,
}

/// Units of a bar's canvas.
pub const BAR_WIDTH: i64 = 1_000;

/// A bar of amounts, of which `most` fills the canvas. What is taken off has no piece: the line of the total shows it.
pub fn bar(amounts: &[(i64, &'static str, String)], most: i64) -> Vec<Piece> {
    let most = i128::from(most.max(1));
    let place = |sum: i128| i64::try_from(sum * i128::from(BAR_WIDTH) / most).unwrap_or(BAR_WIDTH);
    let mut sum = 0;
    let mut pieces = Vec::new();
    for (amount, class, label) in amounts.iter().filter(|(amount, ..)| *amount > 0) {
        let x = place(sum);
        sum += i128::from(*amount);
        pieces.push(Piece { x, width: place(sum) - x, class, label: label.clone() });
    }
    pieces
}

/// Stretches of time along a bar that `whole` fills, one path for each class: where it begins, how long it is, its class.
pub fn spans(spans: impl Iterator<Item = (u64, u64, &'static str)>, whole: u64) -> Vec<Path> {
    let place = |at: u64| u128::from(at) * BAR_WIDTH as u128 / u128::from(whole.max(1));
    let mut paths: Vec<Path> = Vec::new();
    for (begin, long, class) in spans {
        let (from, until) = (place(begin), place(begin + long));
        let d = format!("M{from} 2H{until}V22H{from}Z");
        match paths.iter_mut().find(|path| path.class == class) {
            Some(path) => path.d.push_str(&d),
            None => paths.push(Path { class, d }),
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_scale_is_round_begins_at_nothing_and_holds_the_most() {
        for (most, top, count) in [
            (1, 1, 2),
            (5, 5, 6),
            (7, 8, 5),
            (340_000_000, 400_000_000, 5),
            (1_000_000_000, 1_000_000_000, 6),
            (i64::MAX, 10_000_000_000_000_000_000, 5),
        ] {
            let scale = Scale::of(most, 1);
            assert!(scale.top >= i128::from(most) && scale.top == top, "{most}: {}", scale.top);
            assert_eq!(scale.values().count(), count, "{most}");
            assert_eq!((scale.place(0, 100), scale.place(-5, 100)), (0, 0));
        }
    }

    #[test]
    fn a_line_goes_in_steps_and_a_gap_breaks_it() {
        let hour = |hour: u32| at(&format!("2026-11-20T{hour:02}:00:00Z"));
        let points =
            vec![(hour(0), hour(4), Some(10)), (hour(4), hour(8), Some(20)), (hour(8), hour(12), None), (hour(12), hour(16), Some(20))];
        let chart = StepChart::new(Lang::En, &[Series { class: "s1", points, band: Vec::new() }], (hour(0), hour(16)), &|value, _| {
            value.to_string()
        })
        .expect("a chart");
        let d = &chart.paths[0].d;
        assert_eq!(d.matches('M').count(), 2, "{d}");
        assert_eq!(*d, format!("M{LEFT} 111H225V12H380M535 12H690"));
        assert!(chart.xs.iter().any(|tick| tick.label == "12:00"), "{:?}", chart.xs);
        assert!(StepChart::new(Lang::En, &[], (hour(0), hour(1)), &|value, _| value.to_string()).is_none(), "nothing known, nothing drawn");
    }

    #[test]
    fn a_band_goes_there_and_back_and_a_gap_parts_it() {
        let hour = |hour: u32| at(&format!("2026-11-20T{hour:02}:00:00Z"));
        let steps = [
            (hour(0), hour(4), Some((10, 20))),
            (hour(4), hour(8), Some((12, 24))),
            (hour(8), hour(12), None),
            (hour(12), hour(16), Some((1, 2))),
        ];
        let hours = |moment: DateTime<Utc>| (moment - hour(0)).num_hours();
        assert_eq!(band(&steps, hours, |value| 100 - value), "M0 80V80H4V76H8V88H4V90H0ZM12 98V98H16V99H12Z");
    }

    #[test]
    fn pieces_of_a_bar_touch_and_what_is_taken_off_has_none() {
        let amounts = [(300, "a", "x".to_owned()), (-50, "b", "y".to_owned()), (200, "c", "z".to_owned())];
        let pieces = bar(&amounts, 1_000);
        assert_eq!(pieces.iter().map(|piece| (piece.x, piece.width)).collect::<Vec<_>>(), [(0, 300), (300, 200)]);
    }
    #[test]
    fn stretches_of_a_kind_are_one_path_and_lie_where_their_time_is() {
        let paths = spans([(0, 60, "a"), (60, 30, "b"), (90, 10, "a")].into_iter(), 100);
        assert_eq!(
            paths.iter().map(|path| (path.class, &*path.d)).collect::<Vec<_>>(),
            [("a", "M0 2H600V22H0ZM900 2H1000V22H900Z"), ("b", "M600 2H900V22H600Z"),]
        );
    }
}
