//! Files that a firm sends along, through the router: who may send them, how many are kept, and what of them lies on the disk.

use std::fs;

use axum::body::Body;
use functions::office::{Operator, Work};

use crate::{
    given::{Reply, Site, hidden},
    hostile::{self, docx, jpeg, pdf, png},
};

fn staff() -> Operator {
    Operator("张敏".to_owned())
}

async fn tracked(site: &Site, (number, code): &(String, String)) -> Reply {
    let page = site.post("/f/track", &[("number", number), ("code", code)]).await;
    page.expect(200, &[number]);
    page
}

/// The page for files, from the tracker.
async fn files_page(site: &Site, who: &(String, String)) -> Reply {
    let page = tracked(site, who).await;
    assert!(page.text.contains("/f/act/files"), "{}", page.text);
    site.post("/f/act/files", &[("token", &hidden(&page.text, "token"))]).await
}

/// Sends a file; what came of it.
async fn sent(site: &Site, who: &(String, String), name: &str, bytes: &[u8]) -> Reply {
    let page = files_page(site, who).await;
    let done = site.send_file(&hidden(&page.text, "token"), name, bytes).await.goes_to();
    site.get(&done).await
}

/// How many files lie on the disk.
fn stored(site: &Site) -> usize {
    fs::read_dir(site.folder.path().join("data/files")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_firm_sends_files_and_staff_save_them() {
    let site = Site::open().await;
    let who = site.appeal().await;
    files_page(&site, &who).await.expect(200, &["传照片或文件", "还可以传 3 份", "multipart/form-data", "不传了，回到办理进度"]);
    sent(&site, &who, "../../现场 照片.HEIC", &jpeg(1200, 900))
        .await
        .expect(200, &["文件已收到", "照片（", "回到办理进度", "/f/act/files"]);
    sent(&site, &who, "合同.exe", &docx()).await.expect(200, &["文件已收到", "Word 文件（"]);
    files_page(&site, &who).await.expect(200, &["已经收到", "第 1 份", "照片（", "第 2 份", "还可以传 1 份"]);

    let file = site.service.case(&who.0).await.unwrap();
    assert_eq!(file.files.iter().map(|file| (file.place, file.kind.extension())).collect::<Vec<_>>(), [(1, "jpg"), (2, "docx")]);
    let saved = site.service.file(&who.0, 1, &staff(), "看现场").await.unwrap().unwrap();
    assert_eq!(saved.name, "现场 照片.jpg");
    assert!(saved.bytes.starts_with(&[0xff, 0xd8, 0xff]));
    let saved = site.service.file(&who.0, 2, &staff(), "看合同").await.unwrap().unwrap();
    assert_eq!((saved.name.as_str(), saved.bytes), ("合同.docx", docx()));
    assert!(site.service.file(&who.0, 3, &staff(), "没有").await.unwrap().is_none());
    let record = site.service.case(&who.0).await.unwrap().events;
    assert!(record.iter().any(|event| event.by == "张敏" && event.what.contains("看合同")), "{record:?}");
}

#[tokio::test]
async fn what_lies_on_the_disk_is_sealed_and_only_its_owner_may_look() {
    let site = Site::open().await;
    let who = site.appeal().await;
    sent(&site, &who, "供电合同.pdf", &pdf()).await.expect(200, &["文件已收到"]);
    let folder = site.folder.path().join("data/files");
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    let bytes = fs::read(&files[0]).unwrap();
    assert!(!bytes.windows(4).any(|window| window == b"%PDF"));
    assert!(!site.bytes().windows(12).any(|window| window == "供电合同".as_bytes()), "a name is sealed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    }
    // Exchanged for another one's, it does not open.
    fs::write(&files[0], [&bytes[..40], &[bytes[40] ^ 1], &bytes[41..]].concat()).unwrap();
    assert!(site.service.file(&who.0, 1, &staff(), "看合同").await.is_err());
}

#[tokio::test]
async fn three_files_are_kept_and_never_a_fourth_however_many_come_at_once() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let token = hidden(&files_page(&site, &who).await.text, "token");
    let pictures: Vec<_> = (1..=6).map(|size| png(8 * size, 8)).collect();
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|place| site.send_file(&token, "a.png", &pictures[place]));
    let replies = tokio::join!(a, b, c, d, e, f);
    let mut kept = 0;
    for reply in [replies.0, replies.1, replies.2, replies.3, replies.4, replies.5] {
        let page = site.get(&reply.goes_to()).await;
        kept += usize::from(page.text.contains("文件已收到"));
        assert!(page.text.contains("文件已收到") || page.text.contains("已经有 3 份文件了"), "{}", page.text);
    }
    assert_eq!(kept, 3);
    assert_eq!((site.service.case(&who.0).await.unwrap().files.len(), stored(&site)), (3, 3));
    files_page(&site, &who).await.expect(200, &["已经有 3 份文件了", "打电话告诉我们"]);
}

#[tokio::test]
async fn the_same_file_is_kept_once_whether_it_comes_again_or_twice_at_once() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let token = hidden(&files_page(&site, &who).await.text, "token");
    let picture = jpeg(300, 200);
    // A button that was pressed twice.
    let (one, other) = tokio::join!(site.send_file(&token, "a.jpg", &picture), site.send_file(&token, "a.jpg", &picture));
    assert_eq!(one.goes_to(), other.goes_to());
    sent(&site, &who, "b.jpg", &picture).await.expect(200, &["这份文件已经有了", "第 1 份", "没有重复保存"]);
    assert_eq!((site.service.case(&who.0).await.unwrap().files.len(), stored(&site)), (1, 1));
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_and_says_how_to_go_on() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let whole = jpeg(200, 200);
    let zeros = vec![0; 100_000_001];
    for (name, bytes, words) in [
        ("", &b""[..], "请重新选一份"),
        ("照片.jpg", b"GIF89a/*\0\0*/=1;alert(1)", "另存为 PDF，或者拍成照片"),
        ("照片.jpg", &whole[..whole.len() / 2], "再传一次"),
        ("照片.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "先打开看看"),
        ("合同.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "取消密码"),
        ("照片.png", &hostile::png_that_declares(50_000, 50_000), "像素太高"),
        ("合同.docx", &hostile::docx_with(&[("a", &zeros)]), "另存为 PDF"),
        ("视频.mp4", &zeros[..30_000_000], "照片不超过 20 MB"),
    ] {
        sent(&site, &who, name, bytes).await.expect(200, &["这份文件没有收下", words, "诉求本身不受影响"]);
    }
    assert_eq!((site.service.case(&who.0).await.unwrap().files.len(), stored(&site)), (0, 0));
}

#[tokio::test]
async fn a_body_without_an_end_is_given_up_whether_its_length_was_said_or_not() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let token = hidden(&files_page(&site, &who).await.text, "token");
    let start = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
    );
    // 200 MB in pieces: it is not waited for their end.
    let pieces = (0..200).map(|_| Ok::<_, std::io::Error>(vec![0; 1_000_000]));
    let body = futures_util::stream::iter([Ok(start.clone().into_bytes())].into_iter().chain(pieces));
    site.send_parts(Body::from_stream(body)).await.expect(413, &["文件太大，没有收下", "照片不超过 20 MB"]);
    // Cut off in the middle.
    site.send_parts(Body::from(format!("{start}abc"))).await.expect(400, &["文件没有传完"]);
    assert_eq!(stored(&site), 0);
}

#[tokio::test]
async fn nobody_sends_a_file_who_may_not() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let token = hidden(&files_page(&site, &who).await.text, "token");
    site.send_file("", "a.pdf", &pdf()).await.expect(410, &["重新输入编号和查询码"]);
    site.send_file(&token[1..], "a.pdf", &pdf()).await.expect(410, &[]);
    let file_first = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n%PDF\r\n--edge--\r\n";
    site.send_parts(Body::from(file_first)).await.expect(400, &["没有收到文件"]);
    site.send_parts(Body::from("")).await.expect(400, &[]);
    site.post("/f/files", &[("token", &token)]).await.expect(400, &["没有收到文件"]);
    let elsewhere = [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "cross-site")];
    site.post_with("/f/files", String::new(), &elsewhere).await.expect(403, &[]);
    assert_eq!(site.get("/f/files").await.goes_to(), "/track/");
    site.wait(31 * 60);
    site.send_file(&token, "a.pdf", &pdf()).await.expect(410, &["什么也没有改"]);
    // A case that is over takes none.
    let token = hidden(&files_page(&site, &who).await.text, "token");
    site.service.work(&who.0, &Work::Withdraw, &functions::office::Remarks::default(), &staff()).await.unwrap();
    let done = site.send_file(&token, "a.pdf", &pdf()).await.goes_to();
    site.get(&done).await.expect(200, &["这份文件没有收下", "不在办理"]);
    assert!(!tracked(&site, &who).await.text.contains("/f/act/files"));
    assert_eq!(stored(&site), 0);
}

#[tokio::test]
async fn files_are_found_by_another_process_and_what_was_left_half_done_is_swept() {
    let site = Site::open().await;
    let who = site.appeal().await;
    sent(&site, &who, "a.pdf", &pdf()).await.expect(200, &["文件已收到"]);
    // Killed between the bytes and their record: bytes that are listed as loose and that nothing names.
    let folder = site.folder.path().join("data/files");
    fs::write(folder.join("leftbehind"), b"sealed").unwrap();
    let table = functions::table::sqlite::Sqlite::open(&site.folder.path().join("data/table.db"), site.clock.clone()).unwrap();
    let loose = functions::table::NewItem {
        key: functions::table::Key::new("FILES#LOOSE", "leftbehind"),
        index: [None, None],
        expires: None,
        body: br#"{"since":"2026-12-01T09:00:00+08:00"}"#.to_vec(),
    };
    functions::table::Table::transact(&table, vec![functions::table::Write::create(loose)]).await.unwrap();
    site.service.run_due().await.unwrap();
    assert_eq!(stored(&site), 2, "whoever is still at it has an hour");
    site.wait(3600);
    site.service.run_due().await.unwrap();
    assert_eq!(stored(&site), 1);
    site.service.run_due().await.unwrap();
    assert_eq!(site.service.file(&who.0, 1, &staff(), "看").await.unwrap().unwrap().bytes, pdf());
}

#[tokio::test]
async fn a_full_disk_is_no_receipt_and_what_was_begun_is_swept() {
    let site = Site::open().await;
    let who = site.appeal().await;
    let token = hidden(&files_page(&site, &who).await.text, "token");
    // A file stands where the folder is to be.
    fs::write(site.folder.path().join("data/files"), b"").unwrap();
    site.send_file(&token, "a.pdf", &pdf()).await.expect(500, &["我们这边的故障"]);
    fs::remove_file(site.folder.path().join("data/files")).unwrap();
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty());
    let done = site.send_file(&token, "a.pdf", &pdf()).await.goes_to();
    site.get(&done).await.expect(200, &["文件已收到"]);
    site.wait(3600);
    site.service.run_due().await.unwrap();
    assert_eq!((stored(&site), site.service.case(&who.0).await.unwrap().files.len()), (1, 1));
}

#[tokio::test]
async fn all_files_of_a_case_are_removed_for_good_and_those_of_others_stay() {
    let site = Site::open().await;
    let (who, other) = (site.appeal().await, site.appeal().await);
    for (name, bytes) in [("a.pdf", pdf()), ("b.jpg", jpeg(80, 60))] {
        sent(&site, &who, name, &bytes).await.expect(200, &["文件已收到"]);
    }
    sent(&site, &other, "c.pdf", &pdf()).await.expect(200, &["文件已收到"]);
    let number = who.0.parse().unwrap();
    assert_eq!(site.service.remove_files(&number).await.unwrap(), 2);
    assert_eq!(stored(&site), 1);
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty());
    assert!(site.service.file(&other.0, 1, &staff(), "看").await.unwrap().is_some());
    assert_eq!(site.service.remove_files(&number).await.unwrap(), 0);
    // The same may come again.
    sent(&site, &who, "a.pdf", &pdf()).await.expect(200, &["文件已收到", "PDF 文件"]);
}

#[tokio::test]
async fn whoever_has_an_appeal_erased_sees_its_files_first_and_they_go_with_it() {
    let site = Site::open().await;
    let who = site.appeal().await;
    sent(&site, &who, "a.pdf", &pdf()).await.expect(200, &["文件已收到"]);
    let page = tracked(&site, &who).await;
    let page = site.post("/f/act/stored", &[("token", &hidden(&page.text, "token"))]).await;
    page.expect(200, &["您传来的文件", "PDF 文件"]);
    let withdrawn = functions::office::Remarks { note: Some("本人来电".to_owned()), private: None };
    site.service.work(&who.0, &Work::Withdraw, &withdrawn, &staff()).await.unwrap();
    site.service.erase_for(&who.0, &staff(), "本人来电要求").await.unwrap();
    assert_eq!(stored(&site), 0);
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty());
    let proofs = site.service.erasures().await.unwrap();
    assert_eq!(proofs.proofs.iter().map(|proof| proof.amount.files).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn an_erasure_waits_for_no_store_and_what_could_not_be_removed_goes_later() {
    let site = Site::open().await;
    let who = site.appeal().await;
    sent(&site, &who, "a.pdf", &pdf()).await.expect(200, &["文件已收到"]);
    let folder = site.folder.path().join("data/files");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let aside = site.folder.path().join("aside");
    // Where the file was, a folder stands, which nobody can remove as a file.
    fs::rename(&file, &aside).unwrap();
    fs::create_dir(&file).unwrap();
    site.service.work(&who.0, &Work::Withdraw, &functions::office::Remarks::default(), &staff()).await.unwrap();
    site.service.erase_for(&who.0, &staff(), "本人来电要求").await.unwrap();
    assert!(site.service.case(&who.0).await.unwrap().files.is_empty());
    let proofs = site.service.erasures().await.unwrap();
    assert_eq!(proofs.proofs.iter().map(|proof| proof.amount.files).collect::<Vec<_>>(), [1]);
    assert!(site.service.run_due().await.is_err(), "whoever looks after the service hears of it");
    fs::remove_dir(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    site.service.run_due().await.unwrap();
    assert_eq!(stored(&site), 0);
}
