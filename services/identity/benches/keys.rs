//! What does it cost to know whose key is shown? `cargo bench -p perpetuo-identity` prints medians of a look-up, by a door that
//! has seen the key and by identity from its database: SQLite, and PostgreSQL under `with-servers`.

#[path = "../tests/identity/fake.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod fake;
#[path = "../tests/identity/post.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod post;
#[path = "../tests/identity/speed.rs"]
#[expect(dead_code, reason = "the tests hold it against a bound of their own")]
mod speed;
#[path = "../tests/identity/world.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod world;

use speed::{CACHED, UNCACHED, costs};

const ROUNDS: usize = 20_000;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "this is what the bench is for")]
async fn main() {
    world::everywhere(async |world| {
        let costs = costs(&world, ROUNDS).await;
        let line = |what: &str, took: std::time::Duration, aim: std::time::Duration| {
            println!("{:8.1} µs  {what} (aim {:.0})", took.as_secs_f64() * 1e6, aim.as_secs_f64() * 1e6);
        };
        line("a key that the door has seen", costs.cached, CACHED);
        line(&format!("a key that identity looks up in {}", costs.database), costs.uncached, UNCACHED);
    })
    .await;
}
