//! A name server for tests, that says what a test wants.

use crate::NameServer;
use hickory_resolver::proto::{
    op::{Message, ResponseCode},
    rr::{RData, Record, RecordType, rdata::TXT},
};
use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{net::UdpSocket, task::JoinHandle};

/// It answers over UDP on this machine, until it is dropped.
pub struct FakeNameServer {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

/// What it says.
#[derive(Default)]
pub struct Script {
    /// TXT records by name, in lower case and without the dot of the root; of a name that is not there it says so.
    pub texts: BTreeMap<String, Vec<String>>,
    /// It says that something is wrong with it.
    pub fails: bool,
    /// Names that it was asked for.
    pub asked: Vec<String>,
}

impl FakeNameServer {
    /// On a port of its own. Errors: there is none.
    pub async fn start() -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let address = socket.local_addr()?;
        let script = Arc::new(Mutex::new(Script::default()));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test that it is for")]
        let task = tokio::spawn(serve(socket, Arc::clone(&script)));
        Ok(Self { address, script, task })
    }

    /// For the settings.
    pub fn server(&self) -> NameServer {
        self.address.into()
    }

    /// What it says from now on.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a name one more record.
    pub fn says(&self, name: &str, text: &str) {
        self.script().texts.entry(name.to_owned()).or_default().push(text.to_owned());
    }

    /// Takes a name away.
    pub fn forgets(&self, name: &str) {
        self.script().texts.remove(name);
    }
}

impl Drop for FakeNameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: UdpSocket, script: Arc<Mutex<Script>>) {
    let mut buffer = [0_u8; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let Ok(question) = Message::from_vec(&buffer[..length]) else { continue };
        let answer = answer(&question, &mut script.lock().unwrap_or_else(PoisonError::into_inner));
        if let Ok(bytes) = answer.to_vec() {
            // Whoever has gone does not want it any more.
            let _gone = socket.send_to(&bytes, from).await;
        }
    }
}

fn answer(question: &Message, script: &mut Script) -> Message {
    let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
    answer.metadata.recursion_desired = question.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    let Some(query) = question.queries.first() else { return answer };
    answer.add_query(query.clone());
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    script.asked.push(name.clone());
    if script.fails {
        answer.metadata.response_code = ResponseCode::ServFail;
        return answer;
    }
    let Some(texts) = script.texts.get(&name) else {
        answer.metadata.response_code = ResponseCode::NXDomain;
        return answer;
    };
    if query.query_type() == RecordType::TXT {
        for text in texts {
            // As zone files write what is longer than 255 bytes.
            let pieces = text.as_bytes().chunks(255).collect();
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::TXT(TXT::from_bytes(pieces))));
        }
    }
    answer
}
