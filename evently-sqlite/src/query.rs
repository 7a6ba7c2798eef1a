//! Running prepared statements: each is prepared once a connection and kept there.

use crate::error::Fault;
use rusqlite::{Connection, Params, Row};

/// How many prepared statements a connection keeps: more than there are.
pub(crate) const KEPT_STATEMENTS: usize = 128;

/// Every row.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The first row, if there is one.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// The yes or no of the one row.
pub(crate) fn is_so(connection: &Connection, sql: &str, params: impl Params) -> Result<bool, Fault> {
    Ok(first(connection, sql, params, |row| Ok(row.get(0)?))?.unwrap_or(false))
}

/// Writes; how many rows that changed.
pub(crate) fn write(connection: &Connection, sql: &str, params: impl Params) -> Result<usize, Fault> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}
