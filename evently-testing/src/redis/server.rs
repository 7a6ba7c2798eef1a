//! One server for one test.

use super::container::Container;
use super::process::{self, Process};
use super::shared::Database;
use super::{answers, until};
use crate::free_port;
use std::path::PathBuf;
use tempfile::TempDir;

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What it keeps on its disk.
    pub aof: Aof,
    /// More of its settings, as on its command line: `--maxmemory-policy`, `allkeys-lru`.
    pub more: Vec<String>,
}

/// What a server keeps of its data on its disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aof {
    /// Everything that it has acknowledged.
    #[default]
    Always,
    /// Everything but the last second.
    EverySecond,
    /// Nothing.
    Off,
}

impl Options {
    /// A server that keeps so much.
    pub fn with(aof: Aof) -> Self {
        Self {
            aof,
            ..Self::default()
        }
    }

    /// The settings on the command line.
    pub(super) fn arguments(&self) -> Vec<String> {
        let (appendonly, fsync) = match self.aof {
            Aof::Always => ("yes", "always"),
            Aof::EverySecond => ("yes", "everysec"),
            Aof::Off => ("no", "everysec"),
        };
        let mut arguments: Vec<String> = ["--save", "", "--appendonly", appendonly, "--appendfsync", fsync]
            .map(str::to_owned)
            .into();
        arguments.extend(self.more.iter().cloned());
        arguments
    }
}

/// A server of a test's own, empty at first. Dropping it ends it and removes its data.
#[derive(Debug)]
pub struct Server {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Here(Box<Local>),
    Container { _running: Box<Container> },
    Shared { _claimed: Database },
}

/// A server on this machine.
#[derive(Debug)]
pub(super) struct Local {
    program: PathBuf,
    folder: TempDir,
    arguments: Vec<String>,
    process: Option<Process>,
}

impl Server {
    /// Starts a server, wherever there is one; see [the module](super).
    ///
    /// `options` are not for a server that `EVENTLY_TEST_REDIS` names: it is as it is.
    ///
    /// # Panics
    /// When there is none, with one line that says what to install.
    pub async fn start(options: Options) -> Self {
        if let Ok(url) = std::env::var("EVENTLY_TEST_REDIS") {
            let (database, url) = Database::claim(&url).await;
            return Self {
                url,
                home: Home::Shared { _claimed: database },
            };
        }
        if program().is_some() {
            return Self::start_here(options).await;
        }
        let (container, url) = Container::start(&options).await;
        Self {
            url,
            home: Home::Container {
                _running: Box::new(container),
            },
        }
    }

    /// Starts a server on this machine: one that can be stopped, killed and frozen.
    ///
    /// # Panics
    /// When there is none, with one line that says what to install.
    pub async fn start_here(options: Options) -> Self {
        let program = program().unwrap_or_else(|| panic!("{NEEDED}"));
        let port = free_port();
        let mut local = Local::new(program, port, options.arguments());
        local.start(port).await;
        Self {
            url: format!("redis://127.0.0.1:{port}"),
            home: Home::Here(Box::new(local)),
        }
    }

    /// Its URL: scheme, address and, where it is shared, the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it as its service manager would: it saves what it keeps.
    pub fn stop(&mut self) {
        let process = self.local().take();
        process.signal("TERM");
        process.wait();
    }

    /// Ends it at once, with nothing saved that was not.
    pub fn kill(&mut self) {
        let process = self.local().take();
        process.signal("KILL");
        process.wait();
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill): same address, same data.
    pub async fn restart(&mut self) {
        let port = port_of(&self.url);
        self.local().start(port).await;
    }

    /// Stops it in the middle of whatever it does. Connections stay open and nobody answers.
    pub fn freeze(&mut self) {
        self.local().running().signal("STOP");
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    pub fn thaw(&mut self) {
        self.local().running().signal("CONT");
    }

    fn local(&mut self) -> &mut Local {
        match &mut self.home {
            Home::Here(local) => local,
            Home::Container { .. } | Home::Shared { .. } => {
                panic!("this test needs a server on this machine: {NEEDED}")
            }
        }
    }
}

fn port_of(url: &str) -> u16 {
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
    port.unwrap_or_else(|| panic!("{url}: no port"))
}

/// What is missing, in one line.
pub(super) const NEEDED: &str = "no Redis: install redis-server or valkey-server, or start Docker, or set EVENTLY_TEST_REDIS to a server's URL";

/// The server's program on this machine.
pub(super) fn program() -> Option<PathBuf> {
    process::program(&["redis-server", "valkey-server"])
}

impl Local {
    /// A server that does not run yet.
    ///
    /// # Panics
    /// When there is no room for its data.
    pub(super) fn new(program: PathBuf, port: u16, more: Vec<String>) -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no folder for a server: {error}"));
        let mut arguments = vec!["--port".to_owned(), port.to_string()];
        arguments.extend(["--bind", "127.0.0.1", "--daemonize", "no"].map(str::to_owned));
        arguments.extend(more);
        Self {
            program,
            folder,
            arguments,
            process: None,
        }
    }

    /// Starts it and waits until it answers.
    pub(super) async fn start(&mut self, port: u16) {
        self.process = Some(Process::start(&self.program, &self.arguments, self.folder.path()));
        let url = format!("redis://127.0.0.1:{port}");
        let began = async || answers(&url).await.then_some(());
        let what = || format!("a server on port {port} ({})", process::log(self.folder.path()));
        until(&what(), began).await;
    }

    pub(super) fn take(&mut self) -> Process {
        self.process
            .take()
            .unwrap_or_else(|| panic!("the server does not run"))
    }

    fn running(&self) -> &Process {
        let process = self.process.as_ref();
        process.unwrap_or_else(|| panic!("the server does not run"))
    }
}
