//! What Perpetuo's processes say to each other is closed to everybody else: every rpc for peers, tried by every credential that there is.

use crate::scenarios;
use anyhow::ensure;
use host::{Clock, peer::Keys};
use http::uri::PathAndQuery;
use proto::{
    Call, Reason, Role,
    id::RequestId,
    rpc::{Auth, PEER_TOKEN, Rpc, Signer},
};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use tests::{Cluster, cluster::Shape};
use tonic::{
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};
use uuid::Uuid;

scenarios! {
    shared: rpcs_for_peers_are_closed_to_every_person_key_and_other_role;
}

/// Rpcs for peers, and who may call them.
fn closed() -> impl Iterator<Item = (&'static Rpc, &'static [Role])> {
    proto::rpcs().filter_map(|rpc| match rpc.auth {
        Auth::Peer(roles) => Some((rpc, roles)),
        _ => None,
    })
}

/// What signs as any role.
fn signer(cluster: &Cluster) -> anyhow::Result<Arc<dyn Signer>> {
    let keys = if cluster.shape == Shape::One { "data/keys/peers" } else { "keys/peers" };
    Ok(Keys::load(&cluster.dir().join(keys), Role::ALL)?.signer(Clock::system()))
}

type Credential = (&'static str, MetadataValue<Ascii>);

/// Why a call with an empty message fails, if it does; whatever is wrong with that message comes after who may call.
async fn refused(channel: &Channel, rpc: &Rpc, credentials: &[Credential]) -> anyhow::Result<Option<Reason>> {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await?;
    let mut request = tonic::Request::new(());
    for (name, value) in credentials {
        request.metadata_mut().insert(*name, value.clone());
        if *name == PEER_TOKEN {
            // What every process says beside its token.
            Call::anonymous(RequestId::from_uuid(Uuid::from_u128(1))).write(request.metadata_mut());
        }
    }
    let path: PathAndQuery = format!("/{}/{}", rpc.service, rpc.method).parse()?;
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let answer = match grpc.server_streaming(request, path, codec).await {
        Ok(mut stream) => stream.get_mut().message().await.map(drop),
        Err(status) => Err(status),
    };
    Ok(answer.err().map(|status| Reason::of(&status)))
}

async fn rpcs_for_peers_are_closed_to_every_person_key_and_other_role(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (_, made) = person.key_with(&json!({})).await?;
    let bearer = |text: &str| anyhow::Ok(("authorization", format!("Bearer {text}").parse()?));
    let token = bearer(person.account["access_token"].as_str().unwrap_or_default())?;
    let key = bearer(made["key"].as_str().unwrap_or_default())?;
    let signer = signer(cluster)?;
    let mut channels = BTreeMap::new();
    for role in Role::ALL.iter().filter(|role| **role != Role::Edge) {
        channels.insert(role.as_str(), Endpoint::try_from(cluster.grpc(*role))?.connect().await?);
    }
    let all: Vec<_> = closed().collect();
    ensure!(all.len() > 20, "only {} rpcs are for peers", all.len());
    for (at, (rpc, allowed)) in all.iter().enumerate() {
        let channel = &channels[rpc.audience.as_str()];
        let name = format!("{}/{}", rpc.service, rpc.method);
        for credential in [&token, &key] {
            let seen = refused(channel, rpc, std::slice::from_ref(credential)).await?;
            ensure!(seen == Some(Reason::PermissionDenied), "{name} with {credential:?}: {seen:?}");
        }
        let nobody = refused(channel, rpc, &[]).await?;
        ensure!(
            matches!(nobody, Some(Reason::CredentialsMissing | Reason::PermissionDenied)),
            "{name} of nobody: {nobody:?}"
        );
        for role in Role::ALL.iter().filter(|role| !allowed.contains(role)) {
            let own = (PEER_TOKEN, signer.token(*role, rpc)?);
            let seen = refused(channel, rpc, &[own]).await?;
            ensure!(seen == Some(Reason::PermissionDenied), "{name} as {role}: {seen:?}");
        }
        // What a role that may was given for another rpc opens nothing, nor does it beside a person's token.
        let (other, _) = all[(at + 1) % all.len()];
        if let Some(role) = allowed.first() {
            let stray = (PEER_TOKEN, signer.token(*role, other)?);
            for credentials in [vec![stray.clone()], vec![stray, token.clone()]] {
                let seen = refused(channel, rpc, &credentials).await?;
                ensure!(
                    seen.is_some_and(|reason| reason.http() == 401 || reason.http() == 403),
                    "{name} with a stray token: {seen:?}"
                );
            }
        }
        // The proof that these tokens are good at all. What looks up a credential says of none that it is a bad one.
        if let Some(role) =
            allowed.first().filter(|_| rpc.no_side_effects && !rpc.streams && !rpc.method.starts_with("Resolve"))
        {
            let seen = refused(channel, rpc, &[(PEER_TOKEN, signer.token(*role, rpc)?)]).await?;
            let is_let_in = seen.is_none_or(|reason| ![401, 403].contains(&reason.http()));
            ensure!(is_let_in, "{name} as {role}, who may: {seen:?}");
        }
    }
    Ok(())
}
