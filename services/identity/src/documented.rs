//! Does `SIGN_IN.md` say what the code does?

use crate::{Config, letter::Kind, passkey::challenge, password::check, throttle};
use std::collections::BTreeSet;

const TEXT: &str = include_str!("../SIGN_IN.md");

/// What stands below a heading, until the next one.
fn section(title: &str) -> &'static str {
    let at = TEXT.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("SIGN_IN.md has no section {title:?}"));
    let rest = &TEXT[at + title.len() + 5..];
    rest.split("\n## ").next().unwrap_or_default()
}

/// The rows of the table in a section, without its head.
fn rows(title: &str) -> Vec<Vec<&'static str>> {
    let lines = section(title).lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn how_guessing_is_slowed_down_is_documented_as_it_is() {
    let rules = throttle::documented(&Config::default().login);
    let documented: Vec<_> = rows("Guessing").iter().map(|row| (row[0].to_owned(), row[1..].join(" | "))).collect();
    assert_eq!(documented, rules, "write the table of SIGN_IN.md, `Guessing`, like this");
    for setting in ["free_failures", "address_failures", "account_failures", "longest_seconds"] {
        assert!(section("Guessing").contains(&format!("`identity.login.{setting}`")), "{setting}");
    }
}

#[test]
fn words_that_make_no_password_are_documented_as_they_are() {
    let text = section("Words that make no password");
    let documented: BTreeSet<&str> = text.split('`').skip(1).step_by(2).filter(|word| !word.contains('.')).collect();
    assert_eq!(documented, check::OF_THE_PRODUCT.into());
    assert!(text.contains("`identity.totp_issuer`"));
}

#[test]
fn how_long_letters_and_codes_are_good_for_is_documented_as_it_is() {
    let minutes = |time: chrono::TimeDelta| format!("{} minutes", time.num_minutes());
    let hours = |kind: Kind| format!("{} hours", kind.worth().num_hours());
    let expected = [
        ("a link that logs in", minutes(Kind::MagicLink.worth())),
        ("a link for another password", minutes(Kind::ResetPassword.worth())),
        ("a link that confirms an address", hours(Kind::VerifyEmail)),
        ("an invitation to sign up", format!("{} days", Kind::Invitation.worth().num_days())),
        ("what a passkey is asked", minutes(challenge::WAITS)),
        ("a code of an app", "30 seconds".to_owned()),
    ];
    let documented: Vec<_> =
        rows("How long things are good for").iter().map(|row| (row[0], row[1].to_owned())).collect();
    assert_eq!(documented, expected);
}

/// ASVS 6.3.3 lets a second factor be a choice where the reason and what stands in for it are written down.
#[test]
fn why_a_second_factor_is_a_choice_is_documented_with_what_stands_in_for_it() {
    let text = section("One factor or two");
    for said in ["`identity.operators_need_mfa`", "**Why**", "**What stands in for it**", "step-up", "passkey"] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn what_a_provider_says_of_strength_is_documented() {
    let text = section("What providers say");
    assert!(text.contains("`acr`") && text.contains("`amr`") && text.contains("one factor"), "{text}");
}
