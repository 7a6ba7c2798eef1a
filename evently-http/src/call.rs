//! One request on its way through an operation.

use crate::api::Api;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::request::Request;
use evently_core::Evently;
use std::sync::Arc;

/// One request with the API it was made to: what an operation is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Call {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    api: Api,
    request: Request,
}

impl Call {
    pub(crate) fn new(api: Api, request: Request) -> Self {
        Self {
            inner: Arc::new(Inner { api, request }),
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

    /// The answer as it goes out.
    pub(crate) fn finish(&self, outcome: Result<Reply, Problem>) -> Reply {
        let request = self.request();
        outcome.unwrap_or_else(|problem| problem.into_reply(&request.path, &request.request_id))
    }
}
