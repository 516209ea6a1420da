"""The official OpenAI SDK for Python against a running Perpetuo (OPENAI_BASE_URL, OPENAI_API_KEY)."""

import asyncio
import json
import sys
import traceback

import openai

client = openai.OpenAI(max_retries=0, timeout=30)
MODEL = "simulator/chat"
HELLO = [{"role": "user", "content": "Say hello."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer"},
            },
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}


def chat():
    answer = client.chat.completions.create(model=MODEL, messages=HELLO)
    assert answer.id.startswith("chatcmpl-") and answer.object == "chat.completion"
    assert answer.choices[0].message.role == "assistant" and answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 1


def raw_response_has_the_request_id():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO)
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse()._request_id == raw.headers["x-request-id"]


def stream():
    whole = client.chat.completions.create(model=MODEL, messages=HELLO).choices[0].message.content
    text, finish = "", None
    for chunk in client.chat.completions.create(model=MODEL, messages=HELLO, stream=True):
        assert chunk.object == "chat.completion.chunk" and chunk.usage is None
        text += chunk.choices[0].delta.content or ""
        finish = chunk.choices[0].finish_reason or finish
    assert text == whole and finish == "stop", (text, whole, finish)


def stream_with_usage():
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens > 1
    assert all(c.usage is None for c in chunks[:-1])


def stream_helper():
    with client.chat.completions.stream(model=MODEL, messages=HELLO) as events:
        kinds = [e.type for e in events]
        final = events.get_final_completion()
    assert "content.delta" in kinds and final.choices[0].message.content


def tools():
    messages = [{"role": "user", "content": "What is the weather in Lisbon? Use get_weather."}]
    answer = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER], tool_choice="required")
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls", choice
    call = choice.message.tool_calls[0]
    arguments = json.loads(call.function.arguments)
    assert call.function.name == "get_weather" and isinstance(arguments["city"], str)
    assert arguments["unit"] in ("celsius", "fahrenheit")
    messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": '{"degrees": 21}'}]
    final = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER])
    assert final.choices[0].message.content and final.choices[0].finish_reason == "stop"


def tools_streamed():
    messages = [{"role": "user", "content": "Weather in Lisbon?"}]
    with client.chat.completions.stream(
        model=MODEL, messages=messages, tools=[WEATHER], tool_choice="required"
    ) as events:
        for _ in events:
            pass
        final = events.get_final_completion()
    call = final.choices[0].message.tool_calls[0]
    assert call.id and json.loads(call.function.arguments)["city"]
    assert final.choices[0].finish_reason == "tool_calls"


def json_object():
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "Answer in JSON."}], response_format={"type": "json_object"}
    )
    assert isinstance(json.loads(answer.choices[0].message.content), dict)


def json_schema():
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "score": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "kind": {"enum": ["a", "b"]},
            "nested": {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]},
        },
        "required": ["title", "score", "tags", "kind", "nested"],
        "additionalProperties": False,
    }
    answer = client.chat.completions.create(
        model=MODEL,
        messages=HELLO,
        response_format={"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}},
    )
    value = json.loads(answer.choices[0].message.content)
    assert set(value) == set(schema["required"]) and value["kind"] in ("a", "b")
    assert isinstance(value["nested"]["ok"], bool) and isinstance(value["tags"], list)


def max_tokens_and_n():
    answer = client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=2, n=2)
    assert len(answer.choices) == 2 and [c.index for c in answer.choices] == [0, 1]
    assert answer.choices[0].finish_reason == "length"


def models():
    listed = list(client.models.list())
    assert any(m.id == MODEL for m in listed) and all(m.object == "model" for m in listed)
    assert client.models.retrieve(MODEL).id == MODEL


def expect(error, call):
    try:
        call()
    except error as e:
        return e
    raise AssertionError(f"no {error.__name__}")


def errors():
    e = expect(openai.NotFoundError, lambda: client.chat.completions.create(model="nope", messages=HELLO))
    assert e.code == "model_not_found" and e.type == "invalid_request_error" and e.request_id.startswith("req_")
    e = expect(openai.BadRequestError, lambda: client.chat.completions.create(model=MODEL, messages="hi"))
    assert e.param == "messages", e.body
    bad = openai.OpenAI(api_key="pk_wrong", max_retries=0)
    e = expect(openai.AuthenticationError, lambda: bad.models.list())
    assert e.code == "invalid_api_key", e.body
    e = expect(
        openai.RateLimitError,
        lambda: client.chat.completions.create(model="simulator/status-429", messages=HELLO),
    )
    assert e.response.headers["retry-after"]
    expect(
        openai.InternalServerError,
        lambda: client.chat.completions.create(model="simulator/status-500", messages=HELLO),
    )


def an_error_inside_a_stream_raises():
    def read():
        for _ in client.chat.completions.create(model="simulator/cut", messages=HELLO, stream=True):
            pass

    expect(openai.APIError, read)


def retries_follow_retry_after():
    # A 429 is retried by the SDK and stays a 429: what matters is that the SDK understood the header.
    patient = openai.OpenAI(max_retries=1, timeout=30)
    expect(
        openai.RateLimitError,
        lambda: patient.chat.completions.create(model="simulator/status-429", messages=HELLO),
    )


def asynchronous():
    async def run():
        async with openai.AsyncOpenAI(max_retries=0, timeout=30) as a:
            answers = await asyncio.gather(
                *(a.chat.completions.create(model=MODEL, messages=HELLO) for _ in range(10))
            )
            assert all(x.choices[0].message.content for x in answers)
            text = ""
            async for chunk in await a.chat.completions.create(model=MODEL, messages=HELLO, stream=True):
                text += chunk.choices[0].delta.content or ""
            assert text

    asyncio.run(run())


TESTS = [
    chat, raw_response_has_the_request_id, stream, stream_with_usage, stream_helper, tools, tools_streamed, json_object,
    json_schema, max_tokens_and_n, models, errors, an_error_inside_a_stream_raises, retries_follow_retry_after,
    asynchronous,
]
failed = 0
for test in TESTS:
    try:
        test()
        print(f"ok {test.__name__}")
    except Exception:
        failed += 1
        print(f"FAILED {test.__name__}")
        traceback.print_exc(file=sys.stdout)
print(f"openai-python: {len(TESTS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
