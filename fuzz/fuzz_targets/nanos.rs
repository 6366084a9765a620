//! `Nanos` from text: what is read is written and read back as the same.
#![no_main]

use gpurate_domain::Nanos;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match text.parse::<Nanos>() {
        Ok(number) => assert_eq!(number.to_string().parse::<Nanos>(), Ok(number)),
        Err(error) => assert!(error.to_string().chars().count() < 100, "quotes too much: {error}"),
    }
});
