//! Mistakes in profiles and settings, drawn into the text they are in.

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, NamedSource, Severity, SourceCode,
    SourceSpan, SpanContents,
};
use serde_json::json;
use vpo::kdl_read::{Mistake as Slip, Mistakes};
use vpo::library::ChoiceError;
use vpo::media::text;
use vpo::profile::ProfileError;

use super::Mistake;

/// Columns of a drawing; longer explanations are wrapped.
const WIDTH: usize = 110;

/// Bytes of an explanation, and of a line that is drawn.
const WORDS_MAX: usize = 2000;

/// Draws every mistake with the line it is in.
pub fn draw(mistakes: &Mistakes, color: bool) -> String {
    let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_context_lines(1).with_width(WIDTH);
    let mut drawn = String::new();
    for slip in mistakes.iter() {
        let text = slip.place.text();
        let source = NamedSource::new(text::visible(&text.name), harmless(&text.content));
        let drawing = Drawing { slip, source: WholeLine(source) };
        handler.render_report(&mut drawn, &drawing).expect("a String takes all");
    }
    drawn.trim_end().to_owned()
}

/// The text without what would act on a terminal, and with every place where it was.
fn harmless(content: &str) -> String {
    let stand_in = |c: char| match c {
        '\n' | '\t' => c,
        c if text::visible(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() => c,
        c => ['?', '¿', '\u{fffd}', '\u{fffd}'][c.len_utf8() - 1],
    };
    content.chars().map(stand_in).collect()
}

/// One mistake as miette draws it.
#[derive(Debug)]
struct Drawing<'a> {
    slip: &'a Slip,
    source: WholeLine,
}

/// A text of which every excerpt is the line that a mistake is in, and no more.
#[derive(Debug)]
struct WholeLine(NamedSource<String>);

impl WholeLine {
    fn is_short_at(&self, offset: usize) -> bool {
        let text = self.0.inner();
        let before = text[..offset].len() - text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        let after = text[offset..].find('\n').unwrap_or(text.len() - offset);
        before + after <= WORDS_MAX
    }
}

impl SourceCode for WholeLine {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // The place alone is asked for with no lines around it, for the heading.
        if before == 0 && after == 0 {
            return self.0.read_span(span, 0, 0);
        }
        let text = self.0.inner();
        let end = span.offset() + span.len();
        let from = text[..span.offset()].rfind('\n').map_or(0, |newline| newline + 1);
        let to = text[end..].find('\n').map_or(text.len(), |newline| end + newline);
        self.0.read_span(&(from, to - from).into(), 0, 0)
    }
}

impl std::fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(text::capped(&self.slip.what, WORDS_MAX))
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let expected = self.slip.expected.as_ref()?;
        Some(Box::new(format!("expected {expected}")))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        // Nobody finds a place in a line of megabytes; the heading names it all the same.
        self.source.is_short_at(self.slip.place.offset()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.slip.nearest.as_ref().map(|nearest| format!("did you mean {nearest}?"));
        let place = &self.slip.place;
        Some(Box::new(std::iter::once(LabeledSpan::new(label, place.offset(), place.length()))))
    }
}

impl Mistake {
    /// Mistakes in a text that a person wrote.
    pub fn in_text(code: &'static str, message: impl Into<String>, mistakes: &Mistakes) -> Self {
        let mut mistake = Self::misused(code, message).details(json!({ "mistakes": mistakes }));
        mistake.slips = Some(Box::new(mistakes.clone()));
        mistake
    }
}

impl From<ProfileError> for Mistake {
    fn from(error: ProfileError) -> Self {
        match &error {
            ProfileError::BadName { name } => {
                Self::because("PROFILE_NAME_REFUSED", &error).details(json!({ "profile": name }))
            }
            ProfileError::Unknown { name, known, nearest } => {
                let there_are = match known.as_slice() {
                    [] => format!("there are none yet; `vpo profiles new {name}` writes it"),
                    known => format!("there are: {}", known.join(", ")),
                };
                let hint = match nearest {
                    Some(nearest) => format!("did you mean {nearest}? {there_are}"),
                    None => there_are,
                };
                let details = json!({ "profile": name, "known": known, "nearest": nearest });
                Self::because("PROFILE_NOT_FOUND", &error).hint(hint).details(details)
            }
            ProfileError::Unreadable { path, .. } => {
                Self::because("PROFILE_UNREADABLE", &error).details(json!({ "file": path.display().to_string() }))
            }
            ProfileError::Mistaken { mistakes, .. } => Self::in_text("PROFILE_MISTAKEN", error.to_string(), mistakes),
        }
    }
}

impl From<ChoiceError> for Mistake {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::Profile(error) => error.into(),
            ChoiceError::Unreadable { ref path, .. } => {
                Self::because("CONFIG_UNREADABLE", &error).details(json!({ "file": path.display().to_string() }))
            }
            ChoiceError::NoSuchPolicy { ref known, .. } => {
                Self::misused("POLICY_NOT_FOUND", error.to_string()).hint(format!("it has {}", known.join(", ")))
            }
            ChoiceError::Mistaken { ref mistakes, .. } => Self::in_text("CONFIG_MISTAKEN", error.to_string(), mistakes),
        }
    }
}
