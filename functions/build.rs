//! Lets the linker of the Lambda binaries keep one of several functions that came out as the same machine code.
//!
//! Where they are built as they are deployed (profile `lambda`) and rustup's own linker is used, which knows how to; no other program is
//! linked in another way.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if std::env::var_os("CARGO_FEATURE_LAMBDA").is_some() && is("OPT_LEVEL", "z") && is("TARGET", "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
