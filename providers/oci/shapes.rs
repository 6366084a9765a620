//! What a shape's name says: the card, and how many of it. The estimator's `gpuMemoryQty` is the node's memory for most
//! shapes and one card's for some (MI355X.8, GB300.4), so a card's memory comes from this table.
//!
//! A word that the table lacks stays the provider's own and without memory: such a card is unmapped, never guessed.
//! Source: Oracle's table of shapes (docs.oracle.com iaas/Content/Compute/References/computeshapes.htm) as written down in
//! skypilot-org/skypilot fetch_oci.py (2026-09) and dstackai/gpuhunt oci.py at 3584151, read 2026-11-22.

use gpurate_domain::Vram;

/// A card as a shape's name spells it.
#[derive(Debug)]
pub(super) struct Card {
    word: &'static str,
    /// The card's name.
    pub(super) gpu: &'static str,
    /// A second wording, where the first does not decide.
    pub(super) alternative: Option<&'static str>,
    vram_mib: u32,
}

impl Card {
    /// Memory of one card.
    pub(super) const fn vram(&self) -> Vram {
        Vram::from_mib(self.vram_mib)
    }
}

const fn card(word: &'static str, gpu: &'static str, gib: u32) -> Card {
    Card { word, gpu, alternative: None, vram_mib: gib * 1024 }
}

const CARDS: [Card; 15] = [
    card("GPU2", "P100", 16),
    card("GPU3", "V100", 16),
    card("GPU4", "A100", 40),
    card("A100-v2", "A100", 80),
    card("A10", "A10", 24),
    card("L40S", "L40S", 48),
    card("H100", "H100", 80),
    card("H200", "H200", 141),
    card("B200", "B200", 180),
    // 2100 GB for eight of them.
    Card { word: "B300", gpu: "B300", alternative: None, vram_mib: 2100 * 1024 / 8 },
    card("GB200", "GB200", 192),
    card("GB300", "GB300", 278),
    card("MI300X", "MI300X", 192),
    card("MI355X", "MI355X", 288),
    Card { word: "RTXPRO", gpu: "RTX PRO 6000", alternative: Some("RTX PRO 6000 Blackwell Server Edition"), vram_mib: 96 * 1024 },
];

/// The card that a word of a shape's name means; `None` for one that is not known.
pub(super) fn find(word: &str) -> Option<&'static Card> {
    CARDS.iter().find(|card| card.word.eq_ignore_ascii_case(word))
}

/// Processors and memory of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    /// Virtual processors.
    pub(super) vcpus: u64,
    /// Memory.
    pub(super) ram_gib: u64,
}

/// Machines that the estimator lacks (B300, GB300, RTXPRO) or misstates (GB200: 128 cores where two Grace processors have
/// 144). A core of Grace is one virtual processor, an OCPU of the others two.
pub(super) fn machine(plain_name: &str) -> Option<Machine> {
    let (vcpus, ram_gib) = match plain_name {
        "BM.GPU.GB200.4" | "BM.GPU.GB300.4" => (144, 960),
        "BM.GPU.B300.8" => (256, 4096),
        "BM.GPU.RTXPRO.8" => (288, 3072),
        _ => return None,
    };
    Some(Machine { vcpus, ram_gib })
}

/// A shape's name, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShapeName<'a> {
    /// As the Compute API knows it: without what the estimator adds for display, `(NVL72)`.
    pub(super) plain: &'a str,
    /// The word for the card; `None` in a name that is not built like a GPU shape's.
    pub(super) card: Option<&'a str>,
    /// The number at the end: of GPUs, in the name of a GPU shape.
    pub(super) count: Option<u32>,
}

impl<'a> ShapeName<'a> {
    /// Reads `BM.GPU.A100-v2.8` and `VM.GPU3.4`.
    pub(super) fn read(name: &'a str) -> Self {
        let plain = name.split(" (").next().unwrap_or(name).trim();
        let mut words = plain.split('.').skip(1);
        let family = words.next().filter(|word| word.starts_with("GPU"));
        let rest: Vec<&str> = words.collect();
        let count = rest.last().and_then(|word| word.parse().ok()).filter(|_| family.is_some());
        let card = match (family, rest.as_slice()) {
            (Some("GPU"), [card, ..]) => Some(*card),
            (Some("GPU") | None, _) => None,
            (Some(family), _) => Some(family),
        };
        Self { plain, card, count }
    }

    /// Whether the name is a GPU shape's.
    pub(super) fn is_of_gpus(&self) -> bool {
        self.card.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gpurate_domain::{GpuMatch, GpuTable};

    #[track_caller]
    fn check(name: &str, plain: &str, card: Option<&str>, count: Option<u32>) {
        assert_eq!(ShapeName::read(name), ShapeName { plain, card, count }, "{name}");
    }

    #[test]
    fn a_name_says_the_card_and_how_many() {
        check("BM.GPU.H100.8", "BM.GPU.H100.8", Some("H100"), Some(8));
        check("BM.GPU.A100-v2.8", "BM.GPU.A100-v2.8", Some("A100-v2"), Some(8));
        check("VM.GPU3.4", "VM.GPU3.4", Some("GPU3"), Some(4));
        check("VM.GPU.A10.1", "VM.GPU.A10.1", Some("A10"), Some(1));
        check("BM.GPU.GB200.4 (NVL72)", "BM.GPU.GB200.4", Some("GB200"), Some(4));
        check("BM.Standard3.64", "BM.Standard3.64", None, None);
        check("VM.Standard.E4.Flex", "VM.Standard.E4.Flex", None, None);
        for odd in ["", ".", "GPU", "BM.GPU", "BM.GPU.", " (", "BM.GPU..8", "BM.GPU.X.many"] {
            let name = ShapeName::read(odd);
            assert!(name.count.is_none() || name.is_of_gpus(), "{odd}");
        }
    }

    #[test]
    fn d18_every_card_of_the_table_is_known_or_honestly_ambiguous() {
        let table = GpuTable::builtin();
        let meaning = |card: &Card| {
            let names = [Some(card.gpu), card.alternative];
            names.into_iter().flatten().find_map(|name| match table.resolve(name, Some(card.vram())) {
                GpuMatch::Known(index) => Some(table.gpu(index).slug.clone()),
                _ => None,
            })
        };
        for card in &CARDS {
            // Of these only the family is said: PCIe and SXM boards, or an NVL one, share name and memory.
            let open = ["P100", "V100", "A100", "H100", "H200"].contains(&card.gpu);
            assert_eq!(meaning(card).is_none(), open, "{}", card.word);
        }
    }

    #[test]
    fn d10_another_word_is_not_taken_for_one_that_is_known() {
        for word in ["H100T", "MI355X-v1", "A100", "GPU5", ""] {
            assert!(find(word).is_none(), "{word}");
        }
    }
}
