//! The API Pix: charges, what was paid for them, what was given back.

use super::{Answer, State, parameter};
use chrono::{DateTime, SecondsFormat, Utc};
use http::StatusCode;
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Cob {
    pub created: DateTime<Utc>,
    pub body: Value,
    pub status: &'static str,
    pub location: usize,
    /// `cob`, or `cobv` with a due date; the API keeps them apart.
    pub kind: &'static str,
}

#[derive(Clone)]
pub(crate) struct Pix {
    pub id: String,
    pub txid: Option<String>,
    pub key: Option<String>,
    pub amount: &'static str,
    /// Fine and interest that are in the amount.
    pub late: Option<(&'static str, &'static str)>,
    pub at: DateTime<Utc>,
    /// Id, amount, status.
    pub refunds: Vec<(String, String, &'static str)>,
}

impl State {
    /// Somebody pays for a charge; returns the `endToEndId`. The charge stays open, as no real one does, until `conclude`.
    pub(crate) fn pay(&mut self, txid: Option<&str>, key: Option<&str>, amount: &'static str) -> String {
        let id = format!("E{:031}", self.pix.len());
        let paid = Pix {
            id: id.clone(),
            txid: txid.map(str::to_owned),
            key: key.map(str::to_owned),
            amount,
            late: None,
            at: self.now(),
            refunds: vec![],
        };
        self.pix.push(paid);
        id
    }

    pub(crate) fn conclude(&mut self, txid: &str) {
        self.cobs.get_mut(txid).unwrap().status = "CONCLUIDA";
    }
}

pub(super) fn answer(state: &mut State, method: &str, path: &[&str], query: &str, body: &Value) -> Answer {
    match (method, path) {
        ("PUT", ["cob", txid]) => put_cob(state, txid, body),
        ("PUT", ["cobv", txid]) => put_cobv(state, txid, body),
        ("GET", [kind @ ("cob" | "cobv"), txid]) => match state.cobs.get(*txid).is_some_and(|cob| cob.kind == *kind) {
            true => (StatusCode::OK, shown(state, txid)),
            false => missing("cobranca_nao_encontrada"),
        },
        ("PATCH", [kind @ ("cob" | "cobv"), txid]) => patch_cob(state, kind, txid, body),
        ("GET", ["loc", id, "qrcode"]) => {
            let code = json!({ "qrcode": format!("00020126-{id}"), "imagemQrcode": "data:image/png;base64,AAAA",
                "linkVisualizacao": format!("https://pix.example/{id}") });
            (StatusCode::OK, code)
        }
        ("GET", ["pix"]) => list(state, query),
        ("PUT", ["pix", e2e, "devolucao", id]) => put_refund(state, e2e, id, body),
        ("GET", ["pix", e2e, "devolucao", id]) => {
            let refund = state.pix.iter().find(|p| p.id == *e2e).and_then(|p| p.refunds.iter().find(|r| r.0 == *id));
            refund.map_or_else(|| missing("devolucao_nao_encontrada"), |refund| (StatusCode::OK, refunded(refund)))
        }
        _ => missing("nao_encontrado"),
    }
}

fn put_cob(state: &mut State, txid: &str, body: &Value) -> Answer {
    if !(26..=35).contains(&txid.len()) || body["valor"]["original"].as_str().is_none_or(|text| !text.contains('.')) {
        let violated =
            json!([{ "razao": "não casa com a expressão", "propriedade": "cob.valor.original", "valor": "segredo" }]);
        let problem = json!({ "type": "https://pix.bcb.gov.br/api/v2/error/CobOperacaoInvalida",
            "title": "Cobrança inválida.", "status": 400, "detail": "formato", "violacoes": violated });
        return (StatusCode::BAD_REQUEST, problem);
    }
    if state.cobs.contains_key(txid) {
        return refused(StatusCode::CONFLICT, "txid_duplicado", "Campo txid informado já existe");
    }
    keep(state, "cob", txid, body)
}

fn keep(state: &mut State, kind: &'static str, txid: &str, body: &Value) -> Answer {
    let (created, location) = (state.now(), state.cobs.len() + 1);
    let cob = Cob { created, body: body.clone(), status: "ATIVA", location, kind };
    state.cobs.insert(txid.to_owned(), cob);
    (StatusCode::CREATED, shown(state, txid))
}

/// A charge with a due date has to say who pays, and is not due in the past.
fn put_cobv(state: &mut State, txid: &str, body: &Value) -> Answer {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let amount = |value: &Value| {
        let text = text(value);
        text.split_once('.').is_some_and(|(reais, rest)| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            digits(reais) && digits(rest) && rest.len() == 2
        })
    };
    let payer = &body["devedor"];
    let today = state.now().with_timezone(&chrono_tz::America::Sao_Paulo).date_naive();
    let due: Option<chrono::NaiveDate> = text(&body["calendario"]["dataDeVencimento"]).parse().ok();
    let late = |field: &str, most: i64| {
        let part = &body["valor"][field];
        part.is_null() || amount(&part["valorPerc"]) && (1..=most).contains(&part["modalidade"].as_i64().unwrap_or(0))
    };
    let wrong = [
        (!(26..=35).contains(&txid.len()) || !txid.bytes().all(|b| b.is_ascii_alphanumeric()), "txid"),
        (due.is_none_or(|due| due < today), "cobv.calendario.dataDeVencimento"),
        (body["calendario"]["validadeAposVencimento"].as_u64().is_none(), "cobv.calendario.validadeAposVencimento"),
        (!amount(&body["valor"]["original"]), "cobv.valor.original"),
        (!late("multa", 2), "cobv.valor.multa"),
        (!late("juros", 8), "cobv.valor.juros"),
        (text(&payer["nome"]).is_empty() || payer["cpf"].is_null() == payer["cnpj"].is_null(), "cobv.devedor"),
        (text(&payer["logradouro"]).is_empty() || text(&payer["cidade"]).is_empty(), "cobv.devedor.logradouro"),
        (text(&payer["uf"]).len() != 2 || text(&payer["cep"]).len() != 8, "cobv.devedor.cep"),
        (text(&body["chave"]).is_empty(), "cobv.chave"),
    ];
    if let Some((_, property)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
        let violated = json!([{ "razao": "não é aceito", "propriedade": property }]);
        let problem = json!({ "type": "https://pix.bcb.gov.br/api/v2/error/CobVOperacaoInvalida",
            "title": "Cobrança inválida.", "status": 400, "detail": "formato", "violacoes": violated });
        return (StatusCode::BAD_REQUEST, problem);
    }
    if state.cobs.contains_key(txid) {
        return refused(StatusCode::CONFLICT, "txid_duplicado", "Campo txid informado já existe");
    }
    keep(state, "cobv", txid, body)
}

fn patch_cob(state: &mut State, kind: &str, txid: &str, body: &Value) -> Answer {
    let Some(cob) = state.cobs.get_mut(txid).filter(|cob| cob.kind == kind) else {
        return missing("cobranca_nao_encontrada");
    };
    if cob.status != "ATIVA" || body["status"] != "REMOVIDA_PELO_USUARIO_RECEBEDOR" {
        return refused(StatusCode::BAD_REQUEST, "status_cobranca_invalido", "A cobrança não está ATIVA");
    }
    cob.status = "REMOVIDA_PELO_USUARIO_RECEBEDOR";
    (StatusCode::OK, shown(state, txid))
}

fn put_refund(state: &mut State, e2e: &str, id: &str, body: &Value) -> Answer {
    let Some(paid) = state.pix.iter_mut().find(|paid| paid.id == e2e) else { return missing("pix_nao_encontrado") };
    if paid.refunds.iter().any(|refund| refund.0 == id) {
        return refused(StatusCode::CONFLICT, "devolucao_id_duplicado", "O id da devolução já foi usado");
    }
    let refund = (id.to_owned(), body["valor"].as_str().unwrap().to_owned(), "EM_PROCESSAMENTO");
    paid.refunds.push(refund.clone());
    (StatusCode::CREATED, refunded(&refund))
}

fn list(state: &State, query: &str) -> Answer {
    let at = |name| parameter(query, name).parse::<DateTime<Utc>>().unwrap();
    let number = |name| parameter(query, name).parse::<usize>().unwrap();
    let (from, to) = (at("inicio"), at("fim"));
    let (page, size) = (number("paginacao.paginaAtual"), number("paginacao.itensPorPagina"));
    let found: Vec<&Pix> = state.pix.iter().filter(|paid| paid.at >= from && paid.at <= to).collect();
    let paging = json!({ "paginaAtual": page, "itensPorPagina": size, "quantidadeTotalDeItens": found.len(),
        "quantidadeDePaginas": found.len().div_ceil(size).max(1) });
    let shown: Vec<Value> = found.into_iter().skip(page * size).take(size).map(paid).collect();
    (StatusCode::OK, json!({ "parametros": { "paginacao": paging }, "pix": shown }))
}

/// As `GET /v2/cob/{txid}` shows it.
fn shown(state: &State, txid: &str) -> Value {
    let cob = &state.cobs[txid];
    let mut shown = cob.body.clone();
    shown["txid"] = txid.into();
    shown["status"] = cob.status.into();
    shown["revisao"] = 0.into();
    shown["calendario"]["criacao"] = time(cob.created).into();
    shown["loc"] = json!({ "id": cob.location, "txid": txid, "location": "pix.example/qr/v2/1", "tipoCob": cob.kind,
        "criacao": time(cob.created) });
    if cob.kind == "cobv" {
        shown["recebedor"] = json!({ "nome": "Perpetuo Ltda", "cnpj": "12345678000195", "logradouro": "Rua 1", "cidade": "Ouro Preto",
            "uf": "MG", "cep": "35400000" });
    }
    shown["pixCopiaECola"] = format!("00020126-{}", cob.location).into();
    let paid: Vec<Value> = state.pix.iter().filter(|p| p.txid.as_deref() == Some(txid)).map(paid).collect();
    if !paid.is_empty() {
        shown["pix"] = paid.into();
    }
    shown
}

pub(super) fn paid(pix: &Pix) -> Value {
    let mut shown = json!({ "endToEndId": pix.id, "valor": pix.amount, "horario": time(pix.at) });
    if let Some((fine, interest)) = pix.late {
        let original = json!({ "valor": "0.00" });
        shown["componentesValor"] =
            json!({ "original": original, "multa": { "valor": fine }, "juros": { "valor": interest } });
    }
    for (name, value) in [("txid", &pix.txid), ("chave", &pix.key)] {
        if let Some(value) = value {
            shown[name] = value.as_str().into();
        }
    }
    if !pix.refunds.is_empty() {
        shown["devolucoes"] = pix.refunds.iter().map(refunded).collect();
    }
    shown
}

fn refunded((id, amount, status): &(String, String, &'static str)) -> Value {
    json!({ "id": id, "rtrId": "D12345678202009091000abcde123456", "valor": amount, "status": status,
        "horario": { "solicitacao": "2027-02-01T15:00:00.000Z" } })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn missing(name: &str) -> Answer {
    refused(StatusCode::NOT_FOUND, name, "não existe")
}

fn refused(status: StatusCode, name: &str, message: &str) -> Answer {
    (status, json!({ "nome": name, "mensagem": message }))
}
