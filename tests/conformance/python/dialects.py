"""What the gateway sends to each provider, decoded by the types of that provider's own SDK, which refuse what they refuse; and what
providers answer, decoded by the same, beside what it becomes, decoded by OpenAI's.

The requests are `../dialects/<dialect>.json`; the gateway's tests keep them equal to what is really sent. Answers are those of
`services/gateway/tests/gateway/dialects/documented`, and `../dialects/answers` what the gateway makes of them."""

import json
import pathlib
import sys
import traceback

from pydantic import ConfigDict, TypeAdapter, create_model

GOLDEN = pathlib.Path(__file__).parent.parent / "dialects"
DOCUMENTED = pathlib.Path(__file__).parents[3] / "services/gateway/tests/gateway/dialects/documented"


def requests(dialect):
    return json.loads((GOLDEN / f"{dialect}.json").read_text())


def survives(sent, read, path=""):
    """Everything that was sent is in what was read: a field that the type does not know would have been left out."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            assert name in read, f"{path}.{name} is not known"
            survives(value, read[name], f"{path}.{name}")
    elif isinstance(sent, list):
        assert len(sent) == len(read), path
        for at, value in enumerate(sent):
            survives(value, read[at], f"{path}[{at}]")
    elif isinstance(sent, (int, float)) and not isinstance(sent, bool):
        assert float(read) == float(sent), f"{path}: {sent} became {read}"
    else:
        assert read == sent, f"{path}: {sent!r} became {read!r}"


def anthropic():
    from anthropic.types import message_create_params as params

    streaming = TypeAdapter(params.MessageCreateParamsStreaming, config=None)
    plain = TypeAdapter(params.MessageCreateParamsNonStreaming, config=None)
    # Models of the last generation are not tuned, and the SDK has forgotten how; those before are.
    known = set(params.MessageCreateParamsNonStreaming.__annotations__) | {"temperature", "top_p", "top_k"}
    known |= set(params.MessageCreateParamsBase.__annotations__)
    for request in requests("anthropic"):
        assert set(request) <= known, set(request) - known
        (streaming if request.get("stream") else plain).validate_python(request)


def gemini():
    from google.genai import types

    model = create_model(
        "GenerateContent",
        __config__=ConfigDict(extra="forbid"),
        contents=(list[types.Content], ...),
        systemInstruction=(types.Content | None, None),
        tools=(list[types.Tool] | None, None),
        toolConfig=(types.ToolConfig | None, None),
        generationConfig=(types.GenerationConfig | None, None),
        safetySettings=(list[types.SafetySetting] | None, None),
        cachedContent=(str | None, None),
    )
    for request in requests("gemini"):
        model.model_validate(request)


def ollama():
    from ollama._types import ChatRequest

    for request in requests("ollama"):
        read = ChatRequest.model_validate(request).model_dump(exclude_none=True, by_alias=True, mode="json")
        shown = {name: value for name, value in request.items() if name != "messages"}
        survives(shown, read)


def cohere():
    from cohere.core.unchecked_base_model import construct_type
    from cohere.types import ChatMessageV2, ResponseFormatV2, Thinking, ToolV2
    from cohere.v2.client import V2Client
    import inspect

    known = set(inspect.signature(V2Client.chat).parameters) | {"stream"}
    for request in requests("cohere"):
        assert set(request) <= known, set(request) - known
        for kind, values in [
            (ChatMessageV2, request["messages"]),
            (ToolV2, request.get("tools", [])),
            (Thinking, [request["thinking"]] if "thinking" in request else []),
            (ResponseFormatV2, [request["response_format"]] if "response_format" in request else []),
        ]:
            for value in values:
                # The SDK's own types, checked as pydantic does, which the SDK itself leaves to the server.
                TypeAdapter(kind).validate_python(value)
                construct_type(type_=kind, object_=value)


def mistral():
    from mistralai.client.models import ChatCompletionRequest, ChatCompletionStreamRequest

    for request in requests("mistral"):
        kind = ChatCompletionStreamRequest if request.get("stream") else ChatCompletionRequest
        assert set(request) <= {field.alias or name for name, field in kind.model_fields.items()}, request.keys()
        kind.model_validate(request)


def similar_to_openai():
    from openai.types.chat import completion_create_params as params

    plain = TypeAdapter(params.CompletionCreateParamsNonStreaming)
    streaming = TypeAdapter(params.CompletionCreateParamsStreaming)
    known = set(params.CompletionCreateParamsBase.__annotations__) | {"stream"}
    for dialect in ("deepseek", "openai", "azure"):
        for request in requests(dialect):
            assert set(request) <= known, set(request) - known
            (streaming if request.get("stream") else plain).validate_python(request)


def strictly(kind):
    """Everything that is said, the type knows. What it gives is compared, because SDKs keep what they do not know."""
    adapter = TypeAdapter(kind)

    def read(said):
        found = adapter.validate_python(said)
        assert not getattr(found, "model_extra", None), f"{found.model_extra} is not known to {type(found).__name__}"

    return read


def readers():
    """For each kind: who reads its whole answers, who its events."""
    import anthropic.types
    import cohere.types
    import ollama
    from cohere.v2 import types as cohere_v2
    from google.genai import types as google
    from mistralai.client import models as mistral
    from openai.types import chat

    openai = (chat.ChatCompletion, chat.ChatCompletionChunk)
    return {
        "anthropic": (anthropic.types.Message, anthropic.types.RawMessageStreamEvent),
        "cohere": (cohere_v2.V2ChatResponse, cohere_v2.V2ChatStreamResponse),
        # It names fields of its own beside OpenAI's, which the SDK has no types for.
        "deepseek": None,
        "gemini": (google.GenerateContentResponse, google.GenerateContentResponse),
        "mistral": (mistral.ChatCompletionResponse, mistral.CompletionChunk),
        "ollama": (ollama.ChatResponse, ollama.ChatResponse),
        "openai": openai,
    }


def documented_answers():
    for kind, types in readers().items():
        documented = json.loads((DOCUMENTED / f"{kind}.json").read_text())
        if types is None:
            continue
        whole, event = (strictly(one) for one in types)
        whole(documented["whole"])
        for said in documented["events"]:
            # A sign of life, which Anthropic's SDK skips by its name.
            if said.get("type") != "ping":
                event(said)


# Fields beside OpenAI's in which the gateway shows what OpenAI has no name for, and which its SDK passes to its user.
BESIDE = {"reasoning_content", "thinking_blocks", "extra_content", "images", "annotations", "prefix", "audio"}


def what_becomes_of_answers():
    from openai.types.chat import ChatCompletion, ChatCompletionChunk

    files = sorted((GOLDEN / "answers").glob("*.json"))
    assert {file.stem for file in files} == set(readers()), files
    for file in files:
        told = json.loads(file.read_text())
        whole = ChatCompletion.model_validate(told["whole"])
        said = whole.choices[0].message
        assert said.content == "Wait. 日本" and whole.choices[0].finish_reason == "tool_calls", file
        assert [call.function.name for call in said.tool_calls] == ["now", "add"], file
        assert set(said.model_extra or {}) <= BESIDE, (file, said.model_extra)
        text, arguments, finish, usage = "", {}, None, None
        for chunk in (ChatCompletionChunk.model_validate(chunk) for chunk in told["chunks"]):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish = choice.finish_reason or finish
                for call in choice.delta.tool_calls or []:
                    arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
        assert (text, finish) == ("Wait. 日本", "tool_calls"), file
        assert [json.loads(one or "{}") for _, one in sorted(arguments.items())] == [{}, {"a": 1}], file
        assert usage.total_tokens == whole.usage.total_tokens > 0, file


def main():
    failed = 0
    checks = [anthropic, gemini, ollama, cohere, mistral, similar_to_openai, documented_answers, what_becomes_of_answers]
    for check in checks:
        try:
            check()
            print(f"ok {check.__name__}")
        except Exception:
            failed += 1
            print(f"FAILED {check.__name__}")
            traceback.print_exc()
    print(f"{len(checks) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
