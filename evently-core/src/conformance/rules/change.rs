//! Rule 8: changes after sales.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, refusal, row, stalls, ticket_type};
use crate::domain::{EventDraft, EventId, EventStatus, SeatingDraft};
use crate::requests::BookRequest;

pub(crate) async fn capacity_grows_at_any_time(world: World) {
    let id = world.general(2).await;
    world.booked(&world.user(), id, 2).await;
    let before = world.listing(id).await;
    let changed = world.resize(id, 5).await.unwrap();
    assert_eq!(
        (changed.available(), changed.event.version),
        (3, before.event.version + 1)
    );
    assert_eq!(
        world.listing(id).await,
        changed,
        "what was answered is what is stored"
    );
    world.booked(&world.user(), id, 3).await;
}

pub(crate) async fn capacity_shrinks_to_what_is_taken_and_no_further(world: World) {
    let id = world.general(10).await;
    world.booked(&world.user(), id, 3).await;
    world.held(&world.user(), id, 2).await;
    assert_eq!(
        world.resize(id, 4).await.unwrap_err(),
        Refusal::BelowSold { sold: 5 }
    );
    assert_eq!(
        world.listing(id).await.event.version,
        1,
        "a refused change changes nothing"
    );
    assert_eq!(world.available(id).await, 5);
    assert_eq!(world.resize(id, 5).await.unwrap().available(), 0);
}

pub(crate) async fn an_expired_hold_does_not_keep_capacity_up(world: World) {
    let id = world.general(10).await;
    world.held(&world.user(), id, 6).await;
    world.advance(600);
    assert_eq!(world.resize(id, 1).await.unwrap().available(), 1);
}

pub(crate) async fn a_change_names_the_version_it_was_made_on(world: World) {
    let id = world.general(10).await;
    let draft = EventDraft::of(&world.listing(id).await.event);
    let rename = |name: &str| EventDraft {
        name: name.to_owned(),
        ..draft.clone()
    };
    let change = |expected, name| {
        world
            .evently
            .change_event(&world.admin, id, expected, rename(name))
    };
    change(1, "First").await.unwrap();
    assert_eq!(
        refusal(change(1, "Second").await),
        Refusal::VersionConflict { current: 2 }
    );
    assert_eq!(
        refusal(change(3, "Second").await),
        Refusal::VersionConflict { current: 2 }
    );
    assert_eq!(world.listing(id).await.event.name, "First");
    change(2, "Second").await.unwrap();
}

pub(crate) async fn sales_do_not_move_the_definitions_version(world: World) {
    let id = world.general(10).await;
    let before = world.listing(id).await;
    world.booked(&world.user(), id, 1).await;
    let after = world.listing(id).await;
    assert_eq!(after.event.version, before.event.version);
    assert!(after.version > before.version, "but the inventory's");
}

pub(crate) async fn a_change_keeps_ids_by_id_or_name(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 5), ("Balcony", 5)]))
        .await;
    let changed = world
        .change(event.id, |draft| {
            draft.sections[0].name = "Stalls".to_owned();
            draft.ticket_types[0].section = "Stalls".to_owned();
            draft.sections[1].id = None;
            draft.description = "Doors at seven".to_owned();
        })
        .await
        .unwrap();
    let ids = |sections: &[crate::domain::Section]| sections.iter().map(|it| it.id).collect::<Vec<_>>();
    assert_eq!(ids(&changed.event.sections), ids(&event.sections));
    assert_eq!(changed.event.sections[0].name, "Stalls");
    assert_eq!(changed.event.ticket_types[0].id, event.ticket_types[0].id);
    assert_eq!(
        (changed.event.created_at, changed.event.status),
        (event.created_at, event.status)
    );
}

pub(crate) async fn an_unknown_id_is_matched_by_name_and_one_name_only_once(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 5), ("Balcony", 5)]))
        .await;
    let elsewhere = world.create(world.draft_of(&[("Floor", 1)])).await;
    let changed = world
        .change(event.id, |draft| {
            draft.sections[0].id = Some(elsewhere.sections[0].id)
        })
        .await
        .unwrap();
    assert_eq!(changed.event.sections[0].id, event.sections[0].id);

    // A section that is renamed takes its old name along: whoever has that now is another.
    let changed = world
        .change(event.id, |draft| {
            draft.sections[0].name = "Stalls".to_owned();
            draft.ticket_types[0].section = "Stalls".to_owned();
            draft.sections[1].id = None;
            draft.sections[1].name = "Floor".to_owned();
            draft.ticket_types[1].section = "Floor".to_owned();
        })
        .await
        .unwrap();
    let ids: Vec<_> = changed.event.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids[0], event.sections[0].id);
    assert!(
        !ids[1..].contains(&ids[0]) && ids[1] != event.sections[1].id,
        "{ids:?}"
    );
}

pub(crate) async fn a_change_to_what_already_is_changes_nothing(world: World) {
    let id = world.general(5).await;
    let before = world.listing(id).await;
    assert_eq!(world.change(id, |_| ()).await, Ok(before.clone()));
    assert_eq!(world.listing(id).await, before);
    assert_eq!(world.resize(id, 6).await.unwrap().event.version, 2);
}

pub(crate) async fn sections_and_types_may_be_added(world: World) {
    let event = world.create(world.draft_of(&[("Floor", 1)])).await;
    world.booked(&world.user(), event.id, 1).await;
    let changed = world
        .change(event.id, |draft| {
            draft.sections.extend(world.draft_of(&[("Balcony", 4)]).sections);
            draft.ticket_types.push(ticket_type("Balcony", "Balcony", 900));
        })
        .await
        .unwrap();
    assert_eq!((changed.counts.len(), changed.available()), (2, 4));
    assert_eq!((changed.counts[0].sold, changed.counts[1].sold), (1, 0));
    let added = BookRequest::of_type(changed.event.ticket_types[1].id, 4);
    world.book(&world.user(), event.id, added).await.unwrap();
}

pub(crate) async fn a_section_that_sold_cannot_be_taken_away(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 5), ("Balcony", 5)]))
        .await;
    let balcony = BookRequest::of_type(event.ticket_types[1].id, 2);
    let booking = booking_of(world.book(&world.user(), event.id, balcony).await.unwrap());
    let drop_balcony = |draft: &mut EventDraft| {
        draft.sections.truncate(1);
        draft.ticket_types.truncate(1);
    };
    let refused = world.change(event.id, drop_balcony).await;
    assert_eq!(refused.unwrap_err(), Refusal::BelowSold { sold: 2 });
    world.cancelled(&booking).await;
    let changed = world.change(event.id, drop_balcony).await.unwrap();
    assert_eq!((changed.counts.len(), changed.available()), (1, 5));
}

pub(crate) async fn a_type_that_sold_cannot_be_taken_away(world: World) {
    let event = world.create(world.draft_of(&[("Floor", 5)])).await;
    let booking = world.booked(&world.user(), event.id, 2).await;
    let replace = |draft: &mut EventDraft| {
        let other = ticket_type("Late", &draft.sections[0].name, 900);
        draft.ticket_types = vec![other];
    };
    let refused = world.change(event.id, replace).await;
    assert_eq!(refused.unwrap_err(), Refusal::BelowSold { sold: 2 });
    world.cancelled(&booking).await;
    let changed = world.change(event.id, replace).await.unwrap();
    assert_eq!(changed.event.ticket_types[0].name, "Late");
}

/// Changes the one row of a seated event.
async fn change_row(
    world: &World,
    id: EventId,
    edit: impl FnOnce(&mut crate::domain::RowDraft),
) -> Result<crate::store::Listing, Refusal> {
    world
        .change(id, |draft| match &mut draft.sections[0].seating {
            SeatingDraft::Reserved { rows } => edit(&mut rows[0]),
            SeatingDraft::General { .. } => panic!("a seated event"),
        })
        .await
}

pub(crate) async fn seats_that_are_taken_cannot_be_removed_or_blocked(world: World) {
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 5)])],
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    world
        .book(&world.user(), id, BookRequest::seats(["A-2"]))
        .await
        .unwrap();
    world
        .book(&world.user(), id, BookRequest::seats(["A-3"]).held())
        .await
        .unwrap();
    let remove = |number: &'static str| {
        move |row: &mut crate::domain::RowDraft| row.seats.retain(|seat| seat.as_str() != number)
    };
    let block =
        |number: &'static str| move |row: &mut crate::domain::RowDraft| row.blocked.push(number.to_owned());
    for number in ["2", "3"] {
        let refused = change_row(&world, id, remove(number)).await;
        assert!(matches!(refused, Err(Refusal::BelowSold { .. })), "{refused:?}");
        let refused = change_row(&world, id, block(number)).await;
        assert!(matches!(refused, Err(Refusal::BelowSold { .. })), "{refused:?}");
    }
    let changed = change_row(&world, id, block("4")).await.unwrap();
    assert_eq!((changed.counts[0].capacity, changed.available()), (4, 2));
    let changed = change_row(&world, id, remove("5")).await.unwrap();
    assert_eq!((changed.counts[0].capacity, changed.available()), (3, 1));
    let refused = world.book(&world.user(), id, BookRequest::seats(["A-4"])).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::SeatTaken {
            seats: vec!["A-4".into()]
        }
    );
}

pub(crate) async fn an_unblocked_seat_serves_the_waitlist(world: World) {
    let mut only_row = row("A", 2);
    only_row.blocked.push("2".to_owned());
    let draft = EventDraft {
        sections: vec![stalls(vec![only_row])],
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    world
        .book(&world.user(), id, BookRequest::seats(["A-1"]))
        .await
        .unwrap();
    let entry = world.joined(&world.user(), id, 1).await;
    change_row(&world, id, |row| row.blocked.clear()).await.unwrap();
    let booking = world
        .booking(world.entry(entry.id).await.booking_id.expect("served"))
        .await;
    assert_eq!(booking.items[0].seats, vec!["A-2".into()]);
}

pub(crate) async fn an_invalid_change_is_refused_with_every_field(world: World) {
    let id = world.general(5).await;
    let refused = world
        .change(id, |draft| {
            draft.name = " ".to_owned();
            draft.ends_at = draft.starts_at;
            draft.policy.hold_seconds = 0;
        })
        .await;
    let Err(Refusal::Invalid(errors)) = refused else {
        panic!("{refused:?}")
    };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    for field in ["name", "ends_at", "policy.hold_seconds"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
}

pub(crate) async fn a_cancelled_event_cannot_be_changed(world: World) {
    let id = world.general(5).await;
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    assert_eq!(world.resize(id, 9).await.unwrap_err(), Refusal::EventCancelled);
}

pub(crate) async fn a_change_may_publish_and_never_hides_again(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(5)
    };
    let id = world.create(draft).await.id;
    let change = async |status| world.change(id, |draft| draft.status = status).await;
    let published = change(EventStatus::Published).await.unwrap();
    assert_eq!(published.event.status, EventStatus::Published);
    let hidden = change(EventStatus::Draft).await;
    assert!(matches!(hidden, Err(Refusal::Invalid(_))), "{hidden:?}");
    let cancelled = change(EventStatus::Cancelled).await;
    assert!(matches!(cancelled, Err(Refusal::Invalid(_))), "{cancelled:?}");
}

pub(crate) async fn a_preview_tells_what_a_change_would_do_and_does_nothing(world: World) {
    let id = world.general(2).await;
    world.booked(&world.user(), id, 2).await;
    let waiting = [
        world.joined(&world.user(), id, 2).await,
        world.joined(&world.user(), id, 1).await,
    ];
    let before = world.listing(id).await;
    let preview = |expected, capacity| {
        let mut draft = EventDraft::of(&before.event);
        draft.sections[0].seating = SeatingDraft::General { capacity };
        world.evently.preview_change(&world.admin, id, expected, draft)
    };
    let told = preview(1, 5).await.unwrap();
    assert_eq!(told.before, before);
    assert_eq!(told.served, waiting);
    assert_eq!(refusal(preview(1, 1).await), Refusal::BelowSold { sold: 2 });
    assert_eq!(
        refusal(preview(2, 5).await),
        Refusal::VersionConflict { current: 1 }
    );
    assert_eq!(world.listing(id).await, before, "nothing of it was done");
    assert_eq!(world.placed(waiting[0].id).await.position, Some(1));
    let done = world.resize(id, 5).await.unwrap();
    assert_eq!(done.counts, told.after.counts);
    assert_eq!(
        (done.event.version, &done.event.sections),
        (told.after.event.version, &told.after.event.sections)
    );
    let user = world.user();
    let draft = EventDraft::of(&done.event);
    assert_eq!(
        refusal(world.evently.preview_change(&user, id, 2, draft).await),
        Refusal::Forbidden
    );
}
