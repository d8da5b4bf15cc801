//! SQLite: one file for each table family, queries as functions, migrations. The only home of rusqlite.
