//! The bounds on a request: on its body, which is enforced here, and on its time, which a server enforces.

use std::time::Duration;

/// The largest request body, in bytes; a larger one is [`Problem::payload_too_large`](crate::Problem).
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long a request may take; longer is [`Problem::timed_out`](crate::Problem).
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may take to send a request's headers.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
