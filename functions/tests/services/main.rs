//! The services spoken to as browsers do, and the tables beneath them: on SQLite, on DynamoDB over HTTP, with faults on the way; the Lambda
//! programs by the real runtime's interface. One program, since each that links the SDK takes longer to build than most of these tests to run.

#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod cloud;
mod counted;
mod given;
mod hostile;
mod role;
mod runtime;
mod strained;

mod acts;
mod alike;
mod among_many;
mod appeal_sequences;
mod appeal_work;
mod appeals;
mod attachments;
mod burst;
mod catalogue;
mod dynamodb_faults;
mod dynamodb_registrations;
mod examine;
mod files;
mod histories;
mod inbox;
mod lambda;
mod ledger;
mod log;
mod office;
mod outbox;
mod registration_rules;
mod registrations;
mod rights;
mod rotation;
mod scheduled;
mod sqlite_file;
mod table_contract;
mod template;
mod tries;
mod visitors;
