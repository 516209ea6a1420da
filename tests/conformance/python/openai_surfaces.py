"""The official OpenAI SDK for Python: what is no chat (OPENAI_BASE_URL, OPENAI_API_KEY)."""

import base64
import io
import json
import sys
import traceback

import openai

client = openai.OpenAI(max_retries=0, timeout=30)
MODEL = "simulator/chat"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Current weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


def response():
    answer = client.responses.create(model=MODEL, input="Say hello.", instructions="Be brief.")
    assert answer.object == "response" and answer.status == "completed", answer
    assert "Say hello." in answer.output_text and answer.instructions == "Be brief."
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 1


def response_streamed():
    whole = client.responses.create(model=MODEL, input="Say hello.").output_text
    text, numbers, last = "", [], None
    for event in client.responses.create(model=MODEL, input="Say hello.", stream=True):
        numbers.append(event.sequence_number)
        if event.type == "response.output_text.delta":
            text += event.delta
        last = event
    assert text == whole and numbers == list(range(len(numbers)))
    assert last.type == "response.completed" and last.response.output_text == whole


def response_stream_helper():
    with client.responses.stream(model=MODEL, input="Say hello.") as events:
        kinds = [event.type for event in events]
        final = events.get_final_response()
    assert kinds[0] == "response.created" and "response.output_text.done" in kinds
    assert final.output_text


def response_with_a_tool_in_two_turns():
    asked = [{"role": "user", "content": "What is the weather? Use get_weather."}]
    first = client.responses.create(model=MODEL, input=asked, tools=[WEATHER])
    call = next(item for item in first.output if item.type == "function_call")
    assert isinstance(json.loads(call.arguments)["city"], str)
    turn = asked + first.output + [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    second = client.responses.create(model=MODEL, input=turn, tools=[WEATHER])
    assert "sunny" in second.output_text


def response_with_a_schema():
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    form = {"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}}
    answer = client.responses.create(model=MODEL, input="A number.", text=form)
    assert isinstance(json.loads(answer.output_text)["n"], int)


def response_cut_at_its_length_is_incomplete():
    answer = client.responses.create(
        model=MODEL, input="Hi.", max_output_tokens=2, extra_body={"simulator": {"tokens": 50}}
    )
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"


def response_that_breaks_off_ends_with_an_error():
    kinds = [event.type for event in client.responses.create(model="simulator/cut", input="Hi.", stream=True)]
    assert kinds[-1] == "error" and "response.completed" not in kinds, kinds


def response_errors():
    try:
        client.responses.create(model="nope", input="Hi.")
        raise AssertionError("no error")
    except openai.NotFoundError as e:
        assert e.code == "model_not_found"


def response_that_is_kept():
    made = client.responses.create(model=MODEL, input="Say hello.", metadata={"k": "v"})
    assert made.store is True
    found = client.responses.retrieve(made.id)
    assert found.output_text == made.output_text and found.metadata == {"k": "v"} and found.usage == made.usage
    items = client.responses.input_items.list(made.id)
    assert [item.content[0].text for item in items.data] == ["Say hello."] and not items.has_more
    client.responses.delete(made.id)
    for gone in (client.responses.retrieve, client.responses.input_items.list):
        try:
            gone(made.id)
            raise AssertionError("it is there still")
        except openai.NotFoundError as e:
            assert e.code == "not_found" and made.id in e.message, e


def response_that_is_streamed_again():
    made = client.responses.create(model=MODEL, input="Say hello.")
    events = list(client.responses.retrieve(made.id, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created" and events[-1].type == "response.completed", events
    assert events[-1].response.output_text == made.output_text
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == made.output_text
    streamed = list(client.responses.create(model=MODEL, input="Count to ten.", stream=True))
    made = streamed[-1].response.id
    assert list(client.responses.retrieve(made, stream=True)) == streamed
    assert list(client.responses.retrieve(made, stream=True, starting_after=3)) == streamed[4:]
    # The SDK's own accumulator takes up what is left of a stream.
    with client.responses.stream(response_id=made, starting_after=1) as rest:
        assert rest.get_final_response().output_text == streamed[-1].response.output_text
    call = client.responses.create(model=MODEL, input="What is the weather? Use get_weather.", tools=[WEATHER])
    events = list(client.responses.retrieve(call.id, stream=True))
    done = [event for event in events if event.type == "response.function_call_arguments.done"]
    assert done and done[0].arguments == [item for item in call.output if item.type == "function_call"][0].arguments
    try:
        client.responses.retrieve(made, extra_query={"starting_after": 1})
        raise AssertionError("it is no stream")
    except openai.BadRequestError as e:
        assert e.param == "starting_after", e


def response_that_goes_on():
    first = client.responses.create(model=MODEL, input="The word is marmot.")
    second = client.responses.create(model=MODEL, input="And otter.", previous_response_id=first.id)
    assert second.previous_response_id == first.id and second.usage.input_tokens > first.usage.input_tokens
    with client.responses.stream(model=MODEL, input="Go on.", previous_response_id=second.id) as events:
        third = events.get_final_response()
    items = list(client.responses.input_items.list(third.id, order="asc", limit=2))
    said = [item.content[0].text for item in items]
    assert said == ["The word is marmot.", first.output_text, "And otter.", second.output_text, "Go on."], said
    client.responses.delete(first.id)
    try:
        client.responses.create(model=MODEL, input="And?", previous_response_id=third.id)
        raise AssertionError("its beginning is gone")
    except openai.BadRequestError as e:
        assert e.code == "previous_response_not_found" and e.param == "previous_response_id", e


def response_that_is_not_kept():
    made = client.responses.create(model=MODEL, input="Say hello.", store=False)
    assert made.store is False
    try:
        client.responses.retrieve(made.id)
        raise AssertionError("it was kept")
    except openai.NotFoundError:
        pass


def completion():
    answer = client.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=40)
    assert answer.object == "text_completion" and "Once upon a time" in answer.choices[0].text
    chunks = list(client.completions.create(model=MODEL, prompt="Once", max_tokens=40, stream=True))
    assert "Once" in "".join(c.choices[0].text for c in chunks) and chunks[-1].choices[0].finish_reason


def embeddings():
    # The SDK asks for base64 and decodes it by itself.
    answer = client.embeddings.create(model="simulator/embed", input=["one two", "two one"], dimensions=8)
    assert [len(d.embedding) for d in answer.data] == [8, 8]
    plain = client.embeddings.create(model="simulator/embed", input="one two", dimensions=8, encoding_format="float")
    assert all(abs(a - b) < 1e-6 for a, b in zip(plain.data[0].embedding, answer.data[0].embedding))
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == 4


def moderation():
    answer = client.moderations.create(model="simulator/moderation", input=["a flower", "violence"])
    assert [r.flagged for r in answer.results] == [False, True] and answer.results[1].categories.violence


def image():
    answer = client.images.generate(model="simulator/image", prompt="A lighthouse", n=2)
    pictures = [base64.b64decode(d.b64_json) for d in answer.data]
    assert len(pictures) == 2 and all(p.startswith(b"\x89PNG\r\n\x1a\n") for p in pictures)


def speech():
    with client.audio.speech.with_streaming_response.create(
        model="simulator/speech", voice="alloy", input="Hello", response_format="wav"
    ) as sound:
        assert sound.headers["content-type"] == "audio/wav"
        assert sound.read().startswith(b"RIFF")


def transcription():
    sound = client.audio.speech.create(model="simulator/speech", voice="alloy", input="Hello").read()
    file = ("hello.wav", io.BytesIO(sound), "audio/wav")
    answer = client.audio.transcriptions.create(model="simulator/transcribe", file=file)
    assert "simulator" in answer.text
    file = ("hello.wav", io.BytesIO(sound), "audio/wav")
    text = client.audio.transcriptions.create(model="simulator/transcribe", file=file, response_format="text")
    assert "simulator" in text
    file = ("hello.wav", io.BytesIO(sound), "audio/wav")
    kinds = [e.type for e in client.audio.transcriptions.create(model="simulator/transcribe", file=file, stream=True)]
    assert kinds[0] == "transcript.text.delta" and kinds[-1] == "transcript.text.done"


TESTS = [
    response, response_streamed, response_stream_helper, response_with_a_tool_in_two_turns, response_with_a_schema,
    response_cut_at_its_length_is_incomplete, response_that_breaks_off_ends_with_an_error, response_errors, response_that_is_kept,
    response_that_is_streamed_again, response_that_goes_on, response_that_is_not_kept, completion, embeddings, moderation, image, speech, transcription,
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
