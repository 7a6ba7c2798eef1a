//! The secret that sign-ins are signed with: from the settings, else from beside the store's file, else new.

use crate::failure::Failure;
use evently_http::auth::JwtSecret;
use rand::RngExt;
use std::fmt::{self, Write as _};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Where a store's secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretHome {
    /// In this file, which is made if it is not there.
    File(PathBuf),
    /// Nowhere: each start makes its own, which suits a store that ends with its process.
    Nowhere,
    /// Nowhere, though several servers may share the store: each start makes its own, and says so.
    Unshared,
    /// In the settings alone: the store is for several servers, which must agree on the secret.
    Settings,
}

impl SecretHome {
    /// The secret kept there, made now if there is none.
    ///
    /// # Errors
    /// The file cannot be read or made, or what is in it is no secret; or only the settings may name one.
    pub(crate) fn secret(&self) -> Result<JwtSecret, Failure> {
        match self {
            Self::Nowhere => Ok(JwtSecret::random()),
            Self::Unshared => {
                tracing::warn!(
                    "no --jwt-secret (EVENTLY_JWT_SECRET): access tokens of this server are good here alone, until it stops"
                );
                Ok(JwtSecret::random())
            }
            Self::Settings => Err(Failure::usage(
                "--jwt-secret (or EVENTLY_JWT_SECRET) must be set with this store: at least 32 bytes, the same for every \
                 server",
            )),
            Self::File(path) => {
                let failed = |why: &dyn fmt::Display| {
                    Failure::failed(format!("the secret file {}: {why}", path.display()))
                };
                let text = read_or_make(path).map_err(|error| failed(&error.kind()))?;
                JwtSecret::new(text.trim().as_bytes()).map_err(|error| failed(&error))
            }
        }
    }
}

fn read_or_make(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(path)?;
            fs::read_to_string(path)
        }
        outcome => outcome,
    }
}

/// Makes the file whole or not at all; one that somebody else made meanwhile stays.
fn make(path: &Path) -> io::Result<()> {
    let bytes: [u8; 32] = rand::rng().random();
    let mut text = String::with_capacity(65);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut file = private().open(&draft)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    });
    fs::remove_file(&draft)?;
    linked
}

/// A new file that only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evently.db.secret");
        let home = SecretHome::File(path.clone());
        home.secret().unwrap();
        let made = fs::read_to_string(&path).unwrap();
        home.secret().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), made);
        assert_eq!(made.len(), 64);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_store_for_several_servers_has_no_secret_of_its_own() {
        let refused = SecretHome::Settings.secret().unwrap_err().to_string();
        assert!(refused.contains("EVENTLY_JWT_SECRET"), "{refused}");
    }

    #[test]
    fn a_file_with_too_little_in_it_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("evently.db.secret");
        fs::write(&path, "hunter2").unwrap();
        let error = SecretHome::File(path).secret().unwrap_err().to_string();
        assert!(
            error.contains("evently.db.secret") && !error.contains("hunter2"),
            "{error}"
        );
    }
}
