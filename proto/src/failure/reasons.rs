//! The table of reasons. A new row needs nothing else: status, shape and documentation page follow from it.

use tonic::Code;

/// Writes [`Reason`] and its columns. `Name, "TEXT", gRPC code, HTTP status, OpenAI type, OpenAI code, retry, title, help;`
macro_rules! reasons {
    ($($name:ident, $text:literal, $code:ident, $http:literal, $kind:literal, $openai:literal, $retry:literal, $title:literal, $help:literal;)*) => {
        /// Why a call failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $(#[doc = $title] $name),* }
        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// The stable name: `code` in problem documents, `reason` in `ErrorInfo`.
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
            /// The gRPC code that it travels with.
            pub const fn code(self) -> Code { match self { $(Self::$name => Code::$code),* } }
            /// The HTTP status of the management API.
            pub const fn http(self) -> u16 { match self { $(Self::$name => $http),* } }
            /// `error.type` on `/v1`.
            pub const fn openai_type(self) -> &'static str { match self { $(Self::$name => $kind),* } }
            /// `error.code` on `/v1`.
            pub const fn openai_code(self) -> &'static str { match self { $(Self::$name => $openai),* } }
            /// Whether the same request may succeed later.
            pub const fn retry(self) -> bool { match self { $(Self::$name => $retry),* } }
            /// What happened, in a few words.
            pub const fn title(self) -> &'static str { match self { $(Self::$name => $title),* } }
            /// What the reader can do, for the documentation page.
            pub const fn help(self) -> &'static str { match self { $(Self::$name => $help),* } }
        }
    };
}

reasons! {
    MalformedRequest, "MALFORMED_REQUEST", InvalidArgument, 400, "invalid_request_error", "malformed_request", false,
        "The request cannot be read",
        "The body is not the JSON that this route takes. The message says at which line and column reading stopped.";
    InvalidArgument, "INVALID_ARGUMENT", InvalidArgument, 400, "invalid_request_error", "invalid_value", false,
        "A field is missing, unknown or of the wrong type",
        "`errors` lists each field and what it must be.";
    RefusedValue, "REFUSED_VALUE", InvalidArgument, 422, "invalid_request_error", "invalid_value", false,
        "A value is not accepted",
        "The request is well formed, but a value is outside of what is allowed. `errors` says which, and what is.";
    WeakPassword, "WEAK_PASSWORD", InvalidArgument, 422, "invalid_request_error", "weak_password", false,
        "The password is too easy to guess",
        "Use at least 8 characters and none of the most common passwords. A few random words work well.";
    EgressRefused, "EGRESS_REFUSED", InvalidArgument, 422, "invalid_request_error", "egress_refused", false,
        "Perpetuo may not call this address",
        "Private, link-local and metadata addresses are not called. An operator can list an address range in `egress.allow`; a server on the same machine is allowed while Perpetuo itself listens on loopback only.";
    CredentialsMissing, "CREDENTIALS_MISSING", Unauthenticated, 401, "invalid_request_error", "missing_api_key", false,
        "No credential was sent",
        "Send `Authorization: Bearer <access token or API key>`.";
    LoginFailed, "LOGIN_FAILED", Unauthenticated, 401, "invalid_request_error", "login_failed", false,
        "E-mail address or password is wrong",
        "Check both. The answer is the same whether or not the address is known.";
    MfaRequired, "MFA_REQUIRED", Unauthenticated, 401, "invalid_request_error", "mfa_required", false,
        "A code of the second factor is missing",
        "The password or link is right, and the account asks for a second factor. Send the same request again with `totp`: what the authenticator app shows, or a recovery code.";
    MfaCodeInvalid, "MFA_CODE_INVALID", Unauthenticated, 401, "invalid_request_error", "mfa_code_invalid", false,
        "The code of the second factor is wrong",
        "A code of the app works once and for about half a minute, a recovery code once. Wait for the next code, and check that the clock of the device is right.";
    TokenInvalid, "TOKEN_INVALID", Unauthenticated, 401, "invalid_request_error", "invalid_token", false,
        "The token is not one of ours",
        "Log in again. Tokens are taken as issued: another issuer, algorithm or audience is refused.";
    TokenExpired, "TOKEN_EXPIRED", Unauthenticated, 401, "invalid_request_error", "token_expired", false,
        "The token has expired",
        "Exchange the refresh token for a new pair with `POST /auth/refresh`, or log in again.";
    SessionEnded, "SESSION_ENDED", Unauthenticated, 401, "invalid_request_error", "session_ended", false,
        "The session has ended",
        "Somebody logged out, or the session was revoked. Log in again.";
    RefreshReused, "REFRESH_REUSED", Unauthenticated, 401, "invalid_request_error", "refresh_reused", false,
        "The refresh token was used before",
        "A refresh token works once. Because a copy of it was used again, the session has been ended. Log in again.";
    UnknownKey, "UNKNOWN_KEY", Unauthenticated, 401, "invalid_request_error", "invalid_api_key", false,
        "The API key is not known",
        "Check that the whole key was copied. Keys are shown once, when they are created.";
    KeyRevoked, "KEY_REVOKED", Unauthenticated, 401, "invalid_request_error", "invalid_api_key", false,
        "The API key has been revoked",
        "Create a new key with `POST /workspaces/{id}/api-keys`.";
    KeyExpired, "KEY_EXPIRED", Unauthenticated, 401, "invalid_request_error", "invalid_api_key", false,
        "The API key has expired",
        "Create a new key with `POST /workspaces/{id}/api-keys`.";
    PermissionDenied, "PERMISSION_DENIED", PermissionDenied, 403, "permission_error", "permission_denied", false,
        "The caller may not do this",
        "The role in the workspace, or the scopes of the API key, do not include the permission that `permission` names.";
    StepUpRequired, "STEP_UP_REQUIRED", PermissionDenied, 403, "permission_error", "step_up_required", false,
        "This needs a code of the second factor that was shown just now",
        "Send a code to `POST /api/v1/me/mfa/step-up`, then the same request again within ten minutes.";
    SignUpClosed, "SIGN_UP_CLOSED", PermissionDenied, 403, "permission_error", "sign_up_closed", false,
        "This installation does not let everybody sign up",
        "`signup` says who may: those with an invitation (`invite`: send it as `invitation`), those with an address of certain domains (`domain`), or nobody (`closed`). Operators: `identity.signup`; `perpetuo admin invite <email>` invites.";
    SignInRefused, "SIGN_IN_REFUSED", PermissionDenied, 403, "permission_error", "sign_in_refused", false,
        "The sign-in was refused",
        "The provider did not let the person in, or their account there may not be used here; the message says which. Begin again with another account, or log in another way.";
    LinkRequired, "LINK_REQUIRED", FailedPrecondition, 409, "invalid_request_error", "link_required", false,
        "The account at the provider is not linked with one here",
        "Nothing proves that both are one person's: the provider does not vouch for the e-mail address, or the address of the account here was never confirmed. Log in as before (by password, or by a link in a letter), and then link the provider: sign in there again, and send the code to `POST /api/v1/me/identities`.";
    DomainUnproved, "DOMAIN_UNPROVED", FailedPrecondition, 409, "invalid_request_error", "domain_unproved", false,
        "Nothing proves that the domain is the workspace's",
        "Name servers do not have the TXT record that proves it. Have it made as `record` and `value` say, wait until name servers tell it (minutes, sometimes an hour), and verify the domain again.";
    SsoRequired, "SSO_REQUIRED", PermissionDenied, 403, "permission_error", "sso_required", false,
        "The owner of this e-mail domain asks for single sign-on",
        "A workspace has proved that the domain of the address is its own, and its people sign in through their organisation: `POST /api/v1/auth/sso/start` with the address as `email` leads there. Owners of that workspace may also log in with their password and a second factor.";
    NotFound, "NOT_FOUND", NotFound, 404, "invalid_request_error", "not_found", false,
        "There is no such thing",
        "The id does not exist in this workspace, or the path is no route. What belongs to another workspace looks the same.";
    ModelNotFound, "MODEL_NOT_FOUND", NotFound, 404, "invalid_request_error", "model_not_found", false,
        "No provider of the workspace serves this model",
        "`GET /v1/models` lists what can be called. Add a provider with `POST /workspaces/{id}/providers`.";
    PreviousResponseNotFound, "PREVIOUS_RESPONSE_NOT_FOUND", InvalidArgument, 400, "invalid_request_error", "previous_response_not_found", false,
        "The response that is to be continued is not kept",
        "It, or one that it continues, was never kept (`store: false`, or the workspace keeps none: `responses.keep_days` of its routing settings), was deleted, is too old, or belongs to another workspace. Send the conversation in `input`.";
    UnsupportedOperation, "UNSUPPORTED_OPERATION", InvalidArgument, 400, "invalid_request_error", "unsupported", false,
        "No provider of this model can do this",
        "The providers that serve the model do not offer this operation, and it cannot be told in the words of one that they offer. Choose another model, or add a provider that has it.";
    ImpersonationReadOnly, "IMPERSONATION_READ_ONLY", PermissionDenied, 403, "permission_error", "impersonation_read_only", false,
        "Who acts for somebody only reads",
        "An operator acts for this person, and began without `write`. End it, and begin again with `write: true` if it has to be changed; the reason is in the audit trail of the workspace.";
    ImpersonationForbidden, "IMPERSONATION_FORBIDDEN", PermissionDenied, 403, "permission_error", "impersonation_forbidden", false,
        "This is never done for somebody else",
        "An operator acts for this person. Keys, credentials, webhooks, the account with its passwords, second factors and addresses, members, payments, inference, streams, other workspaces and the platform itself are out of their reach, whatever they began with. Ask the person to do it.";
    ImpersonationRefused, "IMPERSONATION_REFUSED", FailedPrecondition, 409, "invalid_request_error", "impersonation_refused", false,
        "Nobody acts for this person",
        "`why` says it: they operate the platform themselves (`staff`), or it is the account of whoever asks (`yourself`).";
    MethodNotAllowed, "METHOD_NOT_ALLOWED", Unimplemented, 405, "invalid_request_error", "method_not_allowed", false,
        "The route has no such method",
        "The `Allow` header lists the methods of this path.";
    NotOffered, "NOT_OFFERED", Unimplemented, 501, "invalid_request_error", "not_offered", false,
        "This part of the protocol is not offered",
        "`GET /scim/v2/ServiceProviderConfig` says what is: send what `/Bulk` would hold one by one, and name people by their id in place of `/Me`.";
    EmailTaken, "EMAIL_TAKEN", AlreadyExists, 409, "invalid_request_error", "email_taken", false,
        "There is an account with this e-mail address",
        "Log in instead.";
    Conflict, "CONFLICT", AlreadyExists, 409, "invalid_request_error", "conflict", false,
        "It conflicts with something that exists",
        "The message names what it conflicts with.";
    PreconditionFailed, "PRECONDITION_FAILED", FailedPrecondition, 412, "invalid_request_error", "precondition_failed", false,
        "It has changed since it was read",
        "The version that `If-Match` names is not the one of now: somebody else was faster. Read it again, and send the change with the new version.";
    LastOwner, "LAST_OWNER", FailedPrecondition, 409, "invalid_request_error", "last_owner", false,
        "A workspace is never without an owner",
        "Make somebody else an owner first: `POST /workspaces/{id}/transfer`, or `PATCH` of another member's role.";
    InvitationInvalid, "INVITATION_INVALID", NotFound, 404, "invalid_request_error", "invitation_invalid", false,
        "The invitation does not work",
        "It was accepted or withdrawn, is too old, was sent again since, or was sent to another address than the one of the account that shows it. Log in with the address that was invited, or ask for a new letter.";
    AddressNotAllowed, "ADDRESS_NOT_ALLOWED", PermissionDenied, 403, "permission_error", "address_not_allowed", false,
        "The API key may not be used from this address",
        "`address` is where the request came from. `allowed_ips` of the key lists the networks from which it may be used. Behind proxies the address of a client counts only if `edge.trusted_proxies` names them.";
    ModelNotAllowed, "MODEL_NOT_ALLOWED", PermissionDenied, 403, "permission_error", "model_not_allowed", false,
        "The API key may not call this model",
        "`allowed_models` of the key lists what it may call, and `GET /v1/models` what of that there is.";
    PromotionCodeInvalid, "PROMOTION_CODE_INVALID", InvalidArgument, 422, "invalid_request_error", "promotion_code_invalid", false,
        "The promotion code cannot be redeemed",
        "`why` says what is wrong: there is no such code or it was switched off (`unknown`), its time is over (`expired`), as many as may have redeemed it (`used_up`), this workspace has redeemed its coupon before (`redeemed`), it is for other plans (`plan`) or for another currency (`currency`), or there is nothing to take off (`nothing_to_discount`). Nothing was changed: send the same request without `promotion_code`, or with another one.";
    IdempotencyMismatch, "IDEMPOTENCY_MISMATCH", AlreadyExists, 409, "invalid_request_error", "idempotency_mismatch", false,
        "The Idempotency-Key was used with another request",
        "Use a new key for each new request, and the same key only to repeat exactly the same request.";
    ExportNotReady, "EXPORT_NOT_READY", FailedPrecondition, 409, "invalid_request_error", "export_not_ready", true,
        "The export is still being written",
        "Ask again after `Retry-After` seconds; `status` of the export is `done` once it can be downloaded.";
    ExportGone, "EXPORT_GONE", NotFound, 410, "invalid_request_error", "export_gone", false,
        "The export was removed",
        "Exports are kept for some days (`usage.retention.exports_days`), then their bytes are removed. Create the export again.";
    BodyTooLarge, "BODY_TOO_LARGE", OutOfRange, 413, "invalid_request_error", "body_too_large", false,
        "The body is too large",
        "`limit_bytes` says how large it may be.";
    UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", InvalidArgument, 415, "invalid_request_error", "unsupported_media_type", false,
        "The media type is not supported",
        "Send `Content-Type: application/json`.";
    RateLimited, "RATE_LIMITED", ResourceExhausted, 429, "requests", "rate_limit_exceeded", true,
        "Too many requests or tokens in a minute",
        "Wait for `Retry-After` seconds. `layer`, `kind`, `limit` and `used` say which limit was reached; `GET /v1/limits` shows all of them. Of failed logins (`kind` is `failed_logins`) each one makes the next wait longer; a link by mail still logs in.";
    ConcurrencyLimited, "CONCURRENCY_LIMITED", ResourceExhausted, 429, "requests", "rate_limit_exceeded", true,
        "Too many requests at once",
        "Wait until a request has finished. `layer` and `limit` say which limit was reached; `GET /v1/limits` shows all of them.";
    QuotaExceeded, "QUOTA_EXCEEDED", ResourceExhausted, 402, "insufficient_quota", "insufficient_quota", false,
        "A quota is used up",
        "`layer`, `resource`, `period`, `limit` and `used` say which quota; it is whole again after `Retry-After` seconds. `GET /v1/limits` shows all of them. Raise the limit, or change the plan.";
    BudgetExceeded, "BUDGET_EXCEEDED", ResourceExhausted, 402, "insufficient_quota", "budget_exceeded", false,
        "A budget is spent",
        "`layer`, `period`, `limit`, `used` and `currency` say which budget; it is whole again after `Retry-After` seconds, and one without that header never is. Raise it, ask for fewer tokens, or choose a cheaper model.";
    UnpricedModel, "UNPRICED_MODEL", FailedPrecondition, 402, "insufficient_quota", "unpriced_model", false,
        "The price of the model is not known, and a budget applies",
        "What a request costs must be known before it may be paid from a budget. Choose a model that has a price, give it one with a price override, or lift the budget that `layer` names.";
    PlanRequired, "PLAN_REQUIRED", FailedPrecondition, 402, "insufficient_quota", "plan_required", false,
        "The plan does not have this",
        "`plans` names those that do. Change the plan, or bring a credential of your own: `POST /workspaces/{id}/providers`.";
    GuardrailBlocked, "GUARDRAIL_BLOCKED", FailedPrecondition, 400, "invalid_request_error", "guardrail_blocked", false,
        "A guardrail of the workspace does not let this pass",
        "`guardrail` names the rule and `stage` says whether the request (`input`) or its answer (`output`) was stopped. An answer that had begun ends with this error in place of its end mark. What was found is written nowhere. `GET /workspaces/{id}/guardrails` shows the rules.";
    GuardrailUnavailable, "GUARDRAIL_UNAVAILABLE", Unavailable, 503, "server_error", "guardrail_unavailable", true,
        "The model that has to judge this did not answer",
        "`guardrail` names the rule. The workspace wants nothing to pass that was not judged (`on_failure: block`). Send the request again; if it goes on, look at the provider of the rule's model, or set `on_failure: pass`.";
    EventConflict, "EVENT_CONFLICT", AlreadyExists, 409, "invalid_request_error", "event_conflict", false,
        "This event was recorded before, with another payload",
        "The identity of an event is its source and id, and what was recorded stands. Send another event under an id of its own, with `corrects` naming this one. `recorded` and `sent` are digests of both payloads.";
    SettleUnknown, "SETTLE_UNKNOWN", NotFound, 404, "server_error", "settle_unknown", false,
        "There is no such grant",
        "Seen between services only: a settlement names a grant that was never given.";
    UpstreamFailed, "UPSTREAM_FAILED", Unavailable, 502, "server_error", "upstream_failed", true,
        "The provider failed",
        "Every provider that serves this model failed; `attempts` says how many were tried. The request log has one line for each.";
    UpstreamIncomplete, "UPSTREAM_INCOMPLETE", Unavailable, 502, "server_error", "upstream_incomplete", true,
        "The provider's answer was cut off",
        "The provider's stream ended without its end mark, or could not be read. What had arrived is incomplete.";
    UpstreamOverloaded, "UPSTREAM_OVERLOADED", Unavailable, 503, "server_error", "upstream_overloaded", true,
        "The provider is overloaded",
        "Every provider that serves this model is overloaded. Try again after `Retry-After` seconds, or add a second provider.";
    UpstreamTimeout, "UPSTREAM_TIMEOUT", Unavailable, 504, "server_error", "upstream_timeout", true,
        "The provider took too long",
        "`phase` says which deadline passed: connect, first_byte, idle or total. They are settings of the gateway.";
    SignInFailed, "SIGN_IN_FAILED", FailedPrecondition, 502, "server_error", "sign_in_failed", false,
        "The sign-in provider failed",
        "It did not answer, or what it answered does not hold. Nothing was changed: begin again, or log in another way. Operators: the log says what was wrong with the answer.";
    ServiceUnavailable, "SERVICE_UNAVAILABLE", Unavailable, 503, "server_error", "service_unavailable", true,
        "A part of Perpetuo is unavailable",
        "Try again shortly. Operators: `perpetuo doctor` and the `/readyz` probes say which part, and why.";
    MailNotConfigured, "MAIL_NOT_CONFIGURED", FailedPrecondition, 503, "server_error", "mail_not_configured", false,
        "This installation sends no mail",
        "What was asked for needs a letter to an address. Operators: set `mail.smtp.host` and its neighbours.";
    PaymentsNotConfigured, "PAYMENTS_NOT_CONFIGURED", FailedPrecondition, 503, "server_error", "payments_not_configured", false,
        "This installation takes no payments",
        "What was asked for has to be paid, and there is no way to pay here. Ask whoever runs this installation: they put a workspace on a plan with `PUT /admin/workspaces/{id}/subscription`.";
    Overloaded, "OVERLOADED", ResourceExhausted, 503, "server_error", "overloaded", true,
        "Too much work is waiting",
        "The request was turned away before any work was done on it. Try again after `Retry-After` seconds.";
    DeadlineExceeded, "DEADLINE_EXCEEDED", DeadlineExceeded, 504, "server_error", "timeout", true,
        "The deadline passed",
        "The work took longer than the caller or the server allows.";
    Internal, "INTERNAL", Internal, 500, "server_error", "internal_error", true,
        "Something is wrong on our side",
        "The request id finds it in the logs. Please report it.";
}

impl Reason {
    /// The reason with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.as_str() == text)
    }

    /// The HTTP status on `/v1`, where OpenAI's clients know no 422.
    pub const fn openai_http(self) -> u16 {
        match self.http() {
            422 => 400,
            status => status,
        }
    }
}
