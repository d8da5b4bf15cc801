//! Tables without lines: columns apart by space, as wide as they are, or as there is room.
//!
//! Where room is short, words are kept whole: columns of words are wrapped between them, and if even that does not do, the
//! last of them go below their row.

use unicode_width::UnicodeWidthStr;

use super::paint::{BOLD, painted};

/// Spaces between columns: where there is room, and where there is not.
const GAP: usize = 2;
const NARROW_GAP: usize = 1;

/// Prose in a narrower column reads worse than below.
const PROSE: usize = 12;

/// How far in what goes below a row stands.
const BELOW: usize = 6;

/// A space that no line is broken at: between a number and its unit.
pub const TOGETHER: char = '\u{a0}';

/// What becomes of a column when there is no room for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Nothing: it is numbers, or short words.
    Whole,
    /// It is wrapped between words.
    Words,
    /// The same, unless it would get too narrow to be read.
    Prose,
}

/// One field of a row.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    paint: Option<u8>,
}

impl Cell {
    pub fn paint(self, paint: u8) -> Self {
        Self { paint: Some(paint), ..self }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.to_string(), paint: None }
    }
}

/// A table with its heading in capitals, however wide it gets.
pub fn plain<const N: usize>(heading: [&str; N], rows: impl IntoIterator<Item = [String; N]>, color: bool) -> String {
    let heading = heading.map(str::to_uppercase);
    let columns: Vec<_> = heading.iter().map(|name| (name.as_str(), Fit::Whole)).collect();
    let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| row.map(Cell::from).into()).collect();
    Layout::of(&columns, &rows, None).lines(&columns, &rows, color).join("\n")
}

/// The lines of a table for so many columns of a terminal. A column that has nothing in it is left out.
pub fn fitted<const N: usize>(
    columns: [(&str, Fit); N],
    rows: impl IntoIterator<Item = [Cell; N]>,
    width: Option<usize>,
    color: bool,
) -> Vec<String> {
    let mut rows: Vec<Vec<Cell>> = rows.into_iter().map(Vec::from).collect();
    let is_filled = std::array::from_fn::<bool, N, _>(|at| rows.iter().any(|row| !row[at].text.is_empty()));
    for row in &mut rows {
        let mut filled = is_filled.iter();
        row.retain(|_| *filled.next().expect("a row has a cell for each column"));
    }
    let columns: Vec<_> = columns.into_iter().zip(is_filled).filter_map(|(column, is)| is.then_some(column)).collect();
    Layout::of(&columns, &rows, width).lines(&columns, &rows, color)
}

/// Breaks a text between words into lines of so many columns; a longer word has a line of its own.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// How wide each column gets.
struct Layout {
    /// Of the first columns; the rest go below their row.
    widths: Vec<usize>,
    gap: usize,
    /// Columns of the terminal.
    most: usize,
}

impl Layout {
    fn of(columns: &[(&str, Fit)], rows: &[Vec<Cell>], width: Option<usize>) -> Self {
        let cells = |at: usize| rows.iter().map(move |row| row[at].text.as_str()).chain([columns[at].0]);
        let needed: Vec<Vec<usize>> =
            (0..columns.len()).map(|at| cells(at).map(UnicodeWidthStr::width).collect()).collect();
        let natural: Vec<usize> = needed.iter().map(|widths| widths.iter().copied().max().unwrap_or(0)).collect();
        let most = width.unwrap_or(usize::MAX);
        if total(&natural, GAP) <= most {
            return Self { widths: natural, gap: GAP, most };
        }
        let least = |at: usize| {
            let words = cells(at).flat_map(|text| text.split(' ')).map(UnicodeWidthStr::width).max().unwrap_or(0);
            match columns[at].1 {
                Fit::Whole => natural[at],
                Fit::Words => words,
                Fit::Prose => words.max(natural[at].min(PROSE)),
            }
        };
        let mut widths: Vec<usize> = (0..columns.len()).map(least).collect();
        while total(&widths, NARROW_GAP) > most && columns[widths.len() - 1].1 != Fit::Whole {
            widths.pop();
        }
        // What is left goes to whichever column has most cells that want it.
        for _ in total(&widths, NARROW_GAP)..most {
            let wanting = |at: &usize| needed[*at].iter().filter(|needed| **needed > widths[*at]).count();
            let Some(at) = (0..widths.len()).max_by_key(wanting).filter(|at| wanting(at) > 0) else { break };
            widths[at] += 1;
        }
        Self { widths, gap: NARROW_GAP, most }
    }

    fn lines(&self, columns: &[(&str, Fit)], rows: &[Vec<Cell>], color: bool) -> Vec<String> {
        let heading: Vec<Cell> = columns.iter().map(|(name, _)| Cell::from(name).paint(BOLD)).collect();
        let mut lines = self.row(&heading, color);
        for row in rows {
            lines.extend(self.row(row, color));
            let named = columns.iter().zip(row).skip(self.widths.len()).filter(|(_, cell)| !cell.text.is_empty());
            let below: Vec<String> = named.map(|((name, _), cell)| format!("{name}:{TOGETHER}{}", cell.text)).collect();
            if !below.is_empty() {
                let room = self.most.saturating_sub(BELOW);
                lines.extend(
                    wrapped(&below.join("; "), room).iter().map(|line| format!("{:BELOW$}{}", "", apart(line))),
                );
            }
        }
        lines
    }

    /// A row, in as many lines as its longest cell takes.
    fn row(&self, row: &[Cell], color: bool) -> Vec<String> {
        let cells: Vec<_> = row
            .iter()
            .zip(&self.widths)
            .map(|(cell, width)| (wrapped(&cell.text, *width), cell.paint, *width))
            .collect();
        let height = cells.iter().map(|(lines, ..)| lines.len()).max().unwrap_or(0);
        let line = |number: usize| {
            let mut line = String::new();
            let mut space = 0;
            for (lines, paint, width) in &cells {
                let text = lines.get(number).map_or("", String::as_str);
                if !text.is_empty() {
                    line.push_str(&" ".repeat(space));
                    line.push_str(&paint.map_or_else(|| apart(text), |paint| painted(&apart(text), paint, color)));
                    space = 0;
                }
                space += (width + self.gap).saturating_sub(text.width());
            }
            line
        };
        (0..height).map(line).collect()
    }
}

fn total(widths: &[usize], gap: usize) -> usize {
    widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1)
}

/// What was kept together is told with plain spaces.
fn apart(text: &str) -> String {
    text.replace(TOGETHER, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(width: usize) -> Vec<String> {
        let columns = [("#", Fit::Whole), ("type", Fit::Whole), ("flags", Fit::Words), ("title", Fit::Prose)];
        let row = |cells: [&str; 4]| cells.map(Cell::from);
        fitted(
            columns,
            [
                row(["0", "video", "default", ""]),
                row(["1", "audio", "default, original", "日本語 with the voices of the stage"]),
                row(["10", "audio", "commentary", "By 24\u{a0}people"]),
            ],
            Some(width),
            false,
        )
    }

    #[test]
    fn with_room_for_all_a_row_is_a_line() {
        assert_eq!(
            tracks(80),
            [
                "#   type   flags              title",
                "0   video  default",
                "1   audio  default, original  日本語 with the voices of the stage",
                "10  audio  commentary         By 24 people",
            ]
        );
    }

    #[test]
    fn words_are_wrapped_and_never_broken() {
        assert_eq!(
            tracks(40),
            [
                "#  type  flags      title",
                "0  video default",
                "1  audio default,   日本語 with the",
                "         original   voices of the stage",
                "10 audio commentary By 24 people",
            ]
        );
    }

    #[test]
    fn what_has_no_room_goes_below_its_row() {
        assert_eq!(
            tracks(26),
            [
                "#  type  flags",
                "0  video default",
                "1  audio default, original",
                "      title: 日本語 with",
                "      the voices of the",
                "      stage",
                "10 audio commentary",
                "      title: By 24 people",
            ]
        );
        assert!(tracks(12).contains(&"      flags: default".to_owned()), "{:?}", tracks(12));
        assert!(tracks(1).contains(&"      title: 日本語".to_owned()), "{:?}", tracks(1));
    }

    #[test]
    fn a_column_with_nothing_in_it_is_left_out() {
        let table = fitted([("#", Fit::Whole), ("title", Fit::Prose)], [["0".into(), "".into()]], None, true);

        assert_eq!(table, ["\x1b[1m#\x1b[0m", "0"]);
    }
}
