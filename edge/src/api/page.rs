//! A page of a list.

use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// What is on this page.
    pub(super) data: Vec<T>,
    /// What to send as `cursor` for the next page; null on the last.
    pub(super) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of what a service listed, with its `next_page_token`.
    pub(super) fn new<M, E>(
        listed: Vec<M>,
        next_page_token: String,
        body: impl Fn(M) -> Result<T, E>,
    ) -> Result<Self, E> {
        let data = listed.into_iter().map(body).collect::<Result<_, E>>()?;
        Ok(Self { data, next_cursor: some(next_page_token) })
    }
}

/// Text that services leave empty where there is none.
pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
