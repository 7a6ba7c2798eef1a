//! Between values and what is stored: compact rows of bytes, read and written field by field.
//!
//! Ids are 16 bytes, numbers big-endian, times microseconds since 1970 (UTC), texts led by their length. A row's id
//! and event are not in it: its key and field name them. Each row has its form's number, so that a later form can be
//! told from it.

mod booking;
mod entry;
mod head;

pub(crate) use booking::{booking, booking_row, status_letter};
pub(crate) use entry::{entry, entry_row};
pub(crate) use head::{Head, head, head_row};

use crate::error::Fault;
use evently_core::domain::{Fingerprint, IdempotencyKey, Timestamp};
use uuid::Uuid;

/// The form of all rows that are written now.
const FORM: u8 = 1;

/// An instant as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A stored instant.
pub(crate) fn instant(micros: i64) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(micros).map_err(Fault::damaged)
}

/// A row that is being written.
#[derive(Debug, Default)]
struct Row(Vec<u8>);

impl Row {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn i64(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn id(&mut self, id: Uuid) {
        self.0.extend_from_slice(id.as_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// How many of something follow; no list here comes near the limit.
    fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Something that may be missing.
    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn instant(&mut self, at: Timestamp) {
        self.i64(micros(at));
    }

    fn key(&mut self, (key, fingerprint): &(IdempotencyKey, Fingerprint)) {
        self.text(key.as_str());
        self.0.extend_from_slice(&fingerprint.to_bytes());
    }
}

/// What is left to read of a row.
#[derive(Debug)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The fields of a row in this form.
    fn of(row: &'a [u8]) -> Result<Self, Fault> {
        let mut fields = Self(row);
        match fields.byte()? {
            FORM => Ok(fields),
            form => Err(Fault::damaged(format!("a row of form {form}"))),
        }
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (bytes, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| Fault::damaged("a row ends too early"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.bytes(N)?.try_into().map_err(Fault::damaged)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64, Fault> {
        self.array().map(i64::from_be_bytes)
    }

    fn id(&mut self) -> Result<Uuid, Fault> {
        self.array().map(Uuid::from_bytes)
    }

    fn text(&mut self) -> Result<&'a str, Fault> {
        let length = self.u32()?;
        std::str::from_utf8(self.bytes(length as usize)?).map_err(Fault::damaged)
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        match self.byte()? {
            0 => Ok(None),
            _ => read(self).map(Some),
        }
    }

    fn instant(&mut self) -> Result<Timestamp, Fault> {
        instant(self.i64()?)
    }

    fn key(&mut self) -> Result<(IdempotencyKey, Fingerprint), Fault> {
        let key = self.text()?.parse().map_err(Fault::damaged)?;
        Ok((key, Fingerprint::from_bytes(self.array()?)))
    }

    /// One of a list of values, each with its letter.
    fn letter<T: Copy>(&mut self, values: &[T], letter: fn(T) -> u8) -> Result<T, Fault> {
        let stored = self.byte()?;
        let found = values.iter().copied().find(|value| letter(*value) == stored);
        found.ok_or_else(|| Fault::damaged(format!("unknown letter {:?}", char::from(stored))))
    }
}
