#![no_main]

use gateway::probe::{Dialect, fuzz};
use std::sync::LazyLock;

static DIALECT: LazyLock<Dialect> = LazyLock::new(|| Dialect::of("mistral"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::answer(&DIALECT, data));
