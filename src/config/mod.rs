//! The configuration: one file per section, typed, validated once at start. Unknown keys are errors that name line
//! and key; secrets come only from the environment or a file that an option names.

mod alerts;
mod archive;
mod collection;
mod gate;
mod lake;
mod providers;
mod retention;
mod secret;
mod server;
pub(crate) mod shown;
mod store;
mod transport;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use alerts::AlertSection;
pub use archive::ArchiveSection;
pub use collection::CollectionSection;
pub use gate::GateSection;
pub use lake::{LakeKeys, LakeSection};
pub use providers::ProviderSection;
pub use retention::RetentionSection;
pub use secret::{Secret, SecretError};
pub use server::{ServerSection, base_address, listen_address};
pub use store::StoreSection;
pub use transport::TransportSection;

/// The file that is read where none is named and it is there.
pub const DEFAULT_FILE: &str = "config/daemon.toml";

/// Every option at its default, commented out: what `gpurate config default` prints.
pub const DEFAULT_TEXT: &str = include_str!("../../config/daemon.toml");

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP service.
    pub server: ServerSection,
    /// The database.
    pub store: StoreSection,
    /// How long rows of the database are kept.
    pub retention: RetentionSection,
    /// Kept answers of providers.
    pub archive: ArchiveSection,
    /// Parquet files by days.
    pub lake: LakeSection,
    /// When and how much is collected at once.
    pub collection: CollectionSection,
    /// The numbers an answer is judged by.
    pub gate: GateSection,
    /// How providers are asked.
    pub transport: TransportSection,
    /// One section per provider that departs from its manifest.
    pub providers: BTreeMap<String, ProviderSection>,
    /// Which prices are worth a message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertSection>,
}

/// A configuration that cannot be used. The text says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named cannot be read.
    #[error("configuration file `{path}` cannot be read: {reason}")]
    Unreadable {
        /// As named.
        path: String,
        /// From the system.
        reason: String,
    },
    /// Not TOML, an unknown key, or a value of the wrong kind.
    #[error("configuration file `{path}`: {reason}")]
    Invalid {
        /// As named.
        path: String,
        /// With line, column and key.
        reason: String,
    },
    /// A value that cannot be meant.
    #[error("configuration: `{key}`: {reason}")]
    Value {
        /// Section and key.
        key: String,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

impl Config {
    /// Reads `text`; `path` is only for messages.
    ///
    /// # Errors
    /// [`ConfigError`] that names line and key.
    pub fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Invalid { path: path.to_owned(), reason: shown::text(&error.to_string()) })?;
        config.check()?;
        Ok(config)
    }

    /// The file `named`, or [`DEFAULT_FILE`] where it is there, or the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] where a named file cannot be read, or its content cannot be used.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError::Unreadable { path: path.display().to_string(), reason: error.to_string() }),
        }
    }

    /// The database's file: as configured, else in the user's data folder.
    pub fn database_path(&self) -> PathBuf {
        self.store.database.clone().unwrap_or_else(|| data_folder().join("gpurate.db"))
    }

    /// The section of a provider; the empty one where the file has none.
    pub fn provider(&self, slug: &str) -> ProviderSection {
        self.providers.get(slug).cloned().unwrap_or_default()
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.server.check()?;
        self.store.check()?;
        self.gate.check()?;
        self.transport.check()?;
        self.collection.check()?;
        alerts::check(&self.alerts)?;
        self.retention.check()?;
        self.lake.check()?;
        let known = crate::catalogue::slugs();
        for (slug, section) in &self.providers {
            let Some(provider) = crate::catalogue::by_slug(slug) else {
                if let Some(told) = crate::catalogue::not_collected(slug) {
                    return Err(value_error(format!("providers.{slug}"), format!("{told}; leave this section out")));
                }
                let hint = crate::words::nearest(slug, known.iter().copied());
                let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                return Err(ConfigError::Value { key: format!("providers.{slug}"), reason: format!("no provider has this name{hint}") });
            };
            section.check(slug, &provider.manifest.freshness, &provider.manifest.credentials)?;
        }
        Ok(())
    }
}

/// `$XDG_DATA_HOME/gpurate`, or `~/.local/share/gpurate`, or the working folder where neither is known.
fn data_folder() -> PathBuf {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("."), |folder| folder.join("gpurate"))
}

pub(crate) fn value_error(key: impl Into<String>, reason: impl Into<String>) -> ConfigError {
    ConfigError::Value { key: key.into(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_file_uncommented_is_the_default() {
        let mut uncommented = String::new();
        for line in DEFAULT_TEXT.lines() {
            // `# ` begins an explanation, `#key` a commented-out option.
            match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') && !rest.is_empty() => uncommented.push_str(rest),
                Some(_) => {}
                None => uncommented.push_str(line),
            }
            uncommented.push('\n');
        }
        let parsed = Config::parse(&uncommented, "config/daemon.toml").expect("the documented file is valid");
        let expected = Config { providers: parsed.providers.clone(), ..Config::default() };
        assert_eq!(parsed, expected);
        let documented: toml::Table = toml::from_str(&uncommented).expect("TOML");
        let all: toml::Table = toml::Table::try_from(Config::default()).expect("TOML");
        for (section, options) in &all {
            let Some(options) = options.as_table() else { continue };
            for key in options.keys() {
                assert!(documented[section].get(key).is_some(), "`{section}.{key}` is not in config/daemon.toml");
            }
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_line_and_key() {
        let error = Config::parse("[server]\nlisten = \"127.0.0.1:1\"\nlisen = 1\n", "x.toml").expect_err("unknown key").to_string();
        assert!(error.contains("lisen") && error.contains("line 3"), "{error}");
    }

    #[test]
    fn fresh_and_stale_are_compared_across_file_and_manifest() {
        let manifest = &crate::catalogue::by_slug("vastai").expect("a provider").manifest.freshness;
        let check = |text: String| Config::parse(&format!("[providers.vastai]\n{text}\n"), "x.toml").map_err(|error| error.to_string());
        let (below, above) = (manifest.fresh_seconds - 1, manifest.stale_seconds + 1);
        let error = check(format!("stale_seconds = {below}")).expect_err("stale before it is no more fresh");
        assert!(error.contains("providers.vastai.stale_seconds") && error.contains(&format!("at most {below}")), "{error}");
        let error = check(format!("fresh_seconds = {above}")).expect_err("fresh when it is stale");
        assert!(error.contains("providers.vastai.fresh_seconds") && error.contains(&format!("at least {above}")), "{error}");
        assert!(check(format!("fresh_seconds = {above}\nstale_seconds = {above}")).is_ok());
        assert!(check("fresh_seconds = 60\nstale_seconds = 60".to_owned()).is_ok());
        assert!(check("fresh_seconds = 61\nstale_seconds = 60".to_owned()).is_err());
    }

    #[test]
    fn an_unknown_provider_is_an_error_with_a_hint() {
        let error = Config::parse("[providers.runpods]\nenabled = true\n", "x.toml").expect_err("unknown provider").to_string();
        assert!(error.contains("`runpod`"), "{error}");
        let (slug, rules) = crate::catalogue::rules_only().first().expect("one without an adapter");
        let error = Config::parse(&format!("[providers.{slug}]\nenabled = true\n"), "x.toml").expect_err("no adapter").to_string();
        assert!(error.contains(&format!("`providers.{slug}`: prices of {} are not collected", rules.name)), "{error}");
    }
}
