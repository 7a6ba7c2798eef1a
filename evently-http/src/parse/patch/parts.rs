//! Sections, rows and ticket types that a patch names without giving them whole.
//!
//! RFC 7396 knows no member of a list, only the whole list. Here what is matched is one thing, by its `id`, else by
//! its name: a part that could stand in a create body replaces what it matches, and one that leaves out what a
//! create body must say is a merge patch of what it matches.

use super::create_body::{row, section, ticket_type};
use crate::parse::fields::Fields;
use crate::parse::json::{Json, Object};
use crate::parse::merge::merge;
use crate::parse::read;
use evently_core::domain::{EventDraft, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft};

/// Fills such parts up. One that matches nothing stays as it is, for its reader to refuse.
pub(super) fn fill_up<'a>(patch: &mut Object<'a>, current: &'a EventDraft) {
    for part in parts_of(patch, "sections") {
        if let Some(own) = section_like(part, &current.sections) {
            fill_up_section(part, own);
        }
    }
    let one_section = current.sections.len() == 1;
    for part in parts_of(patch, "ticket_types") {
        let is_whole = has(part, "name") && has(part, "price_minor") && (one_section || has(part, "section"));
        if !is_whole && let Some(own) = ticket_type_like(part, &current.ticket_types) {
            merge_into(ticket_type(own), part);
        }
    }
}

fn fill_up_section<'a>(part: &mut Object<'a>, own: &'a SectionDraft) {
    if let SeatingDraft::Reserved { rows } = &own.seating {
        for part in parts_of(part, "rows") {
            if !has(part, "seats")
                && let Some(own) = row_like(part, rows)
            {
                merge_into(row(own), part);
            }
        }
    }
    let tells_places = has(part, "capacity") || has(part, "rows");
    if !has(part, "name") || !tells_places {
        let mut whole = section(own);
        if tells_places && let Json::Object(whole) = &mut whole {
            whole.retain(|(name, _)| name != "capacity" && name != "rows");
        }
        merge_into(whole, part);
    }
}

fn section_like<'a>(part: &Object<'_>, all: &'a [SectionDraft]) -> Option<&'a SectionDraft> {
    let (id, name) = (text(part, "id"), text(part, "name"));
    let by_id = all.iter().find(|own| is_id(own.id, id));
    by_id.or_else(|| all.iter().find(|own| Some(own.name.as_str()) == name))
}

fn row_like<'a>(part: &Object<'_>, all: &'a [RowDraft]) -> Option<&'a RowDraft> {
    all.iter()
        .find(|own| Some(own.label.as_str()) == text(part, "label"))
}

/// By name only where there is one of that name (in its section, if the part names that).
fn ticket_type_like<'a>(part: &Object<'_>, all: &'a [TicketTypeDraft]) -> Option<&'a TicketTypeDraft> {
    let (id, name, section) = (text(part, "id"), text(part, "name"), text(part, "section"));
    if let Some(own) = all.iter().find(|own| is_id(own.id, id)) {
        return Some(own);
    }
    let mut like = all.iter().filter(|own| {
        Some(own.name.as_str()) == name && section.is_none_or(|section| own.section == section)
    });
    like.next().filter(|_| like.next().is_none())
}

/// Whether this is the id that a part names.
fn is_id(own: Option<impl ToString>, named: Option<&str>) -> bool {
    own.zip(named)
        .is_some_and(|(own, named)| own.to_string().eq_ignore_ascii_case(named))
}

/// Lets a part be what comes of merging it into this.
fn merge_into<'a>(mut whole: Json<'a>, part: &mut Object<'a>) {
    merge(&mut whole, Json::Object(std::mem::take(part)));
    if let Json::Object(whole) = whole {
        *part = whole;
    }
}

/// The objects of the list that a member is.
fn parts_of<'p, 'a>(object: &'p mut Object<'a>, name: &str) -> impl Iterator<Item = &'p mut Object<'a>> {
    let list = object.iter_mut().find(|(own, _)| own == name);
    let parts = list.into_iter().flat_map(|(_, value)| match value {
        Json::List(list) => list.as_mut_slice(),
        _ => &mut [],
    });
    parts.filter_map(|part| match part {
        Json::Object(part) => Some(part),
        _ => None,
    })
}

fn has(part: &Object<'_>, name: &str) -> bool {
    Fields::of(part).has(name)
}

fn text<'p>(part: &'p Object<'_>, name: &str) -> Option<&'p str> {
    read::any_text(Fields::of(part).get(name)?).ok()
}
