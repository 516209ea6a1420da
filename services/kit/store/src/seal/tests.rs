use super::{DataKey, Error, MasterKey, Sealer};
use proptest::prelude::*;

fn master(byte: u8) -> MasterKey {
    MasterKey::from_hex(&format!("{byte:02x}").repeat(32)).unwrap()
}

proptest! {
    #[test]
    fn a_secret_opens_only_in_its_place(secret: Vec<u8>, place: [u8; 16], other: [u8; 16]) {
        prop_assume!(place != other);
        let sealer = DataKey::generate().sealer();
        let sealed = sealer.seal(&secret, &place);
        prop_assert_eq!(sealer.open(&sealed, &place).map(|s| s.to_vec()), Ok(secret));
        prop_assert_eq!(sealer.open(&sealed, &other), Err(Error::Damaged));
    }

    #[test]
    fn no_altered_byte_goes_unnoticed(secret: [u8; 20], at in 0usize..57, flip in 1u8..=255) {
        let sealer = DataKey::generate().sealer();
        let mut sealed = sealer.seal(&secret, b"place");
        sealed[at] ^= flip;
        prop_assert!(sealer.open(&sealed, b"place").is_err());
    }

    #[test]
    fn garbage_does_not_open(garbage: Vec<u8>) {
        prop_assert!(master(1).sealer().open(&garbage, b"").is_err());
    }
}

#[test]
fn a_wrong_key_is_told_from_damage() {
    let wrapped = DataKey::generate().wrap(&master(1), b"workspace");
    assert_eq!(DataKey::unwrap(&master(2), &wrapped, b"workspace").map(drop), Err(Error::WrongKey));
    assert_eq!(DataKey::unwrap(&master(1), &wrapped, b"another").map(drop), Err(Error::Damaged));
    assert_eq!(DataKey::unwrap(&master(1), &wrapped[..9], b"workspace").map(drop), Err(Error::Damaged));
    assert!(DataKey::unwrap(&master(1), &wrapped, b"workspace").is_ok());
}

#[test]
fn a_data_key_survives_wrapping() {
    let key = DataKey::generate();
    let sealed = key.sealer().seal(b"secret", b"row");
    let again = DataKey::unwrap(&master(1), &key.wrap(&master(1), b"ws"), b"ws").unwrap();
    assert_eq!(again.sealer().open(&sealed, b"row").unwrap().as_slice(), b"secret");
}

#[test]
fn the_same_secret_never_looks_the_same_twice() {
    let sealer = master(1).sealer();
    assert_ne!(sealer.seal(b"secret", b""), sealer.seal(b"secret", b""));
}

#[test]
fn a_master_key_survives_its_file_and_nothing_prints_it() {
    let key = MasterKey::generate();
    let text = key.to_hex();
    let again = MasterKey::from_hex(&format!(" {}\n", *text)).unwrap();
    assert_eq!(again.fingerprint(), key.fingerprint());
    let printed = format!("{key:?} {:?} {:?} {}", key.sealer(), DataKey::generate(), key.fingerprint());
    assert!(!printed.contains(text.as_str()), "{printed}");
    for bad in ["", "zz", &text[1..], &format!("{}00", *text)] {
        assert_eq!(MasterKey::from_hex(bad).map(drop), Err(Error::Malformed), "{bad}");
    }
}

#[test]
fn derived_keys_differ_by_label_and_by_master() {
    let (a, b) = (master(1), master(2));
    assert_eq!(a.derive("refresh"), master(1).derive("refresh"));
    assert_ne!(a.derive("refresh"), a.derive("cursor"));
    assert_ne!(a.derive("refresh"), b.derive("refresh"));
    assert_ne!(a.fingerprint(), b.fingerprint());
}

#[test]
fn one_of_several_keys_seals_and_all_of_them_open() {
    let (old, new, stranger) = (master(1), master(2), master(3));
    let both = new.clone().beside([old.clone(), new.clone(), old.clone()]);
    assert_eq!(both.each().map(|key| key.fingerprint()).collect::<Vec<_>>(), [new.fingerprint(), old.fingerprint()]);
    assert_eq!(both.fingerprint(), new.fingerprint());
    assert_eq!(both.derive("x"), new.derive("x"));
    let (by_old, by_both) = (old.sealer().seal(b"a", b""), both.sealer().seal(b"b", b""));
    assert_eq!(both.sealer().open(&by_old, b"").unwrap().as_slice(), b"a");
    assert_eq!(new.sealer().open(&by_both, b"").unwrap().as_slice(), b"b");
    assert_eq!(old.sealer().open(&by_both, b""), Err(Error::WrongKey));
    assert_eq!(both.sealer().open(&stranger.sealer().seal(b"c", b""), b""), Err(Error::WrongKey));
    let wrapped = DataKey::generate().wrap(&old, b"ws");
    assert!(DataKey::unwrap(&both, &wrapped, b"ws").is_ok());
}

/// Data outlives releases: what this one sealed, every later one opens.
#[test]
fn the_format_does_not_change() {
    let sealed = hex::decode(include_str!("sealed_v1.hex").trim()).unwrap();
    let sealer: Sealer = master(0x2a).sealer();
    assert_eq!(sealer.open(&sealed, b"place").unwrap().as_slice(), b"from the first release");
}
