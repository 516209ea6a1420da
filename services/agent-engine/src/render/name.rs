//! What are the members of enums and codes called?

use super::text::humanised;
use crate::domain::{
    brief::{ConstraintKind, Source},
    conflict::{Kind, Severity, Status},
    depth::Depth,
    locale::Locale,
    meeting::{Method, Outcome},
    opinion::{Direction, EvidenceKind, Priority, Reversibility, Stance, Trend},
    report::Quality,
    role::Role,
};

/// Of [`Depth`].
pub(super) const fn depth(depth: Depth, locale: Locale) -> &'static str {
    match depth {
        Depth::Quick => locale.pick("Quick", "Rápida"),
        Depth::Standard => locale.pick("Standard", "Padrão"),
        Depth::Deep => locale.pick("Deep", "Profunda"),
    }
}

/// Of [`Quality`].
pub(super) const fn quality(quality: Quality, locale: Locale) -> &'static str {
    match quality {
        Quality::Full => locale.pick("Complete", "Completa"),
        Quality::Partial => locale.pick("Partial", "Parcial"),
    }
}

/// Of [`Stance`].
pub(super) const fn stance(stance: Stance, locale: Locale) -> &'static str {
    match stance {
        Stance::Support => locale.pick("In favour", "A favor"),
        Stance::Oppose => locale.pick("Against", "Contra"),
        Stance::Conditional => locale.pick("In favour under conditions", "A favor, com condições"),
        Stance::Abstain => locale.pick("Abstains", "Abstém-se"),
    }
}

/// Of [`Outcome`].
pub(super) const fn outcome(outcome: Outcome, locale: Locale) -> &'static str {
    match outcome {
        Outcome::Adopted => locale.pick("Adopted", "Adotada"),
        Outcome::Rejected => locale.pick("Rejected", "Rejeitada"),
        Outcome::Deferred => locale.pick("Deferred", "Adiada"),
        Outcome::Agreed => locale.pick("Agreed", "Acordado"),
    }
}

/// Of [`Method`].
pub(super) const fn method(method: Method, locale: Locale) -> &'static str {
    match method {
        Method::Consensus => locale.pick("Consensus", "Consenso"),
        Method::Approval => locale.pick("Approval vote", "Voto de aprovação"),
        Method::Ranked => locale.pick("Ranking", "Classificação"),
        Method::ChairRule => locale.pick("Rule of the chair", "Regra da presidência"),
    }
}

/// Of [`Severity`].
pub(super) const fn severity(severity: Severity, locale: Locale) -> &'static str {
    match severity {
        Severity::Info => locale.pick("Note", "Nota"),
        Severity::Low => locale.pick("Low", "Baixa"),
        Severity::Medium => locale.pick("Medium", "Média"),
        Severity::High => locale.pick("High", "Alta"),
        Severity::Critical => locale.pick("Critical", "Crítica"),
    }
}

/// Of [`Status`].
pub(super) const fn status(status: Status, locale: Locale) -> &'static str {
    match status {
        Status::Open => locale.pick("Open", "Em aberto"),
        Status::Debated => locale.pick("Debated", "Debatido"),
        Status::Resolved => locale.pick("Resolved", "Resolvido"),
        Status::AcceptedDissent => locale.pick("Accepted dissent", "Divergência aceita"),
    }
}

/// Of [`Kind`].
pub(super) const fn conflict(kind: Kind, locale: Locale) -> &'static str {
    match kind {
        Kind::MetricMismatch => locale.pick("Different numbers", "Números diferentes"),
        Kind::DirectionOpposition => locale.pick("Opposite directions", "Direções opostas"),
        Kind::ResourceContention => locale.pick("Not enough money for all", "Recursos insuficientes para tudo"),
        Kind::TimelineClash => locale.pick("Clash of dates", "Conflito de prazos"),
        Kind::ConstraintViolation => locale.pick("Broken constraint", "Restrição violada"),
        Kind::AssumptionConflict => locale.pick("Different assumptions", "Premissas diferentes"),
        Kind::PriorityConflict => locale.pick("Opposite priorities", "Prioridades opostas"),
        Kind::ReversibilityVeto => locale.pick("Irreversible and opposed", "Irreversível e contestada"),
        Kind::EvidenceGap => locale.pick("Missing evidence", "Falta de evidência"),
        Kind::ArithmeticError => locale.pick("Numbers that do not add up", "Números que não fecham"),
        Kind::Contradiction => locale.pick("Contradiction", "Contradição"),
        Kind::Incomparable => locale.pick("Incomparable numbers", "Números não comparáveis"),
    }
}

/// Of [`Source`].
pub(super) const fn source(source: Source, locale: Locale) -> &'static str {
    match source {
        Source::Given => locale.pick("Given", "Informado"),
        Source::Stated => locale.pick("Read from the description", "Lido da descrição"),
        Source::Answered => locale.pick("Answered when asked", "Respondido quando perguntado"),
        Source::Assumed => locale.pick("Assumed", "Assumido"),
    }
}

/// Of [`ConstraintKind`].
pub(super) const fn constraint(kind: ConstraintKind, locale: Locale) -> &'static str {
    match kind {
        ConstraintKind::BudgetCap => locale.pick("Budget limit", "Limite de orçamento"),
        ConstraintKind::Deadline => locale.pick("Deadline", "Prazo final"),
        ConstraintKind::MetricMin => locale.pick("Not below", "Não abaixo de"),
        ConstraintKind::MetricMax => locale.pick("Not above", "Não acima de"),
        ConstraintKind::Forbidden => locale.pick("Not to be touched", "Não pode ser alterado"),
    }
}

/// Of [`Direction`].
pub(super) const fn direction(direction: Direction, locale: Locale) -> &'static str {
    match direction {
        Direction::Increase => locale.pick("increase", "aumentar"),
        Direction::Decrease => locale.pick("decrease", "reduzir"),
        Direction::Start => locale.pick("start", "iniciar"),
        Direction::Stop => locale.pick("stop", "encerrar"),
        Direction::Keep => locale.pick("keep", "manter"),
    }
}

/// Of [`Priority`].
pub(super) const fn priority(priority: Priority, locale: Locale) -> &'static str {
    match priority {
        Priority::Must => locale.pick("Must", "Indispensável"),
        Priority::Should => locale.pick("Should", "Importante"),
        Priority::Could => locale.pick("Could", "Desejável"),
        Priority::Wont => locale.pick("Not now", "Não agora"),
    }
}

/// Of [`Reversibility`].
pub(super) const fn reversibility(reversibility: Reversibility, locale: Locale) -> &'static str {
    match reversibility {
        Reversibility::TwoWay => locale.pick("reversible", "reversível"),
        Reversibility::OneWay => locale.pick("irreversible", "irreversível"),
    }
}

/// Of [`EvidenceKind`].
pub(super) const fn evidence(kind: EvidenceKind, locale: Locale) -> &'static str {
    match kind {
        EvidenceKind::Input => locale.pick("fact", "fato"),
        EvidenceKind::Tool => locale.pick("computed", "calculado"),
        EvidenceKind::Assumption => locale.pick("assumption", "premissa"),
        EvidenceKind::General => locale.pick("general knowledge", "conhecimento geral"),
    }
}

/// Of [`Trend`].
pub(super) const fn trend(trend: Trend, locale: Locale) -> &'static str {
    match trend {
        Trend::Up => locale.pick("rising", "em alta"),
        Trend::Down => locale.pick("falling", "em queda"),
        Trend::Flat => locale.pick("flat", "estável"),
    }
}

/// Of roles, as they are listed.
pub(super) fn roles(roles: &[Role], locale: Locale) -> String {
    roles.iter().map(|role| role.label(locale)).collect::<Vec<_>>().join(", ")
}

/// Of the origin of an input of the scenarios.
pub(super) fn input_source(source: &str, locale: Locale) -> String {
    let known = match source {
        "fact" => locale.pick("Fact", "Fato"),
        "agreed" => locale.pick("Agreed in the meeting", "Acordado na reunião"),
        "assumed" => locale.pick("Assumed by agents", "Assumido pelos agentes"),
        "default" => locale.pick("Default", "Valor padrão"),
        other => return humanised(other),
    };
    known.to_owned()
}

/// Of the severity of a finding.
pub(super) fn finding_severity(severity: &str, locale: Locale) -> String {
    let known = match severity {
        "info" => locale.pick("Note", "Nota"),
        "warning" => locale.pick("Warning", "Atenção"),
        "serious" => locale.pick("Serious", "Grave"),
        other => return humanised(other),
    };
    known.to_owned()
}

/// Of what found something: `reviewer`, `judge`, `check:<name>` or `rule:<name>`. The names are for programs.
pub(super) fn detector(source: &str, locale: Locale) -> String {
    let known = match source.split(':').next().unwrap_or_default() {
        "reviewer" => locale.pick("Reviewer", "Revisor"),
        "judge" => locale.pick("Found by a judge", "Encontrado por um juiz"),
        "check" => locale.pick("Automatic check", "Verificação automática"),
        "rule" => locale.pick("Found by a rule", "Encontrado por regra"),
        _ => return humanised(source),
    };
    known.to_owned()
}

/// Of a unit that has no sign.
pub(super) fn unit(unit: &str, is_one: bool, locale: Locale) -> String {
    let known = match (unit, is_one) {
        ("months" | "month", true) => locale.pick("month", "mês"),
        ("months" | "month", false) => locale.pick("months", "meses"),
        ("days" | "day", true) => locale.pick("day", "dia"),
        ("days" | "day", false) => locale.pick("days", "dias"),
        ("weeks" | "week", true) => locale.pick("week", "semana"),
        ("weeks" | "week", false) => locale.pick("weeks", "semanas"),
        ("years" | "year", true) => locale.pick("year", "ano"),
        ("years" | "year", false) => locale.pick("years", "anos"),
        ("hours" | "hour", true) => locale.pick("hour", "hora"),
        ("hours" | "hour", false) => locale.pick("hours", "horas"),
        ("basis_points", _) => locale.pick("basis points", "pontos-base"),
        (other, _) => return humanised(other).to_lowercase(),
    };
    known.to_owned()
}

/// Of a period of a flow, or of a day in the future; none of now.
pub(super) fn period(period: &str, locale: Locale) -> Option<String> {
    let known = match period {
        "day" => locale.pick("per day", "por dia"),
        "week" => locale.pick("per week", "por semana"),
        "month" => locale.pick("per month", "por mês"),
        "quarter" => locale.pick("per quarter", "por trimestre"),
        "year" => locale.pick("per year", "por ano"),
        "now" | "" => return None,
        other => match other.strip_prefix('d').and_then(|days| days.parse::<u32>().ok()) {
            Some(days) => {
                return Some(format!("{} {days} {}", locale.pick("in", "em"), unit("days", days == 1, locale)));
            }
            None => return Some(format!("({})", humanised(other).to_lowercase())),
        },
    };
    Some(known.to_owned())
}
