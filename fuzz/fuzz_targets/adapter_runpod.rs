//! The adapter of `runpod`.
#![no_main]
gpurate_fuzz::adapter!("runpod");
