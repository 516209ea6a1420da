//! What a caller may do. Roles in a workspace and scopes of an API key are both sets of these.

/// Writes the enum and its names from one list.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// One thing that a caller may do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name),* }
        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The name used in scopes, protos and documents.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
    };
}

permissions! {
    /// One's own account: profile, sessions, the list of one's workspaces. Of people only, never of API keys.
    Account = "account";
    /// Call models, list them, read one's own limits.
    Inference = "inference";
    /// Read the workspace's settings.
    WorkspaceRead = "workspace.read";
    /// Change the workspace's settings.
    WorkspaceWrite = "workspace.write";
    /// See who the members are.
    MembersRead = "members.read";
    /// Invite people, change what members are, and remove them.
    MembersWrite = "members.write";
    /// Give the workspace to somebody else. Of people only, never of API keys.
    WorkspaceOwn = "workspace.own";
    /// See providers, without their credentials.
    ProvidersRead = "providers.read";
    /// Add, change, test and remove providers.
    ProvidersWrite = "providers.write";
    /// See API keys, without the keys themselves.
    KeysRead = "keys.read";
    /// Create, revoke and delete API keys.
    KeysWrite = "keys.write";
    /// Read request logs.
    LogsRead = "logs.read";
    /// Read usage.
    UsageRead = "usage.read";
    /// See exports and their schedules, and download what was exported.
    ExportsRead = "exports.read";
    /// Export what one may read, on demand and on a schedule; remove exports.
    ExportsWrite = "exports.write";
    /// See plan, subscription and invoices.
    BillingRead = "billing.read";
    /// Change the plan, cancel, pay.
    BillingWrite = "billing.write";
    /// See executions of the agent engine, and export what came out of them.
    ExecutionsRead = "executions.read";
    /// Begin, cancel, answer and delete executions.
    ExecutionsWrite = "executions.write";
    /// Read what happened in the workspace, and who did it.
    AuditRead = "audit.read";
    /// Record metered events.
    UsageWrite = "usage.write";
    /// See webhooks, without their secrets, and what was sent to them.
    WebhooksRead = "webhooks.read";
    /// Add, change, try and remove webhooks, and send events again.
    WebhooksWrite = "webhooks.write";
    /// See what belongs to the whole platform: accounts, workspaces, totals. Of operators only, never of members or keys.
    PlatformRead = "platform.read";
    /// Change what belongs to the whole platform. Of operators only, never of members or keys.
    PlatformWrite = "platform.write";
}

impl Permission {
    /// The permission with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.as_str() == text)
    }

    /// Whether roles in a workspace may hold it. The others are of people and of operators: only the door gives them.
    pub const fn is_of_workspaces(self) -> bool {
        !matches!(self, Self::Account | Self::PlatformRead | Self::PlatformWrite)
    }

    /// Whether API keys may hold it.
    pub const fn is_of_keys(self) -> bool {
        self.is_of_workspaces() && !matches!(self, Self::WorkspaceOwn)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u64);

impl Scopes {
    /// No permission at all.
    pub const NONE: Self = Self(0);

    /// Whether `permission` is in the set.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }

    /// The set with `permission` added.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | (1 << permission as u64))
    }

    /// All that is in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What roles in a workspace may hold of the set.
    #[must_use]
    pub fn of_workspaces(self) -> Self {
        self.iter().filter(|p| p.is_of_workspaces()).collect()
    }

    /// What API keys may hold of the set.
    #[must_use]
    pub fn of_keys(self) -> Self {
        self.iter().filter(|p| p.is_of_keys()).collect()
    }

    /// Whether an operator's permission is among them.
    pub const fn is_operators(self) -> bool {
        self.contains(Permission::PlatformRead) || self.contains(Permission::PlatformWrite)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The permissions in the set.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.contains(*p))
    }

    /// The set of these names. Names that this release does not know are left out: a newer peer may send them.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(Permission::parse).collect()
    }

    /// The names, for the wire.
    pub fn names(self) -> Vec<String> {
        self.iter().map(|p| p.as_str().to_owned()).collect()
    }
}

impl FromIterator<Permission> for Scopes {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}

impl std::fmt::Debug for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}
