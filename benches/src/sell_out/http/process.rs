//! A server as a process of its own, ended with its handle.

use super::Failure;
use super::connection::Connection;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// A running server.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        set_up: impl FnOnce(&mut Command),
    ) -> Result<Self, Failure> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        set_up(&mut command);
        Ok(Self(command.spawn()?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// A connection, as soon as the server takes it.
    pub(super) async fn connect(&self, address: SocketAddr) -> Result<Connection, Failure> {
        let began = Instant::now();
        loop {
            match Connection::open(address).await {
                Ok(connection) => return Ok(connection),
                Err(error) if began.elapsed() > PATIENCE => return Err(error.into()),
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address on loopback that nobody listens on.
pub(super) fn free_address() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, evently_testing::free_port()).into()
}
