//! A seat and the label that people know it by.

use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};

/// A seat's label, such as `A-12` (row, hyphen, number): unique in its event. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SeatLabel(Arc<str>);

impl SeatLabel {
    /// The label of a seat in a row.
    pub fn new(row: &str, number: &str) -> Self {
        Self(format!("{row}-{number}").into())
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SeatLabel {
    fn from(label: &str) -> Self {
        Self(label.into())
    }
}

impl std::borrow::Borrow<str> for SeatLabel {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SeatLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SeatLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// One seat of a row, in the row's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Its label in the event.
    pub label: SeatLabel,
    /// Its number within the row, as the admin wrote it (`12`, `12a`).
    pub number: String,
    /// Given by best available only to who asks for an accessible seat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accessible: bool,
    /// Not for sale, and not part of the capacity.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}
