//! Opening a database: what is looked at first, and how each thing that can be wrong with it is said in one line.
//! No message has the URL in it, which may hold a password.

use crate::connections::Connections;
use crate::error::Fault;
use crate::options::{PgOptions, Prepared, Schema};
use crate::schema::{self, Migrated, SchemaFault};
use evently_core::store::StoreError;
use sqlx::postgres::PgConnectOptions;
use std::str::FromStr;

/// Why a database could not be opened, in one line for whoever named it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text is no URL of a PostgreSQL database.
    #[error("it is not a URL of the form postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Url,
    /// The schema `evently` is there and is another program's.
    #[error("its schema `evently` holds the data of another program")]
    Foreign,
    /// A newer program made the schema.
    #[error("its schema is version {found}, newer than version {known} that this program knows")]
    Newer {
        /// The version of its schema.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// An older program made the schema, or none did, and it was not to be migrated.
    #[error("its schema is version {found} and must be migrated to version {needed} first")]
    Outdated {
        /// The version of its schema; 0 if there is none.
        found: u32,
        /// The version that this program works with.
        needed: u32,
    },
    /// It was migrated by other means than this program's.
    #[error("migration {version} was applied to it in another form than this program's")]
    Altered {
        /// The migration.
        version: u32,
    },
    /// The storage failed otherwise; [`StoreError::kind`] tells whether trying again can help.
    #[error(transparent)]
    Storage(#[from] StoreError),
}

impl From<SchemaFault> for OpenError {
    fn from(fault: SchemaFault) -> Self {
        match fault {
            SchemaFault::Foreign => Self::Foreign,
            SchemaFault::Newer { found, known } => Self::Newer { found, known },
            SchemaFault::Altered { version } => Self::Altered { version },
            SchemaFault::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Storage(fault.into())
    }
}

/// Brings a database's schema up to date; makes it if there is none.
///
/// All or nothing: a migration that fails leaves the schema as it was. Of several processes that try, one does it.
///
/// # Errors
/// [`OpenError`], by what is wrong with the database.
pub async fn migrate(url: &str) -> Result<Migrated, OpenError> {
    let connections = connections(url, &PgOptions::default())?;
    let mut connection = connections.connect().await?;
    Ok(schema::migrate(&mut connection).await?)
}

/// Where the database is.
pub(crate) fn connections(url: &str, options: &PgOptions) -> Result<Connections, OpenError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(OpenError::Url);
    }
    // The driver's own message may repeat the URL.
    let place = PgConnectOptions::from_str(url).map_err(|_| OpenError::Url)?;
    let place = match place.get_application_name() {
        Some(_) => place,
        None => place.application_name("evently"),
    };
    let mut options = options.clone();
    if !keeps_statements(url) {
        options.prepared = Prepared::Discarded;
    }
    Ok(Connections::new(place, &options))
}

/// Whether the URL leaves it to the options how statements are kept: the driver's own parameter of none is how a
/// deployer says that there is a pooler in between.
fn keeps_statements(url: &str) -> bool {
    let (_, query) = url.split_once('?').unwrap_or_default();
    !query
        .split('&')
        .any(|parameter| parameter == "statement-cache-capacity=0")
}

/// Sees to it that the database's schema is the one that this program knows.
pub(crate) async fn make_ready(connections: &Connections, schema: Schema) -> Result<Migrated, OpenError> {
    let mut connection = connections.connect().await?;
    match schema {
        Schema::Migrate => Ok(schema::migrate(&mut connection).await?),
        Schema::Require => {
            let (found, needed) = (schema::version(&mut connection).await?, schema::latest());
            match found == needed {
                true => Ok(Migrated {
                    from: found,
                    to: needed,
                }),
                false => Err(OpenError::Outdated { found, needed }),
            }
        }
    }
}
