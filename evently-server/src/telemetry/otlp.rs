//! Traces: a span a request, sent to an OpenTelemetry collector (OTLP over HTTP) where the environment names one, with
//! the variables and the defaults of OpenTelemetry's specification.

use crate::settings::SettingError;
use http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// The variables that name a collector; one of them switches traces on.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// What sends the spans.
#[derive(Debug)]
pub(crate) struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Begins to send the spans of the target [`SPANS`](crate::telemetry::SPANS), in the name of this service (which
    /// `OTEL_SERVICE_NAME` overrules), from a thread of its own.
    ///
    /// # Errors
    /// The collector's address is none.
    pub(super) fn start<S>(name: &'static str) -> Result<(Self, Option<impl Layer<S>>), SettingError>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let Some(setting) = ENDPOINTS.into_iter().find(|name| is_set(name)) else {
            return Ok((Self(None), None));
        };
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(|_| SettingError {
            setting: setting.to_owned(),
            message: "must be the address of a collector such as http://127.0.0.1:4318".to_owned(),
        })?;
        let resource = match is_set("OTEL_SERVICE_NAME") {
            true => Resource::builder(),
            false => Resource::builder().with_service_name(name),
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("evently"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(super::SPANS, Level::DEBUG));
        Ok((Self(Some(provider)), Some(layer)))
    }

    /// Sends what is not sent yet, within the time that OpenTelemetry allows for it.
    pub(crate) fn end(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Makes the span a part of the trace that the caller names (`traceparent`, W3C Trace Context).
pub(crate) fn join_caller(span: &Span, headers: &HeaderMap) {
    if span.is_disabled() {
        return;
    }
    let context = TraceContextPropagator::new().extract(&Headers(headers));
    // An error says that nothing is traced: then there is nothing to join.
    let _ = span.set_parent(context);
}

/// Gives the span a name that is known by its end only.
pub(crate) fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// The caller's headers, as OpenTelemetry reads them.
struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
