//! The service: what it works with, and what it begins.

mod rpcs;

use crate::audit::head::Signer;
use crate::{Config, Letters, error::Error, feed, invitation, upkeep, webhook};
use host::{Clock, Ids, Tasks};
use std::sync::Arc;
use store::{Db, outbox::Feed, seal::MasterKey};

/// What the service works with.
pub struct Deps {
    /// Opened on [`crate::SCHEMA`].
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// Where its background work runs.
    pub tasks: Tasks,
    /// Wraps the data key of each workspace, and seals answers that are given again.
    pub master: MasterKey,
    /// Which base URLs may be stored. Connections are checked again when they are made.
    pub guard: egress::Guard,
    /// How invitations leave; None where none are sent.
    pub letters: Option<Letters>,
}

/// The workspace service. Cheap to clone.
#[derive(Clone)]
pub struct Workspace {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) master: Arc<MasterKey>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) guard: egress::Guard,
    pub(crate) letters: Option<Letters>,
    pub(crate) tasks: Tasks,
    /// What calls webhooks.
    pub(crate) receivers: egress::Client,
    pub(crate) places: webhook::work::Places,
    pub(crate) outbox: Feed,
}

impl Workspace {
    /// Begins to serve its feed, to keep its own audit events and to remove what is out of date. Within a tokio runtime.
    pub fn new(config: Config, deps: Deps) -> Self {
        let Deps { db, clock, ids, tasks, master, guard, letters } = deps;
        let signer = Arc::new(Signer::new(&master));
        let outbox = feed::serve(db.clone(), &tasks);
        let receivers = egress::Client::new(guard.clone(), egress::Purpose::Webhook);
        let service = Self {
            config,
            db,
            clock,
            ids,
            master: Arc::new(master),
            signer,
            guard,
            letters,
            tasks: tasks.clone(),
            receivers,
            places: webhook::work::Places::default(),
            outbox,
        };
        feed::follow_own(&service, &tasks);
        upkeep::start(&service, &tasks);
        service
    }

    /// Erases workspaces whose days of grace are over, as the background work does every ten seconds. How many. Errors:
    /// [`Error::Store`].
    pub async fn purge(&self) -> Result<usize, Error> {
        crate::workspace::purge::round(self).await
    }

    /// Sends the invitations that are due, as the background work does every second. Errors: [`Error::Store`].
    pub async fn send_letters(&self) -> Result<(), Error> {
        invitation::post::round(self).await
    }

    /// Sends what is due for webhooks, as the background work does twice a second, and says how many were sent to when it is over.
    /// Errors: [`Error::Store`].
    pub async fn send_to_webhooks(&self) -> Result<usize, Error> {
        let begun = webhook::work::begin(self).await?;
        Ok(futures::future::join_all(begun).await.len())
    }

    /// Forgets what was sent to webhooks long ago, as the background work does every hour. Errors: [`Error::Store`].
    pub async fn forget_deliveries(&self) -> Result<(), Error> {
        webhook::prune::prune(self).await
    }

    /// Gives up the oldest of what waits for webhooks for which too much waits, as the background work does every 15 s. Errors:
    /// [`Error::Store`].
    pub async fn give_up_deliveries(&self) -> Result<(), Error> {
        webhook::prune::give_up(self).await
    }

    /// Follows identity's feed from where it stopped: names of people, and audit events. `identity` is called by
    /// [`proto::Role::Workspace`].
    pub fn follow(&self, identity: proto::identity::Identity, tasks: &Tasks) {
        feed::follow_identity(self, identity, tasks);
    }

    /// Follows the feed of usage-metering from where it stopped, of which webhooks hear. `usage` is called by
    /// [`proto::Role::Workspace`].
    pub fn follow_usage(&self, usage: proto::usage::Usage, tasks: &Tasks) {
        feed::follow_usage(self, usage, tasks);
    }

    /// Follows billing's feed from where it stopped: which plan a workspace is on. `billing` is called by
    /// [`proto::Role::Workspace`].
    pub fn follow_billing(&self, billing: proto::billing::Billing, tasks: &Tasks) {
        feed::follow_billing(self, billing, tasks);
    }
}
