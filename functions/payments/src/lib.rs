//! Takes what Stripe tells: each event once, handed on to the context whose money it is about.

mod mounts;
mod received;
mod webhook;

use axum::Router;
use axum::routing::post;
use platform::{Edge, Function, Host, Parameters, Stage};
use stripe::Secrets;
use table::Kind;
use wire::Fault;

use mounts::MOUNTS;
use webhook::Desk;

/// The kind of rows by which an event is taken once.
pub const KINDS: [Kind; 1] = [Kind::of::<received::Received>()];

/// What the local cloud signs with: nobody else may.
const STANDIN: &str = "whsec_standin";

/// Starts the function behind the mounts.
pub async fn boot(host: Host) -> Result<Function, Fault> {
    let parameters = Parameters::open(&host)?;
    let names = MOUNTS.map(|mount| mount.secrets);
    let (values, table) = tokio::try_join!(parameters.read_all(&names), host.connected_table())?;
    let stage = host.env.stage()?;
    let mut routes = Router::new();
    for mount in &MOUNTS {
        let list = values.text(mount.secrets)?;
        let secrets = secrets(list, stage)?;
        let desk = Desk { mount, secrets, table: table.clone(), clock: host.clock.clone() };
        routes = routes.route(mount.path, post(webhook::take).with_state(desk));
    }
    Ok(Edge::open(&host, "payments").function(routes))
}

/// The secrets of an endpoint. Everybody knows the local cloud's, so that no other stage may have it.
fn secrets(list: &str, stage: Stage) -> Result<Secrets, Fault> {
    if stage != Stage::Local && list.split(',').any(|secret| secret.trim() == STANDIN) {
        return Err(Fault::bug("the secret of the local cloud is no secret anywhere else"));
    }
    Secrets::read(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_local_cloud_has_a_secret_that_everybody_knows() {
        for stage in [Stage::Local, Stage::Dev, Stage::Staging, Stage::Prod] {
            assert!(secrets("whsec_own, whsec_new", stage).is_ok());
            assert!(secrets("", stage).is_err());
            for list in ["whsec_standin", "whsec_own, whsec_standin"] {
                assert_eq!(secrets(list, stage).is_ok(), stage == Stage::Local, "{stage:?} {list}");
            }
        }
    }
}
