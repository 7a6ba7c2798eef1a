//! `demo`.

use crate::failure::Failure;
use crate::settings::Settings;

pub(crate) async fn demo(settings: Settings) -> Result<(), Failure> {
    let _ = settings;
    Ok(())
}
