//! A GPU's name in foreign words, and what it means: always something, always the same.
#![no_main]

use std::sync::LazyLock;

use gpurate_domain::gpu::{fold_name, slug_of};
use gpurate_domain::{GpuMatch, GpuTable, Vram};

static TABLE: LazyLock<GpuTable> = LazyLock::new(GpuTable::builtin);

libfuzzer_sys::fuzz_target!(|question: (u64, &str)| {
    let (bytes, name) = question;
    let vram = Vram::from_bytes(bytes);
    let meaning = TABLE.resolve(name, vram);
    assert_eq!(meaning, TABLE.resolve(name, vram));
    if let GpuMatch::Known(index) = meaning {
        let gpu = TABLE.gpu(index);
        assert_eq!(TABLE.by_slug(&gpu.slug), Some(index));
        if let (Some(said), Some(nominal)) = (vram, gpu.vram()) {
            assert!(said.may_be(nominal), "`{name}` with {} GiB is no {}", said.gib_text(), gpu.slug);
        }
    }
    assert_eq!(fold_name(&fold_name(name)), fold_name(name));
    assert_eq!(slug_of(&slug_of(name)), slug_of(name));
    assert!(TABLE.find(name).iter().all(|index| *index < TABLE.gpus().len()));
    let _any = TABLE.family(name);
});
