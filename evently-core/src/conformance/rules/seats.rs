//! Rule 11 and named seats.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, row, stalls, ticket_type};
use crate::domain::{Booking, Entry, EventDraft, EventId, RowDraft, SeatLabel, SectionId};
use crate::ledger::{Access, Adjacency, ItemRequest, OnFull, Selection};
use crate::requests::{BookRequest, JoinRequest};

async fn hall(world: &World, rows: Vec<RowDraft>) -> EventId {
    world
        .create(EventDraft {
            sections: vec![stalls(rows)],
            ..world.draft(1)
        })
        .await
        .id
}

fn best(quantity: u32) -> Best {
    Best {
        quantity,
        section_id: None,
        adjacent: Adjacency::Preferred,
        accessible: Access::Ordinary,
    }
}

/// A request for the best seats.
#[derive(Clone, Copy)]
struct Best {
    quantity: u32,
    section_id: Option<SectionId>,
    adjacent: Adjacency,
    accessible: Access,
}

impl Best {
    fn request(self) -> BookRequest {
        let Self {
            quantity,
            section_id,
            adjacent,
            accessible,
        } = self;
        BookRequest::new(Selection::BestAvailable {
            quantity,
            section_id,
            ticket_type_id: None,
            adjacent,
            accessible,
        })
    }
}

/// The labels of a booking's seats, sorted.
fn seats(booking: &Booking) -> Vec<String> {
    let mut labels: Vec<String> = booking
        .items
        .iter()
        .flat_map(|item| &item.seats)
        .map(SeatLabel::to_string)
        .collect();
    labels.sort();
    labels
}

async fn taken(world: &World, id: EventId, labels: &[&str]) {
    let request = BookRequest::seats(labels.iter().copied());
    world.book(&world.user(), id, request).await.expect("free seats");
}

async fn given(world: &World, id: EventId, request: BookRequest) -> Vec<String> {
    let placed = world.book(&world.user(), id, request).await;
    seats(&booking_of(placed.expect("seats that are to be had")))
}

pub(crate) async fn named_seats_are_taken_by_one(world: World) {
    let id = hall(&world, vec![row("A", 4), row("B", 4)]).await;
    assert_eq!(
        given(&world, id, BookRequest::seats(["A-2", "B-1"])).await,
        ["A-2", "B-1"]
    );
    let refused = world
        .book(&world.user(), id, BookRequest::seats(["A-1", "A-2"]))
        .await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::SeatTaken {
            seats: vec!["A-2".into()]
        }
    );
    let (listing, mut labels) = world.evently.taken_seats(None, id).await.unwrap();
    labels.sort_unstable();
    assert_eq!(
        (listing.available(), labels),
        (6, vec!["A-2".into(), "B-1".into()])
    );
}

pub(crate) async fn several_seats_are_all_or_nothing(world: World) {
    let id = hall(&world, vec![row("A", 5)]).await;
    taken(&world, id, &["A-3"]).await;
    let refused = world
        .book(&world.user(), id, BookRequest::seats(["A-2", "A-3", "A-4"]))
        .await;
    assert!(refused.is_err());
    assert_eq!(
        given(&world, id, BookRequest::seats(["A-2", "A-4"])).await,
        ["A-2", "A-4"]
    );
}

pub(crate) async fn a_taken_seat_is_named_also_when_all_is_full(world: World) {
    let id = hall(&world, vec![row("A", 1)]).await;
    taken(&world, id, &["A-1"]).await;
    let refused = world.book(&world.user(), id, BookRequest::seats(["A-1"])).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::SeatTaken {
            seats: vec!["A-1".into()]
        }
    );
}

pub(crate) async fn a_freed_seat_can_be_taken_again(world: World) {
    let id = hall(&world, vec![row("A", 2)]).await;
    let ada = world.user();
    let booking = booking_of(world.book(&ada, id, BookRequest::seats(["A-1"])).await.unwrap());
    let hold = booking_of(
        world
            .book(&ada, id, BookRequest::seats(["A-2"]).held())
            .await
            .unwrap(),
    );
    world.cancelled(&booking).await;
    world.advance(600);
    taken(&world, id, &["A-1", "A-2"]).await;
    assert_eq!(
        seats(&*world.booking(hold.id).await),
        ["A-2"],
        "what it had stays on record"
    );
}

pub(crate) async fn unknown_and_repeated_seats_are_invalid(world: World) {
    let id = hall(&world, vec![row("A", 3)]).await;
    for labels in [vec!["A-4"], vec!["A-1", "A-1"], vec!["a-1"], vec![]] {
        let answer = world
            .book(&world.user(), id, BookRequest::seats(labels.clone()))
            .await;
        assert!(
            matches!(answer, Err(Refusal::Invalid(_))),
            "{labels:?}: {answer:?}"
        );
    }
}

pub(crate) async fn a_blocked_seat_is_not_for_sale(world: World) {
    let mut blocked = row("A", 3);
    blocked.blocked.push("2".to_owned());
    let id = hall(&world, vec![blocked]).await;
    assert_eq!(world.available(id).await, 2);
    let refused = world.book(&world.user(), id, BookRequest::seats(["A-2"])).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::SeatTaken {
            seats: vec!["A-2".into()]
        }
    );
    assert_eq!(given(&world, id, best(2).request()).await, ["A-1", "A-3"]);
}

pub(crate) async fn a_seats_type_is_named_where_there_are_several(world: World) {
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 4)])],
        ticket_types: vec![
            ticket_type("Adult", "Stalls", 2000),
            ticket_type("Child", "Stalls", 900),
        ],
        ..world.draft(1)
    };
    let event = world.create(draft).await;
    let answer = world
        .book(&world.user(), event.id, BookRequest::seats(["A-1"]))
        .await;
    assert!(matches!(answer, Err(Refusal::Invalid(_))), "{answer:?}");
    let named = BookRequest::new(Selection::Seats {
        seats: vec!["A-1".into()],
        ticket_type_id: Some(event.ticket_types[1].id),
    });
    let booking = booking_of(world.book(&world.user(), event.id, named).await.unwrap());
    assert_eq!(booking.total_minor(), 900);
    let item = |index: usize, label: &str| ItemRequest {
        ticket_type_id: event.ticket_types[index].id,
        quantity: 1,
        seats: vec![label.into()],
    };
    let family = BookRequest::new(Selection::Items(vec![item(0, "A-3"), item(1, "A-4")]));
    let booking = booking_of(world.book(&world.user(), event.id, family).await.unwrap());
    assert_eq!(
        (booking.total_minor(), seats(&booking)),
        (2900, vec!["A-3".into(), "A-4".into()])
    );
}

pub(crate) async fn a_number_of_seats_is_the_best_available(world: World) {
    let (first, second) = (
        hall(&world, vec![row("A", 6)]).await,
        hall(&world, vec![row("A", 6)]).await,
    );
    let by_number = given(&world, first, BookRequest::quantity(2)).await;
    assert_eq!(by_number, given(&world, second, best(2).request()).await);
    assert_eq!(by_number.len(), 2);
}

pub(crate) async fn the_best_seats_are_together_near_the_middle_of_the_front(world: World) {
    let id = hall(&world, vec![row("A", 6), row("B", 6)]).await;
    assert_eq!(given(&world, id, best(2).request()).await, ["A-3", "A-4"]);
}

pub(crate) async fn no_seat_is_left_alone_if_that_can_be_avoided(world: World) {
    let id = hall(&world, vec![row("A", 5)]).await;
    // 2-3 and 3-4 are nearer to the middle, but would leave a single seat at an end.
    let pair = given(&world, id, best(2).request()).await;
    assert!(pair == ["A-1", "A-2"] || pair == ["A-4", "A-5"], "{pair:?}");
    let id = hall(&world, vec![row("A", 3), row("B", 4)]).await;
    // Two of row A leave one alone; two of row B need not.
    let pair = given(&world, id, best(2).request()).await;
    assert!(pair == ["B-1", "B-2"] || pair == ["B-3", "B-4"], "{pair:?}");
}

pub(crate) async fn a_seat_is_left_alone_rather_than_people_apart(world: World) {
    let id = hall(&world, vec![row("A", 3), row("B", 1)]).await;
    let pair = given(&world, id, best(2).request()).await;
    assert!(pair == ["A-1", "A-2"] || pair == ["A-2", "A-3"], "{pair:?}");
}

pub(crate) async fn people_are_apart_in_as_few_pieces_as_can_be(world: World) {
    let id = hall(&world, vec![row("A", 5), row("B", 5), row("C", 1)]).await;
    taken(&world, id, &["A-3", "B-4"]).await;
    // Runs: A-1 A-5, B-1 B-2 B-3, B-5, C-1. Five seats: the three and a two.
    let five = given(&world, id, best(5).request()).await;
    assert!(
        ["B-1", "B-2", "B-3"]
            .iter()
            .all(|seat| five.contains(&(*seat).to_owned())),
        "{five:?}"
    );
    let pair = five.iter().filter(|seat| seat.starts_with("A-")).count();
    assert_eq!(pair, 2, "{five:?}");
}

pub(crate) async fn apart_is_refused_where_together_is_required(world: World) {
    let id = hall(&world, vec![row("A", 3), row("B", 3)]).await;
    taken(&world, id, &["A-2", "B-2"]).await;
    let together = Best {
        adjacent: Adjacency::Required,
        ..best(2)
    };
    let refused = world.book(&world.user(), id, together.request()).await;
    assert!(matches!(refused, Err(Refusal::SoldOut { .. })), "{refused:?}");
    assert_eq!(world.available(id).await, 4);
    assert_eq!(given(&world, id, best(2).request()).await.len(), 2);
}

pub(crate) async fn accessible_seats_are_given_when_asked_for(world: World) {
    let mut front = row("A", 4);
    front.accessible = vec!["1".to_owned(), "2".to_owned()];
    let id = hall(&world, vec![front]).await;
    assert_eq!(given(&world, id, best(2).request()).await, ["A-3", "A-4"]);
    let refused = world.book(&world.user(), id, best(1).request()).await;
    assert!(matches!(refused, Err(Refusal::SoldOut { .. })), "{refused:?}");
    let accessible = Best {
        accessible: Access::Accessible,
        ..best(2)
    };
    assert_eq!(given(&world, id, accessible.request()).await, ["A-1", "A-2"]);
}

pub(crate) async fn an_accessible_seat_may_be_named(world: World) {
    let mut front = row("A", 2);
    front.accessible.push("1".to_owned());
    let id = hall(&world, vec![front]).await;
    assert_eq!(given(&world, id, BookRequest::seats(["A-1"])).await, ["A-1"]);
}

pub(crate) async fn best_available_keeps_to_the_asked_section(world: World) {
    let mut balcony = stalls(vec![row("M", 4)]);
    balcony.name = "Balcony".to_owned();
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 4)]), balcony],
        ..world.draft(1)
    };
    let event = world.create(draft).await;
    let there = Best {
        section_id: Some(event.sections[1].id),
        ..best(3)
    };
    let three = given(&world, event.id, there.request()).await;
    assert!(three.iter().all(|seat| seat.starts_with("M-")), "{three:?}");
    let refused = world.book(&world.user(), event.id, there.request()).await;
    assert!(matches!(refused, Err(Refusal::SoldOut { .. })), "{refused:?}");
}

pub(crate) async fn best_available_looks_past_a_section_whose_seats_are_saved(world: World) {
    let mut balcony = stalls(vec![row("M", 2)]);
    balcony.name = "Balcony".to_owned();
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 2)]), balcony],
        ..world.draft(1)
    };
    let event = world.create(draft).await;
    taken(&world, event.id, &["A-2"]).await;
    let single = BookRequest::seats(["A-1"]);
    let mut last = booking_of(world.book(&world.user(), event.id, single.clone()).await.unwrap());
    let wait = JoinRequest {
        ticket_type_id: Some(event.ticket_types[0].id),
        ..JoinRequest::quantity(2)
    };
    world.join(&world.user(), event.id, wait).await.unwrap();
    for _ in 0..Entry::MAX_PASSES {
        world.cancelled(&last).await;
        let next = world.book(&world.user(), event.id, single.clone()).await;
        last = booking_of(next.unwrap());
    }
    world.cancelled(&last).await;
    let or_wait = BookRequest {
        on_full: OnFull::Waitlist,
        ..best(1).request()
    };
    for request in [or_wait, best(1).request()] {
        let seat = given(&world, event.id, request).await;
        assert!(seat[0].starts_with("M-"), "{seat:?}");
    }
    let refused = world.book(&world.user(), event.id, best(1).request()).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
}

pub(crate) async fn nobody_waits_for_seats_of_a_kind(world: World) {
    let mut front = row("A", 3);
    front.accessible.push("1".to_owned());
    let id = hall(&world, vec![front]).await;
    taken(&world, id, &["A-1", "A-2", "A-3"]).await;
    let kinds = [
        Best {
            accessible: Access::Accessible,
            ..best(1)
        },
        Best {
            adjacent: Adjacency::Required,
            ..best(2)
        },
    ];
    for kind in kinds {
        let or_wait = BookRequest {
            on_full: OnFull::Waitlist,
            ..kind.request()
        };
        let refused = world.book(&world.user(), id, or_wait).await;
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
}

pub(crate) async fn the_best_seats_of_an_inventory_are_always_the_same(world: World) {
    let rows = || vec![row("A", 9), row("B", 7), row("C", 9)];
    let (first, second) = (hall(&world, rows()).await, hall(&world, rows()).await);
    for id in [first, second] {
        taken(&world, id, &["A-4", "B-2", "C-9"]).await;
    }
    for quantity in [3, 1, 2, 4, 1, 5, 2] {
        let request = best(quantity).request();
        let one = given(&world, first, request.clone()).await;
        assert_eq!(one, given(&world, second, request).await, "{quantity} seats");
    }
}

pub(crate) async fn a_hall_sells_to_its_last_seat(world: World) {
    let id = hall(&world, vec![row("A", 7), row("B", 6)]).await;
    let mut all = std::collections::BTreeSet::new();
    while world.available(id).await > 0 {
        let quantity = world.available(id).await.min(3);
        all.extend(given(&world, id, best(quantity).request()).await);
    }
    assert_eq!(all.len(), 13, "every seat once");
    let refused = world.book(&world.user(), id, best(1).request()).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
}
