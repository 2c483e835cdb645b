//! A server with a bare repository and its hook, a working copy, and people with SSH keys: all real.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// Whoever has a key. `stranger` stands in no list.
const PEOPLE: [&str; 7] = ["chief", "writer", "chamber", "first", "second", "last", "stranger"];

/// A page that readers would see.
pub const PAGE: &str = "---\ntitle: 十二月讲座\nsummary: 一句话\n---\n\n正文。\n";

/// All of it, in a folder that goes away.
pub struct World {
    home: TempDir,
}

/// What git or site-gen answered.
#[derive(Debug)]
pub struct Answer {
    /// It went well.
    pub fine: bool,
    /// Everything it said.
    pub said: String,
}

impl Answer {
    fn of(output: &Output) -> Answer {
        let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
        Answer { fine: output.status.success(), said: String::from_utf8_lossy(&said).into_owned() }
    }

    /// It went well, or the test ends with what was said.
    #[track_caller]
    pub fn fine(self) -> String {
        assert!(self.fine, "{}", self.said);
        self.said
    }

    /// It was refused with these words.
    #[track_caller]
    pub fn refused(self, words: &[&str]) -> String {
        assert!(!self.fine, "it was let through: {}", self.said);
        for word in words {
            assert!(self.said.contains(word), "`{word}` is not in: {}", self.said);
        }
        self.said
    }
}

impl World {
    /// A server on which nothing is, and a working copy with nothing in it.
    pub fn empty() -> World {
        let world = World { home: TempDir::new().expect("a folder") };
        for person in PEOPLE {
            let made = world
                .command("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", person, "-f"])
                .arg(world.key(person))
                .output();
            Answer::of(&made.expect("ssh-keygen (openssh-client) is installed")).fine();
        }
        let server = world.server();
        world.git_at(world.home.path(), &["init", "--quiet", "--bare", "-b", "main", &server.to_string_lossy()]).fine();
        let hook = format!(
            "#!/bin/sh\nwhile read -r old new ref; do\n  [ \"$ref\" = refs/heads/main ] || continue\n  '{}' review verify --repo . \"$old\" \"$new\" --pusher \"$GITEA_PUSHER_NAME\" || exit 1\ndone\n",
            env!("CARGO_BIN_EXE_site-gen")
        );
        fs::write(server.join("hooks/pre-receive"), hook).expect("written");
        fs::set_permissions(server.join("hooks/pre-receive"), fs::Permissions::from_mode(0o755)).expect("set");
        world.git_at(world.home.path(), &["clone", "--quiet", &server.to_string_lossy(), "copy"]).fine();
        world.git(&["config", "user.name", "某人"]).fine();
        world.git(&["config", "user.email", "someone@example.invalid"]).fine();
        world.git(&["config", "gpg.format", "ssh"]).fine();
        world
    }

    /// The same with a site whose list names all but the stranger, published.
    pub fn with_list(required: bool) -> World {
        let world = World::empty();
        world.write("content/editors.yaml", &world.list(""));
        world.write("content/site.yaml", &format!("name: 相商未来\nreview:\n  required: {required}\n"));
        world.write("content/about.md", &PAGE.replace("十二月讲座", "关于"));
        world.commit("chief", "开始");
        world.push().fine();
        world
    }

    /// The list, with more people at its end.
    pub fn list(&self, more: &str) -> String {
        let person = |id: &str, rest: &str| {
            format!("  - id: {id}\n    name: {id}先生\n    keys: [\"{}\"]\n    accounts: [{id}]\n{rest}", self.public(id))
        };
        let reviews = |stage: &str| format!("    reviews:\n      - {{ stage: {stage}, folders: [/] }}\n");
        [
            "editors:\n".to_owned(),
            person("chief", "    admin: true\n    writes: [/]\n"),
            person("writer", &format!("    writes: [/]\n{}", reviews("初审"))),
            person("chamber", "    writes: [activities/chamber/]\n"),
            person("first", &reviews("初审")),
            person("second", "    reviews:\n      - { stage: 复审, folders: [/] }\n      - { stage: 终审, folders: [/] }\n"),
            person("last", &reviews("终审")),
            more.to_owned(),
        ]
        .concat()
    }

    /// The working copy.
    pub fn copy(&self) -> PathBuf {
        self.home.path().join("copy")
    }

    /// The bare repository.
    pub fn server(&self) -> PathBuf {
        self.home.path().join("server.git")
    }

    /// Somebody's private key.
    pub fn key(&self, person: &str) -> PathBuf {
        self.home.path().join(format!("key-{person}"))
    }

    /// Somebody's public key.
    pub fn public(&self, person: &str) -> String {
        fs::read_to_string(self.key(person).with_extension("pub")).expect("a public key").trim().to_owned()
    }

    /// Writes a file into the working copy.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.copy().join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Commits everything that was written, signed by `person`.
    pub fn commit(&self, person: &str, message: &str) -> String {
        self.git(&["add", "--all"]).fine();
        let key = format!("user.signingkey={}", self.key(person).display());
        self.git(&["-c", &key, "commit", "--quiet", "--allow-empty", "-S", "-m", message]).fine();
        self.head()
    }

    /// Commits everything that was written, under somebody's name but without a signature.
    pub fn commit_as(&self, name: &str, message: &str) -> String {
        self.git(&["add", "--all"]).fine();
        let (name, email) = (format!("user.name={name}"), format!("user.email={name}@example.invalid"));
        self.git(&["-c", &name, "-c", &email, "commit", "--quiet", "--allow-empty", "-m", message]).fine();
        self.head()
    }

    /// What is checked out.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).fine().trim().to_owned()
    }

    /// `site-gen review approve`, by `person`.
    pub fn approve(&self, person: &str, stage: &str, file: &str) -> Answer {
        let key = self.key(person).to_string_lossy().into_owned();
        self.review(&["approve", file, "--stage", stage, "--key", &key])
    }

    /// All three, by those whose office it is.
    pub fn approve_all(&self, file: &str) {
        for (person, stage) in [("first", "初审"), ("second", "复审"), ("last", "终审")] {
            self.approve(person, stage, file).fine();
        }
    }

    /// `site-gen review …` in the working copy.
    pub fn review(&self, arguments: &[&str]) -> Answer {
        let mut command = self.command(env!("CARGO_BIN_EXE_site-gen"));
        Answer::of(&command.arg("review").args(arguments).current_dir(self.copy()).output().expect("it runs"))
    }

    /// Pushes what is checked out to the published branch.
    pub fn push(&self) -> Answer {
        self.push_with(&[], None)
    }

    /// The same with options of `git push`, let in by a forge under an account.
    pub fn push_with(&self, options: &[&str], account: Option<&str>) -> Answer {
        let mut command = self.command("git");
        command.args(["push", "--quiet"]).args(options).args(["origin", "HEAD:refs/heads/main"]).current_dir(self.copy());
        if let Some(account) = account {
            command.env("GITEA_PUSHER_NAME", account);
        }
        Answer::of(&command.output().expect("it runs"))
    }

    /// git in the working copy.
    pub fn git(&self, arguments: &[&str]) -> Answer {
        self.git_at(&self.copy(), arguments)
    }

    /// git anywhere.
    pub fn git_at(&self, folder: &Path, arguments: &[&str]) -> Answer {
        Answer::of(&self.command("git").args(arguments).current_dir(folder).output().expect("git is installed"))
    }

    /// A program that sees nothing of whoever runs the tests.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", self.home.path()).env("GIT_CONFIG_NOSYSTEM", "1").env_remove("GITEA_PUSHER_NAME");
        command
    }
}
