//! The Lua scripts, by name. Each is one atomic step on keys of one slot; none holds a rule of booking.

use redis::Cmd;
use std::sync::OnceLock;

/// A script that servers keep by its hash.
#[derive(Debug)]
pub(crate) struct Script {
    source: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    const fn new(source: &'static str) -> Self {
        Self {
            source,
            hash: OnceLock::new(),
        }
    }

    /// Its text.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// The beginning of a call with these keys; its arguments follow.
    pub(crate) fn call(&self, keys: &[impl AsRef<str>]) -> Cmd {
        let hash = self
            .hash
            .get_or_init(|| redis::Script::new(self.source).get_hash().to_owned());
        let mut command = redis::cmd("EVALSHA");
        command.arg(hash).arg(keys.len());
        for key in keys {
            command.arg(key.as_ref());
        }
        command
    }
}

/// Declares the scripts, each of one file or several, and the list of all.
macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $($file:literal),+;)*) => {
        $($(#[$doc])* pub(crate) static $name: Script =
            Script::new(concat!($(include_str!(concat!("../lua/", $file))),+));)*

        /// Every script, to be loaded where a server does not know one.
        pub(crate) static ALL: &[&Script] = &[$(&$name),*];
    };
}

scripts! {
    /// Stores one event's changes, all or nothing.
    COMMIT = "commit.lua";
    /// Reads what decisions need of one event, at one version.
    LOAD = "load.lua";
    /// Reads an event's newest bookings.
    NEWEST = "newest.lua";
    /// Reads waitlist entries with how many wait before each.
    PLACED = "placed.lua";
    /// Reads what is kept of an event beside its bookings and entries.
    BOOKS = "books.lua";
    /// Reads rows by their ids.
    ROWS = "rows.lua";
    /// Puts an event where it stands in sorted sets over events.
    PLACE = "place.lua";
    /// Announces that an event is committed to.
    ANNOUNCE = "announce.lua";
    /// Writes off an announcement that is old.
    WRITE_OFF = "write_off.lua";
    /// Makes an account.
    CREATE_USER = "create_user.lua";
    /// Changes an account.
    UPDATE_USER = "update_user.lua";
    /// Writes a session.
    PUT_SESSION = "put_session.lua";
    /// Changes a session's token.
    ROTATE_SESSION = "rotate_session.lua";
    /// Ends a session.
    END_SESSION = "end_session.lua";
    /// Queues jobs in one partition.
    QUEUE_PUSH = "queue/partition.lua", "queue/push.lua";
    /// Claims jobs of one partition.
    QUEUE_CLAIM = "queue/partition.lua", "queue/chunk.lua", "queue/claim.lua";
    /// Ends claimed jobs of one partition.
    QUEUE_SETTLE = "queue/partition.lua", "queue/chunk.lua", "queue/settle.lua";
    /// Gives claimed jobs of one partition back.
    QUEUE_HAND_BACK = "queue/partition.lua", "queue/chunk.lua", "queue/hand_back.lua";
    /// Reads a job of one partition.
    QUEUE_READ = "queue/partition.lua", "queue/chunk.lua", "queue/read.lua";
    /// Shows one partition to its operators.
    QUEUE_VIEW = "queue/partition.lua", "queue/chunk.lua", "queue/view.lua";
    /// Forgets consumers of one partition that are long gone.
    QUEUE_PRUNE = "queue/partition.lua", "queue/prune.lua";
    /// Makes a token the last one given out for a lease.
    FENCE = "fence.lua";
    /// Counts one request against an allowance.
    RATE = "rate.lua";
    /// Takes the count of a request back.
    RATE_TAKE_BACK = "rate_take_back.lua";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_says_what_it_takes_and_answers() {
        for script in ALL {
            for word in ["-- KEYS", "-- ARGV", "-- Returns", "-- Complexity"] {
                assert!(script.source().contains(word), "{word}: {}", script.source());
            }
        }
    }
}
