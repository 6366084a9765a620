//! What the fuzz targets share: an adapter asked with answers that a fuzzer made of the provider's samples, and how such
//! answers are changed. `README.md` says what each target checks.

mod adapter;
mod mutate;

pub use adapter::check;
pub use mutate::mutate;

/// The target of one adapter.
#[macro_export]
macro_rules! adapter {
    ($slug:literal) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::check($slug, data));
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate(data, size, max_size, seed)
        });
    };
}
