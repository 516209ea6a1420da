//! How is a charge with a due date made of an order? One that can be paid after it as well, and then may cost more.

use super::{Pix, charge::Charge, charge_path, due_txid, txid};
use crate::brazil::{self, TaxId};
use crate::efi::{cut, fault::Fault, reais::Reais};
use crate::payment::{Created, Order, Payer, Trouble};
use http::Method;
use serde_json::{Value, json};

/// Percent, once.
const FINE: u8 = 2;
/// Percent of a month, by days.
const INTEREST: u8 = 3;

impl Pix {
    /// The charge for an order that leaves days to pay. None where there is to be one for now: those are not wanted here, the due date
    /// is over, or too little is known of who pays.
    pub(super) async fn due(&self, order: &Order) -> Result<Option<Created>, Trouble> {
        let Some(body) = self.due_body(order)? else { return Ok(None) };
        let reference = due_txid(order.payment);
        // An earlier try may have made one for now.
        if self.is_made(&txid(order.payment)).await? {
            return Ok(None);
        }
        let path = charge_path(&reference)?;
        let charge: Charge = match self.api.send(Method::PUT, &path, &body).await.map_err(Fault::while_making) {
            Ok(charge) => charge,
            Err(fault) => self.made_all_the_same(&path, fault).await?,
        };
        self.created(reference, &charge, order).await.map(Some)
    }

    /// The charge with a due date that an earlier try has made, before the due date was over.
    pub(super) async fn made_before(&self, order: &Order) -> Result<Option<Created>, Trouble> {
        if !self.due.enabled || order.due_at.is_none() {
            return Ok(None);
        }
        let reference = due_txid(order.payment);
        match self.api.get::<Charge>(&charge_path(&reference)?).await {
            Ok(charge) => self.created(reference, &charge, order).await.map(Some),
            Err(Fault::Missing(_)) => Ok(None),
            Err(fault) => Err(fault.into()),
        }
    }

    async fn is_made(&self, reference: &str) -> Result<bool, Trouble> {
        match self.api.get::<Charge>(&charge_path(reference)?).await {
            Ok(_) => Ok(true),
            Err(Fault::Missing(_)) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    fn due_body(&self, order: &Order) -> Result<Option<Value>, Trouble> {
        let today = brazil::day(self.api.clock.now());
        let due = order.due_at.map(brazil::day).filter(|due| self.due.enabled && *due >= today);
        let Some((due, payer)) = due.zip(debtor(&order.payer)) else { return Ok(None) };
        let mut amount = json!({ "original": Reais::of(order.amount).map_err(Trouble::Refused)? });
        for (field, kind, percent) in
            [("multa", FINE, &self.due.fine_percent), ("juros", INTEREST, &self.due.interest_percent)]
        {
            if let Some(percent) = percent {
                amount[field] = json!({ "modalidade": kind, "valorPerc": percent });
            }
        }
        Ok(Some(json!({
            "calendario": { "dataDeVencimento": due.to_string(), "validadeAposVencimento": self.due.valid_days },
            "devedor": payer,
            "valor": amount,
            "chave": self.key,
            "solicitacaoPagador": cut(&order.description, 140),
        })))
    }
}

/// Who pays, with an address; None where something of that is not known.
fn debtor(payer: &Payer) -> Option<Value> {
    let name = cut(payer.name.trim(), 200);
    let tax_id = payer.tax_id.as_deref().and_then(|text| TaxId::parse(text).ok()).filter(|_| !name.is_empty())?;
    let address = payer.address.as_ref()?;
    let street = cut(address.line1.trim(), 200);
    let city = cut(address.city.trim(), 200);
    let state = address.state.trim().to_ascii_uppercase();
    let postal_code: String = address.postal_code.chars().filter(char::is_ascii_digit).collect();
    if street.is_empty() || city.is_empty() || state.len() != 2 || postal_code.len() != 8 {
        return None;
    }
    let mut debtor = json!({ "nome": name, "logradouro": street, "cidade": city, "uf": state, "cep": postal_code });
    match &tax_id {
        TaxId::Cpf(_) => debtor["cpf"] = tax_id.as_str().into(),
        TaxId::Cnpj(_) => debtor["cnpj"] = tax_id.as_str().into(),
    }
    Some(debtor)
}
