//! Events: making, publishing, deleting, finding them.

use crate::Refusal;
use crate::conformance::world::{World, definite, refusal, row, stalls};
use crate::domain::{
    EventDraft, EventFilter, EventId, EventStatus, Metadata, PageRequest, Phase, RowDraft, SectionDraft,
};

fn hidden(world: &World) -> EventDraft {
    EventDraft {
        status: EventStatus::Draft,
        ..world.draft(5)
    }
}

pub(crate) async fn an_event_is_made_with_what_it_needs_to_sell(world: World) {
    let draft = EventDraft {
        price_minor: 700,
        ..world.draft(5)
    };
    let listing = world.evently.create_event(&world.admin, draft).await.unwrap();
    let event = &listing.event;
    assert_eq!((event.status, event.version), (EventStatus::Published, 1));
    assert_eq!((event.created_at, event.updated_at), (world.now(), world.now()));
    assert_eq!((event.sections.len(), event.ticket_types.len()), (1, 1));
    assert_eq!(event.sections[0].name, "General admission");
    let standard = &event.ticket_types[0];
    assert_eq!((standard.name.as_str(), standard.price_minor), ("Standard", 700));
    assert_eq!((standard.min_per_booking, standard.max_per_booking), (1, None));
    assert_eq!(
        (listing.available(), listing.phase(world.now())),
        (5, Phase::OnSale)
    );
    assert_eq!(world.evently.event(None, event.id).await.unwrap(), listing);
}

pub(crate) async fn an_invalid_event_is_refused_with_every_field(world: World) {
    let draft = EventDraft {
        name: String::new(),
        timezone: "Moon/Sea".to_owned(),
        sections: Vec::<SectionDraft>::new(),
        ..world.draft(5)
    };
    let refused = refusal(world.evently.create_event(&world.admin, draft).await);
    let Refusal::Invalid(errors) = refused else {
        panic!("{refused:?}")
    };
    let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
    for field in ["name", "timezone", "sections"] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
    assert_eq!(world.store.event_ids(None, 10).await.unwrap(), vec![]);
}

pub(crate) async fn an_event_is_worth_no_more_than_figures_have_room_for(world: World) {
    let at = |price_minor| {
        let draft = EventDraft {
            price_minor,
            ..world.draft(10_000_000)
        };
        world.evently.create_event(&world.admin, draft)
    };
    let refused = refusal(at(1_000_000_000_000).await);
    assert!(matches!(refused, Refusal::Invalid(_)), "{refused:?}");
    at(900_000_000_000).await.unwrap();
}

pub(crate) async fn a_seating_plan_names_every_seat_once(world: World) {
    let unknown = |mark: fn(&mut RowDraft)| {
        let mut marked = row("A", 3);
        mark(&mut marked);
        vec![marked]
    };
    let mut twice = row("A", 3);
    twice.seats.push("2".to_owned());
    for rows in [
        vec![row("A", 3), row("A", 2)],
        vec![twice],
        unknown(|row| row.accessible.push("9".to_owned())),
        unknown(|row| row.blocked.push("9".to_owned())),
        vec![row("A", 0)],
        Vec::new(),
    ] {
        let draft = EventDraft {
            sections: vec![stalls(rows.clone())],
            ..world.draft(1)
        };
        let refused = refusal(world.evently.create_event(&world.admin, draft).await);
        assert!(matches!(refused, Refusal::Invalid(_)), "{rows:?}: {refused:?}");
    }
}

pub(crate) async fn an_event_may_lie_in_the_past(world: World) {
    let draft = world.draft(5);
    world.clock.set(draft.ends_at);
    let id = world.create(draft).await.id;
    assert_eq!(world.listing(id).await.phase(world.now()), Phase::Ended);
}

pub(crate) async fn metadata_comes_back_byte_for_byte(world: World) {
    let metadata = Metadata::from_json(r#"{"z":1, "a":[1.0,"\u00e9é"]}"#.to_owned());
    let draft = EventDraft {
        metadata: metadata.clone(),
        ..world.draft(5)
    };
    let id = world.create(draft).await.id;
    assert_eq!(world.listing(id).await.event.metadata, metadata);
}

pub(crate) async fn drafts_are_for_admins_only(world: World) {
    let id = world.create(hidden(&world)).await.id;
    let (ada, evently) = (world.user(), &world.evently);
    assert_eq!(refusal(evently.event(None, id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.event(Some(&ada), id).await), Refusal::NotFound);
    assert_eq!(
        refusal(evently.taken_seats(Some(&ada), id).await),
        Refusal::NotFound
    );
    evently.event(Some(&world.admin), id).await.unwrap();
    evently.taken_seats(Some(&world.admin), id).await.unwrap();
    let filter = EventFilter {
        include_drafts: true,
        ..EventFilter::all(world.now())
    };
    for (by, count) in [(None, 0), (Some(&ada), 0), (Some(&world.admin), 1)] {
        let page = evently
            .events(by, filter.clone(), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(page.items.len(), count);
    }
}

pub(crate) async fn a_published_draft_is_seen_by_everybody(world: World) {
    let id = world.create(hidden(&world)).await.id;
    let published = world.evently.publish_event(&world.admin, id).await.unwrap();
    assert_eq!(published.event.status, EventStatus::Published);
    assert_eq!(world.evently.event(None, id).await.unwrap(), published);
    let again = world.evently.publish_event(&world.admin, id).await.unwrap();
    assert_eq!(again, published, "publishing again answers the same");
}

pub(crate) async fn a_cancelled_event_cannot_be_published(world: World) {
    let id = world.general(5).await;
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    assert_eq!(
        refusal(world.evently.publish_event(&world.admin, id).await),
        Refusal::EventCancelled
    );
}

pub(crate) async fn a_draft_may_be_deleted_and_nothing_else(world: World) {
    let (draft, published) = (world.create(hidden(&world)).await.id, world.general(5).await);
    world.evently.delete_event(&world.admin, draft).await.unwrap();
    assert_eq!(
        refusal(world.evently.event(Some(&world.admin), draft).await),
        Refusal::NotFound
    );
    assert_eq!(
        refusal(world.evently.delete_event(&world.admin, draft).await),
        Refusal::NotFound
    );
    assert_eq!(
        refusal(world.evently.delete_event(&world.admin, published).await),
        Refusal::NotDraft
    );
    world.evently.cancel_event(&world.admin, published).await.unwrap();
    assert_eq!(
        refusal(world.evently.delete_event(&world.admin, published).await),
        Refusal::NotDraft
    );
}

pub(crate) async fn an_unknown_event_cannot_be_changed(world: World) {
    let (id, by, evently) = (EventId::from_uuid(world.new_id()), &world.admin, &world.evently);
    assert_eq!(refusal(evently.publish_event(by, id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.cancel_event(by, id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.delete_event(by, id).await), Refusal::NotFound);
    assert_eq!(
        refusal(evently.change_event(by, id, 1, world.draft(1)).await),
        Refusal::NotFound
    );
    assert_eq!(refusal(evently.sweep(id).await), Refusal::NotFound);
}

pub(crate) async fn the_catalogue_shows_what_is_left(world: World) {
    let (full, open) = (world.general(1).await, world.general(2).await);
    world.booked(&world.user(), full, 1).await;
    world.booked(&world.user(), open, 1).await;
    let list = async |filter: EventFilter| -> Vec<EventId> {
        let page = definite(world.evently.events(None, filter, PageRequest::default()).await);
        page.unwrap().items.iter().map(|it| it.event.id).collect()
    };
    let all = EventFilter::all(world.now());
    assert_eq!(
        list(EventFilter {
            available_only: true,
            ..all.clone()
        })
        .await,
        [open]
    );
    assert_eq!(
        list(EventFilter {
            phase: Some(Phase::SoldOut),
            ..all.clone()
        })
        .await,
        [full]
    );
    assert_eq!(list(all).await.len(), 2);
}
