//! `openapi`.

use crate::failure::Failure;
use std::io::Write;

/// Prints the API's document; needs no settings and no store.
pub(crate) fn openapi() -> Result<(), Failure> {
    let document = evently_http::openapi::document().as_bytes();
    let mut out = std::io::stdout().lock();
    let written = out.write_all(document).and_then(|()| out.flush());
    written.map_err(|error| Failure::failed(format!("the document cannot be written: {error}")))
}
