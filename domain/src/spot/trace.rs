//! A record of when a spot machine could be had, step by step.
//!
//! The format is that of the traces behind "Can't Be Late" (NSDI 24; GitHub `skypilot-org/spot-traces`: `README.md`):
//! `{"metadata": {"gap_seconds": 600}, "data": [0, 1, ...]}`. In the traces of one machine **0 is available and 1 is
//! not**: the paper's simulator takes the machine away where the point is not 0 (GitHub
//! `Michaelvll/skypilot-spot-strategy`: `sky_spot/env.py`, `TraceEnv.spot_available`), although that README speaks of
//! "the number of available instances". For traces of several machines the points are such numbers, with the opposite
//! sense; anything but 0 and 1 is refused, so that these are not misread.

use serde::Deserialize;

/// When a machine could be had. At the end it begins anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    step_seconds: u64,
    available: Vec<bool>,
    /// Steps until the answer changes, counted from each step on, around the end; [`Self::NEVER`] where it never does.
    until_change: Vec<u32>,
}

/// A trace that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// Not the format.
    #[error("not a trace ({0}); write it as `{{\"metadata\": {{\"gap_seconds\": 600}}, \"data\": [0, 1]}}`")]
    Format(#[from] serde_json::Error),
    /// A step of no time, or a too long one.
    #[error("`gap_seconds` is `{0}`; give the seconds between two points, from 1 to {max}", max = Trace::MOST_STEP_SECONDS)]
    Step(u64),
    /// No points, or too many.
    #[error("`data` has `{0}` points; give from 1 to {max}, or cut the trace into parts", max = Trace::MOST_POINTS)]
    Points(usize),
    /// Something else than 0 and 1.
    #[error(
        "`data[{index}]` is `{value}`; a point is 0 where the machine could be had and 1 where not: of a trace that counts machines, make one for the number wanted"
    )]
    Value {
        /// Which point, from 0.
        index: usize,
        /// What stands there.
        value: i64,
    },
    /// No machine is ever to be had.
    #[error("every point of `data` is 1, so no machine could ever be had; give a trace with at least one 0")]
    NeverAvailable,
}

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    data: Vec<i64>,
}

#[derive(Deserialize)]
struct Metadata {
    gap_seconds: u64,
}

impl Trace {
    /// The most points.
    pub const MOST_POINTS: usize = 1_000_000;
    /// The longest step: a day.
    pub const MOST_STEP_SECONDS: u64 = 86_400;
    const NEVER: u32 = u32::MAX;

    /// Reads a trace file. The memory it takes is in proportion to the text, which the caller bounds.
    ///
    /// # Errors
    /// [`TraceError`] where the text is not the format, out of bounds, or never available.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let file: File = serde_json::from_str(text)?;
        if file.data.len() > Self::MOST_POINTS {
            return Err(TraceError::Points(file.data.len()));
        }
        let point = |(index, value): (usize, &i64)| match value {
            0 => Ok(true),
            1 => Ok(false),
            value => Err(TraceError::Value { index, value: *value }),
        };
        let available = file.data.iter().enumerate().map(point).collect::<Result<_, _>>()?;
        Self::new(file.metadata.gap_seconds, available)
    }

    /// A trace of these steps, each saying whether a machine can be had.
    ///
    /// # Errors
    /// [`TraceError`] where it is out of bounds or never available.
    pub fn new(step_seconds: u64, available: Vec<bool>) -> Result<Self, TraceError> {
        if !(1..=Self::MOST_STEP_SECONDS).contains(&step_seconds) {
            return Err(TraceError::Step(step_seconds));
        }
        if !(1..=Self::MOST_POINTS).contains(&available.len()) {
            return Err(TraceError::Points(available.len()));
        }
        if !available.contains(&true) {
            return Err(TraceError::NeverAvailable);
        }
        let mut until_change = vec![Self::NEVER; available.len()];
        if available.contains(&false) {
            // Twice around, backwards: the second time the steps before the end know what follows them.
            let mut steps = 0;
            let mut next = available[0];
            for index in (0..available.len()).rev().chain((0..available.len()).rev()) {
                steps = if available[index] == next { steps + 1 } else { 1 };
                next = available[index];
                until_change[index] = steps;
            }
        }
        Ok(Self { step_seconds, available, until_change })
    }

    /// The seconds of one round.
    pub fn seconds(&self) -> u64 {
        self.step_seconds * self.available.len() as u64
    }

    /// How often an available machine is taken away, per hour, in millionths: what a constant hazard would be called
    /// that takes it away as often.
    pub fn evictions_per_hour_ppm(&self) -> u64 {
        let available = self.available.iter().filter(|available| **available).count() as u64 * self.step_seconds;
        (self.evictions() * 3_600_000_000).checked_div(available).unwrap_or(0)
    }

    /// How long one waits after an eviction, on average.
    pub fn mean_wait_seconds(&self) -> u64 {
        let missing = self.available.iter().filter(|available| !**available).count() as u64 * self.step_seconds;
        missing.checked_div(self.evictions()).unwrap_or(0)
    }

    /// Times that an available machine is not in the next step, around the end.
    fn evictions(&self) -> u64 {
        let next = self.available.iter().cycle().skip(1);
        self.available.iter().zip(next).filter(|(now, next)| **now && !**next).count() as u64
    }

    /// The share of the steps in which a machine could be had, in millionths, rounded down.
    pub fn available_ppm(&self) -> u32 {
        let available = self.available.iter().filter(|available| **available).count();
        u32::try_from(available * 1_000_000 / self.available.len()).unwrap_or(u32::MAX)
    }

    /// At this second of the round: whether a machine can be had, and how many seconds that stays so.
    pub(super) fn at(&self, second: u64) -> (bool, u64) {
        let index = usize::try_from(second / self.step_seconds).unwrap_or(usize::MAX);
        let steps = self.until_change[index];
        let seconds = if steps == Self::NEVER { u64::MAX } else { u64::from(steps) * self.step_seconds - second % self.step_seconds };
        (self.available[index], seconds)
    }
}
