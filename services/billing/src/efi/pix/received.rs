//! What PIX came in a time?

use super::{Pix, charge::Paid};
use crate::payment::{Received, Trouble};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use std::collections::HashSet;

const PAGE: u32 = 100;
/// A hundred thousand PIX are more than one look is for.
const MOST_PAGES: u32 = 1000;

/// `PixConsultados`
#[derive(Deserialize)]
struct Page {
    parametros: Parameters,
    #[serde(default)]
    pix: Vec<Paid>,
}

#[derive(Deserialize)]
struct Parameters {
    paginacao: Paging,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paging {
    /// From 0.
    pagina_atual: u32,
    quantidade_de_paginas: u32,
}

impl Pix {
    /// All of it that came to our key, or to our account without a key.
    pub(in crate::efi) async fn received(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Received>, Trouble> {
        let [from, to] = [from, to].map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
        let (mut found, mut seen) = (vec![], HashSet::new());
        for page in 0..MOST_PAGES {
            let paging = format!("paginacao.paginaAtual={page}&paginacao.itensPorPagina={PAGE}");
            let answer: Page = self.api.get(&format!("/v2/pix?inicio={from}&fim={to}&{paging}")).await?;
            let Paging { pagina_atual, quantidade_de_paginas } = answer.parametros.paginacao;
            if pagina_atual != page {
                return Err(Trouble::Unexpected(format!(
                    "page {pagina_atual} of what was received came for page {page}"
                )));
            }
            let ours = answer.pix.iter().filter(|paid| paid.chave.as_ref().is_none_or(|key| self.is_ours(key)));
            // What comes while pages are turned moves others onto the next page.
            found.extend(ours.filter(|paid| seen.insert(paid.end_to_end_id.clone())).map(|paid| paid.received(None)));
            if page + 1 >= quantidade_de_paginas {
                return Ok(found);
            }
        }
        Err(Trouble::Unexpected("more was received than can be listed: ask for a shorter time".to_owned()))
    }
}
