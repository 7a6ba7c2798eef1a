//! What is sold: places, or seats in rows.

/// One event's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hall {
    /// More places than any run sells, one a booking.
    Places,
    /// Rows of seats, two adjacent ones a booking.
    Seats { rows: u32, seats: u32 },
}

impl Hall {
    /// Half of the most seats that an event may have.
    pub(crate) const SEATED: Self = Self::Seats {
        rows: 1_000,
        seats: 50,
    };

    pub(crate) fn capacity(self) -> u32 {
        match self {
            Self::Places => 10_000_000,
            Self::Seats { rows, seats } => rows * seats,
        }
    }

    /// Tickets of one booking.
    pub(crate) fn party(self) -> i32 {
        match self {
            Self::Places => 1,
            Self::Seats { .. } => 2,
        }
    }
}
