//! How long does sound last that is to be transcribed? What a budget reserves for it, and what counts where the provider says
//! nothing of it.

use lofty::{
    config::{ParseOptions, ParsingMode},
    file::AudioFile as _,
    probe::Probe,
};
use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Bytes in a millisecond of sound whose form is not known: speech as it is usually recorded, 128 kbit/s.
const BYTES_PER_MS: usize = 16;
/// Nothing lasts longer, in milliseconds: a week. Who says so is mistaken.
const MOST: i64 = 7 * 24 * 3_600_000;

/// In milliseconds; of a form that nobody knows what its size makes likely.
pub(super) fn length_ms(sound: &[u8]) -> i64 {
    let guess = || i64::try_from(sound.len() / BYTES_PER_MS).unwrap_or(MOST).max(1);
    // It is a stranger's file: whatever it does to its reader, it does not end the request.
    let measured = catch_unwind(AssertUnwindSafe(|| measured(sound))).unwrap_or_default();
    measured.filter(|length| (1..=MOST).contains(length)).unwrap_or_else(guess)
}

fn measured(sound: &[u8]) -> Option<i64> {
    let options = ParseOptions::new().read_tags(false).read_cover_art(false).parsing_mode(ParsingMode::BestAttempt);
    let probe = Probe::new(Cursor::new(sound)).options(options).guess_file_type().ok()?;
    probe.file_type()?;
    i64::try_from(probe.read().ok()?.properties().duration().as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(milliseconds: u32, rate: u32) -> Vec<u8> {
        let length = milliseconds * (rate / 1_000) * 2;
        let parts: [&[u8]; 7] = [
            b"RIFF",
            &(36 + length).to_le_bytes(),
            b"WAVEfmt \x10\0\0\0\x01\0\x01\0",
            &rate.to_le_bytes(),
            &(rate * 2).to_le_bytes(),
            b"\x02\0\x10\0data",
            &length.to_le_bytes(),
        ];
        let mut sound = parts.concat();
        sound.resize(44 + length as usize, 0);
        sound
    }

    /// Frames of MPEG-1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes and 26.12 ms each.
    fn mp3(frames: usize) -> Vec<u8> {
        let mut frame = vec![0xff, 0xfb, 0x90, 0x00];
        frame.resize(417, 0);
        frame.repeat(frames)
    }

    #[test]
    fn the_length_of_sound_is_measured_and_that_of_anything_else_is_a_guess() {
        assert_eq!(length_ms(&wave(2_500, 16_000)), 2_500);
        assert!((2_590..2_640).contains(&length_ms(&mp3(100))), "{}", length_ms(&mp3(100)));
        assert_eq!(length_ms(&[7; 16_000]), 1_000);
        assert_eq!(length_ms(b""), 1);
        for end in [1, 11, 12, 20, 43, 44, 45] {
            assert!(length_ms(&wave(2_500, 16_000)[..end]) >= 1, "{end}");
        }
    }
}
