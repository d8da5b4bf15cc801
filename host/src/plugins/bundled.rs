//! The components inside the program; see `build.rs`.

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// Finds a bundled component by its name.
pub fn find(name: &str) -> Option<&'static [u8]> {
    BUNDLED.binary_search_by(|(bundled, _)| (*bundled).cmp(name)).ok().map(|index| BUNDLED[index].1)
}
