//! What each operation costs when it is alone: round trips in sequence.

use testkit::{Cost, World};
use wire::Fault;

use super::operations::{OPERATIONS, Scene};

/// The cost of each operation, in a world where connections are open and nothing else happens.
pub async fn of_each() -> Result<Vec<Cost>, Fault> {
    let world = World::new().await;
    let scene = Scene::within(&world).await?;
    let mut costs = Vec::new();
    for operation in &OPERATIONS {
        world.cost();
        let answer = (operation.ask)(&scene, 0, 0).send_within(&world).await;
        if !answer.status.is_success() {
            return Err(Fault::bug(format!("{} fails: {answer:?}", operation.name)));
        }
        costs.push(world.cost());
    }
    Ok(costs)
}
