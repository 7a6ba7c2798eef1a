//! `postgres://…` and `postgresql://…`: a database that others may use, too.

use super::{Backend, OpenError};
use crate::secret::SecretHome;
use crate::settings::Schema;
use evently_core::store::Store;
use evently_pg::{PgOptions, PgStore};
use futures::FutureExt;
use std::sync::Arc;

pub(super) const BACKEND: Backend = Backend {
    scheme: "postgres",
    form: "postgres://HOST/DATABASE",
    open: |place, schema| open(place, schema).boxed(),
    migrate: |place| migrate(place).boxed(),
    secret: |_| SecretHome::Settings,
};

/// The other name of the same.
pub(super) const POSTGRESQL: Backend = Backend {
    scheme: "postgresql",
    form: "postgresql://HOST/DATABASE",
    ..BACKEND
};

async fn open(place: String, schema: Schema) -> Result<Arc<dyn Store>, OpenError> {
    let options = PgOptions {
        schema: match schema {
            Schema::BringUpToDate => evently_pg::Schema::Migrate,
            Schema::LeaveAlone => evently_pg::Schema::Require,
        },
        ..PgOptions::default()
    };
    Ok(Arc::new(PgStore::open(&url(&place), options).await?))
}

async fn migrate(place: String) -> Result<String, OpenError> {
    let migrated = evently_pg::migrate(&url(&place)).await?;
    Ok(if migrated.from == migrated.to {
        format!("The schema is up to date (version {}).", migrated.to)
    } else {
        format!(
            "The schema is brought from version {} to {}.",
            migrated.from, migrated.to
        )
    })
}

fn url(place: &str) -> String {
    format!("postgres://{place}")
}
