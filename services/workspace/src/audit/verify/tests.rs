use super::*;
use crate::audit::head::Signer;
use store::seal::MasterKey;

/// An export of so many entries, signed with this key.
fn export(master: &MasterKey, workspace: &str, entries: i64) -> Vec<String> {
    let signer = Signer::new(master);
    let (mut before, mut lines) = (BEGINNING, vec![]);
    for seq in 1..=entries {
        let at = DateTime::from_timestamp_micros(1_800_000_000_000_000 + seq * 1_000_001).unwrap();
        let mut line = Line {
            id: format!("evt_{seq}"),
            created_at: at,
            actor: "usr_1".into(),
            action: "provider.created".into(),
            subject: format!("prov_\"{seq}\"ção"),
            request_id: (seq % 2 == 0).then(|| format!("req_{seq}")),
            details: RawValue::from_string(format!(r#"{{"n":{seq},"name":"a b"}}"#)).unwrap(),
            source: "workspace".into(),
            seq: Some(seq),
            hash: None,
        };
        before = digest(&before, workspace, &line);
        line.hash = Some(hex::encode(before));
        lines.push(serde_json::to_string(&line).unwrap());
    }
    let at = DateTime::from_timestamp_micros(1_900_000_000_000_000).unwrap();
    let head = Head { workspace: workspace.into(), seq: entries, hash: before, at: at.timestamp_micros() };
    let first = First {
        head: HeadLine {
            workspace_id: workspace.into(),
            seq: entries,
            hash: hex::encode(before),
            at,
            signature: hex::encode(signer.sign(&head)),
            public_key: hex::encode(signer.public_key()),
        },
    };
    lines.insert(0, serde_json::to_string(&first).unwrap());
    lines
}

fn file(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

fn check(bytes: &[u8], known: &Known) -> Result<HeadLine, Fault> {
    verify(bytes, known)
}

fn known(master: &MasterKey) -> Known {
    Known { public_key: Some(crate::audit::head::public_key(master)), earlier: None, earlier_key: None }
}

#[test]
fn what_was_exported_is_whole() {
    let master = MasterKey::generate();
    for entries in [0, 1, 5] {
        let head = check(&file(&export(&master, "ws_1", entries)), &known(&master)).unwrap();
        assert_eq!((head.seq, head.workspace_id.as_str()), (entries, "ws_1"));
        check(&file(&export(&master, "ws_1", entries)), &Known::default()).unwrap();
    }
}

#[test]
fn any_flipped_bit_is_found() {
    let master = MasterKey::generate();
    let bytes = file(&export(&master, "ws_1", 3));
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            assert!(check(&flipped, &known(&master)).is_err(), "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn any_line_that_is_missing_doubled_or_moved_is_found() {
    let master = MasterKey::generate();
    let lines = export(&master, "ws_1", 5);
    for line in 0..lines.len() {
        let (mut without, mut doubled) = (lines.clone(), lines.clone());
        without.remove(line);
        doubled.insert(line, lines[line].clone());
        assert!(check(&file(&without), &known(&master)).is_err(), "without line {line}");
        assert!(check(&file(&doubled), &known(&master)).is_err(), "line {line} twice");
        for other in 0..line {
            let mut swapped = lines.clone();
            swapped.swap(line, other);
            assert!(check(&file(&swapped), &known(&master)).is_err(), "lines {line} and {other} swapped");
        }
    }
}

#[test]
fn an_end_that_was_cut_off_is_found_wherever_it_was_cut() {
    let master = MasterKey::generate();
    let bytes = file(&export(&master, "ws_1", 4));
    for length in 0..bytes.len() {
        assert!(check(&bytes[..length], &known(&master)).is_err(), "the first {length} bytes");
    }
    let longer = export(&master, "ws_1", 5);
    let mut appended = export(&master, "ws_1", 4);
    appended.push(longer[5].clone());
    assert!(matches!(check(&file(&appended), &known(&master)), Err(Fault::Short { found: 5, expected: 4 })));
}

#[test]
fn a_trail_that_somebody_else_has_made_up_is_found_by_its_key() {
    let (master, forger) = (MasterKey::generate(), MasterKey::generate());
    let forged = file(&export(&forger, "ws_1", 3));
    assert!(matches!(check(&forged, &known(&master)), Err(Fault::Unsigned(_))));
    // The head of one workspace is none for another, and entries of another fit under no head.
    let (mut ours, theirs) = (export(&master, "ws_1", 3), export(&master, "ws_2", 3));
    ours.splice(1.., theirs[1..].iter().cloned());
    assert!(matches!(check(&file(&ours), &known(&master)), Err(Fault::Broken(2))));
}

#[test]
fn an_older_export_does_not_pass_for_the_trail_that_went_on() {
    let master = MasterKey::generate();
    let head = |lines: &[String]| super::head(&mut file(lines).as_slice()).unwrap();
    let (early, late) = (export(&master, "ws_1", 3), export(&master, "ws_1", 5));
    let since = |earlier: HeadLine| Known { earlier: Some(earlier), ..known(&master) };
    check(&file(&late), &since(head(&early))).unwrap();
    check(&file(&late), &since(head(&late))).unwrap();
    assert!(matches!(check(&file(&early), &since(head(&late))), Err(Fault::Rewritten(5))));
    let other = export(&master, "ws_2", 3);
    assert!(matches!(check(&file(&late), &since(head(&other))), Err(Fault::OtherWorkspace)));
    let forged = export(&MasterKey::generate(), "ws_1", 3);
    assert!(matches!(check(&file(&late), &since(head(&forged))), Err(Fault::Unsigned(_))));
}

#[test]
fn an_export_from_before_the_master_key_was_replaced_is_compared_with_by_its_own_key() {
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    let (early, late) = (export(&old, "ws_1", 3), export(&new, "ws_1", 5));
    let earlier = check(&file(&early), &known(&old)).unwrap();
    let since = Known { earlier: Some(earlier), ..known(&new) };
    assert!(matches!(check(&file(&late), &since), Err(Fault::Unsigned(_))));
    let since = Known { earlier_key: known(&old).public_key, ..since };
    assert!(check(&file(&late), &since).is_ok());
}

#[test]
fn what_is_not_chained_is_not_taken_for_granted() {
    let master = MasterKey::generate();
    let mut lines = export(&master, "ws_1", 2);
    let mut line: Line = serde_json::from_str(&lines[2]).unwrap();
    (line.seq, line.hash) = (None, None);
    lines.insert(1, serde_json::to_string(&line).unwrap());
    assert!(matches!(check(&file(&lines), &known(&master)), Err(Fault::Unchained(2))));
    assert!(matches!(check(b"[]\n", &known(&master)), Err(Fault::NoHead)));
    assert!(matches!(check(b"", &known(&master)), Err(Fault::NoHead)));
}
