//! A server binary as processes of its own.

use evently_http::auth::JwtSecret;
use evently_http::conformance::Target;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// The secret of every server here.
pub const SECRET: &str = "k8Qw2Zr5Tx9Lm3Vb7Np1Hs6Jd4Gf0Yc+";

/// How long anything may take before a test fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(40);

/// A server binary.
#[derive(Debug, Clone)]
pub struct Binary {
    path: PathBuf,
}

impl Binary {
    /// The binary in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.path.file_stem().unwrap().to_str().unwrap()
    }

    /// A command of the binary, in a folder and with no environment but what a test gives it.
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// A server on this store (in this folder), on a port of its own.
    pub async fn start(&self, folder: &Path, store: &str) -> Server {
        self.start_with(folder, &["--store", store]).await
    }

    /// The same with other arguments.
    pub async fn start_with(&self, folder: &Path, arguments: &[&str]) -> Server {
        let mut command = self.command(folder, arguments);
        command
            .args(["--listen", "127.0.0.1:0", "--log", "json"])
            .env("EVENTLY_JWT_SECRET", SECRET);
        Server::spawn(command).await
    }

    /// A server on this store, in a folder that goes when the server does.
    pub async fn start_apart(&self, store: &str) -> Server {
        self.start_apart_with(&["--store", store]).await
    }

    /// The same with other arguments.
    pub async fn start_apart_with(&self, arguments: &[&str]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut server = self.start_with(folder.path(), arguments).await;
        server.folder = Some(folder);
        server
    }
}

/// What a command printed and how it ended.
pub async fn output(mut command: Command) -> Output {
    within(command.output()).await.unwrap()
}

/// Waits for this, with an end.
pub async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("it takes for ever")
}

/// A running server; it ends with the value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
    target: Target,
    folder: Option<TempDir>,
}

impl AsRef<Target> for Server {
    fn as_ref(&self) -> &Target {
        &self.target
    }
}

impl Server {
    /// The server that this command starts; returns once it listens.
    pub async fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
        let Some(line) = within(stdout.next_line()).await.unwrap() else {
            panic!("it ended: {:?}", stderr.next_line().await);
        };
        let words = line.split_whitespace();
        let base_url = words.clone().find(|word| word.starts_with("http://")).unwrap();
        let secret = JwtSecret::new(SECRET.as_bytes()).unwrap();
        Self {
            target: Target::new(base_url, &secret),
            child,
            stdout,
            stderr,
            folder: None,
        }
    }

    /// Host and port.
    pub fn authority(&self) -> &str {
        self.target.authority()
    }

    /// Ends it without any warning.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Sends it a signal (`TERM`, `INT`).
    pub async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .await
            .unwrap();
        assert!(sent.success());
    }

    /// Waits until an entry of the log says so.
    pub async fn logs(&mut self, text: &str) {
        loop {
            let line = within(self.stderr.next_line()).await.unwrap();
            if line.expect("the log ended").contains(text) {
                return;
            }
        }
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        within(self.child.wait()).await.unwrap()
    }

    /// Everything that it has printed since it listened, once it has ended.
    pub async fn printed(self) -> String {
        let mut text = String::new();
        let (mut stdout, mut stderr) = (self.stdout.into_inner(), self.stderr.into_inner());
        stdout.read_to_string(&mut text).await.unwrap();
        stderr.read_to_string(&mut text).await.unwrap();
        text
    }
}
