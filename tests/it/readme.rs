//! What the documents show is what the program answers: each block of README.md behind a mark `output: COMMAND, against serve
//! --demo` is compared with the command's answer, and `UPDATE_EXPECTED=1` writes it anew. Of a block behind `lines of: ...` each line
//! is the beginning of one of the answer's.

use std::path::Path;

use crate::support::{Served, gpurate};

const BEGIN: &str = "<!-- output: ";
const END: &str = "\n```\n<!-- /output -->";

/// A block of the file: the command, and where its output begins and ends.
fn blocks(readme: &str) -> Vec<(String, std::ops::Range<usize>)> {
    let mut blocks = Vec::new();
    for (begin, _) in readme.match_indices(BEGIN) {
        let rest = &readme[begin + BEGIN.len()..];
        let (command, _) = rest.split_once(", against serve --demo -->\n").expect("a mark says against what");
        let shown = format!("```console\n$ {command}\n");
        let from = begin + rest.find(&shown).expect("the block begins with the command of its mark") + BEGIN.len() + shown.len();
        let to = from + readme[from..].find(END).expect("the block has an end");
        blocks.push((command.to_owned(), from..to));
    }
    blocks
}

/// The command of a block that shows some lines of its answer, and the block.
fn excerpt(document: &str) -> Option<(&str, &str)> {
    let (_, rest) = document.split_once("<!-- lines of: ")?;
    let (command, rest) = rest.split_once(", against serve --demo -->\n```text\n")?;
    Some((command, rest.split_once("\n```\n")?.0))
}

/// Without ages, which are another with each run: a row of a table ends with one.
fn without_ages(text: &str) -> String {
    let row = |line: &str| {
        let words: Vec<&str> = line.trim_end().rsplitn(3, ' ').collect();
        match words[..] {
            ["s" | "min", age, before] if age.parse::<u32>().is_ok() => format!("{} AGE", before.trim_end()),
            _ => line.trim_end().to_owned(),
        }
    };
    text.trim_end().lines().map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_documents_show_is_what_the_demo_answers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let mut readme = std::fs::read_to_string(&path).expect("README.md");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("daemon.toml"), "").expect("written");
    let served = Served::start(folder.path(), &["--demo"]);
    served.wait("/api/v1/providers", |answer| {
        let of = |one: &serde_json::Value, list: &str| one[list].as_array().cloned().unwrap_or_default();
        let providers = of(answer, "items");
        // A provider without parts has not begun.
        let asked = |provider: &serde_json::Value| {
            let parts = of(provider, "parts");
            !parts.is_empty() && parts.iter().all(|part| part["last_outcome"].is_string())
        };
        !providers.is_empty() && providers.iter().filter(|provider| provider["enabled"] == true).all(asked)
    });
    // What it prints for whoever wants to ask it.
    let told = served.lines.lock().expect("no panic holds it").join("\n");
    let config = told.split("gpurate cheapest --config ").nth(1).and_then(|rest| rest.lines().next()).expect("the command to ask it with");
    let found = blocks(&readme);
    assert!(!found.is_empty(), "README.md has no block of output");
    let answer_of = |command: &str| {
        let mut words = command.split(' ');
        assert_eq!(words.next(), Some("gpurate"));
        let output =
            gpurate(folder.path()).env_remove("GPURATE_DATABASE").args(words).args(["--config", config]).output().expect("it runs");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let document = include_str!("../../docs/simulator.md");
    let (command, block) = excerpt(document).expect("docs/simulator.md has lines of an answer");
    assert!(block.lines().count() > 10, "{block}");
    let answer = answer_of(command);
    for line in block.lines() {
        let found = answer.lines().any(|one| one.starts_with(line.trim_end()));
        assert!(found, "docs/simulator.md: `{line}` begins no line of the answer of `{command}`; write it anew by hand:\n{answer}");
    }
    let mut differences = Vec::new();
    for (command, place) in found.into_iter().rev() {
        let answer = answer_of(&command);
        if without_ages(&answer) != without_ages(&readme[place.clone()]) {
            differences.push(format!("$ {command}\n{answer}"));
            readme.replace_range(place, answer.trim_end());
        }
    }
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, readme).expect("README.md can be written");
        return;
    }
    assert!(
        differences.is_empty(),
        "README.md shows something else (UPDATE_EXPECTED=1 cargo test --test it readme rewrites it, then read the diff):\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_block_is_found_by_its_mark_and_ages_are_not_compared() {
    let text = "a\n<!-- output: gpurate x, against serve --demo -->\n```console\n$ gpurate x\nrow  0.1  2 s\nb\n```\n<!-- /output -->\n";
    let [(command, place)] = &blocks(text)[..] else { panic!("one block") };
    assert_eq!((command.as_str(), &text[place.clone()]), ("gpurate x", "row  0.1  2 s\nb"));
    assert_eq!(without_ages("row  0.1  2 s\nb\n"), without_ages("row  0.1  11 min\nb"));
    assert_ne!(without_ages("row  0.1  2 s"), without_ages("row  0.2  2 s"));
}
