//! What Azure's size names hold: GPU, memory of the whole card, count. The price list names only the size
//! (`armSkuName`), and Microsoft's own capability data was derived wrongly by others (counts 6 and 12 for nodes of
//! eight, none at all for GB200 and GB300), so the table is kept by hand and matched whole: `B200` is part of `GB200`.
//!
//! Sources: the size tables of gpuhunt (azure.py, 2026-08-19), SkyPilot (fetch_azure.py at 0089fca) and Spare Cores
//! (_azure.py); board forms, slices and MI25's memory from <https://github.com/MicrosoftDocs/azure-compute-docs>
//! articles/virtual-machines/sizes/gpu-accelerated. A size that is not here stays unmapped under its own name.

use gpurate_domain::{GpuCount, Vram};

/// One size, without `Standard_`.
#[derive(Debug)]
pub(super) struct Size {
    name: &'static str,
    /// The GPU, in words that the GPU table reads.
    pub(super) gpu: &'static str,
    /// GiB of one whole card.
    card_gib: Option<u32>,
    /// GiB one gets, where that is less.
    usable_gib: Option<u32>,
    /// GPUs as a ratio; `None` where sources disagree or say nothing.
    count: Option<(u32, u32)>,
}

impl Size {
    pub(super) fn vram_per_gpu(&self) -> Option<Vram> {
        self.card_gib.and_then(Vram::from_marketed_gb)
    }

    pub(super) fn vram_usable(&self) -> Option<Vram> {
        self.usable_gib.and_then(Vram::from_marketed_gb)
    }

    pub(super) fn gpu_count(&self) -> Option<GpuCount> {
        self.count.and_then(|(numerator, denominator)| GpuCount::ratio(numerator, denominator))
    }
}

/// What all sizes of the GPU families begin with; other families have no GPU.
pub(super) const GPU_PREFIX: &str = "Standard_N";

/// Whether the size is of a family with GPUs. Names of resources do not differ by case at Azure.
pub(super) fn is_gpu_family(sku: &str) -> bool {
    sku.get(..GPU_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(GPU_PREFIX))
}

/// The table's row of exactly this size.
pub(super) fn find(sku: &str) -> Option<&'static Size> {
    let name = bare(sku)?;
    SIZES.iter().find(|size| size.name.eq_ignore_ascii_case(name))
}

/// Whether the series is retired: its prices are still listed, the machines cannot be had.
pub(super) fn is_retired(sku: &str) -> bool {
    let Some(name) = bare(sku) else { return false };
    name.to_ascii_lowercase().ends_with("_promo") || RETIRED.iter().any(|retired| retired.eq_ignore_ascii_case(name))
}

fn bare(sku: &str) -> Option<&str> {
    let start = "Standard_".len();
    sku.get(..start).filter(|prefix| prefix.eq_ignore_ascii_case("Standard_")).and_then(|_| sku.get(start..))
}

/// NC, NCv2, NV, NVv2, ND, and NVv4 (retired 2026-09-30 by a third party's note); every `_Promo` size as well.
const RETIRED: &[&str] = &[
    "NC6",
    "NC12",
    "NC24",
    "NC24r",
    "NC6s_v2",
    "NC12s_v2",
    "NC24s_v2",
    "NC24rs_v2",
    "NV6",
    "NV12",
    "NV24",
    "NV6s_v2",
    "NV12s_v2",
    "NV24s_v2",
    "ND6s",
    "ND12s",
    "ND24s",
    "ND24rs",
    "NV4as_v4",
    "NV8as_v4",
    "NV16as_v4",
    "NV32as_v4",
];

const fn whole(name: &'static str, gpu: &'static str, card_gib: u32, count: u32) -> Size {
    Size { name, gpu, card_gib: Some(card_gib), usable_gib: None, count: Some((count, 1)) }
}

const fn slice(name: &'static str, gpu: &'static str, card_gib: u32, (numerator, denominator): (u32, u32), usable_gib: u32) -> Size {
    Size { name, gpu, card_gib: Some(card_gib), usable_gib: Some(usable_gib), count: Some((numerator, denominator)) }
}

const fn uncounted(name: &'static str, gpu: &'static str, card_gib: u32) -> Size {
    Size { name, gpu, card_gib: Some(card_gib), usable_gib: None, count: None }
}

/// Superchips: the sources give the count, not what they call the memory of one GPU.
const fn superchip(name: &'static str, gpu: &'static str, count: u32) -> Size {
    Size { name, gpu, card_gib: None, usable_gib: None, count: Some((count, 1)) }
}

/// Azure gives at most 24 GiB of a V710, whose board has more: what one gets is known, the board is the table's.
const fn v710(name: &'static str, (numerator, denominator): (u32, u32), usable_gib: u32) -> Size {
    Size { name, gpu: "Radeon Pro V710", card_gib: None, usable_gib: Some(usable_gib), count: Some((numerator, denominator)) }
}

// Microsoft names the PCIe board of NC A100 v4 outright. Its eight-GPU ND pages say "NVLink connectivity for
// communication within the VM"; the PCIe and NVL boards join only pairs or fours, so these are SXM.
const A100_PCIE: &str = "A100 80GB PCIe";
const A100_40: &str = "A100 40GB SXM";
const A100_80: &str = "A100 80GB SXM";
const H100: &str = "H100 SXM";
const H100_NVL: &str = "H100 NVL";
const V100_NVLINK: &str = "V100 32GB SXM";
const RTX_PRO: &str = "RTX PRO 6000 Blackwell Server Edition";

const SIZES: &[Size] = &[
    whole("NC24ads_A100_v4", A100_PCIE, 80, 1),
    whole("NC48ads_A100_v4", A100_PCIE, 80, 2),
    whole("NC96ads_A100_v4", A100_PCIE, 80, 4),
    // gpuhunt halves the card of the smallest size, SkyPilot calls the whole series full cards.
    uncounted("NC8ads_A10_v4", "A10", 24),
    whole("NC16ads_A10_v4", "A10", 24, 1),
    whole("NC32ads_A10_v4", "A10", 24, 2),
    whole("NC4as_T4_v3", "T4", 16, 1),
    whole("NC8as_T4_v3", "T4", 16, 1),
    whole("NC16as_T4_v3", "T4", 16, 1),
    whole("NC64as_T4_v3", "T4", 16, 4),
    // Retired, and still listed: the source names the card, not how much of it.
    Size { name: "NC6_Promo", gpu: "K80", card_gib: None, usable_gib: None, count: None },
    // The board's form is not said for NCv3: the name stays ambiguous.
    whole("NC6s_v3", "Tesla V100", 16, 1),
    whole("NC12s_v3", "Tesla V100", 16, 2),
    whole("NC24s_v3", "Tesla V100", 16, 4),
    whole("NC24rs_v3", "Tesla V100", 16, 4),
    whole("NC40ads_H100_v5", H100_NVL, 94, 1),
    whole("NC80adis_H100_v5", H100_NVL, 94, 2),
    // Confidential machines: another size, so never mixed with the plain one.
    whole("NCC40ads_H100_v5", H100_NVL, 94, 1),
    whole("ND96asr_v4", A100_40, 40, 8),
    whole("ND96asr_A100_v4", A100_40, 40, 8),
    whole("ND96ams_A100_v4", A100_80, 80, 8),
    whole("ND96amsr_A100_v4", A100_80, 80, 8),
    whole("ND40rs_v2", V100_NVLINK, 32, 8),
    whole("ND96is_H100_v5", H100, 80, 8),
    whole("ND96isr_H100_v5", H100, 80, 8),
    whole("ND96isrf_H100_v5", H100, 80, 8),
    whole("ND96is_flex_H100_v5", H100, 80, 8),
    whole("ND96is_noIB_H100_v5", H100, 80, 8),
    whole("ND96isr_H200_v5", "H200 SXM", 141, 8),
    whole("ND96is_MI300X_v5", "MI300X", 192, 8),
    whole("ND96isr_MI300X_v5", "MI300X", 192, 8),
    superchip("ND128isr_NDR_GB200_v6", "GB200", 4),
    superchip("ND128isr_GB300_v6", "GB300", 4),
    slice("NV6ads_A10_v5", "A10", 24, (1, 6), 4),
    slice("NV12ads_A10_v5", "A10", 24, (1, 3), 8),
    slice("NV18ads_A10_v5", "A10", 24, (1, 2), 12),
    whole("NV36ads_A10_v5", "A10", 24, 1),
    whole("NV36adms_A10_v5", "A10", 24, 1),
    whole("NV72ads_A10_v5", "A10", 24, 2),
    // Microsoft's pages write these with `_v1`, price lists without it.
    slice("NG8ads_V620", "Radeon Pro V620", 32, (1, 4), 8),
    slice("NG8ads_V620_v1", "Radeon Pro V620", 32, (1, 4), 8),
    slice("NG16ads_V620", "Radeon Pro V620", 32, (1, 2), 16),
    slice("NG16ads_V620_v1", "Radeon Pro V620", 32, (1, 2), 16),
    whole("NG32ads_V620", "Radeon Pro V620", 32, 1),
    whole("NG32ads_V620_v1", "Radeon Pro V620", 32, 1),
    whole("NG32adms_V620", "Radeon Pro V620", 32, 1),
    whole("NG32adms_V620_v1", "Radeon Pro V620", 32, 1),
    v710("NV4ads_V710_v5", (1, 6), 4),
    v710("NV8ads_V710_v5", (1, 3), 8),
    v710("NV12ads_V710_v5", (1, 2), 12),
    v710("NV24ads_V710_v5", (1, 1), 24),
    v710("NV28adms_V710_v5", (1, 1), 24),
    slice("NV4as_v4", "Radeon Instinct MI25", 16, (1, 8), 2),
    slice("NV8as_v4", "Radeon Instinct MI25", 16, (1, 4), 4),
    slice("NV16as_v4", "Radeon Instinct MI25", 16, (1, 2), 8),
    whole("NV32as_v4", "Radeon Instinct MI25", 16, 1),
    whole("NV12s_v3", "Tesla M60", 8, 1),
    whole("NV24s_v3", "Tesla M60", 8, 2),
    whole("NV48s_v3", "Tesla M60", 8, 4),
    // Microsoft's page (nc-rtxpro6000-bse-v6-series.md at 0277390) gives the count of the three largest sizes only; the
    // smaller ones are shares from a quarter upward whose split was not found.
    whole("NC128ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 1),
    whole("NC128lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 1),
    whole("NC256ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 2),
    whole("NC256lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 2),
    whole("NC320ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 2),
    whole("NC320lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96, 2),
    uncounted("NC16lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC24lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC32ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC32lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC36ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC36lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC64ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC64lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC72ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC72lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC144ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC144lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC288ds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
    uncounted("NC288lds_xl_RTXPRO6000BSE_v6", RTX_PRO, 96),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gpurate_domain::{GpuMatch, GpuTable};

    use super::*;

    #[test]
    fn d28_every_size_of_the_table_is_a_gpu_family_and_means_a_known_part() {
        let table = GpuTable::builtin();
        for size in SIZES {
            assert!(is_gpu_family(&format!("Standard_{}", size.name)), "{}", size.name);
            match table.resolve(size.gpu, size.vram_per_gpu()) {
                GpuMatch::Known(_) => {}
                GpuMatch::Ambiguous { family } => assert_eq!((family.as_str(), size.gpu), ("V100", "Tesla V100"), "{}", size.name),
                other => panic!("{}: {other:?}", size.name),
            }
        }
        let names: BTreeSet<_> = SIZES.iter().map(|size| size.name.to_ascii_lowercase()).collect();
        assert_eq!(names.len(), SIZES.len(), "a size stands twice in the table");
    }

    #[test]
    fn d12_a_slice_is_a_ratio_and_its_memory_is_scaled() {
        for size in SIZES {
            if let (Some(card), Some(usable), Some((numerator, denominator))) = (size.card_gib, size.usable_gib, size.count) {
                assert_eq!(usable * denominator, card * numerator, "{}", size.name);
            }
            let is_slice = size.gpu_count().is_some_and(GpuCount::is_slice);
            assert!(!is_slice || size.usable_gib.is_some(), "{}", size.name);
        }
        let sixth = find("Standard_NV6ads_A10_v5").and_then(Size::gpu_count).map(|count| count.to_string());
        assert_eq!(sixth.as_deref(), Some("1/6"));
    }

    #[test]
    fn a_size_is_matched_whole_and_by_any_case() {
        assert_eq!(find("Standard_ND128isr_NDR_GB200_v6").map(|size| size.gpu), Some("GB200"));
        assert_eq!(find("standard_nc40ads_h100_v5").map(|size| size.gpu), Some("H100 NVL"));
        for unknown in ["Standard_ND128isr_NDR_B200_v6", "Standard_NC24ads_A100_v5", "NC24ads_A100_v4", "Standard_", "", "Standard_NÄ"] {
            assert!(find(unknown).is_none(), "{unknown}");
        }
        for (sku, expected) in
            [("Standard_NV36ads_A10_v5", true), ("standard_nc6", true), ("Standard_D2s_v5", false), ("Standärd_N", false)]
        {
            assert_eq!(is_gpu_family(sku), expected, "{sku}");
        }
    }

    #[test]
    fn sources_that_disagree_leave_the_count_unknown() {
        let size = find("Standard_NC8ads_A10_v4").expect("in the table");
        assert_eq!((size.gpu, size.gpu_count()), ("A10", None));
    }

    #[test]
    fn retired_series_are_known_by_name() {
        for sku in
            ["Standard_NC6_Promo", "Standard_NV6_Promo", "Standard_NC24r", "Standard_NC6s_v2", "Standard_ND24rs", "Standard_NV16as_v4"]
        {
            assert!(is_retired(sku), "{sku}");
        }
        for sku in ["Standard_NC6s_v3", "Standard_NC4as_T4_v3", "Standard_NV6ads_A10_v5", "Standard_ND40rs_v2"] {
            assert!(!is_retired(sku), "{sku}");
        }
    }
}
