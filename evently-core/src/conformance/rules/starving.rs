//! Rule 7, who is passed over: the pass is counted, and after ten of them what frees is saved.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, definite, entry_of};
use crate::domain::{Booking, Caller, Entry, EntryStatus, EventDraft, EventId, Policy, SeatingDraft, Source};
use crate::ledger::Need;
use crate::requests::{BookRequest, JoinRequest};
use std::sync::Arc;

/// A full event of single bookings, with somebody at the head of the waitlist who wants two.
struct Queue {
    id: EventId,
    sold: Vec<Arc<Booking>>,
    head: Arc<Entry>,
    by: Caller,
}

impl Queue {
    async fn new(world: &World, capacity: u32) -> Self {
        let id = world.general(capacity).await;
        let mut sold = Vec::new();
        for _ in 0..capacity {
            sold.push(world.booked(&world.user(), id, 1).await);
        }
        let by = world.user();
        let head = world.joined(&by, id, 2).await;
        Self { id, sold, head, by }
    }

    async fn passes(&self, world: &World) -> u32 {
        world.entry(self.head.id).await.passes
    }

    /// Frees one place so many times; somebody behind the head takes it each time.
    async fn pass_by_waiting(&mut self, world: &World, times: usize) {
        for _ in 0..times {
            world.joined(&world.user(), self.id, 1).await;
            world
                .cancelled(&self.sold.pop().expect("a booking is left"))
                .await;
            assert_eq!(world.available(self.id).await, 0);
        }
    }
}

pub(crate) async fn a_pass_is_counted_when_somebody_behind_is_served(world: World) {
    let mut queue = Queue::new(&world, 12).await;
    queue.pass_by_waiting(&world, 3).await;
    let head = world.entry(queue.head.id).await;
    assert_eq!((head.status, head.passes), (EntryStatus::Waiting, 3));
    assert_eq!(
        world.placed(head.id).await.position,
        Some(1),
        "it keeps its place"
    );
}

pub(crate) async fn what_was_saved_is_others_once_its_user_is_at_the_limit(world: World) {
    let draft = world.draft_of(&[("Floor", 14), ("Balcony", 5)]);
    let policy = Policy {
        per_user_limit: Some(2),
        ..draft.policy.clone()
    };
    let event = world.create(EventDraft { policy, ..draft }).await;
    let id = event.id;
    let [floor, balcony] = [0, 1].map(|index| event.ticket_types[index].id);
    let wait_for = async |by: &Caller, quantity| {
        let request = JoinRequest {
            ticket_type_id: Some(floor),
            ..JoinRequest::quantity(quantity)
        };
        entry_of(world.join(by, id, request).await.unwrap())
    };
    let book = async |by: &Caller, kind| {
        let booked = world.book(by, id, BookRequest::of_type(kind, 1)).await;
        booking_of(booked.unwrap())
    };
    let mut sold = Vec::new();
    for _ in 0..14 {
        sold.push(book(&world.user(), floor).await);
    }
    let ada = world.user();
    wait_for(&ada, 2).await;
    for _ in 0..10 {
        wait_for(&world.user(), 1).await;
        world.cancelled(&sold.pop().expect("a booking is left")).await;
    }
    let behind = wait_for(&world.user(), 1).await;
    world.cancelled(&sold.pop().expect("a booking is left")).await;
    assert_eq!(world.entry(behind.id).await.status, EntryStatus::Waiting);
    book(&ada, balcony).await;
    world.sweep(id).await;
    assert_eq!(world.entry(behind.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn nothing_is_saved_for_who_can_never_fit(world: World) {
    let id = world.general(2).await;
    let (mut first, mut second) = (
        world.booked(&world.user(), id, 1).await,
        world.booked(&world.user(), id, 1).await,
    );
    let many = world.joined(&world.user(), id, 3).await;
    for _ in 0..12 {
        world.cancelled(&first).await;
        first = std::mem::replace(&mut second, world.booked(&world.user(), id, 1).await);
    }
    let many = world.entry(many.id).await;
    assert_eq!((many.status, many.passes), (EntryStatus::Waiting, 12));
    let behind = world.joined(&world.user(), id, 1).await;
    world.cancelled(&first).await;
    assert_eq!(world.entry(behind.id).await.status, EntryStatus::Converted);

    // With more places it can fit: from now on what frees is saved for it.
    world.resize(id, 3).await.unwrap();
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.assert_recount_of(id).await;
}

pub(crate) async fn a_pass_is_counted_when_a_newcomer_is_served(world: World) {
    let mut queue = Queue::new(&world, 4).await;
    for passes in 1..=2 {
        world.cancelled(&queue.sold.pop().unwrap()).await;
        assert_eq!(
            world.available(queue.id).await,
            1,
            "one does not fit who wants two"
        );
        world.booked(&world.user(), queue.id, 1).await;
        assert_eq!(queue.passes(&world).await, passes);
    }
}

pub(crate) async fn a_place_that_nobody_takes_passes_nobody(world: World) {
    let mut queue = Queue::new(&world, 4).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(queue.passes(&world).await, 0);
    let refused = world
        .book(&world.user(), queue.id, BookRequest::quantity(2))
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 1 });
    assert_eq!(queue.passes(&world).await, 0, "a refusal is no pass");
}

pub(crate) async fn who_stands_behind_is_not_passed_by_who_stands_before(world: World) {
    let mut queue = Queue::new(&world, 4).await;
    let last = world.joined(&world.user(), queue.id, 2).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(world.entry(queue.head.id).await.status, EntryStatus::Converted);
    let last = world.entry(last.id).await;
    assert_eq!((last.status, last.passes), (EntryStatus::Waiting, 0));
}

pub(crate) async fn after_ten_passes_what_frees_is_saved(world: World) {
    let mut queue = Queue::new(&world, 14).await;
    queue.pass_by_waiting(&world, 10).await;
    let count = world.listing(queue.id).await.counts[0];
    assert_eq!((count.waiting, count.starved), (1, 1));

    let behind = world.joined(&world.user(), queue.id, 1).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(
        world.entry(behind.id).await.status,
        EntryStatus::Waiting,
        "the place is saved"
    );
    assert_eq!(world.available(queue.id).await, 1);
    assert_eq!(queue.passes(&world).await, 10);

    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(
        world.entry(queue.head.id).await.status,
        EntryStatus::Converted,
        "now it fits"
    );
    let count = world.listing(queue.id).await.counts[0];
    assert_eq!((count.waiting, count.starved, count.available()), (1, 0, 0));
    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(world.entry(behind.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn the_tenth_pass_in_one_commit_saves_the_rest(world: World) {
    let (id, by) = (world.general(30).await, world.user());
    let many = world.booked(&world.user(), id, 12).await;
    let rest = world.booked(&world.user(), id, 18).await;
    let head = world.joined(&by, id, 20).await;
    let mut behind = Vec::new();
    for _ in 0..12 {
        behind.push(world.joined(&world.user(), id, 1).await.id);
    }
    world.cancelled(&many).await;
    let mut served = 0;
    for id in behind {
        served += u32::from(world.entry(id).await.status == EntryStatus::Converted);
    }
    assert_eq!((served, world.available(id).await), (10, 2));
    assert_eq!(world.entry(head.id).await.passes, 10);
    world.cancelled(&rest).await;
    assert_eq!(world.entry(head.id).await.status, EntryStatus::Converted);
    // Twenty places freed: the head took them, and nothing is left for the two behind.
    assert_eq!(world.available(id).await, 0);
}

pub(crate) async fn what_is_saved_is_not_for_newcomers(world: World) {
    let mut queue = Queue::new(&world, 14).await;
    queue.pass_by_waiting(&world, 10).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    let newcomer = world.user();
    for request in [BookRequest::quantity(1), BookRequest::quantity(1).held()] {
        let refused = world.book(&newcomer, queue.id, request).await;
        assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    }
    // It is full for a newcomer, so a newcomer may wait.
    definite(
        world
            .evently
            .join(&newcomer, queue.id, JoinRequest::quantity(1))
            .await,
    )
    .unwrap();
}

pub(crate) async fn newcomers_pass_ten_times_at_most(world: World) {
    let mut queue = Queue::new(&world, 14).await;
    for _ in 0..10 {
        world.cancelled(&queue.sold.pop().unwrap()).await;
        world.booked(&world.user(), queue.id, 1).await;
    }
    world.cancelled(&queue.sold.pop().unwrap()).await;
    let refused = world
        .book(&world.user(), queue.id, BookRequest::quantity(1))
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
}

pub(crate) async fn what_was_saved_is_given_out_when_the_starved_leaves(world: World) {
    let mut queue = Queue::new(&world, 14).await;
    queue.pass_by_waiting(&world, 10).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    let behind = world.joined(&world.user(), queue.id, 1).await;
    world.evently.leave(&queue.by, queue.head.id).await.unwrap();
    assert_eq!(
        world.entry(behind.id).await.status,
        EntryStatus::Converted,
        "no place lies idle"
    );
    let count = world.listing(queue.id).await.counts[0];
    assert_eq!((count.waiting, count.starved, count.available()), (0, 0, 0));
}

pub(crate) async fn saving_is_a_matter_of_one_section(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 13), ("Balcony", 2)]))
        .await;
    let floor = |quantity| BookRequest::of_type(event.ticket_types[0].id, quantity);
    let mut sold = Vec::new();
    for _ in 0..13 {
        let placed = world.book(&world.user(), event.id, floor(1)).await.unwrap();
        sold.push(crate::conformance::world::booking_of(placed));
    }
    world
        .book(&world.user(), event.id, floor(2).or_waitlist())
        .await
        .unwrap();
    for _ in 0..10 {
        world.cancelled(&sold.pop().unwrap()).await;
        world.book(&world.user(), event.id, floor(1)).await.unwrap();
    }
    world.cancelled(&sold.pop().unwrap()).await;
    assert!(world.book(&world.user(), event.id, floor(1)).await.is_err());
    let balcony = BookRequest::of_type(event.ticket_types[1].id, 2);
    world.book(&world.user(), event.id, balcony).await.unwrap();
}

pub(crate) async fn who_fits_is_found_behind_a_long_line_of_those_who_do_not(world: World) {
    let mut queue = Queue::new(&world, 3).await;
    for _ in 0..Need::BATCH + 60 {
        world.joined(&world.user(), queue.id, 3).await;
    }
    let last = world.joined(&world.user(), queue.id, 1).await;
    world.cancelled(&queue.sold.pop().unwrap()).await;
    assert_eq!(world.entry(last.id).await.status, EntryStatus::Converted);
    assert_eq!(
        (world.available(queue.id).await, queue.passes(&world).await),
        (0, 1)
    );
}

pub(crate) async fn a_long_line_is_served_to_its_end(world: World) {
    let many = Need::BATCH + 60;
    let count = u32::try_from(many).unwrap();
    let id = world.general(1).await;
    world.booked(&world.user(), id, 1).await;
    for _ in 0..many {
        world.joined(&world.user(), id, 1).await;
    }
    let mut larger = EventDraft::of(&world.listing(id).await.event);
    larger.sections[0].seating = SeatingDraft::General { capacity: count };
    let preview = world.evently.preview_change(&world.admin, id, 1, larger);
    let told = preview.await.unwrap();
    assert_eq!(told.served.len(), many - 1);
    let at = world.advance(60);
    let grown = world.resize(id, count).await.unwrap();
    assert_eq!(
        grown.counts, told.after.counts,
        "all of it in the change's own commit"
    );
    let bookings = world.bookings(id).await;
    let promoted = bookings
        .iter()
        .filter(|booking| booking.source == Source::Waitlist);
    assert!(promoted.clone().all(|booking| booking.created_at == at));
    assert_eq!(promoted.count(), told.served.len());
    let entries = world.entries(id).await;
    let waiting: Vec<u64> = entries.iter().filter_map(|placed| placed.position).collect();
    assert_eq!(waiting, [1], "all but one of them fit");
    assert_eq!(
        entries.last().and_then(|placed| placed.position),
        Some(1),
        "and that is the last"
    );
    assert_eq!(world.available(id).await, 0);
}
