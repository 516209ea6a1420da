//! Before services start: the data directory, keys, tables.

use super::Listeners;
use crate::certificates::Certificates;
use crate::command::migrate;
use crate::lifecycle::Stages;
use crate::lock::{self, Lock};
use crate::roles::Roles;
use crate::settings::Settings;
use crate::wire::{self, Base};
use crate::{keys, tables};
use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use host::peer::Keys;
use host::{Clock, Ids, Overload, Readiness};
use proto::Role;
use store::Db;
use store::seal::MasterKey;
use workspace::Sealed;

/// Takes the data directory, if the record is kept in it, and sees that it is whole.
pub fn lock(settings: &Settings, roles: &Roles) -> anyhow::Result<Option<Lock>> {
    if !settings.is_embedded(roles) {
        return Ok(None);
    }
    let lock = lock::take(&settings.data_dir)?;
    lock::refuse_half_restored(&settings.data_dir)?;
    Ok(Some(lock))
}

/// What the services are made of, with keys that fit the data and tables that fit this release.
pub async fn base(settings: Settings, roles: Roles, listeners: &Listeners, migrate: bool) -> anyhow::Result<Base> {
    let clock = Clock::system();
    let embedded = settings.is_embedded(&roles);
    let certificates = Certificates::open(&settings, &roles)?;
    let (master, keys) = if embedded { embedded_keys(&settings, &roles)? } else { given_keys(&settings, &roles)? };
    if embedded || migrate {
        migrate::migrate(&settings, &roles).await?;
    }
    // Side by side: each waits for seconds where the database is away.
    try_join_all(tables::of(&roles).into_iter().map(|(role, schema)| {
        let (settings, master) = (&settings, master.as_ref());
        async move {
            let db = tables::open(settings, &schema)?;
            let fits = fits(&db, role, master).await;
            db.close().await;
            fits
        }
    }))
    .await?;
    Ok(Base {
        channels: Base::channels(&settings, &roles, &keys, &certificates, &clock)?,
        guard: wire::guard(&settings, &roles, &listeners.addresses()?),
        ids: Ids::new(clock.clone()),
        stages: Stages::default(),
        readiness: Readiness::new(),
        overload: Overload::new(&settings.overload),
        settings,
        roles,
        clock,
        master,
        keys,
        certificates,
    })
}

/// The keys of the embedded mode: its first start makes them.
fn embedded_keys(settings: &Settings, roles: &Roles) -> anyhow::Result<(Option<MasterKey>, Keys)> {
    let master = keys::master_or_first(settings)?;
    let dir = settings.peer_keys_dir();
    Keys::generate(&dir, Role::ALL)?;
    Ok((Some(master), Keys::load(&dir, roles.as_slice())?))
}

/// The keys of every other mode: somebody has made them beforehand.
fn given_keys(settings: &Settings, roles: &Roles) -> anyhow::Result<(Option<MasterKey>, Keys)> {
    let master = roles.has_sealed_values().then(|| keys::master(settings)).transpose()?;
    Ok((master, Keys::load(&settings.peer_keys_dir(), roles.as_slice())?))
}

/// Refuses tables that are not up to date and a master key that does not open them. A database that is away is not
/// refused: the process starts, says that it is not ready, and serves once the database is back.
async fn fits(db: &Db, role: Role, master: Option<&MasterKey>) -> anyhow::Result<()> {
    match db.pending().await {
        Ok(pending) if pending.is_empty() => {}
        Ok(pending) => bail!(
            "the tables of {role} are not up to date ({} missing): run `perpetuo migrate`, or serve with --migrate",
            pending.join(", ")
        ),
        Err(error @ store::Error::Unavailable { .. }) => {
            tracing::warn!(%role, %error, "not ready until the database is back");
            return Ok(());
        }
        Err(error) => return Err(error).with_context(|| format!("the tables of {role} cannot be used")),
    }
    let Some(master) = master else { return Ok(()) };
    let opens = match role {
        Role::Identity => identity::opens(db, master).await?,
        Role::Workspace => workspace::sealed_under(db, Some(master)).await? != Sealed::Locked,
        Role::Edge | Role::Gateway | Role::UsageMetering | Role::Billing | Role::AgentEngine => true,
    };
    if !opens {
        bail!(
            "the master key (fingerprint {}) does not open the data of {role}: set keys.dir or keys.master_file to the \
             key that the data was made with",
            master.fingerprint()
        );
    }
    Ok(())
}
