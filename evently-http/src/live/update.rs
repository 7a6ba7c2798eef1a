//! What is left of an event at one instant, as it is sent.

use crate::view::AvailabilityView;
use bytes::Bytes;
use evently_core::Timestamp;
use evently_core::store::Listing;

/// What is left of an event, as a server-sent event whose id is the inventory's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Update {
    version: u64,
    at: Timestamp,
    sent_as: Bytes,
}

impl Update {
    /// What is left at `now`.
    pub(crate) fn of(listing: &Listing, now: Timestamp) -> Self {
        let version = listing.version;
        let view = AvailabilityView::of(listing, now);
        // Writing to memory does not fail, and the view is an object with text names: one line, without any break.
        let data = serde_json::to_string(&view).unwrap_or_default();
        Self {
            version,
            at: now,
            sent_as: format!("id: {version}\nevent: availability\ndata: {data}\n\n").into(),
        }
    }

    /// Whether this says something that the other, sent before, does not: another version, or at the same version
    /// another phase.
    pub(crate) fn is_news_after(&self, sent: &Self) -> bool {
        let order = (self.version, self.at).cmp(&(sent.version, sent.at));
        order.is_gt() && self.sent_as != sent.sent_as
    }

    /// The inventory's version.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The bytes on the wire.
    pub(crate) fn to_bytes(&self) -> Bytes {
        self.sent_as.clone()
    }
}
