//! An empty database for one test.

use super::programs::Programs;
use super::{MISSING, docker, shared};
use sqlx::{Connection, PgConnection};
use std::hash::{BuildHasher, RandomState};
use testcontainers::{ContainerAsync, GenericImage};

/// A database of its own, made empty and dropped with this.
#[derive(Debug)]
pub struct Database {
    url: String,
    home: Home,
}

/// Where a database is.
#[derive(Debug)]
enum Home {
    /// On a server that others use, too: its URL, and the database's name.
    Shared { server: String, name: String },
    /// In a container of its own, which is removed with this.
    Container {
        _container: Box<ContainerAsync<GenericImage>>,
    },
}

impl Database {
    /// Makes one.
    ///
    /// # Panics
    /// When there is no PostgreSQL to make it on, or it says no.
    pub async fn create() -> Self {
        if let Ok(server) = std::env::var("EVENTLY_TEST_POSTGRES") {
            return Self::on(server).await;
        }
        if let Some(programs) = Programs::find() {
            let server = tokio::task::spawn_blocking(move || shared::url(&programs)).await;
            return Self::on(server.unwrap_or_else(|error| panic!("no PostgreSQL: {error}"))).await;
        }
        let Some((container, url)) = docker::start().await else {
            panic!("{MISSING}");
        };
        let home = Home::Container {
            _container: Box::new(container),
        };
        Self { url, home }
    }

    /// Makes one on this server.
    ///
    /// # Panics
    /// When the server says no.
    pub async fn on(server: String) -> Self {
        let name = format!("evently_{:016x}", RandomState::new().hash_one(std::process::id()));
        let made = run(&server, format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        made.unwrap_or_else(|error| panic!("no database can be made on PostgreSQL: {error}"));
        Self {
            url: with_database(&server, &name),
            home: Home::Shared { server, name },
        }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Home::Shared { server, name } = &self.home else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        // A thread of its own: the runtime of whoever drops this may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let dropped = runtime.block_on(run(
                &server,
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            ));
            dropped.map_err(std::io::Error::other)
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("a test's database was left behind: {error}");
        }
    }
}

async fn run(server: &str, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// The URL of another database on the same server: its path, between host and options, is replaced.
fn with_database(server: &str, name: &str) -> String {
    let (place, options) = server
        .split_once('?')
        .map_or((server, None), |(place, options)| (place, Some(options)));
    let host_from = place.find("://").map_or(0, |at| at + 3);
    let host_to = place[host_from..]
        .find('/')
        .map_or(place.len(), |at| host_from + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &place[..host_to])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn a_url_is_turned_to_another_database() {
        for (server, expected) in [
            ("postgres://u:p@host:5432/postgres", "postgres://u:p@host:5432/x"),
            ("postgres://host", "postgres://host/x"),
            (
                "postgres://host/?sslmode=disable",
                "postgres://host/x?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(server, "x"), expected);
        }
    }
}
