//! The schema's versions: which one a file has, and how it is brought up to date.
//!
//! What was applied is kept in the file with a checksum of each migration, so that a migration that was changed
//! after it had shipped shows.

use crate::error::Fault;
use rusqlite::{Connection, TransactionBehavior, params};
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

const CREATE_TABLE: &str = "CREATE TABLE evently_migration (
    version  INTEGER PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL,
    checksum TEXT NOT NULL
) STRICT";

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The schema's version before; 0 for a new file.
    pub from: u32,
    /// The schema's version now.
    pub to: u32,
}

/// Why a file's schema is not one to work with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SchemaFault {
    #[error("it holds the data of another program")]
    Foreign,
    #[error("its schema is version {found}, newer than version {known} that this program knows")]
    Newer { found: u32, known: u32 },
    #[error("migration {version} was applied to it in another form than this program's")]
    Altered { version: u32 },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<rusqlite::Error> for SchemaFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The version that this program works with.
pub(crate) fn latest() -> u32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// The version that a database has; 0 for an empty one.
///
/// # Errors
/// It is not Evently's, newer than this program, or was migrated by other means.
pub(crate) fn version(connection: &Connection) -> Result<u32, SchemaFault> {
    let (ours, all): (u32, u32) = connection.query_row(
        "SELECT count(*) FILTER (WHERE name = 'evently_migration'), count(*) FROM sqlite_schema",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match (ours, all) {
        (0, 0) => return Ok(0),
        (0, _) => return Err(SchemaFault::Foreign),
        _ => {}
    }
    let mut applied =
        connection.prepare("SELECT version, checksum FROM evently_migration ORDER BY version")?;
    let mut rows = applied.query([])?;
    let mut newest = 0;
    while let Some(row) = rows.next()? {
        let (version, checksum): (u32, String) = (row.get(0)?, row.get(1)?);
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
pub(crate) fn migrate(connection: &mut Connection) -> Result<Migrated, SchemaFault> {
    let to = latest();
    // A file that is up to date is not written to: another process may be writing for long.
    if version(connection)? == to {
        return Ok(Migrated { from: to, to });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = version(&transaction)?;
    if from == 0 {
        transaction.execute_batch(CREATE_TABLE)?;
    }
    apply(&transaction, from, to)?;
    transaction.commit()?;
    Ok(Migrated { from, to })
}

/// Applies the migrations that lead from one version to another.
fn apply(connection: &Connection, from: u32, to: u32) -> Result<(), SchemaFault> {
    let is_due = |migration: &&Migration| (from + 1..=to).contains(&migration.version);
    for migration in MIGRATIONS.iter().filter(is_due) {
        connection.execute_batch(migration.sql)?;
        connection.execute(
            "INSERT INTO evently_migration (version, name, checksum) VALUES (?1, ?2, ?3)",
            params![migration.version, migration.name, migration.checksum()],
        )?;
    }
    Ok(())
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

    fn migrated() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        assert_eq!(
            migrate(&mut connection).unwrap(),
            Migrated {
                from: 0,
                to: latest()
            }
        );
        connection
    }

    #[test]
    fn versions_count_from_one_without_gaps() {
        let versions: Vec<u32> = MIGRATIONS.iter().map(|migration| migration.version).collect();
        assert_eq!(versions, (1..=latest()).collect::<Vec<_>>());
    }

    #[test]
    fn what_has_shipped_never_changes() {
        let shipped = [
            (1, "24c89f853c8242992ca0d02ad367c190"),
            (2, "650d291d0ce9336ce6a421cf8f4d670c"),
        ];
        assert_eq!(MIGRATIONS.len(), shipped.len());
        for (migration, (version, checksum)) in MIGRATIONS.iter().zip(shipped) {
            assert_eq!(
                (migration.version, migration.checksum().as_str()),
                (version, checksum)
            );
        }
    }

    #[test]
    fn migrating_again_does_nothing() {
        let mut connection = migrated();
        let again = migrate(&mut connection).unwrap();
        assert_eq!((again.from, again.to), (latest(), latest()));
    }

    #[test]
    fn a_file_of_each_former_version_is_brought_up_to_date() {
        for from in 1..latest() {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(CREATE_TABLE).unwrap();
            apply(&connection, 0, from).unwrap();
            let migrated = migrate(&mut connection).unwrap();
            assert_eq!((migrated.from, migrated.to), (from, latest()));
            let schema = |connection: &Connection| -> Vec<String> {
                let mut all = connection
                    .prepare("SELECT sql FROM sqlite_schema ORDER BY 1")
                    .unwrap();
                let all = all.query_map([], |row| row.get(0)).unwrap();
                all.map(|sql: rusqlite::Result<Option<String>>| sql.unwrap().unwrap_or_default())
                    .collect()
            };
            assert_eq!(schema(&connection), schema(&self::migrated()));
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = migrated();
        connection
            .execute("INSERT INTO evently_migration VALUES (999, 'future', '')", [])
            .unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(
            matches!(refused, SchemaFault::Newer { found: 999, .. }),
            "{refused}"
        );
    }

    #[test]
    fn a_migration_that_differs_from_what_was_applied_is_refused() {
        let mut connection = migrated();
        connection
            .execute(
                "UPDATE evently_migration SET checksum = 'other' WHERE version = 1",
                [],
            )
            .unwrap();
        let refused = migrate(&mut connection).unwrap_err();
        assert!(
            matches!(refused, SchemaFault::Altered { version: 1 }),
            "{refused}"
        );
    }

    #[test]
    fn another_programs_data_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE song (title TEXT)")
            .unwrap();
        assert!(matches!(migrate(&mut connection), Err(SchemaFault::Foreign)));
    }
}
