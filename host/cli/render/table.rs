//! Plain tables: columns apart by space, no lines, as wide as they are.

use comfy_table::{Attribute, Cell, Table, presets};

/// A table with a heading.
pub fn plain<const N: usize>(heading: [&str; N], rows: impl IntoIterator<Item = [String; N]>, color: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heading.map(|name| {
        let cell = Cell::new(name.to_uppercase());
        if color { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.add_rows(rows);
    let lines: Vec<String> =
        table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned()).collect();
    lines.join("\n")
}
