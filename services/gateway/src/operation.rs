//! What is asked of a model: how its operations differ for the request path.

use proto::gateway::Operation as Asked;

/// One operation of `/v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// OpenAI's chat completions: what every provider can do, and into which others are translated.
    Chat,
    /// OpenAI's completions of a prompt.
    Completions,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
    /// How many tokens such messages have.
    CountTokens,
    Embeddings,
    Moderations,
    Images,
    /// Speech to text; the request is a form.
    Transcriptions,
    /// Text to speech; the answer is sound.
    Speech,
    Rerank,
    /// Gemini's generation of content, which every provider gets as a chat completion.
    Generate,
    /// Ollama's chat, likewise.
    Ollama,
}

/// The field in which a whole answer has what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A JSON object with an array of this name.
    Array(&'static str),
    /// A JSON object with a number of this name.
    Number(&'static str),
    /// JSON, or plain text.
    Text,
    /// Sound, as it is.
    Bytes,
}

/// In which form an operation's events say what they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Events {
    /// Chunks with `choices`, and `[DONE]`.
    Chunks,
    /// Objects with a `type`, of which some are the end.
    Typed,
    /// Anthropic's.
    Messages,
}

impl Operation {
    /// None for one that this release does not know.
    pub(crate) const fn of(asked: Asked) -> Option<Self> {
        Some(match asked {
            Asked::Unspecified => return None,
            Asked::ChatCompletions => Self::Chat,
            Asked::Completions => Self::Completions,
            Asked::Responses => Self::Responses,
            Asked::Messages => Self::Messages,
            Asked::CountTokens => Self::CountTokens,
            Asked::Embeddings => Self::Embeddings,
            Asked::Moderations => Self::Moderations,
            Asked::Images => Self::Images,
            Asked::Transcriptions => Self::Transcriptions,
            Asked::Speech => Self::Speech,
            Asked::Rerank => Self::Rerank,
            Asked::GenerateContent => Self::Generate,
            Asked::OllamaChat => Self::Ollama,
        })
    }

    /// As logs name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat.completions",
            Self::Completions => "completions",
            Self::Responses => "responses",
            Self::Messages => "messages",
            Self::CountTokens => "messages.count_tokens",
            Self::Embeddings => "embeddings",
            Self::Moderations => "moderations",
            Self::Images => "images.generations",
            Self::Transcriptions => "audio.transcriptions",
            Self::Speech => "audio.speech",
            Self::Rerank => "rerank",
            Self::Generate => "generate_content",
            Self::Ollama => "ollama.chat",
        }
    }

    /// Where it is below the base URL of a server that has it in its own words.
    pub(crate) const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &["chat", "completions"],
            Self::Completions => &["completions"],
            Self::Responses => &["responses"],
            Self::Messages => &["messages"],
            Self::CountTokens => &["messages", "count_tokens"],
            Self::Embeddings => &["embeddings"],
            Self::Moderations => &["moderations"],
            Self::Images => &["images", "generations"],
            Self::Transcriptions => &["audio", "transcriptions"],
            Self::Speech => &["audio", "speech"],
            Self::Rerank => &["rerank"],
            Self::Generate => &["models"],
            Self::Ollama => &["api", "chat"],
        }
    }

    /// The model where the request names none, as OpenAI has it.
    pub(crate) const fn default_model(self) -> Option<&'static str> {
        match self {
            Self::Moderations => Some("omni-moderation-latest"),
            Self::Images => Some("dall-e-2"),
            _ => None,
        }
    }

    /// Whether its answer is made of tokens that have to be reserved.
    pub(crate) const fn has_output(self) -> bool {
        !matches!(self, Self::CountTokens | Self::Embeddings | Self::Moderations | Self::Rerank)
    }

    /// Whether its answer is text, so that bytes tell how many tokens it has.
    pub(crate) const fn is_text(self) -> bool {
        self.has_output() && !matches!(self, Self::Images | Self::Speech)
    }

    /// Whether its answer is sound, which is passed on while it is made.
    pub(crate) const fn is_sound(self) -> bool {
        matches!(self, Self::Speech)
    }

    /// Whether it speaks Anthropic's language, errors included.
    pub(crate) const fn is_anthropic(self) -> bool {
        matches!(self, Self::Messages | Self::CountTokens)
    }

    /// What a whole answer must have.
    pub(crate) const fn answer(self) -> Answer {
        match self {
            // The last two are never asked in their own words.
            Self::Chat | Self::Completions | Self::Generate | Self::Ollama => Answer::Array("choices"),
            Self::Responses => Answer::Array("output"),
            Self::Messages => Answer::Array("content"),
            Self::CountTokens => Answer::Number("input_tokens"),
            Self::Embeddings | Self::Images => Answer::Array("data"),
            Self::Moderations | Self::Rerank => Answer::Array("results"),
            Self::Transcriptions => Answer::Text,
            Self::Speech => Answer::Bytes,
        }
    }

    pub(crate) const fn events(self) -> Events {
        match self {
            Self::Chat | Self::Completions => Events::Chunks,
            Self::Messages => Events::Messages,
            _ => Events::Typed,
        }
    }
}
