//! Which steps does an analysis of this depth have?

use super::{Ask, Kind, Limits, Plan, Step, VERSION, texts};
use crate::domain::{depth::Depth, locale::Locale, role::Role};

/// The plan of a new execution.
pub(crate) fn make(depth: Depth, locale: Locale) -> Plan {
    let mut maker = Maker { locale, steps: vec![] };
    maker.opinions(depth);
    maker.conflicts(depth);
    maker.meeting(depth);
    maker.artifacts(depth);
    Plan { version: VERSION, limits: Limits::of(depth), steps: maker.steps }
}

/// In how many batches pairs are judged, each in both orders; how many rounds there are; how often it is reviewed.
const fn rounds(depth: Depth) -> (u32, u32, u32) {
    match depth {
        Depth::Quick => (0, 0, 0),
        Depth::Standard => (1, 1, 1),
        Depth::Deep => (2, 2, 2),
    }
}

struct Maker {
    locale: Locale,
    steps: Vec<Step>,
}

impl Maker {
    fn opinions(&mut self, depth: Depth) {
        let frame = self.ask(Kind::Frame, Role::Analyst, 1, 1_200);
        self.step("frame".to_owned(), Kind::Frame, vec![], 2, Some(frame));
        self.step("intake".to_owned(), Kind::Intake, vec!["frame".to_owned()], 1, None);
        for role in depth.roster() {
            let needs = || vec!["intake".to_owned()];
            let ask = self.ask(Kind::Opinion, *role, 1, 2_400);
            self.step(format!("opinion.{role}"), Kind::Opinion, needs(), 3, Some(ask));
            if depth == Depth::Deep && role.is_mandatory() {
                // Whoever counts, counts twice.
                let ask = Ask { is_optional: true, ..self.ask(Kind::Opinion, *role, 2, 2_400) };
                self.step(format!("opinion.{role}.2"), Kind::Opinion, needs(), 2, Some(ask));
            }
        }
    }

    fn conflicts(&mut self, depth: Depth) {
        let opinions = self.keys(Kind::Opinion);
        self.step("detect".to_owned(), Kind::Detect, opinions, 1, None);
        for number in 1..=rounds(depth).0 {
            for order in ["forward", "backward"] {
                let ask = Ask { is_optional: true, ..self.ask(Kind::Judge, Role::Reviewer, number, 900) };
                self.step(format!("judge.{number}.{order}"), Kind::Judge, needs("detect"), 1, Some(ask));
            }
        }
        let mut judged = self.keys(Kind::Judge);
        judged.push("detect".to_owned());
        self.step("table".to_owned(), Kind::Table, judged, 1, None);
    }

    fn meeting(&mut self, depth: Depth) {
        for role in depth.roster() {
            let ask = self.ask(Kind::Ballot, *role, 1, 1_000);
            self.step(format!("ballot.{role}"), Kind::Ballot, needs("detect"), 2, Some(ask));
        }
        let mut before = self.keys(Kind::Ballot);
        before.push("table".to_owned());
        for round in 1..=rounds(depth).1 {
            for role in depth.roster() {
                let ask = Ask { is_optional: true, ..self.ask(Kind::Turn, *role, round, 1_400) };
                self.step(format!("turn.{round}.{role}"), Kind::Turn, before.clone(), 2, Some(ask));
            }
            before = self.keys(Kind::Turn);
        }
        before.push("table".to_owned());
        before.extend(self.keys(Kind::Ballot));
        self.step("decide".to_owned(), Kind::Decide, before, 1, None);
    }

    fn artifacts(&mut self, depth: Depth) {
        for number in 1..=rounds(depth).2 {
            let ask = Ask { is_optional: true, ..self.ask(Kind::Review, Role::Reviewer, number, 700) };
            self.step(format!("review.{number}"), Kind::Review, needs("decide"), 1, Some(ask));
        }
        let documents: &[&str] = if depth == Depth::Quick { &["summary"] } else { &["summary", "memo", "minutes"] };
        for document in documents {
            let ask = Ask { is_landing: true, ..self.ask(Kind::Word, Role::Chair, 1, 1_200) };
            self.step(format!("word.{document}"), Kind::Word, needs("decide"), 2, Some(ask));
        }
        let mut all = self.keys(Kind::Word);
        all.extend(self.keys(Kind::Review));
        all.push("decide".to_owned());
        self.step("finish".to_owned(), Kind::Finish, all, 1, None);
    }

    fn step(&mut self, key: String, kind: Kind, needs: Vec<String>, weight: u32, ask: Option<Ask>) {
        self.steps.push(Step { key, kind, needs, weight, ask });
    }

    fn ask(&self, kind: Kind, role: Role, number: u32, max_output: u32) -> Ask {
        Ask {
            role,
            number,
            max_output,
            is_landing: false,
            is_optional: false,
            mandate: texts::hash(texts::mandate(role, self.locale)),
            task: texts::hash(texts::task(kind.task(), self.locale)),
            schema: texts::hash(texts::schema(kind.task())),
        }
    }

    fn keys(&self, kind: Kind) -> Vec<String> {
        self.steps.iter().filter(|step| step.kind == kind).map(|step| step.key.clone()).collect()
    }
}

fn needs(key: &str) -> Vec<String> {
    vec![key.to_owned()]
}

/// What a plan refers to: hash and text.
pub(crate) fn referred(depth: Depth, locale: Locale) -> Vec<(String, &'static str)> {
    let mut texts: Vec<&'static str> = vec![];
    for step in make(depth, locale).steps {
        if let Some(ask) = step.ask {
            texts.push(texts::mandate(ask.role, locale));
            texts.push(texts::task(step.kind.task(), locale));
            texts.push(texts::schema(step.kind.task()));
        }
    }
    texts.sort_unstable();
    texts.dedup();
    texts.into_iter().map(|text| (texts::hash(text), text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_comes_after_what_it_needs_and_all_lead_to_the_end() {
        for depth in Depth::ALL {
            let plan = make(depth, Locale::En);
            for (at, step) in plan.steps.iter().enumerate() {
                for need in &step.needs {
                    assert!(plan.steps[..at].iter().any(|before| before.key == *need), "{} needs {need}", step.key);
                }
                let is_needed = plan.steps.iter().any(|after| after.needs.contains(&step.key));
                assert!(is_needed || step.kind == Kind::Finish, "{} leads nowhere", step.key);
            }
        }
    }

    #[test]
    fn the_calls_of_a_plan_fit_into_its_limits_with_room_for_repairs() {
        for depth in Depth::ALL {
            let plan = make(depth, Locale::PtBr);
            let calls = i64::try_from(plan.steps.iter().filter(|step| step.ask.is_some()).count()).expect("few");
            assert!(calls + 4 <= plan.limits.calls, "{depth:?}: {calls}");
        }
    }

    #[test]
    fn a_plan_survives_its_text() {
        let plan = make(Depth::Deep, Locale::En);
        let text = serde_json::to_string(&plan).expect("text");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
        assert!(plan.hops() >= 6);
    }
}
