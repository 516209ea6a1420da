//! Is a file sound, and of the kind that its name says? What is something else reaches no provider.

/// What files of a kind are called, and whether bytes begin as such a file does.
type Kind = (&'static [&'static str], fn(&[u8]) -> bool);

const KINDS: &[Kind] = &[
    (&["wav", "wave"], |b| b.starts_with(b"RIFF") && has(b, 8, b"WAVE")),
    (&["mp3", "mpga", "mpeg", "mp2"], |b| b.starts_with(b"ID3") || is_mpeg_frame(b) || is_mpeg_stream(b)),
    (&["aac"], |b| b.len() > 1 && b[0] == 0xff && b[1] & 0xf6 == 0xf0),
    (&["flac"], |b| b.starts_with(b"fLaC") || b.starts_with(b"ID3")),
    (&["ogg", "oga", "opus"], |b| b.starts_with(b"OggS")),
    (&["m4a", "mp4", "m4b", "mov", "3gp"], |b| has(b, 4, b"ftyp")),
    (&["webm", "mkv", "mka"], |b| b.starts_with(b"\x1a\x45\xdf\xa3")),
    (&["aif", "aiff"], |b| b.starts_with(b"FORM") && has(b, 8, b"AIF")),
    (&["amr"], |b| b.starts_with(b"#!AMR")),
    (&["wma"], |b| b.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
];

/// Errors: what the file must be instead.
pub(super) fn check(name: Option<&str>, bytes: &[u8]) -> Result<(), String> {
    let extension = name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
    let fits = match &extension {
        // Programs that record themselves often give no name.
        None => KINDS.iter().any(|(_, begins)| begins(bytes)),
        Some(extension) => {
            let mut kinds = KINDS.iter().filter(|(names, _)| names.contains(&extension.as_str()));
            let (_, begins) = kinds.next().ok_or_else(|| format!("must be sound in a file called {}", names()))?;
            begins(bytes)
        }
    };
    let is =
        |extension: &str| format!("does not begin as a file called .{extension} does: send sound, under its own name");
    let none = || format!("must be sound: {}", names());
    if fits { Ok(()) } else { Err(extension.as_deref().map_or_else(none, is)) }
}

/// All names, for people.
fn names() -> String {
    let all: Vec<String> = KINDS.iter().flat_map(|(names, _)| names.iter().map(|name| format!(".{name}"))).collect();
    all.join(", ")
}

fn has(bytes: &[u8], at: usize, what: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(what))
}

/// The eleven bits with which each frame of MPEG audio begins, and a layer that there is.
fn is_mpeg_frame(bytes: &[u8]) -> bool {
    bytes.len() > 1 && bytes[0] == 0xff && bytes[1] & 0xe0 == 0xe0 && bytes[1] & 0x06 != 0
}

fn is_mpeg_stream(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x00\x00\x01\xba") || bytes.starts_with(b"\x00\x00\x01\xb3")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAV: &[u8] = b"RIFF\x24\0\0\0WAVEfmt ";

    #[test]
    fn sound_is_taken_under_its_own_name_or_none() {
        for (name, bytes) in [
            (Some("a.wav"), WAV),
            (Some("Olá.MP3"), b"\xff\xfb\x90\x00"),
            (Some("a.b.mpga"), b"ID3\x04"),
            (Some("a.flac"), b"fLaC"),
            (Some("a.ogg"), b"OggS"),
            (Some("a.m4a"), b"\0\0\0\x20ftypM4A "),
            (Some("a.webm"), b"\x1a\x45\xdf\xa3"),
            (Some("blob"), WAV),
            (None, b"OggS"),
        ] {
            assert_eq!(check(name, bytes), Ok(()), "{name:?}");
        }
    }

    #[test]
    fn what_is_no_sound_or_another_kind_than_its_name_says_is_refused() {
        for (name, bytes) in [
            (Some("a.wav"), b"<svg onload=alert(1)>".as_slice()),
            (Some("a.mp3"), WAV),
            (Some("a.wav"), b"RIFF\x24\0\0\0AVI "),
            (Some("a.wav"), b""),
            (Some("a.exe"), WAV),
            (Some("a.wav.html"), WAV),
            (Some("a.ogg"), b"PK\x03\x04"),
            (None, b"MZ\x90\x00"),
            (None, b""),
        ] {
            let problem = check(name, bytes).expect_err("no sound");
            assert!(problem.contains("sound"), "{name:?}: {problem}");
        }
    }

    #[test]
    fn nothing_of_a_stranger_makes_it_panic() {
        for length in 0..16 {
            for byte in [0, 0xff, b'R'] {
                let _ = check(None, &vec![byte; length]);
                let _ = check(Some("."), &vec![byte; length]);
            }
        }
    }

    #[test]
    fn the_readme_lists_what_is_taken() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&names()), "write into the README: {}", names());
    }
}
