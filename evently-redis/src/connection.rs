//! The connection: one server or a cluster, behind one way of asking.
//!
//! Commands share a connection and never wait for each other's answers. What a server refuses before it did anything
//! (a slot moves, a script is not known) is asked again within the deadline, and so is what only reads, if the connection
//! was cut; whatever else fails is for the caller: after a cut connection nobody here knows whether it was done.

use crate::error::{Fault, fault_of};
use crate::scripts;
use futures::future::join_all;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
use redis::{Client, Cmd, Pipeline, RedisResult, Value};
use std::fmt;
use std::time::Duration;
use tokio::time::Instant;

/// How long it may take to reach a server.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long is waited before something refused is asked again: at first, and at most.
const WAITS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// Where the data is: a server's URL, or those of some nodes of a cluster.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// One server.
    Server(String),
    /// Some nodes of a cluster, which tell of the others.
    Cluster(Vec<String>),
}

impl Place {
    /// Reads `redis://`, `rediss://`, `redis+cluster://` and `rediss+cluster://` URLs; those of clusters may name
    /// several nodes, with commas between them.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let Some(scheme) = scheme.strip_suffix("+cluster") else {
            return Some(Self::Server(url.to_owned()));
        };
        let (login, nodes) = match rest.rsplit_once('@') {
            Some((login, nodes)) => (format!("{login}@"), nodes),
            None => (String::new(), rest),
        };
        let nodes = nodes.trim_end_matches('/').split(',');
        Some(Self::Cluster(
            nodes.map(|node| format!("{scheme}://{login}{node}")).collect(),
        ))
    }

    /// The URLs of the servers that are known: all of them pass on what is published.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::Server(url) => std::slice::from_ref(url),
            Self::Cluster(nodes) => nodes,
        }
        .iter()
        .map(String::as_str)
    }
}

/// Without credentials.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server(_) => "Server(…)",
            Self::Cluster(_) => "Cluster(…)",
        })
    }
}

/// A connection; cheap to clone, each clone shares it.
#[derive(Clone)]
pub(crate) struct Connection {
    link: Link,
    deadline: Duration,
}

#[derive(Clone)]
enum Link {
    Server(ConnectionManager),
    Cluster(ClusterConnection),
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects. Every call ends within the deadline.
    ///
    /// # Errors
    /// Nobody answers there, or refuses the login.
    pub(crate) async fn open(place: &Place, deadline: Duration) -> Result<Self, Fault> {
        let link = match place {
            Place::Server(url) => Link::Server(to_server(url, Some(deadline)).await?),
            Place::Cluster(nodes) => Link::Cluster(to_cluster(nodes, deadline).await?),
        };
        let connection = Self { link, deadline };
        // Who has no password is cut off at the first long command, without being told why.
        connection.ask(redis::cmd("PING")).await?;
        // Where that fails, they are loaded when one is missed.
        connection.load_scripts(Instant::now() + deadline).await;
        Ok(connection)
    }

    /// Prepares a connection to one server, which is made when it is first used.
    ///
    /// # Errors
    /// The URL is none.
    pub(crate) fn lazy(url: &str, deadline: Duration) -> Result<Self, Fault> {
        let server = ConnectionManager::new_lazy_with_config(Client::open(url)?, config(Some(deadline)))?;
        Ok(Self {
            link: Link::Server(server),
            deadline,
        })
    }

    /// Whether it is a cluster.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.link, Link::Cluster(_))
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// Of a command that writes and ends in a transient error, it is unknown whether it was done.
    pub(crate) async fn ask(&self, command: Cmd) -> Result<Value, Fault> {
        let mut answers = self.ask_all(&[command]).await;
        answers.pop().unwrap_or(Err(Fault::TimedOut))
    }

    /// Asks several things at once, each of which stands alone: an answer for each, in order.
    pub(crate) async fn ask_all(&self, commands: &[Cmd]) -> Vec<Result<Value, Fault>> {
        let until = Instant::now() + self.deadline;
        let mut answers = self.send(commands, until).await;
        let mut wait = WAITS.0;
        loop {
            let refused =
                |answer: &Result<Value, Fault>| answer.as_ref().is_err_and(Fault::is_refused_for_now);
            let again: Vec<usize> = (0..answers.len())
                .filter(|place| refused(&answers[*place]))
                .collect();
            if again.is_empty() || Instant::now() + wait >= until {
                return answers;
            }
            let unknown = |place: &usize| answers[*place].as_ref().is_err_and(Fault::is_unknown_script);
            if again.iter().any(unknown) {
                // Where that fails, the script is still not known, and this is where we come back to.
                self.load_scripts(until).await;
            } else {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(WAITS.1);
            }
            let commands: Vec<Cmd> = again.iter().map(|place| commands[*place].clone()).collect();
            for (place, answer) in again.into_iter().zip(self.send(&commands, until).await) {
                answers[place] = answer;
            }
        }
    }

    /// Asks several things at once, all of which must succeed.
    ///
    /// # Errors
    /// The first that failed; of the others it is unknown whether they were done.
    pub(crate) async fn ask_every(&self, commands: Vec<Cmd>) -> Result<Vec<Value>, Fault> {
        self.ask_all(&commands).await.into_iter().collect()
    }

    /// Asks one thing that only reads.
    ///
    /// # Errors
    /// As [`read_every`](Self::read_every).
    pub(crate) async fn read(&self, command: Cmd) -> Result<Value, Fault> {
        let mut answers = self.read_every(vec![command]).await?;
        answers.pop().ok_or(Fault::TimedOut)
    }

    /// Asks several things at once that only read, all of which must succeed. If the connection was cut, maybe long before
    /// (the server restarted, or ends idle ones), they are asked once more, on a new one.
    ///
    /// # Errors
    /// The first that failed.
    pub(crate) async fn read_every(&self, commands: Vec<Cmd>) -> Result<Vec<Value>, Fault> {
        let answers: Result<_, Fault> = self.ask_all(&commands).await.into_iter().collect();
        match answers {
            Err(fault) if fault.is_cut() => self.ask_every(commands).await,
            answers => answers,
        }
    }

    /// Asks every server that may hold data the same thing.
    ///
    /// # Errors
    /// One of them failed.
    pub(crate) async fn ask_masters(&self, command: Cmd) -> Result<Vec<Value>, Fault> {
        let Link::Cluster(cluster) = &self.link else {
            return Ok(vec![self.ask(command).await?]);
        };
        let everywhere = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
        let mut cluster = cluster.clone();
        let asked = cluster.route_command(command, everywhere);
        let answer = tokio::time::timeout(self.deadline, asked)
            .await
            .map_err(|_| Fault::TimedOut)?;
        match answer.and_then(Value::extract_error).map_err(fault_of)? {
            Value::Map(answers) => Ok(answers.into_iter().map(|(_, answer)| answer).collect()),
            _ => Err(Fault::damaged("no answers by node")),
        }
    }

    /// Has the servers know every script, as far as they can be reached.
    async fn load_scripts(&self, until: Instant) {
        let load = |script: &&scripts::Script| load(script.source());
        let loads: Vec<_> = scripts::ALL.iter().map(load).collect();
        self.send(&loads, until).await;
    }

    async fn send(&self, commands: &[Cmd], until: Instant) -> Vec<Result<Value, Fault>> {
        let sent = tokio::time::timeout_at(until, self.send_once(commands)).await;
        match sent {
            Ok(answers) => answers
                .into_iter()
                .map(|answer| answer.map_err(fault_of))
                .collect(),
            Err(_) => commands.iter().map(|_| Err(Fault::TimedOut)).collect(),
        }
    }

    async fn send_once(&self, commands: &[Cmd]) -> Vec<RedisResult<Value>> {
        match (&self.link, commands) {
            (Link::Server(server), [command]) => vec![alone(server.clone(), command).await],
            (Link::Server(server), commands) => pipelined(server.clone(), commands).await,
            // Each to the node of its slot; the nodes work at once.
            (Link::Cluster(cluster), commands) => {
                join_all(commands.iter().map(|command| alone(cluster.clone(), command))).await
            }
        }
    }
}

fn load(source: &str) -> Cmd {
    let mut command = redis::cmd("SCRIPT");
    command.arg("LOAD").arg(source);
    command
}

async fn alone(mut connection: impl ConnectionLike, command: &Cmd) -> RedisResult<Value> {
    connection
        .req_packed_command(command)
        .await
        .and_then(Value::extract_error)
}

async fn pipelined(mut server: ConnectionManager, commands: &[Cmd]) -> Vec<RedisResult<Value>> {
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(command.clone());
    }
    match server.send_packed_commands(&pipeline, 0, commands.len()).await {
        Ok(answers) => answers.into_iter().map(Value::extract_error).collect(),
        Err(error) => commands.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// A connection to one server that connects again when it is cut.
///
/// `response_timeout` is per answer: `None` for a connection on which answers are waited for.
///
/// # Errors
/// Nobody answers there, or refuses the login.
pub(crate) async fn to_server(
    url: &str,
    response_timeout: Option<Duration>,
) -> Result<ConnectionManager, Fault> {
    Ok(ConnectionManager::new_with_config(Client::open(url)?, config(response_timeout)).await?)
}

fn config(response_timeout: Option<Duration>) -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_max_delay(Duration::from_millis(500))
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(response_timeout)
        .set_pipeline_buffer_size(1_024)
}

/// The driver's own retries are off: it would ask again after a cut connection, and a commit that was done would then
/// read as a conflict.
async fn to_cluster(nodes: &[String], deadline: Duration) -> Result<ClusterConnection, Fault> {
    let client = ClusterClient::builder(nodes.iter().map(String::as_str))
        .retries(0)
        .connection_timeout(CONNECT_TIMEOUT)
        .response_timeout(deadline)
        .build()?;
    Ok(client.get_async_connection().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clusters_url_names_its_nodes() {
        let nodes = |nodes: &[&str]| {
            Some(Place::Cluster(
                nodes.iter().map(|&node| node.to_owned()).collect(),
            ))
        };
        assert_eq!(
            Place::parse("redis+cluster://ada:secret@one:7000,two:7001/"),
            nodes(&["redis://ada:secret@one:7000", "redis://ada:secret@two:7001"])
        );
        assert_eq!(Place::parse("rediss+cluster://one"), nodes(&["rediss://one"]));
        assert_eq!(
            Place::parse("redis://one:1/2"),
            Some(Place::Server("redis://one:1/2".to_owned()))
        );
        assert_eq!(Place::parse("one:1"), None);
    }
}
