//! What is a report made of?
//!
//! The same blocks in the same order become every format that people read; a format decides only how a block looks.

/// Everything that people read.
#[derive(Debug)]
pub(super) struct Document {
    pub title: Title,
    pub blocks: Vec<Block>,
}

/// What stands above everything.
#[derive(Debug)]
pub(super) struct Title {
    /// What kind of document it is.
    pub kind: String,
    pub text: String,
    /// Label and value.
    pub facts: Vec<[String; 2]>,
}

/// One part of the page.
#[derive(Debug)]
pub(super) enum Block {
    /// Of a section.
    Heading(&'static str),
    /// Of a part of a section.
    Subheading(String),
    /// The one sentence that must not be missed.
    Lead(String),
    /// A sentence that sums up what follows.
    Strong(String),
    Paragraph(String),
    /// Said before something, of it.
    Intro(String),
    /// Said in passing.
    Note(String),
    Bullets(Vec<String>),
    /// A box that must not be overlooked.
    Callout {
        title: &'static str,
        text: &'static str,
        lines: Vec<String>,
    },
    /// Label and value, as cards.
    Figures(Vec<[String; 2]>),
    Table(Table),
    Lines(LineChart),
    Matrix(Box<Matrix>),
    Plan(Plan),
}

/// Rows and columns.
#[derive(Debug)]
pub(super) struct Table {
    pub columns: Vec<Column>,
    /// As many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// What its cells have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub head: &'static str,
    pub kind: ColumnKind,
}

/// How wide a column is, and where in it things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    /// Prose: so many parts of what the others leave.
    Text(u16),
    /// A word or two: no wider than it needs to be.
    Short,
    /// The same, and it stands at the right.
    Number,
}

/// What stands at a place of a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub text: String,
    /// Below the text, smaller.
    pub note: String,
    pub is_strong: bool,
}

/// What happens to money, month by month.
#[derive(Debug)]
pub(super) struct LineChart {
    pub title: String,
    /// What stands before the name of a month.
    pub month: &'static str,
    pub months: Vec<u32>,
    pub lines: Vec<Line>,
}

/// One course of events. As many values as there are months.
#[derive(Debug)]
pub(super) struct Line {
    pub name: &'static str,
    pub course: Course,
    pub values: Vec<f64>,
    /// The values as people read them.
    pub shown: Vec<String>,
}

/// Which course of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Base,
    Unchanged,
    Optimistic,
    Pessimistic,
}

/// Which risks are how probable and how grave.
#[derive(Debug)]
pub(super) struct Matrix {
    pub title: &'static str,
    /// What the rows and the columns are.
    pub axes: [&'static str; 2],
    /// By probability from 1 and impact from 1: the numbers of the risks.
    pub cells: [[Vec<usize>; 5]; 5],
    /// The risks by number from 1.
    pub names: Vec<String>,
}

/// What is done when.
#[derive(Debug)]
pub(super) struct Plan {
    pub title: &'static str,
    /// What dark and light bars are.
    pub legend: [&'static str; 2],
    /// What stands before the number of a day where no date is known.
    pub day: &'static str,
    /// Day 0; none where nobody knows.
    pub begin: Option<chrono::NaiveDate>,
    pub bars: Vec<Bar>,
}

/// One action on the line of time.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub number: String,
    pub name: String,
    pub start: u32,
    /// Not before `start`.
    pub end: u32,
    /// Nothing works without it.
    pub is_must: bool,
}

impl Cell {
    /// What is looked for.
    pub fn strong(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_strong: true, ..Self::default() }
    }

    /// With something smaller below it.
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Column {
    /// Prose, so many parts wide.
    pub const fn text(head: &'static str, parts: u16) -> Self {
        Self { head, kind: ColumnKind::Text(parts) }
    }

    /// A word or two.
    pub const fn short(head: &'static str) -> Self {
        Self { head, kind: ColumnKind::Short }
    }

    /// Digits.
    pub const fn number(head: &'static str) -> Self {
        Self { head, kind: ColumnKind::Number }
    }
}

impl Plan {
    /// The last day of all.
    pub fn last_day(&self) -> u32 {
        self.bars.iter().map(|bar| bar.end).max().unwrap_or_default().max(1)
    }
}
