use super::{record, segment, *};
use proptest::prelude::*;
use segment::End;
use std::{fs, path::Path};

const KEEP: Keep = Keep { on_disk: false, segment_bytes: 8 * 1024 * 1024, spare_files: 2 };

/// A payload that tells its number.
fn payload(n: u64) -> Vec<u8> {
    let mut text = format!("{n}:").into_bytes();
    text.resize(text.len() + usize::try_from(n % 50).unwrap(), b'm');
    text
}

fn append(journal: &mut Journal, payload: &[u8]) -> Result<(u64, u64), Error> {
    journal.append(|out| out.extend_from_slice(payload))
}

/// A file of `count` records that begins with sequence 1, and where each record ends.
fn file(count: u64) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut ends) = (vec![], vec![0]);
    for n in 0..count {
        record::write(n + 1, |out| out.extend(payload(n)), &mut bytes).unwrap();
        ends.push(bytes.len());
    }
    (bytes, ends)
}

/// What a file holds, and how it ends.
fn read(bytes: &[u8]) -> (Vec<(u64, Vec<u8>)>, End) {
    let contents = segment::read(bytes, 1);
    (contents.records.into_iter().map(|(sequence, payload)| (sequence, payload.to_vec())).collect(), contents.end)
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_has_exactly_the_whole_records_before(count in 0u64..40, cut: prop::sample::Index) {
        let (bytes, ends) = file(count);
        let cut = cut.index(bytes.len() + 1);
        let (records, end) = read(&bytes[..cut]);
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        let expected: Vec<_> = (0..whole as u64).map(|n| (n + 1, payload(n))).collect();
        prop_assert_eq!(records, expected);
        prop_assert_eq!(end, if ends.contains(&cut) { End::Whole } else { End::Torn(ends[whole]) });
    }

    #[test]
    fn a_flipped_bit_never_changes_or_skips_a_record(count in 1u64..40, at: prop::sample::Index, bit in 0u32..8) {
        let (mut bytes, ends) = file(count);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let hit = ends.iter().filter(|end| **end <= at).count() - 1;
        let (records, end) = read(&bytes);
        let expected: Vec<_> = (0..hit as u64).map(|n| (n + 1, payload(n))).collect();
        prop_assert_eq!(records, expected);
        // In the last record it may be a torn end; before, it is damage, and is said to be.
        let last = hit as u64 + 1 == count;
        prop_assert_eq!(end, if last { End::Torn(ends[hit]) } else { End::Damaged(ends[hit]) });
    }

    #[test]
    fn garbage_is_no_record(bytes: Vec<u8>) {
        prop_assert!(segment::read(&bytes, 1).records.is_empty());
    }
}

/// What recovery hands over from `position` on.
fn recovered(dir: &Path, position: Option<u64>) -> Result<(Vec<Vec<u8>>, Recovered), Error> {
    let mut records = vec![];
    let recovered = futures::executor::block_on(recover(dir, position, async |some, _| {
        records.extend(some);
        Ok::<_, Error>(())
    }))?;
    Ok((records, recovered))
}

fn begin(dir: &Path, position: u64) -> Journal {
    Journal::begin(dir, recovered(dir, Some(position)).unwrap().1, KEEP).unwrap()
}

#[test]
fn what_was_appended_comes_back_after_the_position() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..10 {
        assert_eq!(append(&mut journal, &payload(n)).unwrap().0, n + 1);
    }
    drop(journal);
    let (records, _) = recovered(dir.path(), Some(4)).unwrap();
    assert_eq!(records, (4..10).map(payload).collect::<Vec<_>>());
    let (records, _) = recovered(dir.path(), Some(10)).unwrap();
    assert!(records.is_empty());
}

#[test]
fn a_process_that_starts_again_goes_on_in_a_new_file_and_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let mut sequence = 0;
    for _ in 0..3 {
        let mut journal = begin(dir.path(), sequence);
        for _ in 0..5 {
            sequence = append(&mut journal, &payload(sequence)).unwrap().0;
        }
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    let (records, _) = recovered(dir.path(), Some(0)).unwrap();
    assert_eq!(records, (0..15).map(payload).collect::<Vec<_>>());
}

#[test]
fn a_torn_end_is_cut_and_the_next_process_starts_there() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..3 {
        append(&mut journal, &payload(n)).unwrap();
    }
    let path = segment::path(dir.path(), 1);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let mut journal = begin(dir.path(), 0);
    assert_eq!(append(&mut journal, &payload(2)).unwrap().0, 3, "the torn record's number is free");
    assert_eq!(recovered(dir.path(), Some(0)).unwrap().0, (0..3).map(payload).collect::<Vec<_>>());
}

#[test]
fn damage_before_the_end_is_an_error_and_nothing_of_the_file_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    for n in 0..9 {
        append(&mut journal, &payload(n)).unwrap();
    }
    let path = segment::path(dir.path(), 1);
    let mut bytes = fs::read(&path).unwrap();
    bytes[17] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = recovered(dir.path(), Some(0)).unwrap_err();
    assert!(matches!(&error, Error::Damaged { path: found, at: 0 } if *found == path), "{error}");
}

#[test]
fn records_that_are_missing_before_the_first_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 100);
    append(&mut journal, &payload(0)).unwrap();
    let error = recovered(dir.path(), Some(50)).unwrap_err();
    assert!(matches!(error, Error::Gap { last: 50, next: 101, .. }), "{error}");
    assert_eq!(recovered(dir.path(), None).unwrap().0, [payload(0)], "who keeps no position takes what is there");
}

#[test]
fn released_files_are_deleted_but_for_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    let long = vec![b'm'; 60_000];
    let mut last = 0;
    for _ in 0..1_000 {
        last = append(&mut journal, &long).unwrap().0;
    }
    let files = || fs::read_dir(dir.path()).unwrap().count();
    assert!(files() > 6, "60 MB are several files");
    assert!((60_000_000..60_100_000).contains(&journal.bytes()), "{}", journal.bytes());
    journal.release(0);
    assert!(files() > 6, "nothing is released yet");
    journal.release(last);
    assert_eq!(files(), 3, "two that are full, and the one being written");
    drop(journal);
    recovered(dir.path(), None).unwrap().1.remove();
    assert_eq!(files(), 0, "whoever has taken everything over needs none");
}

#[test]
fn a_disk_that_is_full_refuses_and_leaves_no_half_record() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    append(&mut journal, &payload(1)).unwrap();
    journal.break_for_test();
    assert!(matches!(append(&mut journal, &payload(2)), Err(Error::Io(_))));
    journal.mend_for_test();
    assert_eq!(append(&mut journal, &payload(2)).unwrap().0, 2, "it recovers by itself");
    assert_eq!(recovered(dir.path(), Some(0)).unwrap().0, [payload(1), payload(2)]);
}

#[test]
fn a_record_that_could_not_be_read_back_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = begin(dir.path(), 0);
    assert!(matches!(append(&mut journal, &vec![0; MAX_PAYLOAD + 1]), Err(Error::TooLong(_))));
    append(&mut journal, &vec![7; MAX_PAYLOAD]).unwrap();
    assert_eq!(recovered(dir.path(), Some(0)).unwrap().0, [vec![7; MAX_PAYLOAD]]);
}
