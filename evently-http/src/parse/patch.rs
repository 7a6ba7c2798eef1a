//! The merge patch that changes an event: merged into the create body that would make the event as it stands.

use super::body::Body;
use super::event::read_draft;
use super::fields::{Errors, Fields};
use super::json::{Json, Object};
use super::merge::merge;
use super::read;
use crate::problem::Problem;
use evently_core::domain::{
    Event, EventDraft, EventStatus, Limits, Policy, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft,
    Timestamp, WaitlistPolicy,
};
use std::borrow::Cow;

/// The event as a patch would leave it.
///
/// `capacity` is the one general section's. Ticket types that are not patched follow their sections, by whatever
/// name, out of the event too.
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

/// The patch's `capacity`, which stands for the one general section's.
fn take_capacity(event: &Event, patch: &mut Object<'_>, errors: &mut Errors, limits: &Limits) -> Option<u32> {
    let place = patch.iter().position(|(name, _)| name == "capacity")?;
    let (_, value) = patch.remove(place);
    if value == Json::Null {
        return None;
    }
    if patch.iter().any(|(name, _)| name == "sections") {
        errors.add("capacity", "must not be given with sections");
    } else if !matches!(event.sections.as_slice(), [only] if !only.is_reserved()) {
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

/// The body that would create what the draft describes.
fn create_body(draft: &EventDraft) -> Json<'_> {
    let (listed, price_minor) = listed_types(draft);
    let metadata = Json::parse(draft.metadata.as_json().as_bytes());
    object([
        ("name", text(&draft.name)),
        ("description", text(&draft.description)),
        ("venue", text(&draft.venue)),
        ("timezone", text(&draft.timezone)),
        ("starts_at", instant(Some(draft.starts_at))),
        ("ends_at", instant(Some(draft.ends_at))),
        ("sales_open_at", instant(draft.sales_open_at)),
        ("sales_close_at", instant(draft.sales_close_at)),
        ("currency", text(draft.currency.code())),
        ("status", text(status(draft.status))),
        ("sections", list(&draft.sections, section)),
        ("ticket_types", list(listed, ticket_type)),
        ("price_minor", number(price_minor)),
        ("policy", policy(&draft.policy)),
        ("metadata", metadata.unwrap_or(Json::Object(Object::new()))),
    ])
}

/// The word that a create body has for it. A cancelled event takes no change, whatever its body says.
fn status(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Draft => "draft",
        EventStatus::Published | EventStatus::Cancelled => "published",
    }
}

/// The ticket types that the body must list, and the price of those that it need not: the only types of their
/// sections, as a body without them makes them, all at one price.
fn listed_types(draft: &EventDraft) -> (Vec<&TicketTypeDraft>, i64) {
    let is_default = |ticket_type: &&TicketTypeDraft| {
        let twins = draft
            .ticket_types
            .iter()
            .filter(|other| other.section == ticket_type.section);
        twins.count() == 1
            && ticket_type.name == EventDraft::STANDARD
            && ticket_type.min_per_booking == 1
            && ticket_type.max_per_booking.is_none()
    };
    let mut defaults = draft.ticket_types.iter().filter(is_default);
    let price_minor = defaults.next().map_or(0, |ticket_type| ticket_type.price_minor);
    if defaults.any(|other| other.price_minor != price_minor) {
        return (draft.ticket_types.iter().collect(), 0);
    }
    let listed = draft
        .ticket_types
        .iter()
        .filter(|ticket_type| !is_default(ticket_type));
    (listed.collect(), price_minor)
}

fn section(section: &SectionDraft) -> Json<'_> {
    let places = match &section.seating {
        SeatingDraft::General { capacity } => ("capacity", number(*capacity)),
        SeatingDraft::Reserved { rows } => ("rows", list(rows, row)),
    };
    object([
        ("id", optional(section.id, owned)),
        ("name", text(&section.name)),
        places,
    ])
}

fn row(row: &RowDraft) -> Json<'_> {
    object([
        ("label", text(&row.label)),
        ("seats", list(&row.seats, |seat| text(seat))),
        ("accessible", list(&row.accessible, |seat| text(seat))),
        ("blocked", list(&row.blocked, |seat| text(seat))),
    ])
}

fn ticket_type(ticket_type: &TicketTypeDraft) -> Json<'_> {
    object([
        ("id", optional(ticket_type.id, owned)),
        ("name", text(&ticket_type.name)),
        ("section", text(&ticket_type.section)),
        ("price_minor", number(ticket_type.price_minor)),
        ("min_per_booking", number(ticket_type.min_per_booking)),
        ("max_per_booking", optional(ticket_type.max_per_booking, number)),
    ])
}

fn policy(policy: &Policy) -> Json<'_> {
    let waitlist = match policy.waitlist {
        WaitlistPolicy::Off => "off",
        WaitlistPolicy::Auto => "auto",
        WaitlistPolicy::Offer => "offer",
    };
    object([
        ("per_user_limit", optional(policy.per_user_limit, number)),
        ("hold_seconds", number(policy.hold_seconds)),
        ("hold_max_seconds", optional(policy.hold_max_seconds, number)),
        ("cancel_until", instant(policy.cancel_until)),
        ("waitlist", text(waitlist)),
        ("offer_seconds", number(policy.offer_seconds)),
    ])
}

fn object<'a>(members: impl IntoIterator<Item = (&'static str, Json<'a>)>) -> Json<'a> {
    Json::Object(
        members
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), value))
            .collect(),
    )
}

fn text(text: &str) -> Json<'_> {
    Json::Text(Cow::Borrowed(text))
}

fn owned(value: impl ToString) -> Json<'static> {
    Json::Text(Cow::Owned(value.to_string()))
}

fn number(number: impl Into<i64>) -> Json<'static> {
    let number = number.into();
    u64::try_from(number).map_or(Json::Negative(number), Json::Unsigned)
}

fn instant(at: Option<Timestamp>) -> Json<'static> {
    optional(at, owned)
}

fn optional<'a, T>(value: Option<T>, write: impl FnOnce(T) -> Json<'a>) -> Json<'a> {
    value.map_or(Json::Null, write)
}

fn list<'a, T>(values: impl IntoIterator<Item = T>, write: impl Fn(T) -> Json<'a>) -> Json<'a> {
    Json::List(values.into_iter().map(write).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::event::draft as created;
    use evently_core::clock::{IdSource, RandomIds};

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
}
