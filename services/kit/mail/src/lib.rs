//! Letters to people: written from templates in their language, as text and HTML, and sent through any SMTP server, or
//! into a folder where there is none.
//!
//! It sends one letter and says what became of it. Whoever must not lose one keeps a queue in their own tables and asks
//! [`retry::pause`] when to try again: identity's `mails` is the example to follow.

pub mod address;
mod config;
mod folder;
mod layout;
mod letter;
mod mailer;
pub mod retry;
mod smtp;
pub mod waiting;

pub use config::{Config, Smtp, Tls};
pub use letter::{Letter, Templates, one_line};
pub use mailer::{Error, File, Mail, Mailer};
