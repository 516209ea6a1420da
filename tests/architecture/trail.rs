//! Is every change in a trail? Every rpc that asks for a permission and changes something has a row here: a new one has to be thought
//! about. What is said to be in a trail is said by the sources.

use crate::sources;
use proto::rpc::Auth;
use std::collections::BTreeMap;

/// What each of them leaves in the trail of the workspace, of the platform or of the account, written in the transaction that does it.
const TRAIL: &[(&str, &[&str])] = &[
    ("AcceptInvitation", &["invitation.accepted", "member.added"]),
    ("AddDomain", &["domain.added"]),
    ("AddInvoiceItem", &["invoice_item.added"]),
    ("AddPasskey", &["user.passkey_added"]),
    ("AddTeamMember", &["team.member_added"]),
    ("BuyCredits", &["invoice.finalized"]),
    ("CancelMandate", &["mandate.changed"]),
    ("CancelSubscription", &["subscription.changed"]),
    ("ChangeEmail", &["user.updated"]),
    ("ChangeMemberRole", &["member.role_changed"]),
    ("ChangePassword", &["user.password_changed"]),
    ("ChangePlan", &["subscription.changed"]),
    ("ConfirmTotp", &["user.mfa_enabled"]),
    ("CreateApiKey", &["api_key.created"]),
    ("CreateDirectoryUser", &["directory.user_created"]),
    ("CreateExport", &["export.created"]),
    ("CreateExportSchedule", &["export_schedule.created"]),
    ("CreateInvitation", &["invitation.created"]),
    ("CreateMandate", &["mandate.changed"]),
    ("CreatePlatformProvider", &["platform_provider.created"]),
    ("CreatePromotionCode", &["promotion_code.changed"]),
    ("CreateProvider", &["provider.created"]),
    ("CreateRole", &["role.created"]),
    ("CreateTeam", &["team.created"]),
    ("CreateWebhook", &["webhook.created"]),
    ("CreateWorkspace", &["workspace.created", "member.added"]),
    ("CreditInvoice", &["invoice.credited", "invoice.refund_requested"]),
    ("DeleteApiKey", &["api_key.deleted"]),
    ("DeleteDirectoryUser", &["directory.user_deleted"]),
    ("DeleteExport", &["export.deleted"]),
    ("DeleteExportSchedule", &["export_schedule.deleted"]),
    ("DeletePlatformProvider", &["platform_provider.deleted"]),
    ("DeleteProvider", &["provider.deleted"]),
    ("DeleteRole", &["role.deleted"]),
    ("DeleteTeam", &["team.deleted"]),
    ("DeleteWebhook", &["webhook.deleted"]),
    ("DeleteWorkspace", &["workspace.deleted"]),
    ("EndImpersonation", &["impersonation.ended"]),
    ("EndSession", &["session.ended"]),
    ("EraseAnswers", &["workspace.answers_erased"]),
    ("EraseMe", &["user.erased"]),
    ("GrantCredits", &["credits.granted"]),
    ("LeaveWorkspace", &["member.left"]),
    ("LinkIdentity", &["user.identity_linked"]),
    ("PublishCoupon", &["coupon.published"]),
    ("PublishPlans", &["plan.published"]),
    ("PutBillingDetails", &["billing_details.updated"]),
    ("PutGuardrails", &["workspace.guardrails_changed"]),
    ("PutPrices", &["prices.updated"]),
    ("PutRouting", &["workspace.routing_changed"]),
    ("PutSso", &["sso.updated"]),
    ("RecordPayment", &["invoice.payment_recorded"]),
    ("RecordSubscriptionEvent", &["subscription.changed"]),
    ("RemoveDomain", &["domain.removed"]),
    ("RemoveMember", &["member.removed"]),
    ("RemovePasskey", &["user.passkey_removed"]),
    ("RemoveSso", &["sso.removed"]),
    ("RemoveTeamMember", &["team.member_removed"]),
    ("RemoveTotp", &["user.mfa_disabled"]),
    ("RenewRecoveryCodes", &["user.recovery_codes_renewed"]),
    ("ReplaceDirectoryUser", &["directory.user_updated"]),
    ("ReplaceTeamMembers", &["team.member_added"]),
    ("ResendInvitation", &["invitation.resent"]),
    ("RestoreWorkspace", &["workspace.restored"]),
    ("ResumeSubscription", &["subscription.changed"]),
    ("RevokeApiKey", &["api_key.revoked"]),
    ("RevokeInvitation", &["invitation.revoked"]),
    ("RotateApiKey", &["api_key.rotated"]),
    ("RotateWebhookSecret", &["webhook.secret_rotated"]),
    ("SetSubscription", &["subscription.changed"]),
    ("StartImpersonation", &["impersonation.started"]),
    ("StepUp", &["session.stepped_up"]),
    ("TransferOwnership", &["workspace.ownership_transferred"]),
    ("UnlinkIdentity", &["user.identity_unlinked"]),
    ("UpdateApiKey", &["api_key.updated"]),
    ("UpdateExportSchedule", &["export_schedule.updated"]),
    ("UpdateMe", &["user.updated"]),
    ("UpdatePlatformProvider", &["platform_provider.updated"]),
    ("UpdatePromotionCode", &["promotion_code.changed"]),
    ("UpdateProvider", &["provider.updated"]),
    ("UpdateRole", &["role.updated"]),
    ("UpdateTeam", &["team.updated"]),
    ("UpdateWebhook", &["webhook.updated"]),
    ("UpdateWorkspace", &["workspace.updated"]),
    ("VerifyDomain", &["domain.verified"]),
    ("VoidInvoice", &["invoice.voided"]),
];

/// What leaves nothing there, and why.
const NONE: &[(&str, &str)] = &[
    ("AcceptConsents", "the consents are a record themselves, to which rows are only added"),
    ("BeginPasskey", "a question to a device: nothing is changed before the answer"),
    ("BeginPasskeyStepUp", "a question to a device: nothing is changed before the answer"),
    ("Complete", "what was used is in the ledger and in the logs"),
    ("DeleteResponse", "what a client kept for itself, by the thousand: its request is in the logs"),
    ("OpenPortal", "an address to go to: nothing is changed"),
    ("PayInvoice", "an offer to pay: what is paid comes into the trail when it is"),
    ("Reconcile", "what it finds is settled as if the provider had told it, and is in the trail as that"),
    ("RecordUsage", "what was used is in the ledger"),
    ("RenamePasskey", "a label that only its owner sees"),
    ("RetryWebhookDelivery", "attempts are in the log of deliveries"),
    ("SetUpTotp", "a secret that counts for nothing before it is confirmed"),
    ("SwitchWorkspace", "another token of the same session: what is done with it is in the trail"),
    ("TestPlatformProvider", "a call that changes nothing here"),
    ("TestProvider", "a call that changes nothing here"),
    ("TestWebhook", "attempts are in the log of deliveries"),
];

#[test]
fn every_change_is_in_a_trail_or_says_why_not() {
    let of_services = |(path, _): &(String, String)| path.starts_with("services/") && path.contains("/src/");
    let sources: String = sources::all().into_iter().filter(of_services).map(|(_, text)| text).collect();
    let mut rows = BTreeMap::new();
    for (method, kinds) in TRAIL {
        assert!(!kinds.is_empty() && rows.insert(*method, ()).is_none(), "{method}");
        for kind in *kinds {
            assert!(sources.contains(&format!("\"{kind}\"")), "{method}: nothing tells {kind}");
        }
    }
    for (method, why) in NONE {
        assert!(!why.is_empty() && rows.insert(*method, ()).is_none(), "{method}");
    }
    let mut seen = 0;
    for rpc in proto::rpcs() {
        if !matches!(rpc.auth, Auth::Permission(_)) || rpc.no_side_effects {
            continue;
        }
        let decide = "write down what it leaves in which trail, or why nothing";
        assert!(rows.contains_key(rpc.method), "{}/{}: {decide}", rpc.service, rpc.method);
        seen += 1;
    }
    assert_eq!(seen, rows.len(), "rows of rpcs that are not there or change nothing");
}
