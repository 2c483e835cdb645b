//! `docs/pipeline.yml`: what it says is well formed, and its scripts are run as a forge's runner runs them, with the real programs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_yaml::Value;

use crate::site::{Site, complained, done, project, said};

fn pipeline() -> Value {
    let text = fs::read_to_string(project().join("docs/pipeline.yml")).expect("the pipeline is there");
    assert!(!text.contains(": &") && !text.contains(": *"), "Gitea knows no anchors");
    serde_yaml::from_str(&text).expect("it is YAML")
}

fn jobs(pipeline: &Value) -> Vec<(&str, &Value)> {
    let jobs = pipeline["jobs"].as_mapping().expect("jobs by name");
    jobs.iter().map(|(name, job)| (name.as_str().expect("a name"), job)).collect()
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_sequence().expect("steps")
}

/// The folder of the programs. `tests/run` builds both of them first.
fn programs() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_xiangshang")).parent().expect("a folder").to_owned();
    assert!(
        folder.join("site-gen").is_file(),
        "`site-gen` is not built\nhint: cargo build --bin site-gen, with the features of the tests"
    );
    folder
}

/// Runs the scripts of a job as a runner does, one after the other until one fails, for an event on a site.
fn run(job: &str, event: &str, site: &Site, variables: &[(&str, &str)]) -> Vec<Output> {
    let pipeline = pipeline();
    let mut ran = Vec::new();
    for step in steps(&pipeline["jobs"][job]) {
        let Some(script) = step["run"].as_str() else { continue };
        let mut command = Command::new("bash");
        let path = std::env::var("PATH").expect("there is one");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]).current_dir(site.path(""));
        command.env("PATH", format!("{}:{path}", programs().display())).env("GITHUB_PATH", site.path("github-path"));
        command.env("GITHUB_EVENT_NAME", event).env("XDG_CONFIG_HOME", site.path("config")).env("NO_COLOR", "1");
        command.env("SITE_TO", "").env("SITE_OPTIONS", "").envs(variables.iter().copied());
        let output = command.output().expect("bash is installed");
        let failed = !output.status.success();
        ran.push(output);
        if failed {
            break;
        }
    }
    ran
}

#[test]
fn the_pipeline_is_what_three_forges_read() {
    let pipeline = pipeline();
    let events: BTreeSet<&str> = pipeline["on"].as_mapping().expect("events").keys().filter_map(Value::as_str).collect();
    assert_eq!(events, BTreeSet::from(["pull_request", "push", "schedule", "workflow_dispatch"]));
    let jobs = jobs(&pipeline);
    let names: BTreeSet<&str> = jobs.iter().map(|(name, _)| *name).collect();
    for (name, job) in &jobs {
        assert!(job["runs-on"].is_string() && job["if"].is_string(), "{name}");
        if let Some(needed) = job["needs"].as_str() {
            assert!(names.contains(needed), "{name} needs {needed}");
        }
        for step in steps(job) {
            match (step["uses"].as_str(), step["run"].as_str()) {
                (Some(action), None) => {
                    let (action, version) = action.split_once("@v").expect("a version");
                    assert!(action.starts_with("actions/") && version.parse::<u32>().is_ok(), "{name}: {action}");
                }
                (None, Some(script)) => {
                    let read = Command::new("bash").args(["-n", "-c", script]).output().expect("bash is installed");
                    assert!(read.status.success(), "{name}: {}", complained(&read));
                    assert!(!script.contains("${{"), "{name}: what others type never becomes a script");
                }
                _ => panic!("{name}: a step is an action or a script"),
            }
        }
    }
    // What is installed from source is there, with the feature that is asked for.
    let text = fs::read_to_string(project().join("docs/pipeline.yml")).expect("the pipeline is there");
    for line in text.lines().map(str::trim).filter(|line| line.starts_with("cargo install")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |option: &str| words.iter().position(|word| *word == option).map(|at| words[at + 1]);
        let manifest = project().join(after("--path").expect("a folder")).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).expect("a package");
        assert!(after("--features").is_none_or(|feature| manifest.contains(&format!("\n{feature} = ["))), "{line}");
    }
    for action in text.lines().map(str::trim).filter(|line| line.contains("path: ") && line.contains("functions/")) {
        assert!(project().join(action).exists(), "{action}");
    }
}

#[test]
fn a_pull_request_gets_annotations_and_a_preview() {
    let site = Site::new();
    let checked = run("check", "pull_request", &site, &[]);
    assert!(checked.iter().all(|output| output.status.success()), "{}", complained(checked.last().expect("it ran")));
    for job in ["preview-github", "preview-gitea-forgejo"] {
        run(job, "pull_request", &site, &[]).iter().for_each(|output| drop(done(output)));
        assert!(site.path("preview/site/about/index.html").is_file());
        fs::remove_dir_all(site.path("preview")).expect("it was made");
    }
    site.write("content/about.md", "---\ntitle: 关于\ntitel: 写错了\n---\n");
    let checked = run("check", "pull_request", &site, &[]);
    let last = checked.last().expect("it ran");
    assert_eq!(last.status.code(), Some(1));
    assert!(said(last).contains("::error file=content/about.md,line=3"), "{}", said(last));
}

#[test]
fn a_push_publishes_and_the_schedule_only_when_something_changes_by_itself() {
    let site = Site::with_course();
    let last = |ran: Vec<Output>| said(ran.last().expect("it ran"));
    assert!(last(run("publish", "push", &site, &[])).contains("没有填变量 SITE_TO"));
    let number = || fs::read_link(site.path("www/current")).ok();
    let to = [("SITE_TO", "www"), ("SITE_OPTIONS", "--now 2026-11-24T10:00:00+08:00")];
    assert!(last(run("publish", "push", &site, &to)).contains("已发布第 1 版"));
    site.replace("content/courses/cash.md", "讲现金流。", "也讲别的。");
    let first = number();
    run("publish", "schedule", &site, &to).iter().for_each(|output| drop(done(output)));
    assert_eq!(number(), first);
    let later = [("SITE_TO", "www"), ("SITE_OPTIONS", "--now 2026-12-28T12:00:01+08:00")];
    assert!(last(run("publish", "schedule", &site, &later)).contains("已发布第 2 版"));
}
