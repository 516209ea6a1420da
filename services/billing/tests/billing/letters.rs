//! Letters to who pays, told by a clock that moves: each once, at its time, and never what is not true any more.

use crate::{
    house::{House, on_both_databases, time},
    post::Arrived,
};
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use proto::{
    Call,
    billing::{BillingDetails, Invoice, PutBillingDetailsRequest, RenderInvoiceRequest, VoidInvoiceRequest},
};
use store::{Sql, SystemTx};

on_both_databases!(
    an_invoice_comes_in_the_language_of_its_reader_with_the_page_that_was_closed,
    an_invoice_is_reminded_of_on_the_days_of_the_settings_and_on_no_others,
    nobody_is_reminded_of_what_is_paid_or_void,
    many_rounds_at_once_send_each_letter_once,
    what_was_missed_in_a_month_is_one_letter,
    without_an_address_there_is_no_letter,
    what_credits_have_paid_is_a_receipt_at_once,
    an_invoice_that_is_paid_before_its_letter_leaves_is_a_receipt_only,
    what_does_not_leave_is_tried_eight_times_with_growing_pauses,
    the_address_of_the_moment_counts,
    an_address_that_nobody_can_write_to_is_given_up_and_stays_out_of_what_is_kept,
    a_process_that_is_killed_while_it_sends_neither_loses_a_letter_nor_makes_two_of_it,
);

const ANA: &str = "ana@example.com";

async fn named(h: &House, call: &Call, email: &str) {
    let details = BillingDetails { email: email.to_owned(), name: "Ana S.A.".to_owned(), ..BillingDetails::default() };
    let request = PutBillingDetailsRequest { details: Some(details) };
    h.billing.put_billing_details(call, request).await.expect("details");
}

/// A workspace with an address, and its first invoice.
async fn invoiced(h: &House, locale: &str) -> (Call, Invoice) {
    let call = h.workspace_in(locale).await;
    named(h, &call, ANA).await;
    h.invoiced(&call, "pro").await;
    let invoice = h.invoices(&call).await.remove(0);
    (call, invoice)
}

/// Kind, status and number of tries of all letters, in the order of their kinds.
async fn letters(h: &House) -> Vec<(String, String, i64)> {
    let all = "select kind, status, tries from letters order by kind";
    let mut tx = SystemTx::read(&h.database, "look").await.expect("a database");
    tx.fetch_all(Sql { name: "test", postgres: all, sqlite: all }, &[]).await.expect("letters")
}

async fn status(h: &House, kind: &str) -> (String, i64) {
    let found = letters(h).await.into_iter().find(|(of, ..)| of == kind).expect("the letter");
    (found.1, found.2)
}

/// What has arrived once nothing waits to be sent.
pub async fn arrived(h: &House) -> Vec<Arrived> {
    h.until(async || letters(h).await.iter().all(|(_, status, _)| status != "queued")).await;
    h.post.read()
}

async fn only(h: &House) -> Arrived {
    let mut all = arrived(h).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn run(h: &House, sql: &'static str, at: DateTime<Utc>) {
    let mut tx = SystemTx::begin(&h.database, "change").await.expect("a database");
    tx.execute(Sql { name: "test", postgres: sql, sqlite: sql }, &[at.into()]).await.expect("it is done");
    tx.commit().await.expect("it is done");
}

async fn an_invoice_comes_in_the_language_of_its_reader_with_the_page_that_was_closed(h: &House) {
    let pt = [
        "Fatura PP-000001 de Perpetuo Ltda: R$ 897,00, vencimento em 07/02/2027",
        "Olá, Ana S.A.,",
        "Valor a pagar: R$ 897,00 Vencimento: 07/02/2027",
        "com PIX",
        "Como pagar de outra forma: Bank 1, account 2",
    ];
    let en = [
        "Invoice PP-000002 of Perpetuo Ltda: $99.00, due Feb 7, 2027",
        "Hello Ana S.A.,",
        "Amount due: $99.00 Date due: Feb 7, 2027",
        "attached is invoice PP-000002 for the workspace",
        "How to pay it: Bank 1, account 2",
    ];
    for (locale, [subject, texts @ ..]) in [("pt-BR", pt), ("en", en)] {
        let (call, invoice) = invoiced(h, locale).await;
        let letter = only(h).await;
        assert_eq!((letter.to.as_str(), letter.subject.as_str()), (ANA, subject));
        for text in texts {
            assert!(letter.text.contains(text), "{text}: {}", letter.text);
        }
        assert!(letter.raw.contains("Content-Type: text/html; charset=utf-8"), "{}", letter.raw);
        let request =
            RenderInvoiceRequest { invoice_id: invoice.id, format: "pdf".to_owned(), language: locale.to_owned() };
        let page = h.billing.render_invoice(&call, request).await.expect("a page");
        assert_eq!(letter.file, (page.file_name, page.content.to_vec()));
        assert!(letter.file.1.starts_with(b"%PDF-"));
    }
}

async fn an_invoice_is_reminded_of_on_the_days_of_the_settings_and_on_no_others(h: &House) {
    let (call, invoice) = invoiced(h, "en").await;
    let due = time(invoice.due_at);
    assert_eq!(only(h).await.subject, "Invoice PP-000001 of Perpetuo Ltda: $99.00, due Feb 7, 2027");
    let mut heard = vec![];
    for _ in 0..14 * 4 {
        h.at(h.now() + TimeDelta::hours(6)).await;
        heard.extend(arrived(h).await.into_iter().map(|letter| ((h.now() - due).num_hours(), letter.subject)));
    }
    let expected = [
        (-72, "Invoice PP-000001 of Perpetuo Ltda is due Feb 7, 2027"),
        (0, "Invoice PP-000001 of Perpetuo Ltda is due today"),
        (72, "Invoice PP-000001 of Perpetuo Ltda is overdue"),
        (168, "Invoice PP-000001 of Perpetuo Ltda is overdue"),
    ];
    assert_eq!(heard, expected.map(|(hours, subject)| (hours, subject.to_owned())));
    h.at(h.now() + TimeDelta::days(10)).await;
    assert!(arrived(h).await.is_empty(), "that was the last one");
    // It is paid in the end, and nothing but the receipt comes.
    h.pay(&call, &invoice.id, 0, "late").await.expect("it is paid");
    let receipt = only(h).await;
    assert_eq!(receipt.subject, "Receipt for invoice PP-000001 of Perpetuo Ltda");
    assert!(receipt.text.contains("Total: $99.00 Received: $99.00 Date: Feb 24, 2027"), "{}", receipt.text);
    let kinds = ["invoice", "receipt", "reminder:-3", "reminder:0", "reminder:3", "reminder:7"];
    assert_eq!(letters(h).await, kinds.map(|kind| (kind.to_owned(), "sent".to_owned(), 1)));
}

async fn nobody_is_reminded_of_what_is_paid_or_void(h: &House) {
    let (call, paid) = invoiced(h, "pt-BR").await;
    let (other, void) = invoiced(h, "pt-BR").await;
    // It is void when nobody has paid it in three days, and says so by its date.
    let third = h.workspace().await;
    named(h, &third, ANA).await;
    h.change(&third, "pro").await.expect("it waits");
    assert_eq!(arrived(h).await.len(), 3);
    // A part of it is not all of it: what is left is said.
    h.pay(&call, &paid.id, 10_000, "a part").await.expect("a part is paid");
    h.at(time(paid.due_at) - TimeDelta::days(3)).await;
    let mut texts: Vec<_> = arrived(h).await.into_iter().map(|letter| letter.text).collect();
    texts.sort_by_key(|text| text.contains("R$ 897,00"));
    assert!(texts.len() == 2 && texts[0].contains("R$ 797,00 ainda não foram pagos"), "{texts:?}");
    h.pay(&call, &paid.id, 0, "the rest").await.expect("it is paid");
    let request = VoidInvoiceRequest { invoice_id: void.id };
    h.billing.void_invoice(&h.operator(&other), request).await.expect("it is void");
    let receipt = only(h).await;
    assert_eq!(receipt.subject, "Recibo da fatura PP-000001 de Perpetuo Ltda");
    for _ in 0..14 {
        h.at(h.now() + TimeDelta::days(1)).await;
    }
    assert!(arrived(h).await.is_empty());
}

async fn many_rounds_at_once_send_each_letter_once(h: &House) {
    let (_, invoice) = invoiced(h, "en").await;
    assert_eq!(arrived(h).await.len(), 1);
    h.hand.advance(time(invoice.due_at) - h.now());
    let rounds = join_all((0..8).map(|_| h.service.advance())).await;
    assert!(rounds.iter().all(Result::is_ok), "{rounds:?}");
    assert_eq!(only(h).await.subject, "Invoice PP-000001 of Perpetuo Ltda is due today");
    let sent = ["invoice", "reminder:0"].map(|kind| (kind.to_owned(), "sent".to_owned(), 1));
    assert_eq!(letters(h).await, sent, "each was taken up once");
}

async fn what_was_missed_in_a_month_is_one_letter(h: &House) {
    let (_, invoice) = invoiced(h, "en").await;
    assert_eq!(arrived(h).await.len(), 1);
    h.at(time(invoice.due_at) + TimeDelta::days(20)).await;
    let letter = only(h).await;
    assert!(letter.text.contains("was due Feb 7, 2027, and we have not received $99.00 of it"), "{}", letter.text);
    let sent = ["invoice", "reminder:7"].map(|kind| (kind.to_owned(), "sent".to_owned(), 1));
    assert_eq!(letters(h).await, sent);
}

async fn without_an_address_there_is_no_letter(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "pro").await;
    let invoice = h.invoices(&call).await.remove(0);
    h.at(time(invoice.due_at)).await;
    assert!(letters(h).await.is_empty());
    // From now on there is one, and what comes next is told.
    named(h, &call, ANA).await;
    h.at(h.now() + TimeDelta::days(2)).await;
    assert!(letters(h).await.is_empty(), "nothing is made up for");
    h.at(h.now() + TimeDelta::days(1)).await;
    assert_eq!(only(h).await.subject, "A fatura PP-000001 de Perpetuo Ltda está vencida");
    named(h, &call, "").await;
    h.pay(&call, &invoice.id, 0, "1").await.expect("it is paid");
    assert_eq!(letters(h).await, [("reminder:3".to_owned(), "sent".to_owned(), 1)]);
}

async fn what_credits_have_paid_is_a_receipt_at_once(h: &House) {
    let call = h.workspace_in("en").await;
    named(h, &call, ANA).await;
    let request = proto::billing::GrantCreditsRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        currency: "USD".to_owned(),
        amount: 100_000,
        note: "a gift".to_owned(),
        ..proto::billing::GrantCreditsRequest::default()
    };
    h.billing.grant_credits(&h.operator(&call), request).await.expect("credits");
    h.invoiced(&call, "pro").await;
    let receipt = only(h).await;
    assert!(receipt.text.contains("Total: $99.00 Paid with credits: $99.00 Date: Jan 31, 2027"), "{}", receipt.text);
    assert_eq!(letters(h).await, [("receipt".to_owned(), "sent".to_owned(), 1)]);
}

async fn an_invoice_that_is_paid_before_its_letter_leaves_is_a_receipt_only(h: &House) {
    h.post.lose();
    let (call, invoice) = invoiced(h, "en").await;
    h.until(async || error(h, "invoice").await.is_some()).await;
    h.pay(&call, &invoice.id, 0, "1").await.expect("it is paid");
    h.until(async || error(h, "receipt").await.is_some()).await;
    h.post.find();
    h.at(h.now() + TimeDelta::minutes(1)).await;
    assert_eq!(only(h).await.subject, "Receipt for invoice PP-000001 of Perpetuo Ltda");
    assert_eq!(status(h, "invoice").await.0, "dropped");
}

async fn what_does_not_leave_is_tried_eight_times_with_growing_pauses(h: &House) {
    h.post.lose();
    invoiced(h, "en").await;
    let pauses = [1, 5, 15, 60, 180, 360, 360];
    for (tries, minutes) in (1..).zip(pauses) {
        h.until(async || status(h, "invoice").await == ("queued".to_owned(), tries)).await;
        h.until(async || error(h, "invoice").await.is_some_and(|error| error.contains("did not take it"))).await;
        h.at(h.now() + TimeDelta::minutes(minutes) - TimeDelta::seconds(1)).await;
        assert_eq!(status(h, "invoice").await, ("queued".to_owned(), tries), "it is not the time yet");
        run(h, "update letters set error = null where created_at <= $1", h.now()).await;
        h.at(h.now() + TimeDelta::seconds(1)).await;
    }
    h.until(async || status(h, "invoice").await == ("failed".to_owned(), 8)).await;
    h.post.find();
    h.at(h.now() + TimeDelta::days(1)).await;
    assert!(arrived(h).await.is_empty(), "it was given up");
    // The reminders are other letters.
    h.at(h.now() + TimeDelta::days(3)).await;
    assert_eq!(only(h).await.subject, "Invoice PP-000001 of Perpetuo Ltda is due Feb 7, 2027");
}

/// Why a letter did not leave. It is there once the process has said when it tries again.
async fn error(h: &House, kind: &str) -> Option<String> {
    let sql = "select error from letters where kind = $1";
    let mut tx = SystemTx::read(&h.database, "look").await.expect("a database");
    let sql = Sql { name: "test", postgres: sql, sqlite: sql };
    tx.fetch_one::<(Option<String>,)>(sql, &[kind.into()]).await.expect("a letter").0
}

async fn the_address_of_the_moment_counts(h: &House) {
    h.post.lose();
    let (call, _) = invoiced(h, "en").await;
    h.until(async || error(h, "invoice").await.is_some()).await;
    named(h, &call, "bob@example.com").await;
    h.post.find();
    h.at(h.now() + TimeDelta::minutes(1)).await;
    assert_eq!(only(h).await.to, "bob@example.com");
    let to = "select recipient, locale from letters";
    let mut tx = SystemTx::read(&h.database, "look").await.expect("a database");
    let sql = Sql { name: "test", postgres: to, sqlite: to };
    let kept: (String, Option<String>) = tx.fetch_one(sql, &[]).await.expect("a letter");
    assert_eq!(kept, ("bob@example.com".to_owned(), Some("en".to_owned())));
}

async fn an_address_that_nobody_can_write_to_is_given_up_and_stays_out_of_what_is_kept(h: &House) {
    let call = h.workspace_in("en").await;
    named(h, &call, "ana..maria@example.com").await;
    h.invoiced(&call, "pro").await;
    h.until(async || status(h, "invoice").await == ("failed".to_owned(), 1)).await;
    let error = error(h, "invoice").await.expect("a reason");
    assert!(error.contains("cannot be sent") && !error.contains("ana..maria"), "{error}");
}

async fn a_process_that_is_killed_while_it_sends_neither_loses_a_letter_nor_makes_two_of_it(h: &House) {
    invoiced(h, "en").await;
    let first = only(h).await;
    // What it leaves behind, whether the letter had left by then or not: it is claimed, and nobody has said more.
    let left = "update letters set status = 'queued', sent_at = null, next_at = $1";
    run(h, left, h.now() + TimeDelta::minutes(12)).await;
    h.at(h.now() + TimeDelta::minutes(12) - TimeDelta::seconds(1)).await;
    assert!(h.post.read().is_empty(), "it may be on its way");
    h.at(h.now() + TimeDelta::seconds(1)).await;
    let again = only(h).await;
    assert_eq!((again.id, again.subject), (first.id, first.subject), "a server may drop the second copy");
    assert_eq!(letters(h).await, [("invoice".to_owned(), "sent".to_owned(), 2)]);
    // Whoever is killed each time is not tried for ever.
    run(h, "update letters set status = 'queued', sent_at = null, tries = 8, next_at = $1", h.now()).await;
    h.until(async || status(h, "invoice").await.0 == "failed").await;
    assert!(h.post.read().is_empty());
}
