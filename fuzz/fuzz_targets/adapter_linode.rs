//! The adapter of `linode`.
#![no_main]
gpurate_fuzz::adapter!("linode");
