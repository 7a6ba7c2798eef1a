//! Reading what Redis answers: each function takes one form and calls anything else damaged.

use crate::error::Fault;
use redis::Value;
use std::str::FromStr;
use uuid::Uuid;

/// A list.
pub(crate) fn list(value: Value) -> Result<Vec<Value>, Fault> {
    match value {
        Value::Array(values) => Ok(values),
        Value::Set(values) => Ok(values),
        Value::Map(pairs) => Ok(pairs.into_iter().flat_map(|(one, other)| [one, other]).collect()),
        other => Err(unexpected("a list", &other)),
    }
}

/// Bytes, or nothing.
pub(crate) fn optional_bytes(value: Value) -> Result<Option<Vec<u8>>, Fault> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => Ok(Some(bytes)),
        other => Err(unexpected("bytes", &other)),
    }
}

/// Bytes.
pub(crate) fn bytes(value: Value) -> Result<Vec<u8>, Fault> {
    optional_bytes(value)?.ok_or_else(|| Fault::damaged("nothing where bytes belong"))
}

/// A list of bytes; what is missing is left out.
pub(crate) fn bytes_list(value: Value) -> Result<Vec<Vec<u8>>, Fault> {
    let values = list(value)?.into_iter().map(optional_bytes);
    values.filter_map(Result::transpose).collect()
}

/// A text.
pub(crate) fn text(value: Value) -> Result<String, Fault> {
    String::from_utf8(bytes(value)?).map_err(Fault::damaged)
}

/// A number, as a number or as its text.
pub(crate) fn number<T>(value: Value) -> Result<T, Fault>
where
    T: FromStr + TryFrom<i64>,
    T::Err: ToString,
{
    match value {
        Value::Int(number) => T::try_from(number).map_err(|_| Fault::damaged("a number out of range")),
        value => text(value)?.parse().map_err(Fault::damaged),
    }
}

/// An id, in its 16 bytes.
pub(crate) fn id(value: Value) -> Result<Uuid, Fault> {
    Uuid::from_slice(&bytes(value)?).map_err(Fault::damaged)
}

/// A list of so many parts.
pub(crate) fn parts<const N: usize>(value: Value) -> Result<[Value; N], Fault> {
    let values = list(value)?;
    let found = values.len();
    values
        .try_into()
        .map_err(|_| Fault::damaged(format!("{found} parts instead of {N}")))
}

/// A field of a hash with its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// A list of pairs.
pub(crate) fn pairs(value: Value) -> Result<Vec<Pair>, Fault> {
    let mut values = list(value)?.into_iter();
    let mut pairs = Vec::with_capacity(values.len() / 2);
    while let (Some(one), Some(other)) = (values.next(), values.next()) {
        pairs.push((bytes(one)?, bytes(other)?));
    }
    Ok(pairs)
}

/// Ids and rows, one after the other.
pub(crate) fn found(value: Value) -> Result<Vec<(Uuid, Vec<u8>)>, Fault> {
    let id = |bytes: Vec<u8>| Uuid::from_slice(&bytes).map_err(Fault::damaged);
    pairs(value)?
        .into_iter()
        .map(|(bytes, row)| Ok((id(bytes)?, row)))
        .collect()
}

fn unexpected(wanted: &str, found: &Value) -> Fault {
    let found = match found {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) => "bytes",
        Value::Array(_) => "a list",
        _ => "something else",
    };
    Fault::damaged(format!("{found} where {wanted} belongs"))
}
