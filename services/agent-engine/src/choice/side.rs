//! Which ways of moving a lever exclude each other?

use crate::domain::opinion::Direction;

/// Where a direction goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// More than there is.
    More,
    /// Less than there is.
    Less,
    /// As it is.
    Hold,
}

/// The side of a direction.
pub(crate) const fn side(direction: Direction) -> Side {
    match direction {
        Direction::Increase | Direction::Start => Side::More,
        Direction::Decrease | Direction::Stop => Side::Less,
        Direction::Keep => Side::Hold,
    }
}

/// Of the same lever, one cannot be done with the other.
pub(crate) fn excludes(a: Direction, b: Direction) -> bool {
    side(a) != side(b)
}

/// One goes up where the other goes down.
pub(crate) fn opposite(a: Direction, b: Direction) -> bool {
    matches!((side(a), side(b)), (Side::More, Side::Less) | (Side::Less, Side::More))
}
