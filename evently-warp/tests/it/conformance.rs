//! The contract's suite: on the mounted routes, and on the binary with each store.

mod mounted {
    use crate::mounted::Mounted;

    evently_http::http_conformance!(start);

    async fn start() -> Mounted {
        Mounted::start().await
    }
}

mod on_sqlite {
    use evently_testing::binary::Server;

    evently_http::http_conformance!(start);

    async fn start() -> Server {
        crate::binary().start_apart("sqlite:evently.db").await
    }
}
