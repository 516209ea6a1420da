//! Numbers of payment cards (ISO/IEC 7812).

/// Where the number of a card ends that begins here: 13 to 19 digits, with a blank or a hyphen between groups.
pub(super) fn card(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut digits, mut ends, mut next) = ([0_u8; 19], [0_usize; 19], at);
    let mut count = 0;
    while count < digits.len() {
        let separated = matches!(bytes.get(next), Some(b' ' | b'-')) && count > 0;
        let here = next + usize::from(separated);
        let Some(digit) = bytes.get(here).filter(|byte| byte.is_ascii_digit()) else { break };
        (digits[count], ends[count], next) = (digit - b'0', here + 1, here + 1);
        count += 1;
    }
    // Another number may follow after a blank.
    (13..=count).rev().find_map(|length| {
        let is_free = !bytes.get(ends[length - 1]).is_some_and(u8::is_ascii_alphanumeric);
        (is_free && is_card(&digits[..length])).then_some(ends[length - 1])
    })
}

fn is_card(digits: &[u8]) -> bool {
    // Networks whose cards people pay with begin with 2 to 6.
    let is_known = matches!(digits[0], 2..=6);
    let mut sum = 0_u32;
    for (place, digit) in digits.iter().rev().enumerate() {
        let doubled = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
        sum += if doubled > 9 { doubled - 9 } else { doubled };
    }
    is_known && sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != digits[0])
}
