//! Which attachments stay: fonts while styled subtitles need them, covers, the rest.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Attachment;
use vpo_plugin_sdk::policy::Reason;
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::TrackExt;

use crate::options::{Fonts, KeepOrRemove, Tracks};

pub fn keep(options: &Tracks, draft: &mut Draft<'_>) {
    let Some(wish) = &options.attachments else { return };
    let needed = draft.facts().tracks.iter().any(|track| track.is_styled());
    let mut lost_fonts = 0;
    for attachment in draft.facts().attachments.clone() {
        let reason = |text: &str| -> Reason {
            because(text)
                .asked_by(wish.node)
                .input("name", attachment.name.as_str())
                .input("media-type", attachment.media_type.as_str())
        };
        let (stays, reason) = if attachment.is_cover {
            match wish.covers {
                Some(KeepOrRemove::Remove) => (false, reason("Cover pictures are to be removed.")),
                Some(KeepOrRemove::Keep) => (true, reason("Cover pictures are kept.")),
                None => continue,
            }
        } else if is_font(&attachment) {
            match wish.fonts {
                Some(Fonts::Remove) => {
                    lost_fonts += 1;
                    (false, reason("Fonts are to be removed."))
                }
                Some(Fonts::Needed) if needed => (true, reason("A styled subtitle needs the fonts.")),
                Some(Fonts::Needed) => (false, reason("No styled subtitle is left that needs the fonts.")),
                Some(Fonts::Keep) => (true, reason("Fonts are kept.")),
                None => continue,
            }
        } else {
            match wish.others {
                Some(KeepOrRemove::Remove) => {
                    (false, reason("Attachments that are no font and no cover are to be removed."))
                }
                Some(KeepOrRemove::Keep) => (true, reason("Attachments are kept.")),
                None => continue,
            }
        };
        if stays {
            draft.leave_alone(None, reason);
        } else {
            draft.remove_attachment(attachment.id, reason);
        }
    }
    if needed && lost_fonts > 0 {
        draft.warn(format!("{lost_fonts} fonts go although a styled subtitle stays, which will look different"));
    }
}

/// By media type, or by extension where the type says nothing: many files call their fonts `application/octet-stream`.
fn is_font(attachment: &Attachment) -> bool {
    let media_type = attachment.media_type.to_ascii_lowercase();
    let name = attachment.name.to_ascii_lowercase();
    media_type.starts_with("font/")
        || media_type.contains("truetype")
        || media_type.contains("opentype")
        || media_type.contains("x-font")
        || media_type.contains("font-")
        || [".ttf", ".otf", ".ttc", ".woff", ".woff2"].iter().any(|extension| name.ends_with(extension))
}
