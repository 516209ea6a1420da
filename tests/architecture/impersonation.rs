//! What may an operator do who acts for somebody? Every rpc that asks for a permission has a row here: a new one has to be
//! thought about, and what was decided does not change by itself.

use proto::{impersonation::Class, rpc::Auth};
use std::collections::BTreeMap;

/// They change it if they began with `write`: what repairs a workspace, is in its trail, makes or shows no credential, costs nothing,
/// and can be changed back.
const WRITES: &[&str] = &["EraseAnswers", "PutGuardrails", "PutRouting", "UpdateWorkspace"];

/// They read it as the person does.
const READS: &[&str] = &[
    "CheckRouting",
    "DownloadExport",
    "DryRunRouting",
    "ExportAuditEvents",
    "GetBillingDetails",
    "GetCredits",
    "GetDirectoryUser",
    "GetEntitlementUsage",
    "GetExport",
    "GetGuardrails",
    "GetInvoice",
    "GetLimits",
    "GetLog",
    "GetMandate",
    "GetMe",
    "GetMfa",
    "GetModel",
    "GetPrices",
    "GetProvider",
    "GetResourceUsage",
    "GetResponse",
    "GetRole",
    "GetRouting",
    "GetSubscription",
    "GetTeam",
    "GetUsage",
    "GetUsageBy",
    "GetUsageSeries",
    "GetWebhook",
    "GetWorkspace",
    "ListAnomalies",
    "ListApiKeys",
    "ListAuditEvents",
    "ListConsents",
    "ListDirectoryUsers",
    "ListDomains",
    "ListExportSchedules",
    "ListExports",
    "ListIdentities",
    "ListInvitations",
    "ListInvoices",
    "ListLogs",
    "ListMembers",
    "ListModels",
    "ListPasskeys",
    "ListProviders",
    "ListResponseInput",
    "ListRoles",
    "ListSessions",
    "ListTeamMembers",
    "ListTeams",
    "ListUnpriced",
    "ListWebhookDeliveries",
    "ListWebhooks",
    "ListWorkspaces",
    "PreviewChange",
    "RenderInvoice",
];

/// Nobody but the person does it: credentials and the account, members, payment, what costs money, what leaves, what cannot be
/// undone or leaves no trace, what tells of their other workspaces.
const NEVER: &[&str] = &[
    "AcceptConsents",
    "AcceptInvitation",
    "AddDomain",
    "AddPasskey",
    "AddTeamMember",
    "BeginPasskey",
    "BeginPasskeyStepUp",
    "BuyCredits",
    "CancelMandate",
    "CancelSubscription",
    "ChangeEmail",
    "ChangeMemberRole",
    "ChangePassword",
    "ChangePlan",
    "Complete",
    "ConfirmTotp",
    "CountTeamKeys",
    "CreateApiKey",
    "CreateDirectoryUser",
    "CreateExport",
    "CreateExportSchedule",
    "CreateInvitation",
    "CreateMandate",
    "CreateProvider",
    "CreateRole",
    "CreateTeam",
    "CreateWebhook",
    "CreateWorkspace",
    "DeleteApiKey",
    "DeleteDirectoryUser",
    "DeleteExport",
    "DeleteExportSchedule",
    "DeleteProvider",
    "DeleteResponse",
    "DeleteRole",
    "DeleteTeam",
    "DeleteWebhook",
    "DeleteWorkspace",
    "EndSession",
    "EraseMe",
    "ExportMe",
    "GetSso",
    "LeaveWorkspace",
    "LinkIdentity",
    "ListActs",
    "OpenPortal",
    "PayInvoice",
    "PutBillingDetails",
    "PutPrices",
    "PutSso",
    "RecordUsage",
    "RemoveDomain",
    "RemoveMember",
    "RemovePasskey",
    "RemoveSso",
    "RemoveTeamMember",
    "RemoveTotp",
    "RenamePasskey",
    "RenewRecoveryCodes",
    "ReplaceDirectoryUser",
    "ReplaceTeamMembers",
    "ResendInvitation",
    "RestoreWorkspace",
    "ResumeSubscription",
    "RetryWebhookDelivery",
    "RevokeApiKey",
    "RevokeInvitation",
    "RotateApiKey",
    "RotateWebhookSecret",
    "SetUpTotp",
    "StepUp",
    "SwitchWorkspace",
    "TestProvider",
    "TestWebhook",
    "TransferOwnership",
    "UnlinkIdentity",
    "UpdateApiKey",
    "UpdateExportSchedule",
    "UpdateMe",
    "UpdateProvider",
    "UpdateRole",
    "UpdateTeam",
    "UpdateWebhook",
    "VerifyDomain",
];

#[test]
fn every_rpc_says_what_of_it_is_for_operators_who_act_for_somebody() {
    let mut promised = BTreeMap::new();
    for (methods, class) in [(READS, Class::Reads), (WRITES, Class::Writes), (NEVER, Class::Never)] {
        assert!(methods.is_sorted(), "{class:?} is not sorted");
        for method in methods {
            assert!(promised.insert(*method, class).is_none(), "{method} has two rows");
        }
    }
    let mut seen = 0;
    for rpc in proto::rpcs() {
        let Auth::Permission(permission) = &rpc.auth else { continue };
        if !permission.is_of_workspaces() && permission.as_str() != "account" {
            assert_eq!(rpc.impersonated, Class::Never, "{} is an operator's own", rpc.method);
            continue;
        }
        let class = promised.get(rpc.method).copied();
        let decide = "decide whether an operator who acts for somebody may call it, and write it down here";
        assert_eq!(class, Some(rpc.impersonated), "{}/{}: {decide}", rpc.service, rpc.method);
        seen += 1;
    }
    assert_eq!(seen, promised.len(), "rows of rpcs that are not there");
}
