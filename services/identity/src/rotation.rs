//! What does the master key seal here?

use crate::{
    mfa::totp,
    sign_in::flow,
    sso,
    token::{refresh_token, rotate},
};
use proto::id::{SessionId, UserId};
use store::{
    Value, replay,
    seal::rotate::{Column, Part},
};

/// Columns that the master key seals.
pub const SEALED: [Column; 6] = [
    Column { table: "sessions", name: "secret", key: &[("id", Part::Uuid)], place: of_session },
    Column { table: "signing_keys", name: "private_key", key: &[("kid", Part::Text)], place: of_signing_key },
    Column { table: "totp_factors", name: "secret", key: &[("user_id", Part::Uuid)], place: of_factor },
    Column { table: "sign_in_flows", name: "held", key: &[("id", Part::Uuid)], place: of_flow },
    Column { table: "sso_connections", name: "client_secret", key: &[("id", Part::Uuid)], place: of_connection },
    replay::sealed(|key| replay::place_of("identity", key)),
];

fn of_session(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(id))] => refresh_token::place(SessionId::from_uuid(*id)).into_bytes(),
        _ => vec![],
    }
}

fn of_signing_key(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Text(Some(kid))] => rotate::place(kid).into_bytes(),
        _ => vec![],
    }
}

fn of_flow(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(id))] => flow::place(*id).into_bytes(),
        _ => vec![],
    }
}

fn of_factor(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(user))] => totp::place(UserId::from_uuid(*user)).into_bytes(),
        _ => vec![],
    }
}

fn of_connection(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(id))] => sso::place(*id).into_bytes(),
        _ => vec![],
    }
}
