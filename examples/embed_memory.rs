//! The least: an engine in memory, an event, a booking, a cancel.
//! `cargo run -p evently-examples --example embed_memory`

use evently_core::domain::{EventDraft, UserId};
use evently_core::{Caller, Error, Evently, memory::MemoryStore, requests::BookRequest};
use std::{sync::Arc, time::Duration};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    let ada = Caller::user(UserId::from_uuid(evently.new_id()));

    let start = evently.now() + Duration::from_secs(86_400);
    let draft = EventDraft::general(
        "Lighthouse",
        "Harbour hall",
        start,
        start + Duration::from_secs(7_200),
        100,
    );
    let event = evently.create_event(&admin, draft).await?.event;

    let placed = evently.book(&ada, event.id, BookRequest::quantity(2)).await?;
    if let Some(booking) = placed.booking() {
        println!(
            "booked {} tickets for {}: {}",
            booking.quantity(),
            event.name,
            booking.id.reference()
        );
        evently.cancel(&ada, booking.id).await?;
    }
    println!("available: {}", evently.event(None, event.id).await?.available());
    evently.shutdown().await;
    Ok(())
}
