//! Rule 12: analytics equal a recount. Every other case ends with one; these say what the figures mean.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, refusal};
use crate::domain::{EventDraft, EventFigures, EventId, Policy, Popularity, SalesRow, WaitlistPolicy};
use crate::requests::BookRequest;
use crate::store::Span;

async fn priced(world: &World, capacity: u32) -> EventId {
    world
        .create(EventDraft {
            price_minor: 500,
            ..world.draft(capacity)
        })
        .await
        .id
}

async fn figures(world: &World, id: EventId) -> EventFigures {
    world.evently.figures(&world.admin, id).await.expect("an event")
}

pub(crate) async fn bookings_revenue_and_cancellations_are_counted(world: World) {
    let id = priced(&world, 10).await;
    let (first, _) = (
        world.booked(&world.user(), id, 2).await,
        world.booked(&world.user(), id, 3).await,
    );
    let stats = figures(&world, id).await.stats;
    assert_eq!(
        (stats.bookings, stats.revenue_minor, stats.cancellations),
        (2, 2500, 0)
    );
    world.cancelled(&first).await;
    let after = figures(&world, id).await;
    assert_eq!((after.stats.bookings, after.stats.revenue_minor), (1, 1500));
    assert_eq!((after.stats.cancellations, after.stats.tickets_cancelled), (1, 2));
    assert_eq!((after.tickets_sold(), after.capacity()), (3, 10));
    assert!((after.utilization() - 0.3).abs() < 1e-9);
    assert!((after.cancellation_rate() - 0.5).abs() < 1e-9);
}

pub(crate) async fn a_hold_is_no_booking_until_confirmed(world: World) {
    let (id, ada) = (priced(&world, 10).await, world.user());
    let (first, second) = (world.held(&ada, id, 2).await, world.held(&ada, id, 2).await);
    let stats = figures(&world, id).await.stats;
    assert_eq!((stats.bookings, stats.revenue_minor), (0, 0));
    world.evently.confirm(&ada, first.id, None).await.unwrap();
    world.cancelled(&second).await;
    let stats = figures(&world, id).await.stats;
    assert_eq!((stats.bookings, stats.revenue_minor), (1, 1000));
    assert_eq!(
        (stats.cancellations, stats.tickets_cancelled),
        (0, 0),
        "a released hold is none"
    );
}

pub(crate) async fn an_expired_hold_is_no_cancellation(world: World) {
    let id = priced(&world, 10).await;
    world.held(&world.user(), id, 2).await;
    world.advance(600);
    world.sweep(id).await;
    assert_eq!(
        figures(&world, id).await.stats,
        crate::domain::EventStats::default()
    );
}

pub(crate) async fn sold_out_is_since_nothing_was_left(world: World) {
    let (id, ada) = (priced(&world, 2).await, world.user());
    world.booked(&ada, id, 1).await;
    assert_eq!(figures(&world, id).await.stats.sold_out_at, None);
    let at = world.advance(60);
    let last = world.booked(&ada, id, 1).await;
    world.advance(60);
    assert_eq!(figures(&world, id).await.stats.sold_out_at, Some(at));
    world.cancelled(&last).await;
    assert_eq!(figures(&world, id).await.stats.sold_out_at, None);
}

pub(crate) async fn sales_are_gross_by_the_hour(world: World) {
    let id = priced(&world, 50).await;
    let first_hour = SalesRow::hour_of(world.now());
    let booking = world.booked(&world.user(), id, 2).await;
    let ada = world.user();
    let hold = world.held(&ada, id, 3).await;
    let cancelled_at = world.advance(3600);
    world.cancelled(&booking).await;
    world.evently.confirm(&ada, hold.id, None).await.unwrap_err();
    let sold_at = world.advance(7200);
    world.booked(&world.user(), id, 1).await;
    let rows = world
        .evently
        .sales(&world.admin, id, Span::default())
        .await
        .unwrap();
    let expected = vec![
        SalesRow {
            bookings: 1,
            tickets: 2,
            revenue_minor: 1000,
            ..SalesRow::empty(first_hour)
        },
        SalesRow {
            cancelled_tickets: 2,
            ..SalesRow::empty(SalesRow::hour_of(cancelled_at))
        },
        SalesRow {
            bookings: 1,
            tickets: 1,
            revenue_minor: 500,
            ..SalesRow::empty(SalesRow::hour_of(sold_at))
        },
    ];
    assert_eq!(rows, expected);
}

pub(crate) async fn a_promotion_counts_as_a_booking(world: World) {
    let id = priced(&world, 1).await;
    let booking = world.booked(&world.user(), id, 1).await;
    world.joined(&world.user(), id, 1).await;
    world.cancelled(&booking).await;
    let stats = figures(&world, id).await.stats;
    assert_eq!((stats.bookings, stats.cancellations, stats.converted), (1, 1, 1));
    assert_eq!(stats.revenue_minor, 500);
}

pub(crate) async fn every_end_of_an_entry_is_counted(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Offer,
        offer_seconds: 60,
        ..Policy::default()
    };
    let draft = EventDraft {
        policy,
        sales_close_at: Some(world.in_seconds(500)),
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    let booking = world.booked(&world.user(), id, 1).await;
    let users = world.users(5);
    let mut entries = Vec::new();
    for user in &users {
        entries.push(world.joined(user, id, 1).await.id);
    }
    world.cancelled(&booking).await;
    assert_eq!(figures(&world, id).await.stats.offered, 1);
    world.evently.decline(&users[0], entries[0]).await.unwrap();
    world.advance(60);
    world.sweep(id).await;
    world.evently.leave(&users[3], entries[3]).await.unwrap();
    world.evently.accept(&users[2], entries[2]).await.unwrap();
    world.advance(440);
    world.sweep(id).await;
    let stats = figures(&world, id).await.stats;
    let ends = (
        stats.declined,
        stats.lapsed,
        stats.left,
        stats.converted,
        stats.closed,
    );
    assert_eq!((ends, stats.offered), ((1, 1, 1, 1, 1), 0));
}

pub(crate) async fn an_overview_and_the_popular_ones_follow_the_sales(world: World) {
    let (first, second) = (priced(&world, 10).await, priced(&world, 4).await);
    world.booked(&world.user(), first, 3).await;
    let booking = world.booked(&world.user(), second, 4).await;
    world.joined(&world.user(), second, 2).await;
    let overview = world
        .evently
        .overview(&world.admin, Span::default())
        .await
        .unwrap();
    assert_eq!(
        (overview.events, overview.bookings, overview.tickets_sold),
        (2, 2, 7)
    );
    assert_eq!((overview.waiting, overview.capacity), (1, 14));
    assert_eq!(overview.revenue[0].1, 3500);
    let top = world
        .evently
        .popular(&world.admin, Popularity::Tickets, Span::default(), 1);
    assert_eq!(top.await.unwrap()[0].event_id, second);
    world.cancelled(&booking).await;
    let top = world
        .evently
        .popular(&world.admin, Popularity::Tickets, Span::default(), 1);
    assert_eq!(top.await.unwrap()[0].event_id, first);
}

pub(crate) async fn a_recount_finds_nothing_after_a_mixed_history(world: World) {
    let draft = EventDraft {
        price_minor: 700,
        policy: Policy {
            per_user_limit: Some(9),
            ..Policy::default()
        },
        ..world.draft_of(&[("Floor", 12), ("Balcony", 6)])
    };
    let event = world.create(draft).await;
    let mut live = Vec::new();
    for turn in 0..60_u32 {
        let type_id = event.ticket_types[usize::from(turn % 3 == 0)].id;
        let mut request = BookRequest::of_type(type_id, turn % 4 + 1).or_waitlist();
        if turn % 5 == 0 {
            request = request.held();
        }
        let placed = world.book(&world.user(), event.id, request).await.unwrap();
        live.extend(placed.booking().cloned());
        world.advance(u64::from(turn) * 9);
        if turn % 4 == 3 && !live.is_empty() {
            let booking = live.swap_remove(turn as usize % live.len());
            let _ = world.evently.cancel(&world.admin, booking.id).await;
        }
    }
    world.sweep(event.id).await;
    let mut seen = 0;
    let report = world.evently.verify(|events| seen = events).await.unwrap();
    assert_eq!((report.events, report.wrong, seen), (1, vec![], 1));
}

pub(crate) async fn figures_are_for_admins_only(world: World) {
    let (id, ada) = (priced(&world, 3).await, world.user());
    let (evently, span) = (&world.evently, Span::default());
    assert_eq!(refusal(evently.overview(&ada, span).await), Refusal::Forbidden);
    assert_eq!(
        refusal(evently.popular(&ada, Popularity::Tickets, span, 5).await),
        Refusal::Forbidden
    );
    assert_eq!(refusal(evently.figures(&ada, id).await), Refusal::Forbidden);
    assert_eq!(refusal(evently.sales(&ada, id, span).await), Refusal::Forbidden);
    let nothing = EventId::from_uuid(world.new_id());
    assert_eq!(
        refusal(evently.figures(&world.admin, nothing).await),
        Refusal::NotFound
    );
    assert_eq!(
        refusal(evently.sales(&world.admin, nothing, span).await),
        Refusal::NotFound
    );
}

pub(crate) async fn items_of_several_types_add_up(world: World) {
    let draft = EventDraft {
        ticket_types: vec![
            crate::conformance::world::ticket_type("Adult", "Floor", 2000),
            crate::conformance::world::ticket_type("Child", "Balcony", 300),
        ],
        ..world.draft_of(&[("Floor", 5), ("Balcony", 5)])
    };
    let event = world.create(draft).await;
    let item = |index: usize, quantity| crate::ledger::ItemRequest {
        ticket_type_id: event.ticket_types[index].id,
        quantity,
        seats: Vec::new(),
    };
    let request = BookRequest::new(crate::ledger::Selection::Items(vec![item(0, 2), item(1, 3)]));
    let booking = booking_of(world.book(&world.user(), event.id, request).await.unwrap());
    let figures = figures(&world, event.id).await;
    assert_eq!((figures.stats.revenue_minor, booking.total_minor()), (4900, 4900));
    assert_eq!(figures.stats.bookings, 1);
    assert_eq!(
        figures.sections.iter().map(|it| it.sold).collect::<Vec<_>>(),
        [2, 3]
    );
}
