//! What is known of the workspace in each row of a statement: facts, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

/// A row source whose workspace has to be known: a reference to a tenants' table, or rows that are made of several.
pub type Node = usize;

/// Where a value comes from, as far as it says whose a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the caller: a parameter, or a column of rows that the caller has passed.
    Given,
    /// From the column `workspace_id` of these rows.
    Rows(Node),
    /// From anywhere else.
    Elsewhere,
}

/// All facts of one statement.
#[derive(Default)]
pub struct Known {
    /// The table of each node; none for rows that are made of others.
    nodes: Vec<Option<String>>,
    mentions: usize,
    /// The workspace of the node is known when all of these are.
    facts: Vec<(Node, Vec<Origin>)>,
    /// Equalities that were of use, as they are written.
    used: Vec<String>,
    /// What must not be, whatever is known.
    wrong: Vec<String>,
}

impl Known {
    /// A mention of a table.
    pub fn table(&mut self, name: impl Into<String>) -> Node {
        self.mentions += 1;
        self.nodes.push(Some(name.into()));
        self.nodes.len() - 1
    }

    /// The row of a table that an insert finds there already.
    pub fn found(&mut self, table: &str) -> Node {
        self.nodes.push(Some(format!("{table} on conflict")));
        self.nodes.len() - 1
    }

    /// How many mentions of tables there are.
    pub const fn tables(&self) -> usize {
        self.mentions
    }

    /// Rows that are in one of several places: what is true of all of them is true of these.
    pub fn any_of(&mut self, origins: &[Origin]) -> Origin {
        if origins.iter().all(|o| *o == Origin::Given) {
            return Origin::Given;
        }
        if origins.contains(&Origin::Elsewhere) {
            return Origin::Elsewhere;
        }
        self.nodes.push(None);
        let node = self.nodes.len() - 1;
        self.facts.push((node, origins.to_vec()));
        Origin::Rows(node)
    }

    /// The rows of `node` are of the workspace that `origin` says.
    pub fn is(&mut self, node: Node, origin: Origin) {
        self.facts.push((node, vec![origin]));
    }

    pub fn used(&mut self, equality: String) {
        self.used.push(equality);
    }

    pub fn wrong(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// What there is to complain about: tables whose rows may be anybody's, those that are each other's together
    /// (`a+b`), and of `written`, the equalities of the statement, those that bind nothing.
    pub fn complaints(&self, written: Vec<String>) -> Vec<String> {
        let bound = self.bound();
        let mut groups: BTreeMap<Node, Vec<&str>> = BTreeMap::new();
        let leaders = self.leaders(&bound);
        for (node, name) in self.nodes.iter().enumerate().filter(|(node, _)| !bound.contains(node)) {
            groups.entry(leaders[node]).or_default().extend(name.as_deref());
        }
        let mut complaints = self.wrong.clone();
        for mut names in groups.into_values().filter(|names| !names.is_empty()) {
            names.sort_unstable();
            complaints.push(names.join("+"));
        }
        let mut left = self.used.clone();
        for equality in written {
            match left.iter().position(|used| *used == equality) {
                Some(at) => drop(left.swap_remove(at)),
                None => complaints.push(format!("only a filter {equality}")),
            }
        }
        complaints.sort();
        complaints
    }

    fn bound(&self) -> BTreeSet<Node> {
        let mut bound = BTreeSet::new();
        loop {
            let before = bound.len();
            for (node, origins) in &self.facts {
                let known = |origin: &Origin| match origin {
                    Origin::Given => true,
                    Origin::Rows(other) => bound.contains(other),
                    Origin::Elsewhere => false,
                };
                if origins.iter().all(known) {
                    bound.insert(*node);
                }
            }
            if bound.len() == before {
                return bound;
            }
        }
    }

    /// For each node one of those that belong together.
    fn leaders(&self, bound: &BTreeSet<Node>) -> Vec<Node> {
        let mut leaders: Vec<Node> = (0..self.nodes.len()).collect();
        for (node, origins) in self.facts.iter().filter(|(node, _)| !bound.contains(node)) {
            for origin in origins {
                if let Origin::Rows(other) = origin
                    && !bound.contains(other)
                {
                    let (from, to) = (leaders[*node], leaders[*other]);
                    leaders.iter_mut().filter(|l| **l == from).for_each(|l| *l = to);
                }
            }
        }
        leaders
    }
}
