//! The adapter of `lium`.
#![no_main]
gpurate_fuzz::adapter!("lium");
