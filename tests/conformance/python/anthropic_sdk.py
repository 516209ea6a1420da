"""The official Anthropic SDK for Python in front of chat completions (ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY)."""

import sys
import traceback

import anthropic

client = anthropic.Anthropic(max_retries=0, timeout=30)
MODEL = "simulator/chat"
HELLO = [{"role": "user", "content": "Say hello."}]
WEATHER = {
    "name": "get_weather",
    "description": "Current weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def message():
    answer = client.messages.create(model=MODEL, max_tokens=100, messages=HELLO, system="Be brief.")
    assert answer.type == "message" and answer.role == "assistant" and answer.stop_reason == "end_turn"
    assert "Say hello." in answer.content[0].text
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0


def cut_at_its_length():
    more = {"simulator": {"tokens": 50}}
    answer = client.messages.create(model=MODEL, max_tokens=2, messages=HELLO, extra_body=more)
    assert answer.stop_reason == "max_tokens", answer


def stream():
    whole = client.messages.create(model=MODEL, max_tokens=100, messages=HELLO)
    with client.messages.stream(model=MODEL, max_tokens=100, messages=HELLO) as events:
        text = "".join(events.text_stream)
        final = events.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == "end_turn" and final.usage.output_tokens == whole.usage.output_tokens


def tools_in_two_turns():
    asked = [{"role": "user", "content": "What is the weather? Use get_weather."}]
    first = client.messages.create(model=MODEL, max_tokens=100, messages=asked, tools=[WEATHER])
    call = first.content[-1]
    assert first.stop_reason == "tool_use" and call.type == "tool_use" and isinstance(call.input["city"], str)
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    turns = asked + [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = client.messages.create(model=MODEL, max_tokens=100, messages=turns, tools=[WEATHER])
    assert "sunny" in second.content[0].text and second.stop_reason == "end_turn"


def tools_streamed():
    asked = [{"role": "user", "content": "Use get_weather."}]
    with client.messages.stream(model=MODEL, max_tokens=100, messages=asked, tools=[WEATHER]) as events:
        final = events.get_final_message()
    assert final.stop_reason == "tool_use" and isinstance(final.content[0].input["city"], str)


def count_tokens():
    assert client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens > 0


def errors():
    for wrong, kind in [
        (lambda: client.messages.create(model="nope", max_tokens=1, messages=HELLO), anthropic.NotFoundError),
        (lambda: anthropic.Anthropic(api_key="pk_wrong", max_retries=0).messages.create(
            model=MODEL, max_tokens=1, messages=HELLO), anthropic.AuthenticationError),
        (lambda: client.messages.create(model="simulator/status-429", max_tokens=1, messages=HELLO), anthropic.RateLimitError),
        (lambda: client.messages.create(model="simulator/status-400", max_tokens=1, messages=HELLO), anthropic.BadRequestError),
    ]:
        try:
            wrong()
            raise AssertionError("no error")
        except kind as e:
            assert e.body["type"] == "error" and e.body["error"]["message"], e.body


def an_error_inside_a_stream_raises():
    try:
        with client.messages.stream(model="simulator/cut", max_tokens=100, messages=HELLO) as events:
            for _ in events:
                pass
        raise AssertionError("no error")
    except anthropic.APIStatusError as e:
        assert e.body["type"] == "error", e.body


TESTS = [
    message, cut_at_its_length, stream, tools_in_two_turns, tools_streamed, count_tokens, errors,
    an_error_inside_a_stream_raises,
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
print(f"anthropic-python: {len(TESTS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
