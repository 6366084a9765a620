//! The adapter of `example`.
#![no_main]
gpurate_fuzz::adapter!("example");
