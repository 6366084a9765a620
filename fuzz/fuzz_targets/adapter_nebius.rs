//! The adapter of `nebius`.
#![no_main]
gpurate_fuzz::adapter!("nebius");
