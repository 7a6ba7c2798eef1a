//! What answers look like: the wire form of what the engine returns, written straight into a body.

mod account;
mod analytics;
mod availability;
mod booking;
mod entry;
mod event;
mod list;
mod queue;

pub(crate) use account::{SignedInView, UserView};
pub(crate) use analytics::{FiguresView, FullFiguresView, OverviewView, SalesView, WholeList};
pub(crate) use availability::{AvailabilityView, seats_view};
pub(crate) use booking::BookingView;
pub(crate) use entry::{EntryView, ExplainedEntry};
pub(crate) use event::{EventView, etag};
pub(crate) use list::list;
pub(crate) use queue::FullQueueView;
