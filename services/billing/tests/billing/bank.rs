//! A provider of payments that is scripted: what is true is what its customers did, whatever it tells.

use billing::payment::{
    About, Agreed, Claims, Created, Customer, Dispute, Instructions, Known, Mandate, MandateStatus, Method,
    Notification, Order, Provider, Received, Refund, RefundStatus, State, Trouble, Truth, Unverified,
};
use chrono::{DateTime, NaiveDate, Utc};
use proto::id::{MandateId, PaymentId, WorkspaceId};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

#[derive(Default)]
pub struct Bank {
    charges: Mutex<BTreeMap<String, Charge>>,
    refunds: Mutex<BTreeSet<String>>,
    disputes: Mutex<Vec<Dispute>>,
    mandates: Mutex<BTreeMap<MandateId, MandateStatus>>,
    /// Charges that could not be taken, and on which day they were tried again.
    pub tried_again: Mutex<BTreeMap<String, Option<NaiveDate>>>,
    /// By workspace.
    accounts: Mutex<BTreeMap<WorkspaceId, String>>,
    /// With which account each charge was ordered.
    ordered_by: Mutex<Vec<Option<String>>>,
    /// Whether it has no page for customers.
    pub has_no_portal: AtomicBool,
    /// It performs what it is asked for, and its answer is lost.
    pub loses_answers: AtomicBool,
    /// It cannot be reached.
    pub is_away: AtomicBool,
    /// What it is to take by a mandate never arrives, and nobody knows that.
    pub loses_orders: AtomicBool,
    /// What was lost so: it may be on its way.
    lost: Mutex<Vec<(String, i64)>>,
    /// It arrives, and the answer is lost.
    pub loses_answers_to_orders: AtomicBool,
    /// It takes nothing by mandates, and how often it was asked to.
    pub refuses_orders: AtomicBool,
    pub refused: AtomicUsize,
    /// It tries nothing again, and how often it was asked to.
    pub refuses_tries: AtomicBool,
    pub refused_tries: AtomicUsize,
    pub asked: AtomicUsize,
}

struct Charge {
    amount: i64,
    is_open: bool,
    received: Vec<Received>,
}

impl Bank {
    fn charges(&self) -> MutexGuard<'_, BTreeMap<String, Charge>> {
        self.charges.lock().expect("nobody panicked")
    }

    /// How many charges it has made.
    pub fn made(&self) -> usize {
        self.charges().len()
    }

    /// With which account each order came, in their order.
    pub fn ordered_by(&self) -> Vec<Option<String>> {
        self.ordered_by.lock().expect("nobody panicked").clone()
    }

    /// What people have said to all mandates.
    pub fn say_to_mandates(&self, status: MandateStatus) {
        self.mandates.lock().expect("nobody panicked").values_mut().for_each(|said| *said = status);
    }

    /// How many mandates there are.
    pub fn mandates(&self) -> usize {
        self.mandates.lock().expect("nobody panicked").len()
    }

    /// The charges that are taken by mandate.
    pub fn taken(&self) -> Vec<String> {
        self.charges().keys().filter(|reference| reference.starts_with("taken ")).cloned().collect()
    }

    /// What was thought to be lost arrives.
    pub fn what_was_lost_arrives(&self) {
        for (reference, amount) in self.lost.lock().expect("nobody panicked").drain(..) {
            self.charges().insert(reference, Charge { amount, is_open: true, received: vec![] });
        }
    }

    /// How much it is to take, of what it can take still.
    pub fn to_take(&self) -> Vec<i64> {
        let charges = self.charges();
        let open = charges.iter().filter(|(reference, charge)| reference.starts_with("taken ") && charge.is_open);
        open.map(|(_, charge)| charge.amount).collect()
    }

    /// Somebody pays; the money has this name.
    pub fn pay(&self, reference: &str, id: &str, amount: i64, at: DateTime<Utc>) {
        let received = Received {
            id: id.to_owned(),
            reference: Some(reference.to_owned()),
            amount,
            currency: "BRL".to_owned(),
            at,
            ..Received::default()
        };
        let mut charges = self.charges();
        let charge = charges.get_mut(reference).expect("a charge");
        charge.received.push(received);
        charge.is_open = charge.received.iter().map(|money| money.amount).sum::<i64>() < charge.amount;
    }

    /// Money that nobody asked for.
    pub fn gift(&self, id: &str, amount: i64, at: DateTime<Utc>) {
        let received = Received { id: id.to_owned(), amount, currency: "BRL".to_owned(), at, ..Received::default() };
        self.charges().insert(format!("gift {id}"), Charge { amount, is_open: false, received: vec![received] });
    }

    /// It gives money back by itself.
    pub fn give_back(&self, reference: &str, id: &str, amount: i64) {
        let mut charges = self.charges();
        let received = &mut charges.get_mut(reference).expect("a charge").received;
        received.iter_mut().find(|money| money.id == id).expect("money").refunded += amount;
    }

    /// Of some money so much was charged because it came late.
    pub fn was_late(&self, reference: &str, id: &str, surcharge: i64) {
        let mut charges = self.charges();
        let received = &mut charges.get_mut(reference).expect("a charge").received;
        received.iter_mut().find(|money| money.id == id).expect("money").surcharge = surcharge;
    }

    /// A refund does not arrive.
    pub fn take_back(&self, reference: &str, id: &str, amount: i64) {
        let mut charges = self.charges();
        let received = &mut charges.get_mut(reference).expect("a charge").received;
        let money = received.iter_mut().find(|money| money.id == id).expect("money");
        money.refunded -= amount;
        money.refund_failed += amount;
    }

    /// What there is of a dispute from now on.
    pub fn dispute(&self, dispute: Dispute) {
        let mut disputes = self.disputes.lock().expect("nobody panicked");
        disputes.retain(|known| known.reference != dispute.reference);
        disputes.push(dispute);
    }

    /// Whether it can be paid still.
    /// It can be paid no more, although nobody has paid it.
    pub fn give_up(&self, reference: &str) {
        self.charges().get_mut(reference).expect("a charge").is_open = false;
    }

    pub fn is_open(&self, reference: &str) -> bool {
        self.charges()[reference].is_open
    }

    fn answer<T>(&self, answer: T) -> Result<T, Trouble> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) || self.loses_answers.load(Ordering::Relaxed) {
            return Err(Trouble::Away("no answer".to_owned()));
        }
        Ok(answer)
    }
}

#[tonic::async_trait]
impl Provider for Bank {
    fn name(&self) -> &'static str {
        "bank"
    }

    fn methods(&self, currency: &str) -> Vec<Method> {
        if currency == "BRL" { vec![Method::Pix] } else { vec![] }
    }

    fn reference(&self, payment: PaymentId, method: Method) -> Option<String> {
        (method == Method::PixAutomatic).then(|| format!("taken for {payment}"))
    }

    async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        if order.mandate.is_some() && self.refuses_orders.load(Ordering::Relaxed) {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Trouble::Refused("not by this mandate".to_owned()));
        }
        self.ordered_by.lock().expect("nobody panicked").push(order.customer.clone());
        let kind = if order.mandate.is_some() { "taken for" } else { "charge of" };
        let reference = format!("{kind} {}", order.payment);
        let is_lost = order.mandate.is_some() && self.loses_orders.load(Ordering::Relaxed);
        if !self.is_away.load(Ordering::Relaxed) && !is_lost {
            let new = || Charge { amount: order.amount, is_open: true, received: vec![] };
            self.charges().entry(reference.clone()).or_insert_with(new);
        }
        if is_lost {
            self.lost.lock().expect("nobody panicked").push((reference.clone(), order.amount));
        }
        if is_lost || order.mandate.is_some() && self.loses_answers_to_orders.load(Ordering::Relaxed) {
            return Err(Trouble::Away("no answer".to_owned()));
        }
        let instructions = Instructions { pix_copy_paste: Some("000201…".to_owned()), ..Instructions::default() };
        self.answer(Created { reference, instructions, expires_at: None })
    }

    async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        if self.is_away.load(Ordering::Relaxed) {
            return Err(self.answer(()).expect_err("it is away"));
        }
        let truth = {
            let charges = self.charges();
            let charge = charges.get(&known.reference).ok_or(Trouble::Unknown)?;
            let is_paid = charge.received.iter().map(|money| money.amount).sum::<i64>() >= charge.amount;
            let state = match (charge.is_open, is_paid) {
                (true, _) => State::Open,
                (false, true) => State::Paid,
                (false, false) => State::Gone,
            };
            let again = match self.tried_again.lock().expect("nobody panicked").get(&known.reference) {
                Some(None) => NaiveDate::from_ymd_opt(2027, 3, 9),
                _ => None,
            };
            let disputes = self.disputes.lock().expect("nobody panicked").clone();
            let disputes = disputes.into_iter().filter(|one| one.paid.as_ref() == Some(&known.reference)).collect();
            Truth { state, received: charge.received.clone(), disputes, again }
        };
        self.answer(truth)
    }

    async fn cancel(&self, known: &Known) -> Result<(), Trouble> {
        self.charges().get_mut(&known.reference).ok_or(Trouble::Unknown)?.is_open = false;
        self.answer(())
    }

    /// The same id again is the same refund.
    async fn refund(&self, refund: &Refund) -> Result<RefundStatus, Trouble> {
        if self.refunds.lock().expect("nobody panicked").insert(refund.id.clone()) {
            let mut charges = self.charges();
            let received = &mut charges.get_mut(&refund.reference).ok_or(Trouble::Unknown)?.received;
            let money = received.iter_mut().find(|money| money.id == refund.received).ok_or(Trouble::Unknown)?;
            money.refunded += refund.amount;
        }
        self.answer(RefundStatus::Done)
    }

    fn has_mandates(&self, currency: &str) -> bool {
        currency == "BRL"
    }

    async fn mandate(&self, wanted: &Mandate) -> Result<Agreed, Trouble> {
        if !self.is_away.load(Ordering::Relaxed) {
            self.mandates.lock().expect("nobody panicked").entry(wanted.id).or_insert(MandateStatus::Pending);
        }
        self.look_mandate(wanted.id, &format!("mandate {}", wanted.id), None).await
    }

    async fn look_mandate(&self, id: MandateId, reference: &str, _: Option<DateTime<Utc>>) -> Result<Agreed, Trouble> {
        let status = self.mandates.lock().expect("nobody panicked").get(&id).copied().unwrap_or(MandateStatus::Pending);
        let instructions = Instructions { pix_copy_paste: Some("00020180".to_owned()), ..Instructions::default() };
        self.answer(Agreed { reference: reference.to_owned(), status, instructions })
    }

    async fn end_mandate(&self, id: MandateId, _: &str) -> Result<(), Trouble> {
        self.answer(())?;
        self.mandates.lock().expect("nobody panicked").insert(id, MandateStatus::Ended);
        Ok(())
    }

    async fn try_again(&self, known: &Known, on: NaiveDate) -> Result<(), Trouble> {
        if self.refuses_tries.load(Ordering::Relaxed) {
            self.refused_tries.fetch_add(1, Ordering::Relaxed);
            return Err(Trouble::Refused("not again".to_owned()));
        }
        self.answer(())?;
        self.tried_again.lock().expect("nobody panicked").insert(known.reference.clone(), Some(on));
        Ok(())
    }

    fn has_portal(&self) -> bool {
        !self.has_no_portal.load(Ordering::Relaxed)
    }

    async fn customer(&self, customer: &Customer) -> Result<String, Trouble> {
        let account = {
            let mut accounts = self.accounts.lock().expect("nobody panicked");
            let number = accounts.len();
            accounts.entry(customer.workspace).or_insert_with(|| format!("account {number}")).clone()
        };
        assert!(customer.known.as_ref().is_none_or(|known| *known == account), "it names what it was told");
        self.answer(account)
    }

    async fn portal(&self, customer: &str, return_url: &str) -> Result<String, Trouble> {
        self.answer(format!("https://bank.example/{customer}?back={return_url}"))
    }

    fn verify(&self, notification: &Notification) -> Result<String, Unverified> {
        let text = std::str::from_utf8(&notification.body).map_err(|_| Unverified::Malformed)?;
        if notification.secret == "secret" { Ok(text.to_owned()) } else { Err(Unverified::Unproved) }
    }

    /// What is told names a charge, after a number that makes it another notification.
    async fn read(&self, notification: &Notification) -> Result<Vec<About>, Trouble> {
        let text = String::from_utf8_lossy(&notification.body).into_owned();
        let (_, reference) = text.split_once(' ').ok_or(Trouble::Unknown)?;
        let about = match reference.starts_with("mandate ") {
            true => About::Mandate(reference.to_owned()),
            false => About::Reference(reference.to_owned()),
        };
        self.answer(vec![about])
    }

    async fn claims(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Claims, Trouble> {
        let disputes = self.disputes.lock().expect("nobody panicked").clone();
        let disputes = disputes.into_iter().filter(|dispute| from <= dispute.at && dispute.at < to).collect();
        let all: Vec<_> = self.charges().values().flat_map(|charge| charge.received.clone()).collect();
        let is_claimed = |money: &Received| money.refunded > 0 || money.refund_failed > 0;
        self.answer(Claims { received: all.into_iter().filter(is_claimed).collect(), disputes })
    }

    async fn received(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Received>, Trouble> {
        let all: Vec<_> = self.charges().values().flat_map(|charge| charge.received.clone()).collect();
        self.answer(all.into_iter().filter(|money| from <= money.at && money.at < to).collect())
    }
}
