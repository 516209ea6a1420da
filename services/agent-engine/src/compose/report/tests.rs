use super::{
    super::sample::{Sample, sample},
    *,
};
use crate::prose::orphans;

fn made(sample: &Sample, wording: Wording, missing: Vec<Missing>) -> Report {
    report(Parts {
        execution_id: "exec_1",
        depth: Depth::Standard,
        created_at: sample.created_at,
        brief: &sample.brief,
        opinions: &sample.opinions,
        conflicts: &sample.conflicts,
        meeting: &sample.meeting,
        scenarios: sample.scenarios.clone(),
        findings: vec![],
        missing,
        wording,
    })
}

#[test]
fn the_words_of_code_read_well_and_tell_no_orphans() {
    for locale in [Locale::En, Locale::PtBr] {
        let report = made(&sample(locale), Wording::default(), vec![]);
        assert_eq!((report.quality, report.findings.len()), (Quality::Full, 0));
        let documents = [&report.summary.paragraphs, &report.memo, &report.minutes];
        for paragraph in documents.into_iter().flatten() {
            assert_eq!(orphans(paragraph, &report.cells, locale), [""; 0], "{paragraph}");
            assert!(speaks(paragraph, locale), "{paragraph}");
            assert!(
                !paragraph.contains(['_', '{']) && !paragraph.contains("  ") && !paragraph.contains(".."),
                "{paragraph}"
            );
        }
        assert!(documents.iter().all(|document| !document.is_empty()));
    }
}

#[test]
fn words_of_the_chair_are_filled_and_checked() {
    let sample = sample(Locale::PtBr);
    let wording = Wording {
        summary: vec!["## Resumo\n**Adotar** o programa por {{o1_cost}} em 2026. Vai render R$ 900 mil.".into()],
        memo: vec!["La mesa decidió iniciar el programa de retención y los costos son bajos.".into()],
        minutes: vec!["Custa {{o9_cost}}.".into()],
    };
    let missing = vec![Missing { step: "word.minutes".into(), reason: "failed".into() }];
    let report = made(&sample, wording, missing);
    assert_eq!(report.summary.paragraphs, ["Adotar o programa por R$ 40 mil em 2026."]);
    let plain = made(&sample, Wording::default(), vec![]);
    assert_eq!((&report.memo, &report.minutes), (&plain.memo, &plain.minutes), "written anew by code");
    let found: Vec<&str> = report.findings.iter().map(|finding| finding.source.as_str()).collect();
    assert_eq!(found, ["check:orphan_number", "check:language", "check:unknown_cell"]);
    assert_eq!(report.quality, Quality::Partial);
    assert_eq!((report.created_at.as_str(), report.version), ("2026-03-01T12:00:00Z", VERSION));
    assert_eq!(report.opinions[0].role, crate::domain::role::Role::Analyst, "in the order of the roster");
    assert!(!report.cells.contains_key("year_2026"), "a year is no number of the company");
}

#[test]
fn the_same_parts_are_the_same_bytes_and_nothing_is_needed() {
    let bytes = |sample: &Sample| serde_json::to_string(&made(sample, Wording::default(), vec![])).expect("a document");
    for locale in [Locale::En, Locale::PtBr] {
        assert_eq!(bytes(&sample(locale)), bytes(&sample(locale)));
        let empty = Sample {
            opinions: vec![],
            conflicts: vec![],
            meeting: Meeting::default(),
            scenarios: None,
            ..sample(locale)
        };
        let report = made(&empty, Wording::default(), vec![]);
        assert!(!report.summary.paragraphs.is_empty() && !report.minutes.is_empty());
        assert!(report.actions.is_empty() && report.risks.is_empty());
        let undecided = Sample { meeting: Meeting::default(), ..sample(locale) };
        let told = made(&undecided, Wording::default(), vec![]).summary.paragraphs.concat();
        assert!(told.contains(locale.pick("If nothing changes", "Se nada mudar")), "{told}");
    }
}
