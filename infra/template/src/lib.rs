//! Reads `template.yaml` and its nested stacks into plain values.
//!
//! The local cloud serves what is written there, the tests judge it, and so a route, a queue or a permission
//! that the template does not have is missing everywhere alike. Nested stacks are folded into the whole: the
//! table of the stack `Data` is the resource `Data.Table`, and whoever names an output of that stack names
//! what stands behind it.

mod document;
mod event_rule;
mod fold;
mod function;
mod mistake;
mod permission;
mod queue;
mod resource;
mod route;
mod scope;
mod source;
mod table;
mod text;

pub use event_rule::EventRule;
pub use function::Function;
pub use mistake::Mistake;
pub use permission::{Permission, like};
pub use queue::Queue;
pub use resource::Resource;
pub use route::Route;
pub use source::{QueueSource, Schedule, StreamSource};
pub use table::Table;
pub use text::{Reference, Text};

use std::collections::BTreeMap;
use std::path::Path;

/// Everything that is deployed, by its name in the whole.
pub type Resources = BTreeMap<String, Resource>;

/// The deployable whole.
#[derive(Debug, Clone)]
pub struct Template {
    resources: Resources,
    functions: Vec<Function>,
    queues: Vec<Queue>,
    table: Table,
}

impl Template {
    /// Reads `template.yaml` in a folder, with the defaults of its parameters.
    ///
    /// A parameter without one stays a reference.
    pub fn read(folder: &Path) -> Result<Self, Mistake> {
        Self::read_with(folder, &[])
    }

    /// Reads `template.yaml` in a folder as it is with these parameters.
    pub fn read_with(folder: &Path, parameters: &[(&str, &str)]) -> Result<Self, Mistake> {
        Self::of(fold::fold(folder, parameters)?)
    }

    /// The template that consists of these resources.
    pub fn of(resources: Resources) -> Result<Self, Mistake> {
        Ok(Self {
            functions: function::all(&resources)?,
            queues: queue::all(&resources)?,
            table: table::only(&resources)?,
            resources,
        })
    }

    /// All resources, as they are written.
    pub fn resources(&self) -> &Resources {
        &self.resources
    }

    /// All functions, by name.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The function that runs a binary.
    pub fn function(&self, binary: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.binary == binary)
    }

    /// The function that the gateway hands a request to, and the route it came by.
    pub fn route(&self, method: &str, path: &str) -> Option<(&Function, &Route)> {
        let hits = self.functions.iter().flat_map(|function| {
            let rank = move |route: &Route| route.rank(method, path);
            function.routes.iter().filter_map(move |route| Some((rank(route)?, function, route)))
        });
        hits.min_by(|a, b| a.0.cmp(&b.0)).map(|(_, function, route)| (function, route))
    }

    /// The one table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// All queues, those for dead letters included.
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    /// The queue with a resource name such as `Mail.Queue.Queue`.
    pub fn queue(&self, id: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }
}
