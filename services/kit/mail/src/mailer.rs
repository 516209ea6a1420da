//! Did the letter leave?

use crate::{
    Config, Letter,
    folder::Folder,
    layout,
    smtp::{self, Server},
};
use lettre::{
    Message,
    message::{Attachment, Body, Mailbox, MultiPart, header},
};
use std::{path::PathBuf, sync::Arc};

/// A letter, and to whom.
#[derive(Clone, Debug)]
pub struct Mail {
    /// An address.
    pub to: String,
    /// What is written.
    pub letter: Letter,
    /// Where its link leads. It is often a secret: nothing but the letter shows it.
    pub link: Option<String>,
    /// Whether a folder writes the link into the log too, which is how it reaches whoever waits for it on one machine.
    pub is_link_logged: bool,
    /// A file that comes with it.
    pub file: Option<File>,
    /// Stays the same however often it is tried, so that a server may drop a second copy.
    pub id: uuid::Uuid,
}

/// A file that comes with a letter.
#[derive(Clone, Debug)]
pub struct File {
    /// What a person calls it.
    pub name: String,
    /// A media type (RFC 6838).
    pub content_type: String,
    /// All of it: a letter is in memory until it has left.
    pub bytes: Vec<u8>,
}

/// Why a letter did not leave.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Trying again may help: the server is away, or busy.
    #[error("the mail server did not take it: {0}")]
    Later(String),
    /// It does not: the address or the letter is refused.
    #[error("the letter cannot be sent: {0}")]
    Never(String),
    /// A setting is refused.
    #[error("{0}")]
    Config(String),
}

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer(Arc<Parts>);

struct Parts {
    from: Mailbox,
    out: Out,
}

enum Out {
    Smtp(Server),
    Folder(Folder),
}

impl Mailer {
    /// A mailer through the server of the settings; None where they name none. Errors: [`Error::Config`].
    pub fn smtp(config: &Config) -> Result<Option<Self>, Error> {
        let Some(server) = smtp::server(&config.smtp)? else { return Ok(None) };
        Ok(Some(Self(Arc::new(Parts { from: from(config)?, out: Out::Smtp(server) }))))
    }

    /// A mailer that writes each letter into a folder as a file `*.eml`, and its link into the log: for one person on
    /// one machine. Errors: [`Error::Config`].
    pub fn folder(config: &Config, dir: PathBuf) -> Result<Self, Error> {
        Ok(Self(Arc::new(Parts { from: from(config)?, out: Out::Folder(Folder::new(dir)) })))
    }

    /// Whether letters leave this machine.
    pub fn is_smtp(&self) -> bool {
        matches!(self.0.out, Out::Smtp(_))
    }

    /// Sends a letter. Errors: [`Error::Later`], [`Error::Never`].
    pub async fn send(&self, mail: &Mail) -> Result<(), Error> {
        let message = self.message(mail)?;
        match &self.0.out {
            Out::Smtp(server) => smtp::send(server, message).await,
            Out::Folder(folder) => folder.put(mail, &message.formatted()).await,
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, Error> {
        let to: Mailbox =
            mail.to.parse().map_err(|_| Error::Never("the address is none that SMTP knows".to_owned()))?;
        let (text, html) =
            (layout::text(&mail.letter, mail.link.as_deref()), layout::html(&mail.letter, mail.link.as_deref()));
        let domain = self.0.from.email.domain();
        let words = MultiPart::alternative_plain_html(text, html);
        let body = match &mail.file {
            None => words,
            Some(file) => {
                let kind = header::ContentType::parse(&file.content_type)
                    .map_err(|_| Error::Never("its file has a type that is none".to_owned()))?;
                // Whatever is on the way: what is no line of text comes out as it went in.
                let bytes = Body::new_with_encoding(file.bytes.clone(), header::ContentTransferEncoding::Base64)
                    .map_err(|_| Error::Never("its file cannot be encoded".to_owned()))?;
                MultiPart::mixed().multipart(words).singlepart(Attachment::new(file.name.clone()).body(bytes, kind))
            }
        };
        let message = Message::builder()
            .from(self.0.from.clone())
            .to(to)
            .subject(mail.letter.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            // RFC 3834: no answer from an absence assistant.
            .header(AutoSubmitted)
            .multipart(body);
        message.map_err(|error| Error::Never(error.to_string()))
    }
}

#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn from(config: &Config) -> Result<Mailbox, Error> {
    let refused = |_| Error::Config(format!("mail.from is {:?}: use an address, or Name <address>", config.from));
    config.from.parse().map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Templates;

    fn mail(to: &str) -> Mail {
        let templates = Templates::new(&[("x", "en", "Olá\n\nBem-vinda, ção.\n\n[Go]\n")]).unwrap();
        let letter = templates.write("x", "en", &minijinja::context! {}).unwrap();
        let link = Some("http://x/?token=t0".to_owned());
        Mail { to: to.to_owned(), letter, link, is_link_logged: true, file: None, id: uuid::Uuid::from_u128(7) }
    }

    #[tokio::test]
    async fn a_folder_holds_the_letter_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder(&Config::default(), dir.path().join("mail")).unwrap();
        mailer.send(&mail("ana@example.com")).await.unwrap();
        mailer.send(&mail("ana@example.com")).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(dir.path().join("mail")).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1, "the same letter is one file");
        let text = std::fs::read_to_string(files[0].path()).unwrap();
        assert!(
            text.contains("To: ana@example.com") && text.contains("token=3Dt0") || text.contains("token=t0"),
            "{text}"
        );
        assert!(text.contains("multipart/alternative") && text.contains("Auto-Submitted: auto-generated"), "{text}");
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o077, 0);
    }

    #[tokio::test]
    async fn a_file_comes_with_its_name_and_type_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder(&Config::default(), dir.path().to_owned()).unwrap();
        let bytes: Vec<u8> = (0..=255).collect();
        let content_type = "text/csv; charset=utf-8; header=present".to_owned();
        let file = Some(File { name: "usage.csv".to_owned(), content_type, bytes });
        mailer.send(&Mail { file, ..mail("ana@example.com") }).await.unwrap();
        let path = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("multipart/mixed") && text.contains("multipart/alternative"), "{text}");
        assert!(text.contains("Content-Disposition: attachment; filename=\"usage.csv\""), "{text}");
        assert!(text.contains("text/csv") && text.contains("AAECAwQFBgcICQoLDA0ODxAR"), "{text}");
    }

    #[tokio::test]
    async fn an_address_that_smtp_does_not_know_is_never_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder(&Config::default(), dir.path().to_owned()).unwrap();
        let outcome = mailer.send(&mail("not an address\r\nBcc: eve@example.com")).await;
        assert!(matches!(outcome, Err(Error::Never(_))), "{outcome:?}");
    }

    #[tokio::test]
    async fn nobody_adds_headers_or_receivers_by_what_they_or_their_files_are_called() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::folder(&Config::default(), dir.path().to_owned()).unwrap();
        let evil = "Ana\r\nBcc: eve@example.com\r\n\r\n.\r\nQUIT";
        let mut letter = mail("ana@example.com");
        letter.letter.subject = evil.to_owned();
        let (name, content_type) = (format!("{evil}\".csv"), "text/csv".to_owned());
        letter.file = Some(File { name, content_type, bytes: b"a".to_vec() });
        match mailer.send(&letter).await {
            Err(Error::Never(_)) => {}
            sent => {
                sent.unwrap();
                let path = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
                let text = std::fs::read_to_string(path).unwrap();
                let names = |head: &str| -> Vec<String> {
                    let lines = head.lines().filter(|line| !line.starts_with(' '));
                    lines.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
                };
                let (head, parts) = text.split_once("\r\n\r\n").unwrap();
                let usual =
                    ["From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Date", "Content-Type"];
                assert_eq!(names(head), usual, "{head}");
                let (_, file) = parts.rsplit_once("Content-Disposition").unwrap();
                let (head, _) = file.split_once("\r\n\r\n").unwrap();
                assert_eq!(names(head), ["", "Content-Type", "Content-Transfer-Encoding"], "{head}");
            }
        }
    }

    #[test]
    fn a_sender_that_is_none_is_refused_by_name() {
        let config = Config { from: "nobody".to_owned(), ..Config::default() };
        let error = Mailer::folder(&config, PathBuf::new()).err().expect("refused").to_string();
        assert!(error.contains("mail.from"), "{error}");
    }
}
