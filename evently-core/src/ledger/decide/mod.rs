//! Stub.
use super::changes::Changes;
use crate::domain::Event;
/// Creates.
pub fn create(_event: Event) -> Option<Changes> {
    None
}
