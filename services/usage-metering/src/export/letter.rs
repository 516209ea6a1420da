//! What is written to people about an export?

use super::{ExportRow, Exports, Kind, row::Format};
use crate::{
    Error,
    peers::{Member, Peers},
};
use chrono::{DateTime, Utc};
use mail::{File, Mail, Mailer, Templates};
use minijinja::context;
use sha2::{Digest as _, Sha256};

/// How letters leave.
#[derive(Clone)]
pub struct Letters {
    /// Takes them.
    pub mailer: Mailer,
    /// Where the API is that their links lead to, without a slash at its end.
    pub link_base: String,
}

/// Who can be written to, and how.
pub(crate) struct Post {
    pub peers: Peers,
    pub letters: Letters,
}

/// How a file reaches its reader.
pub(super) enum Enclosed {
    Attached(Vec<u8>),
    /// Its address.
    Linked(String),
}

const TEXTS: &[(&str, &str, &str)] = &[
    ("attached", "en", include_str!("../../letters/en/attached.txt")),
    ("attached", "pt-BR", include_str!("../../letters/pt-BR/attached.txt")),
    ("linked", "en", include_str!("../../letters/en/linked.txt")),
    ("linked", "pt-BR", include_str!("../../letters/pt-BR/linked.txt")),
];

/// All texts, read. Errors: [`Error::Settings`] for one that cannot be.
pub(super) fn templates() -> Result<Templates, Error> {
    Templates::new(TEXTS).map_err(Error::Settings)
}

/// The letter to one member. Errors: [`Error::Settings`] for a text with a hole in it.
pub(super) fn write(
    exports: &Exports,
    row: &ExportRow,
    workspace: &str,
    member: &Member,
    enclosed: Enclosed,
) -> Result<Mail, Error> {
    let values = context! {
        name => mail::one_line(&member.name), workspace => mail::one_line(workspace), kind => row.kind.clone(), from => time(row.period_from),
        to => time(row.period_to), rows => row.row_count, until => row.expires_at.map(time).unwrap_or_default(),
        megabytes => format!("{}.{}", row.byte_count / 1_000_000, row.byte_count / 100_000 % 10),
        scheduled => row.schedule_id.is_some(),
    };
    let (name, link, file) = match enclosed {
        Enclosed::Attached(bytes) => {
            let content_type = Format::parse(&row.format).map_or("application/octet-stream", Format::content_type);
            ("attached", None, Some(File { name: row.file_name(), content_type: content_type.to_owned(), bytes }))
        }
        Enclosed::Linked(link) => ("linked", Some(link), None),
    };
    let letter = exports.templates.write(name, &member.locale, &values).map_err(Error::Settings)?;
    Ok(Mail { to: member.address.clone(), letter, link, is_link_logged: false, file, id: id(row, member) })
}

/// What was exported; None for what this release does not know.
pub(super) fn kind(row: &ExportRow) -> Option<Kind> {
    Kind::parse(&row.kind)
}

/// The same for each try, so that a server may drop a second copy.
fn id(row: &ExportRow, member: &Member) -> uuid::Uuid {
    let digest = Sha256::new().chain_update(row.id.uuid()).chain_update(member.user.uuid()).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// In one form for all languages.
fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_is_written_in_both_languages_for_each_kind_and_says_where_its_link_leads() {
        let templates = templates().unwrap();
        for (name, locale, text) in TEXTS {
            let mut subjects = std::collections::BTreeSet::new();
            for kind in Kind::ALL {
                let values = context! {
                    name => "Ana", workspace => "Acme", kind => kind.as_str(), from => "a", to => "b", rows => 2, until => "c",
                    megabytes => "7.1", scheduled => kind == Kind::Logs,
                };
                let letter = templates.write(name, locale, &values).unwrap();
                assert_eq!(letter.locale, *locale);
                subjects.insert(letter.subject);
            }
            assert_eq!(subjects.len(), Kind::ALL.len(), "{name} in {locale} names what was exported: {subjects:?}");
            let linked = text.lines().any(|line| line.starts_with('[') && line.ends_with(']'));
            assert_eq!(linked, *name == "linked", "{name} in {locale}");
        }
        assert!(TEXTS.chunks(2).all(|pair| pair[0].2 != pair[1].2));
    }
}
