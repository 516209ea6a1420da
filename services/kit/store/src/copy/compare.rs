//! Is every row there, and does it say the same?

use super::{Copied, Part, source, tables::Table};
use crate::{Error, Value};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgTransaction};
use std::collections::BTreeMap;

/// Reads both sides row by row. Errors: the first difference, with table and key.
pub(super) async fn table(tx: &mut PgTransaction<'_>, part: &Part, table: &Table) -> Result<Copied, Error> {
    let name = table.name(part);
    let mut connection = source::connect(&part.from).await?;
    let mut here = std::pin::pin!(source::rows(&mut connection, table));
    let sql = format!("select {} from {} order by {}", table.list(), table.place, table.order(true));
    let mut there = std::pin::pin!(sqlx::query(AssertSqlSafe(sql)).fetch(&mut **tx));
    let (mut rows, mut of_here, mut of_there) = (0, Sha256::new(), Sha256::new());
    loop {
        let source = here.next().await.transpose().map_err(|e| part.from.failed(e))?;
        let target = there.next().await.transpose().map_err(|e| part.to.failed(e))?;
        let target: Option<Vec<Value>> = target
            .map(|row| table.columns.iter().enumerate().map(|(at, c)| c.kind.postgres(&row, at)).collect())
            .transpose()
            .map_err(|e| part.to.failed(e))?;
        match (source, target) {
            (None, None) => break,
            (Some(row), None) => return Err(differs(&name, &key(table, &row), "is not on PostgreSQL")),
            (None, Some(row)) => return Err(differs(&name, &key(table, &row), "is on PostgreSQL only")),
            (Some(row), Some(copy)) => {
                if table.key.iter().any(|at| !is_same(&row[*at], &copy[*at])) {
                    let other = key(table, &copy);
                    let how = format!("is not on PostgreSQL, where {other} is in its place");
                    return Err(differs(&name, &key(table, &row), &how));
                }
                if let Some(at) = (0..row.len()).find(|at| !is_same(&row[*at], &copy[*at])) {
                    let column = &table.columns[at].name;
                    return Err(differs(&name, &key(table, &row), &format!("has another {column} on PostgreSQL")));
                }
                digest(&mut of_here, &row);
                digest(&mut of_there, &copy);
                rows += 1;
            }
        }
    }
    let (digest, copy) = (hex::encode(of_here.finalize()), hex::encode(of_there.finalize()));
    if digest != copy {
        return Err(Error::Setup(format!("{name}: the digests of both sides differ, {digest} and {copy}")));
    }
    Ok(Copied { schema: part.to.schema().name, table: table.name.clone(), rows, digest })
}

fn differs(table: &str, key: &str, how: &str) -> Error {
    Error::Setup(format!("{table}: the row {key} {how}. Nothing was copied"))
}

/// The key of a row, for people.
pub(super) fn key(table: &Table, row: &[Value]) -> String {
    let shown = |at: &usize| format!("{}={}", table.columns[*at].name, text(&row[*at]));
    format!("({})", table.key.iter().map(shown).collect::<Vec<_>>().join(", "))
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(Some(text)) => format!("{text:?}"),
        Value::Int(Some(number)) => number.to_string(),
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::Blob(Some(bytes)) => hex::encode(bytes),
        Value::Time(Some(at)) => at.to_rfc3339(),
        Value::Uuid(Some(id)) => id.to_string(),
        Value::Json(Some(json)) => json.to_string(),
        _ => "null".to_owned(),
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Blob(a), Value::Blob(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Uuid(a), Value::Uuid(b)) => a == b,
        (Value::Json(a), Value::Json(b)) => a.as_ref().map(json) == b.as_ref().map(json),
        _ => false,
    }
}

fn digest(sum: &mut Sha256, row: &[Value]) {
    for value in row {
        let bytes = match value {
            Value::Text(v) => v.as_ref().map(|v| v.clone().into_bytes()),
            Value::Int(v) => v.map(|v| v.to_be_bytes().to_vec()),
            Value::Bool(v) => v.map(|v| vec![u8::from(v)]),
            Value::Blob(v) => v.clone(),
            Value::Time(v) => v.map(|v| v.timestamp_micros().to_be_bytes().to_vec()),
            Value::Uuid(v) => v.map(|v| v.as_bytes().to_vec()),
            Value::Json(v) => v.as_ref().map(|v| json(v).into_bytes()),
        };
        // A length that no value has: nothing is there.
        let length = bytes.as_ref().map_or(u64::MAX, |bytes| bytes.len() as u64);
        sum.update(length.to_be_bytes());
        sum.update(bytes.unwrap_or_default());
    }
}

/// JSON in one way of writing it. PostgreSQL keeps numbers as decimals: `1e16` comes back as `10000000000000000`.
pub(super) fn json(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or_default();
            // Also minus zero, which PostgreSQL does not know.
            if float.fract() == 0.0 && float.abs() < 1e300 { format!("{:.0}", float + 0.0) } else { float.to_string() }
        }
        serde_json::Value::Array(all) => format!("[{}]", all.iter().map(json).collect::<Vec<_>>().join(",")),
        serde_json::Value::Object(all) => {
            // Sorted, whatever the map does by itself.
            let sorted: BTreeMap<_, _> = all.iter().collect();
            let field = |(name, value)| format!("{}:{}", serde_json::Value::from(String::clone(name)), json(value));
            format!("{{{}}}", sorted.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn a_number_is_the_same_however_a_database_writes_it() {
        let read = |text: &str| json(&serde_json::from_str(text).unwrap());
        assert_eq!(
            read(r#"{"b":[1e16,-0.0,5.0,0.1],"a":null}"#),
            read(r#"{"a":null,"b":[10000000000000000,0,5,0.10]}"#)
        );
        assert_eq!(read("1e300"), read(&format!("1{}", "0".repeat(300))));
        for (one, other) in [("1", "1.5"), ("0.1", "0.2"), (r#""1""#, "1"), ("[1]", "[1,1]"), ("true", "null")] {
            assert_ne!(read(one), read(other));
        }
    }
}
