//! Who sits at the table.

use super::locale::Locale;
use serde::{Deserialize, Serialize};

/// A member of the board that is played. Each has a mandate of its own (`prompts/<role>.<locale>.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the numbers say.
    Analyst,
    /// Customers, prices, sales.
    Commercial,
    /// Cash, margins, risk of ruin.
    Financial,
    /// Competitors and demand.
    Market,
    /// Capacity, people, delivery.
    Operations,
    /// Law, contracts, what can go wrong.
    RiskLegal,
    /// Looks for holes in what the others decided. Has no vote.
    Reviewer,
    /// Words what was decided. Has no vote.
    Chair,
}

impl Role {
    /// Everybody.
    pub const ALL: [Self; 8] = [
        Self::Analyst,
        Self::Commercial,
        Self::Financial,
        Self::Market,
        Self::Operations,
        Self::RiskLegal,
        Self::Reviewer,
        Self::Chair,
    ];

    /// The name in keys, prompts and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Commercial => "commercial",
            Self::Financial => "financial",
            Self::Market => "market",
            Self::Operations => "operations",
            Self::RiskLegal => "risk_legal",
            Self::Reviewer => "reviewer",
            Self::Chair => "chair",
        }
    }

    /// The name that people read.
    pub const fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Analyst, Locale::En) => "Analyst",
            (Self::Analyst, Locale::PtBr) => "Analista",
            (Self::Commercial, Locale::En) => "Commercial",
            (Self::Commercial, Locale::PtBr) => "Comercial",
            (Self::Financial, Locale::En) => "Financial",
            (Self::Financial, Locale::PtBr) => "Financeiro",
            (Self::Market, Locale::En) => "Market",
            (Self::Market, Locale::PtBr) => "Mercado",
            (Self::Operations, Locale::En) => "Operations",
            (Self::Operations, Locale::PtBr) => "Operações",
            (Self::RiskLegal, Locale::En) => "Risk & legal",
            (Self::RiskLegal, Locale::PtBr) => "Riscos e jurídico",
            (Self::Reviewer, Locale::En) => "Reviewer",
            (Self::Reviewer, Locale::PtBr) => "Revisor",
            (Self::Chair, Locale::En) => "Chair",
            (Self::Chair, Locale::PtBr) => "Presidência da mesa",
        }
    }

    /// Without these two there is no decision to speak of, and a decision against one of them that cannot be taken back is
    /// a conflict of the gravest kind.
    pub const fn is_mandatory(self) -> bool {
        matches!(self, Self::Analyst | Self::Financial)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
