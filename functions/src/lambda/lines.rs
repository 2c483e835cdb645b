//! The log as lines of JSON, one an event, on standard output.
//!
//! A line holds the event's own fields and those of the spans around it, so that whatever a request says can be found by its id. The
//! lines that tell how a request or a pass of scheduled work ended also say in CloudWatch's embedded format which of their fields are
//! metrics: one line is the log and the measurement, and nobody calls an API for it.

use std::{
    fmt,
    io::Write,
    sync::{Mutex, PoisonError},
};

use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{clock::Clock, log};

/// CloudWatch keeps the metrics under this name.
const NAMESPACE: &str = "Xiangshang";

/// Sends everything that is logged from now on to standard output, as lines of the function `name`.
pub fn to_standard_output(name: &str) {
    let filter = Targets::new().with_default(Level::WARN).with_target("functions", Level::INFO);
    tracing_subscriber::registry().with(Lines::new(name, std::io::stdout()).with_filter(filter)).init();
    log::hide_what_panics_quote();
}

/// Writes each event as a line of JSON.
pub struct Lines<W> {
    function: String,
    writer: Mutex<W>,
}

impl<W: Write> Lines<W> {
    /// Writes the lines of the function `name` to `writer`.
    pub fn new(name: &str, writer: W) -> Lines<W> {
        Lines { function: name.to_owned(), writer: Mutex::new(writer) }
    }
}

/// The fields of a span, kept in its extensions.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let now = Clock::system().now();
        let mut line = Fields::default();
        line.0.insert("at".to_owned(), now.to_string().into());
        line.0.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.0.insert("function".to_owned(), self.function.clone().into());
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(Fields(fields)) = span.extensions().get::<Fields>() {
                line.0.extend(fields.clone());
            }
        }
        event.record(&mut line);
        measure(event.metadata().target(), now.0.as_millisecond(), &mut line.0);
        let mut bytes = serde_json::to_vec(&line.0).expect("a map of values with text keys");
        bytes.push(b'\n');
        // One write a line, so that lines of two threads do not mix. When nobody reads the log there is nobody to tell.
        let _ = self.writer.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes);
    }
}

/// Says which fields CloudWatch is to count, by function.
fn measure(target: &str, milliseconds: i64, line: &mut Map<String, Value>) {
    let metrics = match target {
        log::ANSWERED => {
            let status = line.get("status").and_then(Value::as_u64).unwrap_or(0);
            // A 503 says when to come again and loses nothing; it is counted apart from what is broken.
            line.insert("busy".to_owned(), u8::from(status == 503).into());
            line.insert("failed".to_owned(), u8::from(status >= 500 && status != 503).into());
            json!([{ "Name": "duration_ms", "Unit": "Milliseconds" }, { "Name": "busy", "Unit": "Count" }, { "Name": "failed", "Unit": "Count" }])
        }
        log::RAN => json!([
            { "Name": "duration_ms", "Unit": "Milliseconds" },
            { "Name": "outbox_waiting", "Unit": "Count" },
            { "Name": "outbox_age_s", "Unit": "Seconds" },
        ]),
        _ => return,
    };
    let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [["function"]], "Metrics": metrics });
    line.insert("_aws".to_owned(), json!({ "Timestamp": milliseconds, "CloudWatchMetrics": [directive] }));
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// What is written while `say` runs, line by line.
    fn said(say: impl FnOnce()) -> Vec<Value> {
        #[derive(Clone, Default)]
        struct Writer(Arc<Mutex<Vec<u8>>>);
        impl Write for Writer {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().expect("the test has one thread").write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let writer = Writer::default();
        let subscriber = tracing_subscriber::registry().with(Lines::new("appeal", writer.clone()));
        tracing::subscriber::with_default(subscriber, say);
        let written = writer.0.lock().expect("the test has one thread");
        written
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| serde_json::from_slice(line).expect("each line is JSON"))
            .collect()
    }

    #[test]
    fn an_event_carries_the_fields_of_its_request_and_a_number_that_became_known_later() {
        let lines = said(|| {
            let span = tracing::error_span!("request", request = "r1", route = "/f/{form}", number = tracing::field::Empty);
            let _entered = span.enter();
            tracing::warn!(tries = 3, "slow\ndown");
            span.record("number", tracing::field::display("XS1"));
            tracing::info!(target: log::ANSWERED, status = 303, duration_ms = 1.5, "answered");
        });
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (&lines[0]["request"], &lines[0]["tries"], &lines[0]["message"]),
            (&json!("r1"), &json!(3), &json!("slow\ndown"))
        );
        assert_eq!(lines[0].get("number"), None);
        assert_eq!(
            (&lines[1]["number"], &lines[1]["route"], &lines[1]["status"]),
            (&json!("XS1"), &json!("/f/{form}"), &json!(303))
        );
    }

    #[test]
    fn every_metric_that_a_line_declares_stands_in_it_as_a_number() {
        for status in [200_u16, 303, 422, 500, 503] {
            let lines = said(|| tracing::info!(target: log::ANSWERED, status, duration_ms = 1.5, "answered"));
            let [line] = &lines[..] else { panic!("{lines:?}") };
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            assert!(line["_aws"]["Timestamp"].is_i64());
            for dimension in directive["Dimensions"][0].as_array().expect("a set of names") {
                assert!(line[dimension.as_str().expect("a name")].is_string(), "{dimension} in {line}");
            }
            for metric in directive["Metrics"].as_array().expect("a list") {
                assert!(line[metric["Name"].as_str().expect("a name")].is_number(), "{metric} in {line}");
            }
            assert_eq!(
                (&line["failed"], &line["busy"]),
                (&json!(u8::from(status == 500)), &json!(u8::from(status == 503))),
                "{status}"
            );
        }
    }

    #[test]
    fn an_event_that_measures_nothing_declares_nothing() {
        let lines = said(|| tracing::warn!("a word"));
        assert_eq!(lines[0].get("_aws"), None);
    }
}
