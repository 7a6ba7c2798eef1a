//! An event's bookings as CSV: all of them, read and sent a page at a time.
//!
//! A spreadsheet takes a cell that begins with `= + - @` for a formula. Such a cell, which anybody who books may have
//! written, gets an apostrophe in front.

use crate::body::{Cut, Streamed};
use crate::problem::Problem;
use crate::reply::Reply;
use bytes::Bytes;
use evently_core::domain::{Booking, BookingFilter, BookingId, EventId, Page, PageRequest};
use evently_core::{Caller, Error, Evently, Timestamp};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use std::borrow::Cow;
use std::sync::Arc;

const COLUMNS: [&str; 11] = [
    "id",
    "reference",
    "user_id",
    "status",
    "quantity",
    "total_minor",
    "currency",
    "payment_reference",
    "created_at",
    "confirmed_at",
    "ended_at",
];

/// Whether a request would rather have CSV than JSON: it names `text/csv`, and not `application/json` before it.
pub(crate) fn wants_csv(headers: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        let lines = headers.get_all(header::ACCEPT).iter();
        let ranges = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        ranges
            .filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let named = parts.next()?.eq_ignore_ascii_case(wanted);
                let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
                named.then(|| weight.unwrap_or(1.0))
            })
            .fold(0.0, f32::max)
    };
    let csv = weight("text/csv");
    csv > 0.0 && csv >= weight("application/json")
}

/// All bookings of an event that the filter lets through, newest first, under a row of names.
///
/// # Errors
/// Those of the first page. One that meets a later page breaks the answer off.
pub(crate) async fn csv_of_bookings(
    evently: &Evently,
    admin: Caller,
    id: EventId,
    filter: BookingFilter,
) -> Result<Reply, Problem> {
    let first = page(evently, &admin, id, filter, None).await?;
    let evently = evently.clone();
    let pages = stream::unfold(Some(Ok(first)), move |page| {
        let evently = evently.clone();
        async move {
            let page: Page<_, _> = match page? {
                Ok(page) => page,
                Err(cut) => return Some((Err(cut), None)),
            };
            let next = match page.next {
                Some(after) => Some(
                    self::page(&evently, &admin, id, filter, Some(after))
                        .await
                        .map_err(|error| {
                            tracing::error!(event.id = %id, error = %error, "an export broke off");
                            Cut
                        }),
                ),
                None => None,
            };
            Some((rows(&page.items), next))
        }
    });
    let header = stream::once(async { written(|csv| csv.write_record(COLUMNS)) });
    let disposition = format!("attachment; filename=\"bookings-{id}.csv\"");
    let reply = Reply::streamed("text/csv; charset=utf-8", Streamed::new(header.chain(pages)));
    Ok(match HeaderValue::try_from(disposition) {
        Ok(disposition) => reply.with(header::CONTENT_DISPOSITION, disposition),
        Err(_) => reply,
    })
}

async fn page(
    evently: &Evently,
    admin: &Caller,
    id: EventId,
    filter: BookingFilter,
    after: Option<BookingId>,
) -> Result<Page<Arc<Booking>, BookingId>, Error> {
    let page = PageRequest {
        after,
        ..PageRequest::first(PageRequest::<BookingId>::MAX_LIMIT)
    };
    evently.bookings_of_event(admin, id, filter, page).await
}

fn rows(bookings: &[Arc<Booking>]) -> Result<Bytes, Cut> {
    written(|csv| {
        bookings.iter().try_for_each(|booking| {
            csv.write_record(row(booking).iter().map(|cell| harmless(cell).into_owned()))
        })
    })
}

fn row(booking: &Booking) -> [String; COLUMNS.len()] {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    [
        booking.id.to_string(),
        booking.id.reference(),
        booking.user_id.to_string(),
        booking.status.as_str().to_owned(),
        booking.quantity().to_string(),
        booking.total_minor().to_string(),
        booking.currency.code().to_owned(),
        booking.payment_reference.clone().unwrap_or_default(),
        instant(Some(booking.created_at)),
        instant(booking.confirmed_at),
        instant(booking.ended_at),
    ]
}

/// The cell as no spreadsheet takes it for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}").into(),
        false => cell.into(),
    }
}

/// What is written, as bytes. Writing to memory does not fail, and every row has as many cells as the first.
fn written(write: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Bytes, Cut> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    write(&mut csv).map_err(|_| Cut)?;
    Ok(csv.into_inner().map_err(|_| Cut)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(line: &'static str) -> bool {
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(line))]);
        wants_csv(&headers)
    }

    #[test]
    fn csv_is_for_those_who_name_it() {
        for line in [
            "text/csv",
            "Text/CSV; charset=utf-8",
            "text/csv, */*;q=0.1",
            "application/json;q=0.5,text/csv",
        ] {
            assert!(accepts(line), "{line}");
        }
        for line in [
            "*/*",
            "text/*",
            "application/json",
            "text/csv;q=0",
            "application/json, text/csv;q=0.9",
            "text/csvx",
            "",
        ] {
            assert!(!accepts(line), "{line}");
        }
        assert!(!wants_csv(&HeaderMap::new()));
    }

    #[test]
    fn formulas_are_made_text() {
        for (cell, harmless_cell) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("a=1", "a=1"),
            (" =1", " =1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), harmless_cell);
        }
        let quoted = written(|csv| csv.write_record(["a,b", "c\"d", "e\nf"])).unwrap();
        assert_eq!(quoted, "\"a,b\",\"c\"\"d\",\"e\nf\"\n");
    }
}
