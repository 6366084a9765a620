//! The adapter of `vultr`.
#![no_main]
gpurate_fuzz::adapter!("vultr");
