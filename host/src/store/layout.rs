//! Whether a database has the tables and columns that its version says. Builds of a program that is still being made share a
//! version and not always a layout; better told at once, by name, than by SQLite in the middle of something.

use std::collections::HashSet;

use rusqlite::Connection;

/// The tables of today's version, one a line, each with its columns. A test holds them against the layout.
const COLUMNS: &str = include_str!("schema/007.columns");

/// Names the first table or column that is not there. What is there beside them is nobody's business.
pub(super) fn lack(connection: &Connection) -> Result<Option<String>, rusqlite::Error> {
    let there = columns(connection)?;
    for line in COLUMNS.lines() {
        let (table, columns) = line.split_once(": ").expect("a test has read these lines");
        if there.iter().all(|(known, _)| known != table) {
            return Ok(Some(format!("the table {table}")));
        }
        let is_there = |column: &&str| there.contains(&(table.to_owned(), (*column).to_owned()));
        if let Some(column) = columns.split(' ').find(|column| !is_there(column)) {
            return Ok(Some(format!("the column {column} of the table {table}")));
        }
    }
    Ok(None)
}

fn columns(connection: &Connection) -> Result<HashSet<(String, String)>, rusqlite::Error> {
    connection
        .prepare(
            "SELECT known.name, its.name FROM sqlite_schema AS known, pragma_table_info(known.name) AS its
             WHERE known.type = 'table'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write;

    use super::*;
    use crate::store::migrations::LAYOUT;

    #[test]
    fn the_columns_are_those_of_the_layout() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(LAYOUT).unwrap();
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (table, column) in columns(&connection).unwrap() {
            tables.entry(table).or_default().push(column);
        }
        // SQLite's own.
        tables.remove("sqlite_sequence");
        let mut lines = String::new();
        for (table, mut columns) in tables {
            columns.sort();
            writeln!(lines, "{table}: {}", columns.join(" ")).unwrap();
        }

        assert!(lines == COLUMNS, "schema/007.columns is to be:\n{lines}");
        assert_eq!(lack(&connection).unwrap(), None);
    }

    #[test]
    fn what_is_lacking_is_named() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(LAYOUT).unwrap();

        connection.execute_batch("ALTER TABLE files DROP COLUMN sample_hash; CREATE TABLE notes (text)").unwrap();
        assert_eq!(lack(&connection).unwrap().as_deref(), Some("the column sample_hash of the table files"));

        connection.execute_batch("DROP TABLE events").unwrap();
        assert_eq!(lack(&connection).unwrap().as_deref(), Some("the table events"));
    }
}
