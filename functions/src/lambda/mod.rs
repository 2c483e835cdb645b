//! What the Lambda binaries have in common, whatever calls them.
//!
//! 1. [`lines`] writes the log as lines of JSON that CloudWatch also counts.
//! 2. [`Environment`] is what the stack's template gives a function.
//! 3. [`Opened`] opens the service on it and reads what is published: at the start, while Lambda gives a whole processor, or later when the table cannot be reached then.
//! 4. [`Edge`] tells who the visitor is and refuses whoever goes around the site's one origin.
//!
//! lambda_http itself is known in `src/bin` only.

mod edge;
mod environment;
pub mod lines;

use std::{fmt::Display, process::ExitCode, sync::Arc};

use tokio::sync::OnceCell;

pub use edge::{Around, Edge};
pub use environment::{Environment, EnvironmentError, Opening, whole, without_scans};

use crate::{OpenError, Service};

/// Runs the function `name`: `serve` is given the service, opened or to be opened, and ends when Lambda ends the process.
pub fn run<F, E>(name: &str, opening: Opening, serve: impl FnOnce(Arc<Opened>) -> F) -> ExitCode
where
    F: Future<Output = Result<(), E>>,
    E: Display,
{
    lines::to_standard_output(name);
    let environment = match Environment::read(opening) {
        Ok(environment) => environment,
        Err(error) => {
            tracing::error!(%error, "the function cannot start");
            return ExitCode::FAILURE;
        }
    };
    // One thread: Lambda gives a function one request at a time.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives what a runtime needs");
    let served = runtime.block_on(async {
        let opened = Arc::new(Opened { environment, service: OnceCell::new() });
        // What fails now is tried again when somebody asks.
        match opened.service().await {
            Ok(service) => {
                if let Err(error) = service.published().await {
                    tracing::warn!(%error, "the manifest could not be read yet");
                }
            }
            Err(error) => tracing::error!(%error, "the functions could not be opened yet"),
        }
        serve(opened).await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the runtime ended");
            ExitCode::FAILURE
        }
    }
}

/// The service, opened once. A failure is not kept: the next who asks tries again.
pub struct Opened {
    environment: Environment,
    service: OnceCell<Arc<Service>>,
}

impl Opened {
    /// The service.
    pub async fn service(&self) -> Result<&Arc<Service>, OpenError> {
        self.service.get_or_try_init(|| async { Ok(Arc::new(self.environment.open().await?)) }).await
    }

    /// What stands in front of the function.
    pub fn edge(&self) -> &Edge {
        &self.environment.edge
    }
}
