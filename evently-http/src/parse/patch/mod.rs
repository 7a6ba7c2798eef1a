//! The merge patch that changes an event: merged into the create body that would make the event as it stands.

mod create_body;
mod parts;

use super::body::Body;
use super::event::read_draft;
use super::fields::{Errors, Fields};
use super::json::{Json, Object};
use super::merge::merge;
use super::read;
use crate::problem::Problem;
use create_body::create_body;
use evently_core::domain::{Event, EventDraft, Limits, SeatingDraft};

/// The event as a patch would leave it.
///
/// `capacity` is the one general section's. Ticket types that are not patched follow their sections, by whatever
/// name, out of the event too. A list replaces the event's, but for parts that it does not give whole ([`parts`]).
///
/// # Errors
/// 422 with every field that cannot be read, of the merged body. What breaks a rule of the engine's, the engine
/// says.
pub(crate) fn patched_draft(event: &Event, patch: Body<'_>, limits: &Limits) -> Result<EventDraft, Problem> {
    let mut patch = patch.into_object();
    let mut errors = Errors::default();
    let capacity = take_capacity(event, &mut patch, &mut errors, limits);
    let patches = |name: &str| patch.iter().any(|(own, _)| own == name);
    let (patches_types, patches_price) = (patches("ticket_types"), patches("price_minor"));

    let current = EventDraft::of(event);
    parts::fill_up(&mut patch, &current);
    let mut body = create_body(&current);
    merge(&mut body, Json::Object(patch));
    let Json::Object(body) = &body else {
        return Err(Problem::internal());
    };
    let mut draft = read_draft(&Fields::of(body), &mut errors, limits);
    if let Some(draft) = &mut draft {
        if !patches_types {
            follow_sections(event, draft);
        }
        if let (Some(capacity), [section]) = (capacity, draft.sections.as_mut_slice()) {
            section.seating = SeatingDraft::General { capacity };
        }
        if patches_price && !has_unlisted_types(draft) {
            errors.add("price_minor", "must be given for each of ticket_types");
        }
    }
    errors.none_or(draft)
}

/// The patch's `capacity`, which stands for the one general section's, and so cannot go without another one.
fn take_capacity(event: &Event, patch: &mut Object<'_>, errors: &mut Errors, limits: &Limits) -> Option<u32> {
    let place = patch.iter().position(|(name, _)| name == "capacity")?;
    let (_, value) = patch.remove(place);
    let has_sections = patch.iter().any(|(name, _)| name == "sections");
    let is_general = matches!(event.sections.as_slice(), [only] if !only.is_reserved());
    if value == Json::Null {
        if is_general && !has_sections {
            errors.add("capacity", "is required, or sections");
        }
        return None;
    }
    if has_sections {
        errors.add("capacity", "must not be given with sections");
    } else if !is_general {
        errors.add("capacity", "must be given for each of sections");
    }
    match read::whole(1..=limits.max_capacity)(&value) {
        Ok(capacity) => Some(capacity),
        Err(rule) => {
            errors.add("capacity", rule);
            None
        }
    }
}

/// Lets ticket types go by the present names of their sections, and out with sections that go.
fn follow_sections(event: &Event, draft: &mut EventDraft) {
    let sections = &draft.sections;
    let name_now = |name: &str| {
        let own = event.sections.iter().find(|section| section.name == name)?;
        let same = sections.iter().find(|section| match section.id {
            Some(id) => id == own.id,
            None => section.name == own.name,
        });
        same.map(|section| section.name.clone())
    };
    draft.ticket_types.retain_mut(|ticket_type| {
        let name = name_now(&ticket_type.section);
        name.map(|name| ticket_type.section = name).is_some()
    });
}

/// Whether a section has no ticket type, and so gets one at `price_minor`.
fn has_unlisted_types(draft: &EventDraft) -> bool {
    draft.sections.iter().any(|section| {
        draft
            .ticket_types
            .iter()
            .all(|ticket_type| ticket_type.section != section.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::event::draft as created;
    use evently_core::clock::{IdSource, RandomIds};
    use evently_core::domain::{EventStatus, Timestamp, WaitlistPolicy};

    fn now() -> Timestamp {
        "2030-01-01T00:00:00Z".parse().unwrap()
    }

    fn body(text: &str) -> Body<'_> {
        Body::of(text)
    }

    /// The event that a create body makes.
    fn event(extra: &str) -> Event {
        let text = format!(
            r#"{{"name":"Gala","venue":"Hall","starts_at":"2030-06-01T19:00:00Z","ends_at":"2030-06-01T22:00:00Z",{extra}}}"#
        );
        let draft = created(&body(&text), &Limits::default()).unwrap();
        draft
            .build(None, &Limits::default(), &RandomIds as &dyn IdSource, now())
            .unwrap()
    }

    /// The event that a patch makes of another.
    fn patched(event: &Event, patch: &str) -> Result<Event, Vec<String>> {
        let draft = patched_draft(event, body(patch), &Limits::default()).map_err(|problem| {
            problem
                .errors()
                .iter()
                .map(|error| error.field.clone())
                .collect::<Vec<_>>()
        })?;
        draft
            .build(
                Some(event),
                &Limits::default(),
                &RandomIds as &dyn IdSource,
                now(),
            )
            .map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    const SEATED: &str = r#""sections":[{"name":"Stalls","rows":[{"label":"A","seats":4,"accessible":["1"],"blocked":["4"]}]},
        {"name":"Floor","capacity":50}],
        "ticket_types":[{"name":"Adult","section":"Stalls","price_minor":900,"max_per_booking":2},
                        {"name":"Child","section":"Stalls","price_minor":400}],
        "price_minor":700,"policy":{"per_user_limit":4,"cancel_until":"2030-05-01T00:00:00Z","waitlist":"offer"},
        "metadata":{"a":[1,{"b":null}]},"description":"Long","sales_open_at":"2030-02-01T00:00:00Z""#;

    #[test]
    fn an_empty_patch_changes_nothing_but_the_version() {
        for extra in [r#""capacity":10"#, SEATED] {
            let event = event(extra);
            let same = Event {
                version: 2,
                ..event.clone()
            };
            assert_eq!(patched(&event, "{}"), Ok(same));
        }
    }

    #[test]
    fn capacity_is_the_one_general_sections() {
        let general = event(r#""capacity":10"#);
        let larger = patched(&general, r#"{"capacity":25}"#).unwrap();
        assert_eq!(
            (larger.capacity(), larger.sections[0].id),
            (25, general.sections[0].id)
        );
        assert_eq!(larger.ticket_types, general.ticket_types);
        let seated = event(SEATED);
        for (event, patch) in [
            (&seated, r#"{"capacity":25}"#),
            (&general, r#"{"capacity":25,"sections":[]}"#),
            (&general, r#"{"capacity":0}"#),
            (&general, r#"{"capacity":null}"#),
            (&general, r#"{"capacity":1.5}"#),
        ] {
            assert!(
                patched(event, patch)
                    .unwrap_err()
                    .contains(&"capacity".to_owned()),
                "{patch}"
            );
        }
    }

    #[test]
    fn a_price_is_that_of_the_types_nobody_listed() {
        let general = event(r#""capacity":10"#);
        let priced = patched(&general, r#"{"price_minor":250}"#).unwrap();
        assert_eq!(priced.ticket_types[0].price_minor, 250);
        assert_eq!(priced.ticket_types[0].id, general.ticket_types[0].id);
        let listed = event(r#""capacity":10,"ticket_types":[{"name":"Adult","price_minor":5}]"#);
        assert_eq!(
            patched(&listed, r#"{"price_minor":250}"#),
            Err(vec!["price_minor".to_owned()])
        );
    }

    #[test]
    fn null_brings_the_default_back_and_cannot_remove_what_is_required() {
        let seated = event(SEATED);
        let plain = patched(
            &seated,
            r#"{"description":null,"policy":{"per_user_limit":null},"metadata":null}"#,
        )
        .unwrap();
        assert_eq!((plain.description.as_str(), plain.metadata.as_json()), ("", "{}"));
        assert_eq!(plain.policy.per_user_limit, None);
        assert_eq!(plain.policy.waitlist, WaitlistPolicy::Offer);
        assert_eq!(patched(&seated, r#"{"name":null}"#), Err(vec!["name".to_owned()]));
    }

    #[test]
    fn metadata_is_merged_deeply() {
        let seated = event(SEATED);
        let merged = patched(&seated, r#"{"metadata":{"c":{"d":1,"e":null}}}"#).unwrap();
        assert_eq!(merged.metadata.as_json(), r#"{"a":[1,{"b":null}],"c":{"d":1}}"#);
    }

    #[test]
    fn a_renamed_section_keeps_its_ticket_types_and_a_removed_one_takes_them_along() {
        let seated = event(SEATED);
        let stalls = &seated.sections[0];
        let patch = format!(
            r#"{{"sections":[{{"id":"{}","name":"Circle","rows":[{{"label":"A","seats":4}}]}},{{"name":"Floor","capacity":60}}]}}"#,
            stalls.id
        );
        let renamed = patched(&seated, &patch).unwrap();
        assert_eq!(
            (renamed.sections[0].id, renamed.sections[0].name.as_str()),
            (stalls.id, "Circle")
        );
        assert_eq!(renamed.sections[1].id, seated.sections[1].id);
        let ids = |event: &Event| event.ticket_types.iter().map(|own| own.id).collect::<Vec<_>>();
        assert_eq!(ids(&renamed), ids(&seated));
        let smaller = patched(&seated, r#"{"sections":[{"name":"Floor","capacity":60}]}"#).unwrap();
        assert_eq!(smaller.ticket_types.len(), 1);
        assert_eq!(smaller.ticket_types[0].price_minor, 700);
    }

    #[test]
    fn a_draft_stays_one_unless_the_patch_publishes_it() {
        let unpublished = event(r#""capacity":10,"status":"draft""#);
        let status = |patch| {
            let draft = patched_draft(&unpublished, body(patch), &Limits::default());
            draft.map(|draft| draft.status).map_err(|problem| problem.code())
        };
        assert_eq!(status(r#"{"name":"Ball"}"#), Ok(EventStatus::Draft));
        assert_eq!(status(r#"{"status":"published"}"#), Ok(EventStatus::Published));
        assert_eq!(status(r#"{"status":"cancelled"}"#), Err(crate::Code::Invalid));
    }

    #[test]
    fn ids_are_ignored_and_every_wrong_field_is_told() {
        let general = event(r#""capacity":10"#);
        assert_eq!(
            patched(&general, r#"{"id":1,"version":99}"#).map(|event| event.id),
            Ok(general.id)
        );
        let wrong = patched(
            &general,
            r#"{"name":7,"policy":{"hold_seconds":"x"},"metadata":[]}"#,
        )
        .unwrap_err();
        assert_eq!(wrong, ["name", "policy.hold_seconds", "metadata"]);
        assert_eq!(
            patched(&general, r#"{"policy":{"hold_seconds":0}}"#),
            Err(vec!["policy.hold_seconds".to_owned()])
        );
        assert_eq!(
            patched(&general, r#"{"ends_at":"2030-02-30T00:00:00Z"}"#),
            Err(vec!["ends_at".to_owned()])
        );
    }

    #[test]
    fn a_part_that_is_not_given_whole_keeps_the_rest_of_what_it_matches() {
        let seated = event(SEATED);
        let [stalls, floor] = seated.sections.as_slice() else {
            panic!("two sections");
        };
        let patch = format!(
            r#"{{"sections":[{{"id":"{}","capacity":60}},{{"name":"Stalls","rows":[{{"label":"A","blocked":["3"]}}]}}],
                "ticket_types":[{{"id":"{}","price_minor":950}},{{"name":"Child","max_per_booking":1}}]}}"#,
            floor.id, seated.ticket_types[0].id
        );
        let changed = patched(&seated, &patch).unwrap();
        assert_eq!(
            (changed.sections[0].id, changed.sections[0].name.as_str()),
            (floor.id, "Floor")
        );
        assert_eq!(
            (changed.sections[0].capacity(), changed.sections[1].capacity()),
            (60, 3)
        );
        let draft = EventDraft::of(&changed);
        let SeatingDraft::Reserved { rows } = &draft.sections[1].seating else {
            panic!("{} has rows", stalls.name);
        };
        assert_eq!(
            (&rows[0].accessible[..], &rows[0].blocked[..]),
            (&["1".to_owned()][..], &["3".to_owned()][..])
        );
        let types: Vec<_> = draft
            .ticket_types
            .iter()
            .map(|own| (own.name.as_str(), own.price_minor, own.max_per_booking))
            .collect();
        assert_eq!(types[..2], [("Adult", 950, Some(2)), ("Child", 400, Some(1))]);
        // One that is whole takes the place of what it matches, and one that matches nothing must be.
        let whole = r#"{"sections":[{"name":"Floor","capacity":5},{"name":"Stalls","rows":[{"label":"A","seats":4}]}]}"#;
        assert_eq!(patched(&seated, whole).unwrap().capacity(), 9);
        assert_eq!(
            patched(
                &seated,
                r#"{"sections":[{"name":"Loge"}],"ticket_types":[{"name":"Pass"}]}"#
            ),
            Err([
                "sections[0].capacity",
                "ticket_types[0].section",
                "ticket_types[0].price_minor"
            ]
            .map(str::to_owned)
            .to_vec())
        );
    }
}
