//! How private data and frames are packed: ContentEncodings (RFC 9559 §5.1.4.1.31).

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
};

/// More encodings on top of each other than any file has.
const MOST_ENCODINGS: usize = 8;
/// Unpacked private data never grow beyond this.
const LARGEST: usize = 64 << 10;
/// Unpacked beginnings of frames.
const LARGEST_START: usize = 4 << 10;

/// One layer of packing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    order: u64,
    in_frames: bool,
    in_private: bool,
    method: Method,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Method {
    Zlib,
    /// Every frame lacks these first bytes.
    HeaderStripping(Vec<u8>),
    Encryption,
    Unknown,
}

pub fn read(file: &mut File<'_>, encodings: &Element) -> Result<Vec<Encoding>, ReadError> {
    let mut read = Vec::new();
    let mut walk = Walk::inside(encodings);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::CONTENT_ENCODING && read.len() < MOST_ENCODINGS {
            read.push(read_one(file, &child)?);
        }
    }
    // Written in the order in which they were put on; taken off in the reverse.
    read.sort_by_key(|encoding| std::cmp::Reverse(encoding.order));
    Ok(read)
}

fn read_one(file: &mut File<'_>, encoding: &Element) -> Result<Encoding, ReadError> {
    let (mut order, mut scope, mut kind) = (0, 1, 0);
    let mut compression = Method::Zlib;
    let mut walk = Walk::inside(encoding);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::CONTENT_ENCODING_ORDER => order = ebml::unsigned(file, &child)?.unwrap_or(0),
            ids::CONTENT_ENCODING_SCOPE => scope = ebml::unsigned(file, &child)?.unwrap_or(1),
            ids::CONTENT_ENCODING_TYPE => kind = ebml::unsigned(file, &child)?.unwrap_or(0),
            ids::CONTENT_COMPRESSION => compression = read_compression(file, &child)?,
            _ => {}
        }
    }
    let method = match kind {
        0 => compression,
        1 => Method::Encryption,
        _ => Method::Unknown,
    };
    Ok(Encoding { order, in_frames: scope & 1 != 0, in_private: scope & 2 != 0, method })
}

fn read_compression(file: &mut File<'_>, compression: &Element) -> Result<Method, ReadError> {
    let (mut algorithm, mut settings) = (0, Vec::new());
    let mut walk = Walk::inside(compression);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::CONTENT_COMP_ALGO => algorithm = ebml::unsigned(file, &child)?.unwrap_or(0),
            ids::CONTENT_COMP_SETTINGS => settings = ebml::binary(file, &child, 64)?,
            _ => {}
        }
    }
    Ok(match algorithm {
        0 => Method::Zlib,
        3 => Method::HeaderStripping(settings),
        _ => Method::Unknown,
    })
}

/// Whether the frames of a track are encrypted.
pub fn is_encrypted(encodings: &[Encoding]) -> bool {
    encodings.iter().any(|encoding| encoding.method == Method::Encryption)
}

/// Unpacks private data, `None` when it cannot be done.
pub fn unpack_private(encodings: &[Encoding], packed: Vec<u8>) -> Option<Vec<u8>> {
    encodings.iter().filter(|encoding| encoding.in_private).try_fold(packed, unpack)
}

/// Whether private data must be had whole to be unpacked.
pub fn is_private_packed(encodings: &[Encoding]) -> bool {
    encodings.iter().any(|encoding| encoding.in_private)
}

/// Unpacks the beginning of a frame, `None` when the beginning alone cannot be unpacked.
pub fn unpack_frame_start(encodings: &[Encoding], packed: Vec<u8>) -> Option<Vec<u8>> {
    encodings.iter().filter(|encoding| encoding.in_frames).try_fold(packed, |packed, encoding| match encoding.method {
        Method::HeaderStripping(_) => unpack(packed, encoding),
        Method::Zlib => Some(inflate_start(&packed)),
        Method::Encryption | Method::Unknown => None,
    })
}

/// Inflates as much as the beginning of a stream gives.
fn inflate_start(packed: &[u8]) -> Vec<u8> {
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

    let mut start = vec![0; LARGEST_START];
    let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
        | inflate_flags::TINFL_FLAG_HAS_MORE_INPUT
        | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (_, _, length) = decompress(&mut DecompressorOxide::new(), packed, &mut start, 0, flags);
    start.truncate(length);
    start
}

fn unpack(packed: Vec<u8>, encoding: &Encoding) -> Option<Vec<u8>> {
    match &encoding.method {
        Method::Zlib => miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, LARGEST).ok(),
        Method::HeaderStripping(first) => Some([first.as_slice(), &packed].concat()),
        Method::Encryption | Method::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(order: u64, method: Method) -> Encoding {
        Encoding { order, in_frames: true, in_private: true, method }
    }

    #[test]
    fn private_data_are_unpacked_layer_by_layer() {
        let zipped = miniz_oxide::deflate::compress_to_vec_zlib(b"ivate", 6);
        let layers = [layer(1, Method::Zlib), layer(0, Method::HeaderStripping(b"pr".to_vec()))];

        assert_eq!(unpack_private(&layers, zipped).as_deref(), Some(&b"private"[..]));
        assert_eq!(unpack_private(&layers, b"no zlib".to_vec()), None);
    }

    #[test]
    fn what_inflates_beyond_the_limit_is_refused() {
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; LARGEST + 1], 6);

        assert_eq!(unpack_private(&[layer(0, Method::Zlib)], bomb), None);
    }

    #[test]
    fn the_start_of_a_frame_is_unpacked_as_far_as_it_goes() {
        let stripped = [layer(0, Method::HeaderStripping(vec![0x0B, 0x77]))];
        let frame: Vec<u8> = (0..4000u32).map(|at| (at * at % 251) as u8).collect();
        let zipped = miniz_oxide::deflate::compress_to_vec_zlib(&frame, 6);

        let start = unpack_frame_start(&[layer(0, Method::Zlib)], zipped[..zipped.len() / 2].to_vec()).unwrap();

        assert!(start.len() > 100 && frame.starts_with(&start), "{} bytes", start.len());
        assert_eq!(unpack_frame_start(&stripped, vec![1]), Some(vec![0x0B, 0x77, 1]));
        assert_eq!(unpack_frame_start(&[layer(0, Method::Zlib)], b"no zlib".to_vec()), Some(Vec::new()));
        assert_eq!(unpack_frame_start(&[layer(0, Method::Encryption)], vec![1]), None);
    }
}
