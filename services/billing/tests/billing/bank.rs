//! A provider of payments that is scripted: what is true is what its customers did, whatever it tells.

use billing::payment::{
    About, Created, Instructions, Known, Method, Notification, Order, Provider, Received, Refund, RefundStatus, State,
    Trouble, Truth, Unverified,
};
use chrono::{DateTime, Utc};
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
    /// It performs what it is asked for, and its answer is lost.
    pub loses_answers: AtomicBool,
    /// It cannot be reached.
    pub is_away: AtomicBool,
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

    /// Somebody pays; the money has this name.
    pub fn pay(&self, reference: &str, id: &str, amount: i64, at: DateTime<Utc>) {
        let received = Received {
            id: id.to_owned(),
            reference: Some(reference.to_owned()),
            amount,
            currency: "BRL".to_owned(),
            at,
            refunded: 0,
        };
        let mut charges = self.charges();
        let charge = charges.get_mut(reference).expect("a charge");
        charge.received.push(received);
        charge.is_open = charge.received.iter().map(|money| money.amount).sum::<i64>() < charge.amount;
    }

    /// Money that nobody asked for.
    pub fn gift(&self, id: &str, amount: i64, at: DateTime<Utc>) {
        let received =
            Received { id: id.to_owned(), reference: None, amount, currency: "BRL".to_owned(), at, refunded: 0 };
        self.charges().insert(format!("gift {id}"), Charge { amount, is_open: false, received: vec![received] });
    }

    /// It gives money back by itself.
    pub fn give_back(&self, reference: &str, id: &str, amount: i64) {
        let mut charges = self.charges();
        let received = &mut charges.get_mut(reference).expect("a charge").received;
        received.iter_mut().find(|money| money.id == id).expect("money").refunded += amount;
    }

    /// Whether it can be paid still.
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

    async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        let reference = format!("charge of {}", order.payment);
        if !self.is_away.load(Ordering::Relaxed) {
            let new = || Charge { amount: order.amount, is_open: true, received: vec![] };
            self.charges().entry(reference.clone()).or_insert_with(new);
        }
        let instructions = Instructions { pix_copy_paste: Some("000201…".to_owned()), ..Instructions::default() };
        self.answer(Created { reference, instructions, expires_at: None })
    }

    async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        let truth = {
            let charges = self.charges();
            let charge = charges.get(&known.reference).ok_or(Trouble::Unknown)?;
            let is_paid = charge.received.iter().map(|money| money.amount).sum::<i64>() >= charge.amount;
            let state = match (charge.is_open, is_paid) {
                (true, _) => State::Open,
                (false, true) => State::Paid,
                (false, false) => State::Gone,
            };
            Truth { state, received: charge.received.clone() }
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

    fn verify(&self, notification: &Notification) -> Result<String, Unverified> {
        let text = std::str::from_utf8(&notification.body).map_err(|_| Unverified::Malformed)?;
        if notification.secret == "secret" { Ok(text.to_owned()) } else { Err(Unverified::Unproved) }
    }

    /// What is told names a charge, after a number that makes it another notification.
    async fn read(&self, notification: &Notification) -> Result<Vec<About>, Trouble> {
        let text = String::from_utf8_lossy(&notification.body).into_owned();
        let (_, reference) = text.split_once(' ').ok_or(Trouble::Unknown)?;
        self.answer(vec![About::Reference(reference.to_owned())])
    }

    async fn received(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Received>, Trouble> {
        let all: Vec<_> = self.charges().values().flat_map(|charge| charge.received.clone()).collect();
        self.answer(all.into_iter().filter(|money| from <= money.at && money.at < to).collect())
    }
}
