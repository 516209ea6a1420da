//! How does somebody allow once what is paid each month (PIX Automático, `rec`), by reading a QR code (Jornada 2)?

use super::Pix;
use crate::brazil::{self, TaxId};
use crate::efi::{cut, fault::Fault, is_name};
use crate::payment::{Agreed, Instructions, Mandate, MandateStatus, Trouble};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use http::Method;
use proto::id::MandateId;
use serde::Deserialize;
use serde_json::{Value, json};

/// How much earlier than ours Efí's clock may be.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);
const PAGE: u32 = 100;
const MOST_PAGES: u32 = 100;

/// `RecCompleta`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rec {
    id_rec: String,
    status: String,
    vinculo: Bond,
    #[serde(rename = "dadosQR")]
    code: Option<Code>,
}

#[derive(Deserialize)]
struct Bond {
    /// Our name for it.
    contrato: String,
}

#[derive(Deserialize)]
struct Code {
    #[serde(rename = "pixCopiaECola")]
    copy_paste: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    id: i64,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    recs: Vec<Rec>,
}

impl Pix {
    /// [`crate::payment::Provider::mandate`]. Efí chooses the name, so the one that an earlier try has made is looked for by ours.
    pub(in crate::efi) async fn mandate(&self, wanted: &Mandate) -> Result<Agreed, Trouble> {
        let body = asked(wanted)?;
        if let Some(reference) = self.one_made_for(wanted).await? {
            return self.agreed(wanted.id, &reference).await;
        }
        let place = self.api.call(Method::POST, "/v2/locrec", Bytes::new()).await?;
        let place: Place = serde_json::from_slice(&place)
            .map_err(|_| Trouble::Unexpected("a place for a mandate has no name".to_owned()))?;
        let mut body = body;
        body["loc"] = place.id.into();
        let reference = match self.api.send::<Rec>(Method::POST, "/v2/rec", &body).await.map_err(Fault::while_making) {
            Ok(rec) => rec.id_rec,
            Err(fault @ Fault::Away(_)) => match self.one_made_for(wanted).await {
                Ok(Some(reference)) => reference,
                _ => return Err(fault.into()),
            },
            Err(fault) => return Err(fault.into()),
        };
        self.agreed(wanted.id, &reference).await
    }

    /// [`crate::payment::Provider::look_mandate`]
    pub(in crate::efi) async fn look_mandate(
        &self,
        id: MandateId,
        reference: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Agreed, Trouble> {
        mandate_path(reference)?;
        let all = match since {
            Some(since) => self.made_for(id, since).await?,
            None => vec![],
        };
        let chosen = all.iter().min_by_key(|rec| (rec.rank(), rec.id_rec != reference));
        let chosen = chosen.map_or(reference, |rec| rec.id_rec.as_str());
        for rec in all.iter().filter(|rec| rec.id_rec != chosen && rec.status() != MandateStatus::Ended) {
            tracing::warn!(mandate = %id, rec = rec.id_rec, chosen, "a mandate was made twice: one of them is ended");
            self.end_mandate(id, &rec.id_rec).await?;
        }
        self.agreed(id, chosen).await
    }

    async fn agreed(&self, id: MandateId, reference: &str) -> Result<Agreed, Trouble> {
        let rec: Rec = self.api.get(&mandate_path(reference)?).await?;
        if rec.vinculo.contrato != contract(id) {
            return Err(Trouble::Unexpected(format!("the mandate {reference} is of somebody else")));
        }
        let status = rec.status();
        let pix_copy_paste = rec.code.and_then(|code| code.copy_paste).filter(|text| !text.is_empty());
        Ok(Agreed {
            reference: rec.id_rec,
            status,
            instructions: Instructions { pix_copy_paste, ..Instructions::default() },
        })
    }

    /// [`crate::payment::Provider::end_mandate`]
    pub(in crate::efi) async fn end_mandate(&self, id: MandateId, reference: &str) -> Result<(), Trouble> {
        let path = mandate_path(reference)?;
        let refused = match self.api.send::<Value>(Method::PATCH, &path, &json!({ "status": "CANCELADA" })).await {
            Ok(_) => return Ok(()),
            Err(fault @ Fault::Refused(_)) => fault,
            Err(fault) => return Err(fault.into()),
        };
        // The payer may have ended it already.
        match self.agreed(id, reference).await?.status {
            MandateStatus::Ended => Ok(()),
            MandateStatus::Pending | MandateStatus::Active => Err(refused.into()),
        }
    }

    async fn one_made_for(&self, wanted: &Mandate) -> Result<Option<String>, Trouble> {
        let all = self.made_for(wanted.id, wanted.since).await?;
        Ok(all.into_iter().min_by_key(Rec::rank).map(|rec| rec.id_rec))
    }

    /// All that were made for it: more than one, where two have asked at once, or an answer was lost and what it was about came late.
    async fn made_for(&self, id: MandateId, since: DateTime<Utc>) -> Result<Vec<Rec>, Trouble> {
        let (from, to) = (since - CLOCKS_DIFFER, self.api.clock.now() + CLOCKS_DIFFER);
        let [from, to] = [from, to].map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let name = contract(id);
        let mut all = vec![];
        for page in 0..MOST_PAGES {
            let paging = format!("paginacao.paginaAtual={page}&paginacao.itensPorPagina={PAGE}");
            let found: Page = self.api.get(&format!("/v2/rec?inicio={from}&fim={to}&{paging}")).await?;
            let is_last = found.recs.len() < PAGE as usize;
            all.extend(found.recs.into_iter().filter(|rec| rec.vinculo.contrato == name));
            if is_last {
                return Ok(all);
            }
        }
        Err(Trouble::Unexpected("more mandates were made than can be listed".to_owned()))
    }
}

impl Rec {
    fn status(&self) -> MandateStatus {
        match self.status.as_str() {
            "CRIADA" => MandateStatus::Pending,
            "APROVADA" => MandateStatus::Active,
            "REJEITADA" | "EXPIRADA" | "CANCELADA" => MandateStatus::Ended,
            status => {
                tracing::warn!(
                    status,
                    "a mandate at Efí has a status that is not known here; nothing is taken with it"
                );
                MandateStatus::Pending
            }
        }
    }

    /// Which of several it is: the lowest.
    fn rank(&self) -> u8 {
        match self.status() {
            MandateStatus::Active => 0,
            MandateStatus::Pending => 1,
            MandateStatus::Ended => 2,
        }
    }
}

fn asked(wanted: &Mandate) -> Result<Value, Trouble> {
    let name = cut(wanted.payer.name.trim(), 140);
    let tax_id = wanted.payer.tax_id.as_deref().and_then(|text| TaxId::parse(text).ok()).filter(|_| !name.is_empty());
    let tax_id = tax_id.ok_or_else(|| {
        Trouble::Refused(
            "PIX Automático needs the name and the CPF or CNPJ of the payer: set name and tax_id of the customer"
                .to_owned(),
        )
    })?;
    let mut payer = json!({ "nome": name });
    match &tax_id {
        TaxId::Cpf(_) => payer["cpf"] = tax_id.as_str().into(),
        TaxId::Cnpj(_) => payer["cnpj"] = tax_id.as_str().into(),
    }
    let interval = if wanted.interval == "year" { "ANUAL" } else { "MENSAL" };
    Ok(json!({
        "vinculo": { "objeto": cut(&wanted.description, 35), "contrato": contract(wanted.id), "devedor": payer },
        "calendario": { "dataInicial": brazil::day(wanted.first_at).to_string(), "periodicidade": interval },
        "politicaRetentativa": "PERMITE_3R_7D",
    }))
}

/// Our name for it there.
fn contract(id: MandateId) -> String {
    id.uuid().simple().to_string()
}

/// Errors: [`Trouble::Unknown`] for what is the name of no mandate.
fn mandate_path(reference: &str) -> Result<String, Trouble> {
    if is_name(reference, 29, 29) { Ok(format!("/v2/rec/{reference}")) } else { Err(Trouble::Unknown) }
}
