//! How the service is.

use super::super::operation::{Operation, Who};
use super::OPERATIONS;
use crate::code::Code;
use crate::ops::health::{Health, Live, Ready};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, OPERATIONS, Who::Watcher, summary);
    vec![
        new("health::health", "Whether the service works")
            .answers::<Health>(200, "It works, its storage included.")
            .refuses([Code::Unavailable]),
        new("health::live", "Whether the process answers").answers::<Live>(200, "It does."),
        new("health::ready", "Whether to send requests here")
            .about("503 while the storage does not answer, and from the beginning of a shutdown on.")
            .answers::<Ready>(200, "Yes.")
            .refuses([Code::Unavailable]),
        new("metrics::metrics", "Figures for monitoring")
            .answers_text("text/plain; version=0.0.4", "Prometheus text."),
    ]
}
