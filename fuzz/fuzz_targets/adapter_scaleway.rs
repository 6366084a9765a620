//! The adapter of `scaleway`.
#![no_main]
gpurate_fuzz::adapter!("scaleway");
