//! Random numbers that are the same on every platform: one stream per seed and run.
//!
//! Only times come out of here, as whole seconds. The logarithm is `libm`'s, because the one of the standard library
//! differs between platforms in its last bit.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

/// The numbers of one run.
pub(super) struct Stream(Pcg64);

impl Stream {
    /// Of the seed and the run's number alone, so that the order of the runs does not matter.
    pub(super) fn new(seed: u64, run: u32) -> Self {
        let mut state = mixed(seed) ^ u64::from(run);
        let mut half = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            u128::from(mixed(state))
        };
        Self(Pcg64::new(half() << 64 | half(), half() << 64 | half()))
    }

    /// Uniform in `0..bound`; 0 where the bound is.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// An exponential time with this mean, in seconds, before rounding.
    #[expect(clippy::float_arithmetic, reason = "a drawn time, rounded to whole seconds by its caller; no money")]
    pub(super) fn exponential(&mut self, mean_seconds: f64) -> f64 {
        // 53 bits in (0, 1]: never 0, whose logarithm is infinite.
        let uniform = ((self.0.next_u64() >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64);
        -libm::log(uniform) * mean_seconds
    }
}

/// SplitMix64's output function: near seeds give far states.
const fn mixed(seed: u64) -> u64 {
    let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
