//! Which card a provider's words mean: the canonical table (`gpus.toml`), folding of names, VRAM as the judge.
//!
//! A name is never guessed: suffixes (Ti, SUPER, D, SXM, NVL) are never stripped, a name that several cards share is
//! *ambiguous* until memory or form decides, and a card with other memory than its name's is a *variant* of its own.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many GPUs an offer holds, as an exact ratio in lowest terms: `8`, `1/8`. Never zero, never rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GpuCount {
    numerator: NonZeroU32,
    denominator: NonZeroU32,
}

/// Not a count of GPUs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a count of GPUs; write `1`, `8` or `1/8`")]
pub struct CountError(pub String);

impl GpuCount {
    /// One whole GPU.
    pub const ONE: Self = Self { numerator: NonZeroU32::MIN, denominator: NonZeroU32::MIN };

    /// `count` whole GPUs; `None` for zero.
    pub fn whole(count: u32) -> Option<Self> {
        Self::ratio(count, 1)
    }

    /// `numerator / denominator` in lowest terms; `None` where either is zero.
    pub fn ratio(numerator: u32, denominator: u32) -> Option<Self> {
        let (mut a, mut b) = (numerator, denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = NonZeroU32::new(a)?;
        Some(Self { numerator: NonZeroU32::new(numerator / divisor)?, denominator: NonZeroU32::new(denominator / divisor)? })
    }

    /// The upper number.
    pub fn numerator(self) -> u32 {
        self.numerator.get()
    }

    /// The lower number; 1 for whole GPUs.
    pub fn denominator(self) -> u32 {
        self.denominator.get()
    }

    /// Part of a card (a share or a MIG profile).
    pub fn is_slice(self) -> bool {
        self.numerator < self.denominator
    }

    /// The number of whole GPUs, where it is one.
    pub fn as_whole(self) -> Option<u32> {
        (self.denominator.get() == 1).then_some(self.numerator.get())
    }
}

impl PartialOrd for GpuCount {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GpuCount {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let left = u64::from(self.numerator()) * u64::from(other.denominator());
        left.cmp(&(u64::from(other.numerator()) * u64::from(self.denominator())))
    }
}

impl fmt::Display for GpuCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_whole() {
            Some(whole) => whole.fmt(f),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

impl FromStr for GpuCount {
    type Err = CountError;
    fn from_str(text: &str) -> Result<Self, CountError> {
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let number = |text: &str| text.trim().parse::<u32>().ok();
        number(numerator)
            .zip(number(denominator))
            .and_then(|(numerator, denominator)| Self::ratio(numerator, denominator))
            .ok_or_else(|| CountError(text.chars().take(20).collect()))
    }
}

impl Serialize for GpuCount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GpuCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Video memory, in MiB as drivers report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Vram {
    /// Whole MiB.
    pub mib: u32,
}

impl Vram {
    /// MiB as a driver says it (24564 for a 24 GiB card).
    pub const fn from_mib(mib: u32) -> Self {
        Self { mib }
    }

    /// The size on the box. Makers write GB where they mean GiB, so a marketed "24 GB" is 24 GiB. `None` above 4 PiB.
    pub const fn from_marketed_gb(gib: u32) -> Option<Self> {
        match gib.checked_mul(1024) {
            Some(mib) => Some(Self { mib }),
            None => None,
        }
    }

    /// Bytes as an API counts them (25769803776 for 24 GiB).
    pub fn from_bytes(bytes: u64) -> Option<Self> {
        u32::try_from(bytes / (1024 * 1024)).ok().map(|mib| Self { mib })
    }

    /// GiB rounded to the nearest whole, as a nominal size.
    pub const fn gib_rounded(self) -> u32 {
        self.mib.saturating_add(512) / 1024
    }

    /// GiB as exact decimal text with at most three decimals, without trailing zeros: `24`, `12`, `7.996`.
    pub fn gib_text(self) -> String {
        let thousandths = (u64::from(self.mib) * 1000 + 512) / 1024;
        let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// Whether a card that reports `self` may be one whose table says `nominal`: within -9 % (error correction takes
    /// some) and +7 %.
    pub fn may_be(self, nominal: Self) -> bool {
        let (seen, nominal) = (u64::from(self.mib) * 100, u64::from(nominal.mib));
        seen >= nominal * 91 && seen <= nominal * 107
    }
}

/// One part of the canonical table. Figures are decimal text as their source writes them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the columns are described in docs/gpus.md")]
pub struct Gpu {
    pub slug: String,
    pub name: String,
    pub family: String,
    #[serde(default)]
    pub family_needs_memory_or_form: bool,
    pub manufacturer: Option<String>,
    pub architecture: Option<String>,
    pub vram_gib: Option<u32>,
    pub memory_type: Option<String>,
    pub bandwidth_gb_s: Option<String>,
    pub fp32_tflops: Option<String>,
    pub fp16_tensor_dense_tflops: Option<String>,
    pub fp16_tensor_fp32acc_dense_tflops: Option<String>,
    pub bf16_supported: Option<bool>,
    pub fp8_supported: Option<bool>,
    pub fp4_supported: Option<bool>,
    pub tdp_w: Option<u32>,
    pub interconnect: Option<String>,
    pub release_year: Option<u32>,
    pub segment: Option<String>,
    pub compute_capability: Option<String>,
    pub rentable_unit: Option<String>,
    pub tensor_basis: Option<String>,
    pub source: Option<String>,
    pub note: Option<String>,
    pub diffusion_index_rtx4090: Option<String>,
    pub diffusion_index_basis: Option<String>,
    pub diffusion_index_low: Option<String>,
    pub diffusion_index_high: Option<String>,
    pub aliases: Vec<String>,
}

impl Gpu {
    /// Nominal memory.
    pub fn vram(&self) -> Option<Vram> {
        self.vram_gib.and_then(Vram::from_marketed_gb)
    }
}

/// What a raw name and a memory size mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuMatch {
    /// One part of the table, by its index.
    Known(usize),
    /// A card of the family whose memory is no known member's (a 48 GB board sold under a 24 GB name).
    Variant {
        /// Family name.
        family: String,
        /// What the card reports.
        vram: Vram,
    },
    /// Several members could be meant; neither memory nor form decides.
    Ambiguous {
        /// Family name.
        family: String,
    },
    /// Not in the table: kept, counted and listed, never dropped.
    Unmapped,
}

/// The table and its name index.
#[derive(Debug)]
pub struct GpuTable {
    gpus: Vec<Gpu>,
    /// Folded name to the parts it can mean.
    names: HashMap<String, Vec<usize>>,
    slugs: HashMap<String, usize>,
    /// Folded family to its name and members.
    families: BTreeMap<String, (String, Vec<usize>)>,
}

/// Raised by hand whenever `gpus.toml` or the rules here change what a name means: differences that follow are
/// corrections, not market moves.
pub const GPU_TABLE_VERSION: u32 = 1;

const TABLE: &str = include_str!("gpus.toml");
const MAKERS: [&str; 5] = ["nvidia", "geforce", "tesla", "amd", "intel"];

/// A name as it is compared: lower case, only a-z and 0-9, without leading maker's words.
pub fn fold_name(raw: &str) -> String {
    let folded: String = raw.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let mut rest = folded.as_str();
    while let Some(shorter) = MAKERS.iter().find_map(|maker| rest.strip_prefix(maker)).filter(|shorter| !shorter.is_empty()) {
        rest = shorter;
    }
    rest.to_owned()
}

/// A slug for any name: lower case, words joined by dashes.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

impl GpuTable {
    /// The table built into the program.
    ///
    /// # Panics
    /// Never in a tested build: a test parses the same bytes.
    pub fn builtin() -> Self {
        Self::parse(TABLE).expect("the built-in table is parsed by a test")
    }

    /// Reads a table.
    ///
    /// # Errors
    /// The TOML error with line and column.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            gpu: Vec<Gpu>,
        }
        let gpus = toml::from_str::<File>(text)?.gpu;
        let mut names: HashMap<String, Vec<usize>> = HashMap::new();
        let mut families: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
        for (index, gpu) in gpus.iter().enumerate() {
            families.entry(fold_name(&gpu.family)).or_insert_with(|| (gpu.family.clone(), Vec::new())).1.push(index);
            for alias in gpu.aliases.iter().chain([&gpu.name, &gpu.slug]) {
                let meanings = names.entry(fold_name(alias)).or_default();
                if !meanings.contains(&index) {
                    meanings.push(index);
                }
            }
        }
        // A name that only says the family, or the family and its memory or its form, means every member that fits
        // it, whatever single part the alias column lists it under.
        for (folded, (_, members)) in &families {
            if !members.iter().any(|index| gpus[*index].family_needs_memory_or_form) {
                continue;
            }
            names.insert(folded.clone(), members.clone());
            let mut partial: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for index in members {
                let gpu = &gpus[*index];
                let form = Form::of(gpu);
                for suffix in gpu.vram_gib.iter().flat_map(|gib| [format!("{gib}gb"), format!("{gib}g")]) {
                    partial.entry(format!("{folded}{suffix}")).or_default().push(*index);
                }
                for spelling in form.map(Form::spellings).unwrap_or_default() {
                    partial.entry(format!("{folded}{spelling}")).or_default().push(*index);
                }
            }
            for (name, meanings) in partial {
                let listed = names.get(&name);
                // A member's own canonical name is already exact (`H100 NVL`); it stays so unless another shares it.
                if meanings.len() > 1 || listed.is_none() {
                    names.insert(name, meanings);
                }
            }
        }
        let slugs = gpus.iter().enumerate().map(|(index, gpu)| (gpu.slug.clone(), index)).collect();
        Ok(Self { gpus, names, slugs, families })
    }

    /// Every part, in table order.
    pub fn gpus(&self) -> &[Gpu] {
        &self.gpus
    }

    /// The part at an index given by [`GpuMatch::Known`].
    pub fn gpu(&self, index: usize) -> &Gpu {
        &self.gpus[index]
    }

    /// The part with this slug.
    pub fn by_slug(&self, slug: &str) -> Option<usize> {
        self.slugs.get(slug).copied()
    }

    /// What `raw` means, with the memory of one whole card where the source says it.
    pub fn resolve(&self, raw: &str, vram: Option<Vram>) -> GpuMatch {
        let folded = fold_name(raw);
        let Some(candidates) = self.names.get(&folded) else { return GpuMatch::Unmapped };
        let family = || self.gpus[candidates[0]].family.clone();
        let fits: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|index| vram.is_none_or(|seen| self.gpus[*index].vram().is_none_or(|nominal| seen.may_be(nominal))))
            .collect();
        match (fits.as_slice(), vram) {
            ([only], _) => GpuMatch::Known(*only),
            ([], Some(seen)) => GpuMatch::Variant { family: family(), vram: seen },
            _ => {
                // `H100 SXM` is a part's full name although a 64 GB sibling has the same form.
                let own = fits.iter().find(|index| {
                    let gpu = &self.gpus[**index];
                    fold_name(&gpu.name) == folded && fold_name(&gpu.family) != folded
                });
                own.map_or_else(|| GpuMatch::Ambiguous { family: family() }, |index| GpuMatch::Known(*index))
            }
        }
    }

    /// The memory that every member of a family has; `None` where they differ, or where it is not known of one.
    pub fn family_vram(&self, family: &str) -> Option<Vram> {
        let (_, members) = self.families.get(&fold_name(family))?;
        let mut sizes = members.iter().map(|index| self.gpus[*index].vram());
        let first = sizes.next()??;
        sizes.all(|size| size == Some(first)).then_some(first)
    }

    /// What a person typed in a filter: a slug, an alias or a family; a family means all its members.
    pub fn find(&self, typed: &str) -> Vec<usize> {
        let folded = fold_name(typed);
        if let Some(index) = self.by_slug(typed) {
            return vec![index];
        }
        if let Some((_, members)) = self.families.get(&folded) {
            return members.clone();
        }
        self.names.get(&folded).cloned().unwrap_or_default()
    }

    /// The one part that a person means by a slug, a name or an alias, in whatever spelling; `None` where several have it, or
    /// none. What only says the family is no name of one of its members.
    pub fn find_one(&self, typed: &str) -> Option<usize> {
        let folded = fold_name(typed);
        // A source that says `RTX 4090` may sell one of another memory; a person means the card of that name.
        let mut named = self.gpus.iter().enumerate().filter(|(_, gpu)| fold_name(&gpu.name) == folded);
        let only_name = named.next().filter(|_| named.next().is_none()).map(|(index, _)| index);
        self.by_slug(typed).or(only_name).or_else(|| match self.names.get(&folded)?.as_slice() {
            [only] => Some(*only),
            _ => None,
        })
    }

    /// The family's own name, where `typed` folds to one.
    pub fn family(&self, typed: &str) -> Option<&str> {
        self.families.get(&fold_name(typed)).map(|(name, _)| name.as_str())
    }
}

/// How a board is built, where members of one family differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Pcie,
    Sxm,
    Nvl,
}

impl Form {
    fn of(gpu: &Gpu) -> Option<Self> {
        let has = |word: &str| gpu.name.split_whitespace().any(|part| part == word);
        if has("PCIe") {
            Some(Self::Pcie)
        } else if has("SXM") {
            Some(Self::Sxm)
        } else if has("NVL") {
            Some(Self::Nvl)
        } else {
            None
        }
    }

    fn spellings(self) -> &'static [&'static str] {
        match self {
            Self::Pcie => &["pcie"],
            Self::Sxm => &["sxm", "sxm2", "sxm3", "sxm4", "sxm5"],
            Self::Nvl => &["nvl"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, gib: Option<u32>, expected: &str) {
        let table = GpuTable::builtin();
        let found = match table.resolve(raw, gib.and_then(Vram::from_marketed_gb)) {
            GpuMatch::Known(index) => table.gpu(index).slug.clone(),
            GpuMatch::Variant { family, vram } => format!("variant {family} {}", vram.gib_rounded()),
            GpuMatch::Ambiguous { family } => format!("ambiguous {family}"),
            GpuMatch::Unmapped => "unmapped".to_owned(),
        };
        assert_eq!(found, expected, "{raw} {gib:?}");
    }

    #[test]
    fn d18_suffixes_are_never_stripped() {
        check("NVIDIA GeForce RTX 4090", Some(24), "rtx-4090");
        check("RTX 4090 D", Some(24), "rtx-4090-d");
        check("RTX 4070 Ti", Some(12), "rtx-4070-ti");
        check("RTX 4070", Some(12), "rtx-4070");
        check("H100 NVL", None, "h100-nvl");
        check("H100 SXM", None, "h100-sxm");
        check("NVIDIA H100 80GB HBM3", Some(80), "h100-sxm");
        check("RTX 4090 Ultra", Some(24), "unmapped");
    }

    #[test]
    fn d11_memory_decides_within_tolerance_or_makes_a_variant() {
        check("RTX 4090", Some(48), "rtx-4090-48gb");
        check("RTX 4090", Some(36), "variant RTX 4090 36");
        check("RTX 3090", Some(48), "variant RTX 3090 48");
        check("A100 PCIe", Some(80), "a100-80gb-pcie");
        check("A100 SXM4", Some(40), "a100-40gb-sxm");
        check("H100", Some(94), "h100-nvl");
        check("NVIDIA B300 SXM6 AC", Some(288), "b300");
        check("H200 NVL", Some(143), "h200-nvl");
        check("Tesla V100-PCIE-16GB", Some(16), "v100-16gb-pcie");
        assert_eq!(
            GpuTable::builtin().resolve("RTX 4090", Some(Vram::from_mib(24564))),
            GpuMatch::Known(GpuTable::builtin().by_slug("rtx-4090").expect("in the table"))
        );
    }

    #[test]
    fn a_bare_family_name_is_ambiguous() {
        for (raw, gib) in [
            ("H200", None),
            ("H200", Some(141)),
            ("A100 80GB", None),
            ("A100 80GB", Some(80)),
            ("A100", None),
            ("H100", Some(80)),
            ("RTX 4090", None),
        ] {
            let family = raw.trim_end_matches(" 80GB");
            check(raw, gib, &format!("ambiguous {family}"));
        }
    }

    #[test]
    fn d10_an_unknown_name_is_unmapped() {
        check("RTX 9999 Ti", Some(24), "unmapped");
        check("", None, "unmapped");
        check("nvidia", None, "unmapped");
    }

    #[test]
    fn every_alias_means_its_own_part_or_its_family() {
        let table = GpuTable::builtin();
        for (index, gpu) in table.gpus().iter().enumerate() {
            for alias in &gpu.aliases {
                match table.resolve(alias, gpu.vram()) {
                    GpuMatch::Known(found) => assert_eq!(table.gpu(found).slug, gpu.slug, "{alias}"),
                    GpuMatch::Ambiguous { family } => assert_eq!(family, gpu.family, "{alias}"),
                    other => panic!("{alias} of {} is {other:?}", table.gpu(index).slug),
                }
            }
        }
    }

    #[test]
    fn a_family_in_a_filter_means_all_its_members() {
        let table = GpuTable::builtin();
        let slugs: Vec<_> = table.find("h100").into_iter().map(|index| table.gpu(index).slug.as_str()).collect();
        assert!(slugs.contains(&"h100-sxm") && slugs.contains(&"h100-nvl") && slugs.contains(&"h100-pcie"), "{slugs:?}");
        assert_eq!(table.find("rtx4090").len(), 2);
        assert!(table.find("nothing").is_empty());
        let one = |typed: &str| table.find_one(typed).map(|index| table.gpu(index).slug.as_str());
        for typed in ["rtx-4090", "RTX-4090", "RTX 4090", "rtx4090", "NVIDIA GeForce RTX 4090"] {
            assert_eq!(one(typed), Some("rtx-4090"), "{typed}");
        }
        assert_eq!((one("H100 PCIe"), one("h100"), one("nothing"), one("")), (Some("h100-pcie"), None, None, None));
    }

    #[test]
    fn d12_a_fraction_is_a_count() {
        let sixth = GpuCount::ratio(2, 12).expect("a count");
        assert_eq!((sixth.to_string(), sixth.is_slice(), sixth.as_whole()), ("1/6".to_owned(), true, None));
        assert!(GpuCount::whole(0).is_none() && GpuCount::ratio(1, 0).is_none());
        assert_eq!("1/8".parse(), Ok(GpuCount::ratio(1, 8).expect("a count")));
        for text in ["0", "", "1/0", "-1", "1.5", "a"] {
            assert!(text.parse::<GpuCount>().is_err(), "{text}");
        }
    }

    #[test]
    fn gib_text_has_no_needless_digits() {
        assert_eq!(Vram::from_mib(24 * 1024).gib_text(), "24");
        assert_eq!(Vram::from_mib(24564).gib_text(), "23.988");
        assert_eq!(Vram::from_bytes(25_769_803_776).map(Vram::gib_text), Some("24".to_owned()));
    }

    proptest! {
        #[test]
        fn any_name_resolves_without_a_panic(raw in ".{0,60}", mib in proptest::option::of(any::<u32>())) {
            let table = GpuTable::parse("[[gpu]]\nslug='a'\nname='A'\nfamily='A'\naliases=['B']").expect("a table");
            let _meaning = table.resolve(&raw, mib.map(Vram::from_mib));
        }

        #[test]
        fn counts_order_as_numbers(a in 1_u32..100, b in 1_u32..100, c in 1_u32..100, d in 1_u32..100) {
            let (x, y) = (GpuCount::ratio(a, b).expect("count"), GpuCount::ratio(c, d).expect("count"));
            prop_assert_eq!(x.cmp(&y), (a * d).cmp(&(c * b)));
        }
    }
}
