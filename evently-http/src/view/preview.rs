//! What a change of an event would do, and to whom.

use super::event::EventView;
use evently_core::Timestamp;
use evently_core::domain::{Entry, EntryId, EventFigures, SectionCount, UserId};
use evently_core::ledger::Preview;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What differs with every change, so that it tells nothing.
const ALWAYS_DIFFERENT: [&str; 2] = ["version", "updated_at"];

/// A change that was not made.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangePreview)]
pub(crate) struct PreviewView<'a> {
    /// Always true.
    dry_run: bool,
    changes: Vec<ChangeView>,
    affected: AffectedView<'a>,
    /// The event as it would be.
    event: EventView<'a>,
}

/// A member of the event that would change.
#[derive(Serialize, ToSchema)]
#[schema(as = MemberChange)]
struct ChangeView {
    /// A member of the event.
    field: String,
    from: Value,
    to: Value,
}

/// Who has something of the event, or would get it; nobody, if nothing would change.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Affected)]
struct AffectedView<'a> {
    bookings: u64,
    tickets_sold: u64,
    tickets_held: u64,
    /// Waitlist entries that wait.
    waiting: u64,
    /// Entries that would get their tickets, in the order of serving.
    served: Vec<ServedView<'a>>,
}

/// Whoever would be served.
#[derive(Serialize, ToSchema)]
#[schema(as = Served)]
struct ServedView<'a> {
    #[schema(value_type = Uuid)]
    entry_id: EntryId,
    #[schema(value_type = Uuid)]
    user_id: &'a UserId,
    quantity: u32,
}

impl<'a> PreviewView<'a> {
    /// A change as it was judged at `now`; the figures are the event's as it is.
    pub(crate) fn of(preview: &'a Preview, figures: &EventFigures, now: Timestamp) -> Self {
        let changes = changes(
            members(&EventView::of(&preview.before, now)),
            &members(&EventView::of(&preview.after, now)),
        );
        let sum = |count: fn(&SectionCount) -> u32| {
            preview
                .before
                .counts
                .iter()
                .map(|own| u64::from(count(own)))
                .sum()
        };
        let affected = if changes.is_empty() {
            AffectedView::default()
        } else {
            AffectedView {
                bookings: figures.stats.bookings,
                tickets_sold: sum(|count| count.sold),
                tickets_held: sum(|count| count.held),
                waiting: sum(|count| count.waiting),
                served: preview.served.iter().map(|entry| ServedView::of(entry)).collect(),
            }
        };
        Self {
            dry_run: true,
            changes,
            affected,
            event: EventView::of(&preview.after, now),
        }
    }
}

impl<'a> ServedView<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            entry_id: entry.id,
            user_id: &entry.user_id,
            quantity: entry.quantity,
        }
    }
}

fn members(view: &EventView<'_>) -> Map<String, Value> {
    match serde_json::to_value(view) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn changes(before: Map<String, Value>, after: &Map<String, Value>) -> Vec<ChangeView> {
    let told = before
        .into_iter()
        .filter(|(name, _)| !ALWAYS_DIFFERENT.contains(&name.as_str()));
    told.filter_map(|(field, from)| {
        let to = after.get(&field)?.clone();
        (from != to).then_some(ChangeView { field, from, to })
    })
    .collect()
}
