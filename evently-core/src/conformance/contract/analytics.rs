//! Analytics reads: what is kept is shown, summed and put in order as documented.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::{
    EventDraft, EventFigures, EventId, EventStats, EventStatus, Overview, Popularity, SalesRow,
};
use crate::ledger::EventWrite;
use crate::store::Span;
use std::sync::Arc;

/// An event that starts on a day and has sold so much of its capacity, written by hand.
async fn sold(world: &World, day: u64, capacity: u32, tickets: u32, stats: EventStats) -> Raw {
    let starts_at = world.in_seconds(day * 86_400);
    let draft = EventDraft {
        starts_at,
        ends_at: starts_at + std::time::Duration::from_secs(3600),
        ..world.draft(capacity)
    };
    let mut raw = Raw::create(world, &draft).await;
    let mut changes = raw.changes();
    changes.counts[0].sold = tickets;
    changes.stats = stats;
    raw.write(changes).await;
    raw
}

fn stats(bookings: u64, cancellations: u64, tickets_cancelled: u64, revenue_minor: i64) -> EventStats {
    EventStats {
        bookings,
        cancellations,
        tickets_cancelled,
        revenue_minor,
        ..EventStats::default()
    }
}

fn days(world: &World, from: u64, to: u64) -> Span {
    Span {
        from: Some(world.in_seconds(from * 86_400)),
        to: Some(world.in_seconds(to * 86_400)),
    }
}

async fn set_status(raw: &mut Raw, status: EventStatus) {
    let mut changes = raw.changes();
    let mut event = (*raw.event).clone();
    event.status = status;
    changes.event = Some(EventWrite::Put(Arc::new(event)));
    raw.write(changes).await;
}

pub(crate) async fn figures_are_those_of_the_last_commit(world: World) {
    let kept = EventStats {
        converted: 2,
        sold_out_at: Some(world.now()),
        ..stats(3, 1, 2, 700)
    };
    let raw = sold(&world, 1, 10, 7, kept).await;
    let figures = world.store.figures(raw.event.id).await.unwrap().unwrap();
    let expected = EventFigures {
        event_id: raw.event.id,
        name: raw.event.name.clone(),
        starts_at: raw.event.starts_at,
        currency: raw.event.currency,
        sections: raw.counts.clone(),
        stats: kept,
    };
    assert_eq!(figures, expected);
    assert_eq!(
        world
            .store
            .figures(EventId::from_uuid(world.new_id()))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn an_overview_of_nothing_is_all_zero(world: World) {
    assert_eq!(
        world.store.overview(Span::default()).await.unwrap(),
        Overview::default()
    );
}

pub(crate) async fn an_overview_adds_up_the_events_of_its_span(world: World) {
    let mut first = sold(&world, 1, 10, 4, stats(2, 1, 1, 100)).await;
    sold(&world, 2, 20, 5, stats(3, 0, 0, 250)).await;
    sold(&world, 3, 40, 9, stats(9, 9, 9, 999)).await;
    let mut changes = first.changes();
    changes.counts[0].waiting = 3;
    first.write(changes).await;

    let overview = world.store.overview(days(&world, 1, 3)).await.unwrap();
    let expected = Overview {
        events: 2,
        bookings: 5,
        cancellations: 1,
        tickets_sold: 9,
        tickets_cancelled: 1,
        revenue: vec![(first.event.currency, 350)],
        waiting: 3,
        capacity: 30,
    };
    assert_eq!(overview, expected, "the span's end is left out");
    let all = world.store.overview(Span::default()).await.unwrap();
    assert_eq!((all.events, all.bookings, all.capacity), (3, 14, 70));
}

pub(crate) async fn an_overview_counts_published_events_and_all_that_happened(world: World) {
    let mut cancelled = sold(&world, 1, 10, 0, stats(0, 4, 6, 0)).await;
    set_status(&mut cancelled, EventStatus::Cancelled).await;
    let mut draft = sold(&world, 1, 20, 0, EventStats::default()).await;
    set_status(&mut draft, EventStatus::Draft).await;
    sold(&world, 1, 40, 1, stats(1, 0, 0, 5)).await;
    let overview = world.store.overview(Span::default()).await.unwrap();
    assert_eq!((overview.events, overview.capacity), (1, 40));
    assert_eq!((overview.cancellations, overview.tickets_cancelled), (4, 6));
}

pub(crate) async fn an_overview_keeps_currencies_apart(world: World) {
    for (code, revenue) in [("USD", 5), ("EUR", 7), ("USD", 11), ("JPY", 13)] {
        let draft = EventDraft {
            currency: code.parse().unwrap(),
            ..world.draft(9)
        };
        let mut raw = Raw::create(&world, &draft).await;
        let mut changes = raw.changes();
        changes.counts[0].sold = 1;
        changes.stats = stats(1, 0, 0, revenue);
        raw.write(changes).await;
    }
    let overview = world.store.overview(Span::default()).await.unwrap();
    let revenue: Vec<_> = overview
        .revenue
        .iter()
        .map(|(currency, amount)| (currency.code(), *amount))
        .collect();
    assert_eq!(revenue, vec![("EUR", 7), ("JPY", 13), ("USD", 16)]);
}

pub(crate) async fn popularity_orders_by_its_measure(world: World) {
    let a = sold(&world, 1, 100, 10, stats(10, 0, 0, 50)).await.event.id;
    let b = sold(&world, 2, 20, 8, stats(2, 0, 0, 900)).await.event.id;
    let c = sold(&world, 3, 9, 9, stats(3, 0, 0, 0)).await.event.id;
    let mut hidden = sold(&world, 2, 9, 9, stats(9, 0, 0, 9999)).await;
    set_status(&mut hidden, EventStatus::Draft).await;
    let popular = async |by, span, limit| -> Vec<EventId> {
        let rows = world.store.popular(by, span, limit).await.unwrap();
        rows.iter().map(|row| row.event_id).collect()
    };
    let all = Span::default();
    assert_eq!(popular(Popularity::Tickets, all, 9).await, [a, c, b]);
    assert_eq!(popular(Popularity::Bookings, all, 9).await, [a, c, b]);
    assert_eq!(popular(Popularity::Utilization, all, 9).await, [c, b, a]);
    assert_eq!(popular(Popularity::Revenue, all, 9).await, [b, a, c]);
    assert_eq!(popular(Popularity::Tickets, all, 2).await, [a, c]);
    assert_eq!(popular(Popularity::Tickets, days(&world, 2, 3), 9).await, [b]);
}

pub(crate) async fn equally_popular_events_come_by_id(world: World) {
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(sold(&world, 1, 10, 5, stats(5, 0, 0, 5)).await.event.id);
    }
    ids.sort_unstable();
    for by in [
        Popularity::Tickets,
        Popularity::Bookings,
        Popularity::Utilization,
        Popularity::Revenue,
    ] {
        let rows = world.store.popular(by, Span::default(), 4).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.event_id).collect::<Vec<_>>(),
            ids[..4],
            "{by:?}"
        );
    }
}

pub(crate) async fn sales_add_up_by_the_hour(world: World) {
    let mut raw = Raw::general(&world, 50).await;
    let hour = |hours: u64| SalesRow::hour_of(world.in_seconds(hours * 3600));
    let sale = |hours, bookings, tickets, cancelled_tickets, revenue_minor| SalesRow {
        start: hour(hours),
        bookings,
        tickets,
        cancelled_tickets,
        revenue_minor,
    };
    for sales in [
        vec![sale(0, 1, 2, 0, 20)],
        vec![sale(0, 1, 3, 1, 30), sale(5, 1, 1, 0, 10)],
        vec![sale(2, 0, 0, 4, 0)],
    ] {
        let mut changes = raw.changes();
        changes.sales = sales;
        raw.write(changes).await;
    }
    Raw::general(&world, 1).await;
    let id = raw.event.id;
    let rows = world.store.sales(id, Span::default()).await.unwrap();
    assert_eq!(
        rows,
        vec![sale(0, 2, 5, 1, 50), sale(2, 0, 0, 4, 0), sale(5, 1, 1, 0, 10)]
    );
    let span = Span {
        from: Some(hour(1)),
        to: Some(hour(5)),
    };
    assert_eq!(
        world.store.sales(id, span).await.unwrap(),
        vec![sale(2, 0, 0, 4, 0)]
    );
}

pub(crate) async fn an_audit_finds_what_does_not_add_up(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 9)])).await;
    let mut booking = raw.booking(&world, &world.user(), 2);
    booking.items[0].seats = vec!["A-1".into(), "A-2".into()];
    let sale = SalesRow {
        bookings: 1,
        tickets: 2,
        ..SalesRow::empty(SalesRow::hour_of(world.now()))
    };
    let mut changes = raw.with_bookings(vec![booking.clone()]);
    changes.stats = stats(1, 0, 0, 0);
    changes.sales.push(sale);
    raw.write(changes).await;
    let audit = world.store.audit(raw.event.id).await.unwrap().unwrap();
    assert_eq!(audit.differences(), vec![]);

    // A count, a figure, an hour and a seat that nothing accounts for.
    let mut changes = raw.changes();
    changes.counts[0].sold = 3;
    changes.stats.bookings = 7;
    changes.sales.push(SalesRow {
        tickets: 5,
        ..SalesRow::empty(sale.start)
    });
    changes.taken.push(("A-9".into(), booking.id));
    raw.write(changes).await;
    let audit = world.store.audit(raw.event.id).await.unwrap().unwrap();
    let figures: Vec<String> = audit.differences().into_iter().map(|it| it.figure).collect();
    for figure in ["sold", "stats", "sales", "seats"] {
        assert!(
            figures.iter().any(|found| found.contains(figure)),
            "{figure} in {figures:?}"
        );
    }
    assert_eq!(
        world
            .store
            .audit(EventId::from_uuid(world.new_id()))
            .await
            .unwrap(),
        None
    );
}
