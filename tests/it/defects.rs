//! Defects that comparable tools shipped, and that this one guards against: each has a test that carries its number, as
//! `d04_...`. The numbers are stable; what is told here is what must not happen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const DEFECTS: [(u32, &str); 39] = [
    (1, "answers are paired with questions by position, so that one failure shifts all prices"),
    (2, "a list is fetched once and never again"),
    (3, "a failed refresh makes the old answer look new"),
    (4, "some of the pages are taken for all"),
    (5, "the size of a page is taken for the whole market"),
    (6, "a card vanishes behind two filters, and nobody is told"),
    (7, "a price of 0 is free"),
    (8, "the price of one GPU is taken for that of a machine, or the other way"),
    (9, "one tier's price stands for another's"),
    (10, "an unknown GPU is dropped"),
    (11, "a card is another one by the memory that a host reports"),
    (12, "a part of a GPU counts as none, or as one"),
    (13, "one provider's failure costs another's answer"),
    (14, "a field that is always there is not"),
    (15, "what cannot be declined is not in the price"),
    (16, "more GPUs for less money are hidden, or pass in silence"),
    (17, "cheapest is a median, and rare cards have no row"),
    (18, "cards become one because a suffix is stripped"),
    (19, "one key has two prices"),
    (20, "NaN becomes 0"),
    (21, "columns are swapped: the memory of the GPU is that of the host"),
    (22, "the source is asked until it refuses"),
    (23, "what is new is not on a list, and ends the whole crawl"),
    (24, "units are mixed up, or digits lost"),
    (25, "a billing rule has no date, or is one for all regions"),
    (26, "the source renames a market, and its prices vanish without an error"),
    (27, "a bill with an unknown part counts it as 0, and comes first"),
    (28, "facts about a GPU are empty, and nobody notices"),
    (29, "everything exists in one region"),
    (30, "one offer overwrites another"),
    (31, "another market's price stands in"),
    (32, "a gap in the past, or a correction, looks like a move of the market"),
    (33, "one field means two things on two endpoints"),
    (34, "one odd row stops everything"),
    (35, "not found is read as not sold"),
    (36, "a source that froze still answers"),
    (37, "a column changes its unit on one day"),
    (38, "a price that flips between two of the same key looks like a market"),
    (39, "an old session is computed with today's prices"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The defects whose numbers a test's name begins with.
fn numbers(name: &str) -> Vec<u32> {
    let number = |word: &str| word.strip_prefix('d').filter(|digits| digits.len() == 2)?.parse().ok();
    name.split('_').map_while(number).collect()
}

/// Tests by the numbers in their names: what stands right below an attribute of a test that is run.
fn numbered(text: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_test = false;
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next());
            if let Some(name) = name.filter(|_| is_test) {
                found.extend(numbers(name).into_iter().map(|number| (number, name.to_owned())));
            }
            is_test = false;
        }
    }
    found
}

#[test]
fn every_known_defect_has_a_test_of_its_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "domain", "providers", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 200, "{} sources", files.len());
    let mut tests: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        for (number, name) in numbered(&std::fs::read_to_string(&file).expect("text")) {
            tests.entry(number).or_default().insert(name);
        }
    }
    assert!(DEFECTS.iter().enumerate().all(|(index, (number, _))| u32::try_from(index + 1) == Ok(*number)), "numbers are stable");
    let missing: Vec<_> = DEFECTS.iter().filter(|(number, _)| !tests.contains_key(number)).collect();
    assert!(missing.is_empty(), "no test is called `dNN_...` for {missing:?}");
    let unknown: Vec<_> = tests.iter().filter(|(number, _)| !DEFECTS.iter().any(|(known, _)| known == *number)).collect();
    assert!(unknown.is_empty(), "these guard a defect that is not in the list: {unknown:?}");
}

#[test]
fn only_what_is_run_counts_as_a_test_of_its_number() {
    let text = "#[test]\nfn d08_d33_both() {\n}\nfn d01_a_helper() {\n}\n#[test]\n#[ignore]\nfn d02_never() {\n}\n\
                #[tokio::test(flavor = \"multi_thread\")]\nasync fn d03_later() {\n}\n#[test]\nfn days_d04() {\n}\n";
    let found: Vec<u32> = numbered(text).into_iter().map(|(number, _)| number).collect();
    assert_eq!(found, [8, 33, 3]);
}
