//! People and credentials: who somebody is.
//!
//! [`Identity`] implements the rpcs of `perpetuo.identity.v1`. It owns users, sessions, the keys that sign access
//! tokens, and API keys; it knows of workspaces only what the workspace service tells it.

mod config;
mod consent;
mod directory;
#[cfg(test)]
mod documented;
mod domain;
mod erasure;
mod error;
mod event;
mod follow;
mod impersonation;
mod input;
mod key;
mod letter;
mod linked;
mod mfa;
pub mod operators;
mod passkey;
mod password;
mod personal;
mod rotation;
mod service;
mod session;
mod sign_in;
mod sso;
mod throttle;
mod token;
mod upkeep;
mod user;

pub use config::{Config, Consent, Login, Passkeys, Password, Provider, Session, SignUps, Signing};
pub use error::Error;
pub use letter::Letters;
pub use password::weakness::Weakness;
pub use rotation::SEALED;
pub use sign_in::preset::Preset;

use host::{Clock, Ids, Tasks, config::Secret};
use password::hash::Hasher;
use proto::workspace::Workspaces;
use sign_in::{http::Http, provider::Providers};
use std::sync::Arc;
use store::{
    Db, outbox,
    seal::{MasterKey, Sealer},
};
use throttle::Throttle;
use token::keys::Keys;

/// The tables of this service.
pub const SCHEMA: store::Schema = store::schema!(
    "identity",
    [
        "0001_init",
        "0002_platform",
        "0003_mail",
        "0004_devices",
        "0005_keys",
        "0006_mfa",
        "0007_sign_in",
        "0008_people",
        "0009_impersonations",
        "0010_passkeys",
        "0011_teams",
        "0012_sso",
        "0013_directory",
        "0014_kept"
    ]
);

/// What the service is given.
pub struct Deps {
    /// Opened with [`SCHEMA`].
    pub db: Db,
    /// The workspace service, `called_by(Role::Identity)`.
    pub workspaces: Workspaces,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// For what runs beside requests.
    pub tasks: Tasks,
    /// How letters leave; None where none are sent.
    pub letters: Option<Letters>,
    /// Which addresses of providers may be called.
    pub guard: egress::Guard,
    /// Asks name servers whose a domain is.
    pub dns: egress::Dns,
    /// Our address as people know it, to which providers send them back; without a slash at its end.
    pub api_base: String,
    /// Seals signing keys, sign-ins under way, the secrets of sessions and of authenticator apps, and answers that are given again.
    pub master: MasterKey,
    /// Where several processes count failed logins together. None: each counts its own.
    pub redis_url: Option<Secret>,
    /// Whether only people on this machine reach us.
    pub is_private: bool,
}

/// Whether `master` is the key with which what is stored was sealed; any key is while nothing is. For `doctor`.
/// Errors: [`Error::Store`], [`Error::Seal`] for what is damaged.
pub async fn opens(db: &Db, master: &MasterKey) -> Result<bool, Error> {
    let keys = Keys::new(db.clone(), Clock::system(), master.sealer(), &Signing::default());
    match keys.check().await {
        Err(Error::Seal(store::seal::Error::WrongKey)) => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// The identity service. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Parts>);

/// What the verbs work with.
struct Parts {
    config: Config,
    db: Db,
    workspaces: Workspaces,
    clock: Clock,
    ids: Ids,
    sealer: Sealer,
    hasher: Hasher,
    keys: Keys,
    feed: outbox::Feed,
    letters: Option<Letters>,
    templates: mail::Templates,
    /// Whether an account comes into being only once its address is confirmed.
    verifies_first: bool,
    /// Who may sign up.
    sign_ups: SignUps,
    throttle: Throttle,
    providers: Providers,
    dns: egress::Dns,
    sso_providers: sso::provider::Known,
    /// For whom passkeys are made; None: our address has no domain.
    relying_party: Option<webauthn_rs::Webauthn>,
}

impl Identity {
    /// The service, with its feed running. It touches the database only when it is asked something, so a process
    /// starts while the database is away. Errors: [`Error::Config`].
    pub fn new(config: Config, deps: Deps) -> Result<Self, Error> {
        config.check()?;
        let Deps { db, workspaces, clock, ids, tasks, letters, guard, dns, api_base, master, redis_url, is_private } =
            deps;
        let by_post = letters.as_ref().is_some_and(|letters| letters.mailer.is_smtp());
        let verifies_first = config.verify_email.unwrap_or(by_post);
        if verifies_first && letters.is_none() {
            let why = "identity.verify_email is true, and no letter can be sent: set mail.smtp.host, or leave it out";
            return Err(Error::Config(why.to_owned()));
        }
        let sign_ups =
            config.signup.unwrap_or(if verifies_first || is_private { SignUps::Open } else { SignUps::Invite });
        if sign_ups == SignUps::Domain && !verifies_first {
            let why = "identity.signup is domain, and anybody can claim an address: set identity.verify_email to true";
            return Err(Error::Config(why.to_owned()));
        }
        let throttle = Throttle::new(&config.login, redis_url.as_ref(), clock.clone())?;
        let sealer = master.sealer();
        let providers = Providers::new(&config, Http::new(guard), &api_base, &clock)?;
        let relying_party = passkey::relying_party::new(&config.passkeys, &api_base)?;
        let keys = Keys::new(db.clone(), clock.clone(), sealer.clone(), &config.signing);
        let feed = outbox::Feed::start(db.clone(), tasks.stopping(), &tasks.tracker());
        let hasher = Hasher::new(&config.password)?;
        let templates = letter::templates()?;
        let parts = Parts {
            config,
            db,
            workspaces,
            clock,
            ids,
            sealer,
            hasher,
            keys,
            feed,
            letters,
            templates,
            verifies_first,
            sign_ups,
            throttle,
            providers,
            dns,
            sso_providers: sso::provider::Known::new(),
            relying_party,
        };
        Ok(Self(Arc::new(parts)))
    }

    /// Starts what happens without a request: completes sign-ups whose workspace could not be made, rotates signing
    /// keys, sends letters, removes sessions that nobody can use any more and answers that are not given again. Safe in any number of processes.
    pub fn start(&self, tasks: &Tasks) {
        upkeep::start(&self.0, tasks);
    }

    /// Follows the workspace service from where it stopped: keys end with the membership of whoever answers for them.
    pub fn follow(&self, tasks: &Tasks) {
        follow::start(&self.0, tasks);
    }

    /// Sends the letters that are due, as the background work does every second. Errors: [`Error::Store`].
    pub async fn send_letters(&self) -> Result<(), Error> {
        letter::work::round(&self.0).await
    }

    /// Looks at the domains whose turn it is, as the background work does every ten minutes. Errors: [`Error::Store`], and where
    /// the workspace service is away.
    pub async fn look_at_domains(&self) -> Result<(), Error> {
        domain::watch::round(&self.0).await
    }

    /// Makes memberships what directories have said, where a request could not, as the background work does every five seconds.
    /// Errors: [`Error::Store`].
    pub async fn settle_directories(&self) -> Result<(), Error> {
        directory::sweep::sweep(&self.0).await
    }

    /// Whether the service can work: the database answers, and the master key opens what it sealed. For readiness
    /// and `doctor`. Errors: [`Error::Store`], [`Error::Seal`].
    pub async fn check(&self) -> Result<(), Error> {
        self.0.db.ping().await?;
        self.0.keys.check().await
    }
}
