//! Attached files: fonts, covers. Their content is never read.

use vpo_plugin_sdk::facts::Attachment;
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
};

/// Attachments that are read.
const MOST_ATTACHMENTS: usize = 1000;
/// Bytes that are read at each: all but the content is short, and a film may have dozens of fonts.
const WINDOW: u32 = 512;

/// The attachments of a file, and whether there are more.
#[derive(Debug, Default)]
pub struct Attachments {
    pub attachments: Vec<Attachment>,
    pub is_cut: bool,
}

/// Reads the names and sizes of the attachments in file order.
pub fn read(file: &mut File<'_>, element: &Element) -> Result<Attachments, ReadError> {
    let window = file.set_window(WINDOW);
    let read = read_all(file, element);
    file.set_window(window);
    read
}

fn read_all(file: &mut File<'_>, element: &Element) -> Result<Attachments, ReadError> {
    let mut read = Attachments::default();
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        if child.id != ids::ATTACHED_FILE {
            continue;
        }
        if read.attachments.len() == MOST_ATTACHMENTS {
            read.is_cut = true;
            break;
        }
        let id = read.attachments.len() as u32;
        read.attachments.push(read_one(file, &child, id)?);
    }
    read.is_cut |= walk.damage.is_some();
    Ok(read)
}

fn read_one(file: &mut File<'_>, attached: &Element, id: u32) -> Result<Attachment, ReadError> {
    let (name, media_type) = (String::new(), String::new());
    let mut read = Attachment { id, name, media_type, description: None, size: 0, is_cover: false };
    let mut walk = Walk::inside(attached);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::FILE_NAME => read.name = ebml::text(file, &child)?.unwrap_or_default(),
            ids::FILE_MEDIA_TYPE => read.media_type = ebml::text(file, &child)?.unwrap_or_default(),
            ids::FILE_DESCRIPTION => read.description = ebml::text(file, &child)?,
            ids::FILE_DATA => read.size = child.claimed.unwrap_or(child.length()),
            _ => {}
        }
    }
    read.is_cover = is_cover(&read.name, &read.media_type);
    Ok(read)
}

/// Whether an attachment is a picture of the film: by its type, or by the names that RFC 9559 §21.1 sets.
fn is_cover(name: &str, media_type: &str) -> bool {
    let name = name.to_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    let is_named_so = matches!(stem, "cover" | "small_cover" | "cover_land" | "small_cover_land")
        && matches!(extension, "jpg" | "jpeg" | "png" | "webp" | "gif");
    is_named_so || media_type.to_ascii_lowercase().starts_with("image/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_known_by_its_name_or_its_type() {
        assert!(is_cover("cover.jpg", "application/octet-stream"));
        assert!(is_cover("Cover_Land.PNG", ""));
        assert!(is_cover("poster", "image/jpeg"));
        assert!(!is_cover("Font.ttf", "font/ttf"));
        assert!(!is_cover("cover.txt", "text/plain"));
    }
}
