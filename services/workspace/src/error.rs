//! What can go wrong in this service, and what its callers get to see of it.

use proto::{Failure, Permission, Reason, id::WorkspaceId};
use std::time::Duration;
use tonic::Status;

/// When an execution may have ended that stands in the way of another.
const ROOM: Duration = Duration::from_secs(5);

/// Every failure of this service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or belongs to another workspace: both look the same.
    #[error("there is no such {0} in this workspace")]
    NotFound(&'static str),
    /// This response is not kept here.
    #[error("Response with id {0:?} not found.")]
    NoResponse(String),
    /// A conversation of kept responses that would not fit anywhere.
    #[error(
        "the conversation is longer than {0} responses or {1} bytes: begin a new one, with what matters of this one in input"
    )]
    LongConversation(i64, i64),
    /// The input is not accepted; the failure says field by field why.
    #[error("{0}")]
    Refused(Failure),
    /// The workspace has as many providers as it may.
    #[error("a workspace has at most {0} providers: delete one that is not used")]
    TooManyProviders(u32),
    /// The platform has as many providers as it may.
    #[error("the platform has at most {0} providers: delete one that is not used")]
    TooManyPlatformProviders(u32),
    /// The workspace has as many webhooks as it may.
    #[error("a workspace has at most {0} webhooks: delete one that is not used")]
    TooManyWebhooks(u32),
    /// The workspace has as many teams as it may.
    #[error("a workspace has at most {0} teams: delete one that is not used")]
    TooManyTeams(i64),
    /// The team has as many members as it may.
    #[error("a team has at most {0} members: take somebody out of it, or make another team")]
    TeamFull(usize),
    /// The name of a team is taken.
    #[error(
        "a team of this workspace is called {0:?} already (capital letters make no difference): choose another name"
    )]
    TeamNameTaken(String),
    /// Two teams cannot be one group of a directory.
    #[error("another team of this workspace has the external_id {0:?}: change that first")]
    ExternalIdTaken(String),
    /// Nothing is sent to a webhook that is disabled.
    #[error("the webhook is disabled: enable it first")]
    WebhookDisabled,
    /// A webhook at an address that may not be called.
    #[error("url names an address that may not be called")]
    WebhookAddress(#[source] egress::Refused),
    /// The platform has no such provider.
    #[error("the platform has no such provider")]
    NoPlatformProvider,
    /// The name of a provider of the platform is taken.
    #[error(
        "a provider of the platform is called {0:?} already (capital letters make no difference): choose another name"
    )]
    PlatformNameTaken(String),
    /// The workspace has as many open executions as it may.
    #[error(
        "{used} executions of this workspace are under way, and at most {limit} may be at once: wait until one has ended"
    )]
    TooManyExecutions {
        /// How many may be open.
        limit: i64,
        /// How many are.
        used: i64,
    },
    /// The caller may not do this.
    #[error("this needs the permission {}", .0.as_str())]
    Lacks(Permission),
    /// The name of a provider is taken.
    #[error(
        "a provider of this workspace is called {0:?} already (capital letters make no difference): choose another name"
    )]
    NameTaken(String),
    /// Somebody would give, change or take a role that may do more than they.
    #[error("the role {role} may do more than you: it has the permission {permission}")]
    RoleBeyond {
        /// The role.
        role: String,
        /// What the caller lacks of it.
        permission: &'static str,
    },
    /// The workspace has as many roles of its own as it may.
    #[error("a workspace has at most {0} roles of its own: delete one that nobody has")]
    TooManyRoles(i64),
    /// The name of a role is taken.
    #[error("a role of this workspace is called {0:?} already: change that one, or choose another name")]
    RoleTaken(String),
    /// A role that every workspace has.
    #[error("every workspace has the role {0}, which stays as it is: make a role of your own")]
    BuiltInRole(&'static str),
    /// Somebody has the role, or may come to have it.
    #[error(
        "the role {role} cannot be deleted: {} and {} have it; give the members another role and withdraw the invitations \
         first", counted(*.members, "member"), counted(*.invitations, "open invitation")
    )]
    RoleInUse {
        /// The role.
        role: String,
        /// How many have it.
        members: i64,
        /// How many are invited to it.
        invitations: i64,
    },
    /// The plan allows no more members.
    #[error(
        "the plan {plan} allows {limit} members, and the workspace has {used} with those who are invited: change the plan, \
         withdraw an invitation or remove a member"
    )]
    NoSeat {
        /// The plan.
        plan: String,
        /// How many it allows.
        limit: i64,
        /// How many there are.
        used: i64,
    },
    /// Somebody's plans allow them no more workspaces.
    #[error(
        "whoever has the plan {plan} may own {limit} workspaces, and the owner has {used}: change a plan, or delete or give away \
         a workspace"
    )]
    NoWorkspaceLeft {
        /// The most generous plan of those that they own.
        plan: String,
        /// How many it allows.
        limit: i64,
        /// How many there are.
        used: i64,
    },
    /// Nobody would own the workspace.
    #[error("this is the only owner of the workspace: make somebody else an owner first")]
    LastOwner,
    /// A directory would make an owner, or unmake one who was there before it.
    #[error(
        "a directory makes nobody an owner, and does not put out an owner who was in the workspace before it: let an owner \
         change their role first"
    )]
    OwnerStays,
    /// Nobody would own them.
    #[error("you are the only owner of workspaces: make somebody else an owner of each of them, or delete it, first")]
    OnlyOwner(Vec<WorkspaceId>),
    /// There is no way to send letters.
    #[error("this installation sends no mail, and an invitation is a letter")]
    NoMail,
    /// Whatever is wrong with an invitation, and whosever it is.
    #[error(
        "the invitation does not work: it was used, withdrawn or sent again, is too old, or was sent to another address \
         than that of your account"
    )]
    InvitationInvalid,
    /// The address is known here.
    #[error("{0}")]
    InvitedBefore(&'static str),
    /// Letters come too fast.
    #[error("{0}")]
    TooManyLetters(&'static str, Duration),
    /// A text of letters that cannot be written.
    #[error("a letter cannot be written: {0}")]
    Letter(String),
    /// The id was provisioned for somebody else.
    #[error("this workspace belongs to another owner")]
    OtherOwner,
    /// A base URL that may not be called.
    #[error("base_url names an address that may not be called")]
    Address(#[source] egress::Refused),
    /// A workspace whose data key is gone: what it sealed can never be read again.
    #[error("the credentials of this workspace have been erased")]
    Erased,
    /// The end of a trail that is no digest.
    #[error("the audit trail of this workspace cannot be continued")]
    Chain,
    /// A sealed value that the keys at hand do not open.
    #[error("a sealed value cannot be opened")]
    Sealed(#[from] store::seal::Error),
    /// Stored limits that are none.
    #[error("the limits of this workspace cannot be read")]
    Limits(#[from] serde_json::Error),
    /// Stored routing settings or guardrails that are none.
    #[error("the routing settings or guardrails of this workspace cannot be read")]
    Routing(serde_json::Error),
    /// A request that is repeated has not been answered; it may be after this time.
    #[error("the first request with this Idempotency-Key is still under way")]
    UnderWay(chrono::TimeDelta),
    /// A repeated request is not answered again.
    #[error(transparent)]
    Replay(#[from] store::replay::Error),
    /// The database.
    #[error("the database failed")]
    Store(#[from] store::Error),
}

/// `1 member`, `2 members`.
fn counted(n: i64, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::NotFound(_) | Error::NoPlatformProvider => Reason::NotFound.with(message),
            Error::NoResponse(id) => Reason::NotFound.with(message).fact("response_id", id),
            Error::LongConversation(..) => {
                Reason::RefusedValue.with(message).field("previous_response_id", "continues too long a conversation")
            }
            Error::Refused(failure) => failure,
            Error::TooManyProviders(limit) | Error::TooManyPlatformProviders(limit) | Error::TooManyWebhooks(limit) => {
                Reason::RefusedValue.with(message).fact("limit", limit)
            }
            Error::TooManyExecutions { limit, used } => {
                let limited = Reason::ConcurrencyLimited.with(message).fact("layer", "workspace");
                limited.fact("limit", limit).fact("used", used).retry_after(ROOM)
            }
            Error::Lacks(permission) => Reason::PermissionDenied.with(message).fact("permission", permission.as_str()),
            Error::TooManyRoles(limit) => Reason::RefusedValue.with(message).fact("limit", limit),
            Error::RoleTaken(_) => Reason::Conflict.with(message).field("name", "is taken in this workspace"),
            Error::BuiltInRole(_) => Reason::Conflict.with(message),
            Error::RoleInUse { members, invitations, .. } => {
                Reason::Conflict.with(message).fact("members", members).fact("invitations", invitations)
            }
            Error::TooManyTeams(limit) => Reason::RefusedValue.with(message).fact("limit", limit),
            Error::TeamFull(limit) => {
                Reason::RefusedValue.with(message).fact("limit", limit).field("user_id", "would be one member too many")
            }
            Error::TeamNameTaken(_) => Reason::Conflict.with(message).field("name", "is taken in this workspace"),
            Error::ExternalIdTaken(_) => {
                Reason::Conflict.with(message).field("external_id", "is taken in this workspace")
            }
            Error::NameTaken(_) => Reason::Conflict.with(message).field("name", "is taken in this workspace"),
            Error::PlatformNameTaken(_) => Reason::Conflict.with(message).field("name", "is taken in the platform"),
            Error::OtherOwner => Reason::Conflict.with(message),
            Error::RoleBeyond { permission, .. } => {
                Reason::PermissionDenied.with(message).fact("permission", permission)
            }
            Error::NoSeat { plan, limit, used } => beyond_plan(message, "team_members", plan, limit, used),
            Error::NoWorkspaceLeft { plan, limit, used } => beyond_plan(message, "workspaces", plan, limit, used),
            Error::OwnerStays => {
                Reason::PermissionDenied.with(message).fact("permission", Permission::WorkspaceOwn.as_str())
            }
            Error::LastOwner => Reason::LastOwner.with(message),
            Error::OnlyOwner(ids) => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                Reason::LastOwner.with(message).fact("workspace_ids", ids.join(","))
            }
            Error::NoMail => Reason::MailNotConfigured.with(message),
            Error::InvitationInvalid => Reason::InvitationInvalid.with(message),
            Error::InvitedBefore(why) => Reason::Conflict.with(message).field("email", why),
            Error::TooManyLetters(_, wait) => Reason::RateLimited.with(message).retry_after(wait),
            Error::Letter(_) => {
                tracing::error!(error = %message, "workspace failed");
                Reason::Internal.with("internal error")
            }
            Error::Address(why) => Reason::EgressRefused.with(message).field("base_url", why.to_string()),
            Error::WebhookAddress(why) => Reason::EgressRefused.with(message).field("url", why.to_string()),
            Error::Erased | Error::WebhookDisabled => Reason::Conflict.with(message),
            Error::Sealed(error) => error.into(),
            Error::Limits(_) | Error::Routing(_) | Error::Chain => Reason::Internal.with(message),
            Error::UnderWay(wait) => Reason::Conflict.with(message).retry_after(wait.to_std().unwrap_or_default()),
            Error::Replay(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}
/// What a plan allows of `resource` is used up.
fn beyond_plan(message: String, resource: &str, plan: String, limit: i64, used: i64) -> Failure {
    let failure = Reason::QuotaExceeded.with(message).fact("layer", "plan").fact("kind", "quota");
    let failure = failure.fact("resource", resource).fact("period", "total").fact("plan", plan);
    failure.fact("limit", limit).fact("used", used).fact("remaining", (limit - used).max(0))
}
