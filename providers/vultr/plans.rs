//! What plans hold that do not say it: dedicated GPU machines (`vdm`) and, in older answers, bare metal leave out the GPU
//! fields. Only what an answer lacks is taken from here.
//!
//! Source: the tables of dstackai/gpuhunt src/gpuhunt/providers/vultr.py and SpareCores/sc-crawler vendors/_vultr.py, read
//! 2026-11-25. They disagree on `vcg-mi325x-252c-2872g-1536vram` (8 and 6 cards), so how many it has stays unknown.

/// A plan's GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gpus {
    /// The card, in the words of `gpu_type`.
    pub(super) name: &'static str,
    /// How many; `None` where sources disagree.
    pub(super) count: Option<u32>,
    /// Memory of one card.
    pub(super) gib_per_gpu: u32,
}

/// What is known of a plan.
pub(super) fn find(id: &str) -> Option<Gpus> {
    let (name, count, gib_per_gpu) = match id {
        "vcg-a16-6c-64g-16vram" => ("NVIDIA_A16", 1, 16),
        "vcg-a16-96c-878g-256vram" | "vcg-a16-96c-960g-256vram" => ("NVIDIA_A16", 16, 16),
        "vcg-a40-24c-120g-48vram" => ("NVIDIA_A40", 1, 48),
        "vcg-a40-96c-480g-192vram" => ("NVIDIA_A40", 4, 48),
        "vcg-a100-12c-120g-80vram" => ("NVIDIA_A100", 1, 80),
        "vcg-a100-96c-896g-320vram" | "vbm-48c-1024gb-4-a100-gpu" => ("NVIDIA_A100", 4, 80),
        "vcg-a100-96c-960g-640vram" | "vbm-112c-2048gb-8-a100-gpu" => ("NVIDIA_A100", 8, 80),
        "vcg-h100-216c-1914gb-640vram" | "vbm-112c-2048gb-8-h100-gpu" => ("NVIDIA_H100", 8, 80),
        // The id says L40 and the card is an L40S.
        "vbm-64c-2048gb-8-l40-gpu" => ("NVIDIA_L40S", 8, 48),
        "vbm-72c-480gb-gh200-gpu" => ("NVIDIA_GH200", 1, 96),
        "vcg-b200-248c-2826g-1536vram" | "vbm-256c-3072gb-8-b200-gpu" => ("NVIDIA_B200", 8, 192),
        "vbm-256c-2048gb-8-mi300x-gpu" => ("AMD_MI300X", 8, 192),
        "vbm-256c-3072gb-8-mi325x-gpu" => ("AMD_MI325X", 8, 256),
        "vcg-mi325x-252c-2872g-1536vram" => return Some(Gpus { name: "AMD_MI325X", count: None, gib_per_gpu: 256 }),
        "vcg-mi355x-252c-2872g-2304vram" | "vbm-256c-3072gb-8-mi355x-gpu" => ("AMD_MI355X", 8, 288),
        _ => return None,
    };
    Some(Gpus { name, count: Some(count), gib_per_gpu })
}

/// `NVIDIA_A100` is said of boards of both forms. Of this plan the price page says PCIe: the one A100 PCIe of 80 GB there
/// has its price, 2.397.
/// Source: tardellirs/gpu-pricing at 8f09a68 (page of 2026-05-24), read 2026-11-22.
pub(super) fn documented_name(id: &str, gpu_type: &str) -> Option<&'static str> {
    (id == "vcg-a100-12c-120g-80vram" && gpu_type == "NVIDIA_A100").then_some("A100 80GB PCIe")
}

/// What an id says: `vbm-112c-2048gb-8-h100-gpu` and `vcg-a100-1c-6g-4vram` name their card, the former also how many.
pub(super) fn read_id(id: &str) -> (Option<&str>, Option<u32>) {
    let words: Vec<&str> = id.split('-').collect();
    match words.as_slice() {
        ["vcg", card, ..] => (Some(*card), None),
        [.., count, card, "gpu"] => (Some(*card), count.parse().ok()),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_card_and_on_bare_metal_how_many() {
        assert_eq!(read_id("vbm-112c-2048gb-8-h100-gpu"), (Some("h100"), Some(8)));
        assert_eq!(read_id("vbm-72c-480gb-gh200-gpu"), (Some("gh200"), None));
        assert_eq!(read_id("vcg-a100-1c-6g-4vram"), (Some("a100"), None));
        for other in ["vbm-4c-32gb", "vc2-1c-1gb", "gpu", "", "-"] {
            assert_eq!(read_id(other), (None, None), "{other}");
        }
    }

    #[test]
    fn d21_the_number_of_cards_agrees_with_the_id() {
        for id in ["vbm-48c-1024gb-4-a100-gpu", "vbm-64c-2048gb-8-l40-gpu", "vbm-256c-3072gb-8-b200-gpu"] {
            assert_eq!(find(id).and_then(|gpus| gpus.count), read_id(id).1, "{id}");
        }
        assert_eq!(find("vcg-mi325x-252c-2872g-1536vram").and_then(|gpus| gpus.count), None);
        assert_eq!(find("vcg-a100-1c-6g-4vram"), None);
    }
}
