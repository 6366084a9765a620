//! The adapter of `azure`.
#![no_main]
gpurate_fuzz::adapter!("azure");
