//! The commands, one a file, and how they open the store.

mod admin;
mod migrate;
mod serve;
mod verify;
mod worker;

pub(crate) use admin::create_admin;
pub(crate) use migrate::migrate;
pub(crate) use serve::serve;
pub(crate) use verify::verify;
pub(crate) use worker::work;

use crate::failure::Failure;
use crate::settings::Settings;
use evently_core::Evently;
use evently_core::store::Store;
use std::sync::Arc;

/// Opens the store that the settings name.
pub(crate) async fn open(settings: &Settings) -> Result<Arc<dyn Store>, Failure> {
    let opened = settings.store.open(settings.schema).await;
    opened.map_err(|error| Failure::failed(format!("the store {} cannot be opened: {error}", settings.store)))
}

/// An engine for one command: without a sweeper, so that the command alone changes anything.
async fn engine(settings: &Settings) -> Result<Evently, Failure> {
    let store = open(settings).await?;
    Ok(Evently::builder(store).sweep_every(None).build())
}
