//! libFuzzer's door to the properties of `functions::outside`: `FUZZ_TARGET` in the environment names the one to look at.

#![no_main]

use std::sync::OnceLock;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static TARGET: OnceLock<String> = OnceLock::new();
    let target = TARGET.get_or_init(|| {
        // The engine's hook ends the process before anybody can catch a panic, and ours are caught where a decoder of others may panic. What nobody
        // catches ends the process still.
        let _ = std::panic::take_hook();
        std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target")
    });
    functions::outside::hold(target, bytes);
});
