//! What is an export, and who writes it?
//!
//! A row of `exports` is a job: one of the processes that run this service claims it, writes its bytes page by page and
//! notes its progress. Whoever is silent for a minute has lost it to the next. Where bytes are kept is
//! [`place`]'s business, how they look [`encode`]'s, where rows come from [`source`]'s, and how they get elsewhere
//! [`deliver`]'s.

mod accept;
mod cap;
mod create;
mod delete;
mod deliver;
pub(crate) mod destination;
mod download;
mod encode;
mod expire;
mod get;
mod letter;
mod link;
mod list;
mod place;
mod row;
mod source;
mod work;
mod write;

pub(crate) use accept::{Accepted, accept};
pub(crate) use create::{Wish, create, format, insert, kind};
pub(crate) use delete::delete;
pub(crate) use destination::{Credential, Destination, Slot, Wanted};
pub(crate) use download::download;
pub(crate) use expire::expire;
pub(crate) use get::get;
pub use letter::Letters;
pub(crate) use link::follow;
pub(crate) use list::list;
use row::ExportRow;
pub(crate) use row::{Format, Kind};
pub(crate) use work::start;

use crate::{Error, peers::Peers};
use egress::{Client, Guard, Purpose};
use host::Ids;
use letter::Post;
use mail::Templates;
use place::Place;
pub(crate) use place::into_rows;
use std::path::Path;
use store::{
    Db,
    seal::{MasterKey, Sealer},
};
use tokio::sync::Notify;
use uuid::Uuid;

/// What exports need beside the rest of the service.
pub(crate) struct Exports {
    ids: Ids,
    /// Seals answers that are given again.
    master: MasterKey,
    place: Place,
    /// Something may be due.
    wake: Notify,
    /// Something may have to be delivered.
    written: Notify,
    /// Which storages may be called, and what calls them.
    guard: Guard,
    http: Client,
    /// Who knows what happened in a workspace; None where nobody does.
    peers: Option<Peers>,
    /// Who can be written to; None where nobody can.
    post: Option<Post>,
    templates: Templates,
}

/// What exports need of others.
pub(crate) struct Others {
    pub guard: Guard,
    pub peers: Option<Peers>,
    pub letters: Option<Letters>,
}

impl Exports {
    /// With a data directory bytes are files in it, otherwise rows. Errors: a letter cannot be read.
    pub fn new(db: Db, data_dir: Option<&Path>, ids: Ids, master: MasterKey, others: Others) -> Result<Self, Error> {
        let Others { guard, peers, letters } = others;
        let http = Client::new(guard.clone(), Purpose::Export);
        let place = Place::new(db, data_dir);
        let post = peers.clone().zip(letters).map(|(peers, letters)| Post { peers, letters });
        let (wake, written, templates) = (Notify::new(), Notify::new(), letter::templates()?);
        Ok(Self { ids, master, place, wake, written, guard, http, peers, post, templates })
    }

    /// Seals answers that are given again, and credentials.
    pub fn sealer(&self) -> Sealer {
        self.master.sealer()
    }

    pub fn new_id(&self) -> Uuid {
        self.ids.uuid()
    }

    /// Says that something may be due.
    pub fn wake(&self) {
        self.wake.notify_one();
    }
}
