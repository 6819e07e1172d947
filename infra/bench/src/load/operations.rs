//! The operations that are driven, and who asks for them.

use std::sync::atomic::{AtomicUsize, Ordering};

use identity::demo;
use serde_json::{Value, json};
use testkit::World;
use wire::Fault;

use super::ask::{Ask, Connection};
use super::cloud::Cloud;
use super::fill::{PASSWORD, username};
use crate::arguments::Arguments;

/// One operation.
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// What the asker with this number asks for, and the how many-th request it is.
    pub ask: fn(&Scene, asker: usize, number: usize) -> Ask,
}

/// All operations: what only reads comes first, so that it waits for nobody's writes.
pub const OPERATIONS: [Operation; 8] = [
    Operation { name: "public keys", ask: |_, _, _| Ask::get("/api/auth/.well-known/jwks.json") },
    Operation {
        name: "me",
        ask: |scene, asker, _| Ask::get("/api/auth/me/").bearer(&scene.person(asker).access),
    },
    Operation {
        name: "list sessions",
        ask: |scene, asker, _| Ask::get("/api/auth/sessions/").bearer(&scene.person(asker).access),
    },
    Operation {
        name: "look at a user",
        ask: |scene, asker, _| {
            Ask::get(format!("/api/auth/users/{}/", scene.person(asker).id)).bearer(&scene.admin.access)
        },
    },
    Operation {
        name: "refresh",
        ask: |scene, asker, _| {
            Ask::post("/api/auth/token/refresh/", json!({ "refresh": scene.person(asker).refresh }))
        },
    },
    Operation {
        name: "edit profile",
        ask: |scene, asker, number| {
            let body = json!({ "bio": format!("the words of {number}") });
            Ask::patch("/api/auth/profile/", body).bearer(&scene.person(asker).access)
        },
    },
    Operation { name: "login", ask: |scene, _, number| scene.login(number) },
    Operation {
        name: "register",
        ask: |scene, _, _| Ask::post("/api/auth/register/", newcomer(&scene.new_name())),
    },
];

/// Who asks.
pub struct Scene {
    people: Vec<Person>,
    admin: Person,
    accounts: usize,
    newcomers: AtomicUsize,
}

/// Somebody who signed in.
struct Person {
    id: String,
    access: String,
    refresh: String,
}

impl Scene {
    /// The accounts of a store, the first of whom sign in: one for each connection.
    pub async fn of(cloud: &Cloud, arguments: &Arguments) -> Result<Self, Fault> {
        let connection = Connection::new(&cloud.url);
        let enter = async |username: &str, password: &str| {
            let (status, answer) = connection.send(login(username, password)).await?;
            Person::of(&answer)
                .ok_or_else(|| Fault::bug(format!("{username} cannot sign in: {status} {answer}")))
        };
        let mut people = Vec::new();
        for number in 0..arguments.connections.min(arguments.accounts) {
            people.push(enter(&username(number), PASSWORD).await?);
        }
        let admin = enter(demo::ADMIN.username, demo::ADMIN.password).await?;
        Ok(Self { people, admin, accounts: arguments.accounts, newcomers: AtomicUsize::new(0) })
    }

    /// One account and an administrator, in a world of tests.
    pub async fn within(world: &World) -> Result<Self, Fault> {
        demo::seed(&world.whole.host("identity-http")?, &[demo::ADMIN]).await?;
        let registered = Ask::post("/api/auth/register/", newcomer(&username(0))).send_within(world).await;
        let entered = login(demo::ADMIN.username, demo::ADMIN.password).send_within(world).await;
        let person = |answer: &testkit::Answer| {
            Person::of(&answer.json).ok_or_else(|| Fault::bug(format!("nobody can sign in: {answer:?}")))
        };
        let (somebody, admin) = (person(&registered)?, person(&entered)?);
        Ok(Self { people: vec![somebody], admin, accounts: 1, newcomers: AtomicUsize::new(0) })
    }

    /// A login of one account after the other, far apart from its neighbours.
    pub fn login(&self, number: usize) -> Ask {
        login(&username(number * 7919 % self.accounts), PASSWORD)
    }

    /// A name that nobody has.
    pub fn new_name(&self) -> String {
        format!("newcomer{}", self.newcomers.fetch_add(1, Ordering::Relaxed))
    }

    fn person(&self, asker: usize) -> &Person {
        &self.people[asker % self.people.len()]
    }
}

impl Person {
    fn of(answer: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Some(Self {
            id: text(&answer["user"]["id"])?,
            access: text(&answer["access"])?,
            refresh: text(&answer["refresh"])?,
        })
    }
}

fn login(username: &str, password: &str) -> Ask {
    Ask::post("/api/auth/login/", json!({ "username": username, "password": password }))
}

/// What somebody sends to register.
pub fn newcomer(username: &str) -> Value {
    json!({
        "username": username,
        "email": format!("{username}@shop.test"),
        "password": PASSWORD,
        "first_name": "Anna",
        "last_name": "Berg",
    })
}
