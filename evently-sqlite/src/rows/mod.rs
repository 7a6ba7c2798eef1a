//! Between values and columns: ids are 16 bytes, times microseconds, words the domain's. Columns are read by their
//! place, in the order in which every statement of a table lists them.

mod booking;
mod entry;
mod figures;

pub(crate) use booking::{booking, insert_booking, items_quantity, update_booking};
pub(crate) use entry::{entry, insert_entry, update_entry};
pub(crate) use figures::{figures, sales_row, section_count, stats};

use crate::error::Fault;
use evently_core::domain::{Fingerprint, IdempotencyKey, Timestamp};
use rusqlite::Row;
use std::str::FromStr;
use uuid::Uuid;

/// A UUID from a column.
pub(crate) fn uuid(row: &Row<'_>, place: usize) -> Result<Uuid, Fault> {
    Ok(Uuid::from_bytes(row.get(place)?))
}

/// A UUID from a column that may be null.
fn optional_uuid(row: &Row<'_>, place: usize) -> Result<Option<Uuid>, Fault> {
    let bytes: Option<[u8; 16]> = row.get(place)?;
    Ok(bytes.map(Uuid::from_bytes))
}

/// An instant from a column.
pub(crate) fn instant(row: &Row<'_>, place: usize) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(row.get(place)?).map_err(Fault::damaged)
}

/// An instant from a column that may be null.
pub(crate) fn optional_instant(row: &Row<'_>, place: usize) -> Result<Option<Timestamp>, Fault> {
    let micros: Option<i64> = row.get(place)?;
    micros
        .map(|micros| Timestamp::from_microsecond(micros).map_err(Fault::damaged))
        .transpose()
}

/// An instant as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A value that is stored as its text.
pub(crate) fn parsed<T: FromStr>(row: &Row<'_>, place: usize) -> Result<T, Fault>
where
    T::Err: ToString,
{
    text(row, place)?.parse().map_err(Fault::damaged)
}

/// The text of a column, without a copy.
pub(crate) fn text<'r>(row: &'r Row<'_>, place: usize) -> Result<&'r str, Fault> {
    row.get_ref(place)?.as_str().map_err(Fault::damaged)
}

/// One of a list of values that is stored as its word.
pub(crate) fn word<T: Copy>(text: &str, values: &[T], as_str: fn(T) -> &'static str) -> Result<T, Fault> {
    let found = values.iter().copied().find(|value| as_str(*value) == text);
    found.ok_or_else(|| Fault::damaged(format!("unknown word {text:?}")))
}

/// A key with its fingerprint, from two columns that may be null.
fn key(row: &Row<'_>, place: usize) -> Result<Option<(IdempotencyKey, Fingerprint)>, Fault> {
    let Some(text) = row.get_ref(place)?.as_str_or_null().map_err(Fault::damaged)? else {
        return Ok(None);
    };
    let key = text.parse().map_err(Fault::damaged)?;
    Ok(Some((key, Fingerprint::from_bytes(row.get(place + 1)?))))
}

/// How many rows at most, as SQLite takes it.
pub(crate) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Behind which place of a waitlist, as columns compare with it.
pub(crate) fn behind(place: Option<u64>) -> i64 {
    place.map_or(-1, |place| i64::try_from(place).unwrap_or(i64::MAX))
}
