//! Where on a chart is a value?

/// Beyond this nothing is drawn to scale.
const LARGEST: f64 = 1e15;
/// About so many lines cross a chart.
const LINES: f64 = 5.0;

/// Values from the bottom to the top.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Values at which lines are drawn, the lowest first.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// All of these and nothing: a chart that leaves nothing out shows how much is much. What is no number does not count.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let values = values.filter(|value| value.is_finite()).map(|value| value.clamp(-LARGEST, LARGEST));
        let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let step = nice((high - low).max(1.0) / LINES);
        let (low, high) = ((low / step).floor(), (high / step).ceil().max((low / step).floor() + 1.0));
        let count = (high - low) as usize;
        let ticks = (0..=count.min(24)).map(|n| (low + n as f64) * step).collect();
        Self { low: low * step, high: high * step, ticks }
    }

    /// How far a value is from the top, of so much from top to bottom.
    pub fn below_top(&self, value: f64, height: i64) -> i64 {
        let value = value.clamp(self.low, self.high);
        let part = (self.high - value) / (self.high - self.low);
        (part * height as f64) as i64
    }
}

/// The next larger of 1, 2, 2.5, 5 and their tenfolds.
fn nice(least: f64) -> f64 {
    let mut unit = 1.0;
    while unit * 10.0 <= least {
        unit *= 10.0;
    }
    while unit > least && unit > 0.01 {
        unit /= 10.0;
    }
    [1.0, 2.0, 2.5, 5.0].into_iter().map(|part| part * unit).find(|step| *step >= least).unwrap_or(unit * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_at_round_values_and_include_nothing() {
        assert_eq!(Scale::of([120.0, 480.0].into_iter()).ticks, [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]);
        let scale = Scale::of([-30.0, 80.0].into_iter());
        assert_eq!(scale.ticks, [-50.0, -25.0, 0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(
            (scale.below_top(100.0, 3_000), scale.below_top(-50.0, 3_000), scale.below_top(25.0, 3_000)),
            (0, 3_000, 1_500)
        );
    }

    #[test]
    fn there_is_a_scale_of_everything() {
        let values = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 1e-300, 0.0, 1e15];
        for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (*a, *b))) {
            let scale = Scale::of([a, b].into_iter());
            assert!((2..=26).contains(&scale.ticks.len()), "{a} {b} {:?}", scale.ticks);
            assert!((0..=1_000).contains(&scale.below_top(a, 1_000)), "{a} {b}");
        }
        assert_eq!(Scale::of(std::iter::empty()).ticks.first(), Some(&0.0));
    }
}
