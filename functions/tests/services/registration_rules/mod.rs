//! Registrations, held to their rules on every engine.
//!
//! - `world`: a site with one session, and what must be true of all that is stored of it.
//! - `order`: any order of acts keeps what must be true.
//! - `crowd`: so do many at once.
//! - `life`: what becomes of registrations, told one by one.
//! - `news`: what changes about a session reaches everybody once, also when the process dies in the middle.

mod crowd;
mod life;
mod news;
mod order;
mod world;

use std::sync::Arc;

use functions::{
    Clock,
    table::{Table, sqlite::Sqlite},
};

use crate::{cloud, given};

/// Runs a case on a SQLite file of its own.
async fn on_sqlite(case: impl AsyncFnOnce(Arc<dyn Table>, Clock)) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(given::start());
    let table = Sqlite::open(&folder.path().join("table.db"), clock.clone()).unwrap();
    case(Arc::new(table), clock).await;
}

/// Runs a case on a DynamoDB table of its own.
async fn on_dynamodb(case: impl AsyncFnOnce(Arc<dyn Table>, Clock)) {
    let clock = Clock::standing_at(given::start());
    let table = Arc::new(cloud::table(clock.clone()).await);
    case(table.clone(), clock).await;
    table.delete_table().await.unwrap();
}

macro_rules! tests {
    ($engine:ident, $on:path, $cases:literal, [$($module:ident::$case:ident,)*]) => {
        mod $engine {
            #[test]
            fn any_order_of_acts_keeps_every_invariant() {
                use super::order::{any_order_of_acts_keeps_every_invariant, run};
                run($cases, |acts| $on(async |table, clock| any_order_of_acts_keeps_every_invariant(table, clock, acts).await));
            }

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $on(super::$module::$case).await;
                }
            )*
        }
    };
}

macro_rules! hold_registrations_to_their_rules {
    ($engine:ident, $on:path, $cases:literal) => {
        tests!(
            $engine,
            $on,
            $cases,
            [
                crowd::two_hundred_at_once_take_eighty_seats_while_others_cancel_and_seats_are_handed_on,
                life::a_freed_seat_is_offered_to_whoever_waits_first_and_passes_on_by_itself,
                life::an_offer_is_held_from_the_moment_at_which_it_was_told,
                life::nobody_is_offered_a_seat_at_night,
                life::an_offer_is_accepted_or_declined_and_twice_is_harmless,
                life::every_step_is_confirmed_in_its_own_words,
                life::whoever_would_have_liked_the_room_moves_when_nobody_waits_for_it,
                life::a_change_is_kept_with_its_names_and_never_costs_a_seat,
                life::the_door_opens_to_a_code_and_twice_is_harmless,
                life::a_registration_that_a_person_has_looked_at_goes_on_or_is_put_away,
                life::one_telephone_may_register_again_after_it_has_cancelled,
                life::fewer_seats_than_were_given_out_move_nobody_out_and_are_said,
                life::nobody_registers_for_what_is_postponed_and_whoever_has_stays,
                life::the_roster_opens_names_only_with_a_record,
                news::a_cancelled_session_reaches_everybody_once_wherever_the_process_dies,
                news::another_place_reaches_everybody_once_wherever_the_process_dies,
            ]
        );
    };
}

hold_registrations_to_their_rules!(sqlite, super::on_sqlite, 48);
hold_registrations_to_their_rules!(dynamodb, super::on_dynamodb, 12);
