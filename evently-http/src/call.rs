//! One request on its way through an operation.

use crate::api::Api;
use crate::auth::Auth;
use crate::code::Code;
use crate::parse::Query;
use crate::problem::Problem;
use crate::proxy::client_address;
use crate::rate::{Standing, Subject};
use crate::reply::Reply;
use crate::request::Request;
use evently_core::{Caller, Evently};
use http::HeaderName;
use percent_encoding::percent_decode_str;
use std::{
    net::IpAddr,
    str::FromStr,
    sync::{Arc, OnceLock},
};

const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// One request with the API it was made to: what an operation is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    api: Api,
    request: Request,
    /// Set once the request was counted.
    standing: OnceLock<Standing>,
}

impl Call {
    pub(crate) fn new(api: Api, request: Request) -> Self {
        Self {
            inner: Arc::new(Inner {
                api,
                request,
                standing: OnceLock::new(),
            }),
        }
    }

    /// The API.
    pub fn api(&self) -> &Api {
        &self.inner.api
    }

    /// The engine.
    pub fn evently(&self) -> &Evently {
        self.inner.api.evently()
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.inner.request
    }

    /// Counts the request under its address, whoever makes it: for signing in, where credentials that have run
    /// out do no harm.
    ///
    /// # Errors
    /// 429.
    pub async fn visitor(&self) -> Result<(), Problem> {
        self.admit(None).await
    }

    /// Counts the request and tells who makes it, if they are signed in.
    ///
    /// # Errors
    /// 401 for credentials that are not good; 429.
    pub async fn viewer(&self) -> Result<Option<Caller>, Problem> {
        let headers = &self.request().headers;
        let now = self.evently().now();
        let viewer = match self.api().auth() {
            Auth::Accounts(accounts) => accounts.tokens().caller(headers, now),
            Auth::External(authenticator) => authenticator.authenticate(headers, now).await,
        };
        self.admit(viewer.ok().flatten()).await?;
        viewer.map_err(|_| Problem::unauthorized())
    }

    /// Counts the request and tells who makes it.
    ///
    /// # Errors
    /// 401 to all who are not signed in; 429.
    pub async fn user(&self) -> Result<Caller, Problem> {
        self.viewer().await?.ok_or_else(Problem::unauthorized)
    }

    /// Counts the request and tells which admin makes it.
    ///
    /// # Errors
    /// 401 to all who are not signed in, 403 to all others who are no admins; 429.
    pub async fn admin(&self) -> Result<Caller, Problem> {
        let caller = self.user().await?;
        if caller.is_admin() {
            Ok(caller)
        } else {
            Err(Problem::new(Code::Forbidden, "Only an admin may do this."))
        }
    }

    /// The address that the request came from.
    pub fn address(&self) -> Option<IpAddr> {
        let request = self.request();
        client_address(request.peer, &request.headers, self.api().proxies())
    }

    /// The id in the path.
    ///
    /// # Errors
    /// 404 for what is no id: there is nothing by that name.
    pub fn path_id<T: FromStr>(&self) -> Result<T, Problem> {
        let raw = self
            .request()
            .path_params
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        let decoded = percent_decode_str(raw)
            .decode_utf8()
            .map_err(|_| Problem::not_found())?;
        decoded.parse().map_err(|_| Problem::not_found())
    }

    /// The query's parameters.
    ///
    /// # Errors
    /// 400 for what is no query.
    pub(crate) fn query(&self) -> Result<Query<'_>, Problem> {
        Query::parse(self.request().query.as_deref())
    }

    /// The answer as it goes out.
    pub(crate) fn finish(&self, outcome: Result<Reply, Problem>) -> Reply {
        let request = self.request();
        let reply = match outcome {
            Ok(reply) => reply.finished(&request.request_id),
            Err(problem) => self.api().refuse(problem, &request.path, &request.request_id),
        };
        let Some(standing) = self.inner.standing.get() else {
            return reply;
        };
        match (standing.policy_header(), standing.limit_header()) {
            (Some(policy), Some(limit)) => reply.with(RATE_LIMIT_POLICY, policy).with(RATE_LIMIT, limit),
            _ => reply,
        }
    }

    async fn admit(&self, caller: Option<Caller>) -> Result<(), Problem> {
        let subject = match caller {
            Some(caller) => Some(Subject::User(caller.user_id)),
            None => self.address().map(Subject::address),
        };
        let Some(subject) = subject else {
            return Ok(());
        };
        let Some(standing) = self.api().limiter().admit(subject).await else {
            return Ok(());
        };
        // A request is counted once, so that this is the first standing.
        let _ = self.inner.standing.set(standing);
        standing
            .retry_after
            .map_or(Ok(()), |wait| Err(Problem::rate_limited(wait)))
    }
}
