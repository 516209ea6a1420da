//! What does the API Pix tell about a charge and what was paid for it?

use crate::efi::{CURRENCY, reais::Reais};
use crate::payment::{Received, State};
use chrono::{DateTime, TimeDelta, Utc};
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

#[derive(Deserialize)]
pub(super) struct Calendar {
    criacao: DateTime<Utc>,
    /// In seconds.
    expiracao: i64,
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
    devolucoes: Vec<GivenBack>,
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
        let after = TimeDelta::try_seconds(self.calendario.expiracao.max(0)).unwrap_or_default();
        self.calendario.criacao.checked_add_signed(after).unwrap_or(DateTime::<Utc>::MAX_UTC)
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
    /// `reference` for a charge that was asked for by its name.
    pub(super) fn received(&self, reference: Option<&str>) -> Received {
        let is_done = |back: &&GivenBack| back.status == "DEVOLVIDO";
        Received {
            id: self.end_to_end_id.clone(),
            reference: reference.map(str::to_owned).or_else(|| self.txid.clone()),
            amount: self.valor.centavos(),
            currency: CURRENCY.to_owned(),
            at: self.horario,
            // What is on its way (EM_PROCESSAMENTO) may not arrive; then the amount would grow again.
            refunded: self.devolucoes.iter().filter(is_done).map(|back| back.valor.centavos()).sum(),
        }
    }
}
