//! Letters as files, where there is no server.

use crate::{Error, Mail};
use std::{io, path::PathBuf};

/// A folder of letters.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) const fn new(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// Writes a letter as a file that mail programs open, and its link into the log if the letter allows it. Errors: [`Error::Later`].
    pub(crate) async fn put(&self, mail: &Mail, bytes: &[u8]) -> Result<(), Error> {
        let (dir, path, bytes) = (self.0.clone(), self.0.join(format!("{}.eml", mail.id)), bytes.to_vec());
        let shown = path.display().to_string();
        let written = tokio::task::spawn_blocking(move || write(&dir, &path, &bytes)).await;
        written.map_err(|e| e.to_string()).and_then(|w| w.map_err(|e| e.to_string())).map_err(Error::Later)?;
        // The reader of this log is the person whose machine it is: there is no other way to them.
        let link = mail.link.as_deref().filter(|_| mail.is_link_logged).unwrap_or("none");
        tracing::info!(to = mail.to, subject = mail.letter.subject, link, file = shown, "a letter was written");
        Ok(())
    }
}

fn write(dir: &std::path::Path, path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    use std::{
        io::Write as _,
        os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // Whoever looks into the folder sees whole letters only.
    let part = path.with_extension("part");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    std::fs::rename(&part, path)
}
