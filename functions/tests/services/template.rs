//! The stack's template says nothing that the code does not mean. That it is valid at all is `.ci/run`'s to tell (cfn-lint).

use crate::given::Site;

const TEMPLATE: &str = include_str!("../../template.yaml");

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
    let scans = ["AppealRole", "RegistrationRole", "ScheduledRole", "ExaminationRole", "Api"];
    for pair in scans.windows(2) {
        let role = part(pair[0], pair[1]);
        assert!(!role.contains(":*") && !role.contains("\"*\"") && !role.contains("ManagedPolicyArns"), "{}: {role}", pair[0]);
        assert_eq!(role.contains("dynamodb:Scan"), pair[0] == "ScheduledRole", "only what sweeps reads the whole table: {role}");
        // Whoever hands out forms cannot read what comes of them, and only who examines and erases removes anything.
        let (reads, keeps) = (role.contains("s3:GetObject"), role.contains("s3:PutObject") && role.contains("/kept/*"));
        assert_eq!((reads, keeps), (pair[0] == "ExaminationRole", pair[0] == "ExaminationRole"), "{}: {role}", pair[0]);
        for action in ["CreateTable", "DeleteTable", "UpdateTable", "BatchWrite", "Export", "Restore"] {
            assert!(!role.contains(action), "{}: {role}", pair[0]);
        }
    }
}

/// The addresses below a path as the template writes it.
fn examples(path: &str) -> Vec<String> {
    match path.strip_suffix("/{proxy+}") {
        Some(form) => ["person", "review", "confirm"].map(|step| format!("{form}/draft/abc/{step}")).to_vec(),
        None => vec![path.replace("{id}", "abc")],
    }
}

#[tokio::test]
async fn the_function_of_appeals_answers_all_that_the_stack_sends_it_as_the_other_would() {
    let function = part("Appeal", "Registration");
    let paths: Vec<&str> =
        function.split("Path: ").skip(1).map(|rest| rest.split(" }").next().unwrap().trim_matches('"')).collect();
    assert_eq!(paths.len(), function.matches("HttpApi").count(), "{function}");
    let site = Site::open().await;
    let appeals = site.appeals();
    for path in paths.into_iter().flat_map(examples) {
        let (asked, same) = (site.get(&path).await, appeals.get(&path).await);
        assert_eq!((same.status, same.text), (asked.status, asked.text), "GET {path}");
        let (posted, same) = (site.post(&path, &[]).await, appeals.post(&path, &[]).await);
        assert_eq!((same.status, same.text), (posted.status, posted.text), "POST {path}");
    }
    let door = (site.get("/f/checkin/salon").await, appeals.get("/f/checkin/salon").await);
    assert_eq!((door.0.status.as_u16(), door.1.status.as_u16()), (200, 404), "what the stack does not send it is not linked");
}

#[test]
fn both_partitions_are_meant() {
    for wrong in
        ["arn:aws:", "amazonaws.com\"", "FunctionUrlConfig", "CachePolicyId", "OriginAccessControl", "CloudFront::Function"]
    {
        assert!(!TEMPLATE.contains(wrong), "`{wrong}` is not known in every partition");
    }
}
