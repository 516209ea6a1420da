// The official Anthropic SDK for Node in front of chat completions (ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY).
const assert = require("node:assert/strict");
const { Anthropic, APIError, NotFoundError } = require("@anthropic-ai/sdk");

const client = new Anthropic({ maxRetries: 0, timeout: 30_000 });
const model = "simulator/chat";
const max_tokens = 100;
const messages = [{ role: "user", content: "Say hello." }];
const weather = {
  name: "get_weather",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

const tests = {
  async message() {
    const answer = await client.messages.create({ model, max_tokens, messages });
    assert.equal(answer.stop_reason, "end_turn");
    assert.ok(answer.content[0].text.includes("Say hello."));
  },
  async stream() {
    const whole = await client.messages.create({ model, max_tokens, messages });
    const stream = client.messages.stream({ model, max_tokens, messages });
    let text = "";
    stream.on("text", (more) => (text += more));
    const final = await stream.finalMessage();
    assert.equal(text, whole.content[0].text);
    assert.equal(final.usage.output_tokens, whole.usage.output_tokens);
  },
  async toolsStreamed() {
    const asked = [{ role: "user", content: "Use get_weather." }];
    const final = await client.messages.stream({ model, max_tokens, messages: asked, tools: [weather] }).finalMessage();
    assert.equal(final.stop_reason, "tool_use");
    assert.equal(typeof final.content[0].input.city, "string");
  },
  async countTokens() {
    assert.ok((await client.messages.countTokens({ model, messages })).input_tokens > 0);
  },
  async errors() {
    const missing = client.messages.create({ model: "nope", max_tokens, messages });
    await assert.rejects(missing, (e) => e instanceof NotFoundError && e.error.error.type === "not_found_error");
    const cut = client.messages.stream({ model: "simulator/cut", max_tokens, messages }).finalMessage();
    await assert.rejects(cut, (e) => e instanceof APIError);
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
  console.log(`anthropic-node: ${Object.keys(tests).length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
})();
