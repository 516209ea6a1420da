//! Complaint 15: clients of HTTP that are shared are cleaned up while somebody uses them, and connections that a provider has
//! closed are used again.

use crate::{
    ask::{body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, end, piece, stream_head},
    world::{World, eventually, quick, settings},
};
use futures::{StreamExt as _, stream::FuturesUnordered};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_come_and_go_fail_no_request_and_cut_no_stream() {
    let closing = Provider::start(answer(200, "application/json", COMPLETION)).await;
    let pause = || Step::Pause(Duration::from_millis(100));
    let words = (0..10).flat_map(|_| [pause(), piece(HELLO)]);
    let begin = [stream_head(), piece(ROLE)].into_iter();
    let slow = Provider::start(begin.chain(words).chain([piece(STOP), piece(DONE), end()]).collect()).await;
    let listed = |name: &str, provider: &Provider| proto::workspace::OpenProvider {
        models: vec![name.to_owned()],
        ..settings(name, 0, provider.base_url())
    };
    let providers = vec![listed("closing", &closing), listed("slow", &slow)];
    let world = World::with(quick(), Book { providers, ..Book::default() }).await;
    let asked = body("slow", ",\"stream\":true");
    let streams: FuturesUnordered<_> = (0..8)
        .map(|_| async {
            let (head, stream) = world.open(&asked).await.expect("a head");
            read(head, stream).await
        })
        .collect();
    let churn = async {
        for round in 0..30 {
            // Every provider is opened anew, with a pool of its own.
            world.tell("provider.updated", "prov_slow");
            let all = (0..10).map(|_| world.ask(r#"{"model":"closing","messages":[]}"#));
            for told in futures::future::join_all(all).await {
                let told = told.unwrap_or_else(|failure| panic!("round {round}: {failure}"));
                assert_eq!((told.head.attempts, told.body.as_str()), (1, COMPLETION), "round {round}");
            }
            assert!(closing.open() > 0, "connections are kept");
            eventually("all are closed", || {
                closing.close_unused();
                closing.open() == 0
            })
            .await;
        }
    };
    let (told, ()) = tokio::join!(streams.collect::<Vec<_>>(), churn);
    assert_eq!(told.len(), 8);
    for told in told {
        assert_eq!(told.failure, None);
        assert_eq!(told.body, [ROLE, &HELLO.repeat(10), STOP, DONE].concat());
    }
    assert!(world.book().routing_calls > 5, "{} times opened anew", world.book().routing_calls);
}
