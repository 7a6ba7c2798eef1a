//! `migrate`.

use crate::failure::Failure;
use crate::progress;
use crate::settings::Settings;
use std::time::Duration;

/// Brings the store's schema up to date.
pub(crate) async fn migrate(settings: Settings) -> Result<(), Failure> {
    let spinner = progress::spinner("migrating");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let outcome = settings.store.migrate().await;
    spinner.finish_and_clear();
    let said = outcome.map_err(|error| {
        Failure::failed(format!(
            "the store {} cannot be migrated: {error}",
            settings.store
        ))
    })?;
    println!("{said}");
    Ok(())
}
