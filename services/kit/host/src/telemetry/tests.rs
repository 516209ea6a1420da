use super::*;
use proto::{
    Call,
    id::{RequestId, UserId, WorkspaceId},
};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Memory {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn logged(work: impl FnOnce()) -> Vec<serde_json::Value> {
    let memory = Memory::default();
    let fields = fmt::format::JsonFields::new();
    let lines = fmt::layer().fmt_fields(fields).event_format(json::Lines).with_writer(memory.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), work);
    let text = String::from_utf8(memory.0.lock().unwrap().clone()).expect("text");
    text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect()
}

#[test]
fn every_json_line_says_for_whom_it_was_logged() {
    let call = Call {
        principal: Principal::User {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            session: proto::id::SessionId::from_uuid(Uuid::from_u128(2)),
        },
        workspace: Some(WorkspaceId::from_uuid(Uuid::from_u128(3))),
        ..Call::anonymous(RequestId::from_uuid(Uuid::from_u128(4)))
    };
    let lines = logged(|| {
        tracing::info!("before");
        let empty = tracing::field::Empty;
        let span =
            tracing::info_span!("request", request_id = empty, workspace_id = empty, user_id = empty, key_id = empty);
        span.in_scope(|| {
            describe(&call);
            tracing::info!(status = 200, "done\n\"quoted\"");
        });
    });
    assert!(lines[0].get("request_id").is_some_and(serde_json::Value::is_null), "{}", lines[0]);
    assert_eq!(lines[1]["request_id"], call.request_id.to_string());
    assert_eq!(lines[1]["workspace_id"], call.workspace.expect("one").to_string());
    assert_eq!(lines[1]["user_id"], call.actor());
    assert_eq!((lines[1]["status"].as_u64(), lines[1]["message"].as_str()), (Some(200), Some("done\n\"quoted\"")));
}

#[test]
fn a_level_that_is_none_is_refused_with_a_hint() {
    for level in ["", "loud", "info,", "gateway=debug", "info,gateway=loud"] {
        assert!(filter(level).is_err(), "{level:?}");
    }
    for level in ["info", "debug", "warn,gateway=debug", "info, edge=trace"] {
        assert!(filter(level).is_ok(), "{level:?}");
    }
    assert!(Error::Level("loud".to_owned()).to_string().contains("info,gateway=debug"));
}

#[test]
fn debug_logs_never_show_headers_of_connections() {
    let shown = filter("debug").expect("a level").to_string();
    assert!(shown.contains("h2=info") && shown.contains("hyper=info") && shown.contains("sqlx=warn"), "{shown}");
}
