use super::*;
use futures::executor::block_on;
use proptest::prelude::*;
use std::{collections::BTreeMap, fs};

const ROOM: u64 = 64 * 1024 * 1024;

fn request(grant: u64, tokens: i64) -> SettleRequest {
    let tokens = Some(proto::usage::Tokens { input: tokens, ..Default::default() });
    SettleRequest { grant_id: format!("req_{grant}/1"), workspace_id: "ws_1".to_owned(), tokens, ..Default::default() }
}

/// A new process: the spool, and what the ones before owe.
fn open(dir: &Path) -> (Arc<Spool>, Vec<SettleRequest>, Vec<Debt>) {
    let (spool, left) = block_on(Spool::open(dir, ROOM)).expect("a spool");
    let (requests, debts) = left.into_iter().unzip();
    (spool, requests, debts)
}

fn owed(dir: &Path) -> Vec<SettleRequest> {
    open(dir).1
}

#[test]
fn what_a_killed_process_owed_is_found_by_the_next_and_what_it_paid_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, left, _) = open(dir.path());
    assert!(left.is_empty());
    let first = spool.owe(&request(1, 10), None).unwrap();
    let second = spool.owe(&request(2, 20), None).unwrap();
    first.paid();
    // The third takes along that the first is paid.
    let third = spool.owe(&request(3, 30), None).unwrap();
    drop(spool);
    drop(third);
    drop(second);
    assert_eq!(owed(dir.path()), [request(2, 20), request(3, 30)]);
    assert_eq!(owed(dir.path()), [request(2, 20), request(3, 30)], "until it is paid, by whomever");
    let (_, _, debts) = open(dir.path());
    debts.into_iter().for_each(Debt::paid);
    assert!(owed(dir.path()).is_empty());
}

#[test]
fn the_last_word_about_a_grant_counts() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, ..) = open(dir.path());
    let first = spool.owe(&request(1, 10), None);
    let last = spool.owe(&request(1, 11), first).unwrap();
    assert_eq!(spool.state().owed.len(), 1);
    drop(spool);
    drop(last);
    assert_eq!(owed(dir.path()), [request(1, 11)]);
}

#[test]
fn processes_share_a_folder_and_whoever_starts_takes_over_what_has_no_owner() {
    let dir = tempfile::tempdir().unwrap();
    let (one, ..) = open(dir.path());
    let (two, left, _) = open(dir.path());
    assert!(left.is_empty(), "the first is alive");
    drop(one.owe(&request(1, 1), None));
    drop(two.owe(&request(2, 2), None));
    drop(two);
    let (three, left, _) = open(dir.path());
    assert_eq!(left, [request(2, 2)]);
    drop((one, three));
    let mut left = owed(dir.path());
    left.sort_by(|a, b| a.grant_id.cmp(&b.grant_id));
    assert_eq!(left, [request(1, 1), request(2, 2)], "once, though both places held something");
    assert_eq!(owed(dir.path()).len(), 2);
}

#[test]
fn files_go_once_everything_in_them_is_paid_and_stay_before() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, ..) = open(dir.path());
    let files = || fs::read_dir(dir.path().join("0")).unwrap().count();
    let long = SettleRequest { error_message: "x".repeat(100_000), ..request(0, 0) };
    let oldest = spool.owe(&long, None).unwrap();
    for _ in 0..100 {
        spool.owe(&long, None).unwrap().paid();
    }
    assert!(files() > 5, "the oldest is owed");
    oldest.paid();
    assert_eq!(files(), 2, "the file being written, and the lock");
}

#[test]
fn a_full_spool_takes_nothing_and_takes_again_once_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, _) = block_on(Spool::open(dir.path(), 1)).unwrap();
    let long = SettleRequest { error_message: "x".repeat(900_000), ..request(1, 0) };
    let first = spool.owe(&long, None).unwrap();
    assert!(spool.owe(&request(2, 0), None).is_none());
    let kept = spool.owe(&request(1, 5), Some(first)).expect("what was written down before stays");
    kept.paid();
    drop(spool);
    assert!(owed(dir.path()).is_empty());
}

#[test]
fn damage_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let (spool, ..) = open(dir.path());
    for grant in 0..5 {
        drop(spool.owe(&request(grant, 1), None));
    }
    drop(spool);
    let file = dir.path().join("0/00000000000000000001.journal");
    let mut bytes = fs::read(&file).unwrap();
    bytes[20] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = block_on(Spool::open(dir.path(), ROOM)).err().expect("damage").to_string();
    assert!(error.contains("damaged at byte 0") && error.contains("moved away"), "{error}");
}

/// What happens to a spool.
#[derive(Clone, Debug)]
enum Step {
    /// A settlement of this grant is owed.
    Owe(u64),
    /// One of those that are owed is paid.
    Pay(prop::sample::Index),
    /// The process is killed, and the last so many bytes of its file did not get there.
    Kill(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12u64).prop_map(Step::Owe),
        4 => any::<prop::sample::Index>().prop_map(Step::Pay),
        1 => prop_oneof![Just(0), 1..40usize].prop_map(Step::Kill),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is killed when: what is owed and was written is found again with its last word.
    #[test]
    fn nothing_that_is_owed_is_forgotten(steps in prop::collection::vec(step(), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let (mut spool, ..) = open(dir.path());
        let mut debts: BTreeMap<u64, (i64, Debt)> = BTreeMap::new();
        for (n, step) in steps.into_iter().enumerate() {
            let word = i64::try_from(n).unwrap();
            match step {
                Step::Owe(grant) => {
                    let before = debts.remove(&grant).map(|(_, debt)| debt);
                    let debt = spool.owe(&request(grant, word), before).unwrap();
                    debts.insert(grant, (word, debt));
                }
                Step::Pay(which) if !debts.is_empty() => {
                    let grant = *which.get(&debts.keys().copied().collect::<Vec<_>>());
                    debts.remove(&grant).unwrap().1.paid();
                }
                Step::Pay(_) => {}
                Step::Kill(torn) => {
                    let expected: BTreeMap<u64, i64> = debts.iter().map(|(grant, (word, _))| (*grant, *word)).collect();
                    debts.clear();
                    drop(spool);
                    tear(dir.path(), torn);
                    let (next, left, owed) = open(dir.path());
                    spool = next;
                    for (request, debt) in left.into_iter().zip(owed) {
                        let grant = request.grant_id[4..request.grant_id.len() - 2].parse().unwrap();
                        debts.insert(grant, (request.tokens.unwrap().input, debt));
                    }
                    if torn == 0 {
                        for (grant, word) in expected {
                            prop_assert_eq!(debts.get(&grant).map(|(word, _)| *word), Some(word));
                        }
                    }
                }
            }
        }
    }
}

/// Takes the last bytes off the file that was being written.
fn tear(dir: &Path, bytes: usize) {
    let files = fs::read_dir(dir.join("0")).unwrap().map(|file| file.unwrap().path());
    let newest = files.filter(|file| file.extension().is_some_and(|e| e == "journal")).max().unwrap();
    let length = newest.metadata().unwrap().len().saturating_sub(bytes as u64);
    fs::OpenOptions::new().write(true).open(newest).unwrap().set_len(length).unwrap();
}
