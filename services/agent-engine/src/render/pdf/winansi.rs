//! Which byte is a character?
//!
//! WinAnsiEncoding is Windows-1252: all that Western Europe and the Americas write. Of the rest, letters lose their
//! marks, pictures are left out, and letters that have no likeness at all become question marks.

/// What Windows-1252 has between 0x80 and 0x9F; the gaps are codes without a character.
const HIGH: &str = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";

/// Marks that follow their letter, as some systems write names, with the letters that have a code together with them.
const MARKS: &[(char, &str, &str)] = &[
    ('\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    ('\u{301}', "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"),
    ('\u{302}', "AEIOUaeiou", "ÂÊÎÔÛâêîôû"),
    ('\u{303}', "ANOano", "ÃÑÕãñõ"),
    ('\u{308}', "AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
    ('\u{30a}', "Aa", "Åå"),
    ('\u{30c}', "SZsz", "ŠŽšž"),
    ('\u{327}', "Cc", "Çç"),
];

/// Latin letters without a code, by what is written for them.
const LIKENESS: &[(&str, &str)] = &[
    ("A", "ĀĂĄǍ"),
    ("a", "āăąǎ"),
    ("C", "ĆĈĊČ"),
    ("c", "ćĉċč"),
    ("D", "ĎĐ"),
    ("d", "ďđ"),
    ("E", "ĒĔĖĘĚẼ"),
    ("e", "ēĕėęěẽ"),
    ("G", "ĜĞĠĢ"),
    ("g", "ĝğġģ"),
    ("H", "ĤĦ"),
    ("h", "ĥħ"),
    ("I", "ĨĪĬĮİ"),
    ("i", "ĩīĭįı"),
    ("J", "Ĵ"),
    ("j", "ĵ"),
    ("K", "Ķ"),
    ("k", "ķ"),
    ("L", "ĹĻĽĿŁ"),
    ("l", "ĺļľŀł"),
    ("N", "ŃŅŇ"),
    ("n", "ńņň"),
    ("O", "ŌŎŐ"),
    ("o", "ōŏő"),
    ("R", "ŔŖŘ"),
    ("r", "ŕŗř"),
    ("S", "ŚŜŞȘẞ"),
    ("s", "śŝşș"),
    ("T", "ŢŤŦȚ"),
    ("t", "ţťŧț"),
    ("U", "ŨŪŬŮŰŲ"),
    ("u", "ũūŭůűų"),
    ("W", "Ŵ"),
    ("w", "ŵ"),
    ("Y", "ŶỸ"),
    ("y", "ŷỹ"),
    ("Z", "ŹŻ"),
    ("z", "źż"),
    ("-", "\u{2010}\u{2011}\u{2012}\u{2212}"),
    ("\u{2014}", "\u{2015}"),
    ("'", "\u{2032}"),
    ("\"", "\u{2033}"),
    ("No", "№"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("<=", "≤"),
    (">=", "≥"),
    ("->", "→"),
    ("<-", "←"),
    ("!=", "≠"),
    ("~", "≈∼"),
    ("1/3", "⅓"),
    ("2/3", "⅔"),
    ("*", "∗"),
    ("\u{2022}", "●■▪◦"),
];

/// The text in WinAnsiEncoding: codes from 32 on, and nothing else.
pub(super) fn encode(text: &str) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        let composed = before.and_then(|letter| composed(letter, c));
        // The space before a picture that is left out would stand before the full stop.
        let is_left_out = before.is_some_and(is_unseen) && !is_unseen(c) && !c.is_alphanumeric();
        if is_left_out && out.last() == Some(&b' ') {
            out.pop();
        }
        if let Some(composed) = composed {
            out.pop();
            out.extend(code(composed));
        } else if !is_unseen(c) {
            write(c, &mut out);
        }
        before = Some(c);
    }
    out
}

/// A letter and the mark after it as one.
fn composed(letter: char, mark: char) -> Option<char> {
    if mark.is_ascii() {
        return None;
    }
    let (_, letters, composed) = MARKS.iter().find(|(of, _, _)| *of == mark)?;
    let place = letters.chars().position(|of| of == letter)?;
    composed.chars().nth(place)
}

fn write(c: char, out: &mut Vec<u8>) {
    if let Some(code) = code(c) {
        out.push(code);
    } else if let Some((alike, _)) = LIKENESS.iter().find(|(_, letters)| letters.contains(c)) {
        out.extend(alike.chars().filter_map(code));
    } else if c.is_whitespace() || c.is_control() {
        out.push(b' ');
    } else {
        out.push(b'?');
    }
}

/// The code of a character that has one.
fn code(c: char) -> Option<u8> {
    match c {
        ' '..='~' | '\u{a1}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        '\u{a0}' => Some(b' '),
        '\0' => None,
        _ => HIGH.chars().zip(0x80..).find(|(high, _)| *high == c).map(|(_, code)| code),
    }
}

/// Marks on their own, what says only how text runs, and pictures.
fn is_unseen(c: char) -> bool {
    // Most of what is written, and all of what is written at length.
    if c < '\u{ad}' {
        return false;
    }
    let marks = '\u{300}'..='\u{36f}';
    let direction = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{2069}'];
    let variant = '\u{fe00}'..='\u{fe0f}';
    let pictures = ['\u{2600}'..='\u{27bf}', '\u{2b00}'..='\u{2bff}', '\u{1f000}'..='\u{1faff}'];
    let tags = '\u{e0000}'..='\u{e01ef}';
    let mut ranges = direction.into_iter().chain(pictures).chain([marks, variant, tags]);
    matches!(c, '\u{ad}' | '\u{feff}' | '\u{20e3}') || ranges.any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_code_keeps_its_character() {
        assert_eq!(encode("Ação é € – “õ” ñ ß"), b"A\xe7\xe3o \xe9 \x80 \x96 \x93\xf5\x94 \xf1 \xdf");
        assert_eq!(HIGH.chars().count(), 32);
        assert_eq!((code('€'), code('Ÿ'), code('ž')), (Some(0x80), Some(0x9f), Some(0x9e)));
    }

    #[test]
    fn marks_that_stand_alone_are_joined_to_their_letters() {
        assert_eq!(encode("Jose\u{301} Sa\u{303}o c\u{327}a z\u{302}"), encode("José São ça z"));
    }

    #[test]
    fn what_has_none_is_likened_or_a_question_mark() {
        assert_eq!(encode("Łódź Őrség Şişli"), encode("Lódz Orség Sisli"));
        assert_eq!(encode("5\u{2212}3 №1 \u{202e}a\u{200b}b"), b"5-3 No1 ab");
        assert_eq!(encode("日本 ₩"), b"?? ?");
        assert_eq!(encode("up 🚀👍🏽 ✅!"), b"up!");
    }

    #[test]
    fn no_control_character_is_ever_written() {
        let all: String = (0..0x3000).filter_map(char::from_u32).collect();
        assert!(encode(&all).iter().all(|code| *code >= 32 && ![0x7f, 0x81, 0x8d, 0x8f, 0x90, 0x9d].contains(code)));
    }

    #[test]
    fn every_table_fits_its_other_half() {
        for (_, letters, composed) in MARKS {
            assert_eq!(letters.chars().count(), composed.chars().count());
            assert!(composed.chars().all(|c| code(c).is_some()), "{composed}");
        }
        assert!(LIKENESS.iter().all(|(alike, _)| alike.chars().all(|c| code(c).is_some())));
    }
}
