//! The management face, canonical under `/api/v1` and mounted at the root as well.

mod admin;
mod api_keys;
mod audit;
mod auth;
mod billing;
mod data_export;
mod domains;
pub(crate) mod executions;
mod export_schedules;
mod exports;
mod file;
mod guardrails;
mod invitations;
pub(crate) mod limits;
mod links;
mod logs;
mod me;
mod members;
mod page;
mod passkey;
mod prices;
pub(crate) mod problem;
mod providers;
pub(crate) mod repeat;
mod roles;
mod routing;
mod session;
mod sign_in;
mod sso;
mod teams;
pub(crate) mod time;
mod units;
mod usage;
mod usage_events;
mod used_up;
mod webhooks;
mod workspaces;

use crate::app::{Later, Shared};
use axum::{
    middleware::from_fn_with_state,
    routing::{get, post},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where people see what plans there are.
pub(crate) const PLANS: &str = "/api/v1/plans";
/// Second paths of routes: the alias, and the path that it stands for.
pub(crate) const ALIASES: [(&str, &str); 2] = [("/auth/register", "/auth/signup"), ("/auth/me", "/me")];

/// The routes, relative to where they are mounted.
pub(crate) fn routes(later: &Later) -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(executions(later))
        .routes(routes!(auth::sign_up))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::switch_workspace))
        .routes(routes!(links::verify_email))
        .routes(routes!(links::send_magic_link))
        .routes(routes!(links::login_with_magic_link))
        .routes(routes!(links::forgot_password))
        .routes(routes!(links::reset_password))
        .routes(routes!(sign_in::list_sign_in_providers))
        .routes(routes!(sign_in::exchange_sign_in))
        .routes(routes!(sign_in::start::start_sign_in))
        .routes(routes!(sign_in::callback::finish_sign_in))
        .routes(routes!(sso::start_sso))
        .routes(routes!(sso::finish_sso))
        .routes(routes!(passkey::begin_passkey_sign_in))
        .routes(routes!(passkey::sign_in_with_passkey))
        .routes(routes!(me::identities::list_identities, me::identities::link_identity))
        .routes(routes!(me::identities::unlink_identity))
        .routes(routes!(me::get_me, me::update_me))
        .routes(routes!(me::erasure::erase_me))
        .routes(routes!(me::data_export::export_me))
        .routes(routes!(me::consents::list_consents, me::consents::accept_consents))
        .routes(routes!(me::credentials::change_password))
        .routes(routes!(me::credentials::change_email))
        .routes(routes!(me::mfa::get_mfa))
        .routes(routes!(me::mfa::set_up_totp, me::mfa::remove_totp))
        .routes(routes!(me::mfa::confirm_totp))
        .routes(routes!(me::mfa::renew_recovery_codes))
        .routes(routes!(me::mfa::step_up))
        .routes(routes!(me::passkeys::begin_step_up))
        .routes(routes!(me::passkeys::list_passkeys, me::passkeys::add_passkey))
        .routes(routes!(me::passkeys::begin_passkey))
        .routes(routes!(me::passkeys::rename_passkey, me::passkeys::remove_passkey))
        .routes(routes!(me::sessions::list_sessions))
        .routes(routes!(me::sessions::end_session))
        .route("/auth/register", post(auth::sign_up))
        .route("/auth/me", get(me::get_me).put(me::update_me))
        .routes(routes!(workspaces::list_workspaces, workspaces::create_workspace))
        .routes(routes!(workspaces::get_workspace, workspaces::update_workspace, workspaces::delete_workspace))
        .routes(routes!(data_export::export_workspace))
        .routes(routes!(workspaces::restore_workspace))
        .routes(routes!(members::list_members))
        .routes(routes!(members::change_member, members::remove_member))
        .routes(routes!(members::transfer_ownership))
        .routes(routes!(roles::list_roles, roles::create_role))
        .routes(routes!(roles::get_role, roles::update_role, roles::delete_role))
        .routes(routes!(teams::list_teams, teams::create_team))
        .routes(routes!(teams::get_team, teams::update_team, teams::delete_team))
        .routes(routes!(teams::members::list_team_members, teams::members::replace_team_members))
        .routes(routes!(teams::members::add_team_member, teams::members::remove_team_member))
        .routes(routes!(invitations::list_invitations, invitations::create_invitation))
        .routes(routes!(invitations::revoke_invitation))
        .routes(routes!(invitations::resend_invitation))
        .routes(routes!(invitations::accept_invitation))
        .routes(routes!(providers::list_providers, providers::create_provider))
        .routes(routes!(providers::get_provider, providers::update_provider, providers::delete_provider))
        .routes(routes!(providers::test::test_provider))
        .routes(routes!(guardrails::get_guardrails, guardrails::put_guardrails))
        .routes(routes!(routing::get_routing, routing::put_routing))
        .routes(routes!(routing::dry_run::dry_run_routing))
        .routes(routes!(routing::erase_answers))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::update_api_key, api_keys::delete_api_key))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(api_keys::rotate_api_key))
        .routes(routes!(logs::list_logs))
        .routes(routes!(logs::get_log))
        .routes(routes!(usage::total::get_usage))
        .routes(routes!(usage::by::get_usage_by_provider))
        .routes(routes!(usage::by::get_usage_by_model))
        .routes(routes!(usage::by::get_usage_by_key))
        .routes(routes!(usage::by::get_usage_by_user))
        .routes(routes!(usage::by::get_usage_by_team))
        .routes(routes!(usage::series::get_usage_series))
        .routes(routes!(usage::anomalies::list_anomalies))
        .routes(routes!(usage_events::record_usage))
        .routes(routes!(usage_events::get_resource_usage))
        .routes(routes!(prices::list_unpriced))
        .routes(routes!(prices::get_prices, prices::put_prices))
        .routes(routes!(limits::list_limits))
        .routes(routes!(exports::list_exports, exports::create_export))
        .routes(routes!(exports::get_export, exports::delete_export))
        .routes(routes!(exports::download::download_export))
        .routes(routes!(exports::download::download_linked_export))
        .routes(routes!(audit::list_audit_events))
        .routes(routes!(audit::export::export_audit_events))
        .routes(routes!(export_schedules::list_export_schedules, export_schedules::create_export_schedule))
        .routes(routes!(export_schedules::update_export_schedule, export_schedules::delete_export_schedule))
        .routes(routes!(domains::list_domains, domains::add_domain))
        .routes(routes!(domains::remove_domain))
        .routes(routes!(domains::verify_domain))
        .routes(routes!(sso::get_sso, sso::put_sso, sso::remove_sso))
        .routes(routes!(webhooks::list_webhooks, webhooks::create_webhook))
        .routes(routes!(webhooks::get_webhook, webhooks::update_webhook, webhooks::delete_webhook))
        .routes(routes!(webhooks::rotate_webhook_secret))
        .routes(routes!(webhooks::test_webhook))
        .routes(routes!(webhooks::deliveries::list_webhook_deliveries))
        .routes(routes!(webhooks::deliveries::retry_webhook_delivery))
        .routes(routes!(admin::users::list_users))
        .routes(routes!(admin::impersonations::list_impersonations, admin::impersonations::start_impersonation))
        .routes(routes!(admin::impersonations::end_impersonation))
        .routes(routes!(admin::workspaces::list_all_workspaces))
        .routes(routes!(admin::providers::list_platform_providers, admin::providers::create_platform_provider))
        .routes(routes!(
            admin::providers::get_platform_provider,
            admin::providers::update_platform_provider,
            admin::providers::delete_platform_provider
        ))
        .routes(routes!(admin::providers::test::test_platform_provider))
        .routes(routes!(admin::usage::summarize_usage))
        .routes(routes!(billing::plan::list_plans))
        .routes(routes!(billing::get_subscription))
        .routes(routes!(billing::usage::get_entitlement_usage))
        .routes(routes!(billing::preview_change))
        .routes(routes!(billing::cancel_subscription))
        .routes(routes!(billing::resume_subscription))
        .routes(routes!(billing::checkout::check_out_plan))
        .routes(routes!(billing::invoices::list_invoices))
        .routes(routes!(billing::invoices::get_invoice))
        .merge(billing::invoices::file::described())
        .routes(routes!(billing::checkout::check_out_invoice))
        .routes(routes!(billing::portal::open_portal))
        .routes(routes!(
            billing::mandate::create_mandate,
            billing::mandate::get_mandate,
            billing::mandate::cancel_mandate
        ))
        .routes(routes!(billing::credits::get_credits))
        .routes(routes!(billing::credits::check_out_credits))
        .routes(routes!(billing::details::get_billing_details, billing::details::put_billing_details))
        .routes(routes!(admin::plans::list_all_plans))
        .routes(routes!(admin::plans::seed_plans))
        .routes(routes!(admin::coupons::list_coupons, admin::coupons::publish_coupon))
        .routes(routes!(admin::coupons::get_coupon))
        .routes(routes!(admin::promotion_codes::list_promotion_codes, admin::promotion_codes::create_promotion_code))
        .routes(routes!(admin::promotion_codes::update_promotion_code))
        .routes(routes!(
            admin::subscriptions::get_workspace_subscription,
            admin::subscriptions::set_workspace_subscription
        ))
        .routes(routes!(admin::subscriptions::record_subscription_event))
        .routes(routes!(admin::invoices::list_all_invoices))
        .routes(routes!(admin::invoices::record_payment))
        .routes(routes!(admin::invoices::void_invoice))
        .routes(routes!(admin::invoices::credit_invoice))
        .routes(routes!(admin::credits::grant_credits))
        .routes(routes!(admin::invoice_items::list_invoice_items, admin::invoice_items::add_invoice_item))
        .routes(routes!(admin::books::get_books))
        .routes(routes!(admin::disputes::list_disputes))
        .routes(routes!(admin::reconciliations::reconcile))
}

/// Those of executions. Plans limit how many requests a minute come to them.
fn executions(later: &Later) -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(executions::list_executions, executions::create::create_execution))
        .routes(routes!(executions::get_execution, executions::end::delete_execution))
        .routes(routes!(executions::end::cancel_execution))
        .routes(routes!(executions::input::answer_questions))
        .routes(routes!(executions::input::record_outcomes))
        .routes(routes!(executions::events::watch_execution))
        .routes(routes!(executions::parts::list_opinions))
        .routes(routes!(executions::parts::list_conflicts))
        .routes(routes!(executions::parts::get_meeting))
        .routes(routes!(executions::parts::get_artifacts))
        .routes(routes!(executions::export::export_execution, executions::export::download_execution))
        .route_layer(from_fn_with_state(later.clone(), executions::rate::limit))
}

/// Routes of this face that have one place, under `/v1`: clients know them from there.
pub(crate) fn routes_under_v1() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(billing::upgrade_subscription))
}
