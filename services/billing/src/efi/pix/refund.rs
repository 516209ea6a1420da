//! How is money given back once, however often it is asked for?

use super::{Pix, charge::GivenBack};
use crate::efi::{is_name, reais::Reais};
use crate::payment::{Refund, RefundStatus, Trouble};
use http::Method;
use serde_json::json;

impl Pix {
    /// [`crate::payment::Provider::refund`]
    pub(in crate::efi) async fn refund(&self, refund: &Refund) -> Result<RefundStatus, Trouble> {
        if !is_name(&refund.received, 32, 32) {
            return Err(Trouble::Unknown);
        }
        if !is_name(&refund.id, 1, 35) {
            return Err(Trouble::Refused("the id of a refund has to be 1 to 35 letters and digits".to_owned()));
        }
        let path = format!("/v2/pix/{}/devolucao/{}", refund.received, refund.id);
        let body = json!({ "valor": Reais::of(refund.amount).map_err(Trouble::Refused)? });
        let made = match self.api.send::<GivenBack>(Method::PUT, &path, &body).await {
            Ok(made) => made,
            Err(fault) => self.made_all_the_same(&path, fault).await?,
        };
        if made.valor.centavos() != refund.amount {
            return Err(Trouble::Unexpected(format!("the refund {} exists already, of another amount", refund.id)));
        }
        match made.status.as_str() {
            "EM_PROCESSAMENTO" => Ok(RefundStatus::Pending),
            "DEVOLVIDO" => Ok(RefundStatus::Done),
            "NAO_REALIZADO" => Ok(RefundStatus::Failed),
            status => {
                tracing::warn!(status, "a refund at Efí has a status that is not known here; it counts as on its way");
                Ok(RefundStatus::Pending)
            }
        }
    }
}
