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

/// What a folder of `providers/` cannot be called, because it is another module there: every one of `providers/lib.rs` that is no
/// provider, and the folder of its tests.
const MODULES: [&str; 7] = ["example", "exchanges", "json", "manifest", "testing", "tests", "transport"];

/// Words of the language: strict, reserved and weak ones, of every edition.
/// Source: <https://doc.rust-lang.org/reference/keywords.html>, read 2026-11-25.
const KEYWORDS: [&str; 54] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum", "extern",
    "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "pub", "raw", "ref", "return", "safe", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof", "union",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that the adapter's type, or its module, would hide where `providers/lib.rs` and the template's `mod.rs` need them: what they
/// import, crates, and types of the language.
const NEEDED: [&str; 26] = [
    "alloc",
    "bool",
    "char",
    "chrono",
    "core",
    "err",
    "none",
    "ok",
    "option",
    "page",
    "parsed",
    "part",
    "provider",
    "request",
    "result",
    "send",
    "serde",
    "settings",
    "some",
    "std",
    "str",
    "string",
    "thiserror",
    "toml",
    "u32",
    "vec",
];

/// The root of the checkout that `start` is in.
pub(super) fn checkout(start: &Path) -> anyhow::Result<PathBuf> {
    let is_root = |folder: &&Path| std::fs::read_to_string(folder.join("providers/lib.rs")).is_ok_and(|text| text.contains(MARK));
    let found = start.ancestors().find(is_root).map(Path::to_path_buf);
    found.with_context(|| format!("`{}` is in no checkout of gpurate: go to where `providers/lib.rs` is", start.display()))
}

/// Makes the provider; returns what is left to do. One of which only the billing is known keeps its manifest, and gets the rest.
pub(super) fn make(root: &Path, slug: &str) -> anyhow::Result<String> {
    check_name(slug)?;
    let folder = root.join("providers").join(slug);
    let list = root.join("providers/lib.rs");
    let text = std::fs::read_to_string(&list).with_context(|| format!("`{}` cannot be read", list.display()))?;
    let shortened = without_rules(&text, slug);
    let kept = folder.join("manifest.toml");
    let rules = if shortened.is_some() && kept.is_file() && !folder.join("mod.rs").exists() {
        Some(std::fs::read_to_string(&kept).with_context(|| format!("`{}` cannot be read", kept.display()))?)
    } else {
        ensure!(!folder.exists(), "`providers/{slug}` is there already; take another name, or delete it first");
        None
    };
    // Worked out before anything is written: what cannot be extended leaves no half provider behind.
    let extended = register(shortened.as_deref().unwrap_or(&text), slug)?;
    let completed = rules.as_deref().map(|rules| completed(rules, slug)).transpose()?;
    for name in Template::iter() {
        let Some(file) = Template::get(&name) else { bail!("the template lost its file `{name}`") };
        let Some(inner) = name.strip_prefix("example/") else { continue };
        let path = folder.join(inner);
        let data = match (&completed, inner) {
            (Some(manifest), "manifest.toml") => manifest.clone().into_bytes(),
            // Nothing else that lies there is written over.
            (Some(_), _) if path.exists() => continue,
            _ => renamed(inner, &file.data, slug),
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("`{}` cannot be made", parent.display()))?;
        }
        std::fs::write(&path, data).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    std::fs::write(&list, extended).with_context(|| format!("`{}` cannot be written", list.display()))?;
    Ok(next_steps(slug, rules.is_some()))
}

/// The list without the line of a provider of which only the billing is known; `None` where there is no such line.
fn without_rules(list: &str, slug: &str) -> Option<String> {
    let line = format!("    (\"{slug}\", include_str!(\"{slug}/manifest.toml\")),\n");
    list.contains(&line).then(|| list.replacen(&line, "", 1))
}

/// A manifest of billing alone as that of an adapter: nothing of it is lost, and what it lacks is the template's.
fn completed(rules: &str, slug: &str) -> anyhow::Result<String> {
    let Some(template) = Template::get("example/manifest.toml") else { bail!("the template lost its file `manifest.toml`") };
    let template = std::str::from_utf8(&template.data).context("the template's manifest is no text")?;
    let as_known =
        || format!("`providers/{slug}/manifest.toml` is not as this program knows it; write `mod.rs` and its line in `all` by hand");
    let homepage = |text: &str| text.lines().find(|line| line.starts_with("homepage = ")).map(str::to_owned);
    let line = homepage(rules).with_context(as_known)?;
    // From behind the template's own page to where its billing begins.
    let (_, added) = homepage(template).and_then(|line| template.split_once(&line)).context("the template's manifest has no page")?;
    let added = &added[..added.find("\n# ").or_else(|| added.find("\n[[billing]]")).context("the template's manifest has no billing")?];
    let launch = |line: &str| line.starts_with("launch_url = ");
    let added: String = added
        .lines()
        .map(|one| if launch(one) { line.replacen("homepage", "launch_url", 1) } else { one.to_owned() })
        .flat_map(|line| [line, "\n".to_owned()])
        .collect();
    let text = rules.replacen("kind = \"rules_only\"", "kind = \"catalogue\"", 1);
    let text = text.replacen(&format!("{line}\n"), &format!("{line}{}\n", added.trim_end()), 1);
    gpurate_providers::Manifest::parse(slug, &text).with_context(as_known)?;
    Ok(text)
}

fn check_name(slug: &str) -> anyhow::Result<()> {
    let shown: String = slug.chars().take(40).collect();
    let well_formed = slug.len() <= 30 && slug.starts_with(|c: char| c.is_ascii_lowercase());
    if !well_formed || !slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        bail!(super::Usage(format!(
            "`{shown}` cannot be a provider's name: a letter, then letters and digits, all lower case, at most 30; such as `examplecloud`"
        )));
    }
    if [&MODULES[..], &KEYWORDS, &NEEDED].iter().any(|taken| taken.contains(&slug)) {
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

/// The list with the provider in it: its module among the others, its line in `all`. Every other line stays where it is.
fn register(list: &str, slug: &str) -> anyhow::Result<String> {
    let module = format!("mod {slug};");
    ensure!(!list.lines().any(|line| line == module), "`providers/lib.rs` names `{slug}` already");
    let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
    let as_known = || format!("`providers/lib.rs` is not as this program knows it; add `mod {slug};` and its line in `all` by hand");
    let mark = lines.iter().position(|line| line.trim_start() == MARK).with_context(as_known)?;
    let indent: String = lines[mark].chars().take_while(|character| *character == ' ').collect();
    lines.insert(mark, format!("{indent}Box::new({slug}::{}),", type_name(slug)));
    // A module behind an attribute is no provider, and what came between the two would have the attribute.
    let is_provider = |index: usize| {
        lines[index].starts_with("mod ")
            && lines[index].ends_with(';')
            && index.checked_sub(1).is_none_or(|before| !lines[before].starts_with("#["))
    };
    let modules: Vec<usize> = (0..lines.len()).filter(|index| is_provider(*index)).collect();
    let last = *modules.last().with_context(as_known)?;
    let place = modules.into_iter().find(|index| lines[*index] > module).unwrap_or(last + 1);
    lines.insert(place, module);
    Ok(lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect())
}

fn next_steps(slug: &str, had_rules: bool) -> String {
    let kept = if had_rules {
        format!(
            "\nIts billing rules were known: providers/{slug}/manifest.toml keeps them, and got the template's hosts, markets and places. Its line in\n\
             `RULES_ONLY` is gone."
        )
    } else {
        String::new()
    };
    format!(
        "providers/{slug} is there, and stands in providers/lib.rs.{kept} Next:\n\
         \x20 1. save answers of the provider under providers/{slug}/samples/<case>/, with an exchanges.toml; no secret in them\n\
         \x20 2. write `fetch` in mod.rs (all pages or an error) and `parse` in parse.rs (pure)\n\
         \x20 3. fill manifest.toml: hosts, markets, billing; each fact with its source and the day it was read\n\
         \x20 4. put prices that a person read into samples/<case>/facts.toml\n\
         \x20 5. UPDATE_EXPECTED=1 cargo test -p gpurate-providers, and read the diff\n\
         \x20 6. add a line to the table of providers in README.md: a test asks for it\n\
         \x20 7. UPDATE_EXPECTED=1 cargo test --test it readme: README.md shows an answer of `serve --demo`, which has its sample now\n\
         Nothing else outside the folder: `fuzz/run` finds the adapter by itself."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

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
        let without: Vec<&str> = after.lines().filter(|line| !line.contains("newcloud")).collect();
        assert_eq!(without, before.lines().collect::<Vec<_>>(), "every other line stays where it is, attributes above what they are of");
        let modules: Vec<&str> =
            after.lines().skip_while(|line| *line != "mod akash;").take_while(|line| line.starts_with("mod ")).collect();
        assert!(modules.contains(&"mod newcloud;") && modules.is_sorted(), "{modules:?}");
        let (line, mark) = (after.find("Box::new(newcloud").expect("its line"), after.find(MARK).expect("the mark"));
        assert!(line < mark);
    }

    #[test]
    fn the_first_and_the_last_of_all_stand_beside_the_others() {
        let list = format!("pub mod json;\n\n#[cfg(test)]\nmod testing;\n\nmod bbb;\nmod yyy;\n\nuse x;\n        {MARK}\n");
        for (slug, modules) in [
            ("aaa", "mod testing;\n\nmod aaa;\nmod bbb;\nmod yyy;\n\n"),
            ("mmm", "mod testing;\n\nmod bbb;\nmod mmm;\nmod yyy;\n\n"),
            ("zzz", "mod testing;\n\nmod bbb;\nmod yyy;\nmod zzz;\n\n"),
        ] {
            let extended = register(&list, slug).expect("registered");
            assert!(extended.contains(modules) && extended.contains("#[cfg(test)]\nmod testing;\n"), "{extended}");
        }
        for lost in [MARK, "mod bbb;\nmod yyy;\n"] {
            let error = register(&list.replace(lost, ""), "mmm").expect_err(lost).to_string();
            assert!(error.contains("by hand"), "{error}");
        }
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
            ("testing", "taken"),
            ("yield", "taken"),
            ("provider", "taken"),
        ] {
            let error = make(&root, name).expect_err(name).to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
        assert_eq!(std::fs::read_to_string(root.join("providers/lib.rs")).expect("read"), before);
        assert_eq!(std::fs::read_dir(root.join("providers")).expect("read").count(), 2);
    }

    #[test]
    fn what_is_taken_is_each_module_of_the_list_that_is_no_provider_and_each_name_that_the_template_imports() {
        let list = include_str!("../../providers/lib.rs");
        let slugs: Vec<&str> = catalogue::slugs();
        let modules: Vec<&str> = list
            .lines()
            .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
            .filter(|module| !slugs.contains(module))
            .collect();
        assert!(modules.len() >= 6, "{modules:?}");
        for module in modules {
            assert!(MODULES.contains(&module), "`mod {module};` of providers/lib.rs is not in MODULES");
        }
        let template = Template::get("example/mod.rs").expect("the template");
        let template = std::str::from_utf8(&template.data).expect("text");
        let imported = template.lines().find_map(|line| line.strip_prefix("use crate::{")?.strip_suffix("};")).expect("its imports");
        let imported: Vec<String> = imported.split(", ").map(str::to_owned).collect();
        assert!(imported.len() > 5, "{imported:?}");
        for name in imported {
            // `FetchError`: no slug becomes a name with two capitals.
            if name.chars().filter(char::is_ascii_uppercase).count() > 1 {
                continue;
            }
            let slug = name.to_ascii_lowercase();
            assert!(check_name(&slug).is_err(), "a provider `{slug}` would hide `{name}` in its own mod.rs");
        }
        for list in [&MODULES[..], &KEYWORDS, &NEEDED] {
            assert!(list.is_sorted(), "{list:?}");
        }
        // Each word of the language is one: `gen` has to be quoted as a module of this edition, weak ones are listed as well.
        for word in
            ["macro", "mut", "override", "ref", "return", "struct", "trait", "typeof", "unsafe", "unsized", "virtual", "while", "yield"]
        {
            assert!(check_name(word).is_err(), "{word}");
        }
    }

    #[test]
    fn a_provider_of_which_only_the_billing_is_known_keeps_its_rules_and_leaves_that_list() {
        let (_folder, root) = copy();
        let before = std::fs::read_to_string(root.join("providers/lib.rs")).expect("read");
        let (slug, manifest) = gpurate_providers::RULES_ONLY.first().copied().expect("one at least");
        let folder = root.join("providers").join(slug);
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::write(folder.join("manifest.toml"), manifest).expect("written");
        std::fs::write(folder.join("README.md"), "kept").expect("written");
        let steps = make(&root, slug).expect("made");
        assert!(steps.contains("RULES_ONLY") && steps.contains("UPDATE_EXPECTED=1 cargo test --test it readme"), "{steps}");
        let after = std::fs::read_to_string(root.join("providers/lib.rs")).expect("read");
        let changed = |one: &str, other: &str| -> Vec<String> {
            one.lines().filter(|line| !other.lines().any(|old| old == *line)).map(str::to_owned).collect()
        };
        assert_eq!(changed(&before, &after), [format!("    (\"{slug}\", include_str!(\"{slug}/manifest.toml\")),")]);
        assert_eq!(changed(&after, &before), [format!("mod {slug};"), format!("        Box::new({slug}::{}),", type_name(slug))]);
        assert!(folder.join("mod.rs").is_file() && folder.join("samples/basic/exchanges.toml").is_file());
        assert_eq!(std::fs::read_to_string(folder.join("README.md")).expect("read"), "kept");
        let written = std::fs::read_to_string(folder.join("manifest.toml")).expect("read");
        assert!(changed(manifest, &written).iter().all(|line| line.contains("rules_only")), "{written}");
        let again = make(&root, slug).expect_err("an adapter is there now").to_string();
        assert!(again.contains("there already"), "{again}");
    }

    #[test]
    fn every_manifest_of_billing_alone_can_become_that_of_an_adapter() {
        let list = include_str!("../../providers/lib.rs");
        assert!(!gpurate_providers::RULES_ONLY.is_empty());
        for (slug, text) in gpurate_providers::RULES_ONLY {
            check_name(slug).unwrap_or_else(|error| panic!("{error}"));
            let shorter = without_rules(list, slug).unwrap_or_else(|| panic!("{slug} has no line as this program writes it"));
            register(&shorter, slug).unwrap_or_else(|error| panic!("{error}"));
            let rules = gpurate_providers::RulesOnly::parse(slug, text).expect("valid");
            let completed = completed(text, slug).unwrap_or_else(|error| panic!("{error:#}"));
            let manifest = gpurate_providers::Manifest::parse(slug, &completed).expect("valid");
            assert_eq!((&manifest.name, &manifest.homepage, &manifest.launch_url), (&rules.name, &rules.homepage, &rules.homepage));
            assert_eq!(format!("{:?}", manifest.billing), format!("{:?}", rules.billing), "{slug}");
            assert!(!manifest.hosts.is_empty() && !manifest.markets.is_empty(), "{slug}");
        }
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
