//! Between values and rows. A row travels as JSON, named as its table's columns are, in both directions: what is
//! written one way is read the same way, and one statement may carry rows of several tables. Only the hot write has
//! its own form (see [`crate::sales`]).

mod account;
mod booking;
mod entry;
mod event;
mod inventory;
mod seat;

pub(crate) use account::AccountRow;
pub(crate) use booking::BookingRow;
pub(crate) use entry::EntryRow;
pub(crate) use event::{EventRow, FiguresRow};
pub(crate) use inventory::{ChangeRow, InventoryRow, counts_text};
pub(crate) use seat::{HourRow, SeatRow};

use crate::error::Fault;
use evently_core::domain::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::{Row, ValueRef};

/// Reads a row from its JSON.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(Fault::damaged)
}

/// Writes a row, or a list of rows, as JSON.
pub(crate) fn to_json<T: Serialize + ?Sized>(rows: &T) -> Result<String, Fault> {
    serde_json::to_string(rows).map_err(|error| Fault::Broken(error.to_string()))
}

/// The text of a column, without a copy.
pub(crate) fn text(row: &PgRow, place: usize) -> Result<&str, Fault> {
    Ok(row.try_get(place)?)
}

/// The text of a column that may be null.
pub(crate) fn optional_text(row: &PgRow, place: usize) -> Result<Option<&str>, Fault> {
    match row.try_get_raw(place)?.is_null() {
        true => Ok(None),
        false => text(row, place).map(Some),
    }
}

/// An instant as a parameter.
pub(crate) fn instant(at: Timestamp) -> jiff_sqlx::Timestamp {
    at.to_sqlx()
}

/// An instant that may be missing as a parameter.
pub(crate) fn optional_instant(at: Option<Timestamp>) -> Option<jiff_sqlx::Timestamp> {
    at.map(instant)
}

/// A count as columns keep it.
///
/// # Errors
/// It is beyond what any ledger reaches.
pub(crate) fn whole(count: impl TryInto<i64>) -> Result<i64, Fault> {
    count
        .try_into()
        .map_err(|_| Fault::Broken("a number is too large to be stored".to_owned()))
}

/// How many rows at most, as PostgreSQL takes it.
pub(crate) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Behind which place of a waitlist, as columns compare with it.
pub(crate) fn behind(place: Option<u64>) -> i64 {
    place.map_or(-1, |place| i64::try_from(place).unwrap_or(i64::MAX))
}
