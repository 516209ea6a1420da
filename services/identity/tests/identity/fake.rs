//! A workspace service that remembers who was given what, and can be away.

// By its path: the bench of keys takes this file as well.
#[path = "fake/directory.rs"]
pub mod directory;

use proto::{Call, Reason, feed, workspace::*};
use std::sync::{Arc, Mutex, MutexGuard};
use tonic::{Status, codegen::BoxStream};

/// What the fake knows. Copies share it.
#[derive(Clone, Default)]
pub struct Workspaces(Arc<Mutex<State>>);

#[derive(Default)]
pub struct State {
    /// Answers nothing.
    pub away: bool,
    /// Every request to make one, in order.
    pub provisioned: Vec<ProvisionWorkspaceRequest>,
    /// User id and membership, oldest first.
    pub members: Vec<(String, Membership)>,
    /// What the links of its invitations hold, and the addresses for which they work.
    pub invited: Vec<(String, String)>,
    /// Who went for ever.
    pub departed: Vec<DepartPersonRequest>,
    /// No workspace has a seat left.
    pub is_full: bool,
    /// Who cannot: they own a workspace alone.
    pub stays: Vec<String>,
    /// Who is in which team: workspace, team and user. A team without anybody has an empty one.
    pub seats: Vec<(String, String, String)>,
    /// Who comes and goes because a directory says so, and how far that was done.
    pub directory: directory::Directory,
    /// What its feed tells.
    pub told: Vec<feed::Event>,
}

impl Workspaces {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics with the state in hand")
    }

    /// Tells of something; its position follows the last one.
    pub fn tell(&self, event: feed::Event) {
        let mut state = self.state();
        let position = state.told.last().map_or(0, |last| last.position) + 1;
        state.told.push(feed::Event { position, ..event });
    }

    fn after(&self, position: i64) -> Vec<feed::Event> {
        self.state().told.iter().filter(|event| event.position > position).cloned().collect()
    }

    fn here(&self) -> Result<MutexGuard<'_, State>, Status> {
        let state = self.state();
        if state.away {
            Err(Reason::ServiceUnavailable.with("the workspace service is away").into())
        } else {
            Ok(state)
        }
    }
}

macro_rules! unused {
    ($($rpc:ident: $request:ty => $response:ty;)+) => {
        #[tonic::async_trait]
        impl Service for Workspaces {
            $(async fn $rpc(&self, _: &Call, _: $request) -> Result<$response, Status> {
                Err(Status::unimplemented("identity has no business here"))
            })+

            async fn provision_workspace(
                &self,
                _: &Call,
                request: ProvisionWorkspaceRequest,
            ) -> Result<ProvisionWorkspaceResponse, Status> {
                let mut state = self.here()?;
                if !state.provisioned.iter().any(|p| p.workspace_id == request.workspace_id) {
                    let name = match request.name.as_str() {
                        "" => format!("{}'s workspace", request.owner_name),
                        given => given.to_owned(),
                    };
                    let workspace_id = request.workspace_id.clone();
                    let membership = Membership { workspace_id, name, role: "owner".to_owned() };
                    state.members.push((request.owner_user_id.clone(), membership));
                }
                state.provisioned.push(request);
                Ok(ProvisionWorkspaceResponse {})
            }

            async fn provision_member(
                &self,
                _: &Call,
                request: ProvisionMemberRequest,
            ) -> Result<ProvisionMemberResponse, Status> {
                let mut state = self.here()?;
                if state.is_full {
                    return Err(Reason::QuotaExceeded.with("the plan has no seat left").into());
                }
                let ProvisionMemberRequest { workspace_id, user_id, role, .. } = request;
                let is_member = |(user, m): &&(String, Membership)| *user == user_id && m.workspace_id == workspace_id;
                if let Some((_, known)) = state.members.iter().find(is_member) {
                    return Ok(ProvisionMemberResponse { role: known.role.clone() });
                }
                let membership = Membership { workspace_id, name: "Acme".to_owned(), role: role.clone() };
                state.members.push((user_id, membership));
                Ok(ProvisionMemberResponse { role })
            }

            async fn list_members(
                &self,
                call: &Call,
                _: ListMembersRequest,
            ) -> Result<ListMembersResponse, Status> {
                let workspace = call.workspace()?.to_string();
                let state = self.here()?;
                let of = state.members.iter().filter(|(_, m)| m.workspace_id == workspace);
                let show = |(user, m): &(String, Membership)| Member {
                    user_id: user.clone(),
                    role: m.role.clone(),
                    ..Member::default()
                };
                Ok(ListMembersResponse { members: of.map(show).collect(), next_page_token: String::new() })
            }

            async fn check_invitation(
                &self,
                _: &Call,
                request: CheckInvitationRequest,
            ) -> Result<CheckInvitationResponse, Status> {
                let invited = self.here()?.invited.contains(&(request.token, request.email));
                let refusal = || Reason::InvitationInvalid.with("the invitation does not work").into();
                if invited { Ok(CheckInvitationResponse {}) } else { Err(refusal()) }
            }

            async fn list_memberships(
                &self,
                _: &Call,
                request: ListMembershipsRequest,
            ) -> Result<ListMembershipsResponse, Status> {
                let state = self.here()?;
                let of = state.members.iter().filter(|(user, _)| *user == request.user_id);
                Ok(ListMembershipsResponse { memberships: of.map(|(_, m)| m.clone()).collect() })
            }

            async fn depart_person(
                &self,
                _: &Call,
                request: DepartPersonRequest,
            ) -> Result<DepartPersonResponse, Status> {
                let mut state = self.here()?;
                if state.stays.contains(&request.user_id) {
                    return Err(Reason::LastOwner.with("they own a workspace alone").into());
                }
                state.members.retain(|(user, _)| *user != request.user_id);
                state.departed.push(request);
                Ok(DepartPersonResponse {})
            }

            async fn resolve_team(
                &self,
                _: &Call,
                request: ResolveTeamRequest,
            ) -> Result<ResolveTeamResponse, Status> {
                let state = self.here()?;
                let ResolveTeamRequest { workspace_id, team_id, user_id } = request;
                let is_there = state.seats.iter().any(|(workspace, team, user)| {
                    (workspace, team) == (&workspace_id, &team_id) && (user_id.is_empty() || *user == user_id)
                });
                let absent = || Reason::NotFound.with("there is no such team").into();
                if is_there { Ok(ResolveTeamResponse {}) } else { Err(absent()) }
            }

            async fn bring_member(
                &self,
                _: &Call,
                request: BringMemberRequest,
            ) -> Result<BringMemberResponse, Status> {
                self.here()?.bring(request)
            }

            async fn retire_member(
                &self,
                _: &Call,
                request: RetireMemberRequest,
            ) -> Result<RetireMemberResponse, Status> {
                self.here()?.retire(request)
            }

            async fn list_acts(&self, _: &Call, _: ListActsRequest) -> Result<ListActsResponse, Status> {
                Err(Status::unimplemented("identity has no business here"))
            }

            async fn export_audit_events(
                &self,
                _: &Call,
                _: ExportAuditEventsRequest,
            ) -> Result<BoxStream<ExportAuditEventsResponse>, Status> {
                Err(Status::unimplemented("identity has no business here"))
            }

            async fn watch(
                &self,
                _: &Call,
                request: feed::WatchRequest,
            ) -> Result<BoxStream<feed::WatchResponse>, Status> {
                let told = self.clone();
                let batches = futures::stream::unfold(request.after.unwrap_or(i64::MAX), move |after| {
                    let told = told.clone();
                    async move {
                        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                        let events = told.after(after);
                        let position = events.last().map_or(after, |event| event.position);
                        Some((Ok(feed::WatchResponse { events, position }), position))
                    }
                });
                Ok(Box::pin(batches))
            }
        }
    };
}

unused! {
    get_routing: GetRoutingRequest => GetRoutingResponse;
    put_routing: PutRoutingRequest => PutRoutingResponse;
    get_guardrails: GetGuardrailsRequest => GetGuardrailsResponse;
    put_guardrails: PutGuardrailsRequest => PutGuardrailsResponse;
    check_routing: CheckRoutingRequest => CheckRoutingResponse;
    erase_answers: EraseAnswersRequest => EraseAnswersResponse;
    claim_answer: ClaimAnswerRequest => ClaimAnswerResponse;
    keep_answer: KeepAnswerRequest => KeepAnswerResponse;
    release_answer: ReleaseAnswerRequest => ReleaseAnswerResponse;
    keep_response: KeepResponseRequest => KeepResponseResponse;
    open_response: OpenResponseRequest => OpenResponseResponse;
    delete_response: DeleteResponseRequest => DeleteResponseResponse;
    open_execution: OpenExecutionRequest => OpenExecutionResponse;
    find_execution: FindExecutionRequest => FindExecutionResponse;
    list_executions: ListExecutionsRequest => ListExecutionsResponse;
    list_open_executions: ListOpenExecutionsRequest => ListOpenExecutionsResponse;
    close_execution: CloseExecutionRequest => CloseExecutionResponse;
    delete_execution: DeleteExecutionRequest => DeleteExecutionResponse;
    open_budget: OpenBudgetRequest => OpenBudgetResponse;
    create_workspace: CreateWorkspaceRequest => CreateWorkspaceResponse;
    list_workspaces: ListWorkspacesRequest => ListWorkspacesResponse;
    get_workspace: GetWorkspaceRequest => GetWorkspaceResponse;
    update_workspace: UpdateWorkspaceRequest => UpdateWorkspaceResponse;
    change_member_role: ChangeMemberRoleRequest => ChangeMemberRoleResponse;
    remove_member: RemoveMemberRequest => RemoveMemberResponse;
    leave_workspace: LeaveWorkspaceRequest => LeaveWorkspaceResponse;
    create_team: CreateTeamRequest => CreateTeamResponse;
    list_teams: ListTeamsRequest => ListTeamsResponse;
    get_team: GetTeamRequest => GetTeamResponse;
    update_team: UpdateTeamRequest => UpdateTeamResponse;
    delete_team: DeleteTeamRequest => DeleteTeamResponse;
    list_team_members: ListTeamMembersRequest => ListTeamMembersResponse;
    add_team_member: AddTeamMemberRequest => AddTeamMemberResponse;
    remove_team_member: RemoveTeamMemberRequest => RemoveTeamMemberResponse;
    replace_team_members: ReplaceTeamMembersRequest => ReplaceTeamMembersResponse;
    transfer_ownership: TransferOwnershipRequest => TransferOwnershipResponse;
    list_roles: ListRolesRequest => ListRolesResponse;
    get_role: GetRoleRequest => GetRoleResponse;
    create_role: CreateRoleRequest => CreateRoleResponse;
    update_role: UpdateRoleRequest => UpdateRoleResponse;
    delete_role: DeleteRoleRequest => DeleteRoleResponse;
    delete_workspace: DeleteWorkspaceRequest => DeleteWorkspaceResponse;
    restore_workspace: RestoreWorkspaceRequest => RestoreWorkspaceResponse;
    list_doomed_executions: ListDoomedExecutionsRequest => ListDoomedExecutionsResponse;
    create_invitation: CreateInvitationRequest => CreateInvitationResponse;
    list_invitations: ListInvitationsRequest => ListInvitationsResponse;
    resend_invitation: ResendInvitationRequest => ResendInvitationResponse;
    revoke_invitation: RevokeInvitationRequest => RevokeInvitationResponse;
    accept_invitation: AcceptInvitationRequest => AcceptInvitationResponse;
    list_audit_events: ListAuditEventsRequest => ListAuditEventsResponse;
    create_provider: CreateProviderRequest => CreateProviderResponse;
    list_providers: ListProvidersRequest => ListProvidersResponse;
    get_provider: GetProviderRequest => GetProviderResponse;
    update_provider: UpdateProviderRequest => UpdateProviderResponse;
    delete_provider: DeleteProviderRequest => DeleteProviderResponse;
    list_all_workspaces: ListAllWorkspacesRequest => ListAllWorkspacesResponse;
    create_webhook: CreateWebhookRequest => CreateWebhookResponse;
    list_webhooks: ListWebhooksRequest => ListWebhooksResponse;
    get_webhook: GetWebhookRequest => GetWebhookResponse;
    update_webhook: UpdateWebhookRequest => UpdateWebhookResponse;
    delete_webhook: DeleteWebhookRequest => DeleteWebhookResponse;
    rotate_webhook_secret: RotateWebhookSecretRequest => RotateWebhookSecretResponse;
    test_webhook: TestWebhookRequest => TestWebhookResponse;
    list_webhook_deliveries: ListWebhookDeliveriesRequest => ListWebhookDeliveriesResponse;
    retry_webhook_delivery: RetryWebhookDeliveryRequest => RetryWebhookDeliveryResponse;
    create_platform_provider: CreatePlatformProviderRequest => CreatePlatformProviderResponse;
    list_platform_providers: ListPlatformProvidersRequest => ListPlatformProvidersResponse;
    get_platform_provider: GetPlatformProviderRequest => GetPlatformProviderResponse;
    update_platform_provider: UpdatePlatformProviderRequest => UpdatePlatformProviderResponse;
    delete_platform_provider: DeletePlatformProviderRequest => DeletePlatformProviderResponse;
    open_platform_provider: OpenPlatformProviderRequest => OpenPlatformProviderResponse;
    resolve_member: ResolveMemberRequest => ResolveMemberResponse;
    open_routing: OpenRoutingRequest => OpenRoutingResponse;
}
