//! Asking the gateway, and looking at what it answers.

use crate::world::World;
use bytes::Bytes;
use futures::StreamExt as _;
use proto::{
    Call, Failure,
    gateway::{CompleteRequest, CompleteResponse, Head, Operation, complete_response::Part},
};
use tonic::codegen::BoxStream;

/// A whole answer, as far as it came.
#[derive(Debug)]
pub struct Answer {
    pub head: Head,
    pub body: String,
    pub failure: Option<Failure>,
}

pub fn body(model: &str, more: &str) -> String {
    format!("{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello, how are you?\"}}]{more}}}")
}

impl World {
    /// The answer's head and the rest as a stream.
    pub async fn open(&self, body: &str) -> Result<(Head, BoxStream<CompleteResponse>), Failure> {
        self.open_of(Operation::ChatCompletions, body).await
    }

    /// The same for any operation.
    pub async fn open_of(
        &self,
        operation: Operation,
        body: &str,
    ) -> Result<(Head, BoxStream<CompleteResponse>), Failure> {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let request = CompleteRequest { operation: operation.into(), body, ..Default::default() };
        self.send(&self.call(), request).await
    }

    /// The same for any call and request.
    pub async fn send(
        &self,
        call: &Call,
        request: CompleteRequest,
    ) -> Result<(Head, BoxStream<CompleteResponse>), Failure> {
        let mut stream = self.gateway.complete(call, request).await.map_err(|s| Failure::from(&s))?;
        match stream.next().await {
            Some(Ok(CompleteResponse { part: Some(Part::Head(head)) })) => Ok((head, stream)),
            other => panic!("the first message is not the head: {other:?}"),
        }
    }

    /// Asks for any operation.
    pub async fn ask_of(&self, operation: Operation, body: &str) -> Result<Answer, Failure> {
        let (head, stream) = self.open_of(operation, body).await?;
        Ok(read(head, stream).await)
    }

    pub async fn ask(&self, body: &str) -> Result<Answer, Failure> {
        let (head, stream) = self.open(body).await?;
        Ok(read(head, stream).await)
    }

    pub async fn refused(&self, body: &str) -> Failure {
        self.ask(body).await.map(|a| panic!("answered: {a:?}")).unwrap_err()
    }
}

pub async fn read(head: Head, mut stream: BoxStream<CompleteResponse>) -> Answer {
    let mut answer = Answer { head, body: String::new(), failure: None };
    let mut bytes = Vec::new();
    while let Some(next) = stream.next().await {
        match next {
            Ok(CompleteResponse { part: Some(Part::Data(data)) }) => bytes.extend_from_slice(&data),
            Ok(other) => panic!("no data: {other:?}"),
            Err(status) => {
                answer.failure = Some(Failure::from(&status));
                assert!(stream.next().await.is_none(), "an error is the end");
                break;
            }
        }
    }
    answer.body = String::from_utf8(bytes).expect("text");
    answer
}
