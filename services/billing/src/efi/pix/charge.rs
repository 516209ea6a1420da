//! What does the API Pix tell about a charge and what was paid for it?

use crate::brazil;
use crate::efi::{CURRENCY, reais::Reais};
use crate::payment::{Received, State};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;

/// The only status that we may set.
pub(super) const REMOVED_BY_US: &str = "REMOVIDA_PELO_USUARIO_RECEBEDOR";

/// `CobCompleta`
#[derive(Deserialize)]
pub(super) struct Charge {
    pub(super) calendario: Calendar,
    pub(super) status: String,
    pub(super) valor: Value,
    pub(super) chave: String,
    pub(super) loc: Option<Place>,
    #[serde(rename = "pixCopiaECola")]
    pub(super) copy_paste: Option<String>,
    #[serde(default)]
    pub(super) pix: Vec<Paid>,
}

/// Until when it can be paid.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Calendar {
    /// `CobDataDeVencimento`
    #[serde(rename_all = "camelCase")]
    Due {
        data_de_vencimento: NaiveDate,
        /// In days; what the Central Bank says for where it is left out.
        #[serde(default = "month")]
        validade_apos_vencimento: u32,
    },
    /// `CobExpiracao`
    Now {
        criacao: DateTime<Utc>,
        /// In seconds.
        expiracao: i64,
    },
}

const fn month() -> u32 {
    30
}

#[derive(Deserialize)]
pub(super) struct Value {
    pub(super) original: Reais,
}

/// Where apps fetch what the QR code only points at.
#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) id: i64,
}

/// `Pix`: money that came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Paid {
    pub(super) end_to_end_id: String,
    pub(super) txid: Option<String>,
    pub(super) valor: Reais,
    pub(super) chave: Option<String>,
    horario: DateTime<Utc>,
    #[serde(default)]
    componentes_valor: Parts,
    #[serde(default)]
    devolucoes: Vec<GivenBack>,
}

/// `componentesValor`: what an amount is made of. What is left out is as it was asked for.
#[derive(Default, Deserialize)]
struct Parts {
    multa: Option<Part>,
    juros: Option<Part>,
}

#[derive(Deserialize)]
struct Part {
    valor: Reais,
}

/// `Devolucao`: money that went back.
#[derive(Deserialize)]
pub(super) struct GivenBack {
    pub(super) valor: Reais,
    pub(super) status: String,
}

impl Charge {
    /// Until when it can be paid.
    pub(super) fn expires_at(&self) -> DateTime<Utc> {
        match &self.calendario {
            Calendar::Due { data_de_vencimento, validade_apos_vencimento } => {
                brazil::end_of(brazil::last_payable(*data_de_vencimento, *validade_apos_vencimento))
            }
            Calendar::Now { criacao, expiracao } => {
                let after = TimeDelta::try_seconds((*expiracao).max(0)).unwrap_or_default();
                criacao.checked_add_signed(after).unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
        }
    }

    /// That its time is over is no status of the API Pix: it says ATIVA for ever.
    pub(super) fn state(&self, now: DateTime<Utc>) -> State {
        match self.status.as_str() {
            "CONCLUIDA" => State::Paid,
            REMOVED_BY_US | "REMOVIDA_PELO_PSP" => State::Gone,
            status => {
                if status != "ATIVA" {
                    tracing::warn!(status, "a charge at Efí has a status that is not known here; it counts as open");
                }
                if now < self.expires_at() { State::Open } else { State::Gone }
            }
        }
    }
}

impl Paid {
    /// Fine and interest, for a charge that was due before.
    fn late(&self) -> i64 {
        let Parts { multa, juros } = &self.componentes_valor;
        [multa, juros].into_iter().flatten().map(|part| part.valor.centavos()).sum()
    }

    /// `reference` for a charge that was asked for by its name.
    pub(super) fn received(&self, reference: Option<&str>) -> Received {
        let is_done = |back: &&GivenBack| back.status == "DEVOLVIDO";
        Received {
            id: self.end_to_end_id.clone(),
            reference: reference.map(str::to_owned).or_else(|| self.txid.clone()),
            amount: self.valor.centavos(),
            currency: CURRENCY.to_owned(),
            at: self.horario,
            surcharge: self.late(),
            // What is on its way (EM_PROCESSAMENTO) may not arrive; then the amount would grow again.
            refunded: self.devolucoes.iter().filter(is_done).map(|back| back.valor.centavos()).sum(),
            ..Received::default()
        }
    }
}
