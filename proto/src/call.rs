//! Who asks, for which workspace, until when: made once at the door, and the only fact that travels beside a message.

use crate::{
    Failure, Impersonation, Permission, Reason, Role, Scopes,
    id::{KeyId, RequestId, SessionId, UserId, WorkspaceId},
};
use std::{
    future::poll_fn,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tracing::Instrument as _;

mod wire;

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal {
    /// Nobody in particular.
    Anonymous,
    /// A person, in one of their sessions.
    User {
        /// Who.
        id: UserId,
        /// On which device.
        session: SessionId,
    },
    /// A program with an API key.
    Key {
        /// Which key.
        id: KeyId,
    },
    /// Perpetuo itself, without a request behind it.
    Service(Role),
}

/// What travels with each call: by reference in one process, as metadata between two.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asks.
    pub principal: Principal,
    /// Who acts for that person, if somebody does. Only where the principal is a person.
    pub impersonation: Option<Impersonation>,
    /// The workspace that it is about, already checked: the principal is a member of it.
    pub workspace: Option<WorkspaceId>,
    /// What the principal may do there.
    pub scopes: Scopes,
    /// Ours, `req_…`.
    pub request_id: RequestId,
    /// The client's `Idempotency-Key`.
    pub idempotency_key: Option<Arc<str>>,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// W3C `traceparent`.
    pub trace: Option<Arc<str>>,
    /// The client's address, as far as trusted proxies tell it.
    pub client: Option<IpAddr>,
    /// What the client calls itself: its `User-Agent`. For people who look at their sessions; nothing is decided by it.
    pub user_agent: Option<Arc<str>>,
}

impl Call {
    /// A call without a credential.
    pub const fn anonymous(request_id: RequestId) -> Self {
        Self {
            principal: Principal::Anonymous,
            impersonation: None,
            workspace: None,
            scopes: Scopes::NONE,
            request_id,
            idempotency_key: None,
            deadline: None,
            trace: None,
            client: None,
            user_agent: None,
        }
    }

    /// A call that a role makes for itself: background work, and what must happen after the client has left.
    pub fn service(role: Role, request_id: RequestId) -> Self {
        Self { principal: Principal::Service(role), ..Self::anonymous(request_id) }
    }

    /// The same call with a deadline, if it has none that is earlier.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(self.deadline.map_or(deadline, |d| d.min(deadline)));
        self
    }

    /// The workspace of a call that cannot be without one. Errors: `INVALID_ARGUMENT`.
    pub fn workspace(&self) -> Result<WorkspaceId, Status> {
        self.workspace.ok_or_else(|| Reason::InvalidArgument.with("the call names no workspace").into())
    }

    /// The person who calls. Errors: `PERMISSION_DENIED` for anybody else.
    pub fn user(&self) -> Result<(UserId, SessionId), Status> {
        match self.principal {
            Principal::User { id, session } => Ok((id, session)),
            _ => Err(self.denied(Permission::Account).into()),
        }
    }

    /// Why the caller, who lacks `permission`, may not do this: `PERMISSION_DENIED`, or what operators who act for somebody
    /// are told.
    pub fn denied(&self, permission: Permission) -> Failure {
        if let Some(failure) = self.impersonation.and_then(|acting| acting.lacks(permission)) {
            return failure;
        }
        let name = permission.as_str();
        Reason::PermissionDenied.with(format!("this needs the permission {name}")).fact("permission", name)
    }

    /// Who did it, as audit events and logs name them. Who acted for them is said beside it.
    pub fn actor(&self) -> String {
        match self.principal {
            Principal::Anonymous => "anonymous".to_owned(),
            Principal::User { id, .. } => id.to_string(),
            Principal::Key { id } => id.to_string(),
            Principal::Service(role) => format!("service:{role}"),
        }
    }

    /// Waits for `work` until the deadline. Dropping the wait drops the work.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
        match self.deadline {
            None => work.await,
            // A deadline that has passed is an answer at once, not a race between the work and the timer.
            Some(deadline) if deadline <= Instant::now() => Err(late()),
            Some(deadline) => tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(late())),
        }
    }

    /// Waits for `work` until the deadline, but lets it finish on `tasks` whatever becomes of the caller: half of a
    /// change is never what anybody asked for, and a dropped sqlx transaction can lose the next one's.
    pub async fn finish<T: Send + 'static>(
        &self,
        tasks: &TaskTracker,
        work: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) -> Result<T, Status> {
        if self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(late());
        }
        // In one process most work waits for nothing. Begun here, it is spared a task of its own; nobody can drop it
        // before it is one.
        let mut work = Box::pin(work.in_current_span());
        let begun = poll_fn(|cx| Poll::Ready(catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))))).await;
        let work = match begun {
            Ok(Poll::Ready(answer)) => return answer,
            Ok(Poll::Pending) => tasks.spawn(work),
            Err(_) => return Err(broken()),
        };
        self.within(async { work.await.unwrap_or_else(|_| Err(broken())) }).await
    }
}

/// The panic hook has logged it where it happened.
fn broken() -> Status {
    Reason::Internal.with("internal error").into()
}

fn late() -> Status {
    Reason::DeadlineExceeded.with("the deadline passed before the answer was there").into()
}
