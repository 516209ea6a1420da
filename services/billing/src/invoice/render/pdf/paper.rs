//! What is drawn where?
//!
//! A pen goes down the page; what does not fit any more goes onto the next one. Every page says which of how many it is
//! and of which invoice, because pages get apart.

use super::{
    super::shown::Shown,
    font::Font,
    winansi::encode,
    wrap::{lines, one_line},
};
use pdf_writer::{Content, Rect, Str};

/// In points.
pub(super) const A4: Rect = Rect { x1: 0.0, y1: 0.0, x2: 595.276, y2: 841.89 };
const HEIGHT: i64 = 841_890;
const MARGIN: i64 = 46_000;
/// Where the foot of a page begins.
const FOOT: i64 = HEIGHT - MARGIN;
/// Above the foot nothing is written.
const END: i64 = FOOT - 10_000;
/// Where everything begins, from the left edge.
pub(super) const LEFT: i64 = MARGIN;
/// Where everything ends, from the left edge.
pub(super) const RIGHT: i64 = 595_276 - MARGIN;
/// Where the second column begins: of the customer, of periods and of sums alike.
pub(super) const MIDDLE: i64 = (LEFT + RIGHT + GAP) / 2;
/// Between columns of text.
pub(super) const GAP: i64 = 20_000;
/// The most that a page has room for.
pub(super) const ROOM: i64 = END - TOP_OF_NEXT;
/// Where the pages after the first one begin, below what they say of themselves.
const TOP_OF_NEXT: i64 = MARGIN + 34_000;

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub font: Font,
    /// In thousandths of a point, as all lengths here.
    pub size: i64,
    pub ink: Ink,
}

/// The colours of the letters that this installation sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Grey,
    Pale,
}

/// Labels and what is said in passing.
pub(super) const LABEL: Style = Style { font: Font::Regular, size: 8_500, ink: Ink::Grey };
/// Most of what is said.
pub(super) const TEXT: Style = Style { font: Font::Regular, size: 9_500, ink: Ink::Black };
/// What is looked for.
pub(super) const NAME: Style = Style { font: Font::Bold, size: 9_500, ink: Ink::Black };

/// Pages that are being drawn.
pub(super) struct Paper {
    full: Vec<Content>,
    page: Content,
    /// From the top edge.
    y: i64,
    /// What pages after the first one say of themselves, left and right.
    running: [String; 2],
}

impl Style {
    /// From one line to the next.
    pub const fn leading(self) -> i64 {
        self.size * 14 / 10
    }

    /// How wide a text is.
    pub fn width(self, text: &str) -> i64 {
        self.font.width(&encode(text), self.size)
    }

    /// The text in lines that are no wider.
    pub fn wrap(self, text: &str, width: i64) -> Vec<Vec<u8>> {
        lines(text, self.font, self.size, width)
    }
}

impl Paper {
    /// An empty page.
    pub fn new(shown: &Shown<'_>) -> Self {
        let running = [shown.document.issuer.name.trim().to_owned(), shown.title()];
        Self { full: vec![], page: Content::new(), y: MARGIN, running }
    }

    /// Moves the pen down.
    pub const fn down(&mut self, by: i64) {
        self.y += by;
    }

    /// Sees to it that so much fits, on the next page if not on this one. True: it is the next one.
    pub fn room(&mut self, height: i64) -> bool {
        if self.y + height <= END {
            return false;
        }
        self.full.push(std::mem::replace(&mut self.page, Content::new()));
        self.y = MARGIN;
        let [issuer, title] = std::mem::take(&mut self.running);
        let half = MIDDLE - GAP - LEFT;
        self.left(LEFT, LABEL, &one_line(&issuer, LABEL.font, LABEL.size, half));
        self.right(RIGHT, LABEL, &one_line(&title, LABEL.font, LABEL.size, half));
        self.running = [issuer, title];
        self.down(18_000);
        self.rule(LEFT, Ink::Pale);
        self.y = TOP_OF_NEXT;
        true
    }

    /// Writes an encoded text that begins at `x`; the pen is at its upper edge and stays there.
    pub fn left(&mut self, x: i64, style: Style, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let [red, green, blue] = style.ink.rgb();
        self.page.begin_text().set_font(style.font.name(), points(style.size)).set_fill_rgb(red, green, blue);
        self.page.next_line(points(x), points(HEIGHT - self.y - style.size)).show(Str(text)).end_text();
    }

    /// Writes an encoded text that ends at `x`.
    pub fn right(&mut self, x: i64, style: Style, text: &[u8]) {
        self.left(x - style.font.width(text, style.size), style, text);
    }

    /// Writes lines below each other, over as many pages as they need, and leaves the pen below them.
    pub fn column(&mut self, x: i64, style: Style, lines: &[Vec<u8>]) {
        for line in lines {
            self.room(style.leading());
            self.left(x, style, line);
            self.down(style.leading());
        }
    }

    /// Draws a thin line from `x` to the right margin.
    pub fn rule(&mut self, x: i64, ink: Ink) {
        let [red, green, blue] = ink.rgb();
        let y = points(HEIGHT - self.y);
        self.page.set_line_width(0.5).set_stroke_rgb(red, green, blue);
        self.page.move_to(points(x), y).line_to(points(RIGHT), y).stroke();
    }

    /// All pages, each with its foot: only now is it known how many there are.
    pub fn finish(mut self, shown: &Shown<'_>) -> Vec<Content> {
        self.full.push(self.page);
        let title = [Some(shown.title()), shown.headline()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let mut pages = std::mem::take(&mut self.full);
        let count = pages.len();
        for (page, number) in pages.iter_mut().zip(1..) {
            let of = format!("{} {number} {} {count}", shown.words.page, shown.words.of);
            let width = RIGHT - LEFT - LABEL.width(&of) - GAP;
            let mut foot = Self {
                full: vec![],
                page: std::mem::replace(page, Content::new()),
                y: FOOT,
                running: [const { String::new() }; 2],
            };
            foot.rule(LEFT, Ink::Pale);
            foot.down(6_000);
            foot.left(LEFT, LABEL, &one_line(&title, LABEL.font, LABEL.size, width));
            foot.right(RIGHT, LABEL, &encode(&of));
            *page = foot.page;
        }
        pages
    }
}

impl Ink {
    /// From 0 to 1.
    const fn rgb(self) -> [f32; 3] {
        match self {
            Self::Black => [0.11, 0.098, 0.09],
            Self::Grey => [0.471, 0.443, 0.424],
            Self::Pale => [0.84, 0.827, 0.82],
        }
    }
}

/// A length as PDF writes it.
#[expect(clippy::float_arithmetic, reason = "PDF counts in points with a fraction; no money passes through here")]
fn points(thousandths: i64) -> f32 {
    thousandths as f32 / 1000.0
}
