//! Placeholder while the contracts are written.
