//! A booking engine to embed: it sells tickets without ever overselling, on whatever storage there is.
//!
//! **A pure ledger decides; a store compares and swaps; a lane batches.** [`ledger`] holds every rule and does no
//! I/O. [`store`] is the contract of a backend: load what a decision needs, commit what was decided if nothing
//! moved. [`Evently`] is the facade: it authorises, hands commands to lanes which batch them, and reads.
//!
//! ```
//! use evently_core::{Caller, Evently, domain::EventDraft, memory::MemoryStore, requests::BookRequest};
//! # use std::sync::Arc;
//! # use evently_core::domain::UserId;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), evently_core::Error> {
//! let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
//! let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
//! let ada = Caller::user(UserId::from_uuid(evently.new_id()));
//!
//! let start = evently.now() + std::time::Duration::from_secs(86_400);
//! let draft = EventDraft::general("Lighthouse", "Harbour hall", start, start + std::time::Duration::from_secs(7200), 100);
//! let event = evently.create_event(&admin, draft).await?;
//!
//! let placed = evently.book(&ada, event.event.id, BookRequest::quantity(2)).await?;
//! let booking = placed.booking().expect("two of a hundred are to be had");
//! evently.cancel(&ada, booking.id).await?;
//! # Ok(())
//! # }
//! ```

pub mod clock;
pub mod domain;
mod error;
mod evently;
mod lane;
pub mod lease;
pub mod ledger;
pub mod memory;
pub mod queue;
pub mod requests;
mod service;
pub mod store;
mod worker;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use domain::{Caller, Role, Timestamp};
pub use error::Error;
pub use evently::{Evently, EventlyBuilder};
pub use lane::{BookingFigures, LaneFigures, LaneSettings};
pub use ledger::{Receipt, Refusal};
pub use service::intake::Intake;
pub use service::verify::{EventReport, VerifyReport};
