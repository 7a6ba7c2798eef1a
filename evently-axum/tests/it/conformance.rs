//! The contract's suite, three times: on the mounted router in memory, in direct and in queued intake, and on the
//! binary with a file.

mod on_memory {
    use crate::mounted;

    evently_http::http_conformance!(start);

    async fn start() -> mounted::Mounted {
        mounted::Mounted::start("").await
    }
}

/// Queued intake answers as direct intake does, whoever does not ask it not to wait.
mod queued {
    use crate::mounted;
    use evently_core::clock::SystemClock;
    use evently_core::memory::{MemoryQueue, MemoryStore};
    use evently_core::{Evently, queue::QueueSettings};
    use std::sync::Arc;

    evently_http::http_conformance!(start);

    async fn start() -> mounted::Mounted {
        let queue = MemoryQueue::new(QueueSettings::default(), Arc::new(SystemClock));
        let engine = Evently::builder(Arc::new(MemoryStore::new())).queue(Arc::new(queue));
        mounted::Mounted::over("", engine.build()).await
    }
}

mod on_sqlite {
    use crate::process::Server;
    use evently_http::conformance::Target;
    use tempfile::TempDir;

    evently_http::http_conformance!(start);

    /// A server with a folder that goes when it does.
    struct OnFile {
        server: Server,
        _folder: TempDir,
    }

    impl AsRef<Target> for OnFile {
        fn as_ref(&self) -> &Target {
            self.server.as_ref()
        }
    }

    async fn start() -> OnFile {
        let folder = tempfile::tempdir().unwrap();
        OnFile {
            server: Server::start(folder.path(), "sqlite:evently.db").await,
            _folder: folder,
        }
    }
}
