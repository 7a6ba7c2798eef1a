//! The queue.

use super::super::operation::{Operation, Who};
use super::ADMIN;
use crate::view::FullQueueView;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::new("queue::view", ADMIN, Who::Admin, "How full the queue is")
            .about("Of queued intake; in direct intake there is no queue, and nothing in it.")
            .answers::<FullQueueView<'_>>(200, "The queue, partition by partition."),
    ]
}
