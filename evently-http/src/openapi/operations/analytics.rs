//! Figures.

use super::super::operation::{Operation, Who};
use super::super::parameters::{limit, query_word, span};
use super::ANALYTICS;
use crate::view::{FiguresView, FullFiguresView, OverviewView, SalesView};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, ANALYTICS, Who::Admin, summary);
    vec![
        new("analytics::overview", "Figures over all events")
            .query(span("Events that start"))
            .answers::<OverviewView>(200, "The figures."),
        new("analytics::popular", "The most popular events")
            .query([query_word(
                "by",
                "What counts.",
                ["tickets", "bookings", "utilization", "revenue"],
                Some("tickets"),
            )])
            .query(span("Events that start"))
            .query([limit()])
            .answers_list::<FiguresView<'_>>("The events, most popular first."),
        new("analytics::figures", "One event's figures").answers::<FullFiguresView<'_>>(200, "The figures."),
        new("analytics::sales", "One event's sales over time")
            .about("A row for each hour or day (UTC), without gaps; at most 10,000.")
            .query([query_word(
                "bucket",
                "What a row is of.",
                ["hour", "day"],
                Some("hour"),
            )])
            .query(span("Rows that begin"))
            .answers_list::<SalesView>("The rows, oldest first."),
    ]
}
