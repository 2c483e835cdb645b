//! The stack's template says nothing that the code does not mean. That it is valid at all is `.ci/run`'s to tell (cfn-lint).

use std::sync::Arc;

use axum::{Router, http::StatusCode};
use functions::{Service, jobs};

use crate::{given::Site, role::role_of};

pub const TEMPLATE: &str = include_str!("../../template.yaml");

/// The part of the template from the resource `from` to the resource `to`, on one line.
fn part(from: &str, to: &str) -> String {
    let (_, after) = TEMPLATE.split_once(&format!("\n  {from}:\n")).unwrap();
    let (part, _) = after.split_once(&format!("\n  {to}:\n")).unwrap();
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn static_pages_get_the_security_headers_that_the_functions_send() {
    for (resource, next, path) in [("SecurityHeaders", "EditorHeaders", "/"), ("EditorHeaders", "Distribution", "/admin/")] {
        sends(&part(resource, next), path);
    }
    let distribution = part("Distribution", "Alarms");
    let (_, editor) = distribution.split_once(&format!("PathPattern: {}*", pages::headers::EDITOR_FOLDER)).unwrap();
    assert!(editor.contains("!Ref EditorHeaders"), "{editor}");
}

/// The headers of `path` are all in `headers`.
fn sends(headers: &str, path: &str) {
    for (name, value) in pages::headers::security(path) {
        let said = match name {
            "content-security-policy" => headers.contains(value),
            "referrer-policy" => headers.contains(&format!("ReferrerPolicy: {value} }}")),
            "x-content-type-options" => headers.contains("ContentTypeOptions: { Override: true }"),
            "x-frame-options" => headers.contains(&format!("FrameOption: {value} }}")),
            _ => {
                headers.contains(&format!("Header: {name}, Value: {value} }}"))
                    || headers.contains(&format!("Header: {name}, Value: \"{value}\" }}"))
            }
        };
        assert!(said, "`{name}: {value}` is not in {headers}");
    }
}

#[test]
fn no_function_may_do_more_than_its_work_needs() {
    let roles =
        ["AppealRole", "RegistrationRole", "TrackerRole", "ActsRole", "RightsRole", "ScheduledRole", "ExaminationRole", "Api"];
    for pair in roles.windows(2) {
        let role = part(pair[0], pair[1]);
        assert!(!role.contains(":*") && !role.contains("\"*\"") && !role.contains("ManagedPolicyArns"), "{}: {role}", pair[0]);
        assert_eq!(role.contains("dynamodb:Scan"), pair[0] == "ScheduledRole", "only what sweeps reads the whole table: {role}");
        for action in ["CreateTable", "DeleteTable", "UpdateTable", "BatchWrite", "Export", "Restore"] {
            assert!(!role.contains(action), "{}: {role}", pair[0]);
        }
    }
}

#[test]
fn whoever_hands_out_forms_cannot_read_what_comes_of_them_and_few_remove_anything() {
    let programs = ["acts", "appeal", "attachments", "registration", "rights", "scheduled", "tracker"];
    let all: Vec<_> = programs.into_iter().flat_map(|name| role_of(name).into_iter().map(move |act| (name, act))).collect();
    let with = |start: &str| -> Vec<String> {
        all.iter().filter(|(_, act)| act.action.starts_with(start)).map(|(name, act)| format!("{name}: {act}")).collect()
    };
    let files = [
        "acts: s3:PutObject on `pending/*`",
        "attachments: s3:GetObject on `pending/*`",
        "attachments: s3:DeleteObject on `pending/*`",
        "attachments: s3:PutObject on `kept/*`",
        "attachments: s3:DeleteObject on `kept/*`",
        "attachments: s3:ListBucket on ``",
        "rights: s3:DeleteObject on `kept/*`",
        "scheduled: s3:DeleteObject on `kept/*`",
    ];
    assert_eq!(with("s3:"), files);
    assert!(!with("dynamodb:DeleteItem").iter().any(|may| may.starts_with("tracker")), "who only looks removes nothing");
}

/// Which function's program the stack sends a path to, by the API's own rule: what is spelled out goes before what may be anything, part by part.
pub fn function_for(path: &str) -> String {
    let mut found: Option<(Vec<u8>, &str)> = None;
    for function in TEMPLATE.split("Type: AWS::Serverless::Function").skip(1) {
        let (_, after) = function.split_once("CodeUri: ../target/lambda/").unwrap();
        let name = after.split(".zip").next().unwrap();
        let events = function.split("\n\n").next().unwrap();
        for route in events.split("Path: ").skip(1).map(|rest| rest.split(" }").next().unwrap().trim_matches('"')) {
            if let Some(closeness) = closeness(route, path).filter(|one| found.as_ref().is_none_or(|(other, _)| one > other)) {
                found = Some((closeness, name));
            }
        }
    }
    found.unwrap_or_else(|| panic!("the stack sends {path} nowhere")).1.to_owned()
}

/// For each part of `path` how closely `route` says it; none when it does not fit.
fn closeness(route: &str, path: &str) -> Option<Vec<u8>> {
    let (mut route, mut path) = (route.split('/').skip(1), path.split('/').skip(1));
    let mut closeness = Vec::new();
    loop {
        match (route.next(), path.next()) {
            (None, None) => return Some(closeness),
            (Some("{proxy+}"), Some(_)) => return Some(closeness),
            (Some(said), Some(_)) if said.starts_with('{') => closeness.push(1),
            (Some(said), Some(part)) if said == part => closeness.push(2),
            _ => return None,
        }
    }
}

#[tokio::test]
async fn each_function_answers_what_the_stack_sends_it_as_all_of_them_together_would() {
    let site = Site::open().await;
    type Routes = fn(Arc<Service>) -> Router;
    let jobs: [(&str, Routes); 5] = [
        ("appeal", jobs::appeal),
        ("registration", jobs::registration),
        ("tracker", jobs::tracker),
        ("acts", jobs::acts),
        ("rights", jobs::rights),
    ];
    let whole = [
        ("/f/appeal", "appeal"),
        ("/f/appeal/draft/abc/person", "appeal"),
        ("/f/appeal/draft/abc/review", "appeal"),
        ("/f/appeal/draft/abc/confirm", "appeal"),
        ("/f/registration", "registration"),
        ("/f/registration/draft/abc/attendee", "registration"),
        ("/f/registration/draft/abc/review", "registration"),
        ("/f/registration/draft/abc/confirm", "registration"),
        ("/f/seats/salon", "registration"),
        ("/f/checkin/salon", "registration"),
        ("/f/checkin/salon/123456", "registration"),
        ("/f/nothing", "registration"),
        ("/f/no/thing/at/all", "registration"),
        ("/f/receipt/abc", "tracker"),
        ("/f/track", "tracker"),
        ("/f/track/lost", "tracker"),
        ("/f/track/abc.png", "tracker"),
        ("/f/done/abc", "tracker"),
        ("/f/sent/abc", "tracker"),
        ("/f/calendar/abc.ics", "tracker"),
        ("/f/qr/salon/abc.png", "tracker"),
        ("/f/act/show", "tracker"),
        ("/f/act/cancel", "acts"),
        ("/f/act/nothing", "acts"),
        ("/f/act/stored", "rights"),
        ("/f/act/correct", "rights"),
        ("/f/act/copy", "rights"),
        ("/f/act/erase", "rights"),
    ];
    for (path, name) in whole {
        assert_eq!(function_for(path), name, "{path}");
        for (job, routes) in jobs {
            let alone = site.served_by(routes);
            let (asked, same) = (site.get(path).await, alone.get(path).await);
            let (posted, like) = (site.post(path, &[]).await, alone.post(path, &[]).await);
            if job == name {
                assert_eq!((same.status, same.text), (asked.status, asked.text), "GET {path}");
                assert_eq!((like.status, like.text), (posted.status, posted.text), "POST {path}");
            } else if ["tracker", "acts", "rights"].contains(&job) && !path.starts_with("/f/act/") {
                assert_eq!(
                    (same.status, like.status),
                    (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND),
                    "{path} is linked into `{job}`"
                );
            }
        }
    }
}

#[test]
fn both_partitions_are_meant() {
    for wrong in
        ["arn:aws:", "amazonaws.com\"", "FunctionUrlConfig", "CachePolicyId", "OriginAccessControl", "CloudFront::Function"]
    {
        assert!(!TEMPLATE.contains(wrong), "`{wrong}` is not known in every partition");
    }
}
