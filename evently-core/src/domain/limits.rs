//! Every bound on what an admin may describe, in one value that can be set.

/// Bounds on an event's definition and on one booking. The defaults are the HTTP contract's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Places in one event.
    pub max_capacity: u32,
    /// Seats in one event.
    pub max_seats: usize,
    /// Sections in one event.
    pub max_sections: usize,
    /// Ticket types in one event.
    pub max_ticket_types: usize,
    /// Tickets of one type in one booking, where the type sets no lower maximum.
    pub max_per_booking: u32,
    /// Items in one booking.
    pub max_items: usize,
    /// Characters of a name, a venue or a label.
    pub max_name_chars: usize,
    /// Characters of a description.
    pub max_description_chars: usize,
    /// Bytes of an event's metadata as JSON text.
    pub max_metadata_bytes: usize,
    /// The highest price of one ticket, in minor units.
    pub max_price_minor: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_capacity: 10_000_000,
            max_seats: 100_000,
            max_sections: 100,
            max_ticket_types: 100,
            max_per_booking: 100,
            max_items: 20,
            max_name_chars: 200,
            max_description_chars: 10_000,
            max_metadata_bytes: 16 * 1024,
            max_price_minor: 1_000_000_000_000,
        }
    }
}
