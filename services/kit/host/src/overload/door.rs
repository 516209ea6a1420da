//! Who waits to be let in?
//!
//! The newest goes first. While more come than can be done somebody waits too long in any case; if it is always the same ones, the
//! others are answered at once, where each in its turn would be answered just before it gives up ("adaptive LIFO", Maurer, "Fail at
//! Scale", ACM Queue 13 (8), 2015).

use std::collections::VecDeque;
use tokio::sync::oneshot;

/// So many wait at most: each holds a connection and the head of a request. One more, and the oldest is turned away.
const MOST: usize = 4_096;

/// Those who wait, the oldest first.
#[derive(Default)]
pub(super) struct Door(VecDeque<oneshot::Sender<()>>);

impl Door {
    /// Waits for being let in: an error if it is turned away. Whoever drops it has left.
    pub(super) fn wait(&mut self) -> oneshot::Receiver<()> {
        self.forget();
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        let (let_in, waiting) = oneshot::channel();
        self.0.push_back(let_in);
        waiting
    }

    /// Lets the newest in who is still there. Whether there was one.
    pub(super) fn let_in(&mut self) -> bool {
        std::iter::from_fn(|| self.0.pop_back()).any(|waiting| waiting.send(()).is_ok())
    }

    /// Whether somebody waits.
    pub(super) fn is_waited_at(&mut self) -> bool {
        self.forget();
        !self.0.is_empty()
    }

    /// The oldest leave first.
    fn forget(&mut self) {
        while self.0.front().is_some_and(oneshot::Sender::is_closed) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_who_is_still_there_goes_first() {
        let mut door = Door::default();
        let (mut first, mut second, third) = (door.wait(), door.wait(), door.wait());
        drop(third);
        assert!(door.let_in() && second.try_recv().is_ok() && first.try_recv().is_err());
        assert!(door.is_waited_at() && door.let_in() && first.try_recv().is_ok());
        assert!(!door.is_waited_at() && !door.let_in());
    }

    #[test]
    fn those_who_have_left_take_no_room_and_the_oldest_make_it() {
        let mut door = Door::default();
        (0..3 * MOST).for_each(|_| drop(door.wait()));
        assert!(door.0.len() <= 1);
        let mut all: Vec<_> = (0..=MOST).map(|_| door.wait()).collect();
        assert_eq!(door.0.len(), MOST);
        assert_eq!(all[0].try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert_eq!(all[1].try_recv(), Err(oneshot::error::TryRecvError::Empty));
    }
}
