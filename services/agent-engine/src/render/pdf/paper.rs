//! What is drawn where?
//!
//! A pen goes down the page; what does not fit any more goes onto the next one. Every page says which of how many it is
//! and of which report, because pages get apart.

use super::{
    super::words::Words,
    style::{Ink, LABEL, Style},
    winansi::encode,
};
use pdf_writer::{Content, Rect, Str, types::LineCapStyle};

/// In points.
pub(super) const A4: Rect = Rect { x1: 0.0, y1: 0.0, x2: 595.276, y2: 841.89 };
const HEIGHT: i64 = 841_890;
const MARGIN: i64 = 56_000;
/// Where the foot of a page begins.
const FOOT: i64 = HEIGHT - 46_000;
/// Above the foot nothing is written.
const END: i64 = FOOT - 14_000;
/// Where everything begins, from the left edge.
pub(super) const LEFT: i64 = MARGIN;
/// Where everything ends, from the left edge.
pub(super) const RIGHT: i64 = 595_276 - MARGIN;
/// Between both.
pub(super) const WIDTH: i64 = RIGHT - LEFT;
/// Where the pages after the first one begin, below what they say of themselves.
const TOP_OF_NEXT: i64 = 76_000;
/// The most that a page has room for.
pub(super) const ROOM: i64 = END - TOP_OF_NEXT;

/// Pages that are being drawn.
pub(super) struct Paper {
    full: Vec<Content>,
    page: Content,
    /// From the top edge.
    y: i64,
    /// Where the page begins.
    top: i64,
    /// What pages after the first one say of themselves, left and right.
    running: [String; 2],
    marks: Vec<Mark>,
    /// Where the last heading ended.
    heading_end: i64,
}

/// Where a section begins.
pub(super) struct Mark {
    pub text: &'static str,
    /// From 0.
    pub page: usize,
    /// From the top edge.
    pub y: i64,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub ink: Ink,
    pub width: i64,
    /// Drawn and left out in turn; none: without gaps.
    pub dash: Option<(i64, i64)>,
}

/// Between rows, and grids.
pub(super) const HAIRLINE: Stroke = Stroke { ink: Ink::Pale, width: 500, dash: None };

impl Paper {
    /// An empty page.
    pub fn new(running: [String; 2]) -> Self {
        Self { full: vec![], page: Content::new(), y: MARGIN, top: MARGIN, running, marks: vec![], heading_end: 0 }
    }

    /// Where the pen is, from the top edge.
    pub const fn y(&self) -> i64 {
        self.y
    }

    /// Moves the pen down.
    pub const fn down(&mut self, by: i64) {
        self.y += by;
    }

    /// Moves the pen down, unless it is at the top: nothing needs air above it there.
    pub const fn gap(&mut self, by: i64) {
        if self.y > self.top {
            self.y += by;
        }
    }

    /// Sees to it that so much fits, on the next page if not on this one. True: it is the next one.
    pub fn room(&mut self, height: i64) -> bool {
        let is_at_top = self.y <= self.top && !self.full.is_empty();
        if self.y + height <= END || is_at_top && height > ROOM {
            return false;
        }
        self.full.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = 46_000;
        let [title, kind] = std::mem::take(&mut self.running);
        let kind_width = LABEL.width(&kind).min(WIDTH / 3);
        let [left, right] = [LABEL.one_line(&title, WIDTH - kind_width - 24_000), LABEL.one_line(&kind, WIDTH / 3)];
        self.left(LEFT, LABEL, &left);
        self.right(RIGHT, LABEL, &right);
        self.running = [title, kind];
        self.line([LEFT, 59_000], [RIGHT, 59_000], HAIRLINE);
        (self.y, self.top, self.heading_end) = (TOP_OF_NEXT, TOP_OF_NEXT, 0);
        true
    }

    /// Notes that a section begins here.
    pub fn mark(&mut self, text: &'static str) {
        self.marks.push(Mark { text, page: self.full.len(), y: self.y });
    }

    /// Notes that a heading ends here.
    pub const fn end_heading(&mut self) {
        self.heading_end = self.y;
    }

    /// Whether nothing was drawn below the heading of a section.
    pub const fn is_below_heading(&self) -> bool {
        self.heading_end == self.y
    }

    /// Where all sections begin.
    pub fn take_marks(&mut self) -> Vec<Mark> {
        std::mem::take(&mut self.marks)
    }

    /// Writes an encoded text that begins at `x`; the pen is at its upper edge and stays there.
    pub fn left(&mut self, x: i64, style: Style, text: &[u8]) {
        self.text([x, self.y], style, text);
    }

    /// Writes an encoded text that ends at `x`.
    pub fn right(&mut self, x: i64, style: Style, text: &[u8]) {
        self.left(x - style.font.width(text, style.size), style, text);
    }

    /// Writes an encoded text anywhere: its upper left corner is there.
    pub fn text(&mut self, [x, y]: [i64; 2], style: Style, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let [red, green, blue] = style.ink.rgb();
        self.page.begin_text().set_font(style.font.name(), points(style.size)).set_fill_rgb(red, green, blue);
        self.page.next_line(points(x), from_below(y + style.size)).show(Str(text)).end_text();
    }

    /// Fills a rectangle: its upper left corner is there.
    pub fn fill(&mut self, [x, y]: [i64; 2], [width, height]: [i64; 2], ink: Ink) {
        let [red, green, blue] = ink.rgb();
        self.page.set_fill_rgb(red, green, blue);
        self.page.rect(points(x), from_below(y + height), points(width), points(height)).fill_nonzero();
    }

    /// Draws a line.
    pub fn line(&mut self, from: [i64; 2], to: [i64; 2], stroke: Stroke) {
        self.path(&[from, to], stroke);
    }

    /// Draws a line through all of these.
    pub fn path(&mut self, through: &[[i64; 2]], stroke: Stroke) {
        let Some(([x, y], rest)) = through.split_first() else { return };
        let [red, green, blue] = stroke.ink.rgb();
        self.page.save_state().set_line_width(points(stroke.width)).set_stroke_rgb(red, green, blue);
        if let Some((on, off)) = stroke.dash {
            self.page.set_dash_pattern([points(on), points(off)], 0.0);
        }
        self.page.set_line_cap(LineCapStyle::ButtCap).move_to(points(*x), from_below(*y));
        for [x, y] in rest {
            self.page.line_to(points(*x), from_below(*y));
        }
        self.page.stroke().restore_state();
    }

    /// Draws a thin line across the page where the pen is.
    pub fn rule(&mut self, stroke: Stroke) {
        self.line([LEFT, self.y], [RIGHT, self.y], stroke);
    }

    /// All pages, each with its foot: only now is it known how many there are.
    pub fn finish(mut self, words: &Words) -> Vec<Content> {
        self.full.push(std::mem::replace(&mut self.page, Content::new()));
        let mut pages = std::mem::take(&mut self.full);
        let count = pages.len();
        for (page, number) in pages.iter_mut().zip(1..) {
            std::mem::swap(&mut self.page, page);
            self.y = FOOT;
            self.rule(HAIRLINE);
            self.down(6_000);
            self.left(LEFT, LABEL, &encode(words.author));
            self.right(RIGHT, LABEL, &encode(&format!("{} {number} {} {count}", words.page, words.of)));
            std::mem::swap(&mut self.page, page);
        }
        pages
    }
}

/// A place from the top edge as PDF counts it.
pub(super) fn from_below(y: i64) -> f32 {
    points(HEIGHT - y)
}

/// A length as PDF writes it.
fn points(thousandths: i64) -> f32 {
    thousandths as f32 / 1000.0
}
