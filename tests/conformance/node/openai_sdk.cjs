// The official OpenAI SDK for Node against a running Perpetuo (OPENAI_BASE_URL, OPENAI_API_KEY).
const assert = require("node:assert/strict");
const OpenAI = require("openai");

const client = new OpenAI({ maxRetries: 0, timeout: 30_000 });
const model = "simulator/chat";
const messages = [{ role: "user", content: "Say hello." }];
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
      required: ["city", "unit"],
    },
  },
};

const tests = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages });
    assert.equal(answer.object, "chat.completion");
    assert.ok(answer.choices[0].message.content);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
  },
  async requestId() {
    const { data, request_id } = await client.chat.completions.create({ model, messages }).withResponse();
    assert.ok(request_id.startsWith("req_"));
    assert.equal(data._request_id, request_id);
  },
  async stream() {
    const whole = (await client.chat.completions.create({ model, messages })).choices[0].message.content;
    let text = "";
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta?.content ?? "";
    }
    assert.equal(text, whole);
  },
  async streamWithUsage() {
    const chunks = [];
    const options = { model, messages, stream: true, stream_options: { include_usage: true } };
    for await (const chunk of await client.chat.completions.create(options)) chunks.push(chunk);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.ok(chunks.at(-1).usage.total_tokens > 1);
    assert.ok(chunks.slice(0, -1).every((c) => c.usage === null));
  },
  async streamHelper() {
    const runner = client.chat.completions.stream({ model, messages });
    assert.ok(await runner.finalContent());
    assert.equal((await runner.finalChatCompletion()).choices[0].finish_reason, "stop");
  },
  async leavingEndsTheStream() {
    const stream = await client.chat.completions.create({
      model, messages, stream: true, simulator: { tokens: 1000, chunk_delay_ms: 20 },
    });
    let chunks = 0;
    for await (const _ of stream) if (++chunks === 3) break;
    assert.equal(chunks, 3);
  },
  async tools() {
    const ask = [{ role: "user", content: "Weather in Lisbon? Use get_weather." }];
    const answer = await client.chat.completions.create({ model, messages: ask, tools: [weather], tool_choice: "required" });
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    assert.equal(typeof JSON.parse(call.function.arguments).city, "string");
    ask.push(answer.choices[0].message, { role: "tool", tool_call_id: call.id, content: "21 degrees" });
    const final = await client.chat.completions.create({ model, messages: ask, tools: [weather] });
    assert.ok(final.choices[0].message.content);
  },
  async toolsStreamed() {
    const runner = client.chat.completions.stream({ model, messages, tools: [weather], tool_choice: "required" });
    const final = await runner.finalChatCompletion();
    assert.ok(JSON.parse(final.choices[0].message.tool_calls[0].function.arguments).city);
  },
  async json() {
    const answer = await client.chat.completions.create({ model, messages, response_format: { type: "json_object" } });
    assert.equal(typeof JSON.parse(answer.choices[0].message.content), "object");
    const schema = {
      type: "object", properties: { name: { type: "string" }, n: { type: "integer" } }, required: ["name", "n"],
    };
    const strict = await client.chat.completions.create({
      model, messages, response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema } },
    });
    const value = JSON.parse(strict.choices[0].message.content);
    assert.ok(typeof value.name === "string" && Number.isInteger(value.n));
  },
  async models() {
    const ids = [];
    for await (const m of client.models.list()) ids.push(m.id);
    assert.ok(ids.includes(model));
    assert.equal((await client.models.retrieve(model)).id, model);
  },
  async errors() {
    const missing = client.chat.completions.create({ model: "nope", messages });
    await assert.rejects(missing, (e) => e instanceof OpenAI.NotFoundError && e.code === "model_not_found");
    const wrong = client.chat.completions.create({ model, messages: "hi" });
    await assert.rejects(wrong, (e) => e instanceof OpenAI.BadRequestError && e.param === "messages");
    const stranger = new OpenAI({ apiKey: "pk_wrong", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), (e) => e instanceof OpenAI.AuthenticationError);
    const limited = client.chat.completions.create({ model: "simulator/status-429", messages });
    await assert.rejects(limited, (e) => e instanceof OpenAI.RateLimitError && e.headers.get("retry-after") !== null);
  },
  async responses() {
    const answer = await client.responses.create({ model, input: "Say hello." });
    assert.equal(answer.status, "completed");
    assert.ok(answer.output_text.includes("Say hello."));
    const final = await client.responses.stream({ model, input: "Say hello." }).finalResponse();
    assert.equal(final.output_text, answer.output_text);
  },
  async embeddings() {
    const answer = await client.embeddings.create({ model: "simulator/embed", input: ["a", "b"], dimensions: 4 });
    assert.deepEqual(answer.data.map((one) => one.embedding.length), [4, 4]);
  },
  async moderationsAndImages() {
    const answer = await client.moderations.create({ model: "simulator/moderation", input: "violence" });
    assert.equal(answer.results[0].flagged, true);
    const picture = await client.images.generate({ model: "simulator/image", prompt: "A lighthouse" });
    assert.ok(Buffer.from(picture.data[0].b64_json, "base64").subarray(1, 4).equals(Buffer.from("PNG")));
  },
  async sound() {
    const speech = await client.audio.speech.create({ model: "simulator/speech", voice: "alloy", input: "Hello" });
    const sound = Buffer.from(await speech.arrayBuffer());
    assert.equal(sound.toString("latin1", 0, 4), "RIFF");
    const file = await OpenAI.toFile(sound, "hello.wav");
    const heard = await client.audio.transcriptions.create({ model: "simulator/transcribe", file });
    assert.ok(heard.text.includes("simulator"));
  },
  async anErrorInsideAStreamRejects() {
    const read = async () => {
      const stream = await client.chat.completions.create({ model: "simulator/cut", messages, stream: true });
      for await (const _ of stream);
    };
    await assert.rejects(read, (e) => e instanceof OpenAI.APIError);
  },
};

(async () => {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok ${name}`);
    } catch (e) {
      failed += 1;
      console.log(`FAILED ${name}\n`, e);
    }
  }
  console.log(`openai-node: ${Object.keys(tests).length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();
