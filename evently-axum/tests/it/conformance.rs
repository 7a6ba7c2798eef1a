//! The contract's suite, twice: on the mounted router in memory, and on the binary with a file.

mod on_memory {
    use crate::mounted;

    evently_http::http_conformance!(start);

    async fn start() -> mounted::Mounted {
        mounted::Mounted::start("").await
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
