//! A server of one's own: started, stopped and killed as a test wants. Gone with its owner, however that ends.

use super::MISSING;
use super::programs::Programs;
use crate::free_port;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Settings of a server, as in `postgresql.conf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings(Vec<(String, String)>);

impl Settings {
    /// The server's own defaults, as durable as they are.
    pub fn durable() -> Self {
        Self(Vec::new()).with("max_connections", "300")
    }

    /// No sync of any disk: for tests that never crash it.
    pub fn fast() -> Self {
        Self::durable()
            .with("fsync", "off")
            .with("full_page_writes", "off")
    }

    /// With this setting, too.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn arguments(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| format!("--{name}={value}"))
    }
}

/// A running server with a data folder of its own, on the loopback interface.
///
/// Dropping it stops it and deletes its data; so does the end of the process, be it killed.
#[derive(Debug)]
pub struct Server {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    settings: Settings,
    process: Option<Child>,
    /// Ends the server when its input ends, which is when this process ends.
    guard: Child,
}

impl Server {
    /// Starts a server.
    ///
    /// # Panics
    /// When this machine has no PostgreSQL to start, or it does not start.
    pub fn start(settings: Settings) -> Self {
        let Some(programs) = Programs::find() else {
            panic!("{MISSING}; this test needs the programs themselves");
        };
        let (folder, port) = (make_cluster(&programs), free_port());
        let mut server = Self {
            guard: guard(&programs, &folder),
            programs,
            folder,
            port,
            settings,
            process: None,
        };
        server.start_again();
        server
    }

    /// The URL of its database `postgres`, as its superuser.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Starts it again after it was stopped or killed; returns once it takes connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        let deadline = Instant::now() + START_TIME;
        loop {
            let mut process = self.spawn();
            if wait_until_ready(&self.programs, self.port, &mut process, deadline) {
                self.process = Some(process);
                return;
            }
            // After a kill the former server's processes may still hold its shared memory: they end soon.
            let _ = process.kill();
            let _ = process.wait();
            assert!(
                Instant::now() < deadline,
                "PostgreSQL does not start: {}",
                self.log()
            );
        }
    }

    /// Ends it as a crash would: no checkpoint, connections cut (`pg_ctl stop -m immediate`).
    pub fn stop_immediately(&mut self) {
        self.stop("immediate");
    }

    /// Ends it in order: a checkpoint, connections cut (`pg_ctl stop -m fast`).
    pub fn stop(&mut self, mode: &str) {
        let data = self.folder.join("data");
        let mut stop = self.programs.command("pg_ctl");
        let _ = stop.args(["stop", "-w", "-m", mode, "-D"]).arg(data).status();
        if let Some(mut process) = self.process.take() {
            let _ = process.wait();
        }
    }

    /// Kills its main process (`SIGKILL`); the others end by themselves.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    fn spawn(&self) -> Child {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path());
        let mut command = self.programs.command("postgres");
        command
            .args(arguments(&self.folder, self.port))
            .args(self.settings.arguments());
        if let Ok(log) = log {
            command.stderr(log);
        }
        command
            .spawn()
            .unwrap_or_else(|error| panic!("PostgreSQL cannot be run: {error}"))
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.stop_immediately();
        }
        // Its input ends: it deletes the folder.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// How long a server may take to start, crash recovery included.
const START_TIME: Duration = Duration::from_secs(60);

pub(super) fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// Makes a folder with an empty data folder in it.
pub(super) fn make_cluster(programs: &Programs) -> PathBuf {
    let folder = programs
        .folder()
        .unwrap_or_else(|error| panic!("no folder for PostgreSQL: {error}"));
    let made = programs
        .command("initdb")
        .args([
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--no-locale",
            "-D",
        ])
        .arg(folder.join("data"))
        .stderr(Stdio::piped())
        .output()
        .unwrap_or_else(|error| panic!("initdb cannot be run: {error}"));
    assert!(
        made.status.success(),
        "initdb failed: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    folder
}

/// What every server is started with.
pub(super) fn arguments(folder: &Path, port: u16) -> [String; 7] {
    [
        "-D".to_owned(),
        folder.join("data").display().to_string(),
        "-p".to_owned(),
        port.to_string(),
        "--listen_addresses=127.0.0.1".to_owned(),
        format!("--unix_socket_directories={}", folder.display()),
        "--max_wal_size=2GB".to_owned(),
    ]
}

/// Waits until the server takes connections; false if it ended or the time is over.
fn wait_until_ready(programs: &Programs, port: u16, process: &mut Child, deadline: Instant) -> bool {
    let port = port.to_string();
    loop {
        let mut ask = programs.command("pg_isready");
        let answer = ask.args(["-q", "-h", "127.0.0.1", "-p", &port]).status();
        if answer.is_ok_and(|status| status.success()) {
            return true;
        }
        if !matches!(process.try_wait(), Ok(None)) || Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A shell that waits for the end of its input, then ends the server and deletes its folder.
fn guard(programs: &Programs, folder: &Path) -> Child {
    let script = r#"read -r _; "$1" stop -m immediate -D "$2/data"; rm -rf "$2""#;
    let mut command: Command = programs.shell(script);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let guard = command
        .arg(programs.path("pg_ctl"))
        .arg(folder)
        .stdin(Stdio::piped())
        .spawn();
    guard.unwrap_or_else(|error| panic!("no shell to watch PostgreSQL: {error}"))
}
