"""The surfaces that are told as chat completions: whether each field that the SDKs know has a row in `../fronts/<front>.json`, and
whether their types take what clients get (`../fronts/answers/<front>.json`). The gateway's tests keep both true."""

import json
import pathlib
import sys
import traceback
import typing

from pydantic import TypeAdapter

# OpenAI's specification has them, and its SDK has no types for them.
UNTYPED = {"Response": {"store"}, "ResponseFunctionCallArgumentsDoneEvent": {"name"}}
FRONTS = pathlib.Path(__file__).parent.parent / "fronts"


def has_rows(front, kinds):
    """Each field of these types, with what stands before its name in the table, has a row, or rows for what is in it."""
    rows = {row["field"] for row in json.loads((FRONTS / f"{front}.json").read_text())}
    missing = []
    for prefix, names in kinds:
        for name in sorted(names):
            field = prefix + name
            if field not in rows and not any(row.startswith(field + ".") for row in rows):
                missing.append(field)
    assert not missing, f"{front}.json has no row for {missing}"


def answers(front, whole, event):
    """The types take every answer, and keep every field of it."""
    for told in json.loads((FRONTS / "answers" / f"{front}.json").read_text()):
        read = event if told["stream"] else whole
        assert told["said"], told
        for said in told["said"]:
            survives(said, read(said))


def survives(sent, read, path=""):
    """Everything that says something is in what was read: a field that the type does not know would have been left out."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            if value is None:
                continue
            assert name in read, f"{path}.{name} is not known"
            survives(value, read[name], f"{path}.{name}")
    elif isinstance(sent, list):
        assert len(sent) == len(read), path
        for at, value in enumerate(sent):
            survives(value, read[at], f"{path}[{at}]")


def strict(kind):
    """Reads as pydantic does, without what the SDK forgives; gives what its type knows."""
    adapter = TypeAdapter(kind)

    def read(said):
        found = adapter.validate_python(said)
        kind = type(found).__name__
        unknown = set(getattr(found, "model_extra", None) or {}) - UNTYPED.get(kind, set())
        assert not unknown, f"{unknown} is not known to {kind}"
        return adapter.dump_python(found, mode="json", by_alias=True)

    return read


def annotations(kind):
    return set(kind.__annotations__)


def messages():
    import anthropic.types as types
    from anthropic.types import message_create_params as params

    blocks = [
        ("text", types.TextBlockParam),
        ("image", types.ImageBlockParam),
        ("document", types.DocumentBlockParam),
        ("search_result", types.SearchResultBlockParam),
        ("thinking", types.ThinkingBlockParam),
        ("redacted_thinking", types.RedactedThinkingBlockParam),
        ("tool_use", types.ToolUseBlockParam),
        ("tool_result", types.ToolResultBlockParam),
    ]
    known = [(f"block.{name}.", annotations(kind) - {"type"}) for name, kind in blocks]
    known += [("", annotations(params.MessageCreateParamsBase) | {"stream", "temperature", "top_p", "top_k"})]
    known += [("tools.", annotations(types.ToolParam)), ("output_config.", annotations(types.OutputConfigParam))]
    tool_choice = annotations(types.ToolChoiceToolParam) | annotations(types.ToolChoiceAutoParam)
    known += [("tool_choice.", tool_choice - {"type"})]
    hints = [typing.get_type_hints(kind)["type"] for kind in types.ContentBlockParam.__args__]
    known += [("block.", {typing.get_args(hint)[0] for hint in hints})]
    has_rows("messages", known)
    answers("messages", strict(types.Message), strict(types.RawMessageStreamEvent))


def responses():
    import openai.types.responses as types
    from openai.types.responses import response_create_params as params
    from openai.types.shared_params import Reasoning

    known = [
        ("", annotations(params.ResponseCreateParamsBase) | {"stream"}),
        ("reasoning.", annotations(Reasoning)),
        ("text.", annotations(types.ResponseTextConfigParam)),
        ("tools.", annotations(types.FunctionToolParam)),
        ("part.input_text.", annotations(types.ResponseInputTextParam) - {"type"}),
        ("part.input_image.", annotations(types.ResponseInputImageParam) - {"type"}),
        ("part.input_file.", annotations(types.ResponseInputFileParam) - {"type"}),
    ]
    has_rows("responses", known)
    answers("responses", strict(types.Response), strict(types.ResponseStreamEvent))


def generate():
    from google.genai import types

    def names(kind):
        return {field.alias or name for name, field in kind.model_fields.items()}

    known = [
        ("", {"contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig", "cachedContent"}),
        ("generationConfig.", names(types.GenerationConfig)),
        ("generationConfig.thinkingConfig.", names(types.ThinkingConfig)),
        ("tools.", names(types.Tool)),
        ("tools.functionDeclarations.", names(types.FunctionDeclaration)),
        ("toolConfig.", names(types.ToolConfig)),
        ("toolConfig.functionCallingConfig.", names(types.FunctionCallingConfig)),
        ("part.", names(types.Part)),
        ("part.functionCall.", names(types.FunctionCall)),
        ("part.functionResponse.", names(types.FunctionResponse)),
        ("part.inlineData.", names(types.Blob)),
    ]
    has_rows("generate", known)
    read = strict(types.GenerateContentResponse)
    answers("generate", read, read)


def ollama():
    from ollama._types import ChatRequest, ChatResponse, Message, Options, Tool

    known = [
        ("", set(ChatRequest.model_fields)),
        ("options.", set(Options.model_fields)),
        ("message.", set(Message.model_fields)),
        ("tools.", set(Tool.model_fields)),
    ]
    has_rows("ollama", known)
    read = strict(ChatResponse)
    answers("ollama", read, read)


def main():
    failed = 0
    checks = [messages, responses, generate, ollama]
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
