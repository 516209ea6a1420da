//! What did everybody say, in an order that does not depend on who was asked first?

use crate::domain::{
    brief::Brief,
    opinion::{Assumption, Claim, Opinion, Priority, Recommendation, Stance},
    registry,
    role::Role,
};

/// One statement and whose it is.
pub(crate) struct Said<'a, T> {
    /// Who said it.
    pub role: Role,
    /// Where the author stands.
    pub stance: Stance,
    /// The id of the statement.
    pub id: String,
    /// Word for word.
    pub statement: &'a str,
    /// How sure the author is, as told.
    pub confidence: f64,
    /// The statement itself.
    pub item: &'a T,
}

/// All statements of all opinions, sorted by author and id.
pub(crate) struct Table<'a> {
    /// What they are about.
    pub brief: &'a Brief,
    /// As they were given.
    pub opinions: &'a [Opinion],
    /// What can be true or false.
    pub claims: Vec<Said<'a, Claim>>,
    /// What is proposed, and what is not to be done now.
    pub recommendations: Vec<Said<'a, Recommendation>>,
    /// What nobody knows; the id is `<role>.a<n>`, as they have none of their own.
    pub assumptions: Vec<Said<'a, Assumption>>,
}

impl<'a> Table<'a> {
    /// Lays everything out.
    pub(crate) fn new(brief: &'a Brief, opinions: &'a [Opinion]) -> Self {
        let mut table = Self { brief, opinions, claims: vec![], recommendations: vec![], assumptions: vec![] };
        for opinion in opinions {
            table.add(opinion);
        }
        table.claims.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
        table.recommendations.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
        table.assumptions.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
        table
    }

    fn add(&mut self, opinion: &'a Opinion) {
        let (role, stance) = (opinion.role, opinion.stance);
        let claims = opinion.claims.iter().map(|item| {
            let (id, statement) = (item.id.clone(), item.statement.as_str());
            Said { role, stance, id, statement, confidence: item.confidence, item }
        });
        self.claims.extend(claims);
        let recommendations = opinion.recommendations.iter().map(|item| {
            let (id, statement) = (item.id.clone(), item.statement.as_str());
            Said { role, stance, id, statement, confidence: opinion.confidence, item }
        });
        self.recommendations.extend(recommendations);
        let assumptions = opinion.assumptions.iter().enumerate().map(|(n, item)| {
            let (id, statement) = (format!("{role}.a{}", n + 1), item.statement.as_str());
            Said { role, stance, id, statement, confidence: opinion.confidence, item }
        });
        self.assumptions.extend(assumptions);
    }

    /// What is to be done.
    pub(crate) fn proposals(&self) -> impl Iterator<Item = &Said<'a, Recommendation>> {
        self.recommendations.iter().filter(|said| said.item.priority != Priority::Wont)
    }

    /// The levers of the registry that somebody speaks of, sorted. Others are shown, and never compared.
    pub(crate) fn levers(&self) -> Vec<&'a str> {
        let mut levers: Vec<&str> = self.recommendations.iter().map(|said| said.item.lever.as_str()).collect();
        levers.sort_unstable();
        levers.dedup();
        levers.retain(|lever| registry::lever(lever).is_some());
        levers
    }
}
