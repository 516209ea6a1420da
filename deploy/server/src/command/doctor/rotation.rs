//! Is every master key still needed that is there, and is every one there that is needed?

use super::Findings;
use crate::command::keys::sealed::{self, Count};
use crate::roles::Roles;
use crate::settings::Settings;
use crate::tables;
use proto::Role;
use std::time::Duration;
use store::Db;
use store::seal::MasterKey;

const NAME: &str = "sealed values";

/// They are counted, which takes a second for each few millions.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts what each key opens in the tables of the roles. What cannot be counted was told before, by [`super::stores`].
pub async fn check(settings: &Settings, roles: &Roles, ring: &MasterKey, findings: &mut Findings) {
    let counted = tokio::time::timeout(PATIENCE, all(settings, roles, ring)).await;
    let Ok(Some(count)) = counted else { return };
    if count.by_others > 0 {
        findings.fail(
            NAME,
            format!(
                "{} of them ({}) were sealed by a master key that is not here: give it too, in keys.previous_master_files",
                count.by_others,
                count.others_in.join(", ")
            ),
        );
        return;
    }
    for (old, opens) in ring.each().zip(&count.by).skip(1) {
        let old = old.fingerprint();
        findings.ok(
            NAME,
            match opens {
                0 => unused(&old, roles),
                n => format!(
                    "the master key {old} still opens {n}: keep it, or run `perpetuo keys rotate-master` once every \
                     process seals with {}",
                    ring.fingerprint()
                ),
            },
        );
    }
}

/// About an old key that opens nothing in the tables of `roles`.
fn unused(old: &str, roles: &Roles) -> String {
    let others = Role::ALL.iter().filter(|role| !sealed::columns(**role).is_empty() && !roles.has(**role));
    let others: Vec<_> = others.map(|role| role.as_str()).collect();
    if others.is_empty() {
        return format!(
            "the master key {old} opens nothing any more: if no process seals with it, and you keep it for older \
             backups, take it away"
        );
    }
    format!(
        "the master key {old} opens nothing in the tables of {roles}: keep it until `perpetuo doctor --role {}` finds \
         nothing for it either",
        others.join(",")
    )
}

async fn all(settings: &Settings, roles: &Roles, ring: &MasterKey) -> Option<Count> {
    let mut sum = Count { by: ring.each().map(|_| 0).collect(), ..Count::default() };
    for (role, schema) in tables::of(roles) {
        if sealed::columns(role).is_empty() {
            continue;
        }
        let db = tables::up_to_date(settings, &schema).await.ok()?;
        let count = of_role(&db, role, ring).await;
        db.close().await;
        let count = count.ok()?;
        sum.by.iter_mut().zip(count.by).for_each(|(sum, more)| *sum += more);
        sum.by_others += count.by_others;
        sum.others_in.extend(count.others_in);
    }
    Some(sum)
}

async fn of_role(db: &Db, role: Role, ring: &MasterKey) -> anyhow::Result<Count> {
    let mut count = sealed::count(db, role, ring).await?;
    if role == Role::Workspace && ring.each().count() > 1 {
        // Which of several old keys has signed them is of no account: the first of them is enough to keep all.
        let heads = workspace::sign_heads_again(db, ring, true).await?;
        if let Some(old) = count.by.get_mut(1) {
            *old += heads.before;
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_away_only_when_all_that_it_may_have_sealed_was_looked_at() {
        let told = |roles: &str| unused("0011223344556677", &roles.parse::<Roles>().unwrap());
        for all in ["all", "identity,workspace,usage-metering"] {
            assert!(
                told(all).contains("opens nothing any more") && told(all).contains("take it away"),
                "{}",
                told(all)
            );
        }
        let some = told("identity,edge");
        assert!(some.contains("tables of identity,edge") && !some.contains("take it away"), "{some}");
        assert!(some.contains("--role workspace,usage-metering"), "{some}");
    }
}
