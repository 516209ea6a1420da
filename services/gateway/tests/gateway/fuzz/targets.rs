//! The files that libFuzzer takes, compiled and run here without it: what it would call is `run`.

/// As `libfuzzer_sys::fuzz_target!`, which the files name: this crate stands for that one (`main.rs`).
#[macro_export]
macro_rules! fuzz_target {
    (|$data:ident: &[u8]| $body:expr) => {
        pub fn run($data: &[u8]) {
            $body
        }
    };
}

/// A target for answers, by the kind of provider that gives them.
type Answers = (&'static str, fn(&[u8]));

#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-anthropic.rs"]
pub mod answer_anthropic;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-azure.rs"]
pub mod answer_azure;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-cohere.rs"]
pub mod answer_cohere;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-deepseek.rs"]
pub mod answer_deepseek;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-gemini.rs"]
pub mod answer_gemini;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-mistral.rs"]
pub mod answer_mistral;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-ollama.rs"]
pub mod answer_ollama;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/answer-openai.rs"]
pub mod answer_openai;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/request.rs"]
pub mod request;
#[expect(unused_attributes, reason = "libFuzzer has the main function, where the file is a program")]
#[path = "../../../fuzz/fuzz_targets/sse.rs"]
pub mod sse;

pub const ANSWERS: [Answers; 8] = [
    ("openai", answer_openai::run),
    ("azure", answer_azure::run),
    ("anthropic", answer_anthropic::run),
    ("gemini", answer_gemini::run),
    ("cohere", answer_cohere::run),
    ("mistral", answer_mistral::run),
    ("deepseek", answer_deepseek::run),
    ("ollama", answer_ollama::run),
];
