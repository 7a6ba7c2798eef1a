//! An event's policy: limits, holds, cancelling, waitlist.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// What becomes of places that free while somebody waits (rule 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitlistPolicy {
    /// There is no waitlist.
    Off,
    /// The first entry that fits gets a confirmed booking.
    #[default]
    Auto,
    /// The first entry that fits gets a hold of `offer_seconds` to accept.
    Offer,
}

/// The rules an admin sets for one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How many confirmed and held tickets one user may have for the event; `None` for no limit (rule 4).
    pub per_user_limit: Option<u32>,
    /// How long a hold lasts, in seconds (rule 5).
    pub hold_seconds: u32,
    /// How long after its creation a hold may be extended to, in seconds; `None` for the default (rule 5).
    pub hold_max_seconds: Option<u32>,
    /// Until when an owner may cancel; `None` for the event's start (rule 6).
    pub cancel_until: Option<Timestamp>,
    /// What becomes of places that free (rule 7).
    pub waitlist: WaitlistPolicy,
    /// How long an offer lasts, in seconds (rule 7).
    pub offer_seconds: u32,
}

impl Policy {
    /// The longest a hold or an offer may last at a time, in seconds: a day.
    pub const MAX_HOLD_SECONDS: u32 = 86_400;

    /// `hold_max_seconds`, or its default: the greater of 1800 and `hold_seconds`.
    pub fn hold_max_seconds(&self) -> u32 {
        self.hold_max_seconds
            .unwrap_or_else(|| self.hold_seconds.max(1800))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            per_user_limit: None,
            hold_seconds: 600,
            hold_max_seconds: None,
            cancel_until: None,
            waitlist: WaitlistPolicy::Auto,
            offer_seconds: 900,
        }
    }
}
