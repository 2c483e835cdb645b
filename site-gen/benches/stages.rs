//! What each stage of a build takes on 1,000 documents of the corpus, and what an edit takes a generator that remembers:
//!
//!     cargo bench --package site-gen --bench stages
//!     DOCUMENTS=5000 cargo bench --package site-gen --bench stages an_edit

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{LazyLock, Mutex},
};

use divan::{Bencher, counter::ItemsCount};
use site_gen::{
    build::Options,
    generator::{Changes, Generator},
    load::{Loaded, load},
    model::{Memo, model},
    output::Output,
    render::{self, Plan},
    site::Site,
    write::{Folder, write},
};
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many documents.
static DOCUMENTS: LazyLock<usize> =
    LazyLock::new(|| std::env::var("DOCUMENTS").map_or(1000, |number| number.parse().expect("`DOCUMENTS` is a number")));

/// The corpus, and room for what is made of it.
static ROOM: LazyLock<TempDir> = LazyLock::new(|| {
    let room = TempDir::new().expect("there is room for temporary files");
    let made = Command::new("python3")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/corpus/gen.py"))
        .arg(DOCUMENTS.to_string())
        .arg(room.path())
        .output()
        .expect("python3 is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    room
});

fn options() -> Options {
    Options::new(ROOM.path().join("ours"), "2026-11-24 09:00".parse().expect("a moment"))
}

fn linked(loaded: &Loaded) -> Site {
    let (assets, _) = render::assets(&loaded.source.theme);
    model(&loaded.source, &loaded.texts, assets.by_name, &options(), &mut Memo::default()).0
}

/// All outputs of the corpus.
fn outputs() -> Vec<Output> {
    let loaded = load(&options());
    let site = linked(&loaded);
    let templates = render::templates(&loaded.source.theme).expect("the corpus' theme has no mistakes");
    let plan = Plan::new(&site, &loaded.source.theme, &templates, None, None).expect("its frame is plain data");
    let outputs = Mutex::<Vec<Output>>::default();
    plan.render(&outputs).expect("a list takes everything");
    outputs.into_inner().expect("nobody panicked")
}

fn main() {
    divan::main();
}

#[divan::bench]
fn loading(bencher: Bencher<'_, '_>) {
    let options = options();
    bencher.counter(ItemsCount::new(*DOCUMENTS)).bench(|| load(&options));
}

#[divan::bench]
fn linking(bencher: Bencher<'_, '_>) {
    let loaded = load(&options());
    bencher.counter(ItemsCount::new(*DOCUMENTS)).bench(|| linked(&loaded));
}

#[divan::bench]
fn rendering(bencher: Bencher<'_, '_>) {
    let loaded = load(&options());
    let site = linked(&loaded);
    let templates = render::templates(&loaded.source.theme).expect("the corpus' theme has no mistakes");
    bencher.counter(ItemsCount::new(*DOCUMENTS)).bench(|| {
        let plan = Plan::new(&site, &loaded.source.theme, &templates, None, None).expect("its frame is plain data");
        plan.render(&()).expect("nothing refuses nothing")
    });
}

#[divan::bench]
fn writing_into_an_empty_folder(bencher: Bencher<'_, '_>) {
    let outputs = outputs();
    let folder = ROOM.path().join("new");
    let clear = || {
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::remove_file(ROOM.path().join("new.files"));
    };
    bencher.with_inputs(clear).bench_values(|()| write(&outputs, &folder).expect("there is room"));
}

#[divan::bench]
fn writing_what_is_there(bencher: Bencher<'_, '_>) {
    let outputs = outputs();
    let folder = ROOM.path().join("same");
    write(&outputs, &folder).expect("there is room");
    bencher.bench(|| write(&outputs, &folder).expect("there is room"));
}

/// From another title and other words in one document to all pages that show them in their places.
#[divan::bench]
fn an_edit(bencher: Bencher<'_, '_>) {
    let root = ROOM.path().join("ours");
    let path: PathBuf = fs::read_dir(root.join("content/news"))
        .expect("the corpus has news")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| !path.ends_with("_index.md"))
        .expect("one at least");
    let text = fs::read_to_string(&path).expect("it is text");
    let mut generator = Generator::new(options());
    let mut folder = Some(Folder::new(ROOM.path().join("edited")));
    let mut build = |changes: &Changes| {
        let open = |paths| folder.take().expect("it is given back").open(paths);
        let (_, delivery) = generator.build(options().now, changes, true, open).expect("the corpus is there");
        folder = Some(delivery.expect("the corpus has no mistakes").commit().expect("there is room").1);
        generator.published();
    };
    build(&Changes::Anything);
    let changes = Changes::of([path.as_path()], &root);
    let mut number = 0;
    bencher
        .with_inputs(|| {
            number += 1;
            let titled = text.replacen("title: \"", &format!("title: \"第{number}次"), 1);
            fs::write(&path, format!("{titled}\n第 {number} 次。\n")).expect("there is room");
        })
        .bench_local_values(|()| build(&changes));
    fs::write(&path, text).expect("there is room");
}
