//! Are the other roles where they should be, and do they know us?

use super::Findings;
use crate::certificates::Certificates;
use crate::peering;
use crate::roles::Roles;
use crate::settings::Settings;
use host::peer::{Channels, Keys, Said};
use host::{Clock, Ids};
use proto::Role;

/// Every role elsewhere that the roles here call.
pub async fn check(settings: &Settings, roles: &Roles, findings: &mut Findings) {
    let clock = Clock::system();
    let ids = Ids::new(clock.clone());
    let called: Vec<Role> = roles.calls().into_iter().filter(|role| !settings.peer(*role).is_empty()).collect();
    let Some(own) = roles.iter().next().filter(|_| !called.is_empty()) else { return };
    // Missing keys have been told already.
    let Ok(keys) = Keys::load(&settings.peer_keys_dir(), roles.as_slice()) else { return };
    let addresses = called.iter().map(|role| (*role, settings.peer(*role).to_vec()));
    // So have certificates that cannot be used.
    let Ok(certificates) = Certificates::open(settings, roles) else { return };
    let channels = match Channels::open_by(addresses, keys.signer(clock), &certificates.ways()) {
        Ok(channels) => channels,
        Err(error) => return findings.fail("peers", error.to_string()),
    };
    for role in called {
        let name = format!("peer {role}");
        if let Err(problem) = peering::check(&channels, role, own, &ids).await {
            findings.fail(&name, format!("{problem} (peers: {})", settings.peer(role).join(", ")));
            continue;
        }
        match verdict(&channels.survey(role).await.unwrap_or_default()) {
            Ok(text) => findings.ok(&name, text),
            Err(text) => findings.fail(&name, text),
        }
    }
}

/// How the processes of a role are, which know us.
fn verdict(all: &[(String, Said)]) -> Result<String, String> {
    let silent: Vec<_> = all.iter().filter(|(_, said)| !said.serves).map(|(address, _)| address.as_str()).collect();
    if !silent.is_empty() {
        let silent = silent.join(", ");
        return Err(format!("these do not serve, and get no calls: {silent}. Their /readyz and log say why"));
    }
    let is_other = |said: &Said| said.release.as_deref().is_some_and(|release| release != env!("CARGO_PKG_VERSION"));
    let others: Vec<_> = all.iter().filter(|(_, said)| is_other(said)).collect();
    if !others.is_empty() {
        let name =
            |(address, said): &&(String, Said)| format!("{} at {address}", said.release.as_deref().unwrap_or("?"));
        let others = others.iter().map(name).collect::<Vec<_>>().join(", ");
        return Err(format!(
            "other releases than this one ({}) run: {others}. They understand each other; finish the roll-out",
            env!("CARGO_PKG_VERSION")
        ));
    }
    Ok(match all.len() {
        1 => "it answers and knows us".to_owned(),
        several => format!("{several} processes answer and know us"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_serve_and_who_is_of_another_release_is_named() {
        let said = |address: &str, serves, release: &str| {
            (address.to_owned(), Said { serves, release: Some(release.to_owned()), ..Said::default() })
        };
        let own = env!("CARGO_PKG_VERSION");
        assert!(verdict(&[said("a", true, own)]).unwrap().contains("it answers"));
        assert!(verdict(&[said("a", true, own), said("b", true, own)]).unwrap().contains("2 processes"));
        let silent = verdict(&[said("a", true, own), said("b", false, own)]).unwrap_err();
        assert!(silent.contains(": b.") && silent.contains("readyz"), "{silent}");
        let other = verdict(&[said("a", true, own), said("b", true, "0.0.9")]).unwrap_err();
        assert!(other.contains("0.0.9 at b") && !other.contains(" at a"), "{other}");
    }
}
