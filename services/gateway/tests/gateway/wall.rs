//! Each way in which providers fail, at each dialect, behind each surface that can stand in front of it, whole and streaming:
//! one matrix, of which `cells.rs` has the columns and `faults.rs` the rows.

mod cells;
mod clients;
mod failures;
mod faults;
mod shape;

use crate::{
    ask::{Answer, read},
    fake::Book,
    provider::Provider,
    world::World,
};
use cells::Cell;
use futures::{FutureExt as _, StreamExt as _, stream};
use proto::{Failure, usage::SettleRequest};
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::sync::Mutex;

/// Within which a call that nobody wants any more has ended.
const SOON: Duration = Duration::from_secs(1);

/// The matrix is tried once at a time: what is slow because of another test of its size looks like a fault.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Tries all cells, so many at once, and says of all that fail what is wrong there. A cell that fails is tried again by itself:
/// where a machine did something else for a second, deadlines have passed that should not.
async fn each<F: Future<Output = ()>>(at_once: usize, trial: impl Fn(Cell) -> F) {
    let _alone = ALONE.lock().await;
    let tried = |cell: Cell| {
        let name = cell.name.clone();
        AssertUnwindSafe(trial(cell)).catch_unwind().map(|tried| tried.err().map(|_| name))
    };
    let once = stream::iter(cells::all()).map(tried).buffer_unordered(at_once);
    let doubtful: Vec<String> = once.filter_map(std::future::ready).collect().await;
    let again = cells::all().into_iter().filter(|cell| doubtful.contains(&cell.name));
    let failed: Vec<String> = stream::iter(again).then(tried).filter_map(std::future::ready).collect().await;
    assert!(failed.is_empty(), "{} cells, their panics are above: {failed:#?}", failed.len());
}

/// A request, and what became of it.
struct Told {
    id: String,
    answer: Result<Answer, Failure>,
}

impl Cell {
    /// A world in which each of these is a provider of this cell: the first one serves the model `m0`, and so on. After each of
    /// them comes `backup`.
    async fn world(&self, config: gateway::Config, providers: &[Provider], backup: Option<&Provider>) -> World {
        let models: Vec<String> = (0..providers.len()).map(|n| format!("m{n}")).collect();
        let mut all: Vec<_> = providers.iter().zip(&models).map(|(p, model)| (self.settings)(p, model, 0)).collect();
        all.iter_mut().zip(&models).for_each(|(settings, model)| settings.models = vec![model.clone()]);
        if let Some(backup) = backup {
            let mut settings = (self.settings)(backup, "backup", 1);
            settings.models = models;
            all.push(settings);
        }
        World::with(config, Book { providers: all, ..Book::default() }).await
    }

    async fn ask(&self, world: &World, model: &str) -> Told {
        let call = world.call();
        let answer = match world.send(&call, self.request(model)).await {
            Ok((head, stream)) => Ok(read(head, stream).await),
            Err(failure) => Err(failure),
        };
        Told { id: call.request_id.to_string(), answer }
    }
}

/// The settlement of one attempt of a request.
async fn settled(world: &World, what: &str, id: &str, attempt: usize) -> SettleRequest {
    let grant = format!("{id}/{attempt}");
    let found = || world.book().settles.iter().find(|settle| settle.grant_id == grant).cloned();
    crate::world::eventually(&format!("{what}: {grant} is settled"), || found().is_some()).await;
    found().expect("it is there")
}
