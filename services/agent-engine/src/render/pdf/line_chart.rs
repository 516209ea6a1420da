//! How is the course of money drawn?

use super::{
    super::{
        block::{Course, Line, LineChart},
        number::Numbers,
    },
    legend,
    paper::{HAIRLINE, LEFT, Paper, RIGHT, Stroke},
    prose,
    scale::Scale,
    style::{Ink, LABEL},
    winansi::encode,
};

/// From the highest to the lowest line.
const HEIGHT: i64 = 150_000;
/// Room for what stands at the ends of lines.
const ENDS: i64 = 56_000;
/// Between labels and lines.
const GAP: i64 = 6_000;
/// Between the first line of the grid and the first month.
const INSET: i64 = 8_000;

/// How high all of it is.
pub(super) fn height() -> i64 {
    prose::height_of_subheading() + 2 * (LABEL.leading() + 5_000) + HEIGHT + 12_000
}

/// Where values and months are.
struct Plot {
    left: i64,
    right: i64,
    top: i64,
    scale: Scale,
    months: usize,
}

/// All courses, with their names above and their ends at the right.
pub(super) fn draw(paper: &mut Paper, chart: &LineChart, numbers: Numbers<'_>) {
    prose::subheading(paper, &chart.title);
    let names: Vec<_> = chart.lines.iter().map(|line| (line.course, line.name)).collect();
    legend::draw(paper, LEFT, &names, |paper, [x, y], course| {
        paper.line([x, y], [x + legend::SAMPLE, y], stroke(course));
    });
    paper.down(4_000);
    let scale = Scale::of(chart.lines.iter().flat_map(|line| line.values.iter().copied()));
    let labels: Vec<_> = scale.ticks.iter().map(|tick| encode(&numbers.compact(*tick))).collect();
    let widest = labels.iter().map(|label| LABEL.font.width(label, LABEL.size)).max().unwrap_or_default();
    let left = LEFT + widest.min(90_000) + GAP;
    let plot = Plot { left, right: RIGHT - ENDS, top: paper.y(), scale, months: chart.months.len() };
    grid(paper, &plot, &labels);
    months(paper, &plot, chart);
    // The one that matters is drawn over the others.
    for line in chart.lines.iter().rev() {
        course(paper, &plot, line);
    }
    ends(paper, &plot, chart, numbers);
    paper.down(HEIGHT + LABEL.leading() + 5_000 + 12_000);
}

fn grid(paper: &mut Paper, plot: &Plot, labels: &[Vec<u8>]) {
    for (tick, label) in plot.scale.ticks.iter().zip(labels) {
        let y = plot.y(*tick);
        let stroke = if *tick == 0.0 { Stroke { ink: Ink::Grey, ..HAIRLINE } } else { HAIRLINE };
        paper.line([plot.left, y], [plot.right, y], stroke);
        let x = plot.left - GAP - LABEL.font.width(label, LABEL.size);
        paper.text([x, y - LABEL.size * 6 / 10], LABEL, label);
    }
}

fn months(paper: &mut Paper, plot: &Plot, chart: &LineChart) {
    let y = plot.top + HEIGHT + 5_000;
    let word = encode(chart.month);
    paper.text([plot.left - GAP - LABEL.font.width(&word, LABEL.size), y], LABEL, &word);
    let widest = chart.months.iter().map(|month| LABEL.width(&month.to_string())).max().unwrap_or(1);
    let room = (plot.right - plot.left - 2 * INSET) / (widest + 6_000);
    let step = plot.months.div_ceil(usize::try_from(room).unwrap_or(1).max(1)).max(1);
    for (n, month) in chart.months.iter().enumerate().step_by(step) {
        let label = encode(&month.to_string());
        paper.text([plot.x(n) - LABEL.font.width(&label, LABEL.size) / 2, y], LABEL, &label);
    }
}

fn course(paper: &mut Paper, plot: &Plot, line: &Line) {
    let points: Vec<_> = line.values.iter().enumerate().map(|(n, value)| plot.place(n, *value)).collect();
    // What is no number is a gap.
    for part in points.split(Option::is_none) {
        let through: Vec<[i64; 2]> = part.iter().flatten().copied().collect();
        match through.as_slice() {
            [[x, y]] => paper.fill([x - 1_500, y - 1_500], [3_000, 3_000], stroke(line.course).ink),
            through => paper.path(through, stroke(line.course)),
        }
    }
}

/// The last value of each course, none of them over another.
fn ends(paper: &mut Paper, plot: &Plot, chart: &LineChart, numbers: Numbers<'_>) {
    let last = |line: &Line| {
        let (n, value) = line.values.iter().enumerate().rev().find(|(_, value)| value.is_finite())?;
        let [_, y] = plot.place(n, *value)?;
        Some((y, stroke(line.course).ink, numbers.compact(*value)))
    };
    let mut labels: Vec<_> = chart.lines.iter().filter_map(last).collect();
    labels.sort_by_key(|(y, ..)| *y);
    let lowest = plot.top + HEIGHT + 2_000;
    let mut above = i64::MIN;
    let count = labels.len();
    for (n, (y, ink, label)) in labels.into_iter().enumerate() {
        let left = i64::try_from(count - n - 1).unwrap_or_default();
        let y = y.max(above).min(lowest - left * LABEL.leading());
        let style = LABEL.with(if ink == Ink::Light { Ink::Middle } else { ink });
        paper.text([plot.right + GAP, y - LABEL.size * 6 / 10], style, &style.one_line(&label, ENDS - GAP));
        above = y + LABEL.leading();
    }
}

const fn stroke(course: Course) -> Stroke {
    match course {
        Course::Base => Stroke { ink: Ink::Accent, width: 2_000, dash: None },
        Course::Unchanged => Stroke { ink: Ink::Grey, width: 1_200, dash: None },
        Course::Optimistic => Stroke { ink: Ink::Middle, width: 1_200, dash: Some((5_000, 2_500)) },
        Course::Pessimistic => Stroke { ink: Ink::Middle, width: 1_200, dash: Some((1_500, 1_500)) },
    }
}

impl Plot {
    fn x(&self, month: usize) -> i64 {
        let [n, count] = [month, self.months.saturating_sub(1)].map(|n| i64::try_from(n).unwrap_or_default());
        let room = self.right - self.left - 2 * INSET;
        self.left + INSET + if count == 0 { room / 2 } else { room * n / count }
    }

    fn y(&self, value: f64) -> i64 {
        self.top + self.scale.below_top(value, HEIGHT)
    }

    fn place(&self, month: usize, value: f64) -> Option<[i64; 2]> {
        value.is_finite().then(|| [self.x(month), self.y(value)])
    }
}
