//! `serve`: the site and its functions in one process, built anew whenever content or the hour asks for it.
//!
//! 1. Take the port, open the table and the key: what cannot be had is said before anything is built.
//! 2. Build once (`builder`), unless `publish` does that elsewhere; then serve: files (`statics`), functions, and the reload script (`reload`)
//!    while watching.
//! 3. Build again when files change (`watch`) or a named moment comes; do what is due (`scheduled`).
//! 4. On ctrl-c or SIGTERM take no new request, finish those in flight, end.

mod builder;
mod mistakes;
mod reload;
mod say;
mod scheduled;
mod statics;
mod status;
mod watch;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri},
    middleware::{self, Next},
    response::Response,
};
use functions::{Clock, Config, Service};
use tokio::{net::TcpListener, sync::watch as channel, time::sleep};

use self::{builder::Builder, reload::Reload, statics::Statics, status::Status};
use crate::{cli::ServeOptions, failure::Failure, open};

/// How long requests in flight may take once the process was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until it is told to stop.
pub async fn run(options: ServeOptions) -> anyhow::Result<()> {
    let root = options.place.root.clone();
    if let Some(folder) = &options.published {
        if !folder.join("current/index.html").is_file() {
            let hint = format!("先发布一次：xiangshang publish --to {}", folder.display());
            return Err(Failure::new(format!("`{}` 里还没有发布过网站", folder.display()), &hint).into());
        }
    } else if !root.join("content").is_dir() {
        return Err(Failure::new(
            format!("`{}` 里没有 content/ 文件夹", root.display()),
            "进入网站所在的文件夹再运行，或用 --root DIR 指明",
        )
        .into());
    }
    // A visitor's words must not reach the log by way of a panic that quotes them.
    functions::log::hide_what_panics_quote();
    let listener = listen(options.addr).await?;
    let address = listener.local_addr().context("端口没有地址")?;
    let clock = options.place.now.map_or_else(Clock::system, Clock::starting_at);
    let config = Config { trusted_proxy: options.trusted_proxy, webhook: options.webhook.open()?, ..Config::default() };
    let table = open::table(&options.place, &clock)?;
    let service = Arc::new(open::service(&options.place, table, clock.clone(), config).await?);

    let folder = options.published.as_ref().map_or_else(|| root.join("public"), |published| published.join("current"));
    let published = folder.join("index.html").is_file();
    let (sender, status) = channel::channel(Status { build: "old".to_owned(), published, ..Status::default() });
    let (stop, stopping) = channel::channel(false);

    // Watching begins before the first build, so that what is changed during it is not missed.
    let builds = options.published.is_none();
    let watching = builds && !options.no_watch;
    let changes = watching.then(|| {
        let (changed, changes) = tokio::sync::mpsc::unbounded_channel();
        watch::spawn(&root, changed);
        changes
    });
    if builds {
        let builder = Builder::new(root.clone(), folder.clone(), clock.clone(), service.clone(), sender);
        let next = builder.build().await;
        tokio::spawn(builder.keep_building(next, changes));
        tokio::spawn(scheduled::keep_counting(root, service.clone(), clock.clone()));
    }
    tokio::spawn(scheduled::keep_running(service.clone()));

    let reload = watching.then(|| Reload { status: status.clone(), stopping: stopping.clone() });
    let app = router(service, Statics { folder, status, reload });
    let server = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>());
    say::opened(address, watching);
    let drained = server.with_graceful_shutdown(async move {
        told_to_stop().await;
        // Ends the event streams of open pages, which would otherwise be requests in flight for ever.
        let _ = stop.send(true);
    });
    tokio::select! {
        ended = drained => ended.context("服务中断了"),
        () = impatience(stopping) => {
            tracing::warn!("some requests were cut off");
            Ok(())
        }
    }
}

/// Everything under one origin: functions under `/f/` and `/healthz`, what reloading needs under `/_dev/`, files elsewhere.
fn router(service: Arc<Service>, statics: Statics) -> Router {
    let mut router = functions::router(service);
    if let Some(reload) = &statics.reload {
        router = router
            .layer(middleware::from_fn_with_state(reload.clone(), Reload::inject_into_response))
            .merge(reload.clone().routes());
    }
    router
        .merge(Reload::style())
        .fallback(move |method: Method, uri: Uri, headers: HeaderMap| {
            let statics = statics.clone();
            async move { statics.answer(method, uri, headers).await }
        })
        .layer(middleware::from_fn(with_security_headers))
}

/// What every page is sent with, unless it says something stricter itself.
async fn with_security_headers(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    for (name, value) in pages::headers::security(&path) {
        response.headers_mut().entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let port = address.port();
        match error.kind() {
            io::ErrorKind::AddrInUse => Failure::new(
                format!("端口 {port} 已经被别的程序占用"),
                &format!(
                    "也许另一个窗口里已经运行着 xiangshang：关掉它，或换一个端口：xiangshang serve --addr {}:{}",
                    address.ip(),
                    other_port(port)
                ),
            )
            .into(),
            io::ErrorKind::PermissionDenied => Failure::new(
                format!("没有权限使用端口 {port}"),
                "1024 以下的端口要管理员权限；换一个端口，例如 --addr 127.0.0.1:8080",
            )
            .into(),
            io::ErrorKind::AddrNotAvailable => {
                Failure::new(format!("这台机器没有地址 {}", address.ip()), "只在本机用写 127.0.0.1，让别的机器访问写 0.0.0.0")
                    .into()
            }
            _ => anyhow::Error::new(error).context(format!("不能监听 {address}")),
        }
    })
}

/// The port to propose instead of one that is taken.
fn other_port(port: u16) -> u16 {
    port.checked_add(1).unwrap_or(8080)
}

/// Ctrl-c, or SIGTERM from whoever runs this as a service.
pub async fn told_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// Ends when draining takes too long, or when somebody presses ctrl-c once more.
async fn impatience(mut stopping: channel::Receiver<bool>) {
    if stopping.wait_for(|stopping| *stopping).await.is_err() {
        std::future::pending::<()>().await;
    }
    let patience = async {
        say::stopping(DRAIN);
        sleep(DRAIN).await;
    };
    tokio::select! {
        // Whoever reads what is said is listened to by then.
        biased;
        () = told_to_stop() => {}
        () = patience => {}
    }
}
