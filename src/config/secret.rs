//! Secrets: read from a variable or a file, never shown.

use std::fmt;
use std::path::Path;

/// A value that no log, page or message may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret that is named but not there.
#[derive(Debug, thiserror::Error)]
#[error("`{option}` names {place}, which {reason}")]
pub struct SecretError {
    option: String,
    place: String,
    reason: String,
}

impl Secret {
    /// From a variable or a file; `None` where neither is named.
    ///
    /// # Errors
    /// The one that is named is missing or empty.
    pub fn read(option: &str, variable: Option<&str>, file: Option<&Path>) -> Result<Option<Self>, SecretError> {
        let (place, value) = match (variable, file) {
            (Some(name), _) => (format!("the variable `{name}`"), std::env::var(name).map_err(|_| "is not set".to_owned())),
            (None, Some(path)) => (
                format!("the file `{}`", path.display()),
                std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}")),
            ),
            (None, None) => return Ok(None),
        };
        // The key as it stands in the file.
        let ending = if variable.is_some() { "_env" } else { "_file" };
        let key = format!("{}{ending}", option.trim_end_matches(ending));
        let error = |reason: String| SecretError { option: key.clone(), place: place.clone(), reason };
        let value = value.map_err(error)?.trim().to_owned();
        if value.is_empty() {
            return Err(error("is empty".to_owned()));
        }
        Ok(Some(Self(value)))
    }

    /// A value that this process made for itself.
    pub(crate) fn of_this_run(value: String) -> Self {
        Self(value)
    }

    /// The value, for the one place that sends or compares it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares without telling by its duration how much was right.
    pub fn matches(&self, offered: &str) -> bool {
        blake3::hash(self.0.as_bytes()) == blake3::hash(offered.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "hunter2\n").expect("written");
        let secret = Secret::read("server.token", None, Some(&path)).expect("read").expect("there");
        assert_eq!(format!("{secret:?}"), "***");
        assert!(secret.matches("hunter2") && !secret.matches("hunter"));
        let error = Secret::read("server.token", None, Some(&folder.path().join("none"))).expect_err("missing").to_string();
        assert!(error.starts_with("`server.token_file` names the file"), "{error}");
        let error = Secret::read("lake.x_env", Some("GPURATE_TEST_NOT_SET"), None).expect_err("missing").to_string();
        assert_eq!(error, "`lake.x_env` names the variable `GPURATE_TEST_NOT_SET`, which is not set");
    }
}
