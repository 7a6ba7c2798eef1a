//! Stub.
use crate::{clock::Clock, lane::Lanes, store::Store};
use std::{sync::Arc, time::Duration};
#[derive(Debug)]
pub(crate) struct Sweeper {}
impl Sweeper {
    pub(crate) fn start(_: Duration, _: Arc<dyn Store>, _: Arc<dyn Clock>, _: Lanes) -> Self {
        Self {}
    }
    pub(crate) async fn stop(&self) {}
}
