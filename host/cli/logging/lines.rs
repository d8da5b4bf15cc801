//! Events and spans as lines: text, or one JSON object each.
//!
//! The fields of all spans around an event are in its context, the nearest winning, so that whatever happens within a job
//! carries the job's id. A span that ends is a line of its own at debug, with how long it took.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_appender::non_blocking::NonBlocking;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;
use vpo::media::text;

/// The longest text of one field; what is longer is cut. Bytes.
const LONGEST: usize = 8192;

/// Where lines go, when they go anywhere.
#[derive(Clone, Default)]
pub struct Sink(Arc<RwLock<Option<(NonBlocking, bool)>>>);

impl Sink {
    pub fn open(&self, queue: NonBlocking, json: bool) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((queue, json));
    }

    pub fn close(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn put(&self, line: &Line<'_>) {
        // The lock is not held while the queue is full.
        let open = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((mut queue, json)) = open {
            let _ = queue.write_all(line.written(json).as_bytes());
        }
    }
}

/// One line before it is written.
#[derive(Serialize)]
pub struct Line<'a> {
    timestamp: String,
    level: &'a str,
    message: &'a str,
    context: &'a Map<String, Value>,
    target: &'a str,
}

impl<'a> Line<'a> {
    pub fn now(level: &'a Level, target: &'a str, message: &'a str, context: &'a Map<String, Value>) -> Self {
        let timestamp = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
        Self { timestamp, level: level.as_str(), message, context, target }
    }

    /// The line with its end.
    pub fn written(&self, json: bool) -> String {
        let mut written = if json { self.json() } else { self.text() };
        written.push('\n');
        written
    }

    fn json(&self) -> String {
        let plain = serde_json::to_string(self).expect("a line is plain data");
        if plain.is_ascii() && !plain.contains('\x7f') {
            return plain;
        }
        // What JSON would let through and a terminal would act on.
        let mut escaped = String::with_capacity(plain.len() + 16);
        for c in plain.chars() {
            if text::is_hidden(c) {
                let _ = write!(escaped, "\\u{:04x}", c as u32);
            } else {
                escaped.push(c);
            }
        }
        escaped
    }

    fn text(&self) -> String {
        let mut line = format!("{} {:>5} {}: {}", self.timestamp, self.level, self.target, text::visible(self.message));
        for (name, value) in self.context {
            let shown = match value {
                Value::String(said) => text::visible(said).into_owned(),
                other => other.to_string(),
            };
            let is_plain = !shown.is_empty() && !shown.contains([' ', '"', '=']);
            if is_plain || !value.is_string() {
                let _ = write!(line, " {name}={shown}");
            } else {
                let _ = write!(line, " {name}=\"{}\"", shown.replace('\\', "\\\\").replace('"', "\\\""));
            }
        }
        line
    }
}

/// What a span remembers.
struct Remembered {
    begun: Instant,
    fields: Map<String, Value>,
}

/// Turns events and ends of spans into lines.
pub struct Lines {
    sink: Sink,
}

impl Lines {
    pub fn to(sink: Sink) -> Self {
        Self { sink }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(Remembered { begun: Instant::now(), fields: fields.map });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(remembered) = span.extensions_mut().get_mut::<Remembered>() {
            let mut fields = Fields { message: String::new(), map: std::mem::take(&mut remembered.fields) };
            values.record(&mut fields);
            remembered.fields = fields.map;
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(remembered) = span.extensions().get::<Remembered>() {
                fields.map.extend(remembered.fields.clone());
            }
        }
        event.record(&mut fields);
        let metadata = event.metadata();
        self.sink.put(&Line::now(metadata.level(), metadata.target(), &fields.message, &fields.map));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if LevelFilter::current() < LevelFilter::DEBUG {
            return;
        }
        let Some(span) = context.span(&id) else { return };
        let mut map = Map::new();
        let mut took = None;
        for one in span.scope().from_root() {
            if let Some(remembered) = one.extensions().get::<Remembered>() {
                map.extend(remembered.fields.clone());
                took = Some(remembered.begun.elapsed());
            }
        }
        let seconds = took.unwrap_or_default().as_secs_f64();
        map.insert("seconds".to_owned(), seconds.into());
        self.sink.put(&Line::now(&Level::DEBUG, span.metadata().target(), &format!("end of {}", span.name()), &map));
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    map: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.map.insert(field.name().to_owned(), value.into());
    }

    fn put_text(&mut self, field: &Field, said: &str) {
        let said = text::capped(said, LONGEST);
        if field.name() == "message" {
            self.message = said.to_owned();
        } else {
            self.put(field, said);
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let mut said = value.to_string();
        let mut next = value.source();
        while let Some(cause) = next {
            let _ = write!(said, ": {cause}");
            next = cause.source();
        }
        self.put_text(field, &said);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_text(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(json: bool, message: &str, context: Value) -> String {
        let Value::Object(context) = context else { panic!("an object") };
        Line::now(&Level::INFO, "vpo::scan", message, &context).written(json)
    }

    #[test]
    fn a_json_line_has_its_five_keys_and_utc() {
        let written = line(true, "file read", json!({ "file": "a b", "tracks": 3 }));

        let parsed: Value = serde_json::from_str(&written).unwrap();
        let keys: Vec<_> = parsed.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["context", "level", "message", "target", "timestamp"]);
        assert_eq!(parsed["context"], json!({ "file": "a b", "tracks": 3 }));
        assert!(parsed["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn what_acts_on_a_terminal_is_escaped_and_comes_back_from_json_unharmed() {
        let evil = "a\nb\x1b[31m\u{9b}1m\u{202e}gpj\x7f";

        let text = line(false, evil, json!({ "file": evil }));
        let written = line(true, evil, json!({ "file": evil }));

        for shown in [&text, &written] {
            assert_eq!(shown.matches('\n').count(), 1, "{shown:?}");
            assert!(!shown.trim_end().chars().any(text::is_hidden), "{shown:?}");
        }
        let parsed: Value = serde_json::from_str(&written).unwrap();
        assert_eq!((parsed["message"].as_str(), parsed["context"]["file"].as_str()), (Some(evil), Some(evil)));
    }

    #[test]
    fn text_with_spaces_or_quotes_is_quoted_so_that_fields_stay_apart() {
        let written = line(false, "done", json!({ "file": "a \"b\"", "n": 1, "none": "" }));

        assert!(written.ends_with("done file=\"a \\\"b\\\"\" n=1 none=\"\"\n"), "{written}");
    }
}
