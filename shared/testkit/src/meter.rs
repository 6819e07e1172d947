//! What an operation costs: round trips in sequence, and capacity units.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// What was used of the table between two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Round trips in sequence: calls side by side count once.
    pub trips: u32,
    /// Calls in all.
    pub calls: u32,
    /// Read units.
    pub reads: f64,
    /// Write units.
    pub writes: f64,
}

/// Counts the calls of a world.
#[derive(Debug, Default)]
pub(crate) struct Meter(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    cost: Cost,
    /// The round trip that a call beginning now belongs to: one more than the last that ended.
    reached: u32,
}

/// A call that is under way.
pub(crate) struct Begun {
    trip: u32,
    operation: String,
}

impl Meter {
    pub(crate) fn begin(&self, operation: &str) -> Begun {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.cost.calls += 1;
        let trip = state.reached + 1;
        state.cost.trips = state.cost.trips.max(trip);
        Begun { trip, operation: operation.to_owned() }
    }

    /// A call that begins after another ended may depend on it: it counts as the next trip.
    pub(crate) fn end(&self, call: &Begun, answer: Option<&[u8]>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.reached = state.reached.max(call.trip);
        let answer: Value = answer.and_then(|answer| serde_json::from_slice(answer).ok()).unwrap_or_default();
        let units: f64 = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum(),
            table => table["CapacityUnits"].as_f64().unwrap_or_default(),
        };
        match call.operation.as_str() {
            "GetItem" | "BatchGetItem" | "Query" => state.cost.reads += units,
            _ => state.cost.writes += units,
        }
    }

    /// What was used since the last look.
    pub(crate) fn take(&self) -> Cost {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cost = state.cost;
        *state = State::default();
        cost
    }
}
