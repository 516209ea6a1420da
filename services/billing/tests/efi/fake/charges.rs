//! The API of charges: boletos, which have no keys that make repeating safe.

use super::{Answer, State, parameter};
use chrono::NaiveDate;
use chrono_tz::America::Sao_Paulo;
use http::StatusCode;
use serde_json::{Value, json};

/// A page never has more.
const MOST: usize = 50;

#[derive(Clone)]
pub(crate) struct Boleto {
    pub id: i64,
    pub body: Value,
    pub status: &'static str,
    /// As Efí writes times.
    pub created: String,
    pub paid: Option<(i64, String)>,
}

impl Boleto {
    fn custom_id(&self) -> &str {
        self.body["metadata"]["custom_id"].as_str().unwrap_or_default()
    }

    fn total(&self) -> i64 {
        self.body["items"][0]["value"].as_i64().unwrap_or_default()
    }

    fn billet(&self) -> Value {
        json!({
            "barcode": "34191.09065 44830.136706 00000.000178 1 58070000002480",
            "link": format!("https://boleto.example/{}", self.id),
            "pdf": { "charge": format!("https://boleto.example/{}.pdf", self.id) },
            "expire_at": self.body["payment"]["banking_billet"]["expire_at"],
            "pix": { "qrcode": format!("00020101-{}", self.id), "qrcode_image": "data:image/svg+xml;base64,AAAA" },
        })
    }
}

impl State {
    /// Somebody pays it, so many centavos.
    pub(crate) fn pay_boleto(&mut self, id: i64, centavos: i64) {
        let now = self.written_now();
        let boleto = self.boletos.get_mut(&id).unwrap();
        (boleto.status, boleto.paid) = ("paid", Some((centavos, now)));
    }

    /// One more boleto, of somebody else.
    pub(crate) fn add_boleto(&mut self, body: Value) -> i64 {
        let id = i64::try_from(self.boletos.len()).unwrap() + 700_000_001;
        let created = self.written_now();
        self.boletos.insert(id, Boleto { id, body, status: "waiting", created, paid: None });
        id
    }

    fn written_now(&self) -> String {
        self.now().with_timezone(&Sao_Paulo).format("%Y-%m-%d %H:%M:%S").to_string()
    }
}

pub(super) fn answer(state: &mut State, method: &str, path: &[&str], query: &str, body: &Value) -> Answer {
    let boleto = |state: &State, id: &str| id.parse().ok().and_then(|id: i64| state.boletos.get(&id).cloned());
    match (method, path) {
        ("POST", ["charge", "one-step"]) => {
            if body["payment"]["banking_billet"]["customer"]["address"]["state"].as_str() == Some("XX") {
                let described =
                    json!({ "property": "/payment/banking_billet/customer/address/state", "message": "inválido" });
                let refused = json!({ "code": 3_500_034, "error": "validation_error", "error_description": described });
                return (StatusCode::BAD_REQUEST, refused);
            }
            let id = state.add_boleto(body.clone());
            let boleto = &state.boletos[&id];
            let mut data = boleto.billet();
            for (name, value) in
                [("charge_id", json!(id)), ("status", json!("waiting")), ("total", json!(boleto.total()))]
            {
                data[name] = value;
            }
            (StatusCode::OK, json!({ "code": 200, "data": data }))
        }
        ("GET", ["charge", id]) => match boleto(state, id) {
            Some(boleto) => (StatusCode::OK, json!({ "code": 200, "data": detailed(&boleto) })),
            None => (StatusCode::NOT_FOUND, json!({ "code": 3_500_010, "error": "property_does_not_exists" })),
        },
        ("PUT", ["charge", id, "cancel"]) => match boleto(state, id) {
            Some(boleto) if boleto.status == "waiting" => {
                state.boletos.get_mut(&boleto.id).unwrap().status = "canceled";
                (StatusCode::OK, json!({ "code": 200 }))
            }
            Some(_) => {
                (StatusCode::BAD_REQUEST, json!({ "error": "validation_error", "error_description": "not waiting" }))
            }
            None => (StatusCode::NOT_FOUND, json!({})),
        },
        ("GET", ["charges"]) => list(state, query),
        ("GET", ["notification", token]) => match state.notifications.get(*token) {
            Some(ids) => {
                let change = |id: &i64| {
                    json!({ "id": 1, "type": "charge", "custom_id": state.boletos[id].custom_id(),
                    "status": { "current": "paid", "previous": "waiting" }, "identifiers": { "charge_id": id }, "value": 1 })
                };
                (StatusCode::OK, json!({ "code": 200, "data": ids.iter().map(change).collect::<Vec<_>>() }))
            }
            None => (StatusCode::NOT_FOUND, json!({ "code": 3_500_010, "error": "property_does_not_exists" })),
        },
        _ => (StatusCode::NOT_FOUND, json!({})),
    }
}

fn list(state: &State, query: &str) -> Answer {
    assert_eq!(parameter(query, "charge_type"), "billet", "Efí refuses to list without it");
    let day = |name| parameter(query, name).parse::<NaiveDate>().unwrap();
    let number = |name| parameter(query, name).parse::<usize>().unwrap();
    let (begin, end, custom_id) = (day("begin_date"), day("end_date"), parameter(query, "custom_id"));
    let by_payment = parameter(query, "date_of") == "payment";
    let is_meant = |boleto: &&Boleto| {
        let at = if by_payment { boleto.paid.as_ref().map(|(_, at)| at) } else { Some(&boleto.created) };
        let is_in_time = at.and_then(|at| at[..10].parse().ok()).is_some_and(|at| begin <= at && at <= end);
        is_in_time && (custom_id.is_empty() || boleto.custom_id() == custom_id)
    };
    let (page, limit) = (number("page"), number("limit").min(MOST));
    let found = state.boletos.values().filter(is_meant).skip((page - 1) * limit).take(limit);
    // As Efí often does, a list says neither how much was paid nor when.
    let shown = found.map(|boleto| {
        json!({ "id": boleto.id, "total": boleto.total(), "status": boleto.status, "custom_id": boleto.custom_id(),
            "created_at": boleto.created, "payment": { "payment_method": "banking_billet", "paid_at": null } })
    });
    let params = json!({ "pagination": { "limit": limit, "page": page, "offset": 0 } });
    (StatusCode::OK, json!({ "code": 200, "data": shown.collect::<Vec<_>>(), "params": params }))
}

fn detailed(boleto: &Boleto) -> Value {
    let mut payment = json!({ "method": "banking_billet", "banking_billet": boleto.billet() });
    if let Some((centavos, at)) = &boleto.paid {
        payment["paid_at"] = at.as_str().into();
        payment["paid_value"] = (*centavos).into();
    }
    json!({ "charge_id": boleto.id, "total": boleto.total(), "status": boleto.status, "custom_id": boleto.custom_id(),
        "created_at": boleto.created, "history": [], "payment": payment })
}
