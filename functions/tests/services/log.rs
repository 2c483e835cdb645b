//! What the log says of requests, and what it must never say.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing::subscriber::DefaultGuard;

use crate::given::{CONSENT, Site};

#[tokio::test]
async fn a_request_leaves_one_line_with_its_route_its_status_and_the_number_it_is_about() {
    let log = Log::new();
    let site = Site::open().await;
    let (number, code) = site.appeal().await;
    site.post("/f/track", &[("number", &number), ("code", &code)]).await;
    site.get("/f/nothing/like/this").await;

    let lines = log.lines("answered");
    let of = |route: &str| lines.iter().filter(|line| line.contains(&format!("route=\"{route}\""))).collect::<Vec<_>>();
    assert_eq!(of("/f/{form}").len(), 1, "{lines:#?}");
    for route in ["/f/{form}/draft/{id}/confirm", "/f/track"] {
        let [line] = of(route)[..] else { panic!("not one line for {route}: {lines:#?}") };
        assert!(line.contains(&format!("number={number}")), "{line}");
        assert!(line.contains("status=") && line.contains("duration_ms=") && line.contains("request="), "{line}");
    }
    assert!(of("none")[0].contains("status=404"), "{lines:#?}");
}

#[tokio::test]
async fn no_line_holds_an_address_that_opens_a_draft_or_a_receipt_or_what_somebody_typed() {
    let log = Log::new();
    let site = Site::open().await;
    let draft = site.appeal_draft().await;
    let receipt = site.post(&format!("{draft}/confirm"), CONSENT).await.goes_to();
    let (_, code) = site.get(&receipt).await.number_and_code();
    let secrets = [draft.rsplit('/').next().unwrap(), receipt.rsplit('/').next().unwrap(), &code, &code.replace('-', "")];

    let said = log.text();
    assert!(said.contains("answered"), "nothing was logged");
    for secret in secrets.into_iter().chain(["王建国", "13800013800", "相山示例食品", "路面塌陷", "203.0.113"]) {
        assert!(!said.contains(secret), "the log holds `{secret}`:\n{said}");
    }
}

/// Collects what is logged on this thread as long as it lives.
struct Log {
    written: Arc<Mutex<Vec<u8>>>,
    _guard: DefaultGuard,
}

impl Log {
    fn new() -> Log {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Writer(written.clone());
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
        Log { written, _guard: tracing::subscriber::set_default(subscriber.finish()) }
    }

    fn text(&self) -> String {
        String::from_utf8(self.written.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self, containing: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(containing)).map(str::to_owned).collect()
    }
}

#[derive(Clone)]
struct Writer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
