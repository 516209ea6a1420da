//! What billing promises of money.

use crate::{Handles, Somebody, checks, reason};
use anyhow::{Context as _, ensure};
use proto::{Call, PlatformRole, Reason, Role, billing::*, usage::SumPlatformUsageRequest};
use std::{sync::Arc, time::Duration};
use tests::within;

checks!(
    what_costs_more_is_in_force_as_soon_as_its_invoice_is_paid,
    an_invoice_is_the_same_bytes_for_whoever_may_read_it,
    credits_are_bought_given_and_shown,
    who_pays_is_written_down_and_held_to_its_form,
    operators_void_and_credit_and_the_books_balance,
    notifications_are_for_the_edge_and_only_of_providers_that_are_used,
    what_is_charged_is_for_billing_to_ask,
    operators_charge_what_they_write_down_once,
);

fn operator(somebody: &Somebody) -> Call {
    Call { scopes: PlatformRole::Admin.scopes(), workspace: None, ..somebody.call.clone() }
}

fn keyed(call: Call, key: &str) -> Call {
    Call { idempotency_key: Some(Arc::from(key)), ..call }
}

/// The invoice of an upgrade to `pro` that waits for its payment.
async fn owed(h: &Handles, ada: &Somebody) -> anyhow::Result<Invoice> {
    let request = ChangePlanRequest { plan: "pro".to_owned(), ..ChangePlanRequest::default() };
    let waiting = within(Duration::from_secs(10), async || {
        // The plans of the configuration are published right after the start.
        h.billing.change_plan(&ada.call, request.clone()).await?.subscription.context("nothing")
    })
    .await?;
    ensure!(waiting.status == "incomplete" && waiting.effective_plan == "free", "{waiting:?}");
    let invoice_id = waiting.pending_update.context("no update")?.invoice_id;
    let found = h.billing.get_invoice(&ada.call, GetInvoiceRequest { invoice_id }).await?;
    found.invoice.context("no invoice")
}

async fn pay(h: &Handles, ada: &Somebody, invoice: &Invoice, reference: &str) -> anyhow::Result<Invoice> {
    let request = RecordPaymentRequest {
        invoice_id: invoice.id.clone(),
        reference: reference.to_owned(),
        ..RecordPaymentRequest::default()
    };
    h.billing.record_payment(&operator(ada), request).await?.invoice.context("no invoice")
}

async fn what_costs_more_is_in_force_as_soon_as_its_invoice_is_paid(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let invoice = owed(h, &ada).await?;
    ensure!(
        (invoice.status.as_str(), invoice.total, invoice.currency.as_str()) == ("open", 9_900, "USD"),
        "{invoice:?}"
    );
    ensure!(invoice.payment_methods == ["transfer"] && invoice.number.starts_with("INV-"), "{invoice:?}");
    let pay_with = |method: &str| PayInvoiceRequest {
        invoice_id: invoice.id.clone(),
        payment: Some(PaymentChoice { method: method.to_owned(), ..PaymentChoice::default() }),
    };
    let checkout = h.billing.pay_invoice(&ada.call, pay_with("")).await?.checkout.context("no checkout")?;
    ensure!((checkout.method.as_str(), checkout.amount) == ("transfer", 9_900), "{checkout:?}");
    ensure!(checkout.instructions["en"].contains("account 2"), "{checkout:?}");
    let again = h.billing.pay_invoice(&ada.call, pay_with("transfer")).await?.checkout.context("no checkout")?;
    ensure!(again == checkout, "{again:?}");
    ensure!(reason(h.billing.pay_invoice(&ada.call, pay_with("pix")).await)? == Reason::RefusedValue);
    let mandate = h.billing.create_mandate(&ada.call, CreateMandateRequest {}).await;
    ensure!(reason(mandate)? == Reason::Conflict, "nothing is to be taken each period");
    ensure!(reason(h.billing.get_mandate(&ada.call, GetMandateRequest {}).await)? == Reason::NotFound);
    ensure!(reason(h.billing.cancel_mandate(&ada.call, CancelMandateRequest {}).await)? == Reason::NotFound);
    let portal = OpenPortalRequest { return_url: "https://app.example.com".to_owned() };
    ensure!(reason(h.billing.open_portal(&ada.call, portal).await)? == Reason::PaymentsNotConfigured, "no cards");
    let paid = pay(h, &ada, &invoice, "wire 1").await?;
    ensure!((paid.status.as_str(), paid.amount_remaining) == ("paid", 0), "{paid:?}");
    let now =
        h.billing.get_subscription(&ada.call, GetSubscriptionRequest {}).await?.subscription.context("nothing")?;
    ensure!((now.status.as_str(), now.effective_plan.as_str()) == ("active", "pro"), "{now:?}");
    ensure!(reason(h.billing.pay_invoice(&ada.call, pay_with("")).await)? == Reason::Conflict);
    let request = RecordPaymentRequest { invoice_id: invoice.id, ..RecordPaymentRequest::default() };
    ensure!(reason(h.billing.record_payment(&operator(&ada), request).await)? == Reason::RefusedValue, "no reference");
    Ok(())
}

async fn an_invoice_is_the_same_bytes_for_whoever_may_read_it(h: &Handles) -> anyhow::Result<()> {
    let (ada, bob) = (h.somebody().await?, h.somebody().await?);
    let invoice = owed(h, &ada).await?;
    let render = |format: &str| RenderInvoiceRequest {
        invoice_id: invoice.id.clone(),
        format: format.to_owned(),
        language: "pt-BR".to_owned(),
    };
    let first = h.billing.render_invoice(&ada.call, render("pdf")).await?;
    ensure!(first.content.starts_with(b"%PDF-") && first.content_type == "application/pdf", "{}", first.content_type);
    ensure!(first.file_name == format!("{}.pdf", invoice.number), "{}", first.file_name);
    ensure!(h.billing.render_invoice(&ada.call, render("pdf")).await? == first);
    ensure!(reason(h.billing.render_invoice(&ada.call, render("doc")).await)? == Reason::RefusedValue);
    ensure!(reason(h.billing.render_invoice(&bob.call, render("pdf")).await)? == Reason::NotFound);
    let seen = h.billing.get_invoice(&bob.call, GetInvoiceRequest { invoice_id: invoice.id.clone() }).await;
    ensure!(reason(seen)? == Reason::NotFound);
    let own = h.billing.list_invoices(&ada.call, ListInvoicesRequest::default()).await?.invoices;
    ensure!(own.len() == 1 && own[0].id == invoice.id, "{own:?}");
    let none = h.billing.list_invoices(&bob.call, ListInvoicesRequest::default()).await?.invoices;
    ensure!(none.is_empty(), "{none:?}");
    let all = ListAllInvoicesRequest { workspace_id: ada.workspace.to_string(), ..ListAllInvoicesRequest::default() };
    let all = h.billing.list_all_invoices(&operator(&ada), all).await?.invoices;
    ensure!(all.iter().map(|invoice| &invoice.id).eq([&invoice.id]), "{all:?}");
    Ok(())
}

async fn credits_are_bought_given_and_shown(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let buy = |amount| BuyCreditsRequest { amount, ..BuyCreditsRequest::default() };
    ensure!(reason(h.billing.buy_credits(&ada.call, buy(-5)).await)? == Reason::RefusedValue);
    ensure!(
        reason(h.billing.buy_credits(&ada.call, buy(1)).await)? == Reason::RefusedValue,
        "less than is sold at once"
    );
    let call = keyed(ada.call.clone(), "credits-1");
    let bought = h.billing.buy_credits(&call, buy(5_000)).await?.invoice.context("no invoice")?;
    let again = h.billing.buy_credits(&call, buy(5_000)).await?.invoice.context("no invoice")?;
    ensure!(bought.id == again.id, "{bought:?} {again:?}");
    ensure!(reason(h.billing.buy_credits(&call, buy(6_000)).await)? == Reason::Conflict);
    let balance = async || {
        let found = h.billing.get_credits(&ada.call, GetCreditsRequest {}).await?;
        Ok::<_, anyhow::Error>(found.balances.iter().map(|balance| balance.amount).sum::<i64>())
    };
    ensure!(balance().await? == 0, "nothing was paid yet");
    pay(h, &ada, &bought, "wire").await?;
    ensure!(balance().await? == 5_000);
    let give = GrantCreditsRequest {
        workspace_id: ada.workspace.to_string(),
        amount: 1_500,
        note: "sorry".to_owned(),
        ..GrantCreditsRequest::default()
    };
    let giver = keyed(operator(&ada), "gift");
    for _ in 0..2 {
        let grant = h.billing.grant_credits(&giver, give.clone()).await?.grant.context("no credits")?;
        ensure!((grant.category.as_str(), grant.remaining) == ("promotional", 1_500), "{grant:?}");
    }
    ensure!(balance().await? == 6_500);
    // Credits pay before anything else does, those that were given away first.
    let invoice = owed(h, &ada).await?;
    ensure!((invoice.credited, invoice.amount_remaining) == (6_500, 3_400), "{invoice:?}");
    ensure!(balance().await? == 0);
    Ok(())
}

async fn who_pays_is_written_down_and_held_to_its_form(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let empty = h.billing.get_billing_details(&ada.call, GetBillingDetailsRequest {}).await?.details;
    ensure!(empty == Some(BillingDetails::default()), "{empty:?}");
    let details = BillingDetails {
        name: "Ada S.A.".to_owned(),
        tax_id: "12.ABC.345/01DE-35".to_owned(),
        address: Some(PostalAddress {
            city: "São Paulo".to_owned(),
            country: "br".to_owned(),
            ..PostalAddress::default()
        }),
        ..BillingDetails::default()
    };
    let put = |details| PutBillingDetailsRequest { details: Some(details) };
    let kept = h.billing.put_billing_details(&ada.call, put(details.clone())).await?.details.context("nothing")?;
    ensure!(kept.tax_id == "12ABC34501DE35", "{kept:?}");
    let found = h.billing.get_billing_details(&ada.call, GetBillingDetailsRequest {}).await?.details;
    ensure!(found == Some(kept), "{found:?}");
    let wrong = BillingDetails { tax_id: "12.ABC.345/01DE-36".to_owned(), ..details };
    ensure!(reason(h.billing.put_billing_details(&ada.call, put(wrong)).await)? == Reason::RefusedValue);
    Ok(())
}

async fn operators_void_and_credit_and_the_books_balance(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let operator = operator(&ada);
    let void = |invoice: &Invoice| VoidInvoiceRequest { invoice_id: invoice.id.clone() };
    let first = owed(h, &ada).await?;
    for _ in 0..2 {
        let gone = h.billing.void_invoice(&operator, void(&first)).await?.invoice.context("no invoice")?;
        ensure!(gone.status == "void" && gone.amount_remaining == 0, "{gone:?}");
    }
    let ended =
        h.billing.get_subscription(&ada.call, GetSubscriptionRequest {}).await?.subscription.context("nothing")?;
    ensure!(ended.status == "cancelled", "{ended:?}");
    let second = owed(h, &ada).await?;
    pay(h, &ada, &second, "wire").await?;
    ensure!(reason(h.billing.void_invoice(&operator, void(&second)).await)? == Reason::Conflict);
    let credit = |amount, reason: &str| CreditInvoiceRequest {
        invoice_id: second.id.clone(),
        amount,
        refund_to: "outside".to_owned(),
        reason: reason.to_owned(),
    };
    ensure!(reason(h.billing.credit_invoice(&operator, credit(1, "")).await)? == Reason::RefusedValue, "no reason");
    ensure!(
        reason(h.billing.credit_invoice(&operator, credit(10_000, "x")).await)? == Reason::RefusedValue,
        "too much"
    );
    let keyed = keyed(operator.clone(), "back");
    for _ in 0..2 {
        let back = h.billing.credit_invoice(&keyed, credit(900, "a bad day")).await?.invoice.context("no invoice")?;
        ensure!((back.credited, back.amount_paid) == (900, 9_000), "{back:?}");
    }
    let request = GetBooksRequest { workspace_id: ada.workspace.to_string(), ..GetBooksRequest::default() };
    let books = h.billing.get_books(&operator, request).await?;
    let of = |account: &str| books.balances.iter().find(|one| one.account == account).map(|one| one.balance);
    ensure!(books.balances.iter().map(|one| one.balance).sum::<i64>() == 0, "{books:?}");
    ensure!((of("cash:manual"), of("receivable")) == (Some(9_000), Some(0)), "{books:?}");
    ensure!(books.transactions.iter().all(|one| !one.transfers.is_empty()), "{books:?}");
    let disputes = |status: &str| ListDisputesRequest {
        workspace_id: ada.workspace.to_string(),
        status: status.to_owned(),
        ..ListDisputesRequest::default()
    };
    let none = h.billing.list_disputes(&operator, disputes("")).await?;
    ensure!(none == ListDisputesResponse::default(), "nothing was paid through a provider: {none:?}");
    ensure!(reason(h.billing.list_disputes(&operator, disputes("angry")).await)? == Reason::RefusedValue);
    ensure!(reason(h.billing.list_disputes(&ada.call, disputes("")).await)? == Reason::PermissionDenied);
    Ok(())
}

async fn notifications_are_for_the_edge_and_only_of_providers_that_are_used(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let request = ReceiveNotificationRequest { channel: "efi.pix".to_owned(), ..ReceiveNotificationRequest::default() };
    ensure!(reason(h.billing.receive_notification(&crate::anonymous(), request.clone()).await)? == Reason::NotFound);
    let gateway = h.billing.called_by(Role::Gateway);
    ensure!(reason(gateway.receive_notification(&ada.call, request).await)? == Reason::PermissionDenied);
    let found = h.billing.reconcile(&operator(&ada), ReconcileRequest::default()).await?;
    ensure!(found == ReconcileResponse::default(), "no provider is set up: {found:?}");
    let backwards =
        ReconcileRequest { from: Some(prost_types::Timestamp { seconds: i64::MAX / 4, nanos: 0 }), to: None };
    ensure!(reason(h.billing.reconcile(&operator(&ada), backwards).await)? == Reason::RefusedValue);
    ensure!(reason(h.billing.reconcile(&ada.call, ReconcileRequest::default()).await)? == Reason::PermissionDenied);
    Ok(())
}

async fn what_is_charged_is_for_billing_to_ask(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let now = host::Clock::system().now();
    let request = SumPlatformUsageRequest {
        from: Some(proto::time::to_proto(now - chrono::TimeDelta::hours(1))),
        to: Some(proto::time::to_proto(now)),
        currency: "USD".to_owned(),
    };
    ensure!(reason(h.usage.sum_platform_usage(&ada.call, request.clone()).await)? == Reason::PermissionDenied);
    let billing = h.usage.called_by(Role::Billing);
    let id = proto::id::RequestId::from_uuid(crate::random());
    let call = Call { workspace: Some(ada.workspace), ..Call::service(Role::Billing, id) };
    let nothing = billing.sum_platform_usage(&call, request).await?;
    ensure!(nothing.costs.is_empty(), "{nothing:?}");
    let never = SumPlatformUsageRequest { currency: "USD".to_owned(), ..SumPlatformUsageRequest::default() };
    ensure!(reason(billing.sum_platform_usage(&call, never).await)? == Reason::InvalidArgument);
    Ok(())
}

async fn operators_charge_what_they_write_down_once(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let request = AddInvoiceItemRequest {
        workspace_id: ada.workspace.to_string(),
        description: "Workshop".to_owned(),
        unit_amount: 5_000,
        own_invoice: true,
        ..AddInvoiceItemRequest::default()
    };
    ensure!(reason(h.billing.add_invoice_item(&ada.call, request.clone()).await)? == Reason::PermissionDenied);
    let admin = keyed(operator(&ada), "item-1");
    let made = h.billing.add_invoice_item(&admin, request.clone()).await?.item.context("no item")?;
    ensure!(made.amount == 5_000 && !made.invoice_id.is_empty(), "{made:?}");
    ensure!(h.billing.add_invoice_item(&admin, request.clone()).await?.replayed, "the same request is the same item");
    let other = AddInvoiceItemRequest { unit_amount: 1, ..request };
    ensure!(reason(h.billing.add_invoice_item(&admin, other).await)? == Reason::Conflict);
    let list = ListInvoiceItemsRequest { workspace_id: ada.workspace.to_string(), ..Default::default() };
    let listed = h.billing.list_invoice_items(&operator(&ada), list.clone()).await?.items;
    ensure!(listed == [made.clone()], "{listed:?}");
    ensure!(reason(h.billing.list_invoice_items(&ada.call, list).await)? == Reason::PermissionDenied);
    let invoice = h.billing.get_invoice(&ada.call, GetInvoiceRequest { invoice_id: made.invoice_id }).await?.invoice;
    ensure!(invoice.is_some_and(|invoice| invoice.status == "open" && invoice.subtotal == 5_000), "it is owed");
    Ok(())
}
