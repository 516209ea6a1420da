//! How is one charge made of an order, however often it is sent?

use super::{Pix, charge::Charge, charge_path, txid};
use crate::brazil::TaxId;
use crate::efi::{cut, fault::Fault, reais::Reais};
use crate::payment::{Created, Instructions, Order, Payer, Trouble};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /v2/loc/{id}/qrcode`
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct QrCode {
    qrcode: Option<String>,
    /// A data URL.
    imagem_qrcode: Option<String>,
    link_visualizacao: Option<String>,
}

impl Pix {
    /// [`crate::payment::Provider::create`]
    pub(in crate::efi) async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        if let Some(created) = self.due(order).await? {
            return Ok(created);
        }
        if let Some(made) = self.made_before(order).await? {
            return Ok(made);
        }
        let reference = txid(order.payment);
        let path = charge_path(&reference)?;
        let body = self.asked(order)?;
        let charge: Charge = match self.api.send(Method::PUT, &path, &body).await.map_err(Fault::while_making) {
            Ok(charge) => charge,
            Err(fault) => self.made_all_the_same(&path, fault).await?,
        };
        self.created(reference, &charge, order).await
    }

    /// What a payer needs of a charge that was made for an order. Errors: [`Trouble::Unexpected`] for one that differs.
    pub(super) async fn created(&self, reference: String, charge: &Charge, order: &Order) -> Result<Created, Trouble> {
        if charge.valor.original.centavos() != order.amount || !self.is_ours(&charge.chave) {
            let text = format!("the charge {reference} exists already, of another amount or to another key");
            return Err(Trouble::Unexpected(text));
        }
        let instructions = self.instructions(charge).await?;
        Ok(Created { reference, instructions, expires_at: Some(charge.expires_at()) })
    }

    fn asked(&self, order: &Order) -> Result<Value, Trouble> {
        let seconds = (order.expires_at - self.api.clock.now()).num_seconds();
        if seconds < 1 {
            return Err(Trouble::Refused(
                "the time in which it could have been paid is over: order it anew".to_owned(),
            ));
        }
        let mut body = json!({
            "calendario": { "expiracao": seconds.min(i64::from(i32::MAX)) },
            "valor": { "original": Reais::of(order.amount).map_err(Trouble::Refused)? },
            "chave": self.key,
            "solicitacaoPagador": cut(&order.description, 140),
        });
        if let Some(payer) = debtor(&order.payer) {
            body["devedor"] = payer;
        }
        Ok(body)
    }

    async fn instructions(&self, charge: &Charge) -> Result<Instructions, Trouble> {
        let code = match &charge.loc {
            Some(place) => self.api.get::<QrCode>(&format!("/v2/loc/{}/qrcode", place.id)).await,
            None => Ok(QrCode::default()),
        };
        let (code, fault) = match code {
            Ok(code) => (code, None),
            Err(fault) => (QrCode::default(), Some(fault)),
        };
        // The picture shows the same text; who has the text can pay, so that its lack stops nobody.
        let text = charge.copy_paste.clone().or(code.qrcode).filter(|text| !text.is_empty());
        match (text, fault) {
            (Some(text), fault) => {
                if let Some(fault) = fault {
                    tracing::warn!(?fault, "Efí has given out no picture of a QR code");
                }
                Ok(Instructions {
                    url: code.link_visualizacao,
                    pix_copy_paste: Some(text),
                    pix_qr_png: code.imagem_qrcode,
                    ..Instructions::default()
                })
            }
            (None, Some(fault)) => Err(fault.into()),
            (None, None) => Err(Trouble::Unexpected("a charge has no text to copy and no QR code".to_owned())),
        }
    }
}

/// Who pays, if both parts are known: a name alone is not taken.
fn debtor(payer: &Payer) -> Option<Value> {
    let name = cut(payer.name.trim(), 200);
    let tax_id = payer.tax_id.as_deref().and_then(|text| TaxId::parse(text).ok()).filter(|_| !name.is_empty())?;
    let plain = tax_id.as_str();
    Some(match tax_id {
        TaxId::Cpf(_) => json!({ "cpf": plain, "nome": name }),
        TaxId::Cnpj(_) => json!({ "cnpj": plain, "nome": name }),
    })
}
