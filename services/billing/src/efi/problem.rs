//! What does Efí say when it says no?

use serde::Deserialize;
use serde_json::Value;

/// Of a text as much as a person reads.
const LONGEST: usize = 400;

/// Every shape that Efí's errors have: its own (`nome`, `mensagem`, `erros`), that of the Central Bank, which is RFC 7807
/// with `violacoes`, and that of the API of charges and of tokens (`error`, `error_description`).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    nome: Option<String>,
    mensagem: Option<String>,
    erros: Vec<Detail>,
    title: Option<String>,
    detail: Option<String>,
    violacoes: Vec<Detail>,
    error: Option<String>,
    error_description: Value,
}

/// What is wrong with a field.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    #[serde(alias = "propriedade", alias = "property")]
    caminho: Option<String>,
    #[serde(alias = "razao", alias = "message")]
    mensagem: Option<String>,
}

/// The text of a refusal for operators: status, name, what is wrong. Not what was sent: a field's `valor` is left out.
pub(super) fn text(status: u16, body: &[u8]) -> String {
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else {
        return format!("status {status}, and no reason that can be read");
    };
    let mut details: Vec<Detail> = problem.erros.into_iter().chain(problem.violacoes).collect();
    let described = match problem.error_description {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => {
            details.extend(serde_json::from_value::<Detail>(other));
            None
        }
    };
    let parts = [problem.nome, problem.mensagem, problem.title, problem.detail, problem.error, described];
    let mut text = format!("status {status}");
    let fields = details.into_iter().flat_map(|detail| [detail.caminho, detail.mensagem]);
    for part in parts.into_iter().chain(fields).flatten().filter(|part| !part.is_empty()) {
        text.push_str(": ");
        text.extend(part.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_an_error_is_told() {
        for (body, told) in [
            (r#"{"nome":"txid_duplicado","mensagem":"existe"}"#, "status 400: txid_duplicado: existe"),
            (
                r#"{"nome":"json_invalido","erros":[{"chave":"pattern","caminho":".body.valor","mensagem":"ruim"}]}"#,
                "status 400: json_invalido: .body.valor: ruim",
            ),
            (
                r#"{"type":"https://pix.bcb.gov.br/api/v2/error/CobOperacaoInvalida","title":"Inválida","status":400,
                   "detail":"não","violacoes":[{"razao":"formato","propriedade":"cob.valor","valor":"segredo"}]}"#,
                "status 400: Inválida: não: cob.valor: formato",
            ),
            (r#"{"error":"invalid_client","error_description":"bad"}"#, "status 400: invalid_client: bad"),
            (
                r#"{"code":3500034,"error":"validation_error","error_description":{"property":"/cpf","message":"no"}}"#,
                "status 400: validation_error: /cpf: no",
            ),
            ("{}", "status 400"),
            ("<html>", "status 400, and no reason that can be read"),
            (r#"{"nome":"a\nb"}"#, "status 400: a b"),
        ] {
            assert_eq!(text(400, body.as_bytes()), told);
        }
        let long = format!(r#"{{"nome":"{}"}}"#, "é".repeat(5000));
        assert_eq!(text(400, long.as_bytes()).chars().count(), LONGEST + 1);
    }
}
