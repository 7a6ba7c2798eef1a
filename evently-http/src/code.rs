//! The words that problems go by: the stable part of the API's errors.

use http::StatusCode;

/// What went wrong, in one word of the stable API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// 400: not JSON, not a query, not a key, not a cursor.
    Malformed,
    /// 401: not signed in.
    Unauthorized,
    /// 401: no such account, or another password.
    BadCredentials,
    /// 403: signed in, but not allowed.
    Forbidden,
    /// 404: not there, or somebody else's.
    NotFound,
    /// 405: the path exists, with other methods.
    MethodNotAllowed,
    /// 409: an account has the e-mail address.
    EmailTaken,
    /// 409: so many tickets are not to be had.
    SoldOut,
    /// 409: named seats are taken or blocked.
    SeatTaken,
    /// 409: the event is not on sale.
    NotOnSale,
    /// 409: more tickets than one user may have.
    LimitExceeded,
    /// 409: the hold cannot be extended further.
    HoldLimit,
    /// 409: the booking is no hold.
    NotHeld,
    /// 409: too late to cancel.
    CancelClosed,
    /// 409: nobody needs to wait.
    NotFull,
    /// 409: on the waitlist already.
    AlreadyWaitlisted,
    /// 409: the event has no waitlist.
    WaitlistOff,
    /// 409: the entry has no offer.
    NotOffered,
    /// 409: the entry does not wait any more.
    NotWaiting,
    /// 409: what is sold or held cannot be taken away.
    BelowSold,
    /// 409: only a draft may be deleted.
    NotDraft,
    /// 409: a draft is not cancelled.
    NotPublished,
    /// 409: the event was cancelled.
    EventCancelled,
    /// 410: the hold's time was over.
    HoldExpired,
    /// 410: the offer's time was over.
    OfferLapsed,
    /// 412: the event has moved on from the named version.
    VersionConflict,
    /// 413: the body is over 64 KiB.
    PayloadTooLarge,
    /// 415: the body is not `application/json`.
    UnsupportedMediaType,
    /// 422: well-formed, but a field is wrong.
    Invalid,
    /// 422: the key was used for another request.
    IdempotencyMismatch,
    /// 428: the request must name a version.
    PreconditionRequired,
    /// 431: the head is larger than the server takes.
    HeadTooLarge,
    /// 429: too many requests.
    RateLimited,
    /// 500: a bug.
    Internal,
    /// 503: overload, or a dependency is down.
    Unavailable,
}

impl Code {
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::Malformed,
        Self::Unauthorized,
        Self::BadCredentials,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::EmailTaken,
        Self::SoldOut,
        Self::SeatTaken,
        Self::NotOnSale,
        Self::LimitExceeded,
        Self::HoldLimit,
        Self::NotHeld,
        Self::CancelClosed,
        Self::NotFull,
        Self::AlreadyWaitlisted,
        Self::WaitlistOff,
        Self::NotOffered,
        Self::NotWaiting,
        Self::BelowSold,
        Self::NotDraft,
        Self::NotPublished,
        Self::EventCancelled,
        Self::HoldExpired,
        Self::OfferLapsed,
        Self::VersionConflict,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::Invalid,
        Self::IdempotencyMismatch,
        Self::PreconditionRequired,
        Self::HeadTooLarge,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The code's place in the contract: word, status, title.
    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "Malformed request"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Not signed in"),
            Self::BadCredentials => (
                "bad_credentials",
                StatusCode::UNAUTHORIZED,
                "Wrong e-mail or password",
            ),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
            ),
            Self::EmailTaken => ("email_taken", StatusCode::CONFLICT, "E-mail address taken"),
            Self::SoldOut => ("sold_out", StatusCode::CONFLICT, "Sold out"),
            Self::SeatTaken => ("seat_taken", StatusCode::CONFLICT, "Seat taken"),
            Self::NotOnSale => ("not_on_sale", StatusCode::CONFLICT, "Not on sale"),
            Self::LimitExceeded => ("limit_exceeded", StatusCode::CONFLICT, "Limit exceeded"),
            Self::HoldLimit => ("hold_limit", StatusCode::CONFLICT, "Hold at its limit"),
            Self::NotHeld => ("not_held", StatusCode::CONFLICT, "Not held"),
            Self::CancelClosed => ("cancel_closed", StatusCode::CONFLICT, "Too late to cancel"),
            Self::NotFull => ("not_full", StatusCode::CONFLICT, "Not full"),
            Self::AlreadyWaitlisted => (
                "already_waitlisted",
                StatusCode::CONFLICT,
                "On the waitlist already",
            ),
            Self::WaitlistOff => ("waitlist_off", StatusCode::CONFLICT, "No waitlist"),
            Self::NotOffered => ("not_offered", StatusCode::CONFLICT, "No offer"),
            Self::NotWaiting => ("not_waiting", StatusCode::CONFLICT, "Not waiting"),
            Self::BelowSold => ("below_sold", StatusCode::CONFLICT, "Below what is sold"),
            Self::NotDraft => ("not_draft", StatusCode::CONFLICT, "Not a draft"),
            Self::NotPublished => ("not_published", StatusCode::CONFLICT, "Still a draft"),
            Self::EventCancelled => ("event_cancelled", StatusCode::CONFLICT, "Event cancelled"),
            Self::HoldExpired => ("hold_expired", StatusCode::GONE, "Hold expired"),
            Self::OfferLapsed => ("offer_lapsed", StatusCode::GONE, "Offer lapsed"),
            Self::VersionConflict => (
                "version_conflict",
                StatusCode::PRECONDITION_FAILED,
                "Version conflict",
            ),
            Self::PayloadTooLarge => (
                "payload_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "Payload too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported media type",
            ),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Invalid request"),
            Self::IdempotencyMismatch => (
                "idempotency_mismatch",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency key used before",
            ),
            Self::PreconditionRequired => (
                "precondition_required",
                StatusCode::PRECONDITION_REQUIRED,
                "Precondition required",
            ),
            Self::HeadTooLarge => (
                "head_too_large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "Request head too large",
            ),
            Self::RateLimited => ("rate_limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The status it comes with.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        self.row().2
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_code_is_listed_once_and_has_its_own_word() {
        let words: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        // The last one: a code added behind it must be added to the list too.
        assert_eq!(Code::ALL.len(), Code::Unavailable as usize + 1);
    }
}
