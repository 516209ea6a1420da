//! What is asked of a payment provider, whoever it is. What a provider reports by itself (a webhook) only makes us look:
//! what is true is what it answers when it is asked.

use super::{Agreed, Claims, Customer, Dispute, Mandate};
use chrono::{DateTime, NaiveDate, Utc};
use proto::id::{MandateId, PaymentId};
use serde::{Deserialize, Serialize};

const NO_MANDATES: Trouble = Trouble::Unsupported("nobody can allow here to be charged");
const NO_PORTAL: Trouble = Trouble::Unsupported("it has no page for customers");

/// A provider of payments, such as Efí.
#[tonic::async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Its name in settings, ledger and answers, such as `efi`.
    fn name(&self) -> &'static str;

    /// How one can pay here in this currency (ISO 4217).
    fn methods(&self, currency: &str) -> Vec<Method>;

    /// Makes something that can be paid. The same order again is the same thing, also when the answer to the first try was
    /// lost. Errors: [`Trouble`].
    async fn create(&self, order: &Order) -> Result<Created, Trouble>;

    /// What a payment is going to be called there, where we choose that; None where the provider does. What mandates pay has such a name.
    fn reference(&self, _: PaymentId, _: Method) -> Option<String> {
        None
    }

    /// What has become of it. Errors: [`Trouble`].
    async fn look(&self, known: &Known) -> Result<Truth, Trouble>;

    /// From now on it cannot be paid any more; what was paid already stays. Repeating it changes nothing. Errors: [`Trouble`].
    async fn cancel(&self, known: &Known) -> Result<(), Trouble>;

    /// Gives back what was received, all of it or a part. The same `id` again is the same refund. Errors: [`Trouble`].
    async fn refund(&self, refund: &Refund) -> Result<RefundStatus, Trouble>;

    /// Whether there is a page there on which customers look after how they pay.
    fn has_portal(&self) -> bool {
        false
    }

    /// The account of a workspace there: the one that is known, where it can be used still, or one that is made now. The same again
    /// is the same account, also when the answer to the first try was lost. Errors: [`Trouble`].
    async fn customer(&self, _: &Customer) -> Result<String, Trouble> {
        Err(NO_PORTAL)
    }

    /// The address of that page for an account, good for one visit; from there a browser goes to `return_url`. Errors: [`Trouble`].
    async fn portal(&self, _customer: &str, _return_url: &str) -> Result<String, Trouble> {
        Err(NO_PORTAL)
    }

    /// Whether customers can allow here, once, to be charged for each invoice in this currency.
    fn has_mandates(&self, _currency: &str) -> bool {
        false
    }

    /// Asks for that. The same again is the same mandate, also when the answer to the first try was lost. Errors: [`Trouble`].
    async fn mandate(&self, _: &Mandate) -> Result<Agreed, Trouble> {
        Err(NO_MANDATES)
    }

    /// What has become of it. `since`: when we began to ask for it, where several may have been made of it as answers were lost: the one
    /// that was allowed is it then, and the others are ended. Errors: [`Trouble`].
    async fn look_mandate(
        &self,
        _: MandateId,
        _reference: &str,
        _since: Option<DateTime<Utc>>,
    ) -> Result<Agreed, Trouble> {
        Err(NO_MANDATES)
    }

    /// From now on nothing is taken by it. Repeating it changes nothing. Errors: [`Trouble`].
    async fn end_mandate(&self, _: MandateId, _reference: &str) -> Result<(), Trouble> {
        Err(NO_MANDATES)
    }

    /// Has something tried again that could not be taken, on a day that [`Truth::again`] has named. Repeating it changes nothing.
    /// Errors: [`Trouble`].
    async fn try_again(&self, _: &Known, _on: NaiveDate) -> Result<(), Trouble> {
        Err(NO_MANDATES)
    }

    /// Whether it has sent this, and what tells it from others: the same name is the same notification. Errors: [`Unverified`].
    fn verify(&self, _: &Notification) -> Result<String, Unverified> {
        Err(Unverified::Unused)
    }

    /// What a notification that was verified is about. Errors: [`Trouble`].
    async fn read(&self, _: &Notification) -> Result<Vec<About>, Trouble> {
        Ok(vec![])
    }

    /// Everything that was received in a time, whether or not we know of it: for reconciliation. Errors: [`Trouble`].
    async fn received(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Received>, Trouble>;

    /// What was given back or disputed in a time, whenever the money had come: for reconciliation. Errors: [`Trouble`].
    async fn claims(&self, _from: DateTime<Utc>, _to: DateTime<Utc>) -> Result<Claims, Trouble> {
        Ok(Claims::default())
    }
}

/// How somebody pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A card.
    Card,
    /// PIX, by QR code.
    Pix,
    /// A boleto, which a PIX can pay as well.
    Boleto,
    /// Taken by the mandate of a customer (PIX Automático).
    PixAutomatic,
    /// A transfer, which an operator writes down.
    Transfer,
}

/// What is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Ours. References that the provider lets us choose are derived from it, so that a repeated order is the same one.
    pub payment: PaymentId,
    /// How.
    pub method: Method,
    /// In the smallest unit of the currency; more than 0.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What for, in a few words that the payer reads.
    pub description: String,
    /// Until when it can be paid.
    pub expires_at: DateTime<Utc>,
    /// Who pays.
    pub payer: Payer,
    /// Where a browser goes afterwards.
    pub success_url: Option<String>,
    /// Where it goes when they gave up.
    pub cancel_url: Option<String>,
    /// The payer's account at the provider, where they have one.
    pub customer: Option<String>,
    /// The provider's name for the mandate by which it is taken.
    pub mandate: Option<String>,
    /// By when it should be paid, where the payer has days for that.
    pub due_at: Option<DateTime<Utc>>,
}

/// Who pays, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payer {
    /// Of a person or a company.
    pub name: String,
    /// Where letters go.
    pub email: Option<String>,
    /// CPF or CNPJ without punctuation.
    pub tax_id: Option<String>,
    /// Where they are.
    pub address: Option<Address>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    pub line1: String,
    /// Whatever else, such as the floor.
    pub line2: String,
    /// In Brazil: bairro.
    pub district: String,
    /// The city.
    pub city: String,
    /// In Brazil two letters.
    pub state: String,
    /// In Brazil eight digits (CEP).
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// What the provider has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Under which the provider knows it.
    pub reference: String,
    /// What the payer needs.
    pub instructions: Instructions,
    /// Until when it can be paid, where the provider decides that.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What somebody needs who is about to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instructions {
    /// A page of the provider.
    pub url: Option<String>,
    /// `pixCopiaECola`: BR Code, which apps take from the clipboard.
    pub pix_copy_paste: Option<String>,
    /// The same as a picture: `data:image/png;base64,…`.
    pub pix_qr_png: Option<String>,
    /// The digits of the boleto.
    pub boleto_barcode: Option<String>,
    /// The boleto to print.
    pub boleto_pdf_url: Option<String>,
}

/// What we know of something that can be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Ours.
    pub payment: PaymentId,
    /// How it is paid.
    pub method: Method,
    /// The provider's.
    pub reference: String,
}

/// What the provider says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Whether it can be paid still.
    pub state: State,
    /// All that was received for it. There may be several, and each of them may be any amount.
    pub received: Vec<Received>,
    /// What of that its payers dispute, or have disputed.
    pub disputes: Vec<Dispute>,
    /// The last try to take it has failed, and on this day there may be another one.
    pub again: Option<NaiveDate>,
}

/// Whether something can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Yes.
    Open,
    /// It has been paid, the provider says.
    Paid,
    /// No: it was cancelled, or its time is over.
    Gone,
}

/// Money that came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The provider's name for it, unique for ever: `endToEndId` of a PIX, the charge of a boleto or card.
    pub id: String,
    /// What it was paid for: [`Known::reference`]; None for money that came without being asked for.
    pub reference: Option<String>,
    /// In the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What of it was charged because it came late: it is no part of what was owed.
    pub surcharge: i64,
    /// What was given back of it.
    pub refunded: i64,
    /// What was to be given back, and has not arrived: it is with us again.
    pub refund_failed: i64,
}

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Ours: letters and digits, at most 35.
    pub id: String,
    /// [`Received::id`]
    pub received: String,
    /// [`Known::reference`]
    pub reference: String,
    /// How it was paid.
    pub method: Method,
    /// In the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// What has become of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// It is on its way.
    Pending,
    /// The customer has it.
    Done,
    /// It did not work.
    Failed,
}

/// What somebody says who says that they are the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where it came in, such as `efi.pix`: the provider's name, and what it is about where it has several.
    pub channel: String,
    /// As it came.
    pub body: Vec<u8>,
    /// The header with a signature; empty without one, and where it was verified before.
    pub signature: String,
    /// A secret that only the provider was told; empty as above.
    pub secret: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One of our payments.
    Payment(PaymentId),
    /// [`Known::reference`]
    Reference(String),
    /// [`super::Agreed::reference`]
    Mandate(String),
}

/// Why a notification is not believed to be from the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// It does not prove that.
    #[error("the notification does not prove that it is from the provider")]
    Unproved,
    /// It was sent long ago, or its clock is wrong.
    #[error("the notification was sent long ago or has a wrong time")]
    Late,
    /// It is nothing that the provider sends.
    #[error("the notification cannot be read")]
    Malformed,
    /// There is no such channel.
    #[error("nothing is expected here")]
    Unused,
}

/// Why the provider could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It may have done it, or not: ask again.
    #[error("the payment provider does not answer: {0}")]
    Away(String),
    /// It said no, and will say so again; the text is for operators.
    #[error("the payment provider refused: {0}")]
    Refused(String),
    /// What it was asked for is not known there.
    #[error("the payment provider does not know it")]
    Unknown,
    /// It cannot be done through this provider.
    #[error("this payment provider cannot do that: {0}")]
    Unsupported(&'static str),
    /// It answered what nobody understands: somebody must look.
    #[error("the payment provider answered something unexpected: {0}")]
    Unexpected(String),
}
