//! The contract's routes in short: what clients were promised, what of it is absent and why, and what is there beyond it.

/// `/one` is a workspace's path, `/ex` an execution's; methods of one path are joined by `|`.
const PROMISED: &[&str] = &[
    // Authentication.
    "POST /api/v1/auth/signup",
    "POST /api/v1/auth/register",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/logout",
    "GET /api/v1/auth/me",
    "GET|PUT /api/v1/me",
    "POST /api/v1/auth/switch",
    "POST /api/v1/auth/magic-link",
    "POST /api/v1/auth/magic-link/verify",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/auth/email/verify",
    "GET /api/v1/auth/oauth/{provider}/start",
    "GET /api/v1/auth/oauth/{provider}/callback",
    "POST|DELETE /api/v1/me/mfa/totp",
    "POST /api/v1/me/mfa/totp/confirm",
    "GET /api/v1/me/sessions",
    "DELETE /api/v1/me/sessions/{session_id}",
    "GET /.well-known/jwks.json",
    // Workspaces, members, providers, keys.
    "GET|POST /workspaces",
    "GET|PUT|DELETE /one",
    "GET /one/members",
    "PATCH|DELETE /one/members/{user_id}",
    "GET|POST /one/invitations",
    "DELETE /one/invitations/{invitation_id}",
    "POST /api/v1/invitations/accept",
    "GET|POST /one/providers",
    "GET|PUT|DELETE /one/providers/{provider_id}",
    "POST /one/providers/{provider_id}/test",
    "GET|POST /one/api-keys",
    "PATCH|DELETE /one/api-keys/{key_id}",
    "POST /one/api-keys/{key_id}/revoke",
    "POST /one/api-keys/{key_id}/rotate",
    "GET /one/audit",
    "GET /one/audit/export",
    "GET /one/data-export",
    "POST /api/v1/me/erase",
    // Gateway.
    "POST /v1/chat/completions",
    "POST /v1/responses",
    "GET|DELETE /v1/responses/{response_id}",
    "POST /v1/completions",
    "POST /v1/embeddings",
    "GET /v1/models",
    "GET /v1/models/{model}",
    "POST /v1/moderations",
    "POST /v1/images/generations",
    "POST /v1/audio/transcriptions",
    "POST /v1/audio/speech",
    "POST /v1/rerank",
    "POST /v1/messages",
    "POST /v1/messages/count_tokens",
    "GET /v1/limits",
    "GET|PUT /one/routing",
    "GET /one/logs",
    "GET /one/logs/{request_id}",
    // Usage, limits, export.
    "GET /one/usage",
    "GET /one/usage/by-provider",
    "GET /one/usage/by-model",
    "GET /one/usage/by-key",
    "GET /one/usage/by-user",
    "GET /one/usage/series",
    "GET /one/limits",
    "GET|POST /one/exports",
    "GET /one/exports/{export_id}",
    "GET /one/exports/{export_id}/download",
    "GET|POST /one/export-schedules",
    "DELETE /one/export-schedules/{schedule_id}",
    // Billing.
    "GET /api/v1/plans",
    "GET /api/v1/billing/status",
    "GET /api/v1/billing/usage",
    "POST /api/v1/billing/checkout",
    "POST /api/v1/billing/portal",
    "POST /v1/subscription/upgrade",
    "POST /api/v1/billing/preview",
    "POST /api/v1/billing/cancel",
    "GET /api/v1/billing/invoices",
    "GET /api/v1/billing/invoices/{invoice_id}",
    "GET /api/v1/billing/invoices/{invoice_id}.{format}",
    "GET /api/v1/billing/credits",
    "POST /api/v1/billing/credits/checkout",
    "POST /webhooks/stripe",
    "POST /webhooks/efi/pix",
    "POST /webhooks/efi/charges",
    "GET|POST /one/webhooks",
    "DELETE /one/webhooks/{webhook_id}",
    "GET /one/webhooks/{webhook_id}/deliveries",
    "POST /one/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
    // Executions.
    "GET|POST /api/v1/executions",
    "GET|DELETE /ex",
    "POST /ex/cancel",
    "POST /ex/answers",
    "POST /ex/outcomes",
    "GET /ex/events",
    "GET /ex/opinions",
    "GET /ex/conflicts",
    "GET /ex/meeting",
    "GET /ex/artifacts",
    "GET|POST /ex/export",
    // Platform operators.
    "POST /api/v1/admin/seed-plans",
    "GET /api/v1/admin/usage",
    "GET /api/v1/admin/users",
    "GET /api/v1/admin/workspaces",
    "POST /api/v1/admin/impersonations",
    "GET|POST /api/v1/admin/providers",
    "GET|PUT|DELETE /api/v1/admin/providers/{provider_id}",
    "GET /health",
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "GET /docs",
];

/// What was promised and is not there. A route that comes has to leave this list, and one that goes has to come in.
pub(super) const ABSENT: &[(&str, &str)] = &[(
    "POST /api/v1/me/erase",
    "not built: the trail and the books keep what the law wants kept, and nothing sorts that out yet",
)];

/// What is there as well.
const BEYOND: &[&str] = &[
    "POST /api/chat",
    "GET /api/tags",
    "GET|POST /api/v1/admin/coupons",
    "GET /api/v1/admin/coupons/{coupon_id}",
    "GET /api/v1/admin/disputes",
    "GET /api/v1/admin/impersonations",
    "DELETE /api/v1/admin/impersonations/{session_id}",
    "GET /api/v1/admin/invoices",
    "POST /api/v1/admin/invoices/{invoice_id}/credit-notes",
    "POST /api/v1/admin/invoices/{invoice_id}/payments",
    "POST /api/v1/admin/invoices/{invoice_id}/void",
    "GET /api/v1/admin/plans",
    "GET|POST /api/v1/admin/promotion-codes",
    "PATCH /api/v1/admin/promotion-codes/{promotion_code_id}",
    "POST /api/v1/admin/providers/{provider_id}/test",
    "POST /api/v1/admin/reconciliations",
    "GET /api/v1/admin/workspaces/{workspace_id}/books",
    "POST /api/v1/admin/workspaces/{workspace_id}/credits",
    "GET|POST /api/v1/admin/workspaces/{workspace_id}/invoice-items",
    "GET|PUT /api/v1/admin/workspaces/{workspace_id}/subscription",
    "POST /api/v1/admin/workspaces/{workspace_id}/subscription/events",
    "PUT /api/v1/auth/me",
    "GET /api/v1/auth/oauth",
    "POST /api/v1/auth/oauth/exchange",
    "GET|PUT /api/v1/billing/details",
    "GET|POST|DELETE /api/v1/billing/mandate",
    "POST /api/v1/billing/invoices/{invoice_id}/checkout",
    "POST /api/v1/billing/resume",
    "GET /api/v1/exports/download",
    "POST /api/v1/me/email",
    "GET|POST /api/v1/me/identities",
    "DELETE /api/v1/me/identities/{identity_id}",
    "GET /api/v1/me/mfa",
    "POST /api/v1/me/mfa/recovery-codes",
    "POST /api/v1/me/mfa/step-up",
    "POST /api/v1/me/password",
    "PATCH /one/export-schedules/{schedule_id}",
    "DELETE /one/exports/{export_id}",
    "GET|PUT /one/guardrails",
    "POST /one/invitations/{invitation_id}/resend",
    "GET|PUT /one/prices",
    "POST /one/restore",
    "DELETE /one/routing/cache",
    "POST /one/routing/dry-run",
    "POST /one/transfer",
    "GET /one/usage/anomalies",
    "POST /one/usage/events",
    "GET /one/usage/resources",
    "GET /one/usage/unpriced",
    "GET|PATCH /one/webhooks/{webhook_id}",
    "POST /one/webhooks/{webhook_id}/rotate",
    "POST /one/webhooks/{webhook_id}/test",
    "GET /api/version",
    "GET /docs/errors",
    "GET /docs/errors/{code}",
    "GET /docs/providers",
    "GET /docs/style.css",
    "GET /v1/responses/{response_id}/input_items",
    "GET /v1beta/models",
    "GET|POST /v1beta/models/{model}",
    "POST /webhooks/efi/pix/pix",
];

/// `GET /api/v1/workspaces/{workspace_id}`, and so on.
pub(super) fn promised() -> impl Iterator<Item = String> {
    routes(PROMISED)
}

/// The same of what nobody promised.
pub(super) fn beyond() -> impl Iterator<Item = String> {
    routes(BEYOND)
}

fn routes(lines: &'static [&'static str]) -> impl Iterator<Item = String> {
    lines.iter().flat_map(|line| {
        let (methods, path) = line.split_once(' ').expect("methods and a path");
        let path = match path {
            "/workspaces" => "/api/v1/workspaces".to_owned(),
            path if path == "/one" || path.starts_with("/one/") => {
                path.replacen("/one", "/api/v1/workspaces/{workspace_id}", 1)
            }
            path if path == "/ex" || path.starts_with("/ex/") => {
                path.replacen("/ex", "/api/v1/executions/{execution_id}", 1)
            }
            path => path.to_owned(),
        };
        methods.split('|').map(move |method| format!("{method} {path}"))
    })
}
