//! What of a text is kept?

/// At most `max` bytes, and no NUL, which PostgreSQL cannot keep.
pub(crate) fn bounded(mut text: String, max: usize) -> String {
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max));
    }
    if text.contains('\0') {
        text.retain(|c| c != '\0');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_text_is_cut_between_characters(text: String, max in 0usize..40) {
            let kept = bounded(text.clone(), max);
            prop_assert!(kept.len() <= max && !kept.contains('\0'));
            prop_assert!(text.replace('\0', "").starts_with(&kept));
        }
    }
}
