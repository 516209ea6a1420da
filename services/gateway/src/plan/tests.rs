use super::*;
use crate::provider::Surroundings;
use proto::workspace::OpenProvider;
use std::sync::LazyLock;

/// Made once, because a client reads all the certificates of the machine.
fn surroundings() -> &'static Surroundings {
    static SURROUNDINGS: LazyLock<Surroundings> = LazyLock::new(|| {
        let guard = egress::Guard::new(&egress::Config::default(), true, vec![]);
        let clock = host::Clock::system();
        Surroundings::new(egress::Client::new(guard, egress::Purpose::Provider), clock.clone(), host::Ids::new(clock))
    });
    &SURROUNDINGS
}

fn provider(name: &str, kind: &str, models: &[&str], priority: i32, weight: i32) -> Arc<Provider> {
    let settings = OpenProvider {
        id: format!("prov_{name}"),
        provider: kind.to_owned(),
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/v1".to_owned(),
        priority,
        weight,
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        ..OpenProvider::default()
    };
    Arc::new(Provider::open(settings, surroundings()).expect("a known kind"))
}

/// `<provider>:<model as it knows it>` of the plan.
fn plan(providers: &[Arc<Provider>], simulator: bool, model: &str) -> Vec<String> {
    plan_by(providers, simulator, model, Uuid::from_u128(1)).unwrap_or_default()
}

fn plan_by(providers: &[Arc<Provider>], simulator: bool, model: &str, chance: Uuid) -> Result<Vec<String>, Error> {
    let built_in = Arc::new(crate::provider::simulator::built_in(surroundings()));
    let choice = Choice { providers, simulator: simulator.then_some(&built_in) };
    let planned = choice.plan(model, chance)?;
    Ok(planned.into_iter().map(|c| format!("{}:{}", c.provider.name, c.model)).collect())
}

#[tokio::test]
async fn a_listed_name_comes_before_prefixes_and_is_backed_up_by_who_takes_any() {
    let providers = [provider("any", "openai", &[], 1, 1), provider("own", "openai", &["gpt", "own/gpt"], 0, 1)];
    assert_eq!(plan(&providers, true, "gpt"), ["own:gpt", "any:gpt"]);
    assert_eq!(plan(&providers, true, "own/gpt"), ["own:own/gpt", "any:own/gpt"]);
    assert_eq!(plan(&providers, true, "any/gpt"), ["any:gpt"]);
    assert_eq!(plan(&providers, true, "openai/gpt"), ["own:gpt", "any:gpt"]);
    assert_eq!(plan(&providers, true, "else/where"), ["any:else/where"]);
}

#[tokio::test]
async fn the_simulator_answers_to_its_own_name_only() {
    let providers = [provider("any", "openai", &[], 0, 1)];
    assert_eq!(plan(&providers, true, "simulator/chat"), ["simulator:chat"]);
    assert_eq!(plan(&providers, true, "simulator/status-418"), ["simulator:status-418"]);
    assert_eq!(plan(&providers, true, "simulator/nonsense"), Vec::<String>::new());
    assert_eq!(plan(&providers, true, "chat"), ["any:chat"]);
    assert_eq!(plan(&[], true, "gpt"), Vec::<String>::new());
    assert_eq!(plan(&[], false, "simulator/chat"), Vec::<String>::new());
    assert_eq!(plan(&[provider("sim", "simulator", &[], 0, 1)], true, "sim/cut"), ["sim:cut"]);
    assert_eq!(plan(&[provider("sim", "simulator", &["gpt"], 0, 1)], true, "gpt"), ["sim:gpt"]);
}

#[tokio::test]
async fn an_unknown_model_says_what_was_meant_and_what_to_do() {
    let failure = proto::Failure::from(plan_by(&[], true, "simulator/chatt", Uuid::nil()).expect_err("not found"));
    assert_eq!(failure.reason, proto::Reason::ModelNotFound);
    assert!(failure.message.contains("\"simulator/chat\"") && failure.message.contains("POST"), "{failure}");
}

#[tokio::test]
async fn lower_priority_is_tried_first_and_equals_share_by_weight() {
    let providers = [
        provider("last", "openai", &[], 9, 1),
        provider("heavy", "openai", &[], 0, 3),
        provider("light", "openai", &[], 0, 1),
    ];
    let mut heavy = 0;
    for chance in 0..4_000_u128 {
        let plan = plan_by(&providers, false, "m", Uuid::from_u128(chance)).expect("a plan");
        assert_eq!((plan.len(), plan[2].as_str()), (3, "last:m"));
        heavy += usize::from(plan[0] == "heavy:m");
    }
    assert!((2_850..3_150).contains(&heavy), "{heavy} of 4000 went to the one with three quarters of the weight");
}
