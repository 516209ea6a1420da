//! What is the file called?

use super::{Format, date};
use crate::domain::{locale::Locale, report::Report};

/// Of what comes from elsewhere, no more than this is in a name.
const LONGEST: usize = 64;

/// `report-2027-03-01-exec_….pdf`: safe in every file system and in every header.
pub(super) fn of(report: &Report, format: Format, locale: Locale) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let id: String = report.execution_id.chars().filter(is_safe).take(LONGEST).collect();
    let day = date::begun(&report.created_at).map(|at| at.format("%Y-%m-%d").to_string());
    let word = locale.pick("report", "relatorio").to_owned();
    let parts = [Some(word), day, (!id.is_empty()).then_some(id)];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join("-");
    format!("{name}.{}", format.extension())
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn a_name_is_safe_whatever_the_execution_is_called() {
        let mut report = sample::quick(Locale::En);
        assert_eq!(of(&report, Format::Pdf, Locale::En), "report-2027-03-01-exec_0198a3f0quick.pdf");
        report.execution_id = "../../etc/passwd\r\n\"; é".to_owned();
        report.created_at = "never".to_owned();
        assert_eq!(of(&report, Format::Csv, Locale::PtBr), "relatorio-etcpasswd.csv");
        report.execution_id = String::new();
        assert_eq!(of(&report, Format::Docx, Locale::En), "report.docx");
    }
}
