//! Adds the passkey that a device has made. Answers `AddPasskey`.

use super::{
    MOST, NAME, Passkey,
    challenge::{self, Purpose},
    reading,
};
use crate::{
    Error, Parts, event,
    input::Problems,
    letter::{Kind, queue},
    session::{self, Found},
    user::User,
};
use proto::{
    Call,
    id::{PasskeyId, SessionId},
    identity as pb,
};
use store::{GlobalTx, Tx};
use webauthn_rs::prelude::{Credential, ParsedAttestation, PasskeyRegistration, RegisterPublicKeyCredential};

/// More ways to reach a device there are not.
const TRANSPORTS: usize = 8;

/// That its owner is who asks was shown when it was asked for. Errors: `REFUSED_VALUE`, [`Error::TooManyPasskeys`],
/// [`Error::PasskeyTaken`].
pub(crate) async fn add(
    parts: &Parts,
    call: &Call,
    request: pb::AddPasskeyRequest,
) -> Result<pb::AddPasskeyResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let relying_party = parts.relying_party()?;
    let mut problems = Problems::default();
    let name = problems.text("name", &request.name, NAME);
    let made: Option<RegisterPublicKeyCredential> = reading::json(&request.credential);
    if made.is_none() {
        problems.missing("credential", "must be what navigator.credentials.create() gave, by its toJSON()");
    }
    problems.none()?;
    let made = made.ok_or_else(|| Error::Internal("a credential that is none".to_owned()))?;

    let challenge = reading::challenge(&made.response.client_data_json).unwrap_or_default();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let asked: Option<PasskeyRegistration> = challenge::take(&mut tx, parts, Purpose::Add(session), &challenge).await?;
    // Whatever comes of it, it is not taken again.
    tx.commit().await?;
    let asked = asked.ok_or_else(|| refused("was not asked for in this session, or too long ago: begin again"))?;
    let key = relying_party.finish_passkey_registration(&made, &asked).map_err(|why| refused(&why.to_string()))?;
    let mut credential = Credential::from(key);
    // Nobody asked for it, and it would tell devices apart.
    credential.attestation = ParsedAttestation::default();
    let RegisterPublicKeyCredential { response, .. } = made;
    let aaguid = reading::aaguid(&response.attestation_object).to_string();
    let mut transports = serde_json::to_value(response.transports.unwrap_or_default())
        .map_err(|why| Error::Internal(format!("a passkey: {why}")))?;
    if let Some(all) = transports.as_array_mut() {
        all.retain(|one| one != "unknown");
        all.truncate(TRANSPORTS);
    }
    let made = Made { credential, name, aaguid, transports };
    let passkey = keep(parts, call, session, made).await?;
    Ok(pb::AddPasskeyResponse { passkey: Some(passkey.into_proto()) })
}

/// What there is to keep.
struct Made {
    credential: Credential,
    name: String,
    aaguid: String,
    /// How the browser says that it can be reached.
    transports: serde_json::Value,
}

/// Keeps it, and tells the owner.
async fn keep(parts: &Parts, call: &Call, session: SessionId, made: Made) -> Result<Passkey, Error> {
    let (user, _) = call.user().map_err(Error::caller)?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    if tx.execute(store::sql!("user/lock"), &[user.into()]).await? == 0 {
        return Err(Error::SessionEnded);
    }
    // Whoever resets a password ends the sessions first: what an ended one has begun gets no passkey any more.
    let found: Option<Found> = tx.fetch_optional(store::sql!("session/by_id"), &[session.into()]).await?;
    let found = found.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let user = &found.user();
    if super::count(&mut tx, user.id).await? >= MOST {
        return Err(Error::TooManyPasskeys);
    }
    let passkey = insert(&mut tx, parts, user, made).await?;
    queue::notice(&mut tx, parts, Kind::PasskeyAdded, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.passkey_added", user));
    tx.commit().await?;
    Ok(passkey)
}

async fn insert(tx: &mut Tx, parts: &Parts, user: &User, made: Made) -> Result<Passkey, Error> {
    let Made { credential, name, aaguid, transports } = made;
    let (backup_eligible, backed_up) = (credential.backup_eligible, credential.backup_state);
    let id_of_device = credential.cred_id.as_slice().to_vec();
    let count = i64::from(credential.counter);
    let unreadable = |why| Error::Internal(format!("a passkey: {why}"));
    let key = webauthn_rs::prelude::Passkey::from(credential);
    let passkey = Passkey {
        id: PasskeyId::from_uuid(parts.ids.uuid()),
        user_id: user.id,
        credential: serde_json::to_value(&key).map_err(unreadable)?,
        backup_eligible,
        backed_up,
        aaguid,
        transports,
        name,
        created_at: parts.clock.now(),
        last_used_at: None,
    };
    let values = [
        passkey.id.into(),
        user.id.into(),
        id_of_device.into(),
        passkey.credential.clone().into(),
        count.into(),
        backup_eligible.into(),
        backed_up.into(),
        passkey.aaguid.as_str().into(),
        passkey.transports.clone().into(),
        passkey.name.as_str().into(),
        passkey.created_at.into(),
    ];
    match tx.execute(store::sql!("passkey/insert"), &values).await? {
        0 => Err(Error::PasskeyTaken),
        _ => Ok(passkey),
    }
}

fn refused(why: &str) -> Error {
    let mut problems = Problems::default();
    problems.refused("credential", format!("is refused: {why}"));
    problems.none().err().unwrap_or(Error::PasskeyInvalid)
}
