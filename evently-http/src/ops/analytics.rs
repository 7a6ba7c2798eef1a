//! Figures for admins.

use crate::code::Code;
use crate::view::{FiguresView, FullFiguresView, OverviewView, SalesView, WholeList};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::Timestamp;
use evently_core::domain::{Popularity, SalesRow};
use evently_core::store::Span;
use http::StatusCode;

/// `GET /api/admin/analytics/overview`: figures over the events that start in a span.
///
/// # Errors
/// 401; 403; 400 for a parameter that is none.
pub async fn overview(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let overview = call.evently().overview(&admin, call.query()?.span()?).await?;
    Ok(Reply::json(StatusCode::OK, &OverviewView::of(&overview)))
}

/// `GET /api/admin/analytics/popular`: the most popular of the events that start in a span.
///
/// # Errors
/// 401; 403; 400 for a parameter that is none.
pub async fn popular(call: Call) -> Result<Reply, Problem> {
    const MEASURES: [(&str, Popularity); 4] = [
        ("tickets", Popularity::Tickets),
        ("bookings", Popularity::Bookings),
        ("utilization", Popularity::Utilization),
        ("revenue", Popularity::Revenue),
    ];
    let admin = call.admin().await?;
    let query = call.query()?;
    let measure = query.word("by", MEASURES)?.unwrap_or_default();
    let (span, limit) = (query.span()?, query.limit()?);
    let events = call.evently().popular(&admin, measure, span, limit).await?;
    let data = events.iter().map(FiguresView::of).collect();
    Ok(Reply::json(StatusCode::OK, &WholeList { data }))
}

/// `GET /api/admin/analytics/events/{id}`: one event's figures.
///
/// # Errors
/// 401; 403; 404.
pub async fn figures(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let id = call.path_id()?;
    let figures = call.evently().figures(&admin, id).await?;
    let listing = call.evently().event(Some(&admin), id).await?;
    Ok(Reply::json(
        StatusCode::OK,
        &FullFiguresView::of(&figures, &listing),
    ))
}

/// `GET /api/admin/analytics/events/{id}/sales`: one event's sales by the hour or the day, without gaps.
///
/// # Errors
/// 401; 403; 404; 400 for a parameter that is none, and for a span of too many hours or days.
pub async fn sales(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let id = call.path_id()?;
    let query = call.query()?;
    let bucket = query
        .word("bucket", [("hour", Bucket::Hour), ("day", Bucket::Day)])?
        .unwrap_or(Bucket::Hour);
    let span = query.span()?;
    let hours = call.evently().sales(&admin, id, span).await?;
    let rows = without_gaps(&hours, bucket, span).ok_or_else(|| {
        Problem::new(
            Code::Malformed,
            "The span has too many rows: shorten it, or ask by the day.",
        )
    })?;
    let data = rows.iter().map(SalesView::of).collect();
    Ok(Reply::json(StatusCode::OK, &WholeList { data }))
}

/// What one row of sales is of, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bucket {
    Hour,
    Day,
}

impl Bucket {
    fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }
}

/// The most rows of one answer: more than the hours of a year.
const MAX_ROWS: i64 = 10_000;
const HOUR_MICROS: i64 = 3_600_000_000;

/// The rows of every bucket in the span, where it is open of those from the first to the last sale; `None` if they
/// are too many. An hour belongs to a span in which it starts.
fn without_gaps(hours: &[SalesRow], bucket: Bucket, span: Span) -> Option<Vec<SalesRow>> {
    let hour_of = |row: &SalesRow| row.start.as_microsecond().div_euclid(HOUR_MICROS);
    let first_from = |at: Timestamp| -(-at.as_microsecond()).div_euclid(HOUR_MICROS);
    let first = span.from.map(first_from).or_else(|| hours.first().map(hour_of));
    let end = span
        .to
        .map(first_from)
        .or_else(|| hours.last().map(|row| hour_of(row) + 1));
    let (Some(first), Some(end)) = (first, end) else {
        return Some(Vec::new());
    };
    if first >= end {
        return Some(Vec::new());
    }
    let bucket_of = |hour: i64| hour.div_euclid(bucket.hours());
    let buckets = bucket_of(first)..=bucket_of(end - 1);
    if buckets.end() - buckets.start() >= MAX_ROWS {
        return None;
    }
    let mut sold = hours.iter().peekable();
    let rows = buckets.map(|place| {
        let start = Timestamp::from_microsecond(place * bucket.hours() * HOUR_MICROS);
        let mut row = SalesRow::empty(start.unwrap_or(Timestamp::MIN));
        while let Some(hour) = sold.next_if(|hour| bucket_of(hour_of(hour)) == place) {
            row.add(hour);
        }
        row
    });
    Some(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn sold(start: &str, tickets: u64) -> SalesRow {
        SalesRow {
            tickets,
            ..SalesRow::empty(at(start))
        }
    }

    fn rows(hours: &[SalesRow], bucket: Bucket, from: Option<&str>, to: Option<&str>) -> Vec<(String, u64)> {
        let span = Span {
            from: from.map(at),
            to: to.map(at),
        };
        let rows = without_gaps(hours, bucket, span).unwrap();
        rows.into_iter()
            .map(|row| (row.start.to_string(), row.tickets))
            .collect()
    }

    fn named(rows: &[(&str, u64)]) -> Vec<(String, u64)> {
        rows.iter()
            .map(|(start, tickets)| ((*start).to_owned(), *tickets))
            .collect()
    }

    #[test]
    fn hours_without_sales_are_rows_too() {
        let hours = [sold("2030-06-01T22:00:00Z", 1), sold("2030-06-02T01:00:00Z", 2)];
        let all = named(&[
            ("2030-06-01T22:00:00Z", 1),
            ("2030-06-01T23:00:00Z", 0),
            ("2030-06-02T00:00:00Z", 0),
            ("2030-06-02T01:00:00Z", 2),
        ]);
        assert_eq!(rows(&hours, Bucket::Hour, None, None), all);
        assert_eq!(rows(&[], Bucket::Hour, None, None), []);
        let asked = rows(
            &[],
            Bucket::Hour,
            Some("2030-06-01T21:30:00Z"),
            Some("2030-06-01T23:00:01Z"),
        );
        assert_eq!(
            asked,
            named(&[("2030-06-01T22:00:00Z", 0), ("2030-06-01T23:00:00Z", 0)])
        );
        assert_eq!(
            rows(
                &[],
                Bucket::Hour,
                Some("2030-06-02T00:00:00Z"),
                Some("2030-06-01T00:00:00Z")
            ),
            []
        );
    }

    #[test]
    fn days_add_their_hours_up() {
        let hours = [
            sold("2030-06-01T05:00:00Z", 1),
            sold("2030-06-01T22:00:00Z", 1),
            sold("2030-06-03T01:00:00Z", 2),
        ];
        let days = named(&[
            ("2030-06-01T00:00:00Z", 2),
            ("2030-06-02T00:00:00Z", 0),
            ("2030-06-03T00:00:00Z", 2),
        ]);
        assert_eq!(rows(&hours, Bucket::Day, None, None), days);
    }

    #[test]
    fn rows_are_bounded() {
        let span = Span {
            from: Some(at("0001-01-01T00:00:00Z")),
            to: Some(at("9999-01-01T00:00:00Z")),
        };
        assert_eq!(without_gaps(&[], Bucket::Hour, span), None);
        assert_eq!(without_gaps(&[], Bucket::Day, span), None);
    }
}
