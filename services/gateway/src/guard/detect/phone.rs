//! Telephone numbers: as Brazil writes them (Anatel), and in the international form (ITU-T E.164).

/// The first digits of Brazil's areas; which second ones each has.
const AREAS: [&[u8]; 9] =
    [b"123456789", b"12478", b"1234578", b"123456789", b"1345", b"123456789", b"134579", b"123456789", b"123456789"];

/// Where a telephone number ends that begins here.
pub(super) fn phone(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes[at] == b'+' { international(bytes, at) } else { brazilian(bytes, at) }
}

/// `+`, then 8 to 15 digits in groups. What follows after a blank may be another number.
fn international(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut next, mut count, mut best) = (at + 1, 0, None);
    let first = bytes.get(next).copied().unwrap_or(0);
    // Some countries say how long.
    let fits = |count: usize| match (first, bytes.get(at + 2)) {
        (b'1', _) => count == 11,
        (b'5', Some(b'5')) => (12..=13).contains(&count),
        (b'2'..=b'9', _) => (8..=15).contains(&count),
        _ => false,
    };
    loop {
        let group = bytes[next..].iter().take(16).take_while(|byte| byte.is_ascii_digit()).count();
        (count, next) = (count + group, next + group);
        if group == 0 || count > 15 {
            return best;
        }
        if fits(count) && !bytes.get(next).is_some_and(u8::is_ascii_alphabetic) {
            best = Some(next);
        }
        let between = bytes[next..].iter().take(2).take_while(|byte| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')'));
        match between.count() {
            0 => return best,
            separators => next += separators,
        }
    }
}

/// `(11) 98765-4321` and the like: an area, then nine digits that begin with 9, or eight that begin with 2 to 5. Without
/// separators only the nine are told from any other number.
fn brazilian(bytes: &[u8], at: usize) -> Option<usize> {
    let in_brackets = bytes[at] == b'(';
    let mut next = at + usize::from(in_brackets);
    let area = bytes.get(next..next + 2)?;
    let seconds = AREAS.get(usize::from(area[0].checked_sub(b'1')?))?;
    if !area[1].is_ascii_digit() || !seconds.contains(&area[1]) {
        return None;
    }
    next += 2;
    if in_brackets {
        (bytes.get(next) == Some(&b')')).then_some(())?;
        next += 1;
    }
    let after_area = next;
    next += usize::from(bytes.get(next) == Some(&b' '));
    let is_mobile = bytes.get(next) == Some(&b'9');
    let first = if is_mobile { 5 } else { 4 };
    if !is_mobile && !matches!(bytes.get(next), Some(b'2'..=b'5')) {
        return None;
    }
    let digits =
        |from: usize, count: usize| bytes.get(from..from + count).is_some_and(|all| all.iter().all(u8::is_ascii_digit));
    digits(next, first).then_some(())?;
    let middle = next + first;
    let is_cut = matches!(bytes.get(middle), Some(b'-' | b' ' | b'.'));
    let last = middle + usize::from(is_cut);
    let is_written = in_brackets || (is_cut && next > after_area);
    (digits(last, 4) && is_free(bytes, last + 4) && (is_mobile || is_written)).then_some(last + 4)
}

fn is_free(bytes: &[u8], end: usize) -> bool {
    !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric)
}
