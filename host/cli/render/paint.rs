//! Colours and weights of terminals, in the sixteen that every one of them has.

pub const BOLD: u8 = 1;
pub const RED: u8 = 31;
pub const GREEN: u8 = 32;
pub const YELLOW: u8 = 33;
pub const BLUE: u8 = 34;

/// Text in a colour or a weight, where there are any.
pub fn painted(text: &str, how: u8, color: bool) -> String {
    if color { format!("\x1b[{how}m{text}\x1b[0m") } else { text.to_owned() }
}
