//! The adapter of `akash`.
#![no_main]
gpurate_fuzz::adapter!("akash");
