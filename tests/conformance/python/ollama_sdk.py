"""The official Ollama SDK for Python against the server (PERPETUO_URL, OPENAI_API_KEY)."""

import json
import os
import sys
import traceback

import ollama

client = ollama.Client(
    host=os.environ["PERPETUO_URL"], headers={"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}, timeout=30
)
MODEL = "simulator/chat"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def user(text):
    return {"role": "user", "content": text}


def chat():
    answer = client.chat(model=MODEL, messages=[user("Say hello.")])
    assert "Say hello." in answer.message.content and answer.done and answer.done_reason == "stop"
    assert answer.eval_count > 0 and answer.prompt_eval_count > 0


def chat_streamed():
    whole = client.chat(model=MODEL, messages=[user("Say hello.")]).message.content
    lines = list(client.chat(model=MODEL, messages=[user("Say hello.")], stream=True))
    assert len(lines) > 2 and "".join(line.message.content or "" for line in lines) == whole
    assert [line.done for line in lines] == [False] * (len(lines) - 1) + [True]


def a_tool_in_two_turns():
    asked = [user("What is the weather? Use get_weather.")]
    first = client.chat(model=MODEL, messages=asked, tools=[WEATHER])
    call = first.message.tool_calls[0].function
    assert call.name == "get_weather" and isinstance(call.arguments["city"], str)
    turn = asked + [first.message, {"role": "tool", "tool_name": call.name, "content": "sunny"}]
    assert "sunny" in client.chat(model=MODEL, messages=turn, tools=[WEATHER]).message.content


def a_schema():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    answer = client.chat(model=MODEL, messages=[user("A number.")], format=schema)
    assert isinstance(json.loads(answer.message.content)["n"], int)


def an_answer_cut_at_its_length():
    answer = client.chat(model=MODEL, messages=[user("Say a long sentence.")], options={"num_predict": 2})
    assert answer.done_reason == "length" and answer.eval_count == 2


def models():
    assert MODEL in [model.model for model in client.list().models]


def a_stream_that_breaks_off():
    try:
        lines = list(client.chat(model="simulator/cut", messages=[user("Hi.")], stream=True))
        raise AssertionError(f"no error: {lines[-1]}")
    except ollama.ResponseError as e:
        assert e.error


def a_model_that_nobody_serves():
    try:
        client.chat(model="nope", messages=[user("Hi.")])
        raise AssertionError("no error")
    except ollama.ResponseError as e:
        assert e.status_code == 404 and "nope" in e.error, e


TESTS = [
    chat, chat_streamed, a_tool_in_two_turns, a_schema, an_answer_cut_at_its_length, models, a_stream_that_breaks_off,
    a_model_that_nobody_serves,
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
print(f"ollama-python: {len(TESTS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
