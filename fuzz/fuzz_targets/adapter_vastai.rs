//! The adapter of `vastai`.
#![no_main]
gpurate_fuzz::adapter!("vastai");
