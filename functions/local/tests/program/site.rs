//! A site as small as it can be, in a folder of its own, and the real `xiangshang` on it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        mpsc::{self, Receiver},
    },
    time::Duration,
};

use tempfile::TempDir;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Another `xiangshang` than the one that was built along: a benchmark is told which.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Takes the program from the folder after `--built`, where a benchmark was told one.
#[allow(dead_code, reason = "tests take what was built along")]
pub fn take_program(arguments: &[String]) {
    if let Some(at) = arguments.iter().position(|argument| argument == "--built") {
        let folder = arguments.get(at + 1).expect("`--built` is followed by a folder");
        let program = fs::canonicalize(Path::new(folder).join("xiangshang")).expect("`xiangshang` is in that folder");
        PROGRAM.set(program).expect("it is set once");
    }
}

/// A folder with `content/` and `themes/`; its data and its key are its own too.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// One page, no forms, the project's theme.
    pub fn new() -> Site {
        let site = Site { folder: tempfile::tempdir().expect("a temporary folder") };
        copy(&project().join("themes"), &site.path("themes"));
        site.write(
            "content/site.yaml",
            "name: 小站\ntagline: 只为测试\nbase_url: https://example.org\norganiser: 测试\ntheme: xiangshang\nnavigation: []\n",
        );
        site.write("content/_index.md", "---\ntitle: 首页\n---\n\n你好。\n");
        site.write("content/about.md", "---\ntitle: 关于\n---\n\n关于我们。\n");
        site
    }

    /// The same with a course that one can register for, and no posters: as little as the functions have to know of.
    pub fn with_course() -> Site {
        let site = Site::new();
        fs::remove_dir_all(site.path("themes/xiangshang/posters")).expect("the theme has posters");
        for file in ["data/limits.yaml", "data/chains.yaml", "data/calendar/2026.yaml", "forms/registration.yaml"] {
            let text = fs::read_to_string(project().join("content").join(file)).expect("the project has it");
            site.write(&format!("content/{file}"), &text);
        }
        site.write("content/courses/_index.md", "---\ntitle: 课程\npages: course\n---\n");
        site.write(
            "content/courses/cash.md",
            "---\ntitle: 算清现金流\ndate: 2026-11-16\nevent:\n  start: 2026-12-29 14:30\n  end: 2026-12-29 17:00\n  place: 会议室\n  \
             audience: 企业\n  contact: 工商联\n  attendance: both\n  registration:\n    id: djt-2026-q4\n    onsite_seats: 60\n    \
             online_seats: 200\n    deadline: 2026-12-28 12:00\n---\n\n讲现金流。\n",
        );
        site
    }

    /// Exchanges words in a file of the site.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(path)).expect("the file is there");
        assert!(text.contains(from), "`{from}` is not in `{path}`");
        self.write(path, &text.replace(from, to));
    }

    /// The project's own content with its forms.
    pub fn whole() -> Site {
        let site = Site { folder: tempfile::tempdir().expect("a temporary folder") };
        copy(&project().join("themes"), &site.path("themes"));
        copy(&project().join("content"), &site.path("content"));
        site
    }

    /// A path in the site.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file as an editor would.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a path in the site has a folder")).expect("makes the folder");
        fs::write(path, text).expect("writes the file");
    }

    /// `xiangshang` with these arguments, about to run on this site.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM.get().map_or(Path::new(env!("CARGO_BIN_EXE_xiangshang")), PathBuf::as_path));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("USER", "测试员")
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("xiangshang runs")
    }

    /// Runs it to its end with `typed` as its input.
    pub fn talk(&self, arguments: &[&str], typed: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("xiangshang starts");
        // It may end before it has read everything.
        let _ = child.stdin.take().expect("stdin is piped").write_all(typed.as_bytes());
        child.wait_with_output().expect("xiangshang ends")
    }

    /// Starts `serve` on a free port and waits until it says where it is.
    pub fn serve(&self, arguments: &[&str]) -> Server {
        let mut command = self.command(&["serve", "--addr", "127.0.0.1:0"]);
        command.args(arguments);
        Site::started(command)
    }

    /// The same, started by a line of shell that ends in `exec "$@"`.
    #[cfg(unix)]
    pub fn serve_by(&self, shell: &str, arguments: &[&str]) -> Server {
        let serve = self.command(&["serve", "--addr", "127.0.0.1:0"]);
        let mut command = Command::new("sh");
        command.args(["-c", shell, "sh"]).arg(serve.get_program()).args(serve.get_args()).args(arguments);
        command.current_dir(self.folder.path());
        for (name, value) in serve.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Site::started(command)
    }

    /// Starts a `serve` and waits until it says where it is.
    pub fn started(mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("xiangshang starts");
        let said = read_lines(child.stdout.take().expect("stdout is piped"));
        let errors = read_lines(child.stderr.take().expect("stderr is piped"));
        let mut server = Server { url: String::new(), child, said, errors };
        let mut before = Vec::new();
        while let Ok(line) = server.said.recv_timeout(PATIENCE) {
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")) {
                server.url = url.to_owned();
                return server;
            }
            before.push(line);
        }
        panic!("no address: {before:?} {:?}", server.errors.try_iter().collect::<Vec<_>>());
    }
}

/// A running `serve`; killed when dropped.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    child: Child,
    said: Receiver<String>,
    errors: Receiver<String>,
}

/// What a request came back with.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// A header, empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl Server {
    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// A request, written by hand: a client would tidy up the address first.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = self.connect();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n").expect("sends");
        read_answer(stream)
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.url.trim_start_matches("http://")).expect("connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        stream
    }

    /// A form of `length` bytes that is asked for and not yet sent: the server waits for them.
    pub fn begin_form(&self, length: usize) -> TcpStream {
        let mut stream = self.connect();
        let head = "POST /f/appeal HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Expect: 100-continue";
        write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n").expect("sends");
        let mut answer = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut answer).expect("it is answered");
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream
    }

    /// The status events that an open page receives.
    pub fn events(&self) -> Events {
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_connect(Some(PATIENCE)).build().into();
        let response = agent.get(format!("{}/_dev/events", self.url)).call().expect("the event stream opens");
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events(read_lines(response.into_body().into_reader()))
    }

    /// Waits for a line on stdout that holds `words`.
    pub fn hear(&self, words: &str) -> String {
        wait_for(&self.said, words)
    }

    /// Waits for a line on stderr that holds `words`.
    pub fn hear_error(&self, words: &str) -> String {
        wait_for(&self.errors, words)
    }

    /// Sends a signal by name.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Changes a limit of the process.
    #[cfg(target_os = "linux")]
    pub fn limit(&self, what: &str, bound: &str) {
        let pid = self.child.id().to_string();
        let done = Command::new("prlimit").args(["--pid", &pid, &format!("--{what}={bound}:")]).status().expect("prlimit runs");
        assert!(done.success());
    }

    /// Its exit code when it ends within `time`, and whether it cut off what was in flight.
    #[cfg(unix)]
    pub fn ends_within(mut self, time: Duration) -> (Option<i32>, bool) {
        let started = std::time::Instant::now();
        while started.elapsed() < time {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return (status.code(), self.errors.iter().any(|line| line.contains("some requests were cut off")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it still runs after {time:?}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An open event stream.
pub struct Events(Receiver<String>);

impl Events {
    /// The data of the next status.
    pub fn next(&self) -> serde_json::Value {
        let data = wait_for(&self.0, "data: ");
        serde_json::from_str(data.trim_start_matches("data: ")).expect("a status is JSON")
    }

    /// Whether nothing is said for so long.
    pub fn silent_for(&self, time: Duration) -> bool {
        self.0.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Timeout)
    }
}

/// The answer that comes over `stream`.
pub fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the answer ends");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer has a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Answer { status: status.expect("a status line"), headers: headers.collect(), body: body.to_owned() }
}

fn read_lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if !line.is_empty() && sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn wait_for(lines: &Receiver<String>, words: &str) -> String {
    let mut before = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) if line.contains(words) => return line,
            Ok(line) => before.push(line),
            Err(_) => panic!("never said `{words}`, only {before:?}"),
        }
    }
}

/// What a program printed.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it printed on stderr.
pub fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What it printed, when it has done its work.
#[track_caller]
pub fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", said(output), complained(output));
    said(output)
}

/// It has not done its work and says why in these words.
#[track_caller]
pub fn refused(output: &Output, words: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    assert!(complained(output).contains(words), "{}", complained(output));
}

/// The number in what was printed or shown.
pub fn number(text: &str) -> String {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() > 10)
        .find(|word| word.starts_with("XS") || word.starts_with("XB"))
        .expect("a number")
        .to_owned()
}

/// Takes an appeal on the telephone, by a program that is run with these arguments; gives its number.
pub fn take_appeal(run: impl Fn(&[&str]) -> Output) -> String {
    let description = "description=我公司在某银行的流动资金贷款下月到期，银行口头告知不再续贷，请协调。";
    let matter = ["category=finance", "title=贷款到期无法续贷", description, "urgency=一般", "publish=no", "handle=yes"];
    let person = ["company=淮北某某食品有限公司", "contact=张三丰", "mobile=13812345678"];
    let answers = matter.into_iter().chain(person).flat_map(|answer| ["--set", answer]);
    number(&done(&run(&["appeal", "--yes"].into_iter().chain(answers).collect::<Vec<_>>())))
}

/// Builds the site as `site-gen` does, without telling the functions.
pub fn build(site: &Site, now: &str) {
    let options = site_gen::build::Options::new(site.path(""), now.parse().expect("a moment"));
    let built = site_gen::build::build(&options).expect("the site can be read");
    site_gen::write::write_manifest(built.manifest.as_ref(), &site.path("public")).expect("the manifest is written");
}

/// The workspace's root.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("this package lies two folders deep").to_owned()
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes the folder");
    for entry in fs::read_dir(from).expect("reads the folder").map(|entry| entry.expect("reads the entry")) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copies the file");
        }
    }
}
