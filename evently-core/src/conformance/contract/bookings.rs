//! Reads of bookings: one, a user's, an event's.

use super::raw::{Raw, fingerprint};
use crate::conformance::world::{World, key};
use crate::domain::{
    Booking, BookingFilter, BookingId, BookingItem, BookingStatus, EndReason, EntryId, EventDraft,
    PageRequest, Source,
};
use std::sync::Arc;

pub(crate) async fn a_booking_reads_as_it_was_written(world: World) {
    let draft = EventDraft {
        sections: [
            world.draft_of(&[("Floor", 9)]).sections,
            world.draft_seated(&[("Ä", 9)]).sections,
        ]
        .concat(),
        currency: "JPY".parse().unwrap(),
        price_minor: 1_000_000_000_000,
        ..world.draft(1)
    };
    let mut raw = Raw::create(&world, &draft).await;
    let plain = raw.booking(&world, &world.user(), 1);
    let mut full = Booking {
        status: BookingStatus::Cancelled,
        hold_expires_at: Some(world.in_seconds(1)),
        payment_reference: Some("pay; 'DROP' \"\\ \u{1F39F} \u{0301}".to_owned()),
        source: Source::Waitlist,
        entry_id: Some(EntryId::from_uuid(world.new_id())),
        reason: Some(EndReason::EventCancelled),
        key: Some((key("!~\"'%_\\"), fingerprint("all"))),
        created_at: world.clock.advance(std::time::Duration::from_micros(1)),
        confirmed_at: Some(world.in_seconds(2)),
        ended_at: Some(world.in_seconds(3)),
        ..raw.booking(&world, &world.user(), 2)
    };
    full.items.push(BookingItem {
        ticket_type_id: raw.event.ticket_types[1].id,
        section_id: raw.event.sections[1].id,
        quantity: 2,
        seats: vec!["Ä-2".into(), "Ä-1".into()],
        price_minor: 999_999_999_999,
    });
    raw.write(raw.with_bookings(vec![plain.clone(), full.clone()]))
        .await;
    for written in [plain, full] {
        assert_eq!(*world.booking(written.id).await, written);
    }
    let nobody = BookingId::from_uuid(world.new_id());
    assert_eq!(world.store.booking(nobody).await.unwrap(), None);
}

pub(crate) async fn every_status_source_and_reason_reads_back(world: World) {
    let mut raw = Raw::general(&world, 90).await;
    let reasons = [
        EndReason::EventCancelled,
        EndReason::CancelledByAdmin,
        EndReason::OfferDeclined,
        EndReason::OfferLapsed,
    ];
    let base = raw.booking(&world, &world.user(), 1);
    let fresh = || BookingId::from_uuid(world.new_id());
    let mut written: Vec<Booking> = Vec::new();
    for status in BookingStatus::ALL {
        written.push(Booking {
            id: fresh(),
            status,
            ..base.clone()
        });
    }
    for reason in reasons {
        let reason = Some(reason);
        let source = Source::Waitlist;
        written.push(Booking {
            id: fresh(),
            reason,
            source,
            ..base.clone()
        });
    }
    raw.write(raw.with_bookings(written.clone())).await;
    for booking in written {
        assert_eq!(*world.booking(booking.id).await, booking);
    }
}

/// Reads a list page by page and checks its seams.
async fn paged<F>(limit: u32, mut read: impl FnMut(PageRequest<BookingId>) -> F) -> Vec<BookingId>
where
    F: Future<Output = crate::domain::Page<Arc<Booking>, BookingId>>,
{
    let (mut ids, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let read = read(page.clone()).await;
        assert!(
            read.items.len() <= limit as usize,
            "a page is no longer than asked"
        );
        ids.extend(read.items.iter().map(|booking| booking.id));
        match read.next {
            None => return ids,
            Some(next) => {
                assert_eq!(read.items.len(), limit as usize, "only the last page is short");
                page.after = Some(next);
            }
        }
    }
}

/// Bookings of two users on two events in every status, at different times; newest first.
async fn history(world: &World) -> (Vec<Raw>, Vec<Booking>) {
    let mut events = vec![Raw::general(world, 500).await, Raw::general(world, 500).await];
    let users = world.users(2);
    let mut all = Vec::new();
    for turn in 0..36 {
        world.advance(u64::from(turn % 3 == 0));
        let raw = &mut events[usize::from(turn % 2 == 0)];
        let booking = Booking {
            status: BookingStatus::ALL[turn % 6],
            ..raw.booking(world, &users[usize::from(turn % 4 < 2)], 1)
        };
        all.push(booking.clone());
        raw.write(raw.with_bookings(vec![booking])).await;
    }
    all.sort_by_key(|booking| std::cmp::Reverse(booking.id));
    (events, all)
}

pub(crate) async fn a_users_bookings_page_newest_first(world: World) {
    let (events, all) = history(&world).await;
    let user_id = all[0].user_id;
    let filters = [
        BookingFilter::default(),
        BookingFilter {
            status: Some(BookingStatus::Held),
            event_id: None,
        },
        BookingFilter {
            status: None,
            event_id: Some(events[0].event.id),
        },
        BookingFilter {
            status: Some(BookingStatus::Confirmed),
            event_id: Some(events[1].event.id),
        },
    ];
    for filter in filters {
        let wanted = |booking: &&Booking| {
            booking.user_id == user_id
                && filter.status.is_none_or(|status| booking.status == status)
                && filter
                    .event_id
                    .is_none_or(|event_id| booking.event_id == event_id)
        };
        let expected: Vec<_> = all.iter().filter(wanted).map(|booking| booking.id).collect();
        for limit in [1, 3, 100] {
            let store = &world.store;
            let read = async |page| store.bookings_of_user(user_id, filter, page).await.unwrap();
            assert_eq!(paged(limit, read).await, expected, "{filter:?} by {limit}");
        }
    }
}

pub(crate) async fn an_events_bookings_page_newest_first(world: World) {
    let (events, all) = history(&world).await;
    let event_id = events[0].event.id;
    for status in [None, Some(BookingStatus::Cancelled)] {
        // The filter's event is not read: the event is named.
        let event_id_ignored = Some(events[1].event.id);
        let filter = BookingFilter {
            status,
            event_id: event_id_ignored,
        };
        let wanted = |booking: &&Booking| {
            booking.event_id == event_id && status.is_none_or(|status| booking.status == status)
        };
        let expected: Vec<_> = all.iter().filter(wanted).map(|booking| booking.id).collect();
        for limit in [1, 6, 18, 100] {
            let store = &world.store;
            let read = async |page| store.bookings_of_event(event_id, filter, page).await.unwrap();
            assert_eq!(paged(limit, read).await, expected, "{status:?} by {limit}");
        }
    }
}
