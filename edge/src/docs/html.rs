//! Text into HTML.

use std::fmt;

/// Shows text with what HTML reads as markup escaped.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

/// Shows a sentence of the documentation: escaped, with `code` between backticks and a paragraph after an empty line.
pub(super) struct Prose<'a>(pub &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, paragraph) in self.0.split("\n\n").enumerate() {
            if i > 0 {
                f.write_str("<br><br>")?;
            }
            for (j, piece) in paragraph.split('`').enumerate() {
                match j % 2 {
                    0 => write!(f, "{}", Escaped(piece))?,
                    _ => write!(f, "<code>{}</code>", Escaped(piece))?,
                }
            }
        }
        Ok(())
    }
}

/// A whole page around `content`, which is HTML already.
pub(super) fn page(title: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Perpetuo</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\n\
         <body><header><a href=\"/docs\">Perpetuo</a> <nav><a href=\"/docs\">Reference</a> \
         <a href=\"/docs/providers\">Providers</a> <a href=\"/docs/errors\">Errors</a> <a href=\"/openapi.json\">OpenAPI</a></nav></header>\n\
         <main>\n{content}</main></body></html>\n",
        title = Escaped(title),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        assert_eq!(Escaped("<a href=\"x\">&'é</a>").to_string(), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;é&lt;/a&gt;");
        assert_eq!(Prose("use `<b>` & go").to_string(), "use <code>&lt;b&gt;</code> &amp; go");
    }
}
