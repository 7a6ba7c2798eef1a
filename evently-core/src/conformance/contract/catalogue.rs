//! Reads of the catalogue: filters, orders, pages.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::{
    EventCursor, EventDraft, EventFilter, EventId, EventSort, EventStatus, Metadata, PageRequest, Phase,
    Policy, SeatLabel, WaitlistPolicy,
};
use crate::ledger::EventWrite;
use crate::store::Listing;
use std::{cmp::Ordering, sync::Arc, time::Duration};

pub(crate) async fn an_event_reads_as_it_was_written(world: World) {
    let mut draft = EventDraft {
        description: "Zeile 1\nline 2 — \u{1F3B7} 'quoted' \\ %".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        sales_open_at: Some(world.in_seconds(60)),
        sales_close_at: Some(world.in_seconds(6000)),
        currency: "EUR".parse().unwrap(),
        status: EventStatus::Draft,
        price_minor: 4950,
        policy: Policy {
            per_user_limit: Some(4),
            hold_seconds: 300,
            hold_max_seconds: Some(900),
            cancel_until: Some(world.in_seconds(7000)),
            waitlist: WaitlistPolicy::Offer,
            offer_seconds: 86_400,
        },
        metadata: Metadata::from_json(r#"{"b":1,"a":[null,"ü"]}"#.to_owned()),
        ..world.draft_seated(&[("Z", 4), ("A", 3)])
    };
    let crate::domain::SeatingDraft::Reserved { rows } = &mut draft.sections[0].seating else {
        panic!("a seated draft")
    };
    (rows[0].accessible, rows[1].blocked) = (vec!["2".to_owned()], vec!["3".to_owned()]);
    let raw = Raw::create(&world, &draft).await;
    let listing = world
        .store
        .event(raw.event.id)
        .await
        .unwrap()
        .expect("it was written");
    assert_eq!(
        listing,
        Listing {
            event: raw.event,
            version: 1,
            counts: raw.counts
        }
    );
    assert_eq!(listing.counts[0].capacity, 6);
    let nobody = EventId::from_uuid(world.new_id());
    assert_eq!(world.store.event(nobody).await.unwrap(), None);
}

pub(crate) async fn taken_seats_come_with_the_event(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 3), ("B", 3)])).await;
    let mut booking = raw.booking(&world, &world.user(), 2);
    let seats: Vec<SeatLabel> = vec!["A-3".into(), "B-1".into()];
    booking.items[0].seats.clone_from(&seats);
    raw.write(raw.with_bookings(vec![booking])).await;
    let (listing, mut taken) = world.store.taken_seats(raw.event.id).await.unwrap().unwrap();
    taken.sort_unstable();
    assert_eq!((listing.version, listing.available(), taken), (2, 4, seats));
    let nobody = EventId::from_uuid(world.new_id());
    assert_eq!(world.store.taken_seats(nobody).await.unwrap(), None);
}

/// A catalogue in which every filter finds something and leaves something out.
async fn catalogue(world: &World) -> Vec<Listing> {
    let names = [
        "Zephyr",
        "alpha",
        "Älplerfest",
        "Rock_night",
        "50% off",
        "Alpha",
        "ROCK night",
        "b\\side",
    ];
    let venues = ["Harbour hall", "HARBOUR HALL", "Straße", "Café ÉTÉ", "Arena"];
    let mut listings = Vec::new();
    for turn in 0..24_u32 {
        world
            .clock
            .advance(Duration::from_millis(u64::from(turn % 5) * 700));
        let day = u64::from(turn * 7 % 12) * 86_400;
        let starts_at = world.in_seconds(day);
        let index = turn as usize;
        let mut draft = EventDraft {
            name: names[index % names.len()].to_owned(),
            venue: venues[index % venues.len()].to_owned(),
            description: if turn % 4 == 0 {
                "An évening of rock".to_owned()
            } else {
                String::new()
            },
            starts_at,
            ends_at: starts_at + Duration::from_secs(u64::from(turn % 3 + 1) * 3600),
            ..world.draft(turn % 3 + 1)
        };
        if turn % 5 == 1 {
            draft.sales_open_at = Some(world.in_seconds(day / 2));
            draft.sales_close_at = Some(world.in_seconds(day / 2 + 3600));
        }
        if turn % 6 == 5 {
            draft.status = EventStatus::Draft;
        }
        let mut raw = Raw::create(world, &draft).await;
        if turn % 4 == 2 {
            let sold_out = raw.booking(world, &world.user(), turn % 3 + 1);
            raw.write(raw.with_bookings(vec![sold_out])).await;
        }
        if turn % 11 == 3 {
            let mut changes = raw.changes();
            let mut event = (*raw.event).clone();
            event.status = EventStatus::Cancelled;
            changes.event = Some(EventWrite::Put(Arc::new(event)));
            raw.write(changes).await;
        }
        listings.push(Listing {
            event: raw.event,
            version: raw.revision.version,
            counts: raw.counts,
        });
    }
    listings
}

fn order(sort: EventSort) -> impl Fn(&Listing, &Listing) -> Ordering {
    move |a, b| {
        let (x, y) = (&a.event, &b.event);
        let by = match sort {
            EventSort::StartsAt => x.starts_at.cmp(&y.starts_at),
            EventSort::StartsAtDescending => y.starts_at.cmp(&x.starts_at),
            EventSort::Name => x.name.as_bytes().cmp(y.name.as_bytes()),
            EventSort::CreatedAtDescending => y.created_at.cmp(&x.created_at),
        };
        by.then(x.id.cmp(&y.id))
    }
}

async fn assert_lists(world: &World, all: &[Listing], filter: &EventFilter, limit: u32) -> usize {
    let mut expected: Vec<&Listing> = all.iter().filter(|listing| listing.matches(filter)).collect();
    expected.sort_by(|a, b| order(filter.sort)(a, b));
    let mut found: Vec<Listing> = Vec::new();
    let mut page: PageRequest<EventCursor> = PageRequest::first(limit);
    loop {
        let read = world.store.events(filter, page.clone()).await.unwrap();
        assert!(
            read.items.len() <= limit as usize,
            "a page is no longer than asked"
        );
        found.extend(read.items);
        match read.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let names = |listings: Vec<&Listing>| -> Vec<String> {
        listings
            .iter()
            .map(|it| format!("{} {}", it.event.name, it.event.id))
            .collect()
    };
    assert_eq!(
        names(found.iter().collect()),
        names(expected.clone()),
        "{filter:?} by {limit}"
    );
    assert!(found.iter().eq(expected.iter().copied()), "{filter:?} by {limit}");
    found.len()
}

pub(crate) async fn the_catalogue_lists_in_every_order_and_page_size(world: World) {
    let all = catalogue(&world).await;
    for sort in [
        EventSort::StartsAt,
        EventSort::StartsAtDescending,
        EventSort::Name,
        EventSort::CreatedAtDescending,
    ] {
        for limit in [1, 7, 100] {
            let filter = EventFilter {
                sort,
                include_drafts: true,
                ..EventFilter::all(world.now())
            };
            assert_eq!(assert_lists(&world, &all, &filter, limit).await, all.len());
        }
    }
}

pub(crate) async fn the_catalogue_filters_as_its_specification(world: World) {
    let all = catalogue(&world).await;
    let base = EventFilter::all(world.now());
    let text = |text: &str| EventFilter {
        text: Some(text.to_owned()),
        ..base.clone()
    };
    let venue = |venue: &str| EventFilter {
        venue: Some(venue.to_owned()),
        ..base.clone()
    };
    let mut filters = vec![
        base.clone(),
        EventFilter {
            available_only: true,
            ..base.clone()
        },
        EventFilter {
            from: Some(world.in_seconds(2 * 86_400)),
            ..base.clone()
        },
        EventFilter {
            to: Some(all[3].event.starts_at),
            ..base.clone()
        },
        EventFilter {
            from: Some(all[3].event.starts_at),
            to: Some(world.in_seconds(8 * 86_400)),
            ..base.clone()
        },
        EventFilter {
            available_only: true,
            include_drafts: true,
            ..text("rock")
        },
        EventFilter {
            available_only: true,
            phase: Some(Phase::Scheduled),
            ..base.clone()
        },
    ];
    filters.extend(
        [
            "rock", "ROCK", "älpler", "ÄLPLER", "ÉVENING", "_", "%", "50%", "\\", "hall", "nowhere",
        ]
        .map(text),
    );
    filters.extend(
        [
            "harbour hall",
            "Harbour Hall",
            "harbour",
            "STRASSE",
            "straße",
            "café été",
        ]
        .map(venue),
    );
    for filter in &filters {
        assert_lists(&world, &all, filter, 4).await;
    }
}

pub(crate) async fn phases_follow_the_asked_instant(world: World) {
    let all = catalogue(&world).await;
    let mut seen = 0;
    for seconds in [0, 43_200, 3 * 86_400, 6 * 86_400 + 3600, 40 * 86_400] {
        for phase in Phase::ALL {
            let filter = EventFilter {
                phase: Some(phase),
                include_drafts: true,
                ..EventFilter::all(world.in_seconds(seconds))
            };
            seen += assert_lists(&world, &all, &filter, 3).await;
        }
    }
    assert_eq!(seen, 5 * all.len(), "at any instant an event is in one phase");
}

pub(crate) async fn drafts_are_listed_to_who_asks_for_them(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(5)
    };
    let raw = Raw::create(&world, &draft).await;
    let hidden = EventFilter::all(world.now());
    let shown = EventFilter {
        include_drafts: true,
        ..hidden.clone()
    };
    assert_eq!(
        world
            .store
            .events(&hidden, PageRequest::default())
            .await
            .unwrap()
            .items,
        vec![]
    );
    let listed = world.store.events(&shown, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items[0].event.id, raw.event.id);
}

pub(crate) async fn event_ids_come_ascending(world: World) {
    let mut ids: Vec<EventId> = catalogue(&world).await.iter().map(|it| it.event.id).collect();
    ids.sort_unstable();
    for limit in [1, 5, 24, 1000] {
        let mut found: Vec<EventId> = Vec::new();
        loop {
            let more = world.store.event_ids(found.last().copied(), limit).await.unwrap();
            if more.is_empty() {
                break;
            }
            assert!(more.len() <= limit);
            found.extend(more);
        }
        assert_eq!(found, ids, "by {limit}");
    }
}
