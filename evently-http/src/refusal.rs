//! What the engine answers when it does not do what was asked, as problems: the one place that maps them.

use crate::code::Code;
use crate::problem::Problem;
use evently_core::store::StoreError;
use evently_core::{Error, Refusal, domain::SeatLabel};
use std::time::Duration;

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let new = Self::new;
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Forbidden => new(Code::Forbidden, "Only an admin may do this."),
            Refusal::Invalid(errors) => Self::invalid(errors),
            Refusal::NotOnSale { phase } => {
                new(Code::NotOnSale, "The event is not on sale now.").with("phase", phase.as_str())
            }
            Refusal::SoldOut { available } => {
                new(Code::SoldOut, "So many tickets are not to be had.").with("available", available)
            }
            Refusal::SeatTaken { seats } => {
                let seats: Vec<&str> = seats.iter().map(SeatLabel::as_str).collect();
                new(Code::SeatTaken, "Some of the seats are taken or not for sale.").with("seats", seats)
            }
            Refusal::LimitExceeded { limit, tickets } => new(
                Code::LimitExceeded,
                "That would be more tickets than one user may have for the event.",
            )
            .with("limit", limit)
            .with("tickets", tickets),
            Refusal::IdempotencyMismatch => new(
                Code::IdempotencyMismatch,
                "The idempotency key was used for another request about this event.",
            ),
            Refusal::HoldExpired => new(
                Code::HoldExpired,
                "The hold has expired; its tickets were released.",
            ),
            Refusal::HoldLimit => new(Code::HoldLimit, "The hold cannot be extended any further."),
            Refusal::NotHeld => new(Code::NotHeld, "The booking is not held now."),
            Refusal::CancelClosed => new(Code::CancelClosed, "It is too late to cancel this booking."),
            Refusal::NotFull => new(
                Code::NotFull,
                "There are tickets to be had: nobody needs to wait.",
            ),
            Refusal::AlreadyWaitlisted => new(
                Code::AlreadyWaitlisted,
                "You are on the waitlist of this event already.",
            ),
            Refusal::WaitlistOff => new(Code::WaitlistOff, "The event has no waitlist."),
            Refusal::NotOffered => new(Code::NotOffered, "This waitlist entry has no offer."),
            Refusal::OfferLapsed => new(
                Code::OfferLapsed,
                "The offer has lapsed; its tickets were passed on.",
            ),
            Refusal::NotWaiting => new(Code::NotWaiting, "This waitlist entry does not wait any more."),
            Refusal::VersionConflict { current } => new(
                Code::VersionConflict,
                "The event has changed since the version that was named.",
            )
            .with("version", current),
            Refusal::BelowSold { sold } => {
                new(Code::BelowSold, "What is sold or held cannot be taken away.").with("sold", sold)
            }
            Refusal::NotDraft => new(Code::NotDraft, "The event is not a draft."),
            Refusal::NotPublished => new(
                Code::NotPublished,
                "The event is still a draft: it can be published or deleted.",
            ),
            Refusal::EventCancelled => new(Code::EventCancelled, "The event was cancelled."),
            // A refusal that this version of the contract has no word for is a bug here.
            _ => Self::internal(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Overloaded { retry_after } => Self::overloaded().retry_after(retry_after),
            Error::Store(error) => Self::from_store(&error),
            Error::Closed => {
                Self::new(Code::Unavailable, "The service is restarting.").retry_after(Duration::from_secs(1))
            }
            _ => Self::internal(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from_store(&error)
    }
}

impl Problem {
    /// 503: what the storage said goes to the log and nowhere else.
    fn from_store(error: &StoreError) -> Self {
        tracing::error!(error = %error, "the storage failed");
        Self::new(
            Code::Unavailable,
            "The storage or the queue is not available. A request that changes something may have done so: try it \
             again, with the same idempotency key.",
        )
        .retry_after(Duration::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RequestId;
    use evently_core::domain::{FieldError, Phase};
    use http::StatusCode;
    use serde_json::{Value, json};

    fn body(problem: Problem) -> (StatusCode, Value) {
        let reply = problem.into_reply("/api/x", &RequestId::from_uuid(uuid::Uuid::nil()));
        (
            reply.status,
            serde_json::from_slice(reply.body.whole().unwrap()).unwrap(),
        )
    }

    #[test]
    fn every_refusal_has_its_status_code_and_data() {
        for (refusal, status, code, member, data) in [
            (Refusal::NotFound, 404, "not_found", "", json!(null)),
            (Refusal::Forbidden, 403, "forbidden", "", json!(null)),
            (
                Refusal::Invalid(vec![FieldError::new("quantity", "must be 1 to 4")]),
                422,
                "invalid",
                "errors",
                json!([{"field": "quantity", "message": "must be 1 to 4"}]),
            ),
            (
                Refusal::NotOnSale { phase: Phase::Closed },
                409,
                "not_on_sale",
                "phase",
                json!("closed"),
            ),
            (
                Refusal::SoldOut { available: 3 },
                409,
                "sold_out",
                "available",
                json!(3),
            ),
            (
                Refusal::SeatTaken {
                    seats: vec!["A-1".into()],
                },
                409,
                "seat_taken",
                "seats",
                json!(["A-1"]),
            ),
            (
                Refusal::LimitExceeded { limit: 4, tickets: 3 },
                409,
                "limit_exceeded",
                "limit",
                json!(4),
            ),
            (
                Refusal::IdempotencyMismatch,
                422,
                "idempotency_mismatch",
                "",
                json!(null),
            ),
            (Refusal::HoldExpired, 410, "hold_expired", "", json!(null)),
            (Refusal::HoldLimit, 409, "hold_limit", "", json!(null)),
            (Refusal::NotHeld, 409, "not_held", "", json!(null)),
            (Refusal::CancelClosed, 409, "cancel_closed", "", json!(null)),
            (Refusal::NotFull, 409, "not_full", "", json!(null)),
            (
                Refusal::AlreadyWaitlisted,
                409,
                "already_waitlisted",
                "",
                json!(null),
            ),
            (Refusal::WaitlistOff, 409, "waitlist_off", "", json!(null)),
            (Refusal::NotOffered, 409, "not_offered", "", json!(null)),
            (Refusal::OfferLapsed, 410, "offer_lapsed", "", json!(null)),
            (Refusal::NotWaiting, 409, "not_waiting", "", json!(null)),
            (
                Refusal::VersionConflict { current: 7 },
                412,
                "version_conflict",
                "version",
                json!(7),
            ),
            (
                Refusal::BelowSold { sold: 9 },
                409,
                "below_sold",
                "sold",
                json!(9),
            ),
            (Refusal::NotDraft, 409, "not_draft", "", json!(null)),
            (Refusal::NotPublished, 409, "not_published", "", json!(null)),
            (Refusal::EventCancelled, 409, "event_cancelled", "", json!(null)),
        ] {
            let (got, body) = body(refusal.into());
            assert_eq!((got.as_u16(), &body["code"]), (status, &json!(code)));
            assert_eq!(body["status"], json!(status));
            assert_eq!(body[member], data, "{code}");
        }
    }

    #[test]
    fn what_the_storage_says_stays_inside() {
        let error = StoreError::transient("postgres", "connection to db.internal:5432 refused");
        for error in [
            Error::from(error),
            Error::Overloaded {
                retry_after: Duration::from_millis(1500),
            },
            Error::Closed,
        ] {
            let (status, body) = body(error.into());
            assert_eq!((status.as_u16(), &body["code"]), (503, &json!("unavailable")));
            assert!(body["retry_after"].as_u64().unwrap() >= 1);
            assert!(!body.to_string().contains("db.internal"), "{body}");
        }
    }
}
