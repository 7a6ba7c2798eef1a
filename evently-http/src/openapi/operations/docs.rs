//! This document.

use super::super::operation::{Operation, Who};
use super::super::parameters::{if_none_match, text};
use super::OPERATIONS;
use utoipa::openapi::Required;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| {
        Operation::new(op, OPERATIONS, Who::Watcher, summary)
            .headers([if_none_match()])
            .answers_empty(304, "It is as the caller knows it.")
            .with_header("ETag", "The same.")
    };
    let file = ParameterBuilder::new()
        .name("file")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The file's name."))
        .schema(Some(text().examples(["redoc.standalone.js"]).build()))
        .build();
    vec![
        new("docs::openapi", "This document")
            .answers::<Anything>(200, "An OpenAPI 3.1 document.")
            .with_header("ETag", "Changes with the document."),
        new("docs::page", "This document as a page")
            .answers_text(
                "text/html; charset=utf-8",
                "A page that loads nothing from elsewhere.",
            )
            .with_header("ETag", "Changes with the page."),
        new("docs::part", "A part of that page")
            .headers([file])
            .answers_text("text/javascript; charset=utf-8", "A script.")
            .answers_text("text/plain; charset=utf-8", "A licence.")
            .with_header("ETag", "Changes with the file."),
    ]
}

/// Any JSON object.
#[derive(utoipa::ToSchema)]
#[schema(as = Document)]
struct Anything {}
