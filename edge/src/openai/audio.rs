//! `POST /v1/audio/transcriptions`, `POST /v1/audio/speech`.

use super::{
    inference::{self, Form, Raw},
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::{CompleteRequest, Operation};
use serde_json::Value;
use utoipa::ToSchema;

/// OpenAI's form. Parts that are not listed pass through to the provider.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct TranscriptionForm {
    /// The sound, in a file of a kind that its name says: `.wav`, `.mp3`, `.flac`, `.ogg`, `.m4a`, `.webm` and others.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// `json`, `text`, `srt`, `verbose_json` or `vtt`, where the model has it.
    response_format: Option<String>,
    /// Answer as events.
    stream: Option<bool>,
}

/// OpenAI's transcription.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Transcription {
    /// What is said.
    text: String,
    /// Tokens or seconds used.
    usage: Option<Value>,
}

/// OpenAI's request. Fields that are not listed pass through to the provider.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
#[schema(example = json!({"model": "simulator/speech", "voice": "alloy", "input": "Hello"}))]
pub(crate) struct SpeechRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// What to say.
    input: String,
    /// Who says it.
    voice: Value,
    /// `mp3`, `wav` and others, where the model has them.
    response_format: Option<String>,
}

/// Transcribe sound.
///
/// OpenAI's `audio/transcriptions`: the form passes through as it came.
#[utoipa::path(
    post, path = "/v1/audio/transcriptions", tag = "Models",
    params(Wishes),
    request_body(content = TranscriptionForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "What is said", content(
        (Transcription = "application/json"),
        (String = "text/plain"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_transcription(
    State(app): State<Shared>,
    Caller(call): Caller,
    Wishes(wishes): Wishes,
    Form { content_type, body }: Form,
) -> Result<Response> {
    let operation = Operation::Transcriptions.into();
    inference::ask(&app, &call, CompleteRequest { operation, body, content_type, ..wishes }).await
}

/// Say a text.
///
/// OpenAI's `audio/speech`: the sound is passed on while it is made. If it breaks off, so does the connection.
#[utoipa::path(
    post, path = "/v1/audio/speech", tag = "Models",
    params(Wishes),
    request_body(content = SpeechRequest, content_type = "application/json"),
    responses((status = 200, description = "The sound", content_type = "audio/mpeg", body = [u8])),
)]
pub(crate) async fn create_speech(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Speech, body).await
}
