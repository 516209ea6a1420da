//! Creates a person, their first workspace and a session.
//!
//! The account and the intention to make its workspace are committed together; the workspace is made by its own
//! service. When that is away the account exists all the same, and the next login or the sweep completes it.

use super::{
    MAX_NAME, User,
    admission::{self, Applicant, LetInBy},
    email, locale, memberships, provision,
};
use crate::{
    Error, Parts,
    config::Consent,
    consent, event,
    input::Problems,
    letter::{
        Kind,
        queue::{About, queue},
    },
    password::check::{self, Owner},
    session::{answer, answer::Answer, enter::Entry, open},
    sso,
};
use chrono::TimeDelta;
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    identity as pb,
};
use store::{GlobalTx, Tx};
use zeroize::Zeroizing;

const MAX_WORKSPACE_NAME: usize = 100;
/// The sweep leaves a sign-up alone for so long: it is under way.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// What came of a sign-up.
pub(crate) enum SignedUp {
    /// An account and a session.
    Done(Box<Answer>),
    /// A letter with a link.
    VerificationSent,
}

/// An account that is to be made.
pub(crate) struct Draft<'a> {
    pub(crate) user: &'a User,
    /// None: there is no password.
    pub(crate) password_hash: Option<String>,
    pub(crate) workspace_name: String,
}

/// Answers `SignUp`.
pub(crate) async fn sign_up(parts: &Parts, call: &Call, mut request: pb::SignUpRequest) -> Result<SignedUp, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let consents = consent::asked(parts, &request.consents)?;
    let (user, workspace_name) = read(parts, &request, &password).await?;
    sso::enforce::not_of(parts, &user.email).await?;
    // Where a domain counts, the account comes into being only with the link of a letter.
    let applicant = Applicant { address: &user.email, is_proven: parts.verifies_first };
    let let_in_by = admission::look(parts, call, applicant, &request.invitation).await?;
    // Before the address is looked up, so that a taken one takes as long to refuse.
    let hash = parts.hasher.hash(password).await?;
    if parts.verifies_first {
        later(parts, call, &user, hash, &workspace_name, &consents).await?;
        return Ok(SignedUp::VerificationSent);
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    if let_in_by == LetInBy::Operators {
        admission::admit(&mut tx, parts, applicant, &request.invitation).await?;
    }
    let draft = Draft { user: &user, password_hash: Some(hash), workspace_name };
    let pending = create(&mut tx, parts, call, draft, First::Own).await?;
    consent::write(&mut tx, parts, user.id, call.client.map(|client| client.to_string()), &consents).await?;
    if parts.letters.is_some() {
        let about = About { user: Some(user.id), ..About::default() };
        queue(&mut tx, parts, Kind::VerifyEmail, &user.email, about).await?;
    }
    tx.commit().await?;
    open(parts, call, &user, &pending).await.map(|answer| SignedUp::Done(Box::new(answer)))
}

/// Opens the first session of an account that was made just now.
pub(super) async fn open(
    parts: &Parts,
    call: &Call,
    user: &User,
    pending: &provision::Pending,
) -> Result<Answer, Error> {
    // From here on the account exists, whatever fails.
    let workspace = first_workspace(parts, call, user, pending).await.map_err(|error| unfinished(error, user))?;
    let session = open::open(parts, call, user, workspace.as_ref(), Entry::default()).await?;
    // Somebody may have proved the domain since we looked.
    sso::enforce::may_go_on(parts, call, (user, &[]), sso::enforce::Way::default(), session.id).await?;
    answer::answer(parts, user, workspace, &session).await
}

/// The account exists; the next login completes what could not be done now.
pub(crate) fn unfinished(error: Error, user: &User) -> Error {
    if matches!(error, Error::SsoRequired { .. }) {
        return error;
    }
    tracing::warn!(error = &error as &dyn std::error::Error, user_id = %user.id, "a sign-up waits for its workspace");
    Error::NotProvisioned
}

/// Keeps a sign-up until its address is confirmed. The same work for every address: whether it has an account is found
/// out when the letter is written.
async fn later(
    parts: &Parts,
    call: &Call,
    user: &User,
    password_hash: String,
    workspace_name: &str,
    consents: &[Consent],
) -> Result<(), Error> {
    let id = parts.ids.uuid();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let values = [
        id.into(),
        user.email.as_str().into(),
        password_hash.into(),
        user.name.as_str().into(),
        user.locale.as_str().into(),
        workspace_name.into(),
        (parts.clock.now() + Kind::SignUp.worth()).into(),
        serde_json::json!(consents).into(),
        call.client.map(|client| client.to_string()).into(),
    ];
    tx.execute(store::sql!("sign_up/insert"), &values).await?;
    queue(&mut tx, parts, Kind::SignUp, &user.email, About { sign_up: Some(id), ..About::default() }).await?;
    tx.commit().await?;
    Ok(())
}

async fn first_workspace(
    parts: &Parts,
    call: &Call,
    user: &User,
    pending: &provision::Pending,
) -> Result<Option<pb::Membership>, Error> {
    provision::complete(parts, call, pending).await?;
    let all = memberships::of(parts, call, user.id).await?;
    Ok(memberships::choose(&all, Some(pending.workspace_id)))
}

/// The person and the name of the workspace that the request asks for.
async fn read(parts: &Parts, request: &pb::SignUpRequest, password: &str) -> Result<(User, String), Error> {
    let mut problems = Problems::default();
    let address = email::normal(&request.email);
    if address.is_empty() {
        problems.missing("email", "is required");
    } else if let Err(problem) = email::check(&address) {
        problems.refused("email", problem);
    }
    if password.is_empty() {
        problems.missing("password", "is required");
    }
    let name = problems.text("name", &request.name, MAX_NAME);
    let workspace_name = match request.workspace_name.trim() {
        "" => String::new(),
        given => problems.text("workspace_name", given, MAX_WORKSPACE_NAME),
    };
    problems.none()?;
    let locale = locale::negotiate(&request.accept_language);
    let installation = &parts.config.totp_issuer;
    let owner = Owner { email: &address, name: &name, locale, installation };
    check::check(&parts.hasher, password, &owner, parts.config.password.min_score).await?;
    let user = User {
        id: UserId::from_uuid(parts.ids.uuid()),
        email: address,
        name,
        locale: locale.to_owned(),
        created_at: parts.clock.now(),
        disabled_at: None,
        email_verified_at: None,
        mfa_enabled_at: None,
        platform_role: None,
    };
    Ok((user, workspace_name))
}

/// Whether a new account gets a workspace of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// As soon as it can be made.
    Own,
    /// Its owner becomes a member of another one.
    None,
}

/// Makes an account and, where it gets one, the intention to make its workspace. Errors: [`Error::EmailTaken`].
pub(crate) async fn create(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    draft: Draft<'_>,
    first: First,
) -> Result<provision::Pending, Error> {
    let Draft { user, password_hash, workspace_name } = draft;
    let workspace_id = WorkspaceId::from_uuid(parts.ids.uuid());
    let values = [
        user.id.into(),
        user.email.as_str().into(),
        // What no password has takes as long to compare as what one has.
        password_hash.unwrap_or_else(|| parts.hasher.none()).into(),
        user.name.as_str().into(),
        user.locale.as_str().into(),
        user.created_at.into(),
        user.email_verified_at.into(),
    ];
    if tx.execute(store::sql!("user/insert"), &values).await? == 0 {
        return Err(Error::EmailTaken);
    }
    let later = user.created_at + GRACE;
    let values = [user.id.into(), workspace_id.into(), workspace_name.as_str().into(), later.into()];
    if first == First::Own {
        tx.execute(store::sql!("provisioning/insert"), &values).await?;
    }
    tx.emit(&event::of_user(parts, call, "user.created", user));
    Ok(provision::Pending::new(user, workspace_id, workspace_name))
}
