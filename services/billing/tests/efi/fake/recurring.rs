//! PIX Automático: mandates (`rec`) and what is taken by them (`cobr`).

use super::{Answer, State, parameter};
use chrono::{DateTime, Days, Months, NaiveDate, SecondsFormat, Utc};
use http::StatusCode;
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Rec {
    pub id: String,
    pub created: DateTime<Utc>,
    pub body: Value,
    pub status: &'static str,
}

#[derive(Clone)]
pub(crate) struct Cobr {
    pub txid: String,
    pub body: Value,
    pub status: &'static str,
    /// Day and status of each try.
    pub attempts: Vec<(NaiveDate, &'static str)>,
}

impl State {
    fn today(&self) -> NaiveDate {
        self.now().with_timezone(&chrono_tz::America::Sao_Paulo).date_naive()
    }

    /// The bank of the payer tries today, and that ends so; what was paid is there with a PIX.
    pub(crate) fn try_to_take(&mut self, txid: &str, status: &'static str) {
        let today = self.today();
        let amount = {
            let cobr = self.cobrs.iter_mut().find(|cobr| cobr.txid == txid).unwrap();
            cobr.attempts.retain(|(_, status)| *status != "AGENDADA");
            cobr.attempts.push((today, status));
            cobr.status = if status == "PAGA" { "CONCLUIDA" } else { "ATIVA" };
            cobr.body["valor"]["original"].as_str().unwrap().to_owned()
        };
        if status == "PAGA" {
            self.pay(Some(txid), None, Box::leak(amount.into_boxed_str()));
        }
    }
}

pub(super) fn answer(state: &mut State, method: &str, path: &[&str], query: &str, body: &Value) -> Option<Answer> {
    Some(match (method, path) {
        ("POST", ["locrec"]) => {
            state.places += 1;
            (
                StatusCode::CREATED,
                json!({ "id": state.places, "location": "pix.example/qr/v2/rec/1", "criacao": time(state.now()) }),
            )
        }
        ("POST", ["rec"]) => post_rec(state, body),
        ("GET", ["rec"]) => list_recs(state, query),
        ("GET", ["rec", id]) => match state.recs.iter().find(|rec| rec.id == *id) {
            Some(rec) => (StatusCode::OK, shown(rec)),
            None => refused(StatusCode::NOT_FOUND, "NaoEncontrado", "rec"),
        },
        ("PATCH", ["rec", id]) => match state.recs.iter_mut().find(|rec| rec.id == *id) {
            Some(rec) if matches!(rec.status, "CRIADA" | "APROVADA") && body["status"] == "CANCELADA" => {
                rec.status = "CANCELADA";
                (StatusCode::OK, shown(rec))
            }
            Some(_) => refused(StatusCode::BAD_REQUEST, "RecOperacaoInvalida", "rec.status"),
            None => refused(StatusCode::NOT_FOUND, "NaoEncontrado", "rec"),
        },
        ("PUT", ["cobr", txid]) => put_cobr(state, txid, body),
        ("GET", ["cobr", txid]) => match state.cobrs.iter().any(|cobr| cobr.txid == *txid) {
            true => (StatusCode::OK, taken(state, txid)),
            false => refused(StatusCode::NOT_FOUND, "NaoEncontrado", "cobr"),
        },
        ("PATCH", ["cobr", txid]) => patch_cobr(state, txid, body),
        ("POST", ["cobr", txid, "retentativa", day]) => retry(state, txid, day),
        _ => return None,
    })
}

fn post_rec(state: &mut State, body: &Value) -> Answer {
    let (bond, calendar) = (&body["vinculo"], &body["calendario"]);
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let payer = &bond["devedor"];
    let first: Option<NaiveDate> = calendar["dataInicial"].as_str().and_then(|text| text.parse().ok());
    let wrong = [
        (!(1..=35).contains(&length(&bond["contrato"])), "rec.vinculo.contrato"),
        (length(&bond["objeto"]) > 35, "rec.vinculo.objeto"),
        (length(&payer["nome"]) == 0 || payer["cpf"].is_null() == payer["cnpj"].is_null(), "rec.vinculo.devedor"),
        (first.is_none_or(|first| first < state.today()), "rec.calendario.dataInicial"),
        (
            !["MENSAL", "ANUAL"].contains(&calendar["periodicidade"].as_str().unwrap_or_default()),
            "rec.calendario.periodicidade",
        ),
        (
            !["NAO_PERMITE", "PERMITE_3R_7D"].contains(&body["politicaRetentativa"].as_str().unwrap_or_default()),
            "rec.politicaRetentativa",
        ),
        (body["loc"].as_i64().is_none(), "rec.loc"),
    ];
    if let Some((_, property)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
        return refused(StatusCode::BAD_REQUEST, "RecOperacaoInvalida", property);
    }
    let id = format!("RR12345678{}{:011}", state.now().format("%Y%m%d"), state.recs.len());
    let rec = Rec { id, created: state.now(), body: body.clone(), status: "CRIADA" };
    state.recs.push(rec.clone());
    (StatusCode::CREATED, shown(&rec))
}

fn list_recs(state: &State, query: &str) -> Answer {
    let at = |name| parameter(query, name).parse::<DateTime<Utc>>().unwrap();
    let number = |name| parameter(query, name).parse::<usize>().unwrap();
    let (from, to) = (at("inicio"), at("fim"));
    let (page, size) = (number("paginacao.paginaAtual"), number("paginacao.itensPorPagina"));
    let found = state.recs.iter().filter(|rec| rec.created >= from && rec.created <= to);
    let shown: Vec<Value> = found.skip(page * size).take(size).map(shown).collect();
    (StatusCode::OK, json!({ "recs": shown }))
}

fn put_cobr(state: &mut State, txid: &str, body: &Value) -> Answer {
    let rec = state.recs.iter().find(|rec| body["idRec"] == rec.id.as_str());
    let due: Option<NaiveDate> = body["calendario"]["dataDeVencimento"].as_str().and_then(|text| text.parse().ok());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let wrong = [
        (rec.is_none_or(|rec| rec.status != "APROVADA"), "cobr.idRec"),
        (due.is_none_or(|due| due < state.today() + Days::new(2)), "cobr.calendario.dataDeVencimento"),
        (!text(&body["valor"]["original"]).contains('.'), "cobr.valor"),
        (
            text(&body["recebedor"]["conta"]).is_empty() || text(&body["recebedor"]["tipoConta"]).is_empty(),
            "cobr.recebedor",
        ),
        (body["ajusteDiaUtil"] != true, "cobr.ajusteDiaUtil"),
        (state.cobrs.iter().any(|cobr| cobr.txid == txid), "cobr.txid"),
        (rec.zip(due).is_some_and(|(rec, due)| due < first_day(rec)), "cobr.calendario.dataDeVencimento"),
        (rec.zip(due).is_some_and(|(rec, due)| is_cycle_taken(state, rec, due)), "cobr.idRec"),
    ];
    if let Some((_, property)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
        return refused(StatusCode::BAD_REQUEST, "CobROperacaoInvalida", property);
    }
    let cobr = Cobr { txid: txid.to_owned(), body: body.clone(), status: "CRIADA", attempts: vec![] };
    state.cobrs.push(cobr);
    (StatusCode::CREATED, taken(state, txid))
}

fn first_day(rec: &Rec) -> NaiveDate {
    rec.body["calendario"]["dataInicial"].as_str().unwrap().parse().unwrap()
}

/// How many periods of a mandate are over on a day.
fn cycle(rec: &Rec, day: NaiveDate) -> u32 {
    let begins = |n: &u32| first_day(rec) + Months::new(*n) <= day;
    let months = (1..1200).take_while(begins).last().unwrap_or_default();
    if rec.body["calendario"]["periodicidade"] == "ANUAL" { months / 12 } else { months }
}

/// In each period one thing is taken, unless the one before was rejected or cancelled.
fn is_cycle_taken(state: &State, rec: &Rec, day: NaiveDate) -> bool {
    let due = |cobr: &Cobr| cobr.body["calendario"]["dataDeVencimento"].as_str().unwrap().parse::<NaiveDate>().unwrap();
    state.cobrs.iter().any(|cobr| {
        cobr.body["idRec"] == rec.id.as_str()
            && !matches!(cobr.status, "REJEITADA" | "CANCELADA")
            && cycle(rec, due(cobr)) == cycle(rec, day)
    })
}

/// On the day of the first try it is too late.
fn patch_cobr(state: &mut State, txid: &str, body: &Value) -> Answer {
    let today = state.today();
    let Some(cobr) = state.cobrs.iter_mut().find(|cobr| cobr.txid == txid) else {
        return refused(StatusCode::NOT_FOUND, "NaoEncontrado", "cobr");
    };
    let due: NaiveDate = cobr.body["calendario"]["dataDeVencimento"].as_str().unwrap().parse().unwrap();
    if body["status"] != "CANCELADA" || today >= due || !matches!(cobr.status, "CRIADA" | "ATIVA") {
        return refused(StatusCode::BAD_REQUEST, "CobROperacaoInvalida", "cobr.status");
    }
    cobr.status = "CANCELADA";
    (StatusCode::OK, taken(state, txid))
}

fn retry(state: &mut State, txid: &str, day: &str) -> Answer {
    let (today, day) = (state.today(), day.parse::<NaiveDate>().unwrap());
    let Some(cobr) = state.cobrs.iter_mut().find(|cobr| cobr.txid == txid) else {
        return refused(StatusCode::NOT_FOUND, "NaoEncontrado", "cobr");
    };
    let due: NaiveDate = cobr.body["calendario"]["dataDeVencimento"].as_str().unwrap().parse().unwrap();
    let is_tried = cobr.attempts.iter().any(|(_, status)| matches!(*status, "SOLICITADA" | "AGENDADA"));
    let retries = (0..cobr.attempts.len()).filter(|n| kind(&cobr.attempts, *n) == "NTAG").count();
    if is_tried || day <= today || day > due + Days::new(7) || retries > 2 {
        return refused(StatusCode::BAD_REQUEST, "CobROperacaoInvalida", "tentativa");
    }
    cobr.attempts.push((day, "AGENDADA"));
    (StatusCode::CREATED, taken(state, txid))
}

/// What kind of try one is: as ordered, of the bank's own on the same day, or as we have asked for.
fn kind(attempts: &[(NaiveDate, &str)], n: usize) -> &'static str {
    match n.checked_sub(1) {
        None => "AGND",
        Some(before) if attempts[before].0 == attempts[n].0 => "RIFL",
        Some(_) => "NTAG",
    }
}

fn shown(rec: &Rec) -> Value {
    let mut shown = rec.body.clone();
    shown["idRec"] = rec.id.as_str().into();
    shown["status"] = rec.status.into();
    shown["loc"] = json!({ "id": rec.body["loc"], "location": "pix.example/qr/v2/rec/1" });
    shown["dadosQR"] = json!({ "jornada": "JORNADA_2", "pixCopiaECola": format!("00020180-{}", rec.id) });
    shown["recebedor"] = json!({ "cnpj": "12345678000195", "nome": "Perpetuo Ltda" });
    shown
}

fn taken(state: &State, txid: &str) -> Value {
    let cobr = state.cobrs.iter().find(|cobr| cobr.txid == txid).unwrap();
    let mut shown = cobr.body.clone();
    shown["txid"] = txid.into();
    shown["status"] = cobr.status.into();
    shown["politicaRetentativa"] = "PERMITE_3R_7D".into();
    shown["calendario"]["criacao"] = state.today().to_string().into();
    let attempt = |(n, (day, status)): (usize, &(NaiveDate, &str))| {
        json!({ "dataLiquidacao": day.to_string(), "tipo": kind(&cobr.attempts, n), "status": status,
            "endToEndId": format!("E{n:031}"), "atualizacao": [] })
    };
    shown["tentativas"] = cobr.attempts.iter().enumerate().map(attempt).collect();
    let paid: Vec<Value> = state.pix.iter().filter(|p| p.txid.as_deref() == Some(txid)).map(super::pix::paid).collect();
    if !paid.is_empty() {
        shown["pix"] = paid.into();
    }
    shown
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn refused(status: StatusCode, kind: &str, property: &str) -> Answer {
    let problem = json!({ "type": format!("https://pix.bcb.gov.br/api/v2/error/{kind}"), "title": kind,
        "status": status.as_u16(), "violacoes": [{ "razao": "não é aceito", "propriedade": property }] });
    (status, problem)
}
