//! The real `xiangshang serve` on a private copy of the site.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use site_gen::build::CACHE;
use tempfile::TempDir;

use crate::checks;

/// The moment at which the tests live: a working Tuesday morning on which the real content shows every state.
pub const NOW: &str = "2026-11-24T10:00:00+08:00";

/// A copy of the project's `content/` and `themes/` with a data folder and a key of its own.
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// Copies the project's site into a fresh folder. Posters that another site of this process has drawn are not drawn again.
    pub fn new() -> Result<Site> {
        let folder = tempfile::tempdir().context("cannot make a folder for the site")?;
        for part in ["content", "themes"] {
            copy_folder(&project_root().join(part), &folder.path().join(part))?;
        }
        let cache = folder.path().join(CACHE);
        fs::create_dir(&cache)?;
        std::os::unix::fs::symlink(drawn_posters(), cache.join("posters"))?;
        Ok(Site { folder })
    }

    /// The folder that `--root` names.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Starts `xiangshang serve` and waits until it has printed its address.
    pub fn serve(&self) -> Result<Server> {
        self.serve_with(&[])
    }

    /// Starts it as it is published: nothing is watched, no script is put into pages. Waits until its files are packed.
    pub fn serve_unwatched(&self) -> Result<Server> {
        let server = self.serve_with(&["--no-watch"])?;
        let folder = self.root().join("public");
        for _ in 0..600 {
            let files = checks::files(&folder)?;
            let packed = |page: &String| {
                files.binary_search(&format!("{page}.br")).is_ok() && files.binary_search(&format!("{page}.gz")).is_ok()
            };
            if files.iter().filter(|file| file.ends_with(".html")).all(packed)
                && !files.iter().any(|file| file.ends_with(".part"))
            {
                return Ok(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("nothing was packed for a minute")
    }

    fn serve_with(&self, more: &[&str]) -> Result<Server> {
        let mut child = self
            .command()
            .arg("serve")
            .args(["--addr", "127.0.0.1:0", "--now", NOW])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start `xiangshang`")?;
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some(url) = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")) {
                let url = url.trim_end_matches('/').to_owned();
                // Whatever else it says is read away, so that it never blocks on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                let mut errors = child.stderr.take().expect("stderr is piped");
                std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::stderr()));
                return Ok(Server { child, url });
            }
        }
        let mut said = String::new();
        child.stderr.take().expect("stderr is piped").read_to_string(&mut said)?;
        child.wait()?;
        bail!("`xiangshang serve` ended without an address:\n{said}")
    }

    /// Runs one of the office's commands on this site's data and gives what it printed.
    pub fn office(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command().args(arguments).output().context("cannot start `xiangshang`")?;
        if !output.status.success() {
            bail!("`xiangshang {}` failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(xiangshang());
        // Configuration of whoever runs the tests must not reach the site under test.
        command.current_dir(self.root()).env("XDG_CONFIG_HOME", self.root().join("config")).env("NO_COLOR", "1");
        command
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Server {
    /// SIGKILL: no destructor runs, no buffer is flushed.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// An agent that does not follow redirects and treats 4xx as answers, so that tests see each step.
    pub fn agent() -> ureq::Agent {
        ureq::Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The workspace's root.
pub fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// Where posters are kept that this process has drawn. Drawing all of a site takes most of its build, and is the same for each.
fn drawn_posters() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = target().join("tmp/posters");
        // Of an earlier process: they may have been drawn by another program.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        folder
    })
}

/// `target/PROFILE`, where the test program was built.
fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a test knows its own file");
    program.ancestors().nth(2).expect("test binaries lie in PROFILE/deps").to_owned()
}

/// The binary that `XIANGSHANG` names (`tests/run` has it from the same build as the tests), or else that of the profile under test, built
/// once a process: a package's tests cannot name another package's binary.
fn xiangshang() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("XIANGSHANG").map_or_else(built, PathBuf::from))
}

fn built() -> PathBuf {
    let folder = target();
    let mut build = Command::new(env!("CARGO"));
    build.current_dir(project_root()).args(["build", "--quiet", "--package", "local", "--bin", "xiangshang"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo runs").success(), "`xiangshang` does not build");
    folder.join("xiangshang")
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read `{}`", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
