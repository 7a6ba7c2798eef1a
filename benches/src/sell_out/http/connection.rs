//! A lean HTTP client: one kept-alive connection, one request after the other. What it costs is not the server's.

use super::Failure;
use std::fmt::Write as _;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One kept-alive connection.
pub(super) struct Connection {
    stream: TcpStream,
    /// The request that goes out; kept for its memory.
    head: String,
    /// What came in.
    read: Vec<u8>,
}

/// A server's answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            head: String::new(),
            read: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and waits for its answer; without a token or a key where these are empty.
    pub(super) async fn ask(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        key: &str,
        body: &str,
    ) -> Result<Answer, Failure> {
        self.head.clear();
        write!(self.head, "{method} {path} HTTP/1.1\r\nhost: localhost\r\n")?;
        if !token.is_empty() {
            write!(self.head, "authorization: Bearer {token}\r\n")?;
        }
        if !key.is_empty() {
            write!(self.head, "idempotency-key: {key}\r\n")?;
        }
        if !body.is_empty() {
            write!(
                self.head,
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            )?;
        }
        write!(self.head, "\r\n{body}")?;
        self.stream.write_all(self.head.as_bytes()).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<Answer, Failure> {
        self.read.clear();
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let text = std::str::from_utf8(&self.read[..head])?;
        let status = text.get(9..12).ok_or("no status line")?.parse()?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        let end = head + length.unwrap_or(0_usize);
        while self.read.len() < end {
            self.more().await?;
        }
        Ok(Answer {
            status,
            body: self.read[head..end].to_vec(),
        })
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}
