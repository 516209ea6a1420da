//! Reads `(perpetuo.auth)` of every rpc as the Rust expressions that stand for it.

use protox::prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use std::{collections::HashMap, error::Error};

/// `package.Service.Method` → what is said of it.
pub type Rules = HashMap<String, Rule>;

/// Who may call an rpc.
pub struct Rule {
    /// An expression of type `crate::rpc::Auth`.
    pub auth: String,
    /// Whether an operator who acts for somebody may change something by it, if they may write at all.
    pub impersonator_writes: bool,
    /// Whether it is never theirs, though it may change nothing.
    pub impersonator_never: bool,
}

pub fn read(pool: &DescriptorPool) -> Result<Rules, Box<dyn Error>> {
    let extension = pool.get_extension_by_name("perpetuo.auth").ok_or("perpetuo.auth is not defined")?;
    let mut rules = Rules::new();
    for method in pool.services().flat_map(|s| s.methods().collect::<Vec<_>>()) {
        let options = method.options();
        let value = options.get_extension(&extension);
        let rule = value.as_message().and_then(rule);
        let rule = rule.ok_or_else(|| format!("{} declares no (perpetuo.auth)", method.full_name()))?;
        rules.insert(key(&method), rule);
    }
    Ok(rules)
}

fn key(method: &MethodDescriptor) -> String {
    format!("{}.{}", method.parent_service().full_name(), method.name())
}

fn rule(auth: &DynamicMessage) -> Option<Rule> {
    let says = |name: &str| auth.get_field_by_name(name)?.as_bool();
    let (impersonator_writes, impersonator_never) = (says("impersonator_writes")?, says("impersonator_never")?);
    Some(Rule { auth: who(auth)?, impersonator_writes, impersonator_never })
}

fn who(auth: &DynamicMessage) -> Option<String> {
    if auth.has_field_by_name("anonymous") {
        return Some("crate::rpc::Auth::Anonymous".into());
    }
    if auth.has_field_by_name("permission") {
        let name = auth.get_field_by_name("permission")?.as_str()?.to_owned();
        return Some(format!("crate::rpc::Auth::Permission(crate::Permission::{})", camel(&name)));
    }
    if !auth.has_field_by_name("peer") {
        return None;
    }
    let peers = auth.get_field_by_name("peer")?;
    let roles = peers.as_message()?.get_field_by_name("roles")?;
    let roles: Vec<String> = roles.as_list()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    match roles.as_slice() {
        [] => None,
        [any] if any == "any" => Some("crate::rpc::Auth::Peer(crate::Role::ALL)".into()),
        some => {
            let list: Vec<_> = some.iter().map(|r| format!("crate::Role::{}", camel(r))).collect();
            Some(format!("crate::rpc::Auth::Peer(&[{}])", list.join(", ")))
        }
    }
}

/// `usage-metering` and `keys.write` as the names of enum variants.
pub fn camel(name: &str) -> String {
    let word = |w: &str| {
        let mut chars = w.chars();
        chars.next().map(|c| c.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    name.split(['-', '.', '_']).map(word).collect()
}
