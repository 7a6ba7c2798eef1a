//! PostgreSQL in a container, where Docker answers and nothing nearer is to be had. Each database has its container.

use super::server::Settings;
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

const PORT: u16 = 5432;

/// Starts a container; its URL with it. `None` where Docker does not answer.
pub(super) async fn start() -> Option<(ContainerAsync<GenericImage>, String)> {
    // The server starts twice: first for the set-up of its image, without a network.
    let ready = "listening on IPv4 address \"0.0.0.0\"";
    let image = GenericImage::new("postgres", "17-alpine")
        .with_wait_for(WaitFor::message_on_stderr(ready))
        .with_exposed_port(PORT.tcp())
        .with_env_var("POSTGRES_HOST_AUTH_METHOD", "trust")
        .with_cmd(std::iter::once("postgres".to_owned()).chain(Settings::fast().arguments()));
    let container = image.start().await.ok()?;
    let host = container.get_host().await.ok()?;
    let port = container.get_host_port_ipv4(PORT).await.ok()?;
    Some((container, format!("postgres://postgres@{host}:{port}/postgres")))
}
