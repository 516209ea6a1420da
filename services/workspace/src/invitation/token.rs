//! What does the link of an invitation hold? A secret that the master key makes of the invitation and of how often it was
//! sent: a letter that is tried again is the same letter, and what is stored is its SHA-256 only.

use crate::Workspace;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::id::InvitationId;
use sha2::{Digest as _, Sha256};
use store::seal::MasterKey;
use zeroize::Zeroizing;

const PREFIX: &str = "it_";
/// 32 bytes in base64, and the prefix.
const LENGTH: usize = PREFIX.len() + 43;

/// Of the letter that is asked for as the n-th.
pub(super) fn of(service: &Workspace, invitation: InvitationId, generation: i64) -> Zeroizing<String> {
    made_by(&service.master, invitation, generation)
}

/// Of the letter that was asked for as the n-th, whose token is stored as `hash`: the master key may have been replaced
/// since. None: the one that made it is gone.
pub(super) fn again(
    service: &Workspace,
    invitation: InvitationId,
    generation: i64,
    hash: &[u8],
) -> Option<Zeroizing<String>> {
    let mut all = service.master.each().map(|key| made_by(&key, invitation, generation));
    all.find(|token| self::hash(token) == hash)
}

fn made_by(master: &MasterKey, invitation: InvitationId, generation: i64) -> Zeroizing<String> {
    let secret = master.derive(&format!("workspace/invitations/{invitation}/{generation}"));
    Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret.as_slice())))
}

/// As it is stored.
pub(super) fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Whether it may be worth looking for.
pub(super) fn plausible(token: &str) -> bool {
    token.len() == LENGTH && token.starts_with(PREFIX)
}
