//! A server in a container, where this machine has none of its own.

use super::server::{NEEDED, Options};
use super::{answers, until};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

const PORT: u16 = 6379;

/// A container that ends when dropped.
#[derive(Debug)]
pub(super) struct Container {
    _running: ContainerAsync<GenericImage>,
}

impl Container {
    /// Starts one: it, and its URL.
    ///
    /// # Panics
    /// When Docker does not answer or cannot start it.
    pub(super) async fn start(options: &Options) -> (Self, String) {
        let image = GenericImage::new("redis", "7.4")
            .with_exposed_port(PORT.tcp())
            .with_wait_for(WaitFor::message_on_stdout("Ready to accept connections"));
        let mut command = vec!["redis-server".to_owned()];
        command.extend(options.arguments());
        let started = image.with_cmd(command).start().await;
        let running = started.unwrap_or_else(|error| panic!("{NEEDED} (Docker says: {error})"));
        let (host, port) = (
            running.get_host().await,
            running.get_host_port_ipv4(PORT.tcp()).await,
        );
        let (Ok(host), Ok(port)) = (host, port) else {
            panic!("the container has no address");
        };
        let url = format!("redis://{host}:{port}");
        let began = async || answers(&url).await.then_some(());
        until("a server in a container", began).await;
        (Self { _running: running }, url)
    }
}
