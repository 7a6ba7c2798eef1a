//! What callers' keys were used for, as far as is known (rule 10).

use super::recent::Recent;
use crate::domain::{Booking, BookingId, IdempotencyKey, KeyUse, UserId};
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;

/// Keys by their users.
///
/// A key that a booking of this memory was made with is known by its hash alone: the booking has the key itself.
/// That is nearly every key, and a third of the memory of it in full.
#[derive(Debug, Default)]
pub(super) struct Keys {
    made: Recent<u64, BookingId>,
    told: Recent<(UserId, IdempotencyKey), Option<KeyUse>>,
    hasher: DefaultHashBuilder,
}

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnownKey {
    /// For sure: what it was used for, or that it is unused.
    Told(Option<KeyUse>),
    /// This booking was made with it, or with another key of the same hash.
    Perhaps(BookingId),
    Unknown,
}

impl Keys {
    pub(super) fn get(&self, user_id: UserId, key: &IdempotencyKey) -> KnownKey {
        if self.told.len() > 0
            && let Some(told) = self.told.get(&(user_id, key.clone()))
        {
            return KnownKey::Told(*told);
        }
        match self.made.get(&self.hash(user_id, key)) {
            Some(booking_id) => KnownKey::Perhaps(*booking_id),
            None => KnownKey::Unknown,
        }
    }

    /// Takes in what a key was used for.
    pub(super) fn tell(&mut self, user_id: UserId, key: IdempotencyKey, used: Option<KeyUse>) {
        self.told.insert((user_id, key), used);
    }

    /// Notes the key of a new booking.
    pub(super) fn note(&mut self, booking: &Booking) {
        let Some((key, _)) = &booking.key else {
            return;
        };
        let hash = self.hash(booking.user_id, key);
        self.made.insert(hash, booking.id);
        if self.told.len() > 0 {
            // It may have been told to be unused.
            self.tell(booking.user_id, key.clone(), Some(KeyUse::Booking(booking.id)));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.made.len() + self.told.len()
    }

    /// As [`Recent::age`].
    pub(super) fn age(&mut self, generation: usize) {
        self.made.age(generation);
        self.told.age(generation);
    }

    fn hash(&self, user_id: UserId, key: &IdempotencyKey) -> u64 {
        self.hasher.hash_one((user_id, key))
    }
}
