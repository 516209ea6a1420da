//! How does it go on, month by month?

use super::{
    effect::{Act, Case, Push},
    known::bounded,
    start::Start,
};

/// One month, not yet rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub revenue: f64,
    pub variable: f64,
    pub fixed: f64,
    /// What is spent on what was decided.
    pub cost: f64,
    /// What comes in once.
    pub once: f64,
    /// What comes in once and is owed.
    pub borrowed: f64,
}

/// How customers come and go by themselves, as parts of one per month.
struct Pace {
    churn: f64,
    growth: f64,
    /// New ones, whatever there is.
    count: f64,
    /// New ones, as a part of those there are.
    share: f64,
}

/// The months of a course. Without acts it is the unchanged one.
pub(super) fn course(start: &Start, acts: &[Act], months: u32, case: Case) -> Vec<Flow> {
    let pace = pace(start);
    let mut units = start.units;
    let month = |month: u32| {
        let mut push = Push::default();
        for act in acts {
            act.push(&mut push, month, months, case, start);
        }
        units = next(units, &pace, start, &push);
        flow(units, start, &push)
    };
    (1..=months).map(month).collect()
}

/// Growth that is known is kept: what of it churn and new customers do not explain is put on top.
fn pace(start: &Start) -> Pace {
    let (churn, growth) = (start.churn.unwrap_or(0.0), start.growth.unwrap_or(0.0));
    match (start.churn, start.fresh, start.growth) {
        (_, Some(count), None) | (Some(_), Some(count), Some(_)) => Pace { churn, growth: 0.0, count, share: 0.0 },
        (None, Some(count), Some(_)) => {
            let lost = if start.units > 0.0 { count / start.units - growth } else { 0.0 };
            Pace { churn: lost.clamp(0.0, 1.0), growth: (-lost).max(0.0), count, share: 0.0 }
        }
        (Some(_), None, Some(_)) => {
            Pace { churn, growth: (growth + churn).min(0.0), count: 0.0, share: (growth + churn).max(0.0) }
        }
        (_, None, None) => Pace { churn, growth: 0.0, count: 0.0, share: 0.0 },
        (None, None, Some(_)) => Pace { churn: 0.0, growth, count: 0.0, share: 0.0 },
    }
}

fn next(units: f64, pace: &Pace, start: &Start, push: &Push) -> f64 {
    // Where churn is not known, less of it is more growth.
    let (churn, growth) = if start.churn.is_some() || pace.churn > 0.0 {
        ((pace.churn + push.churn).clamp(0.0, 1.0), pace.growth + push.growth)
    } else {
        (0.0, pace.growth + push.growth - push.churn)
    };
    let kept = units * (1.0 - churn + growth).clamp(0.0, 2.0);
    let won = (pace.count + units * pace.share) * (1.0 + push.conversion).max(0.0) + push.fresh;
    bounded(kept + won).max(0.0)
}

fn flow(units: f64, start: &Start, push: &Push) -> Flow {
    let revenue = bounded(units * start.price * (1.0 + push.price).max(0.0) + push.revenue).max(0.0);
    let margin = (start.margin + push.margin).min(1.0);
    Flow {
        revenue,
        variable: bounded(revenue * (1.0 - margin)),
        fixed: bounded(start.fixed + push.fixed).max(0.0),
        cost: bounded(push.cost),
        once: bounded(push.once - revenue / 30.0 * push.days),
        borrowed: bounded(push.borrowed),
    }
}
