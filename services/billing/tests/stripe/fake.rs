//! A Stripe that keeps what it is told: sessions, charges and refunds, and what it answered for which key. Facts are from
//! github.com/stripe/openapi (2026-07-29.dahlia, MIT) and docs.stripe.com/api (November 2026).

// Where each file is, as two suites have this one.
#[path = "fake/call.rs"]
mod call;
#[path = "fake/customer.rs"]
mod customer;
#[path = "fake/dispute.rs"]
mod dispute;
#[path = "fake/facts.rs"]
pub(crate) mod facts;
#[path = "fake/list.rs"]
mod list;
#[path = "fake/object.rs"]
mod object;
#[path = "fake/params.rs"]
mod params;
#[path = "fake/perform.rs"]
mod perform;

pub(crate) use call::Reply;
pub(crate) use object::{Charge, Session, Shape};

use billing::stripe::API_VERSION;
use bytes::Bytes;
use call::Call;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use object::Refund;
use serde_json::json;
use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// All that it knows.
pub(crate) struct State {
    pub(crate) now: i64,
    pub(crate) shape: Shape,
    pub(crate) sessions: Vec<Session>,
    pub(crate) charges: Vec<Charge>,
    pub(crate) refunds: Vec<Refund>,
    pub(crate) disputes: Vec<dispute::Dispute>,
    pub(crate) customers: Vec<customer::Customer>,
    /// Whether a search finds nothing, as for a minute after something was made.
    pub(crate) search_lags: bool,
    /// What is to go wrong with the next calls that make something.
    pub(crate) faults: VecDeque<Fault>,
    /// What is to go wrong with the next call to an address.
    pub(crate) fault_at: Option<(&'static str, Fault)>,
    /// What was asked, in order: `POST /v1/refunds`.
    pub(crate) asked: Vec<String>,
    /// The parameters of the last call that made something, in their order.
    pub(crate) sent: Vec<(String, String)>,
    /// In what state a refund begins.
    pub(crate) refunds_begin: &'static str,
    /// What is asked for on top of the amount, as when somebody has switched on taxes.
    pub(crate) on_top: i64,
    /// Whether a list leaves out what is newest: charges that are not there yet.
    pub(crate) charges_lag: bool,
    key: &'static str,
    answers: HashMap<String, Answer>,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is done, and the connection ends before the answer.
    Drop,
    /// It is done, and the answer never comes.
    Silence,
    /// A failure of its own, which it keeps for the key; it was done all the same, or not.
    Break { done: bool },
    /// Nothing is done. What `stripe-should-retry` says, where it is there.
    Refuse { status: u16, should_retry: Option<bool> },
}

/// What was answered for a key, and what was asked.
struct Answer {
    path: String,
    params: Vec<(String, String)>,
    reply: Reply,
}

enum Outcome {
    Reply(Reply),
    Drop,
    Silence,
}

impl Fake {
    pub(crate) async fn start(now: i64, key: &'static str) -> Self {
        let state = Arc::new(Mutex::new(State {
            now,
            shape: Shape::New,
            sessions: vec![],
            charges: vec![],
            refunds: vec![],
            disputes: vec![],
            customers: vec![],
            search_lags: false,
            faults: VecDeque::new(),
            fault_at: None,
            asked: vec![],
            sent: vec![],
            refunds_begin: "succeeded",
            on_top: 0,
            charges_lag: false,
            key,
            answers: HashMap::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = state.clone();
        spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                let service = service_fn(move |request| answer(state.clone(), request));
                spawn(async move {
                    // A connection that is cut off is what some tests want.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, state }
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap())
    }

    /// The next call to this address that makes something goes wrong so.
    pub(crate) fn fail_at(&self, path: &'static str, fault: Fault) {
        self.with(|state| state.fault_at = Some((path, fault)));
    }

    /// The next calls that make something go wrong so.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.with(|state| state.faults.extend(faults));
    }
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let (outcome, shape) = {
        let mut state = state.lock().unwrap();
        (state.take(&Call::read(&head, &body)), state.shape)
    };
    match outcome {
        Outcome::Reply(reply) => {
            // Of the older shape no list of fields is kept.
            if shape == Shape::New {
                facts::hold(&reply.body);
            }
            Ok(reply.response())
        }
        Outcome::Drop => Err(io::Error::other("cut off")),
        Outcome::Silence => std::future::pending().await,
    }
}

impl State {
    fn take(&mut self, call: &Call) -> Outcome {
        self.asked.push(format!("{} {}", call.method, call.path));
        if call.bearer != self.key {
            // Stripe shows a part of a key that it does not know; this one shows too much.
            let message = format!("Invalid API Key provided: {}", call.bearer);
            return Outcome::Reply(Reply::error(401, "invalid_request_error", "", &message));
        }
        if call.version != API_VERSION {
            return Outcome::Reply(Reply::error(400, "invalid_request_error", "", "no version"));
        }
        if call.method != "POST" {
            return Outcome::Reply(self.perform(call));
        }
        self.sent = call.params.clone();
        let at = self.fault_at.take_if(|(path, _)| *path == call.path).map(|(_, fault)| fault);
        match at.or_else(|| self.faults.pop_front()) {
            None => Outcome::Reply(self.keyed(call)),
            Some(Fault::Refuse { status, should_retry }) => {
                let reply = Reply::error(status, "api_error", "", "not now");
                Outcome::Reply(Reply { should_retry, ..reply })
            }
            Some(Fault::Drop) => {
                self.keyed(call);
                Outcome::Drop
            }
            Some(Fault::Silence) => {
                self.keyed(call);
                Outcome::Silence
            }
            Some(Fault::Break { done }) => {
                if done {
                    self.perform(call);
                }
                let reply = Reply::error(500, "api_error", "", "an error on our end");
                self.keep(call, &reply);
                Outcome::Reply(reply)
            }
        }
    }

    /// What was answered for the key before, or what is done now. What is refused before it begins is not kept.
    fn keyed(&mut self, call: &Call) -> Reply {
        if let Some(known) = call.key.as_ref().and_then(|key| self.answers.get(key)) {
            if (&known.path, &known.params) != (&call.path, &call.params) {
                let message =
                    "Keys for idempotent requests can only be used with the same parameters they were first used with.";
                return Reply::error(400, "idempotency_error", "", message);
            }
            return known.reply.clone();
        }
        let reply = self.perform(call);
        if reply.status == 200 {
            self.keep(call, &reply);
        }
        reply
    }

    fn keep(&mut self, call: &Call, reply: &Reply) {
        if let Some(key) = call.key.clone() {
            let (path, params) = (call.path.clone(), call.params.clone());
            self.answers.insert(key, Answer { path, params, reply: reply.clone() });
        }
    }

    /// A day goes by: keys are forgotten.
    pub(crate) fn forget_keys(&mut self) {
        self.answers.clear();
    }

    /// Somebody pays with a card that works.
    pub(crate) fn pay(&mut self, session: &str) -> String {
        let status = "succeeded";
        let charge = self.try_to_pay(session, status);
        let session = self.sessions.iter_mut().find(|found| found.id == session).unwrap();
        (session.status, session.payment_status) = ("complete", "paid");
        charge
    }

    /// Somebody tries a card; a charge is made whatever comes of it.
    pub(crate) fn try_to_pay(&mut self, session: &str, status: &'static str) -> String {
        let number = self.charges.len();
        let session = self.sessions.iter_mut().find(|found| found.id == session).unwrap();
        let intent = session.intent.get_or_insert_with(|| format!("pi_{number}")).clone();
        let (amount, currency, payment) = (session.amount, session.currency.clone(), session.intent_payment.clone());
        let id = format!("ch_{number}");
        self.charges.push(Charge {
            id: id.clone(),
            intent: Some(intent),
            amount,
            refunded: 0,
            currency,
            status,
            created: self.now,
            payment,
            disputed: false,
        });
        id
    }

    /// Somebody gives back a part of a charge on Stripe's own page; returns the name of the refund.
    pub(crate) fn give_back(&mut self, charge: &str, amount: i64) -> String {
        let of = self.charges.iter_mut().find(|found| found.id == charge).unwrap();
        of.refunded += amount;
        let id = format!("re_{}", self.refunds.len());
        let (charge, created) = (charge.to_owned(), self.now);
        let refund = Refund { id: id.clone(), charge, amount, status: "succeeded", refund_id: String::new(), created };
        self.refunds.push(refund);
        id
    }

    /// The bank of the customer sends a refund back.
    pub(crate) fn fail_refund(&mut self, id: &str) {
        let refund = self.refunds.iter_mut().find(|refund| refund.id == id).unwrap();
        refund.status = "failed";
        let charge = self.charges.iter_mut().find(|charge| charge.id == refund.charge).unwrap();
        charge.refunded -= refund.amount;
    }

    pub(crate) fn session(&mut self, id: &str) -> &mut Session {
        self.sessions.iter_mut().find(|found| found.id == id).unwrap()
    }
}

impl Reply {
    fn error(status: u16, kind: &str, param: &str, message: &str) -> Self {
        let body = json!({ "error": { "type": kind, "param": param, "message": message, "doc_url": "https://stripe.com/docs" } });
        Self { status, should_retry: None, body }
    }
}
