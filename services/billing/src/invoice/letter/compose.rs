//! Writes a letter that waits: who it is to, in which language, and what is true now.

use super::{Kind, Post, post::Queued};
use crate::{
    Billing, Error,
    customer::{Details, details},
    invoice::{
        document::Document,
        render::{self, Language},
        row,
        state::{Invoice, Status},
    },
    ledger::standing::{self, Standing},
    mandate,
    payment::{self, Method},
    peers::{self, Workspace},
};
use chrono::{DateTime, Utc};
use mail::{File, Mail, one_line};
use minijinja::{Value, context};
use store::WorkspaceTx;

/// What a letter is about.
struct About {
    kind: Kind,
    invoice: Invoice,
    document: Document,
    standing: Standing,
    details: Details,
    workspace: Workspace,
    language: Language,
    /// Whether it is taken from an account of the customer's, who has allowed that.
    is_taken: bool,
    now: DateTime<Utc>,
}

/// None where there is no reason for it any more: it is paid or void, or nobody is named who could be written to.
/// Errors: of the database; [`Error::Peer`]; [`Error::Kept`], also for what only a newer release can write.
pub(super) async fn compose(service: &Billing, post: &Post, queued: &Queued) -> Result<Option<Mail>, Error> {
    let kind = Kind::parse(&queued.kind).ok_or(Error::Kept("which letter it is"))?;
    let Some(about) = find(service, queued, kind).await? else { return Ok(None) };
    let (document, language) = (&about.document, about.language);
    let letter = post.templates.write(kind.template(), language.tag(), &values(service, &about));
    let letter = letter.map_err(|error| {
        tracing::error!(error, "a letter cannot be written");
        Error::Kept("what a letter says")
    })?;
    let file = File {
        // A number may have one, a name may not.
        name: format!("{}.pdf", document.number.replace('/', "-")),
        content_type: "application/pdf".to_owned(),
        bytes: render::pdf(document, language),
    };
    let to = about.details.email;
    Ok(Some(Mail { to, letter, link: None, is_link_logged: false, file: Some(file), id: queued.letter_id() }))
}

async fn find(service: &Billing, queued: &Queued, kind: Kind) -> Result<Option<About>, Error> {
    let (id, now) = (queued.workspace_id, service.clock.now());
    // Nobody waits for another service while holding a connection.
    let workspace = match peers::workspace(service, id).await {
        Ok(workspace) => workspace,
        Err(Error::NoWorkspace) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let invoice = row::one(&mut tx, id, queued.invoice_id).await?;
    let standing = standing::of(&mut tx, id, queued.invoice_id).await?;
    let details = details::read(&mut tx, id).await?;
    let is_taken = mandate::takes(&mut tx, queued.invoice_id).await?;
    tx.commit().await?;
    let is_true = match kind {
        Kind::Invoice | Kind::Reminder(_) => {
            invoice.status == Status::Open && standing.remaining > 0 && invoice.expires_at.is_none_or(|at| at > now)
        }
        Kind::Receipt => invoice.status == Status::Paid,
    };
    if !is_true || details.email.is_empty() {
        return Ok(None);
    }
    let (document, language) = (invoice.document()?, Language::parse(&workspace.locale));
    Ok(Some(About { kind, invoice, document, standing, details, workspace, language, is_taken, now }))
}

/// All that the texts name.
fn values(service: &Billing, about: &About) -> Value {
    let About { document, language, now, .. } = about;
    let money = |amount: i64| render::money(amount, &document.currency, *language);
    let some_money = |amount: i64| (amount > 0).then(|| money(amount));
    let day = |at: DateTime<Utc>| render::day(at, &document.time_zone, *language);
    let (due, today) = (day(document.due_at), day(*now));
    let is_later = document.due_at > *now;
    let when = if due == today {
        "today"
    } else if is_later {
        "later"
    } else {
        "before"
    };
    let instructions = language.choose(&document.payment_instructions).unwrap_or_default();
    let instructions: Vec<_> = instructions.lines().map(one_line).filter(|line| !line.is_empty()).collect();
    let name = about.details.party(&about.workspace).name;
    context! {
        name => one_line(&name),
        workspace => one_line(&about.workspace.name),
        issuer => one_line(&document.issuer.name),
        contact => document.issuer.email.as_deref().map(one_line),
        number => document.number.clone(),
        amount => money(about.standing.remaining),
        total => money(document.total),
        received => some_money(about.standing.paid),
        credits => some_money(document.credits),
        due => due,
        when => when,
        paid => day(about.invoice.paid_at.unwrap_or(*now)),
        methods => if about.kind == Kind::Receipt { None } else { methods(service, about) },
        instructions => instructions,
        taken => about.is_taken,
    }
}

/// `PIX, card or boleto`: what a client can begin to pay with. A transfer is what the instructions say.
fn methods(service: &Billing, about: &About) -> Option<String> {
    let name = |method: Method| match (method, about.language) {
        (Method::Pix, _) => Some("PIX"),
        (Method::Card, Language::En) => Some("card"),
        (Method::Card, Language::PtBr) => Some("cartão"),
        (Method::Boleto, _) => Some("boleto"),
        (Method::Transfer | Method::PixAutomatic, _) => None,
    };
    let or = match about.language {
        Language::En => " or ",
        Language::PtBr => " ou ",
    };
    let names: Vec<_> = payment::methods(service, &about.document.currency).into_iter().filter_map(name).collect();
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { (*last).to_owned() } else { format!("{}{or}{last}", others.join(", ")) })
}
