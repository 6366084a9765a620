//! What Amazon's instance types hold: GPU, memory of one whole card, count. Neither the price lists nor the spot feed
//! say it, so the table is kept by hand and matched whole; a type that is not here stays unmapped under its own name.
//!
//! Sources: DescribeInstanceTypes as in getmoto/moto moto/ec2/resources/instance_types.json (2026-08-02): cards,
//! memory, counts of P3 to P6, G4 to G7, shares of G6f; P2, G3 and G5g from kubernetes/autoscaler
//! cluster-autoscaler/cloudprovider/aws/ec2_instance_types.go at 01c0d41. The API gives a share a
//! count of 0 (dstackai/gpuhunt #164), and 22888 MiB for cards of 24 GiB.
//! Form of the boards: nodes of eight with NVLink among all GPUs are SXM boards (P3, P4, P5); P5's single GPU is one of
//! the same boards.

use gpurate_domain::{GpuCount, Vram};

/// A family: one GPU, in several sizes.
#[derive(Debug)]
struct Family {
    name: &'static str,
    /// The GPU, in words that the GPU table reads.
    gpu: &'static str,
    /// MiB of one whole card; `None` where the sources disagree on what to count.
    card_mib: Option<u32>,
    /// Size and GPUs, as a ratio.
    sizes: &'static [(&'static str, u32, u32)],
}

/// One instance type.
#[derive(Clone, Copy, Debug)]
pub(super) struct InstanceType {
    /// The GPU, in words that the GPU table reads.
    pub(super) gpu: &'static str,
    card_mib: Option<u32>,
    numerator: u32,
    denominator: u32,
}

impl InstanceType {
    /// How many GPUs.
    pub(super) fn gpu_count(self) -> Option<GpuCount> {
        GpuCount::ratio(self.numerator, self.denominator)
    }

    /// Memory of one whole card.
    pub(super) fn vram_per_gpu(self) -> Option<Vram> {
        self.card_mib.map(Vram::from_mib)
    }

    /// Memory one gets of a share; `None` for whole cards.
    pub(super) fn vram_usable(self) -> Option<Vram> {
        let is_share = self.gpu_count().is_some_and(GpuCount::is_slice);
        // The shares are halves of halves, so the division is exact.
        self.card_mib.filter(|_| is_share).map(|card| Vram::from_mib(card / self.denominator * self.numerator))
    }
}

/// The table's row of exactly this type.
pub(super) fn find(name: &str) -> Option<InstanceType> {
    let (family, size) = name.split_once('.')?;
    let family = FAMILIES.iter().find(|known| known.name == family)?;
    let (_, numerator, denominator) = *family.sizes.iter().find(|(known, ..)| *known == size)?;
    Some(InstanceType { gpu: family.gpu, card_mib: family.card_mib, numerator, denominator })
}

/// Whether a type has GPUs: the families P, G and Gr (with more memory), and what the table knows beside them.
pub(super) fn has_gpus(name: &str) -> bool {
    let is_family = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    ["p", "g", "gr"].into_iter().any(is_family) || find(name).is_some()
}

/// Whether the family is retired: its prices are still listed, the machines cannot be had. P2, G2 and G3 were still
/// priced on 2026-07-20; Amazon's API stopped describing P3 by 2026-05-25 (dstackai/gpuhunt #233).
pub(super) fn is_retired(name: &str) -> bool {
    name.split_once('.').is_some_and(|(family, _)| ["p2", "p3", "p3dn", "g2", "g3", "g3s"].contains(&family))
}

/// Whether the family is sold as Capacity Blocks: a block of days, reserved ahead and paid in advance. Of P5e and P6e the
/// list has prices per hour that cannot be launched on demand; the H200 that can is P5en.
pub(super) fn is_sold_in_blocks(name: &str) -> bool {
    name.split_once('.').is_some_and(|(family, _)| family == "p5e" || family.starts_with("p6e-"))
}

const fn gib(gib: u32) -> Option<u32> {
    Some(gib * 1024)
}

const FAMILIES: &[Family] = &[
    // A K80 board has two GPUs of 12 GiB each; these are counted.
    Family { name: "p2", gpu: "Tesla K80", card_mib: gib(12), sizes: &[("xlarge", 1, 1), ("8xlarge", 8, 1), ("16xlarge", 16, 1)] },
    Family { name: "p3", gpu: "V100 SXM2 16GB", card_mib: gib(16), sizes: &[("2xlarge", 1, 1), ("8xlarge", 4, 1), ("16xlarge", 8, 1)] },
    Family { name: "p3dn", gpu: "V100 SXM2 32GB", card_mib: gib(32), sizes: &[("24xlarge", 8, 1)] },
    Family { name: "p4d", gpu: "A100 40GB SXM", card_mib: gib(40), sizes: &[("24xlarge", 8, 1)] },
    Family { name: "p4de", gpu: "A100 80GB SXM", card_mib: gib(80), sizes: &[("24xlarge", 8, 1)] },
    Family { name: "p5", gpu: "H100 SXM", card_mib: gib(80), sizes: &[("4xlarge", 1, 1), ("48xlarge", 8, 1)] },
    Family { name: "p5e", gpu: "H200 SXM", card_mib: gib(141), sizes: &[("48xlarge", 8, 1)] },
    Family { name: "p5en", gpu: "H200 SXM", card_mib: gib(141), sizes: &[("48xlarge", 8, 1)] },
    Family { name: "p6-b200", gpu: "B200", card_mib: Some(183_359), sizes: &[("48xlarge", 8, 1)] },
    Family { name: "p6-b300", gpu: "B300", card_mib: Some(275_040), sizes: &[("48xlarge", 8, 1)] },
    Family { name: "p6e-gb200", gpu: "GB200", card_mib: None, sizes: &[("36xlarge", 4, 1)] },
    Family { name: "g3", gpu: "Tesla M60", card_mib: gib(8), sizes: &[("4xlarge", 1, 1), ("8xlarge", 2, 1), ("16xlarge", 4, 1)] },
    Family { name: "g3s", gpu: "Tesla M60", card_mib: gib(8), sizes: &[("xlarge", 1, 1)] },
    Family {
        name: "g4ad",
        gpu: "Radeon Pro V520",
        card_mib: gib(8),
        sizes: &[("xlarge", 1, 1), ("2xlarge", 1, 1), ("4xlarge", 1, 1), ("8xlarge", 2, 1), ("16xlarge", 4, 1)],
    },
    Family {
        name: "g4dn",
        gpu: "T4",
        card_mib: gib(16),
        sizes: &[
            ("xlarge", 1, 1),
            ("2xlarge", 1, 1),
            ("4xlarge", 1, 1),
            ("8xlarge", 1, 1),
            ("16xlarge", 1, 1),
            ("12xlarge", 4, 1),
            ("metal", 8, 1),
        ],
    },
    Family { name: "g5", gpu: "A10G", card_mib: gib(24), sizes: ONE_FOUR_EIGHT },
    Family {
        name: "g5g",
        gpu: "T4g",
        card_mib: gib(16),
        sizes: &[("xlarge", 1, 1), ("2xlarge", 1, 1), ("4xlarge", 1, 1), ("8xlarge", 1, 1), ("16xlarge", 2, 1), ("metal", 2, 1)],
    },
    Family { name: "g6", gpu: "L4", card_mib: gib(24), sizes: ONE_FOUR_EIGHT },
    Family { name: "gr6", gpu: "L4", card_mib: gib(24), sizes: &[("4xlarge", 1, 1), ("8xlarge", 1, 1)] },
    Family { name: "g6f", gpu: "L4", card_mib: gib(24), sizes: &[("large", 1, 8), ("xlarge", 1, 8), ("2xlarge", 1, 4), ("4xlarge", 1, 2)] },
    Family { name: "gr6f", gpu: "L4", card_mib: gib(24), sizes: &[("4xlarge", 1, 2)] },
    Family { name: "g6e", gpu: "L40S", card_mib: gib(48), sizes: ONE_FOUR_EIGHT },
    Family { name: "g7", gpu: "RTX PRO 4500", card_mib: gib(32), sizes: ONE_TWO_FOUR_EIGHT },
    Family { name: "g7e", gpu: "RTX PRO Server 6000", card_mib: gib(96), sizes: ONE_TWO_FOUR_EIGHT },
    // The API lists it with GPUs: Name "Gaudi HL-205", 8 of 32768 MiB (aws-parallelcluster, tests of its instance types).
    Family { name: "dl1", gpu: "Gaudi HL-205", card_mib: gib(32), sizes: &[("24xlarge", 8, 1)] },
];

const ONE_FOUR_EIGHT: &[(&str, u32, u32)] = &[
    ("xlarge", 1, 1),
    ("2xlarge", 1, 1),
    ("4xlarge", 1, 1),
    ("8xlarge", 1, 1),
    ("16xlarge", 1, 1),
    ("12xlarge", 4, 1),
    ("24xlarge", 4, 1),
    ("48xlarge", 8, 1),
];

const ONE_TWO_FOUR_EIGHT: &[(&str, u32, u32)] =
    &[("2xlarge", 1, 1), ("4xlarge", 1, 1), ("8xlarge", 1, 1), ("12xlarge", 2, 1), ("24xlarge", 4, 1), ("48xlarge", 8, 1)];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gpurate_domain::{GpuMatch, GpuTable};

    use super::*;

    fn all() -> impl Iterator<Item = (String, InstanceType)> {
        FAMILIES.iter().flat_map(|family| family.sizes.iter().map(|(size, ..)| format!("{}.{size}", family.name))).map(|name| {
            let found = find(&name).expect("it is in the table");
            (name, found)
        })
    }

    #[test]
    fn d28_every_type_of_the_table_means_a_known_part() {
        let table = GpuTable::builtin();
        for (name, found) in all() {
            assert!(matches!(table.resolve(found.gpu, found.vram_per_gpu()), GpuMatch::Known(_)), "{name}: {}", found.gpu);
            assert!(found.gpu_count().is_some() && has_gpus(&name), "{name}");
        }
        let names: BTreeSet<_> = all().map(|(name, _)| name).collect();
        assert_eq!(names.len(), all().count(), "a type stands twice in the table");
    }

    #[track_caller]
    fn check(name: &str, slug: &str, count: &str, usable_gib: Option<u32>) {
        let found = find(name).expect("it is in the table");
        let table = GpuTable::builtin();
        let GpuMatch::Known(index) = table.resolve(found.gpu, found.vram_per_gpu()) else { panic!("{name}") };
        assert_eq!(table.gpu(index).slug, slug, "{name}");
        assert_eq!(found.gpu_count().map(|count| count.to_string()).as_deref(), Some(count), "{name}");
        assert_eq!(found.vram_usable(), usable_gib.and_then(Vram::from_marketed_gb), "{name}");
    }

    #[test]
    fn d12_a_share_is_a_ratio_and_its_memory_is_scaled() {
        check("g6f.large", "l4", "1/8", Some(3));
        check("g6f.xlarge", "l4", "1/8", Some(3));
        check("g6f.2xlarge", "l4", "1/4", Some(6));
        check("g6f.4xlarge", "l4", "1/2", Some(12));
        check("gr6f.4xlarge", "l4", "1/2", Some(12));
    }

    #[test]
    fn a_larger_size_may_have_fewer_gpus() {
        check("g4dn.12xlarge", "t4", "4", None);
        check("g4dn.16xlarge", "t4", "1", None);
        check("g5.16xlarge", "a10g", "1", None);
        check("g5.24xlarge", "a10g", "4", None);
        check("g7e.12xlarge", "rtx-pro-6000-blackwell-server", "2", None);
        check("p4de.24xlarge", "a100-80gb-sxm", "8", None);
        check("p5.4xlarge", "h100-sxm", "1", None);
        check("p6-b300.48xlarge", "b300", "8", None);
    }

    #[test]
    fn d23_unknown_types_of_gpu_families_are_recognised_and_processors_are_not() {
        for name in ["p7.48xlarge", "p6e-gb300.36xlarge", "g8.xlarge", "gr8.4xlarge", "g2.2xlarge", "g5.96xlarge"] {
            assert!(has_gpus(name) && find(name).is_none(), "{name}");
        }
        for name in [
            "m7g.large",
            "t4g.large",
            "c7gn.large",
            "im4gn.large",
            "inf2.xlarge",
            "trn1.2xlarge",
            "dl2q.24xlarge",
            "vt1.3xlarge",
            "p",
            "",
            "é",
        ] {
            assert!(!has_gpus(name), "{name}");
        }
    }

    #[test]
    fn retired_families_are_known_by_name() {
        for (name, expected) in [
            ("p3.2xlarge", true),
            ("p3dn.24xlarge", true),
            ("g2.8xlarge", true),
            ("g3s.xlarge", true),
            ("p4d.24xlarge", false),
            ("g4ad.xlarge", false),
        ] {
            assert_eq!(is_retired(name), expected, "{name}");
        }
    }
}
