//! What do the chosen plays cost, when are they done and what do they change?

use super::Move;
use crate::provider::simulator::business::{
    case::{Case, whole},
    figures::Figures,
    names, number,
    tables::{Play, tables},
};

/// Recommendations in the order of the plays.
pub fn build(case: &Case, figures: &Figures, plays: Vec<&'static Play>) -> Vec<Move> {
    let wanted: f64 = plays.iter().map(|play| price(case, figures, play).1).sum();
    let budget = budget(case, figures);
    let share = if wanted > budget { (budget / wanted).max(0.0) } else { 1.0 };
    let mut done: Vec<Move> = vec![];
    for play in plays {
        let (low, high) = price(case, figures, play);
        let cost = (number::round_cost(low * share), number::round_cost(high * share));
        let after = after(play, &done, case);
        let days = days(case, play, &after, &done);
        let effect = effect(case, figures, play, days.1, share);
        let priority = priority(done.len(), play, figures);
        done.push(Move { play, cost, days, effect, after, priority });
    }
    done
}

/// The most that a role would spend.
fn budget(case: &Case, figures: &Figures) -> f64 {
    let share = tables().roles.budget.get(case.mandate()).copied().unwrap_or(0.15);
    let runway = figures.value("runway").unwrap_or(12.0);
    // Money that is soon needed for wages is not there.
    let caution = if runway < 3.0 { 0.5 } else { 1.0 };
    let of_cash = figures.sure("cash").map(|cash| cash.max(0.0) * share * caution);
    let of_cap = case.limits.cap.map(|cap| cap * (0.35 + share * 2.0).min(0.95));
    let most = figures.scale() * 3.0;
    of_cash.unwrap_or(most).min(of_cap.unwrap_or(most)).min(most)
}

fn price(case: &Case, figures: &Figures, play: &Play) -> (f64, f64) {
    let months = (f64::from(case.horizon) / 90.0).clamp(0.5, 2.0);
    let spread = if case.sample == 2 { (0.97, 1.04) } else { (1.0, 1.0) };
    let base = figures.scale() * months;
    (base * play.cost[0] * spread.0, base * play.cost[1] * spread.1)
}

fn after(play: &Play, done: &[Move], case: &Case) -> Vec<String> {
    let latest = f64::from(case.horizon) * 0.6;
    let fits = |lever: &&String| done.iter().any(|m| m.play.lever == **lever && f64::from(m.days.1) < latest);
    play.after.iter().filter(fits).take(4).cloned().collect()
}

fn days(case: &Case, play: &Play, after: &[String], done: &[Move]) -> (u32, u32) {
    let last = case.limits.deadline.map_or(case.horizon, |day| whole(day).min(case.horizon)).max(1);
    let pace = (f64::from(last) / 90.0).clamp(0.1, 2.0);
    let scaled = |days: u32| whole(f64::from(days) * pace);
    let earlier = done.iter().filter(|m| after.contains(&m.play.lever)).map(|m| m.days.1 + 1).max().unwrap_or(0);
    let start = scaled(play.start).max(earlier).min(last.saturating_sub(1));
    let end = (start + scaled(play.days).max(1)).min(last);
    (start, end)
}

fn effect(case: &Case, figures: &Figures, play: &Play, end: u32, share: f64) -> Option<(String, f64, f64, u32)> {
    let metric = play.metric.as_deref()?;
    let unit = names::metric(metric).map_or("count", |known| known.unit.as_str());
    let optimism = tables().roles.optimism.get(case.mandate()).copied().unwrap_or(0.0);
    // Half the money does more than half of the work.
    let strength = (1.0 + optimism) * share.max(0.04).sqrt();
    let value = |at: usize| {
        let rel = play.rel.get(at).copied().unwrap_or(0.0);
        let abs = play.abs.get(at).copied().unwrap_or(0.0);
        match figures.sure(metric) {
            Some(now) => now.abs() * rel * strength,
            None if unit == "money" => figures.scale() * abs * strength,
            None => abs * strength,
        }
    };
    let spread = if case.sample == 2 { 0.97 } else { 1.0 };
    let (low, high) = (value(0), value(1));
    let (low, high) = (low.min(high) * spread, low.max(high) / spread);
    Some((metric.to_owned(), number::round(low), number::round(high), end + play.lag))
}

fn priority(rank: usize, play: &Play, figures: &Figures) -> &'static str {
    let urgent = figures.value("runway").is_some_and(|runway| runway < 6.0);
    match rank {
        0 => "must",
        1 if urgent && play.cost[1] < 0.03 => "must",
        1 | 2 => "should",
        _ => "could",
    }
}
