//! `[lake]`: Parquet files by days, in a folder or on S3.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret, SecretError, value_error};

/// Parquet files by days, in a folder or on S3. Without a target nothing is written.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct LakeSection {
    /// A folder, or `s3://bucket/prefix`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::shown::option")]
    pub target: Option<String>,
    /// A running daemon writes what is new so often. 0: only `gpurate export --lake` does.
    pub every_minutes: u32,
    /// It writes the offers of now after commits too, and at most so often. 0: only with the days.
    pub current_every_seconds: u32,
    /// Where S3 is, if it is not Amazon's.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "super::shown::option")]
    pub endpoint: Option<String>,
    /// The region of the bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Whether an endpoint without encryption is spoken to.
    pub allow_plain_http: bool,
    /// Variable that holds the id of the access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id_env: Option<String>,
    /// Variable that holds the secret key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_access_key_env: Option<String>,
    /// Variable that holds the token of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token_env: Option<String>,
}

impl Default for LakeSection {
    fn default() -> Self {
        Self {
            target: None,
            every_minutes: 60,
            current_every_seconds: 60,
            endpoint: None,
            region: None,
            allow_plain_http: false,
            access_key_id_env: None,
            secret_access_key_env: None,
            session_token_env: None,
        }
    }
}

/// Keys that stand in the configuration's own variables; `None`: the usual ones hold.
#[derive(Clone, Debug, Default)]
pub struct LakeKeys {
    /// Id of the access key.
    pub access_key_id: Option<Secret>,
    /// The secret key.
    pub secret_access_key: Option<Secret>,
    /// Token of a session.
    pub session_token: Option<Secret>,
}

impl LakeSection {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.target.is_none() {
            return Ok(());
        }
        if cfg!(not(feature = "lake")) {
            let reason = "this gpurate was built without it: take the container image, or build it with `--features lake`";
            return Err(value_error("lake.target", reason));
        }
        if self.access_key_id_env.is_some() != self.secret_access_key_env.is_some() {
            return Err(value_error("lake.access_key_id_env", "and `lake.secret_access_key_env` go together; give both or none"));
        }
        Ok(())
    }

    /// Reads the keys.
    ///
    /// # Errors
    /// A variable that is named is not there.
    pub fn keys(&self) -> Result<LakeKeys, SecretError> {
        let read = |option: &str, variable: &Option<String>| Secret::read(option, variable.as_deref(), None);
        Ok(LakeKeys {
            access_key_id: read("lake.access_key_id_env", &self.access_key_id_env)?,
            secret_access_key: read("lake.secret_access_key_env", &self.secret_access_key_env)?,
            session_token: read("lake.session_token_env", &self.session_token_env)?,
        })
    }
}
