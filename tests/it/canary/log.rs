//! What would be logged.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::EnvFilter;

/// Ours in every detail, and of what we stand on what a deployed function would log.
const FILTER: &str = "info,access=debug,clock=debug,deliver=debug,docs=debug,fault=debug,gateway=debug,identity=debug,\
    local=debug,loyalty=debug,mail=debug,mailer=debug,metric=debug,outbox=debug,payments=debug,platform=debug,prepaid=debug,\
    projector=debug,queue=debug,request=debug,security=debug,standins=debug,stripe=debug,table=debug,wire=debug";

/// All lines since they are captured.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// From now on, everything that this process logs.
    pub fn capture() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_env_filter(EnvFilter::new(FILTER));
        lines.with_writer(move || writer.clone()).init();
        log
    }

    /// What was logged.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
