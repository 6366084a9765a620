//! The adapter of `runpodserverless`.
#![no_main]
gpurate_fuzz::adapter!("runpodserverless");
