//! `site-gen admin install`: Decap CMS at one version, whose bytes are known, put where the site publishes it from.
//!
//! site-gen speaks no HTTP. npm, which whoever edits on their own machine has anyway, fetches the package from the registry it is set to; or somebody carries
//! the file. Either way its hash decides, which stands here, and only the program and its licences are taken out of it.

use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail, ensure};
use flate2::read::GzDecoder;
use sha2::{Digest, Sha512};

use super::cms;
use crate::{build::Options, load::load, source::Source};

/// The package and its version.
pub const PACKAGE: &str = "decap-cms@3.16.3";

/// The hash of that version's file, as npm writes it.
const INTEGRITY: &str = "sha512-hf+dPlCh7TJmWl8+6VRzHYOWhri5xgUknrZbDewaWe4s9B7xJ8PQugp2QHeSldMUKzav6+z0oIpwUYhUJDYtYw==";

/// The server for a repository on the same machine that fits it.
pub const SERVER: &str = "decap-server@3.11.3";

/// Where it goes, below the site: published as it is, at `/admin/`.
pub const FOLDER: &str = "content/static/admin";

/// Our own words for what the editor says in English only.
const START: &str = include_str!("start.js");

/// What is taken out of the package.
const FILES: [&str; 2] = ["decap-cms.js", "decap-cms.js.LICENSE.txt"];

/// More than this is not the file that it should be.
const LARGEST: u64 = 64 << 20;

/// Installs into the site of `options`, out of the file `from` or by npm. What to print.
pub fn install(options: &Options, from: Option<&Path>) -> anyhow::Result<String> {
    let loaded = load(options);
    ensure!(
        options.root.join("content/site.yaml").is_file(),
        "`{}` 里没有 `content/site.yaml`\n提示：用 `--root` 指定放着 `content/` 和 `themes/` 的文件夹",
        options.root.display()
    );
    let package = match from {
        Some(file) => read(file)?,
        None => fetch()?,
    };
    check(&package)?;
    let files = unpack(&package)?;

    let folder = options.root.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("无法新建 `{FOLDER}`"))?;
    for (name, bytes) in &files {
        put(&folder.join(name), bytes)?;
    }
    settings(&folder, &loaded.source)?;
    let size: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let next = match cms::forge(&loaded.source.config) {
        Some(forge) => format!("发布之后打开网站的 /admin/，用 {forge} 的账号登录"),
        None => format!(
            "在网站文件夹里运行 `MODE=git npx {SERVER}`，另开一个窗口运行 `xiangshang`，再打开 http://localhost:8080/admin/"
        ),
    };
    Ok(format!("已把 {PACKAGE}（{:.1} MB）放进 {FOLDER}/\n下一步：{next}\n", size as f64 / 1e6))
}

/// Settings and page anew, when the editor is there already. False when it is not.
pub fn refresh(options: &Options) -> anyhow::Result<bool> {
    let folder = options.root.join(FOLDER);
    if !folder.join(FILES[0]).is_file() {
        return Ok(false);
    }
    settings(&folder, &load(options).source)?;
    Ok(true)
}

/// What we write ourselves.
fn settings(folder: &Path, source: &Source) -> anyhow::Result<()> {
    put(&folder.join("config.yml"), cms::config(source).as_bytes())?;
    put(&folder.join("start.js"), START.as_bytes())?;
    put(&folder.join("index.html"), page(cms::forge(&source.config)).as_bytes())
}

/// The bytes of `file`, when they could be the package.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).with_context(|| format!("打不开 `{}`", file.display()))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).with_context(|| format!("读不到 `{}`", file.display()))?;
    ensure!(bytes.len() as u64 <= LARGEST, "`{}` 太大，不是 {PACKAGE} 的文件", file.display());
    Ok(bytes)
}

/// By npm, into a folder that goes away.
fn fetch() -> anyhow::Result<Vec<u8>> {
    let folder = tempfile::tempdir().context("无法新建临时文件夹")?;
    let asked = ["pack", PACKAGE, "--ignore-scripts", "--silent", "--pack-destination"];
    let output = Command::new("npm").args(asked).arg(folder.path()).current_dir(folder.path()).output().context(
        "找不到 npm\n提示：装上 Node.js（Debian：apt install npm）；或者在别处下载 decap-cms 的 .tgz 文件，用 `--from 文件` 安装",
    )?;
    if !output.status.success() {
        bail!(
            "npm 没有取到 {PACKAGE}：{}\n提示：看看能不能上网；或者在别处下载它的 .tgz 文件，用 `--from 文件` 安装",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let found = fs::read_dir(folder.path()).context("读不到 npm 取来的文件")?.flatten().map(|entry| entry.path());
    let file: PathBuf =
        found.into_iter().find(|path| path.extension().is_some_and(|end| end == "tgz")).context("npm 没有留下文件")?;
    read(&file)
}

/// The bytes are those that this program was written for.
fn check(package: &[u8]) -> anyhow::Result<()> {
    let hash = format!("sha512-{}", data_encoding::BASE64.encode(&Sha512::digest(package)));
    ensure!(
        hash == INTEGRITY,
        "这个文件不是 {PACKAGE}：校验值是 {hash}，应当是 {INTEGRITY}\n提示：什么也没有改；重新下载一次，还是不对就不要用它"
    );
    Ok(())
}

/// The files that are wanted, and nothing by the paths that the package says.
fn unpack(package: &[u8]) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let mut archive = tar::Archive::new(GzDecoder::new(package));
    let mut files = Vec::new();
    for entry in archive.entries().context("这个压缩包坏了")? {
        let mut entry = entry.context("这个压缩包坏了")?;
        let path = entry.path().context("这个压缩包坏了")?.into_owned();
        let Some(name) = FILES.into_iter().find(|name| path == Path::new("package/dist").join(name)) else { continue };
        let mut bytes = Vec::new();
        entry.by_ref().take(LARGEST).read_to_end(&mut bytes).context("这个压缩包坏了")?;
        files.push((name, bytes));
    }
    ensure!(files.len() == FILES.len(), "压缩包里没有 {}", FILES[0]);
    Ok(files)
}

/// The page that starts the editor. No script stands in it; the one it loads speaks to nobody but the forge and decap-server.
fn page(forge: Option<&str>) -> String {
    let forge = forge.map_or_else(String::new, |forge| format!(" {forge}"));
    format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta http-equiv=\"content-security-policy\" content=\"connect-src 'self' blob: http://localhost:8081{forge}\">\n\
         <title>编辑内容</title>\n<link rel=\"cms-config-url\" type=\"text/yaml\" href=\"config.yml\">\n</head>\n<body>\n\
         <noscript>编辑内容要用打开了 JavaScript 的浏览器。</noscript>\n<script src=\"decap-cms.js\"></script>\n<script src=\"start.js\"></script>\n</body>\n</html>\n"
    )
}

/// Whole or not at all.
fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let refused = || format!("无法写入 `{}`", path.display());
    let folder = path.parent().with_context(refused)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(refused)?;
    file.write_all(bytes).with_context(refused)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644)).with_context(refused)?;
    }
    file.persist(path).with_context(refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_file_is_refused_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("content")).expect("made");
        fs::write(folder.path().join("content/site.yaml"), "name: x\n").expect("written");
        let options = Options::new(folder.path(), "2026-11-24 09:00".parse().expect("a moment"));
        for bytes in [&b""[..], b"not a package", &[0x1f, 0x8b, 8, 0]] {
            let file = folder.path().join("other.tgz");
            fs::write(&file, bytes).expect("written");
            let error = install(&options, Some(&file)).expect_err("it is another file").to_string();
            assert!(error.contains("校验值") && error.contains("什么也没有改"), "{error}");
            assert!(!folder.path().join(FOLDER).exists());
        }
        assert!(install(&options, Some(&folder.path().join("nowhere.tgz"))).is_err());
        assert!(!refresh(&options).expect("looked"), "there is nothing to bring up to date");
    }

    #[test]
    fn the_page_lets_the_editor_speak_to_its_forge_only() {
        let page = page(Some("https://git.example.invalid"));
        assert!(page.contains("connect-src 'self' blob: http://localhost:8081 https://git.example.invalid\""), "{page}");
        assert!(!page.contains("<script>"), "nothing inline: {page}");
    }
}
