//! The words that stand for states, as schemas.

use crate::code::Code;
use evently_core::domain;
use evently_core::store;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// A text that is one of these words.
pub(super) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident: $words:expr;)*) => {$(
        $(#[doc = $doc])*
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let mut schema = one_of($words);
                schema.description = Some(concat!($($doc),*).trim().to_owned());
                schema.into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

words! {
    /// A booking's state. `pending` and `rejected` come with queued intake only.
    BookingStatus: domain::BookingStatus::ALL.map(domain::BookingStatus::as_str);
    /// A waitlist entry's state.
    EntryStatus: domain::EntryStatus::ALL.map(domain::EntryStatus::as_str);
    /// An event's state.
    EventStatus: [domain::EventStatus::Draft, domain::EventStatus::Published, domain::EventStatus::Cancelled]
        .map(domain::EventStatus::as_str);
    /// Where an event stands: its state, the time and what is left, in one word.
    Phase: domain::Phase::ALL.map(domain::Phase::as_str);
    /// How a booking came to be.
    Source: [domain::Source::Direct, domain::Source::Waitlist].map(domain::Source::as_str);
    /// What somebody may do.
    Role: [domain::Role::User, domain::Role::Admin].map(domain::Role::as_str);
    /// How a section's places are told apart: by number alone, or as labelled seats.
    SectionSeating: ["general", "reserved"];
    /// What becomes of places that free while somebody waits: nothing (`off`), a booking for the first who fits
    /// (`auto`), or a hold to accept (`offer`).
    WaitlistPolicy: ["off", "auto", "offer"];
    /// Whether a seat can be had.
    SeatStatus: ["free", "taken", "blocked"];
    /// What an acknowledged write survives: crashes, all but the last moments before one, or none.
    Durability: [store::Durability::Durable, store::Durability::BoundedLoss, store::Durability::Volatile]
        .map(store::Durability::as_str);
    /// What went wrong, in one stable word.
    ProblemCode: Code::ALL.iter().map(|code| code.as_str());
}
