//! Many rows in one statement.

use crate::things::{SCHEMA, WORDS};
use serde::Serialize;
use store::{Db, GlobalTx, Keyed, Sql, testing};

const ADD: Sql = Sql {
    name: "words/add",
    postgres: "insert into words (word) select r.word from json_to_recordset(cast($1 as json)) as r(word text)
        on conflict (word) do nothing returning word",
    sqlite: "insert into words (word) values ($1) on conflict (word) do nothing",
};

#[derive(Serialize)]
struct Word {
    word: String,
}

impl Keyed for Word {
    type Key = (String,);

    fn row_key(&self) -> (String,) {
        (self.word.clone(),)
    }
}

fn words(numbers: impl IntoIterator<Item = usize>) -> Vec<Word> {
    numbers.into_iter().map(|n| Word { word: format!("{n:05}") }).collect()
}

async fn kept(db: &Db) -> usize {
    let mut tx = GlobalTx::read(db).await.unwrap();
    tx.fetch_all::<(String,)>(WORDS, &[]).await.unwrap().len()
}

#[tokio::test]
async fn any_number_of_rows_is_written_at_once() {
    for db in testing::both(&SCHEMA).await {
        let mut expected = 0;
        for (from, count) in [(0, 0), (10, 1), (100, 63), (1_000, 64), (10_000, 333)] {
            let mut tx = GlobalTx::begin(&db).await.unwrap();
            assert_eq!(tx.write(ADD, &words(from..from + count)).await.unwrap(), count as u64);
            tx.commit().await.unwrap();
            expected += count;
        }
        assert_eq!(kept(&db).await, expected);
    }
}

#[tokio::test]
async fn of_many_rows_it_is_known_which_were_not_there_before() {
    for db in testing::both(&SCHEMA).await {
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        assert_eq!(tx.write_new(ADD, &words(0..150)).await.unwrap(), [true; 150]);
        // Some are there, and one comes twice.
        let rows = words((100..200).chain([199, 250]));
        let new = tx.write_new(ADD, &rows).await.unwrap();
        let expected: Vec<_> = (0..102).map(|n| n >= 50 && n != 100).collect();
        assert_eq!(new, expected);
        assert!(tx.write_new(ADD, &rows).await.unwrap().iter().all(|new| !new));
        tx.commit().await.unwrap();
        assert_eq!(kept(&db).await, 201);
    }
}
