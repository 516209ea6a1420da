//! Pages of a list: a size, and a token that says after which id to go on.
//!
//! A token is base64url of a version byte and the last id's uuid, so that it stays valid when rows come and go.

use crate::{Failure, Reason};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

const VERSION: u8 = 1;
const DEFAULT_SIZE: i32 = 50;
const MAX_SIZE: i32 = 200;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows, 1 to 200.
    pub size: i64,
    /// Only rows after this one in the list's order.
    pub after: Option<Uuid>,
}

/// The opaque text between pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageToken(pub Uuid);

impl Page {
    /// Reads `page_size` (0: the default of 50) and `page_token` (empty: from the start). Errors: `INVALID_ARGUMENT`.
    pub fn parse(page_size: i32, page_token: &str) -> Result<Self, Failure> {
        let size = if page_size == 0 { DEFAULT_SIZE } else { page_size };
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(Reason::InvalidArgument
                .with("the page size is from 1 to 200")
                .field("limit", "must be from 1 to 200"));
        }
        let after = match page_token {
            "" => None,
            token => Some(PageToken::parse(token)?.0),
        };
        Ok(Self { size: i64::from(size), after })
    }

    /// How many rows to read: one more than the page holds tells whether there is another page.
    pub const fn fetch(self) -> i64 {
        self.size + 1
    }

    /// Cuts what [`Page::fetch`] read to the page, and gives the token of the next one (empty: this is the last).
    pub fn cut<T>(self, rows: &mut Vec<T>, id: impl Fn(&T) -> Uuid) -> String {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if rows.len() <= size {
            return String::new();
        }
        rows.truncate(size);
        rows.last().map(|row| PageToken(id(row)).to_string()).unwrap_or_default()
    }
}

impl PageToken {
    fn parse(token: &str) -> Result<Self, Failure> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let id = bytes.as_deref().and_then(|b| b.strip_prefix(&[VERSION])).and_then(|b| Uuid::from_slice(b).ok());
        id.map(Self).ok_or_else(|| {
            Reason::InvalidArgument
                .with("the cursor is not one that a list of ours gave out")
                .field("cursor", "use next_cursor of the page before, or leave it out to start again")
        })
    }
}

impl std::fmt::Display for PageToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [VERSION; 17];
        bytes[1..].copy_from_slice(self.0.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_leads_back_to_its_row(bits: u128) {
            let id = Uuid::from_u128(bits);
            let page = Page::parse(10, &PageToken(id).to_string()).unwrap();
            prop_assert_eq!(page, Page { size: 10, after: Some(id) });
        }

        #[test]
        fn garbage_is_an_invalid_argument(token in "[^\\x00]{1,64}") {
            let parsed = Page::parse(0, &token);
            prop_assert!(parsed.is_ok() || parsed.is_err_and(|f| f.reason == Reason::InvalidArgument));
        }
    }

    #[test]
    fn one_row_more_than_the_page_makes_a_next_page() {
        let page = Page { size: 2, after: None };
        let mut rows = vec![1u128, 2, 3];
        let next = page.cut(&mut rows, |n| Uuid::from_u128(*n));
        assert_eq!((rows, next), (vec![1, 2], PageToken(Uuid::from_u128(2)).to_string()));
    }
}
