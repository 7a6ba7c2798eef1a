//! The contract's suite: on the mounted router, and on the binary with each store.

mod mounted {
    use crate::mounted::Mounted;

    evently_http::http_conformance!(start);

    async fn start() -> Mounted {
        Mounted::start("").await
    }
}

/// Queued intake answers as direct intake does, whoever does not ask it not to wait.
mod queued {
    use evently_testing::binary::Server;

    evently_http::http_conformance!(start);
    evently_http::http_intake_conformance!(start);

    async fn start() -> Server {
        let arguments = ["--store", "memory:", "--intake", "queued"];
        crate::binary().start_apart_with(&arguments).await
    }
}

mod on_sqlite {
    use evently_testing::binary::Server;

    evently_http::http_conformance!(start);

    async fn start() -> Server {
        crate::binary().start_apart("sqlite:evently.db").await
    }
}

mod on_redis {
    use evently_testing::binary::Server;

    evently_http::http_conformance!(start);

    async fn start() -> Server {
        crate::binary().start_on_redis().await
    }
}

mod on_postgres {
    use evently_testing::binary::Server;

    evently_http::http_conformance!(start);

    async fn start() -> Server {
        crate::binary().start_on_postgres().await
    }
}
