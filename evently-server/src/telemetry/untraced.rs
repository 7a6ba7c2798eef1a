//! Without the feature `otlp`: nothing is traced.

use crate::settings::SettingError;
use http::HeaderMap;
use tracing::Span;
use tracing_subscriber::layer::Identity;

/// No traces.
#[derive(Debug)]
pub(crate) struct Traces;

impl Traces {
    /// Starts nothing.
    ///
    /// # Errors
    /// None: it is as fallible as tracing is.
    #[expect(clippy::unnecessary_wraps, reason = "starting to trace can fail")]
    pub(super) fn start(_name: &'static str) -> Result<(Self, Option<Identity>), SettingError> {
        Ok((Self, None))
    }

    /// Ends nothing.
    pub(crate) fn end(self) {}
}

/// Nobody's trace is joined.
pub(crate) fn join_caller(_span: &Span, _headers: &HeaderMap) {}

/// There is nothing to be named.
pub(crate) fn rename(_span: &Span, _name: String) {}
