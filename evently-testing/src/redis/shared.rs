//! A server that somebody else runs, shared by tests that run at once: each claims one of its databases.

use super::{connect, until};
use redis::AsyncCommands;

/// Databases that are claimed; the first holds the claims.
const DATABASES: std::ops::Range<u32> = 1..16;
/// How long a claim stands if nobody takes it back, in seconds.
const CLAIM_SECONDS: u64 = 300;

/// A claimed database, given back when dropped.
#[derive(Debug)]
pub(super) struct Database {
    server: String,
    claim: String,
}

impl Database {
    /// Claims and empties a database: it, and its URL.
    ///
    /// # Panics
    /// When the server does not answer or has no database to spare for long.
    pub(super) async fn claim(url: &str) -> (Self, String) {
        let server = url.trim_end_matches('/').to_owned();
        let mut connection = connect(&server)
            .await
            .unwrap_or_else(|error| panic!("EVENTLY_TEST_REDIS does not answer: {error}"));
        let number = until("a database of the shared server", async || {
            for number in DATABASES {
                let mut set = redis::cmd("SET");
                set.arg(claim(number))
                    .arg(1)
                    .arg("NX")
                    .arg("EX")
                    .arg(CLAIM_SECONDS);
                let claimed: Option<String> = set.query_async(&mut connection).await.ok()?;
                if claimed.is_some() {
                    return Some(number);
                }
            }
            None
        })
        .await;
        let url = format!("{server}/{number}");
        let emptied = async {
            let mut own = connect(&url).await?;
            own.flushdb::<()>().await
        };
        emptied.await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let claim = claim(number);
        (Self { server, claim }, url)
    }
}

fn claim(number: u32) -> String {
    format!("evently-test:claim:{number}")
}

impl Drop for Database {
    fn drop(&mut self) {
        // Best effort: a claim that is not given back runs out.
        if let Ok(client) = redis::Client::open(self.server.as_str())
            && let Ok(mut connection) = client.get_connection()
        {
            let _ = redis::cmd("DEL").arg(&self.claim).exec(&mut connection);
        }
    }
}
