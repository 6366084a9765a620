//! `gpurate providers new SLUG`: the template as a new provider, in a checkout. It needs no network: the template is in the
//! program. It overwrites nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};

/// The template's folder, samples included.
#[derive(rust_embed::Embed)]
#[folder = "providers/"]
#[include = "example/*"]
struct Template;

/// The line above which the new one goes.
const MARK: &str = "// `gpurate providers new` adds its line above this one.";

/// What a folder of `providers/` cannot be called: its other modules, and words of the language.
const TAKEN: [&str; 44] = [
    "abstract",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "example",
    "exchanges",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "json",
    "let",
    "loop",
    "manifest",
    "match",
    "mod",
    "move",
    "priv",
    "pub",
    "self",
    "static",
    "super",
    "tests",
    "transport",
    "true",
    "try",
    "type",
    "use",
    "where",
];

/// The root of the checkout that `start` is in.
pub(super) fn checkout(start: &Path) -> anyhow::Result<PathBuf> {
    let is_root = |folder: &&Path| std::fs::read_to_string(folder.join("providers/lib.rs")).is_ok_and(|text| text.contains(MARK));
    let found = start.ancestors().find(is_root).map(Path::to_path_buf);
    found.with_context(|| format!("`{}` is in no checkout of gpurate: go to where `providers/lib.rs` is", start.display()))
}

/// Makes the provider; returns what is left to do.
pub(super) fn make(root: &Path, slug: &str) -> anyhow::Result<String> {
    check_name(slug)?;
    let folder = root.join("providers").join(slug);
    ensure!(!folder.exists(), "`providers/{slug}` is there already; take another name, or delete it first");
    let list = root.join("providers/lib.rs");
    let text = std::fs::read_to_string(&list).with_context(|| format!("`{}` cannot be read", list.display()))?;
    // Worked out before anything is written: a list that cannot be extended leaves no half provider behind.
    let extended = register(&text, slug)?;
    for name in Template::iter() {
        let Some(file) = Template::get(&name) else { bail!("the template lost its file `{name}`") };
        let Some(inner) = name.strip_prefix("example/") else { continue };
        let path = folder.join(inner);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("`{}` cannot be made", parent.display()))?;
        }
        std::fs::write(&path, renamed(inner, &file.data, slug)).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    std::fs::write(&list, extended).with_context(|| format!("`{}` cannot be written", list.display()))?;
    Ok(next_steps(slug))
}

fn check_name(slug: &str) -> anyhow::Result<()> {
    let shown: String = slug.chars().take(40).collect();
    let well_formed = slug.len() <= 30 && slug.starts_with(|c: char| c.is_ascii_lowercase());
    if !well_formed || !slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        bail!(super::Usage(format!(
            "`{shown}` cannot be a provider's name: a letter, then letters and digits, all lower case, at most 30; such as `examplecloud`"
        )));
    }
    if TAKEN.contains(&slug) {
        bail!(super::Usage(format!("`{shown}` is taken by the language or by this project; take another name, such as `{shown}cloud`")));
    }
    Ok(())
}

/// `examplecloud` as the name of a type.
fn type_name(slug: &str) -> String {
    let mut characters = slug.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

fn renamed(file: &str, data: &[u8], slug: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(data) else { return data.to_vec() };
    match file {
        "mod.rs" => text
            .replace("pub struct Example;", &format!("pub struct {};", type_name(slug)))
            .replace("impl Provider for Example ", &format!("impl Provider for {} ", type_name(slug)))
            .replace("\"example\"", &format!("\"{slug}\""))
            .into_bytes(),
        "README.md" => text.replacen("# example: the template", &format!("# {slug}: (the provider's name)"), 1).into_bytes(),
        "manifest.toml" => text.replacen("name = \"Example Cloud\"", &format!("name = \"{}\"", type_name(slug)), 1).into_bytes(),
        _ => data.to_vec(),
    }
}

/// The list with the provider in it: its module among the others, its line in `all`.
fn register(list: &str, slug: &str) -> anyhow::Result<String> {
    let module = format!("mod {slug};");
    ensure!(!list.lines().any(|line| line == module), "`providers/lib.rs` names `{slug}` already");
    let is_module = |line: &&str| line.starts_with("mod ") && line.ends_with(';');
    let mut modules: Vec<&str> = list.lines().filter(is_module).collect();
    let (Some(first), Some(at)) = (modules.first().copied(), list.find(MARK)) else {
        bail!("`providers/lib.rs` is not as this program knows it; add `mod {slug};` and its line in `all` by hand");
    };
    let line_start = list[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = &list[line_start..at];
    let mut text = list.to_owned();
    text.insert_str(line_start, &format!("{indent}Box::new({slug}::{}),\n", type_name(slug)));
    modules.push(&module);
    modules.sort_unstable();
    let block = modules.join("\n");
    let others: Vec<&str> = text.lines().filter(|line| !is_module(line) || *line == first).collect();
    let others = others.into_iter().map(|line| if line == first { block.as_str() } else { line });
    Ok(others.flat_map(|line| [line, "\n"]).collect())
}

fn next_steps(slug: &str) -> String {
    format!(
        "providers/{slug} is there, and stands in providers/lib.rs. Next:\n\
         \x20 1. save answers of the provider under providers/{slug}/samples/<case>/, with an exchanges.toml; no secret in them\n\
         \x20 2. write `fetch` in mod.rs (all pages or an error) and `parse` in parse.rs (pure)\n\
         \x20 3. fill manifest.toml: hosts, markets, billing; each fact with its source and the day it was read\n\
         \x20 4. put prices that a person read into samples/<case>/facts.toml\n\
         \x20 5. UPDATE_EXPECTED=1 cargo test -p gpurate-providers, and read the diff\n\
         \x20 6. add a line to the table of providers in README.md: a test asks for it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of what `make` reads and writes.
    fn copy() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_path_buf();
        std::fs::create_dir_all(root.join("providers")).expect("made");
        let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers/lib.rs");
        std::fs::copy(list, root.join("providers/lib.rs")).expect("copied");
        (folder, root)
    }

    #[test]
    fn a_new_provider_is_the_template_under_its_own_name() {
        let (_folder, root) = copy();
        let before = std::fs::read_to_string(root.join("providers/lib.rs")).expect("read");
        let steps = make(&root, "newcloud").expect("made");
        assert!(steps.contains("providers/newcloud"), "{steps}");
        let module = std::fs::read_to_string(root.join("providers/newcloud/mod.rs")).expect("read");
        assert!(
            module.contains("pub struct Newcloud;") && module.contains("impl Provider for Newcloud {") && module.contains("\"newcloud\"")
        );
        assert!(!module.contains("\"example\"") && !module.contains("Example;"), "{module}");
        for file in ["parse.rs", "manifest.toml", "README.md", "samples/basic/exchanges.toml", "samples/basic/facts.toml"] {
            assert!(root.join("providers/newcloud").join(file).is_file(), "{file}");
        }
        let after = std::fs::read_to_string(root.join("providers/lib.rs")).expect("read");
        let added: Vec<&str> = after.lines().filter(|line| !before.lines().any(|old| old == *line)).collect();
        assert_eq!(added, ["mod newcloud;", "        Box::new(newcloud::Newcloud),"]);
        assert_eq!(after.lines().count(), before.lines().count() + 2);
        let modules: Vec<&str> = after.lines().filter(|line| line.starts_with("mod ")).collect();
        assert!(modules.is_sorted(), "{modules:?}");
        let (line, mark) = (after.find("Box::new(newcloud").expect("its line"), after.find(MARK).expect("the mark"));
        assert!(line < mark);
    }

    #[test]
    fn a_name_that_is_taken_or_no_name_is_refused_and_nothing_is_written() {
        let (_folder, root) = copy();
        std::fs::create_dir_all(root.join("providers/there")).expect("made");
        let before = std::fs::read_to_string(root.join("providers/lib.rs")).expect("read");
        for (name, reason) in [
            ("there", "there already"),
            ("runpod", "already"),
            ("New", "lower case"),
            ("../x", "lower case"),
            ("9lives", "lower case"),
            ("new-cloud", "lower case"),
            ("", "lower case"),
            ("type", "taken"),
            ("example", "taken"),
            ("transport", "taken"),
        ] {
            let error = make(&root, name).expect_err(name).to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
        assert_eq!(std::fs::read_to_string(root.join("providers/lib.rs")).expect("read"), before);
        assert_eq!(std::fs::read_dir(root.join("providers")).expect("read").count(), 2);
    }

    #[test]
    fn a_checkout_is_found_from_inside_and_missed_elsewhere() {
        let (_folder, root) = copy();
        let inside = root.join("providers");
        assert_eq!(checkout(&inside).ok(), Some(root));
        let elsewhere = tempfile::tempdir().expect("a folder");
        assert!(checkout(elsewhere.path()).is_err());
    }
}
