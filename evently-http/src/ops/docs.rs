//! The API's document, and a page that shows it: everything served from the program itself.
//!
//! Never counted against a limit, and the same for everybody.

use crate::code::Code;
use crate::openapi;
use crate::parse::none_match;
use crate::{call::Call, problem::Problem, reply::Reply};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

/// The page and its parts, each with what it needs to be served again without being read again.
#[derive(Embed)]
#[folder = "assets/docs"]
struct Assets;

const PAGE: &str = "index.html";

/// The page may load what this service serves, and nothing else. The bundle styles itself as it runs, and searches
/// in a worker made of a blob.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GET /openapi.json`: the API as an OpenAPI 3.1 document.
///
/// # Errors
/// None.
pub async fn openapi(call: Call) -> Result<Reply, Problem> {
    static TAG: LazyLock<HeaderValue> = LazyLock::new(|| tag(&Sha256::digest(openapi::document())));
    let document = Bytes::from_static(openapi::document().as_bytes());
    Ok(file(&call, "application/json", document, &TAG))
}

/// `GET /docs`: the document as a page.
///
/// # Errors
/// None.
pub async fn page(call: Call) -> Result<Reply, Problem> {
    let page = asset(PAGE)?;
    let reply = file(
        &call,
        "text/html; charset=utf-8",
        bytes(page.data),
        &tag(&page.metadata.sha256_hash()),
    );
    Ok(reply.with(header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
}

/// `GET /docs/{file}`: a part of the page.
///
/// # Errors
/// 404.
pub async fn part(call: Call) -> Result<Reply, Problem> {
    let name = call.request().path_params.first().map_or("", String::as_str);
    let content_type = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => return Err(Problem::not_found()),
    };
    let part = Assets::get(name).ok_or_else(Problem::not_found)?;
    let tag = tag(&part.metadata.sha256_hash());
    Ok(file(&call, content_type, bytes(part.data), &tag))
}

fn asset(name: &str) -> Result<EmbeddedFile, Problem> {
    Assets::get(name).ok_or_else(|| Problem::new(Code::Internal, "The page is missing from the program."))
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}

/// A file that caches keep and ask about each time; 304 for whoever has it.
fn file(call: &Call, content_type: &'static str, body: Bytes, tag: &HeaderValue) -> Reply {
    let known = tag.to_str().unwrap_or_default();
    let reply = if none_match(&call.request().headers, known) {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        Reply::whole(StatusCode::OK, content_type, body)
    };
    reply
        .with(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
        .with(header::ETAG, tag.clone())
}

/// A file's tag: the beginning of its SHA-256.
fn tag(digest: &[u8]) -> HeaderValue {
    let mut text = String::from("\"");
    for byte in digest.iter().take(12) {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("\"\""))
}
