//! Which of our payments is a webhook of the API Pix about?

use super::{is_name, pix::payment_of};
use proto::id::PaymentId;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use std::{collections::HashSet, fmt};

/// So many entries of one webhook are looked at; Efí sends one or a few.
const MOST: usize = 1000;

/// What a webhook names. Nothing else of it is read: amounts, keys and states are what Efí answers when it is asked, since
/// anybody could have written the webhook, and no signature says who did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// Each of them once, in their order. Whether there are such payments it does not say.
    pub(super) payments: Vec<PaymentId>,
    /// Efí's names of mandates, which may be somebody else's.
    pub(super) mandates: Vec<String>,
    /// There were more than are looked at.
    pub(super) is_cut: bool,
}

/// Not what Efí sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads `{"pix":[{"endToEndId":…,"txid":…},…]}`, `{"cobsr":[{"idRec":…,"txid":…},…]}` and `{"recs":[{"idRec":…},…]}`.
/// Entries may be payments or refunds of them (with `devolucoes`). A PIX that
/// was sent, and one that came without a charge, name no charge, and a charge of somebody else has another name: they are
/// left out, and reconciliation finds what came. An object without `pix` names nothing: Efí sends such at registration.
pub(super) fn read(body: &[u8]) -> Result<Hints, Malformed> {
    // A list would be read as the fields of an object, in their order.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    let read = serde_json::from_slice::<Body>(body).ok().filter(|_| is_object);
    let Body { pix, cobsr, recs } = read.ok_or(Malformed)?;
    let (is_cut, mut hints) = (pix.is_cut || cobsr.is_cut || recs.len() > MOST, pix);
    hints.payments.extend(cobsr.payments);
    let mandates = recs.into_iter().take(MOST).filter_map(|rec| match rec {
        Rec::Named { id } if is_name(&id, 29, 29) => Some(id),
        Rec::Named { .. } | Rec::Other(_) => None,
    });
    hints.mandates.extend(mandates);
    Ok(Hints { is_cut, ..hints })
}

/// Webhooks of what came, of charges by mandate, and of mandates.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    pix: Hints,
    #[serde(default)]
    cobsr: Hints,
    #[serde(default)]
    recs: Vec<Rec>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rec {
    Named {
        #[serde(rename = "idRec")]
        id: String,
    },
    Other(IgnoredAny),
}

/// An entry, of which only the name of the charge is read; whatever else may stand in either place.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    OfCharge { txid: String },
    Other(IgnoredAny),
}

impl<'de> Deserialize<'de> for Hints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Hints;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Hints, A::Error> {
        let (mut hints, mut seen) = (Hints::default(), HashSet::new());
        for _ in 0..MOST {
            let Some(entry) = entries.next_element::<Entry>()? else { return Ok(hints) };
            let Entry::OfCharge { txid } = entry else { continue };
            hints.payments.extend(payment_of(&txid).filter(|payment| seen.insert(*payment)));
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {
            hints.is_cut = true;
        }
        Ok(hints)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const E2E: &str = "E12345678202009091221abcdef12345";
    const TXID: &str = "0190a5d1c0de7abc8123456789abcdef";

    fn names(body: &str) -> Vec<String> {
        read(body.as_bytes()).unwrap().payments.into_iter().map(|p| p.uuid().simple().to_string()).collect()
    }

    #[test]
    fn payments_and_refunds_are_named_once_and_nothing_more_is_read() {
        let payment = format!(r#"{{"endToEndId":"{E2E}","txid":"{TXID}","chave":"x","valor":"0.01","horario":"h"}}"#);
        let refund = format!(r#"{{"endToEndId":7,"txid":"{TXID}","devolucoes":[{{"id":"a","valor":"1.00"}}]}}"#);
        let sent = format!(r#"{{"endToEndId":"{E2E}","tipo":"SOLICITACAO","status":"REALIZADO","txid":null}}"#);
        assert_eq!(names(&format!(r#"{{"pix":[{sent},{payment},{refund}]}}"#)), [TXID]);
        assert_eq!(names(&format!(r#"{{"pix":[{payment}],"more":[1]}}"#)), [TXID]);
    }

    #[test]
    fn mandates_and_their_charges_are_named_too() {
        let hints = read(
            format!(
                r#"{{"recs":[{{"idRec":"RR1234567820240115abcdefghijk"}},{{"idRec":"../rec"}},7],"cobsr":[{{"txid":"cr{TXID}"}}]}}"#
            )
            .as_bytes(),
        );
        let Hints { payments, mandates, is_cut } = hints.unwrap();
        assert_eq!((payments.len(), is_cut), (1, false));
        assert_eq!(payments[0].uuid().simple().to_string(), TXID);
        assert_eq!(mandates, ["RR1234567820240115abcdefghijk"]);
        assert_eq!(read(br#"{"recs":{}}"#), Err(Malformed));
    }

    #[test]
    fn what_names_nothing_is_left_out_and_what_is_no_webhook_is_refused() {
        for body in [
            "{}",
            r#" {"evento":"teste_webhook"}"#,
            r#"{"pix":[]}"#,
            r#"{"pix":[1,"a",null,[],{},{"txid":1}]}"#,
            r#"{"pix":[{"txid":"../../oauth/token"},{"txid":""},{"txid":"somebodyelses26characters0"}]}"#,
            r#"{"pix":[{"txid":"0190A5D1C0DE7ABC8123456789ABCDEF"}]}"#,
        ] {
            assert_eq!(names(body), [""; 0], "{body}");
        }
        for body in ["", "[]", "pix", r#"{"pix":{}}"#, r#"{"pix":"all"}"#, r#"{"pix":[{]}"#, "\u{0}", "{} {}"] {
            assert_eq!(read(body.as_bytes()), Err(Malformed), "{body}");
        }
    }

    #[test]
    fn a_huge_list_is_cut_and_says_so() {
        let entries: Vec<String> = (0..5000).map(|n| format!(r#"{{"txid":"{n:032x}"}}"#)).collect();
        let hints = read(format!(r#"{{"pix":[{}]}}"#, entries.join(",")).as_bytes()).unwrap();
        assert_eq!((hints.payments.len(), hints.is_cut), (MOST, true));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in any::<Vec<u8>>(), inside in any::<Vec<u8>>()) {
            let _ = read(&body);
            let _ = read(&[b"{\"pix\":[".as_slice(), &inside, b"]}"].concat());
        }
    }
}
