"""The official Google GenAI SDK for Python against the server (PERPETUO_URL, OPENAI_API_KEY)."""

import os
import sys
import traceback

from google import genai
from google.genai import errors, types

client = genai.Client(
    api_key=os.environ["OPENAI_API_KEY"],
    http_options=types.HttpOptions(base_url=os.environ["PERPETUO_URL"], timeout=30_000),
)
MODEL = "simulator/chat"
WEATHER = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="Current weather of a city.",
            parameters=types.Schema(
                type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]
            ),
        )
    ]
)


def generate():
    answer = client.models.generate_content(
        model=MODEL, contents="Say hello.", config=types.GenerateContentConfig(system_instruction="Be brief.")
    )
    assert "Say hello." in answer.text and answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count > 1


def generate_streamed():
    whole = client.models.generate_content(model=MODEL, contents="Say hello.").text
    chunks = list(client.models.generate_content_stream(model=MODEL, contents="Say hello."))
    assert len(chunks) > 2 and "".join(chunk.text or "" for chunk in chunks) == whole
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata.total_token_count > 1


def a_tool_in_two_turns():
    config = types.GenerateContentConfig(
        tools=[WEATHER], automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)
    )
    asked = types.Content(role="user", parts=[types.Part(text="What is the weather? Use get_weather.")])
    first = client.models.generate_content(model=MODEL, contents=[asked], config=config)
    call = first.function_calls[0]
    assert call.name == "get_weather" and isinstance(call.args["city"], str)
    result = types.Part.from_function_response(name=call.name, response={"result": "sunny"})
    turn = [asked, first.candidates[0].content, types.Content(role="user", parts=[result])]
    second = client.models.generate_content(model=MODEL, contents=turn, config=config)
    assert "sunny" in second.text


def a_chat_of_two_turns():
    chat = client.chats.create(model=MODEL)
    first = chat.send_message("Say hello.")
    second = chat.send_message("And again.")
    assert second.usage_metadata.prompt_token_count > first.usage_metadata.prompt_token_count


def a_schema():
    config = types.GenerateContentConfig(
        response_mime_type="application/json",
        response_schema=types.Schema(type="OBJECT", properties={"n": types.Schema(type="INTEGER")}, required=["n"]),
    )
    answer = client.models.generate_content(model=MODEL, contents="A number.", config=config)
    assert isinstance(answer.parsed["n"], int)


def an_answer_cut_at_its_length():
    config = types.GenerateContentConfig(max_output_tokens=2)
    answer = client.models.generate_content(model=MODEL, contents="Say a long sentence.", config=config)
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


def models():
    names = [model.name for model in client.models.list()]
    assert f"models/{MODEL}" in names, names
    assert client.models.get(model=MODEL).name == f"models/{MODEL}"


def a_model_that_nobody_serves():
    try:
        client.models.generate_content(model="nope", contents="Hi.")
        raise AssertionError("no error")
    except errors.ClientError as e:
        assert e.code == 404 and e.status == "NOT_FOUND", e


def a_wrong_key():
    options = types.HttpOptions(base_url=os.environ["PERPETUO_URL"], api_version="v1beta")
    other = genai.Client(api_key="pk_wrong", http_options=options)
    try:
        other.models.generate_content(model=MODEL, contents="Hi.")
        raise AssertionError("no error")
    except errors.ClientError as e:
        assert e.code == 401 and e.status == "UNAUTHENTICATED", e


TESTS = [
    generate, generate_streamed, a_tool_in_two_turns, a_chat_of_two_turns, a_schema, an_answer_cut_at_its_length, models,
    a_model_that_nobody_serves, a_wrong_key,
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
print(f"google-genai: {len(TESTS) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
