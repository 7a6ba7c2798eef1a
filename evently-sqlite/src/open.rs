//! Opening a file: what is looked at first, and how each thing that can be wrong with it is said in one line.

use crate::connection::{self, Purpose};
use crate::error::Fault;
use crate::options::{Schema, SqliteOptions};
use crate::schema::{self, Migrated, SchemaFault};
use evently_core::store::StoreError;
use rusqlite::{Connection, ErrorCode, MAIN_DB};
use std::path::{Path, PathBuf};

/// Why a file could not be opened, in one line for whoever named it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file, and none was to be made.
    #[error("{}: there is no such file", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The folder that the file is to be in does not exist.
    #[error("{}: its folder does not exist", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory.
    #[error("{}: it is a directory", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
    },
    /// It may not be written.
    #[error("{}: it is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// It is no SQLite database.
    #[error("{}: it is not an SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// It is an SQLite database with another program's data.
    #[error("{}: it holds the data of another program", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("{}: its schema is version {found}, newer than version {known} that this program knows", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// An older program wrote it, and it was not to be migrated.
    #[error("{}: its schema is version {found} and must be migrated to version {needed} first", path.display())]
    Outdated {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The version that this program works with.
        needed: u32,
    },
    /// It was migrated by other means than this program's.
    #[error("{}: migration {version} was applied to it in another form than this program's", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The migration.
        version: u32,
    },
    /// The disk is full.
    #[error("{}: the disk is full", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The storage failed otherwise; [`StoreError::kind`] tells whether trying again can help.
    #[error("{}: {source}", path.display())]
    Storage {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: StoreError,
    },
}

/// Brings a file's schema up to date; makes the file if there is none.
///
/// All or nothing: a migration that fails leaves the file as it was. Of several processes that try, one does it.
///
/// # Errors
/// [`OpenError`], by what is wrong with the file.
pub fn migrate(path: impl AsRef<Path>) -> Result<Migrated, OpenError> {
    let path = path.as_ref();
    let options = SqliteOptions::default();
    make_ready(path, &options)
}

/// Sees to it that the file can be worked with: it can be written, and its schema is the one that this program knows.
pub(crate) fn make_ready(path: &Path, options: &SqliteOptions) -> Result<Migrated, OpenError> {
    look_around(path, options.schema)?;
    let purpose = match options.schema {
        Schema::Migrate => Purpose::Make,
        Schema::Require => Purpose::Look,
    };
    let mut connection =
        connection::open(path, purpose, options.busy_timeout).map_err(|fault| of_fault(path, fault))?;
    refuse_read_only(path, &connection)?;
    match options.schema {
        Schema::Migrate => schema::migrate(&mut connection).map_err(|fault| of_schema(path, fault)),
        Schema::Require => {
            let (found, needed) = (
                schema::version(&connection).map_err(|fault| of_schema(path, fault))?,
                schema::latest(),
            );
            match found == needed {
                true => Ok(Migrated {
                    from: found,
                    to: needed,
                }),
                false => Err(OpenError::Outdated {
                    path: path.to_owned(),
                    found,
                    needed,
                }),
            }
        }
    }
}

/// What the file system tells better than SQLite, which says "unable to open database file" to all of it.
fn look_around(path: &Path, schema: Schema) -> Result<(), OpenError> {
    let owned = path.to_owned();
    if path.is_dir() || path.as_os_str().is_empty() {
        return Err(OpenError::Directory { path: owned });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        return Err(OpenError::NoFolder { path: owned });
    }
    if schema == Schema::Require && !path.exists() {
        return Err(OpenError::Missing { path: owned });
    }
    Ok(())
}

/// SQLite opens a file that it may not write for reading, without a word.
fn refuse_read_only(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    match connection.is_readonly(MAIN_DB) {
        Ok(false) => Ok(()),
        Ok(true) => Err(OpenError::ReadOnly {
            path: path.to_owned(),
        }),
        Err(error) => Err(of_fault(path, error.into())),
    }
}

fn of_schema(path: &Path, fault: SchemaFault) -> OpenError {
    let path = path.to_owned();
    match fault {
        SchemaFault::Foreign => OpenError::Foreign { path },
        SchemaFault::Newer { found, known } => OpenError::Newer { path, found, known },
        SchemaFault::Altered { version } => OpenError::Altered { path, version },
        SchemaFault::Fault(fault) => of_fault(&path, fault),
    }
}

/// The open error for what SQLite said.
pub(crate) fn of_fault(path: &Path, fault: Fault) -> OpenError {
    let path = path.to_owned();
    match fault.code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path },
        Some(ErrorCode::DiskFull) => OpenError::Full { path },
        _ => OpenError::Storage {
            path,
            source: fault.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::OpenFlags;

    #[test]
    fn a_file_that_may_only_be_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        migrate(&path).unwrap();
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let refused = refuse_read_only(&path, &connection).unwrap_err();
        assert!(
            refused.to_string().ends_with("events.db: it is read-only"),
            "{refused}"
        );
    }

    #[test]
    fn each_thing_that_sqlite_says_has_its_line() {
        let path = Path::new("events.db");
        let line = |code| {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            of_fault(path, error.into()).to_string()
        };
        assert_eq!(line(rusqlite::ffi::SQLITE_FULL), "events.db: the disk is full");
        assert_eq!(
            line(rusqlite::ffi::SQLITE_NOTADB),
            "events.db: it is not an SQLite database"
        );
        assert_eq!(line(rusqlite::ffi::SQLITE_READONLY), "events.db: it is read-only");
        assert!(line(rusqlite::ffi::SQLITE_BUSY).starts_with("events.db: sqlite: "));
    }
}
