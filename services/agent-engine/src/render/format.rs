//! Which kinds of files are there?

/// A kind of file that reports exist as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// To be read and printed.
    Pdf,
    /// To be worked on.
    Docx,
    /// To be read as text.
    Md,
    /// The report itself, for programs.
    Json,
    /// The months of all scenarios, or else the plan, for spreadsheets.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Pdf, Self::Docx, Self::Md, Self::Json, Self::Csv];

    /// The format of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// The name in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Md => "md",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// What HTTP calls it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Md => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// How file names end, without a dot.
    pub const fn extension(self) -> &'static str {
        self.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_found_by_its_name_and_by_nothing_else() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
            assert!(!format.content_type().is_empty());
        }
        for name in ["", "PDF", "xlsx", " md"] {
            assert_eq!(Format::parse(name), None, "{name}");
        }
    }
}
