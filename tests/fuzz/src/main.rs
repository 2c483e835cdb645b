//! libFuzzer's door to the properties of `functions::outside`: `FUZZ_TARGET` in the environment names the one to look at.

#![no_main]

use std::sync::OnceLock;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static TARGET: OnceLock<String> = OnceLock::new();
    functions::outside::hold(TARGET.get_or_init(|| std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target")), bytes);
});
