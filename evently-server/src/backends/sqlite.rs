//! `sqlite:PATH`: one file, and the secret for sign-ins beside it.

use super::{Backend, OpenError};
use crate::secret::SecretHome;
use crate::settings::Schema;
use evently_core::store::Store;
use evently_sqlite::{SqliteOptions, SqliteStore};
use futures::FutureExt;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) const BACKEND: Backend = Backend {
    scheme: "sqlite",
    form: "sqlite:PATH",
    open: |path, schema| blocking(move || open(&path, schema)).boxed(),
    migrate: |path| blocking(move || migrate(&path)).boxed(),
    secret: |path| SecretHome::File(PathBuf::from(format!("{path}.secret"))),
};

fn open(path: &str, schema: Schema) -> Result<Arc<dyn Store>, OpenError> {
    let options = SqliteOptions {
        schema: match schema {
            Schema::BringUpToDate => evently_sqlite::Schema::Migrate,
            Schema::LeaveAlone => evently_sqlite::Schema::Require,
        },
        ..SqliteOptions::default()
    };
    Ok(Arc::new(SqliteStore::open(path, options)?))
}

fn migrate(path: &str) -> Result<String, OpenError> {
    let migrated = evently_sqlite::migrate(path)?;
    Ok(if migrated.from == migrated.to {
        format!("The schema is up to date (version {}).", migrated.to)
    } else {
        format!(
            "The schema is brought from version {} to {}.",
            migrated.from, migrated.to
        )
    })
}

/// Opening a file blocks: it has a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    tokio::task::spawn_blocking(work).await?
}
