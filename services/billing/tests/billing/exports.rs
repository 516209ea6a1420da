//! Invoices as files: through the exports of usage-metering, which asks billing for them.

use crate::house::{House, on_both_databases, time};
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use proto::{
    Call, Failure, Permission, Reason,
    time::to_proto,
    usage::{CreateExportRequest, DownloadExportRequest, GetExportRequest, download_export_response::Part},
};

on_both_databases!(
    all_invoices_of_a_period_are_in_the_file_with_their_lines_and_sums,
    nobody_gets_the_invoices_of_others_and_only_who_may_read_them,
);

fn wish(format: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> CreateExportRequest {
    CreateExportRequest {
        kind: "invoices".to_owned(),
        format: format.to_owned(),
        from: Some(to_proto(from)),
        to: Some(to_proto(to)),
        ..CreateExportRequest::default()
    }
}

async fn exported(h: &House, call: &Call, request: CreateExportRequest) -> Vec<u8> {
    let made = h.metering().create_export(call, request).await.expect("it is queued").export.expect("an export");
    let get = GetExportRequest { export_id: made.id.clone() };
    h.until(async || {
        // Writers look for work by the clock.
        h.hand.advance(TimeDelta::seconds(1));
        let found = h.metering().get_export(call, get.clone()).await.expect("an answer").export.expect("an export");
        assert!(found.error.is_empty(), "{found:?}");
        found.status == "done"
    })
    .await;
    let request = DownloadExportRequest { export_id: made.id };
    let mut stream = h.metering().download_export(call, request).await.expect("a stream");
    let mut bytes = vec![];
    while let Some(piece) = stream.next().await {
        if let Some(Part::Data(chunk)) = piece.expect("a piece").part {
            bytes.extend_from_slice(&chunk);
        }
    }
    bytes
}

async fn all_invoices_of_a_period_are_in_the_file_with_their_lines_and_sums(h: &House) {
    let call = h.workspace().await;
    let start = h.now();
    let begun = h.invoiced(&call, "pro").await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    h.at(time(begun.current_period_end)).await;
    let invoices = h.invoices(&call).await;
    assert_eq!(invoices.len(), 2);
    h.hand.advance(TimeDelta::hours(1));
    let bytes = exported(h, &call, wish("csv", start, h.now())).await;
    let text = String::from_utf8(bytes).expect("text");
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|head| head.starts_with("id,number,status,")), "{text}");
    let rows: Vec<_> = lines.collect();
    assert_eq!(rows.len(), 2, "{text}");
    for (row, invoice) in rows.iter().zip(invoices.iter().rev()) {
        assert!(row.starts_with(&format!("{},{},{},", invoice.id, invoice.number, invoice.status)), "{row}");
        assert!(row.contains(",BRL,89700,89700,") && row.contains(&invoice.digest), "{row}");
    }
    let bytes = exported(h, &call, wish("json", start, h.now())).await;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[1]["total"], &rows[1]["amount_paid"]), (&89_700.into(), &89_700.into()));
    assert_eq!(rows[1]["lines"][0]["description"], "Pro");
    assert_eq!(rows[1]["lines"][0]["amount"], 89_700);
    // The first one was closed in the first hour, the second one a month later.
    let bytes = exported(h, &call, wish("json", start, start + TimeDelta::hours(1))).await;
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!((rows.len(), rows[0]["id"].as_str()), (1, Some(invoices[0].id.as_str())));
}

async fn nobody_gets_the_invoices_of_others_and_only_who_may_read_them(h: &House) {
    let (call, other) = (h.workspace().await, h.workspace().await);
    let start = h.now();
    h.invoiced(&call, "pro").await;
    h.hand.advance(TimeDelta::hours(1));
    let bytes = exported(h, &other, wish("json", start, h.now())).await;
    assert_eq!(serde_json::from_slice::<Vec<serde_json::Value>>(&bytes).expect("JSON").len(), 0);
    let scopes = [Permission::ExportsWrite, Permission::UsageRead].into_iter().collect();
    let unable = Call { scopes, ..call };
    let refused = h.metering().create_export(&unable, wish("csv", start, h.now())).await.expect_err("it is refused");
    let refused = Failure::from(&refused);
    assert_eq!((refused.reason, refused.get("permission")), (Reason::PermissionDenied, Some("billing.read")));
}
