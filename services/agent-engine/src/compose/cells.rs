//! Which numbers may prose tell, and how are they written?

mod choices;
mod facts;
mod money;
mod said;

pub(super) use choices::middle;

use super::format::Style;
use crate::domain::{brief::Brief, finance::Scenarios, meeting::Meeting, opinion::Opinion, report::Cell};
use std::collections::BTreeMap;

/// Every number of an analysis by the id that prose names it with: `f_<fact>`, `m_<metric>` (agreed), `o1_cost` and others
/// of choices, `s_end_cash` and others of scenarios, `limit_<metric>`, `budget_cap`, `deadline`, `horizon`,
/// `total_cost`, `used_<input>` and `said_<claim>`. In the order of their ids those that matter most come before those
/// that single agents say.
pub fn cells(
    brief: &Brief,
    opinions: &[Opinion],
    meeting: &Meeting,
    scenarios: Option<&Scenarios>,
) -> BTreeMap<String, Cell> {
    let mut table = Table { style: Style { locale: brief.locale, currency: &brief.currency }, cells: BTreeMap::new() };
    facts::add(&mut table, brief);
    choices::add(&mut table, meeting);
    said::add(&mut table, brief, opinions);
    if let Some(scenarios) = scenarios {
        money::add(&mut table, scenarios);
    }
    table.cells
}

/// Cells, while they are collected.
struct Table<'a> {
    style: Style<'a>,
    cells: BTreeMap<String, Cell>,
}

impl Table<'_> {
    /// A number as it is usually written.
    fn put(&mut self, id: &str, value: f64, unit: &str, label: String, origin: String) {
        self.put_as(id, value, unit, self.style.number(value, unit), label, origin);
    }

    /// What is no number is no cell.
    fn put_as(&mut self, id: &str, value: f64, unit: &str, text: String, label: String, origin: String) {
        if value.is_finite() {
            self.cells.insert(id.to_owned(), Cell { value, unit: unit.to_owned(), text, label, origin });
        }
    }

    fn pick(&self, en: &str, pt: &str) -> String {
        self.style.locale.pick(en, pt).to_owned()
    }
}

#[cfg(test)]
mod tests;
