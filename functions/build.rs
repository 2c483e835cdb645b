//! Lets the linker of the Lambda binaries keep one of several functions that came out as the same machine code.
//!
//! Where they are built as they are deployed (profile `lambda`) and rustup's own linker is used, which knows how to (zig's, which cargo-lambda brings, refuses
//! to be asked); no other program is linked in another way.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // By this a linker is given; cargo then tells build scripts of it as `RUSTC_LINKER`.
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    let is_deployed = std::env::var_os("CARGO_FEATURE_LAMBDA").is_some() && is("OPT_LEVEL", "z");
    if is_deployed && is("TARGET", "x86_64-unknown-linux-gnu") && std::env::var_os("RUSTC_LINKER").is_none() {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
