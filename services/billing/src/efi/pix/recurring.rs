//! How is an invoice taken by a mandate (PIX Automático, `cobr`)? The bank tries on the due date, as often as it likes; where there was too
//! little, three more times within seven days, when we ask for that.

use super::{Pix, charge::Paid, charge_path, recurring_txid};
use crate::brazil;
use crate::efi::{cut, fault::Fault, reais::Reais};
use crate::payment::{Created, Instructions, Known, Order, State, Trouble, Truth};
use chrono::{Days, NaiveDate};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// How soon the bank of a payer may be asked to take something: it tells them before.
const AHEAD: Days = Days::new(2);
/// How often it may be tried again after its due date, and for how long: `PERMITE_3R_7D`.
const MOST_RETRIES: usize = 3;
const RETRIED_WITHIN: Days = Days::new(7);

/// `CobRCompleta`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Charge {
    id_rec: String,
    status: String,
    calendario: Calendar,
    valor: Amount,
    politica_retentativa: Option<String>,
    #[serde(default)]
    pix: Vec<Paid>,
    #[serde(default)]
    tentativas: Vec<Attempt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Calendar {
    data_de_vencimento: NaiveDate,
}

#[derive(Deserialize)]
struct Amount {
    original: Reais,
}

#[derive(Deserialize)]
struct Attempt {
    /// `AGND` (as ordered), `NTAG` (again, as we have asked for) or `RIFL` (again on the same day, as the bank likes).
    tipo: Option<String>,
    status: String,
}

/// [`Attempt::tipo`] of what we have asked for.
const RETRY: &str = "NTAG";

impl Pix {
    /// [`crate::payment::Provider::create`] for what a mandate pays.
    pub(in crate::efi) async fn take(&self, order: &Order) -> Result<Created, Trouble> {
        let mandate = order.mandate.as_deref().ok_or(Trouble::Unsupported("there is no mandate to take it by"))?;
        let reference = recurring_txid(order.payment);
        let path = charge_path(&reference)?;
        let body = self.taken(order, mandate)?;
        let charge: Charge = match self.api.send(Method::PUT, &path, &body).await.map_err(Fault::while_making) {
            Ok(charge) => charge,
            Err(fault) => self.made_all_the_same(&path, fault).await?,
        };
        if charge.valor.original.centavos() != order.amount || charge.id_rec != mandate {
            let text = format!("the charge {reference} exists already, of another amount or by another mandate");
            return Err(Trouble::Unexpected(text));
        }
        let expires_at = Some(brazil::end_of(charge.last_day()));
        Ok(Created { reference, instructions: Instructions::default(), expires_at })
    }

    fn taken(&self, order: &Order, mandate: &str) -> Result<Value, Trouble> {
        let earliest = brazil::day(self.api.clock.now()) + AHEAD;
        let due = order.due_at.map_or(earliest, |at| brazil::day(at).max(earliest));
        let mut to = json!({ "conta": self.automatic.account, "tipoConta": self.automatic.kind() });
        if let Some(branch) = &self.automatic.branch {
            to["agencia"] = branch.as_str().into();
        }
        Ok(json!({
            "idRec": mandate,
            "infoAdicional": cut(&order.description, 140),
            "calendario": { "dataDeVencimento": due.to_string() },
            "valor": { "original": Reais::of(order.amount).map_err(Trouble::Refused)? },
            "ajusteDiaUtil": true,
            "recebedor": to,
        }))
    }

    /// [`crate::payment::Provider::look`] for what a mandate pays.
    pub(in crate::efi) async fn look_taken(&self, known: &Known) -> Result<Truth, Trouble> {
        let charge: Charge = self.api.get(&charge_path(&known.reference)?).await?;
        let received = self.received_by(&charge.pix, &known.reference);
        let again = charge.again(brazil::day(self.api.clock.now()));
        Ok(Truth { state: charge.state(), received, disputes: vec![], again })
    }

    /// [`crate::payment::Provider::cancel`] for what a mandate pays. On the day of the first try it is too late: what comes then, comes.
    pub(in crate::efi) async fn leave(&self, known: &Known) -> Result<(), Trouble> {
        let path = charge_path(&known.reference)?;
        match self.api.send::<Value>(Method::PATCH, &path, &json!({ "status": "CANCELADA" })).await {
            Ok(_) | Err(Fault::Refused(_)) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// [`crate::payment::Provider::try_again`]
    pub(in crate::efi) async fn retry(&self, known: &Known, on: NaiveDate) -> Result<(), Trouble> {
        let path = format!("{}/retentativa/{on}", charge_path(&known.reference)?);
        let refused = match self.api.call(Method::POST, &path, bytes::Bytes::new()).await {
            Ok(_) => return Ok(()),
            Err(fault @ Fault::Refused(_)) => fault,
            Err(fault) => return Err(fault.into()),
        };
        // Somebody else may have asked for it at the same time.
        let charge: Charge = self.api.get(&charge_path(&known.reference)?).await?;
        if charge.is_tried() { Ok(()) } else { Err(refused.into()) }
    }
}

impl Charge {
    fn state(&self) -> State {
        match self.status.as_str() {
            "CONCLUIDA" => State::Paid,
            "EXPIRADA" | "REJEITADA" | "CANCELADA" => State::Gone,
            status => {
                if !matches!(status, "CRIADA" | "ATIVA") {
                    tracing::warn!(
                        status,
                        "a charge by mandate has a status that is not known here; it counts as open"
                    );
                }
                State::Open
            }
        }
    }

    /// Whether the bank is about to try.
    fn is_tried(&self) -> bool {
        self.tentativas.iter().any(|attempt| !matches!(attempt.status.as_str(), "CANCELADA" | "REJEITADA" | "EXPIRADA"))
    }

    /// The day on which it may be tried again, where the last try has failed and the rules allow another one.
    fn again(&self, today: NaiveDate) -> Option<NaiveDate> {
        let tomorrow = today.succ_opt()?;
        let retries = self.tentativas.iter().filter(|attempt| attempt.tipo.as_deref() == Some(RETRY)).count();
        let may = self.state() == State::Open
            && self.politica_retentativa.as_deref() == Some("PERMITE_3R_7D")
            && !self.tentativas.is_empty()
            && retries < MOST_RETRIES
            && !self.is_tried()
            && tomorrow > self.calendario.data_de_vencimento
            && tomorrow <= self.last_day();
        may.then_some(tomorrow)
    }

    fn last_day(&self) -> NaiveDate {
        let due = self.calendario.data_de_vencimento;
        due.checked_add_days(RETRIED_WITHIN).unwrap_or(due)
    }
}
