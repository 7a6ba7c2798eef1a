//! One connection over a pipe, on a clock of the test's own: what is cut when, and what is refused.

use super::*;
use evently_core::{Evently, memory::MemoryStore};
use evently_http::auth::{JwtSecret, SignIn};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;
use tower::service_fn;

/// The client's end of a connection that is served by an echo.
struct Client {
    stream: DuplexStream,
    stop: Stop,
    opened: Instant,
}

impl Client {
    fn connect(admission: Admission) -> Self {
        let (stream, served) = tokio::io::duplex(64 * 1024);
        let stop = Stop::default();
        let evently = Evently::builder(Arc::new(MemoryStore::new()))
            .sweep_every(None)
            .build();
        let echo = service_fn(|request: Request<Incoming>| async move {
            assert_ne!(request.uri().path(), "/panic", "as asked");
            if request.uri().path() == "/slow" {
                tokio::time::sleep(Duration::from_secs(20)).await;
            } else if request.uri().path() == "/never" {
                std::future::pending::<()>().await;
            }
            let body = request.into_body().collect().await.map(|body| body.to_bytes());
            Ok(Response::new(Full::new(body.unwrap_or_default())))
        });
        let acceptor = Acceptor {
            api: Api::builder(evently, SignIn::accounts(JwtSecret::random())).build(),
            service: echo,
            cors: Arc::new("https://tickets.example.com".parse().unwrap()),
            stop: stop.clone(),
            served: Arc::new(Semaphore::new(1)),
            refused: Arc::new(Semaphore::new(1)),
            tasks: TaskTracker::new(),
        };
        let peer = ([127, 0, 0, 1], 1).into();
        tokio::spawn(acceptor.converse(served, peer, admission));
        Self {
            stream,
            stop,
            opened: Instant::now(),
        }
    }

    async fn send(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Reads until something that was read ends so.
    async fn read_to(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            let mut bytes = [0; 4096];
            let read = self.stream.read(&mut bytes).await.unwrap();
            assert_ne!(read, 0, "closed after {text:?}");
            text.push_str(str::from_utf8(&bytes[..read]).unwrap());
        }
        text
    }

    /// Reads until the server closes; says what came and how many seconds after opening that was.
    async fn read_to_close(&mut self) -> (String, u64) {
        let mut text = String::new();
        self.stream.read_to_string(&mut text).await.unwrap();
        (text, self.opened.elapsed().as_secs())
    }

    async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_cut_after_ten_seconds() {
    let mut client = Client::connect(Admission::Served);
    client.send("GET / HTTP/1.1\r\n").await;
    client.wait(9).await;
    client.send("a: b\r\n").await;
    assert_eq!(client.read_to_close().await, (String::new(), 10));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_is_cut_after_ten_seconds() {
    let mut client = Client::connect(Admission::Served);
    assert_eq!(client.read_to_close().await, (String::new(), 10));
}

#[tokio::test(start_paused = true)]
async fn a_kept_alive_connection_may_rest_but_its_next_head_may_not() {
    let mut client = Client::connect(Admission::Served);
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    client.read_to("hi").await;
    client.wait(60).await;
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nho")
        .await;
    client.read_to("ho").await;
    client.wait(5).await;
    client.send("GET").await;
    assert_eq!(client.read_to_close().await, (String::new(), 75));
}

#[tokio::test(start_paused = true)]
async fn a_connection_at_rest_is_closed_after_75_seconds() {
    let mut client = Client::connect(Admission::Served);
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    client.read_to("hi").await;
    assert_eq!(client.read_to_close().await, (String::new(), 75));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_being_handled_is_not_cut() {
    let mut client = Client::connect(Admission::Served);
    // The beginning of a second request is on its way while the first takes its time.
    client
        .send("POST /slow HTTP/1.1\r\ncontent-length: 2\r\n\r\nhiPOST / HT")
        .await;
    client.read_to("hi").await;
    client.send("TP/1.1\r\ncontent-length: 2\r\n\r\nho").await;
    client.read_to("ho").await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_a_problem_after_30_seconds() {
    let mut client = Client::connect(Admission::Served);
    client
        .send("GET /never HTTP/1.1\r\nx-request-id: abc\r\nconnection: close\r\n\r\n")
        .await;
    let (answer, seconds) = client.read_to_close().await;
    assert_eq!(seconds, 30);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(
        answer.contains(r#""instance":"/never""#) && answer.contains("x-request-id: abc"),
        "{answer}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_problem_and_the_connection_lives_on() {
    let mut client = Client::connect(Admission::Served);
    client.send("GET /panic HTTP/1.1\r\n\r\n").await;
    let answer = client.read_to("}").await;
    assert!(
        answer.starts_with("HTTP/1.1 500") && !answer.contains("as asked"),
        "{answer}"
    );
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    client.read_to("hi").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_announced_in_two_ways_is_refused_and_the_connection_closed() {
    let requests = [
        "POST / HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
    ];
    for request in requests {
        let mut client = Client::connect(Admission::Served);
        client
            .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
            .await;
        client.read_to("hi").await;
        client.send(request).await;
        client.send("GET /admin HTTP/1.1\r\n\r\n").await;
        let (answer, seconds) = client.read_to_close().await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains("malformed"),
            "{answer}"
        );
        assert_eq!((answer.matches("HTTP/1.1").count(), seconds), (1, 0), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_before_a_body_announced_in_two_ways_is_answered() {
    let mut client = Client::connect(Admission::Served);
    let both = "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n";
    client
        .send(&format!("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi{both}"))
        .await;
    let (answers, _) = client.read_to_close().await;
    assert!(answers.starts_with("HTTP/1.1 200"), "{answers}");
    let (_, refusal) = answers.split_once("\r\n\r\nhi").unwrap();
    assert!(refusal.starts_with("HTTP/1.1 400"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn one_connection_too_many_is_told_so() {
    let mut client = Client::connect(Admission::Refused);
    client.send("GET /x HTTP/1.1\r\n\r\n").await;
    let (answer, seconds) = client.read_to_close().await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: 1"),
        "{answer}"
    );
    assert_eq!(seconds, 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_meets_the_drain_is_answered_as_the_last() {
    let mut client = Client::connect(Admission::Served);
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    client.read_to("hi").await;
    client.stop.drain.cancel();
    client
        .send("POST /slow HTTP/1.1\r\ncontent-length: 2\r\n\r\nho")
        .await;
    let (answer, seconds) = client.read_to_close().await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("ho"),
        "{answer}"
    );
    assert_eq!(seconds, 20);
}

#[tokio::test(start_paused = true)]
async fn a_connection_at_rest_is_closed_soon_after_the_drain_began() {
    let mut client = Client::connect(Admission::Served);
    client
        .send("POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi")
        .await;
    client.read_to("hi").await;
    client.stop.drain.cancel();
    assert_eq!(client.read_to_close().await, (String::new(), 0));
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_after_25_seconds_whatever_is_still_in_flight() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (called, mut calls) = tokio::sync::mpsc::channel(1);
    let service = service_fn(move |_: Request<Incoming>| {
        let called = called.clone();
        async move {
            called.send(()).await.unwrap();
            std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
        }
    });
    let evently = Evently::builder(Arc::new(MemoryStore::new()))
        .sweep_every(None)
        .build();
    let api = Api::builder(evently, SignIn::accounts(JwtSecret::random())).build();
    let stop = Stop::default();
    let drain = stop.drain.clone();
    let bounds = Bounds {
        max_connections: 10,
        cors: Cors::default(),
    };
    let serving = tokio::spawn(async move { serve(listener, api, service, bounds, &stop).await });
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    calls.recv().await.unwrap();
    let began = Instant::now();
    drain.cancel();
    serving.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 25);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_may_is_let_in_and_no_other() {
    let asked = "GET / HTTP/1.1\r\norigin: https://tickets.example.com\r\nconnection: close\r\n\r\n";
    let mut client = Client::connect(Admission::Served);
    client.send(asked).await;
    let (answer, _) = client.read_to_close().await;
    assert!(
        answer.contains("access-control-allow-origin: https://tickets.example.com\r\n")
            && answer.contains("access-control-expose-headers: "),
        "{answer}"
    );
    let mut client = Client::connect(Admission::Served);
    client.send(&asked.replace("tickets", "thieves")).await;
    let (answer, _) = client.read_to_close().await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && !answer.contains("access-control"),
        "{answer}"
    );
    let preflight = "access-control-request-method: PATCH\r\nconnection";
    let preflight = asked
        .replace("GET /", "OPTIONS /panic")
        .replace("connection", preflight);
    let mut client = Client::connect(Admission::Served);
    client.send(&preflight).await;
    let (answer, _) = client.read_to_close().await;
    assert!(
        answer.starts_with("HTTP/1.1 204") && answer.contains("access-control-allow-methods: "),
        "{answer}"
    );
}
