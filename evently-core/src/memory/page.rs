//! Reading a page by chunks, so that no lock is held while many rows that a filter leaves out are passed.

use crate::domain::{Page, PageRequest};

/// The most rows that are looked at under one lock.
const CHUNK: usize = 1_024;

/// Fills a page from chunks of a list.
///
/// `chunk(after, limit)` reads at most `limit` rows after a row, in order; those that the filter leaves out are
/// `None`.
pub(super) fn fill<C: Clone, T>(
    page: PageRequest<C>,
    chunk: impl Fn(Option<&C>, usize) -> Vec<(C, Option<T>)>,
) -> Page<T, C> {
    let surplus = page.limit as usize + 1;
    let mut rows = Vec::new();
    let (mut after, mut limit) = (page.after, surplus);
    loop {
        let read = chunk(after.as_ref(), limit);
        let is_last = read.len() < limit;
        after = read.last().map(|(cursor, _)| cursor.clone());
        rows.extend(read.into_iter().filter_map(|(cursor, row)| Some((cursor, row?))));
        if is_last || rows.len() >= surplus {
            break;
        }
        limit = CHUNK;
    }
    Page::from_surplus(rows, page.limit, |(cursor, _)| cursor.clone()).map(|(_, row)| row)
}
