//! The adapter of `aws`.
#![no_main]
gpurate_fuzz::adapter!("aws");
