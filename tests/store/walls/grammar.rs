//! Reads statements as each database does.

use sqlparser::{
    ast::Statement,
    dialect::{PostgreSqlDialect, SQLiteDialect},
    parser::Parser,
};

/// Which database reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

/// What the parser does not know, and what stands for it: the same rows, locked or kept differently.
const UNKNOWN: [(&str, &str); 2] = [(" for key share", " for share"), (" as materialized (", " as (")];

/// The statement of a file. Errors: what is wrong with it, or that it is more than one.
pub fn parse(text: &str, dialect: Dialect) -> Result<Statement, String> {
    let text = UNKNOWN.iter().fold(text.to_owned(), |text, (unknown, known)| text.replace(unknown, known));
    let parsed = match dialect {
        Dialect::Postgres => Parser::parse_sql(&PostgreSqlDialect {}, &text),
        Dialect::Sqlite => Parser::parse_sql(&SQLiteDialect {}, &text),
    };
    let [statement] = <[Statement; 1]>::try_from(parsed.map_err(|error| error.to_string())?)
        .map_err(|all| format!("{} statements are in it, and one belongs there", all.len()))?;
    Ok(statement)
}
