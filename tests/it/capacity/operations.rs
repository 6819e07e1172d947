//! Each operation, staged and measured.

use std::time::Duration;

use serde_json::json;
use testkit::{Answer, Call, Settings, World};

use super::{Measure, Units};
use crate::people::{PASSWORD, Person, administrator, newcomer, reset_token, session_of, wish};

/// The budgets, by the kind of operation.
const REGISTER: Units = Units::new(2.0, 0.0, 8.0);
const LOGIN: Units = Units::new(2.0, 1.0, 2.0);
const REFRESH: Units = Units::new(2.0, 1.0, 1.0);
pub(super) const READ: Units = Units::new(1.0, 3.0, 0.0);
pub(super) const PAGE: Units = Units::new(1.0, 3.0, 0.0);
pub(super) const SEARCH: Units = Units::new(2.0, 4.0, 0.0);
pub(super) const WRITE: Units = Units::new(2.0, 1.0, 9.0);
const NOTHING: Units = Units::new(0.0, 0.0, 0.0);
const LIVE: Units = Units::new(1.0, 0.5, 0.0);
const THROTTLE: Units = Units::new(1.0, 0.0, 0.1);
const PROJECTED: Units = Units::new(1.0, 0.0, 4.0);
const MAILED: Units = Units::new(3.0, 1.0, 4.0);

/// Measures one operation after the other.
pub(super) struct Scale {
    pub(super) world: World,
    pub(super) measures: Vec<Measure>,
}

impl Scale {
    /// Notes what was used since the last look.
    pub(super) fn note(&mut self, operation: &'static str, budget: Units, shared_by: u32) {
        let used = Units::of(self.world.cost(), shared_by);
        self.measures.push(Measure { operation, used, budget });
    }

    /// Sends a request that must be answered so, and notes what it used.
    pub(super) async fn weigh(
        &mut self,
        operation: &'static str,
        budget: Units,
        call: Call,
        status: u16,
    ) -> Answer {
        self.world.cost();
        let answer = call.send().await.expect(status);
        self.note(operation, budget, 1);
        answer
    }

    /// A request of somebody.
    pub(super) fn as_person(&self, person: &Person, method: &str, path: &str) -> Call {
        self.world.call(method, path).bearer(&person.access)
    }
}

/// All of them.
pub async fn measured() -> Vec<Measure> {
    let mut scale = Scale { world: World::new().await, measures: Vec::new() };
    newcomer(&scale.world, "first").await;
    entering(&mut scale).await;
    own_account(&mut scale).await;
    passwords(&mut scale).await;
    administering(&mut scale).await;
    asynchronous(&mut scale).await;
    let mut measures = scale.measures;
    measures.push(throttled().await);
    measures
}

async fn entering(scale: &mut Scale) {
    let register = scale.world.post("/api/auth/register/", &wish("rina"));
    scale.weigh("register", REGISTER, register, 201).await;
    let once = scale.world.post("/api/auth/register/", &wish("sari")).header("idempotency-key", "k");
    scale.weigh("register, with an Idempotency-Key", Units::new(2.0, 0.0, 10.0), once, 201).await;
    let again = scale.world.post("/api/auth/register/", &wish("sari")).header("idempotency-key", "k");
    scale.weigh("register, answered as before", Units::new(2.0, 1.0, 10.0), again, 201).await;
    let taken = scale.world.post("/api/auth/register/", &wish("rina"));
    scale.weigh("register, name taken", Units::new(3.0, 2.0, 8.0), taken, 400).await;

    let sign_in = |password: &str| json!({ "username": "rina", "password": password });
    let login = scale.world.post("/api/auth/login/", &sign_in(PASSWORD));
    let person = Person::of(&scale.weigh("login", LOGIN, login, 200).await);
    for _ in 0..8 {
        scale.world.signed_in("first").await;
    }
    let sent = json!({ "username": "first", "password": PASSWORD });
    let tenth = scale.world.post("/api/auth/login/", &sent);
    scale.weigh("login, the tenth session", LOGIN, tenth, 200).await;
    let eleventh = scale.world.post("/api/auth/login/", &sent);
    scale.weigh("login, one session too many", LOGIN, eleventh, 200).await;
    let failed = scale.world.post("/api/auth/login/", &sign_in("wrong"));
    scale.weigh("login, wrong password", LOGIN, failed, 401).await;
    let forgiven = scale.world.post("/api/auth/login/", &sign_in(PASSWORD));
    scale.weigh("login, after a wrong password", LOGIN, forgiven, 200).await;

    let fixed = json!({ "refresh": person.refresh });
    let refresh = scale.world.post("/api/auth/token/refresh/", &fixed);
    scale.weigh("refresh", REFRESH, refresh, 200).await;
    let rotating = json!({ "refresh": person.refresh, "rotate": true });
    let rotate = scale.world.post("/api/auth/token/refresh/", &rotating);
    scale.weigh("refresh, rotating", REFRESH, rotate, 200).await;

    let jwks = scale.world.get("/api/auth/.well-known/jwks.json");
    scale.weigh("public keys", NOTHING, jwks, 200).await;
    let bare = scale.as_person(&person, "DELETE", "/api/auth/sessions/none/");
    scale.weigh("authenticated request, the live record alone", LIVE, bare, 404).await;
    let sessions = scale.as_person(&person, "GET", "/api/auth/sessions/");
    scale.weigh("sessions, list", READ, sessions, 200).await;
    let other = session_of(&scale.world, &scale.world.signed_in("rina").await).await;
    let end = scale.as_person(&person, "DELETE", &format!("/api/auth/sessions/{other}/"));
    scale.weigh("sessions, end one", WRITE, end, 204).await;
    let logout = scale.as_person(&person, "POST", "/api/auth/logout/").json(&json!({}));
    scale.weigh("logout", WRITE, logout, 205).await;
    let everywhere =
        scale.as_person(&person, "POST", "/api/auth/logout/").json(&json!({ "everywhere": true }));
    scale.weigh("logout, everywhere", WRITE, everywhere, 205).await;
    scale.world.clock.advance(Duration::from_hours(24));
    let sent = json!({ "username": "sari", "password": PASSWORD });
    let tomorrow = scale.world.post("/api/auth/login/", &sent);
    scale.weigh("login, the first of a day", LOGIN, tomorrow, 200).await;
}

async fn own_account(scale: &mut Scale) {
    let person = newcomer(&scale.world, "budi").await;
    let me = scale.as_person(&person, "GET", "/api/auth/me/");
    scale.weigh("me", READ, me, 200).await;
    let plain = scale.as_person(&person, "PATCH", "/api/auth/profile/").json(&json!({ "bio": "Sells tea." }));
    scale.weigh("profile, a plain field", WRITE, plain, 200).await;
    let email =
        scale.as_person(&person, "PATCH", "/api/auth/profile/").json(&json!({ "email": "b@shop.test" }));
    scale.weigh("profile, the address", WRITE, email, 200).await;
}

async fn passwords(scale: &mut Scale) {
    let person = newcomer(&scale.world, "dewi").await;
    let sent = json!({ "old_password": PASSWORD, "new_password": "ten-green-bottles-18" });
    let change = scale.as_person(&person, "POST", "/api/auth/change-password/").json(&sent);
    scale.weigh("change password", WRITE, change, 200).await;
    let ask = |scale: &Scale, email: &str| {
        scale.world.post("/api/auth/password-reset/", &json!({ "email": email }))
    };
    let unknown = ask(scale, "nobody@shop.test");
    scale.weigh("password reset, ask, unknown address", WRITE, unknown, 202).await;
    let known = ask(scale, "dewi@shop.test");
    scale.weigh("password reset, ask", WRITE, known, 202).await;
    let token = reset_token(&scale.world, "dewi@shop.test").await;
    let confirm = json!({ "token": token, "password": "six-red-kites-19" });
    let confirm = scale.world.post("/api/auth/password-reset/confirm/", &confirm);
    scale.weigh("password reset, confirm", WRITE, confirm, 200).await;
}

async fn administering(scale: &mut Scale) {
    let admin = administrator(&scale.world, "admin").await;
    let person = newcomer(&scale.world, "joko").await;
    let path = format!("/api/auth/users/{}/", person.id);
    // Enough for a page of twenty, each with words to be found by.
    for n in 0..20 {
        newcomer(&scale.world, &format!("zahra{n}")).await;
    }
    scale.world.settle().await;
    let page = scale.as_person(&admin, "GET", "/api/auth/users/");
    scale.weigh("users, list twenty", PAGE, page, 200).await;
    let search = scale.as_person(&admin, "GET", "/api/auth/users/?search=zahra");
    let found = scale.weigh("users, search, twenty found", SEARCH, search, 200).await;
    assert_eq!(found.json["results"].as_array().map(Vec::len), Some(20), "{found:?}");
    let get = scale.as_person(&admin, "GET", &path);
    scale.weigh("users, get", READ, get, 200).await;
    let roles = json!({ "roles": { "loyalty": "staff" } });
    let change = scale.as_person(&admin, "PATCH", &path).json(&roles);
    scale.weigh("users, change a role", WRITE, change, 200).await;
    let suspend = scale.as_person(&admin, "PATCH", &path).json(&json!({ "status": "suspended" }));
    scale.weigh("users, suspend", WRITE, suspend, 200).await;
}

/// What happens after the answer.
async fn asynchronous(scale: &mut Scale) {
    scale.world.settle().await;
    newcomer(&scale.world, "putri").await;
    scale.world.cost();
    scale.world.whole.deliver_changes().await.unwrap();
    scale.note("projector, a new account and its words", Units::new(2.0, 0.0, 16.0), 1);
    scale.world.whole.deliver_messages().await.unwrap();
    scale.note("mailer, a mail", MAILED, 1);
    scale.world.settle().await;
    // Forty changed rows without words: the counter's and the sessions' of each.
    for _ in 0..20 {
        scale.world.signed_in("putri").await;
    }
    scale.world.cost();
    scale.world.whole.deliver_changes().await.unwrap();
    scale.note("projector, a row without words", PROJECTED, 1);
}

/// What limits cost, on average of what a warm process takes from the counter at once.
async fn throttled() -> Measure {
    let world = World::with(Settings { throttle: "100,1000".to_owned() }).await;
    for _ in 0..20 {
        world.get("/api/auth/.well-known/jwks.json").send().await.expect(200);
    }
    // The first request of the hour opens the counter; what is usual comes after.
    world.cost();
    for _ in 0..20 {
        world.get("/api/auth/.well-known/jwks.json").send().await.expect(200);
    }
    Measure { operation: "limits, a request on average", used: Units::of(world.cost(), 20), budget: THROTTLE }
}
