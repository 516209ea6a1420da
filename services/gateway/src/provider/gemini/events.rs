//! Gemini's stream: whole responses, one after the other. It has no end mark; it ends when each candidate has said why.

use super::answer::{Candidate, Logprobs, Memory, Reported, Response, blocked, finish, wrong};
use crate::provider::{
    Fault,
    translate::{
        answer::{Chunks, Finish},
        stream::Decoder,
    },
};
use std::collections::HashMap;

pub(super) struct Events {
    memory: Memory,
    /// How many candidates were asked for.
    expected: usize,
    finished: usize,
    /// Tool calls of each candidate so far.
    calls: HashMap<i64, usize>,
    usage: Option<Reported>,
}

impl Events {
    pub(super) fn new(memory: Memory, candidates: i64) -> Self {
        let expected = usize::try_from(candidates).unwrap_or(1).max(1);
        Self { memory, expected, finished: 0, calls: HashMap::new(), usage: None }
    }

    fn candidate(&mut self, mut candidate: Candidate, out: &mut Chunks) -> Result<(), Fault> {
        let index = candidate.index;
        let calls = self.calls.entry(index).or_default();
        let parts = candidate.content.take().unwrap_or_default().parts;
        if !parts.is_empty() {
            let said = self.memory.read(parts, *calls);
            *calls += said.tool_calls.len();
            out.say_with(index, said, candidate.logprobs_result.as_ref().map(Logprobs::json));
        }
        if let Some(reason) = &candidate.finish_reason {
            out.finish(index, finish(&candidate, reason, *calls > 0)?);
            self.finished += 1;
        }
        Ok(())
    }
}

impl Decoder for Events {
    fn event(&mut self, _: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault> {
        let response: Response =
            serde_json::from_slice(data).map_err(|_| Fault::malformed("an event that cannot be read"))?;
        if let Some(error) = &response.error {
            return Err(wrong(error));
        }
        if let Some(id) = response.response_id {
            out.face.id = id;
        }
        if let Some(model) = response.model_version {
            out.face.model = model;
        }
        // Cumulative: the last one counts.
        self.usage = response.usage_metadata.or(self.usage.take());
        let candidates = response.candidates.unwrap_or_default();
        let block = response.prompt_feedback.and_then(|f| f.block_reason);
        if let (true, Some(reason)) = (candidates.is_empty(), block) {
            out.say(0, blocked(&reason));
            out.finish(0, Finish::ContentFilter);
            self.finished = self.expected;
        }
        for candidate in candidates {
            self.candidate(candidate, out)?;
        }
        if self.finished >= self.expected {
            if let Some(usage) = &self.usage {
                out.usage(&usage.usage());
            }
            out.done();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{
        Surroundings,
        translate::stream::{Framing, testing},
    };

    const GOOD: &str = concat!(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hm\",\"thought\":true}]},\"index\":0}],\"responseId\":\"r\"}\r\n\r\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"日本 🦀\"}]},\"index\":0}]}\n\n",
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"id\":\"t\",\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"c2ln\"}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":6}}\n\n",
    );

    #[test]
    fn however_a_stream_is_cut_or_broken_it_is_read_alike_and_never_made_complete() {
        let guard = egress::Guard::new(&egress::Config::default(), true, vec![]);
        let clock = host::Clock::system();
        let client = egress::Client::new(guard, egress::Purpose::Provider);
        let surroundings = Surroundings::new(client, clock.clone(), host::Ids::new(clock));
        let new = || Events::new(Memory { surroundings: surroundings.clone(), provider: String::new() }, 1);
        testing::holds(Framing::Events, new, GOOD);
    }
}
