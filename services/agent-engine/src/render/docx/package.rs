//! How do parts become a file?

use super::super::RenderError;
use std::io::{Cursor, Write as _};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// All parts, in this order, each with the first day that archives know: the same parts are the same bytes.
pub(super) fn packed(parts: &[(String, String)]) -> Result<Vec<u8>, RenderError> {
    let failed = |error: &dyn std::fmt::Display| RenderError::Docx(error.to_string());
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(vec![]));
    for (name, part) in parts {
        archive.start_file(name.as_str(), options).map_err(|error| failed(&error))?;
        archive.write_all(part.as_bytes()).map_err(|error| failed(&error))?;
    }
    let file = archive.finish().map_err(|error| failed(&error))?;
    Ok(file.into_inner())
}
