//! The adapter that `GPURATE_FUZZ_ADAPTER` names by its slug; `fuzz/run adapter_SLUG` sets it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gpurate_fuzz::check(gpurate_fuzz::adapter(), data));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    gpurate_fuzz::mutate(data, size, max_size, seed)
});
