//! The adapter of `ecb`.
#![no_main]
gpurate_fuzz::adapter!("ecb");
