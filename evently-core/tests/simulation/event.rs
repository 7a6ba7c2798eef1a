//! Random events: small enough that everybody wants what somebody has.

use evently_core::domain::{
    EventDraft, Policy, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft, Timestamp, WaitlistPolicy,
};
use rand::{RngExt, rngs::StdRng};
use std::time::Duration;

/// An event of one of a few kinds.
pub(crate) fn draft(rng: &mut StdRng, now: Timestamp) -> EventDraft {
    let starts_at = now + Duration::from_secs(1_000_000);
    let general = EventDraft::general(
        "Harbour concert",
        "Harbour hall",
        starts_at,
        starts_at + Duration::from_secs(3600),
        rng.random_range(1..8),
    );
    let seated = SectionDraft {
        id: None,
        name: "Stalls".to_owned(),
        seating: SeatingDraft::Reserved {
            rows: vec![row("A", 4), row("B", 3)],
        },
    };
    let mut draft = general.clone();
    match rng.random_range(0..4) {
        0 => draft.sections.push(seated),
        1 => {
            let second = SectionDraft {
                name: "Balcony".to_owned(),
                ..general.sections[0].clone()
            };
            draft.sections.push(second);
            draft.ticket_types = vec![
                ticket_type("Adult", EventDraft::GENERAL_ADMISSION, 2000),
                ticket_type("Child", EventDraft::GENERAL_ADMISSION, 900),
            ];
        }
        _ => {}
    }
    draft.sales_close_at = rng
        .random_bool(0.2)
        .then(|| now + Duration::from_secs(rng.random_range(200..3000)));
    draft.policy = policy(rng);
    draft
}

fn policy(rng: &mut StdRng) -> Policy {
    Policy {
        per_user_limit: rng.random_bool(0.5).then(|| rng.random_range(1..5)),
        hold_seconds: rng.random_range(30..200),
        waitlist: match rng.random_range(0..5) {
            0 => WaitlistPolicy::Off,
            1 | 2 => WaitlistPolicy::Offer,
            _ => WaitlistPolicy::Auto,
        },
        offer_seconds: rng.random_range(30..200),
        ..Policy::default()
    }
}

fn row(label: &str, seats: u32) -> RowDraft {
    RowDraft {
        label: label.to_owned(),
        seats: (1..=seats).map(|number| number.to_string()).collect(),
        accessible: Vec::new(),
        blocked: Vec::new(),
    }
}

fn ticket_type(name: &str, section: &str, price_minor: i64) -> TicketTypeDraft {
    TicketTypeDraft {
        id: None,
        name: name.to_owned(),
        section: section.to_owned(),
        price_minor,
        min_per_booking: 1,
        max_per_booking: None,
    }
}
