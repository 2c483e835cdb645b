//! `--table dynamodb:NAME`: the same commands on the cloud's table, against whatever server `AWS_ENDPOINT_URL_DYNAMODB` names.

use std::process::{Command, Output};

use functions::{Clock, table::dynamodb::DynamoDb};

use crate::site::{Server, Site, build, complained, done, number, refused, take_appeal};

const NOW: &str = "2026-11-24T10:00:00+08:00";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A built site, and a table of its own on the server.
struct Cloud {
    site: Site,
    table: String,
}

impl Cloud {
    /// # Panics
    ///
    /// Without a server: a test that cannot do its work must not pass.
    fn new() -> Cloud {
        let site = Site::whole();
        build(&site, NOW);
        let server = std::env::var("AWS_ENDPOINT_URL_DYNAMODB").is_ok_and(|url| !url.is_empty());
        assert!(server, "`AWS_ENDPOINT_URL_DYNAMODB` names no server\nhint: `tests/run cloud` starts one");
        let folder = site.path("").file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let unique = folder.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let table = format!("xiangshang-program-{}-{unique}", std::process::id());
        let made = DynamoDb::from_environment(table.clone(), Clock::system());
        let made = made.expect("`tests/run` sets AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
        let runtime = tokio::runtime::Runtime::new().expect("the system gives threads");
        runtime.block_on(made.create_table()).expect("the server makes a table");
        Cloud { site, table: format!("dynamodb:{table}") }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.site.command(&[arguments, &["--table", &self.table, "--now", NOW]].concat());
        command.env("XIANGSHANG_KEY", KEY);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("xiangshang runs")
    }

    fn serve(&self) -> Server {
        Site::started(self.command(&["serve", "--addr", "127.0.0.1:0", "--no-watch"]))
    }
}

#[test]
fn the_office_works_on_the_cloud_table_as_on_its_own() {
    let cloud = Cloud::new();
    refused(&cloud.run(&["roster", "djt-2026-q4"]), "xiangshang publish");
    assert!(done(&cloud.run(&["publish", "--dry-run"])).contains("什么都没有改"));
    assert!(done(&cloud.run(&["publish"])).contains("已提交"));
    assert!(done(&cloud.run(&["publish"])).contains("没有改动"));

    let person = ["--set", "name=王芳菲", "--set", "mobile=13900001234", "--set", "company=相山某某商贸有限公司"];
    let rest = ["--set", "attendance=onsite", "--set", "handle=yes", "--yes"];
    let registered = cloud.run(&[&["register", "--session", "djt-2026-q4"][..], &person, &rest].concat());
    let registration = number(&done(&registered));
    let roster = done(&cloud.run(&["roster", "djt-2026-q4", "--reveal", "--reason", "打印签到表"]));
    assert!(roster.contains(&registration) && roster.contains("王芳菲"), "{roster}");

    let need = ["--set", "library=finance", "--set", "need=收购季节要用五十万元周转三个月", "--set", "contact=张三丰"];
    let who = ["--set", "mobile=13812345678", "--set", "company=相山某某食品厂", "--set", "handle=yes", "--yes"];
    let intake = number(&done(&cloud.run(&[&["intake", "library"][..], &need, &who].concat())));
    assert!(done(&cloud.run(&["calls"])).contains(&intake));
    done(&cloud.run(&["calls", "done", &intake, "--note", "约了周五"]));
    assert!(done(&cloud.run(&["inbox"])).contains("已联系"));
    done(&cloud.run(&["case", &intake, "--handled", "--reason", "已转服务站"]));
    assert!(done(&cloud.run(&["inbox"])).contains("收件箱是空的"));
    let opened = done(&cloud.run(&["case", &intake, "--reveal", "--reason", "复核"]));
    assert!(opened.contains("张三丰") && opened.contains("约了周五"), "{opened}");

    let appeal = take_appeal(|arguments| cloud.run(arguments));
    assert!(done(&cloud.run(&["ledger", "--csv"])).contains(&appeal));
    assert!(!cloud.site.path("data").exists(), "nothing lies on this machine");
}

#[test]
fn a_site_is_served_on_the_cloud_table() {
    let cloud = Cloud::new();
    let server = cloud.serve();
    assert_eq!((server.get("/").status, server.get("/healthz").status), (200, 200));
    assert!(server.get("/f/track").body.contains("查询码"));
    let appeal = take_appeal(|arguments| cloud.run(arguments));
    assert!(done(&cloud.run(&["inbox"])).contains(&appeal));
    assert!(!cloud.site.path("data").exists(), "nothing lies on this machine");
}

#[test]
fn what_the_cloud_table_cannot_do_is_said_with_what_to_do() {
    let cloud = Cloud::new();
    done(&cloud.run(&["publish"]));
    refused(&cloud.run(&["backup", "a.sqlite"]), "按时间点恢复");
    refused(&cloud.run(&["restore", "a.sqlite"]), "按时间点恢复");

    let ended = |command: &mut Command| command.output().expect("xiangshang runs");
    refused(&ended(cloud.command(&["inbox"]).env_remove("XIANGSHANG_KEY")), "设好环境变量 XIANGSHANG_KEY");
    refused(&ended(cloud.command(&["inbox"]).env("XIANGSHANG_KEY", "short")), "不是密钥");
    let other = "HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    refused(&ended(cloud.command(&["inbox"]).env("XIANGSHANG_KEY", other)), "不是加密这些数据的那把");
    refused(&ended(cloud.command(&["inbox"]).env_remove("AWS_ACCESS_KEY_ID")), "AWS_ACCESS_KEY_ID");

    let elsewhere = Cloud { table: "dynamodb:no-such-table".to_owned(), ..cloud };
    let missing = elsewhere.run(&["inbox"]);
    refused(&missing, "云上没有这张数据表");
    assert!(complained(&missing).contains("TableName"), "{}", complained(&missing));
    let nobody = ended(elsewhere.command(&["inbox"]).env("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9"));
    refused(&nobody, "连不上");
}

#[test]
fn the_key_of_the_cloud_table_is_exchanged_by_three_texts_in_their_order() {
    let cloud = Cloud::new();
    done(&cloud.run(&["publish"]));
    let appeal = take_appeal(|arguments| cloud.run(arguments));
    refused(&cloud.command(&["keys", "rotate"]).env("XIANGSHANG_KEY", "short").output().expect("xiangshang runs"), "不是密钥");
    let told = done(&cloud.run(&["keys", "rotate"]));
    let texts: Vec<&str> = told.lines().filter(|line| line.len() >= 44 && line.is_ascii()).collect();
    let [known, used, last] = texts[..] else { panic!("{told}") };
    let with =
        |key: &str, arguments: &[&str]| cloud.command(arguments).env("XIANGSHANG_KEY", key).output().expect("xiangshang runs");
    assert!(done(&cloud.run(&["inbox"])).contains(&appeal), "nothing was changed");
    refused(&with(last, &["inbox"]), "不是加密这些数据的那把");

    assert!(done(&with(known, &["inbox"])).contains(&appeal));
    assert!(done(&cloud.run(&["inbox"])).contains(&appeal), "functions that are not deployed yet go on");
    refused(&with(known, &["keys", "reseal"]), "先部署第二份");
    refused(&with(known, &["keys", "retire"]), "先部署第二份");
    refused(&with(known, &["keys", "rotate"]), "已经在换密钥");

    assert!(done(&with(used, &["inbox"])).contains(&appeal));
    refused(&cloud.run(&["inbox"]), "不是加密这些数据的那把");
    refused(&with(used, &["keys", "retire"]), "keys reseal");
    assert!(done(&with(used, &["keys", "reseal"])).contains("全部换成了新密钥"));
    let open = ["case", &appeal, "--reveal", "--reason", "核对"];
    for key in [known, used] {
        assert!(done(&with(key, &open)).contains("张三丰"));
    }
    let later = |key: &str, arguments: &[&str]| {
        let mut command =
            cloud.site.command(&[arguments, &["--table", &cloud.table, "--now", "2026-11-24T13:00:00+08:00"]].concat());
        command.env("XIANGSHANG_KEY", key).output().expect("xiangshang runs")
    };
    assert!(done(&later(used, &["keys", "retire"])).contains(last), "what is to be deployed is shown again");
    assert!(done(&with(last, &open)).contains("张三丰"));
    refused(&with(known, &["inbox"]), "旧密钥不能再用");
}
