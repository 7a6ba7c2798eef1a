//! One operation of the document: what is said of it, and what follows from that.
//!
//! What every operation of a kind has (credentials, rate limits, the problems that bodies and queries bring) is
//! added here, so that the operations say only what is their own.

use super::parameters;
use super::problems;
use crate::code::Code;
use crate::routes::Route;
use utoipa::ToSchema;
use utoipa::openapi::path::{OperationBuilder, Parameter};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Content, Ref, RefOr, Required, SecurityRequirement};

/// The name of the one security scheme.
pub(super) const BEARER: &str = "bearer";
const JSON: &str = "application/json";

/// Who may call an operation, and how calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Anybody; never counted.
    Watcher,
    /// Anybody, counted by address.
    Visitor,
    /// Anybody, but bad credentials are refused.
    Viewer,
    /// Whoever is signed in.
    User,
    /// Admins.
    Admin,
}

/// A component schema by its name.
pub(super) type Named = (String, RefOr<Schema>);

/// One operation.
pub(super) struct Operation {
    /// Its name in [`ops`](crate::ops).
    pub(super) op: &'static str,
    /// The schemas that it refers to.
    pub(super) schemas: Vec<Named>,
    tag: &'static str,
    who: Who,
    summary: &'static str,
    about: Option<&'static str>,
    parameters: Vec<Parameter>,
    has_query: bool,
    body: Option<RequestBody>,
    answers: Vec<(u16, Response)>,
    refusals: Vec<Code>,
}

impl Operation {
    /// An operation with its name, who may call it, and what it does, in a few words.
    pub(super) fn new(op: &'static str, tag: &'static str, who: Who, summary: &'static str) -> Self {
        Self {
            op,
            schemas: Vec::new(),
            tag,
            who,
            summary,
            about: None,
            parameters: Vec::new(),
            has_query: false,
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// What it does, in whole sentences.
    pub(super) fn about(mut self, about: &'static str) -> Self {
        self.about = Some(about);
        self
    }

    /// Query parameters that it takes.
    pub(super) fn query(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(parameters);
        self.has_query = true;
        self
    }

    /// Headers that it takes.
    pub(super) fn headers(mut self, headers: impl IntoIterator<Item = Parameter>) -> Self {
        self.parameters.extend(headers);
        self
    }

    /// The body that it needs.
    pub(super) fn body<T: ToSchema>(self) -> Self {
        self.takes::<T>(&[JSON], Required::True)
    }

    /// The body that it takes, or none.
    pub(super) fn optional_body<T: ToSchema>(self) -> Self {
        self.takes::<T>(&[JSON], Required::False)
    }

    /// The merge patch that it needs.
    pub(super) fn patch<T: ToSchema>(self) -> Self {
        self.takes::<T>(&[JSON, "application/merge-patch+json"], Required::True)
    }

    fn takes<T: ToSchema>(mut self, media_types: &[&str], required: Required) -> Self {
        let schema = self.refer::<T>();
        let body = media_types
            .iter()
            .fold(RequestBodyBuilder::new(), |body, media_type| {
                body.content(*media_type, Content::new(Some(schema.clone())))
            });
        self.body = Some(body.required(Some(required)).build());
        self
    }

    /// An answer with one thing.
    pub(super) fn answers<T: ToSchema>(mut self, status: u16, description: &str) -> Self {
        let schema = self.refer::<T>();
        self.answer(status, JSON, description, schema)
    }

    /// An answer with another thing than under other conditions.
    pub(super) fn answers_either<T: ToSchema, Other: ToSchema>(
        mut self,
        status: u16,
        description: &str,
    ) -> Self {
        let either = utoipa::openapi::schema::OneOfBuilder::new()
            .item(self.refer::<T>())
            .item(self.refer::<Other>())
            .build();
        self.answer(status, JSON, description, RefOr::T(either.into()))
    }

    /// An answer with a page of things; the next one is found by the `cursor`.
    pub(super) fn answers_page<T: ToSchema>(mut self, description: &str) -> Self {
        let rows = ArrayBuilder::new().items(self.refer::<T>());
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some(
                "What `cursor` is to be for the next page; null on the last one.",
            ));
        let page = ObjectBuilder::new()
            .property("data", rows)
            .required("data")
            .property("next_cursor", cursor)
            .required("next_cursor");
        self.answer(200, JSON, description, RefOr::T(page.build().into()))
            .with_header(
                "Link",
                "The next page, as `<…>; rel=\"next\"`; absent on the last one.",
            )
    }

    /// An answer with a whole list.
    pub(super) fn answers_list<T: ToSchema>(mut self, description: &str) -> Self {
        let rows = ArrayBuilder::new().items(self.refer::<T>());
        let list = ObjectBuilder::new().property("data", rows).required("data");
        self.answer(200, JSON, description, RefOr::T(list.build().into()))
    }

    /// An answer without a body.
    pub(super) fn answers_empty(mut self, status: u16, description: &str) -> Self {
        self.answers.push((status, Response::new(description)));
        self
    }

    /// An answer that is text of this kind; more kinds of one status are added up.
    pub(super) fn answers_text(self, media_type: &str, description: &str) -> Self {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        self.answer(200, media_type, description, RefOr::T(text.into()))
    }

    /// An answer that is a stream of such events.
    pub(super) fn answers_stream<T: ToSchema>(mut self, description: &str) -> Self {
        let event = self.refer::<T>();
        self.answer(200, "text/event-stream", description, event)
    }

    /// A header of the last answer that was named.
    pub(super) fn with_header(mut self, name: &str, description: &str) -> Self {
        if let Some((_, answer)) = self.answers.last_mut() {
            answer
                .headers
                .insert(name.to_owned(), parameters::answer_header(description).into());
        }
        self
    }

    /// Problems of its own.
    pub(super) fn refuses(mut self, codes: impl IntoIterator<Item = Code>) -> Self {
        self.refusals.extend(codes);
        self
    }

    /// The document's form of it, at its route.
    pub(super) fn at(self, route: &Route) -> utoipa::openapi::path::Operation {
        let codes = self.codes(route);
        let mut parameters = Vec::new();
        if route.path.contains("{id}") {
            parameters.push(parameters::id(thing(route.path)));
        }
        parameters.extend(self.parameters);
        let mut operation = OperationBuilder::new()
            .operation_id(Some(self.op.replace("::", "_")))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(self.about)
            .parameters(Some(parameters))
            .parameter_ref(Ref::new(parameters::REQUEST_ID_REF))
            .request_body(self.body);
        for (status, mut answer) in self.answers {
            parameters::common_headers(&mut answer, self.who != Who::Watcher);
            operation = operation.response(status.to_string(), answer);
        }
        for (status, answer) in problems::answers(&codes) {
            operation = operation.response(status.to_string(), answer);
        }
        let bearer = SecurityRequirement::new(BEARER, [""; 0]);
        match self.who {
            Who::Watcher | Who::Visitor => operation.securities(Some([])),
            Who::Viewer => operation.securities(Some([SecurityRequirement::default(), bearer])),
            Who::User | Who::Admin => operation.security(bearer),
        }
        .build()
    }

    /// Every problem that it may answer.
    fn codes(&self, route: &Route) -> Vec<Code> {
        let when = |condition: bool, codes: &[Code]| if condition { codes.to_vec() } else { Vec::new() };
        let has_body = self.body.is_some();
        let tells_unavailable = self.answers.iter().any(|(status, _)| *status == 503);
        let mut codes = [
            when(self.has_query || has_body, &[Code::Malformed]),
            when(
                matches!(self.who, Who::Viewer | Who::User | Who::Admin),
                &[Code::Unauthorized],
            ),
            when(self.who == Who::Admin, &[Code::Forbidden]),
            when(route.path.contains('{'), &[Code::NotFound]),
            self.refusals.clone(),
            when(has_body, &[Code::UnsupportedMediaType, Code::Invalid]),
            // A server refuses these before it looks who asks for what.
            vec![Code::PayloadTooLarge],
            when(self.who != Who::Watcher, &[Code::RateLimited]),
            when(!tells_unavailable, &[Code::Unavailable]),
        ]
        .concat();
        let mut seen = std::collections::HashSet::new();
        codes.retain(|code| seen.insert(*code));
        codes
    }

    fn answer(mut self, status: u16, media_type: &str, description: &str, schema: RefOr<Schema>) -> Self {
        let content = Content::new(Some(schema));
        match self.answers.iter_mut().find(|(known, _)| *known == status) {
            Some((_, known)) => {
                known.content.insert(media_type.to_owned(), content.into());
            }
            None => {
                let answer = ResponseBuilder::new()
                    .description(description)
                    .content(media_type, content)
                    .build();
                self.answers.push((status, answer));
            }
        }
        self
    }

    /// A reference to a schema, which becomes a component.
    fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        T::schemas(&mut self.schemas);
        self.schemas.push((T::name().into_owned(), T::schema()));
        Ref::from_schema_name(T::name()).into()
    }
}

/// What the `{id}` of a path names.
fn thing(path: &str) -> &'static str {
    if path.contains("/bookings/{id}") {
        "The booking."
    } else if path.contains("/waitlist/{id}") {
        "The waitlist entry."
    } else {
        "The event."
    }
}
