use super::answer;
use serde_json::{Value, json};

fn judged(a: &str, b: &str) -> Value {
    answer(&json!({"pairs": [{"id": "p1", "a": a, "b": b}]})).unwrap()["verdicts"][0].clone()
}

const PAIRS: &[(&str, &str, &str)] = &[
    (
        "The fall in sales is mainly caused by price",
        "The fall in sales is mainly caused by late deliveries",
        "contradiction",
    ),
    (
        "A queda nas vendas é causada principalmente por preço alto",
        "A queda nas vendas vem de atrasos na entrega",
        "contradiction",
    ),
    (
        "The cash is enough for the launch of the app",
        "The cash is not enough for the launch of the app",
        "contradiction",
    ),
    ("O caixa permite a expansão da loja", "O caixa não permite a expansão da loja", "contradiction"),
    ("Raise prices in the premium segment", "Cut prices in the premium segment", "contradiction"),
    ("Aumentar o investimento em marketing digital", "Reduzir o investimento em marketing digital", "contradiction"),
    ("Train the team instead of hiring new sellers", "New sellers have to be hired for the north", "contradiction"),
    ("Customers leave because of slow support", "Slow support drives customers away", "compatible"),
    ("O estoque parado consome o caixa", "O estoque parado precisa ser vendido", "compatible"),
    ("The lease ends in spring", "Engineers want remote work", "different_scope"),
    ("", "Engineers want remote work", "insufficient"),
];

#[test]
fn verdicts_follow_the_words() {
    for (a, b, verdict) in PAIRS {
        assert_eq!(judged(a, b)["verdict"], *verdict, "{a} | {b}");
    }
}

#[test]
fn swapped_pairs_have_mirrored_verdicts_and_verbatim_quotes() {
    for (a, b, _) in PAIRS {
        let (one, other) = (judged(a, b), judged(b, a));
        assert_eq!(one["verdict"], other["verdict"], "{a} | {b}");
        assert_eq!((&one["quote_a"], &one["quote_b"]), (&other["quote_b"], &other["quote_a"]));
        assert!(a.contains(one["quote_a"].as_str().unwrap()) && b.contains(one["quote_b"].as_str().unwrap()));
    }
    let long = "palavra ".repeat(90);
    assert!(long.contains(judged(&long, "x")["quote_a"].as_str().unwrap()));
}
