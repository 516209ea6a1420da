//! How are actions written on a line of time?

use super::{
    super::{
        block::{Bar, Plan},
        date, text,
    },
    body::{paragraph, run, shaded, spacer},
    grid::{Grid, Shade},
    styles::{ACCENT, LIGHT},
    xml::Xml,
};
use crate::domain::locale::Locale;

const NUMBER: i64 = 400;
const NAME: i64 = 3_266;
/// Time is cut into so many cells.
const SLOTS: u32 = 30;
const SLOT: i64 = 200;
/// A day is named above so many cells: a fifth of all.
const NAMED: usize = 6;
/// So much of a name fits into a line.
const LONGEST: usize = 36;

/// A row for each action; the cells of its days are filled.
pub(super) fn draw(xml: &mut Xml, plan: &Plan, locale: Locale) {
    paragraph(xml, "Heading2", |xml| run(xml, plan.title));
    paragraph(xml, "Intro", |xml| {
        for (color, name) in [ACCENT, LIGHT].into_iter().zip(plan.legend) {
            shaded(xml, color);
            run(xml, &format!("\u{a0}{name}\u{a0}\u{a0}\u{a0} "));
        }
    });
    let widths = [NUMBER, NAME].into_iter().chain(std::iter::repeat_n(SLOT, SLOTS as usize)).collect();
    let grid = Grid { widths, style: Some("PlanTable") };
    let days = plan.last_day() / SLOTS + 1;
    grid.draw(xml, |xml| {
        head(xml, &grid, plan, days, locale);
        for bar in &plan.bars {
            grid.row(xml, false, |xml| row(xml, &grid, bar, days));
        }
    });
    spacer(xml);
}

fn head(xml: &mut Xml, grid: &Grid, plan: &Plan, days: u32, locale: Locale) {
    grid.row(xml, true, |xml| {
        let shade = Shade { below: Some(ACCENT), ..Shade::default() };
        for n in 0..2 {
            grid.cell(xml, n, shade, |xml| paragraph(xml, "TableNote", |_| {}));
        }
        for slot in (0..SLOTS).step_by(NAMED) {
            let day = slot.saturating_mul(days);
            let label = match plan.begin.and_then(|begin| date::later(begin, day)) {
                Some(date) => date::short(date, days >= 30, locale),
                None => format!("{} {day}", plan.day),
            };
            let shade = Shade { span: NAMED, ..shade };
            grid.cell(xml, slot as usize + 2, shade, |xml| paragraph(xml, "TableNote", |xml| run(xml, &label)));
        }
    });
}

fn row(xml: &mut Xml, grid: &Grid, bar: &Bar, days: u32) {
    grid.cell(xml, 0, Shade::default(), |xml| paragraph(xml, "TableText", |xml| run(xml, &bar.number)));
    let name = text::shortened(&bar.name, LONGEST);
    grid.cell(xml, 1, Shade::default(), |xml| paragraph(xml, "TableText", |xml| run(xml, &name)));
    let (first, last) = (bar.start / days, bar.end / days);
    // Cells that are filled alike are one.
    let parts =
        [(0, first, None), (first, last + 1, Some(if bar.is_must { ACCENT } else { LIGHT })), (last + 1, SLOTS, None)];
    for (from, to, fill) in parts.into_iter().filter(|(from, to, _)| from < to) {
        let shade = Shade { fill, span: (to - from) as usize, ..Shade::default() };
        grid.cell(xml, from as usize + 2, shade, |xml| paragraph(xml, "TableText", |_| {}));
    }
}
