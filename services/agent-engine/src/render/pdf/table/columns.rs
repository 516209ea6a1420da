//! How wide is a column?
//!
//! Numbers and single words get what they need; prose shares the rest, and none gets more than it can use while another
//! has too little. What comes out is as wide as the page, whatever stands in it.

use super::super::{
    super::block::{Column, ColumnKind, Table},
    paper::WIDTH,
    style::{CELL, CELL_NOTE, CELL_STRONG, COLUMN},
};

/// Between columns.
pub(super) const GAP: i64 = 9_000;
/// No single word makes a column wider than this.
const WIDEST_WORD: i64 = 72_000;
/// No number does either.
const WIDEST_NUMBER: i64 = 110_000;

/// Where a column is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// From the left margin.
    pub x: i64,
    pub width: i64,
}

/// What a column asks for.
struct Wish {
    /// Less would break words.
    least: i64,
    /// More would be empty.
    most: i64,
    /// How much of what is left it gets.
    parts: i64,
    /// It may be wider than what stands in it.
    is_prose: bool,
}

/// Where all columns are.
pub(super) fn places(table: &Table) -> Vec<Place> {
    let count = i64::try_from(table.columns.len()).unwrap_or(1).max(1);
    let room = (WIDTH - (count - 1) * GAP).max(count);
    let wishes: Vec<Wish> = table.columns.iter().enumerate().map(|(n, column)| wish(table, *column, n)).collect();
    let mut x = 0;
    let places = widths(&wishes, room).into_iter().map(|width| {
        let place = Place { x, width };
        x += width + GAP;
        place
    });
    places.collect()
}

fn wish(table: &Table, column: Column, n: usize) -> Wish {
    let (mut word, mut line) = (0, 0);
    for cell in table.rows.iter().filter_map(|row| row.get(n)) {
        let style = if cell.is_strong { CELL_STRONG } else { CELL };
        for (style, text) in [(style, &cell.text), (CELL_NOTE, &cell.note)] {
            line = text.lines().map(|line| style.width(line)).max().unwrap_or_default().max(line);
            word = text.split_whitespace().map(|word| style.width(word)).max().unwrap_or_default().max(word);
        }
    }
    let head = column.head.split_whitespace().map(|word| COLUMN.width(word)).max().unwrap_or_default();
    match column.kind {
        ColumnKind::Text(parts) => {
            let least = word.min(WIDEST_WORD).max(head);
            Wish { least, most: line.max(least), parts: i64::from(parts), is_prose: true }
        }
        ColumnKind::Short | ColumnKind::Number => {
            let least = line.min(WIDEST_NUMBER).max(head);
            Wish { least, most: COLUMN.width(column.head).max(least), parts: 1, is_prose: false }
        }
    }
}

fn widths(wishes: &[Wish], room: i64) -> Vec<i64> {
    let mut widths: Vec<i64> = wishes.iter().map(|wish| wish.least).collect();
    let used: i64 = widths.iter().sum();
    if used > room {
        return widths.into_iter().map(|width| (width * room / used).max(1)).collect();
    }
    // Each time round a column is full or all room is given away.
    for _ in wishes {
        let left = room - widths.iter().sum::<i64>();
        let wants = |(wish, width): &(&Wish, &i64)| wish.parts > 0 && **width < wish.most;
        let parts: i64 = wishes.iter().zip(&widths).filter(wants).map(|(wish, _)| wish.parts).sum();
        if parts == 0 || left <= 0 {
            break;
        }
        for (wish, width) in wishes.iter().zip(&mut widths) {
            if wish.parts > 0 && *width < wish.most {
                *width = (*width + left * wish.parts / parts).min(wish.most);
            }
        }
    }
    spread(wishes, &mut widths, room);
    widths
}

/// Gives away what nobody needs: to prose, or else to everybody.
fn spread(wishes: &[Wish], widths: &mut [i64], room: i64) {
    let left = room - widths.iter().sum::<i64>();
    let has_prose = wishes.iter().any(|wish| wish.is_prose);
    let part = |wish: &Wish| {
        if !has_prose {
            1
        } else if wish.is_prose {
            wish.parts
        } else {
            0
        }
    };
    let parts: i64 = wishes.iter().map(part).sum::<i64>().max(1);
    for (wish, width) in wishes.iter().zip(widths) {
        *width += left.max(0) * part(wish) / parts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(least: i64, most: i64, parts: i64) -> Wish {
        Wish { least, most, parts: parts.max(1), is_prose: parts > 0 }
    }

    #[test]
    fn prose_shares_what_is_left_and_takes_no_more_than_it_can_use() {
        assert_eq!(widths(&[wish(10, 10, 0), wish(10, 20, 1), wish(10, 900, 1)], 100), [10, 20, 70]);
        assert_eq!(widths(&[wish(10, 10, 0), wish(10, 10, 0)], 100), [50, 50]);
        assert_eq!(widths(&[wish(10, 20, 1), wish(10, 20, 3)], 100), [35, 65]);
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        for room in [1, 50, 100, 1_000] {
            let widths = widths(&[wish(400, 400, 0), wish(300, 5_000, 2), wish(0, 0, 1)], room.max(3));
            assert!(widths.iter().sum::<i64>() <= room.max(3), "{widths:?}");
        }
    }
}
