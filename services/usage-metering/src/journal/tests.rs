use super::{record, segment, *};
use crate::{
    Error,
    config::Fsync,
    event::{Admitted, Event, Settled},
};
use proptest::prelude::*;
use segment::End;
use std::{fs, path::Path};
use uuid::Uuid;

fn event(n: u64) -> Event {
    let id = Uuid::from_u128(u128::from(n) + 1).into();
    let workspace = Uuid::from_u128(7).into();
    if n.is_multiple_of(3) {
        Event::Settled(Settled { workspace, request: id, attempt: 1, ..Settled::default() })
    } else {
        let model = "m".repeat(usize::try_from(n % 50).unwrap());
        Event::Admitted(Admitted { workspace, request: id, attempt: 1, model, ..Admitted::default() })
    }
}

/// A file of `count` records that begins with sequence 1, and where each record ends.
fn file(count: u64) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends) = (vec![], vec![0]);
    for n in 0..count {
        record::write(n + 1, &event(n), &mut bytes);
        ends.push(bytes.len());
    }
    (bytes, ends)
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_has_exactly_the_whole_records_before(count in 0u64..40, cut: prop::sample::Index) {
        let (bytes, ends) = file(count);
        let cut = cut.index(bytes.len() + 1);
        let contents = segment::read(&bytes[..cut], 1);
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        let expected: Vec<_> = (0..whole as u64).map(|n| (n + 1, event(n))).collect();
        prop_assert_eq!(contents.events, expected);
        prop_assert_eq!(contents.end, if ends.contains(&cut) { End::Whole } else { End::Torn(ends[whole]) });
    }

    #[test]
    fn a_flipped_bit_never_changes_or_skips_a_record(count in 1u64..40, at: prop::sample::Index, bit in 0u32..8) {
        let (mut bytes, ends) = file(count);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let hit = ends.iter().filter(|end| **end <= at).count() - 1;
        let contents = segment::read(&bytes, 1);
        let expected: Vec<_> = (0..hit as u64).map(|n| (n + 1, event(n))).collect();
        prop_assert_eq!(contents.events, expected);
        // In the last record it may be a torn end; before, it is damage, and is said to be.
        let last = hit as u64 + 1 == count;
        prop_assert_eq!(contents.end, if last { End::Torn(ends[hit]) } else { End::Damaged(ends[hit]) });
    }

    #[test]
    fn garbage_is_no_record(bytes: Vec<u8>) {
        prop_assert!(segment::read(&bytes, 1).events.is_empty());
    }
}

/// What recovery hands over from `position` on.
fn recovered(dir: &Path, position: u64) -> Result<(Vec<Event>, Recovered), Error> {
    let mut events = vec![];
    let recovered = futures::executor::block_on(recover(dir, position, async |some, _| {
        events.extend(some);
        Ok(())
    }))?;
    Ok((events, recovered))
}

fn begin(dir: &Path, position: u64) -> Journal {
    Journal::begin(dir, recovered(dir, position).unwrap().1, Fsync::Never).unwrap()
}

#[test]
fn what_was_appended_comes_back_after_the_folded_position() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..10 {
        assert_eq!(journal.append(&event(n)).unwrap().0, n + 1);
    }
    drop(journal);
    let (events, _) = recovered(dir.path(), 4).unwrap();
    assert_eq!(events, (4..10).map(event).collect::<Vec<_>>());
    let (events, _) = recovered(dir.path(), 10).unwrap();
    assert_eq!(events, []);
}

#[test]
fn a_process_that_starts_again_goes_on_in_a_new_file_and_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequence = 0;
    for _ in 0..3 {
        let mut journal = begin(dir.path(), sequence);
        for _ in 0..5 {
            sequence = journal.append(&event(sequence)).unwrap().0;
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    let (events, _) = recovered(dir.path(), 0).unwrap();
    assert_eq!(events, (0..15).map(event).collect::<Vec<_>>());
}

#[test]
fn a_torn_end_is_cut_and_the_next_process_starts_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..3 {
        journal.append(&event(n)).unwrap();
    }
    let path = segment::path(dir.path(), 1);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let mut journal = begin(dir.path(), 0);
    assert_eq!(journal.append(&event(2)).unwrap().0, 3, "the torn record's number is free");
    assert_eq!(recovered(dir.path(), 0).unwrap().0, (0..3).map(event).collect::<Vec<_>>());
}

#[test]
fn damage_before_the_end_stops_with_a_sentence_and_folds_nothing_of_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..9 {
        journal.append(&event(n)).unwrap();
    }
    let path = segment::path(dir.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = recovered(dir.path(), 0).unwrap_err().to_string();
    assert!(error.contains("damaged at byte 0") && error.contains("backup"), "{error}");
}

#[test]
fn a_database_that_lost_records_which_the_journal_no_longer_has_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 100);
    journal.append(&event(0)).unwrap();
    let error = recovered(dir.path(), 50).unwrap_err().to_string();
    assert!(error.contains("begins with record 101") && error.contains("holds only 50"), "{error}");
}

#[test]
fn folded_files_are_deleted_but_for_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    let long = Event::Admitted(Admitted { model: "m".repeat(60_000), ..Admitted::default() });
    let mut last = 0;
    for _ in 0..1_000 {
        last = journal.append(&long).unwrap().0;
    }
    let files = || fs::read_dir(dir.path()).unwrap().count();
    assert!(files() > 6, "60 MB are several files");
    journal.folded(0);
    assert!(files() > 6, "nothing is folded yet");
    journal.folded(last);
    assert_eq!(files(), 3, "two that are full, and the one being written");
}

#[test]
fn a_disk_that_is_full_refuses_and_leaves_no_half_record() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    journal.append(&event(1)).unwrap();
    journal.break_for_test();
    assert!(matches!(journal.append(&event(2)), Err(Error::Journal(_))));
    journal.mend_for_test();
    assert_eq!(journal.append(&event(2)).unwrap().0, 2, "it recovers by itself");
    assert_eq!(recovered(dir.path(), 0).unwrap().0, [event(1), event(2)]);
}
