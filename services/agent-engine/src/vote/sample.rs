//! Companies, choices and ballots to vote on in tests.

use crate::domain::{
    ballot::{Ballot, Choice, Vote},
    brief::{Brief, Constraint, ConstraintKind, Fact, Source},
    conflict::{Conflict, Kind, Severity, Status},
    locale::Locale,
    meeting::{Move, Turn},
    opinion::{
        Claim, ClaimKind, Direction, Evidence, EvidenceKind, Interval, Opinion, Priority, Range, Reversibility, Stance,
    },
    role::Role,
};

pub(super) fn brief(constraints: Vec<Constraint>) -> Brief {
    let cash = Fact {
        key: "cash".into(),
        value: 100_000.0,
        unit: "money".into(),
        period: None,
        source: Source::Given,
        quote: None,
    };
    Brief {
        problem_description: String::new(),
        business_type: String::new(),
        facts: vec![cash],
        constraints,
        horizon_days: 180,
        currency: "BRL".into(),
        locale: Locale::En,
        unknown: vec![],
    }
}

pub(super) fn limit(kind: ConstraintKind, key: Option<&str>, value: Option<f64>) -> Constraint {
    Constraint { kind, key: key.map(str::to_owned), value, text: String::new() }
}

pub(super) fn cap(value: f64) -> Brief {
    brief(vec![limit(ConstraintKind::BudgetCap, None, Some(value))])
}

pub(super) fn choice(n: usize, lever: &str, direction: Direction, cost: f64) -> Choice {
    Choice {
        id: format!("o{n}"),
        lever: lever.into(),
        direction,
        recommendations: vec![format!("market.r{n}")],
        proposers: vec![Role::Market],
        cost: (cost > 0.0).then_some(Range { low: cost * 0.5, high: cost * 1.5 }),
        start_day: 0,
        end_day: 30,
        owner: String::new(),
        depends_on: vec![],
        effects: vec![],
        reversibility: Reversibility::TwoWay,
        priority: Priority::Should,
        statement: String::new(),
    }
}

/// `yes` and `no` name choices by number; a confidence for all of them.
pub(super) fn ballot(role: Role, yes: &[usize], no: &[usize], confidence: f64) -> Ballot {
    let vote = |n: &usize, approve| Vote {
        choice: format!("o{n}"),
        approve,
        confidence,
        reason: format!("{role} on o{n}"),
        would_change_if: "numbers".into(),
    };
    Ballot { role, votes: yes.iter().map(|n| vote(n, true)).chain(no.iter().map(|n| vote(n, false))).collect() }
}

pub(super) fn turn(role: Role, action: Move, new_evidence: Option<&str>, revised: Option<f64>) -> Turn {
    let revised = revised.map(|v| Interval { low: v, point: v, high: v });
    Turn {
        role,
        conflict: "k1".into(),
        action,
        new_evidence: new_evidence.map(str::to_owned),
        revised,
        text: String::new(),
    }
}

pub(super) fn churn(role: Role, point: f64, confidence: f64, evidence: EvidenceKind) -> Opinion {
    let claim = Claim {
        id: format!("{role}.c1"),
        kind: ClaimKind::Metric,
        topic: "churn".into(),
        metric: Some("churn".into()),
        value: Some(Interval { low: point, point, high: point }),
        unit: Some("percent".into()),
        period: Some("month".into()),
        trend: None,
        statement: format!("Churn is {point}."),
        evidence: vec![Evidence { kind: evidence, reference: "churn".into(), quote: None }],
        confidence,
    };
    Opinion {
        role,
        stance: Stance::Support,
        headline: String::new(),
        claims: vec![claim],
        recommendations: vec![],
        assumptions: vec![],
        risks: vec![],
        unknowns: vec![],
        confidence: 0.7,
    }
}

pub(super) fn conflict(n: usize, kind: Kind, topic: &str, parties: &[&str]) -> Conflict {
    Conflict {
        id: format!("k{n}"),
        kind,
        topic: topic.into(),
        parties: parties.iter().map(|id| (*id).to_owned()).collect(),
        severity: Severity::High,
        score: 0.5,
        detector: "rule:test".into(),
        quotes: vec![],
        status: Status::Open,
    }
}
