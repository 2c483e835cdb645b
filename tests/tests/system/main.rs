//! The whole system as people meet it: the real program on a copy of the real content, a real browser as a phone, other people's checkers and
//! servers.

mod author;
mod content;
mod copying;
mod editor;
mod firms;
mod hosting;
mod labels;
mod line;
mod matching;
mod registrants;
mod rights;
mod search;
mod turns;
mod visitors;
mod whole_site;
