//! Letters to who pays: which there are, how they wait, and how they leave.
//!
//! A letter is queued in the transaction of what it tells, and at most once. Who it goes to, in which language and what
//! is left to pay is found out when it is sent; nothing is sent that is not true any more.

mod compose;
mod kind;
pub(crate) mod post;
mod queue;
pub(crate) mod remind;
mod texts;
mod trouble;

pub(super) use kind::Kind;
pub(super) use queue::queue;

use crate::{Config, Error};
use mail::{Mailer, Templates};
use std::sync::Arc;

/// How letters leave, and what they say. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Post {
    mailer: Mailer,
    templates: Arc<Templates>,
}

impl Post {
    /// None where none are sent. Errors: [`Error::Settings`]: a text cannot be read.
    pub fn new(config: &Config, mailer: Option<Mailer>) -> Result<Option<Self>, Error> {
        let Some(mailer) = mailer.filter(|_| config.letters.enabled) else { return Ok(None) };
        Ok(Some(Self { mailer, templates: Arc::new(texts::read()?) }))
    }
}
