//! The schema's versions: which one a database has, and how it is brought up to date.
//!
//! What was applied is kept in the schema with a checksum of each migration, so that a migration that was changed
//! after it had shipped shows.

use crate::error::Fault;
use sqlx::{Connection, Executor, PgConnection, Row};
use xxhash_rust::xxh3::xxh3_128;

struct Migration {
    version: u32,
    name: &'static str,
    sql: &'static str,
}

/// Every migration, in order from version 1. What has shipped never changes.
const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "initial",
        sql: include_str!("../migrations/0001_initial.sql"),
    },
    Migration {
        version: 2,
        name: "writer",
        sql: include_str!("../migrations/0002_writer.sql"),
    },
];

const CREATE_TABLE: &str = "CREATE TABLE evently.migration (
    version  bigint PRIMARY KEY,
    name     text NOT NULL,
    checksum text NOT NULL
)";

/// Held while migrating, so that of several processes one does it; the number is ours alone ("evently" in ASCII).
const LOCK: &str = "SELECT pg_advisory_xact_lock(28559150664674425)";

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The schema's version before; 0 for a new one.
    pub from: u32,
    /// The schema's version now.
    pub to: u32,
}

/// Why a database's schema is not one to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaFault {
    #[error("its schema `evently` holds the data of another program")]
    Foreign,
    #[error("its schema is version {found}, newer than version {known} that this program knows")]
    Newer { found: u32, known: u32 },
    #[error("migration {version} was applied to it in another form than this program's")]
    Altered { version: u32 },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<sqlx::Error> for SchemaFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The version that this program works with.
pub(crate) fn latest() -> u32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// The version that a database has; 0 for one without Evently.
///
/// # Errors
/// Its schema is not Evently's, newer than this program, or was migrated by other means.
pub(crate) async fn version(connection: &mut PgConnection) -> Result<u32, SchemaFault> {
    let look = "SELECT to_regclass('evently.migration') IS NOT NULL,
        EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('evently'))";
    let (ours, anything): (bool, bool) = sqlx::query_as(look)
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?;
    match (ours, anything) {
        (false, false) => return Ok(0),
        (false, true) => return Err(SchemaFault::Foreign),
        (true, _) => {}
    }
    let applied = "SELECT version, checksum FROM evently.migration ORDER BY version";
    let mut newest = 0;
    for row in sqlx::query(applied)
        .persistent(false)
        .fetch_all(&mut *connection)
        .await?
    {
        let (version, checksum): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        let Some(migration) = MIGRATIONS.iter().find(|migration| migration.version == version) else {
            return Err(SchemaFault::Newer {
                found: version,
                known: latest(),
            });
        };
        if migration.checksum() != checksum {
            return Err(SchemaFault::Altered { version });
        }
        newest = version;
    }
    Ok(newest)
}

/// Brings a database up to date, all or nothing. Of several processes that try, one does it.
///
/// # Errors
/// As [`version`], and whatever the storage says.
pub(crate) async fn migrate(connection: &mut PgConnection) -> Result<Migrated, SchemaFault> {
    let to = latest();
    // Nothing is locked where nothing is to be done.
    if version(connection).await? == to {
        return Ok(Migrated { from: to, to });
    }
    let mut transaction = connection.begin().await?;
    // A migration may take long, and so may waiting for another process's.
    transaction.execute("SET LOCAL statement_timeout = 0").await?;
    transaction.execute("SET LOCAL lock_timeout = 0").await?;
    transaction.execute(LOCK).await?;
    let from = version(&mut transaction).await?;
    if from == 0 {
        let exists = "SELECT to_regnamespace('evently') IS NOT NULL";
        // Not `IF NOT EXISTS`: that needs the right to make schemas even where there is one.
        if !sqlx::query_scalar::<_, bool>(exists)
            .persistent(false)
            .fetch_one(&mut *transaction)
            .await?
        {
            transaction.execute("CREATE SCHEMA evently").await?;
        }
        transaction.execute(CREATE_TABLE).await?;
    }
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > from) {
        transaction.execute(sqlx::raw_sql(migration.sql)).await?;
        let note = "INSERT INTO evently.migration (version, name, checksum) VALUES ($1, $2, $3)";
        let note = sqlx::query(note)
            .persistent(false)
            .bind(i64::from(migration.version))
            .bind(migration.name);
        transaction.execute(note.bind(migration.checksum())).await?;
    }
    transaction.commit().await?;
    Ok(Migrated { from, to })
}

impl Migration {
    /// XXH3-128 of the text: it shows mistakes, it does not stop anybody who means it.
    fn checksum(&self) -> String {
        format!("{:032x}", xxh3_128(self.sql.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_count_from_one_without_gaps() {
        let versions: Vec<u32> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=latest()).collect::<Vec<_>>());
    }

    #[test]
    fn what_has_shipped_never_changes() {
        let shipped = [
            (1, "1215d9b7e1d0beba3a5134d9195a3a23"),
            (2, "2a114b5907a50a22ed048d3250413378"),
        ];
        assert_eq!(MIGRATIONS.len(), shipped.len());
        for (migration, (version, checksum)) in MIGRATIONS.iter().zip(shipped) {
            assert_eq!(
                (migration.version, migration.checksum().as_str()),
                (version, checksum)
            );
        }
    }
}
