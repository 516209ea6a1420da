use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Reason, id::*, time::to_proto, usage::*};

/// Four requests, a minute apart: two to openai, one to a free provider, one refused.
pub async fn four(world: &World) -> Vec<String> {
    let mut ids = vec![world.complete(&world.ask()).await];
    world.hand.advance(TimeDelta::minutes(1));
    let ask = world.ask();
    world.admit(&ask).await.unwrap();
    let mut gone = ask.completed();
    gone.outcome = Outcome::ClientGone.into();
    gone.request_end.as_mut().unwrap().outcome = Outcome::ClientGone.into();
    gone.request_end.as_mut().unwrap().status_code = 499;
    world.settle(gone).await.unwrap();
    ids.push(ask.request_id());
    world.hand.advance(TimeDelta::minutes(1));
    let free = world.ask().with(|ask| {
        (ask.provider, ask.model, ask.free) = ("simulator".into(), "chat".into(), true);
        ask.subject.as_mut().unwrap().requested_model = "simulator/chat".into();
        ask.subject.as_mut().unwrap().api_key_id = String::new();
    });
    ids.push(world.complete(&free).await);
    world.hand.advance(TimeDelta::minutes(1));
    ids.push(refuse(world).await);
    world.service.flush().await.unwrap();
    ids
}

async fn refuse(world: &World) -> String {
    let subject = world.ask().0.subject;
    let id = subject.as_ref().unwrap().request_id.clone();
    let end = RequestEnd {
        outcome: Outcome::Rejected.into(),
        status_code: 404,
        error_code: "MODEL_NOT_FOUND".into(),
        error_message: "no provider serves it".into(),
        ..RequestEnd::default()
    };
    let refusal = RecordRefusalRequest { subject, request_end: Some(end) };
    world.usage.record_refusal(&world.call(), refusal).await.unwrap();
    id
}

/// Of a workspace without use.
fn none() -> UsageSums {
    UsageSums { tokens: Some(Tokens::default()), ..UsageSums::default() }
}

fn ids(answer: &ListLogsResponse) -> Vec<String> {
    answer.logs.iter().map(|log| log.id.clone()).collect()
}

#[tokio::test]
async fn logs_come_newest_first_and_page_by_page() {
    for world in everywhere().await {
        let mut all = four(&world).await;
        all.reverse();
        assert_eq!(ids(&world.logs(ListLogsRequest::default()).await), all);
        let first = world.logs(ListLogsRequest { page_size: 3, ..ListLogsRequest::default() }).await;
        assert_eq!(ids(&first), all[..3]);
        let rest = ListLogsRequest { page_size: 3, page_token: first.next_page_token, ..ListLogsRequest::default() };
        let rest = world.logs(rest).await;
        assert_eq!((ids(&rest), rest.next_page_token.as_str()), (all[3..].to_vec(), ""));
    }
}

#[tokio::test]
async fn filters_narrow_together() {
    for world in everywhere().await {
        let all = four(&world).await;
        let pick = async |n: &[usize], filter: ListLogsRequest| {
            let expected: Vec<_> = n.iter().rev().map(|n| all[*n].clone()).collect();
            assert_eq!(ids(&world.logs(filter.clone()).await), expected, "{filter:?}");
        };
        let none = ListLogsRequest::default;
        pick(&[0, 1], ListLogsRequest { provider: Some("openai".into()), ..none() }).await;
        pick(&[2], ListLogsRequest { model: Some("chat".into()), ..none() }).await;
        pick(&[2], ListLogsRequest { model: Some("simulator/chat".into()), ..none() }).await;
        pick(&[0, 1, 3], ListLogsRequest { model: Some("gpt-5".into()), ..none() }).await;
        pick(&[3], ListLogsRequest { status: Some(404), ..none() }).await;
        pick(&[1], ListLogsRequest { outcome: Some("client_gone".into()), ..none() }).await;
        pick(&[0, 1, 3], ListLogsRequest { api_key_id: Some(world.key.to_string()), ..none() }).await;
        let (ada, bea) = (UserId::from_uuid(world.ids.uuid()), UserId::from_uuid(world.ids.uuid()));
        let asked = world.ask().with(|ask| ask.subject.as_mut().unwrap().user_id = ada.to_string());
        let hers = world.complete(&asked).await;
        world.service.flush().await.unwrap();
        let of = |user: UserId| ListLogsRequest { user_id: Some(user.to_string()), ..none() };
        assert_eq!(ids(&world.logs(of(ada)).await), [hers]);
        pick(&[], of(bea)).await;
        pick(&[], ListLogsRequest { status: Some(404), ..of(ada) }).await;
        let at = |minutes| Some(to_proto(start() + TimeDelta::minutes(minutes)));
        pick(&[1, 2], ListLogsRequest { from: at(1), to: at(3), ..none() }).await;
        pick(&[1], ListLogsRequest { from: at(1), to: at(3), provider: Some("openai".into()), ..none() }).await;
        pick(&[], ListLogsRequest { status: Some(200), outcome: Some("rejected".into()), ..none() }).await;
    }
}

#[tokio::test]
async fn a_refused_request_is_logged_and_used_nothing() {
    for world in everywhere().await {
        let id = refuse(&world).await;
        let log = eventually(SECOND, async || world.log(&id).await).await;
        assert_eq!(
            (log.outcome.as_str(), log.status_code, log.error_code.as_str()),
            ("rejected", 404, "MODEL_NOT_FOUND")
        );
        assert_eq!((log.error_message.as_str(), log.input_tokens, log.attempts.len()), ("no provider serves it", 0, 0));
        assert_eq!((world.total().await.total_requests, world.rows("usage").await), (0, 0));
    }
}

#[tokio::test]
async fn nobody_reads_another_workspace() {
    for world in everywhere().await {
        let id = four(&world).await.remove(0);
        let stranger = world.reader(WorkspaceId::from_uuid(world.ids.uuid()));
        let answer = world.usage.get_log(&stranger, GetLogRequest { request_id: id }).await.unwrap_err();
        assert_eq!(Reason::of(&answer), Reason::NotFound);
        let logs = world.usage.list_logs(&stranger, ListLogsRequest::default()).await.unwrap();
        assert!(logs.logs.is_empty());
        let to = Some(to_proto("2027-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap()));
        let usage = world.usage.get_usage(&stranger, GetUsageRequest { from: None, to }).await.unwrap();
        assert_eq!((usage.sums.unwrap_or_default(), usage.currency.as_str()), (none(), ""));
        let malformed = world.usage.get_log(&stranger, GetLogRequest { request_id: "x".into() }).await.unwrap_err();
        assert_eq!(Reason::of(&malformed), Reason::NotFound);
    }
}

#[tokio::test]
async fn questions_that_mean_nothing_are_refused() {
    let world = World::embedded().await;
    let reader = world.reader(world.workspace);
    let at = |minutes| Some(to_proto(start() + TimeDelta::minutes(minutes)));
    let backwards = GetUsageRequest { from: at(2), to: at(1) };
    let refused = world.usage.get_usage(&reader, backwards).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::RefusedValue);
    let list = async |request| Reason::of(&world.usage.list_logs(&reader, request).await.unwrap_err());
    let none = ListLogsRequest::default;
    assert_eq!(list(ListLogsRequest { outcome: Some("fine".into()), ..none() }).await, Reason::RefusedValue);
    assert_eq!(list(ListLogsRequest { from: at(2), to: at(1), ..none() }).await, Reason::RefusedValue);
    assert_eq!(list(ListLogsRequest { page_token: "x".into(), ..none() }).await, Reason::InvalidArgument);
    assert_eq!(list(ListLogsRequest { page_size: 201, ..none() }).await, Reason::InvalidArgument);
    assert_eq!(list(ListLogsRequest { api_key_id: Some("x".into()), ..none() }).await, Reason::InvalidArgument);
}

#[tokio::test]
async fn a_filter_that_no_database_can_look_for_is_the_callers_mistake() {
    for world in everywhere().await {
        let reader = world.reader(world.workspace);
        let nul = || Some("a\0b".to_owned());
        for (request, field) in [
            (ListLogsRequest { provider: nul(), ..ListLogsRequest::default() }, "provider"),
            (ListLogsRequest { model: nul(), ..ListLogsRequest::default() }, "model"),
        ] {
            let refused = proto::Failure::from(&world.usage.list_logs(&reader, request).await.unwrap_err());
            assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, field));
        }
    }
}

#[tokio::test]
async fn a_request_is_in_its_month_even_when_the_clock_was_set() {
    let world = World::embedded().await;
    let ask = world.ask().with(|ask| {
        ask.subject.as_mut().unwrap().created_at = Some(to_proto("2020-01-01T00:00:00Z".parse().unwrap()));
    });
    world.complete(&ask).await;
    world.service.flush().await.unwrap();
    assert_eq!(world.total().await.total_requests, 1);
}
