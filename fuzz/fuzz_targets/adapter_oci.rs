//! The adapter of `oci`.
#![no_main]
gpurate_fuzz::adapter!("oci");
