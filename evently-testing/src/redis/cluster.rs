//! A cluster of local processes: three masters, each with a third of the slots, and one replica of the first.

use super::process::Process;
use super::server::{Local, NEEDED, Options, program};
use super::{connect, until};
use crate::free_port;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, cmd};

/// How many slots there are.
const SLOTS: u16 = 16_384;
const MASTERS: usize = 3;
/// After how many milliseconds without an answer a node counts as failing.
const NODE_TIMEOUT_MS: u32 = 1_000;

/// A cluster of a test's own, empty at first. Dropping it ends it and removes its data.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
}

/// One node; the first three are masters at first, the fourth replicates the first.
#[derive(Debug)]
struct Node {
    port: u16,
    bus: u16,
    id: String,
    local: Local,
}

impl Cluster {
    /// Starts a cluster and waits until it serves all slots and the replica has its copy.
    ///
    /// # Panics
    /// When there is no server on this machine, with one line that says what to install.
    pub async fn start(options: Options) -> Self {
        let program = program().unwrap_or_else(|| panic!("{NEEDED}"));
        let mut nodes = Vec::new();
        for _ in 0..=MASTERS {
            let (port, bus) = (free_port(), free_port());
            let mut arguments = options.arguments();
            arguments.extend(
                [
                    "--cluster-enabled",
                    "yes",
                    "--cluster-require-full-coverage",
                    "no",
                    "--repl-diskless-sync-delay",
                    "0",
                ]
                .map(str::to_owned),
            );
            let timeout = NODE_TIMEOUT_MS.to_string();
            arguments.extend(["--cluster-node-timeout".to_owned(), timeout]);
            arguments.extend(["--cluster-port".to_owned(), bus.to_string()]);
            let mut local = Local::new(program.clone(), port, arguments);
            local.start(port).await;
            let id = ask(port, cmd("CLUSTER").arg("MYID")).await;
            nodes.push(Node { port, bus, id, local });
        }
        let cluster = Self { nodes };
        cluster.join().await;
        cluster
    }

    /// Makes one cluster of nodes that know nothing of each other.
    async fn join(&self) {
        let first = &self.nodes[0];
        for (place, node) in self.nodes.iter().enumerate() {
            let _: () = ask(node.port, cmd("CLUSTER").arg("SET-CONFIG-EPOCH").arg(place + 1)).await;
            let mut meet = cmd("CLUSTER");
            meet.arg("MEET").arg("127.0.0.1").arg(first.port).arg(first.bus);
            let _: () = ask(node.port, &meet).await;
        }
        for (place, node) in self.nodes[..MASTERS].iter().enumerate() {
            let (from, to) = (slots_before(place), slots_before(place + 1) - 1);
            let _: () = ask(node.port, cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(from).arg(to)).await;
        }
        let replica = &self.nodes[MASTERS];
        let mut replicate = cmd("CLUSTER");
        replicate.arg("REPLICATE").arg(&first.id);
        until("the replica knows its master", async || {
            try_ask::<()>(replica.port, &replicate).await.ok()
        })
        .await;
        until("a cluster that serves all slots", async || {
            self.is_whole().await.then_some(())
        })
        .await;
    }

    async fn is_whole(&self) -> bool {
        for node in &self.nodes {
            let info: String = ask(node.port, cmd("CLUSTER").arg("INFO")).await;
            let nodes: String = ask(node.port, cmd("CLUSTER").arg("NODES")).await;
            let knows_all = info.contains("cluster_state:ok")
                && info.contains("cluster_slots_ok:16384")
                && info.contains("cluster_known_nodes:4")
                && nodes.contains("slave");
            if !knows_all {
                return false;
            }
        }
        let replication: String = ask(self.nodes[MASTERS].port, cmd("INFO").arg("replication")).await;
        replication.contains("master_link_status:up")
    }

    /// Its URL: the addresses of all nodes.
    pub fn url(&self) -> String {
        let nodes: Vec<_> = self
            .nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port))
            .collect();
        format!("redis+cluster://{}", nodes.join(","))
    }

    /// Removes all data.
    pub async fn clear(&self) {
        for node in &self.nodes[..MASTERS] {
            let _: () = ask(node.port, &cmd("FLUSHALL")).await;
        }
    }

    /// Which of the first three nodes serves the slot of a key.
    pub async fn master_of(&self, key: &str) -> usize {
        let slot = self.slot_of(key).await;
        let mine = |place: &usize| (slots_before(*place)..slots_before(place + 1)).contains(&slot);
        (0..MASTERS).find(mine).unwrap_or_default()
    }

    /// The slot of a key.
    pub async fn slot_of(&self, key: &str) -> u16 {
        ask(
            self.nodes[MASTERS - 1].port,
            cmd("CLUSTER").arg("KEYSLOT").arg(key),
        )
        .await
    }

    /// Moves a slot with all its keys from one master to another, as resharding does, while it is used.
    pub async fn move_slot(&self, slot: u16, from: usize, to: usize) {
        let (source, target) = (&self.nodes[from], &self.nodes[to]);
        let set = |words: &[&str]| {
            let mut command = cmd("CLUSTER");
            command.arg("SETSLOT").arg(slot).arg(words);
            command
        };
        let _: () = ask(target.port, &set(&["IMPORTING", &source.id])).await;
        let _: () = ask(source.port, &set(&["MIGRATING", &target.id])).await;
        loop {
            let keys: Vec<Vec<u8>> = ask(
                source.port,
                cmd("CLUSTER").arg("GETKEYSINSLOT").arg(slot).arg(100),
            )
            .await;
            if keys.is_empty() {
                break;
            }
            let mut migrate = cmd("MIGRATE");
            migrate
                .arg("127.0.0.1")
                .arg(target.port)
                .arg("")
                .arg(0)
                .arg(5_000)
                .arg("KEYS")
                .arg(keys);
            let _: () = ask(source.port, &migrate).await;
        }
        for node in [target, source, &self.nodes[MASTERS - 1 - (from + to) % MASTERS]] {
            let _: () = ask(node.port, &set(&["NODE", &target.id])).await;
        }
    }

    /// Ends the first master at once, with nothing saved that was not.
    pub fn kill_first(&mut self) {
        let process: Process = self.nodes[0].local.take();
        process.signal("KILL");
        process.wait();
    }

    /// Waits until the replica has taken over the first master's slots.
    pub async fn replica_took_over(&self) {
        let port = self.nodes[MASTERS].port;
        until("the replica takes over", async || {
            let role: String = try_ask(port, cmd("INFO").arg("replication")).await.ok()?;
            let info: String = try_ask(port, cmd("CLUSTER").arg("INFO")).await.ok()?;
            (role.contains("role:master") && info.contains("cluster_slots_ok:16384")).then_some(())
        })
        .await;
    }
}

/// How many slots the masters before this one serve.
fn slots_before(place: usize) -> u16 {
    let share = SLOTS / 3;
    u16::try_from(place).map_or(SLOTS, |place| if place < 3 { place * share } else { SLOTS })
}

async fn try_ask<T: FromRedisValue>(port: u16, command: &Cmd) -> redis::RedisResult<T> {
    let mut connection: MultiplexedConnection = connect(&format!("redis://127.0.0.1:{port}")).await?;
    command.query_async(&mut connection).await
}

/// Asks one node.
///
/// # Panics
/// When it refuses.
async fn ask<T: FromRedisValue>(port: u16, command: &Cmd) -> T {
    let answer = try_ask(port, command).await;
    answer.unwrap_or_else(|error| panic!("node on port {port}: {error}"))
}
