//! Is a number written as people of the language do?

use super::*;

fn both(write: impl Fn(Numbers<'_>) -> String) -> (String, String) {
    let of = |locale, currency| write(Numbers { locale, currency });
    (of(Locale::En, "USD"), of(Locale::PtBr, "BRL"))
}

fn pair(en: &str, pt: &str) -> (String, String) {
    (en.to_owned(), pt.to_owned())
}

#[test]
fn money_has_cents_where_they_say_something() {
    assert_eq!(both(|n| n.money(1234.56)), pair("$1,234.56", "R$ 1.234,56"));
    assert_eq!(both(|n| n.money(-1500.0)), pair("-$1,500", "-R$ 1.500"));
    assert_eq!(both(|n| n.money(1_234_567.89)), pair("$1,234,568", "R$ 1.234.568"));
    assert_eq!(both(|n| n.money(-0.001)), pair("$0", "R$ 0"));
    assert_eq!(both(|n| n.compact(1_260_000.0)), pair("$1.26M", "R$ 1,26 mi"));
    assert_eq!(both(|n| n.compact(-120_000.0)), pair("-$120k", "-R$ 120 mil"));
    assert_eq!(both(|n| n.compact(0.0)), pair("$0", "R$ 0"));
}

#[test]
fn every_unit_has_its_form() {
    assert_eq!(both(|n| n.of(4.5, "percent")), pair("4.5%", "4,5%"));
    assert_eq!(both(|n| n.of(0.04, "fraction")), pair("4%", "4%"));
    assert_eq!(both(|n| n.of(0.35, "percent")), pair("0.35%", "0,35%"));
    assert_eq!(both(|n| n.of(4.5, "months")), pair("4.5 months", "4,5 meses"));
    assert_eq!(both(|n| n.of(1.0, "months")), pair("1 month", "1 mês"));
    assert_eq!(both(|n| n.of(45.0, "days")), pair("45 days", "45 dias"));
    assert_eq!(both(|n| n.of(12_345.0, "count")), pair("12,345", "12.345"));
    assert_eq!(both(|n| n.of(3.25, "ratio")), pair("3.25", "3,25"));
    assert_eq!(both(|n| n.of(120.0, "thousand BRL")), pair("R$120 thousand", "R$ 120 mil"));
    assert_eq!(both(|n| n.of(1.5, "million")), pair("1.5 million", "1,5 milhão"));
    assert_eq!(both(|n| n.of(99.0, "EUR")), pair("€99", "€ 99"));
    assert_eq!(both(|n| n.of(3.0, "cups_of_tea")), pair("3 cups of tea", "3 cups of tea"));
    assert_eq!(both(|n| n.per(1200.0, "money", Some("month"))), pair("$1,200 per month", "R$ 1.200 por mês"));
    assert_eq!(both(|n| n.per(3.0, "percent", Some("d90"))), pair("3% in 90 days", "3% em 90 dias"));
    assert_eq!(both(|n| n.share(0.726)), pair("73%", "73%"));
}

#[test]
fn intervals_show_their_ends_where_they_are_apart() {
    let value = Interval { low: 3.8, point: 4.2, high: 4.6 };
    assert_eq!(both(|n| n.interval(value, "percent", None)), pair("4.2% (3.8% to 4.6%)", "4,2% (3,8% a 4,6%)"));
    let exact = Interval { low: 4.0, point: 4.0, high: 4.0 };
    assert_eq!(both(|n| n.interval(exact, "percent", None)), pair("4%", "4%"));
}

#[test]
fn what_is_no_number_is_a_dash_and_what_is_beyond_counting_is_short() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for unit in ["money", "percent", "count", "months", "ratio", "thousand BRL", "x"] {
            assert_eq!(both(|n| n.of(value, unit)), pair(NONE, NONE), "{unit}");
        }
        assert_eq!(both(|n| n.compact(value)), pair(NONE, NONE));
        assert_eq!(both(|n| n.share(value)), pair(NONE, NONE));
    }
    for value in [f64::MAX, f64::MIN, 1e300, f64::MIN_POSITIVE] {
        for unit in ["money", "percent", "count", "months", "ratio", "million", "x"] {
            assert!(both(|n| n.of(value, unit)).0.len() < 40, "{unit}");
        }
        assert!(both(|n| n.compact(value)).1.len() < 40);
    }
}
