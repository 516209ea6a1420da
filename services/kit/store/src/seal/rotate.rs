//! Seals again what an old master key has sealed, while everything runs.
//!
//! A service says which of its columns the master key seals directly ([`Column`]). What a data key of a workspace seals
//! is not touched: the wrapped data key is one of those columns. Each value is exchanged only if it is still the one that
//! was opened, a few at a time, so that it may be done from several places at once and be stopped at any moment.

use super::{MasterKey, sealer::KEY_ID_AT};
use crate::{
    Db, Error, SystemTx, Value,
    column::{Kind, change, list, quoted, select},
};
use zeroize::Zeroizing;

/// Values of one transaction.
const BATCH: usize = 200;

/// Values that the master key seals directly.
#[derive(Clone, Copy)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name. Empty and absent values are no sealed ones.
    pub name: &'static str,
    /// The primary key of the table, in its order.
    pub key: &'static [(&'static str, Part)],
    /// What a value is sealed for, by the primary key of its row.
    pub place: fn(&[Value]) -> Vec<u8>,
}

/// What a column of a primary key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A uuid or an id.
    Uuid,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// Who has sealed the values of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// By each key of the ring, in its order.
    pub by: Vec<u64>,
    /// By keys that are not there.
    pub by_others: u64,
}

impl Column {
    /// For people: table and column.
    pub fn label(&self) -> String {
        format!("{}.{}", self.table, self.name)
    }

    /// How many values each key has sealed. Errors: the database cannot be used.
    pub async fn count(&self, db: &Db, ring: &MasterKey) -> Result<Sealed, Error> {
        let mut tx = SystemTx::read(db, "count what the master key has sealed").await?;
        let (table, name) = (quoted(self.table), quoted(self.name));
        let mut count = async |condition: &str, values: &[Value]| {
            let sql = format!("select cast(count(*) as bigint) from {table} where {condition}");
            let rows = select(tx.open_mut(), &sql, values, &[Kind::Int]).await.map_err(|e| db.failed(e))?;
            Ok::<_, Error>(match rows.first().and_then(|row| row.first()) {
                Some(Value::Int(Some(count))) => u64::try_from(*count).unwrap_or(0),
                _ => 0,
            })
        };
        let mut by_others = count(&format!("length({name}) > 0"), &[]).await?;
        let mut by = vec![];
        for key in ring.each() {
            let sealed = count(&self.sealed_by("$1"), &[key.id().to_vec().into()]).await?;
            by_others = by_others.saturating_sub(sealed);
            by.push(sealed);
        }
        tx.commit().await?;
        Ok(Sealed { by, by_others })
    }

    /// Seals with the first key of the ring what the others have sealed, and says how many values. Errors: the database
    /// cannot be used; a value that does not open, by table and row, once all others are done.
    pub async fn rotate(&self, db: &Db, ring: &MasterKey) -> Result<u64, Error> {
        let mut damaged = vec![];
        let done = self.rotate_past(db, ring, &mut |found| damaged.push(found)).await?;
        if damaged.is_empty() { Ok(done) } else { Err(Error::Setup(damaged.join("; "))) }
    }

    /// The same, which tells of each value that does not open, in a sentence that names its table and row, and leaves it
    /// as it is. Errors: the database cannot be used; what was done until then stays.
    pub async fn rotate_past(
        &self,
        db: &Db,
        ring: &MasterKey,
        damaged: &mut (dyn FnMut(String) + Send),
    ) -> Result<u64, Error> {
        let mut done = 0;
        for old in ring.each().skip(1) {
            let mut after: Option<Vec<Value>> = None;
            loop {
                let rows = self.next(db, &old, after.as_deref()).await?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                done += self.exchange(db, ring, &rows, damaged).await?;
            }
        }
        Ok(done)
    }

    /// The next rows that `old` has sealed: their keys, and the values.
    async fn next(
        &self,
        db: &Db,
        old: &MasterKey,
        after: Option<&[Value]>,
    ) -> Result<Vec<(Vec<Value>, Vec<u8>)>, Error> {
        let keys = list(self.key.iter().map(|(name, _)| *name));
        let place = |n| format!("${n}");
        let beyond = after.map(|_| {
            let values: Vec<_> = (2..self.key.len() + 2).map(place).collect();
            format!(" and ({keys}) > ({})", values.join(", "))
        });
        let sql = format!(
            "select {keys}, {} from {} where {}{} order by {keys} limit {BATCH}",
            quoted(self.name),
            quoted(self.table),
            self.sealed_by("$1"),
            beyond.unwrap_or_default()
        );
        let mut values = vec![Value::from(old.id().to_vec())];
        values.extend(after.unwrap_or_default().iter().cloned());
        let kinds: Vec<Kind> = self.key.iter().map(|(_, part)| part.kind()).chain([Kind::Blob]).collect();
        let mut tx = SystemTx::read(db, "rotate the master key").await?;
        let rows = select(tx.open_mut(), &sql, &values, &kinds).await.map_err(|e| db.failed(e))?;
        tx.commit().await?;
        let parts = |mut row: Vec<Value>| match row.pop() {
            Some(Value::Blob(Some(sealed))) => Some((row, sealed)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(parts).collect())
    }

    async fn exchange(
        &self,
        db: &Db,
        ring: &MasterKey,
        rows: &[(Vec<Value>, Vec<u8>)],
        damaged: &mut (dyn FnMut(String) + Send),
    ) -> Result<u64, Error> {
        let sealer = ring.sealer();
        let is_it: Vec<_> = self.key.iter().zip(3..).map(|((name, _), n)| format!("{} = ${n}", quoted(name))).collect();
        let name = quoted(self.name);
        let table = quoted(self.table);
        // Whoever has changed it since is right.
        let sql = format!("update {table} set {name} = $1 where {name} = $2 and {}", is_it.join(" and "));
        let mut tx = SystemTx::begin(db, "rotate the master key").await?;
        let mut done = 0;
        for (key, sealed) in rows {
            let place = (self.place)(key);
            let opened: Zeroizing<Vec<u8>> = match sealer.open(sealed, &place) {
                Ok(opened) => opened,
                Err(why) => {
                    let column = self.label();
                    damaged(format!("{}.{column}: the value of {key:?} was not sealed again: {why}", db.schema().name));
                    continue;
                }
            };
            let mut values = vec![sealer.seal(&opened, &place).into(), sealed.clone().into()];
            values.extend(key.iter().cloned());
            done += change(tx.open_mut(), &sql, &values).await.map_err(|e| db.failed(e))?;
        }
        tx.commit().await?;
        Ok(done)
    }

    fn sealed_by(&self, key: &str) -> String {
        // The same words on both databases, and the same bytes.
        format!("substr({}, {KEY_ID_AT}, {}) = {key}", quoted(self.name), super::sealer::KEY_ID)
    }
}

impl Part {
    const fn kind(self) -> Kind {
        match self {
            Self::Uuid => Kind::Uuid,
            Self::Text => Kind::Text,
            Self::Bytes => Kind::Blob,
        }
    }
}

impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("table", &self.table).field("name", &self.name).finish_non_exhaustive()
    }
}
