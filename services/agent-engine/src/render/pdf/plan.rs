//! How are actions drawn on a line of time?

use super::{
    super::{
        block::{Bar, Plan},
        date,
    },
    legend,
    paper::{HAIRLINE, LEFT, Paper, RIGHT, Stroke},
    prose,
    style::{CELL, Ink, LABEL},
    winansi::encode,
};
use crate::domain::locale::Locale;

/// Where the bars begin: names are left of it.
const BARS: i64 = LEFT + 190_000;
/// Where numbers end and names begin.
const NAMES: i64 = LEFT + 18_000;
const ROW: i64 = 15_500;
const BAR: i64 = 7_000;
/// A bar of one day is seen too.
const SHORTEST: i64 = 2_500;
/// So many labels fit above the bars.
const MOST_TICKS: u32 = 8;
/// So many rows stay with the heading.
const FIRST_ROWS: usize = 8;
/// Days between labels.
const STEPS: [u32; 12] = [1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1_825, 3_650];

/// How high the heads and the first rows are.
pub(super) fn height_of_begin(plan: &Plan) -> i64 {
    let rows = i64::try_from(plan.bars.len().min(FIRST_ROWS)).unwrap_or(0);
    prose::height_of_subheading() + 2 * (LABEL.leading() + 5_000) + rows * ROW
}

/// A row for each action, and the days above them on each page.
pub(super) fn draw(paper: &mut Paper, plan: &Plan, locale: Locale) {
    prose::subheading(paper, plan.title);
    let [dark, light] = plan.legend;
    let entries: Vec<_> = [(true, dark), (false, light)]
        .into_iter()
        .filter(|(is_must, _)| plan.bars.iter().any(|bar| bar.is_must == *is_must))
        .collect();
    legend::draw(paper, LEFT, &entries, |paper, [x, y], is_must| {
        paper.fill([x, y - BAR / 2], [legend::SAMPLE, BAR], ink(is_must));
    });
    let ticks = ticks(plan, locale);
    draw_days(paper, &ticks);
    for bar in &plan.bars {
        if paper.room(ROW) {
            draw_days(paper, &ticks);
        }
        draw_bar(paper, bar, plan.last_day(), &ticks);
    }
    paper.down(12_000);
}

/// A day that is named, where it is, and how.
struct Tick {
    x: i64,
    label: Vec<u8>,
}

fn ticks(plan: &Plan, locale: Locale) -> Vec<Tick> {
    let last = plan.last_day();
    let step = STEPS.into_iter().find(|step| last / step < MOST_TICKS).unwrap_or(last / MOST_TICKS + 1);
    let days = (0..).map(|n: u32| n.saturating_mul(step)).take_while(|day| *day <= last).take(MOST_TICKS as usize + 1);
    let label = |day: u32| match plan.begin.and_then(|begin| date::later(begin, day)) {
        Some(date) => date::short(date, step >= 180, locale),
        None => format!("{} {day}", plan.day),
    };
    days.map(|day| Tick { x: place(day, last), label: encode(&label(day)) }).collect()
}

/// Where a day begins.
fn place(day: u32, last: u32) -> i64 {
    BARS + (RIGHT - BARS) * i64::from(day.min(last)) / i64::from(last.max(1))
}

fn draw_days(paper: &mut Paper, ticks: &[Tick]) {
    let mut free = BARS;
    for tick in ticks {
        let width = LABEL.font.width(&tick.label, LABEL.size);
        let x = tick.x.min(RIGHT - width);
        // A label that would stand over the one before it is left out.
        if x >= free {
            paper.left(x, LABEL, &tick.label);
            free = x + width + 6_000;
        }
    }
    paper.down(LABEL.leading() + 2_000);
    paper.rule(Stroke { ink: Ink::Accent, width: 900, dash: None });
}

fn draw_bar(paper: &mut Paper, bar: &Bar, last: u32, ticks: &[Tick]) {
    let y = paper.y();
    for tick in ticks {
        paper.line([tick.x, y], [tick.x, y + ROW], HAIRLINE);
    }
    let text = y + (ROW - CELL.size) / 2;
    let number = CELL.one_line(&bar.number, 14_000);
    paper.text([NAMES - 5_000 - CELL.font.width(&number, CELL.size), text], CELL.with(Ink::Accent), &number);
    paper.text([NAMES, text], CELL, &CELL.one_line(&bar.name, BARS - NAMES - 10_000));
    let (start, end) = (place(bar.start, last).min(RIGHT - SHORTEST), place(bar.end, last));
    paper.fill([start, y + (ROW - BAR) / 2], [(end - start).max(SHORTEST), BAR], ink(bar.is_must));
    paper.down(ROW);
    paper.rule(HAIRLINE);
}

const fn ink(is_must: bool) -> Ink {
    if is_must { Ink::Accent } else { Ink::Light }
}
