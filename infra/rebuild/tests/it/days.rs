//! Days in which accounts come, change and are managed, drawn from a seed.

use fastrand::Rng;
use identity::demo;
use serde_json::json;
use testkit::{Answer, World};

const PASSWORD: &str = "nine-blue-whales-17";

/// Everybody of a world, and an administrator who changes them.
pub struct Day<'a> {
    world: &'a World,
    admin: String,
    /// Ids of accounts.
    people: Vec<String>,
}

impl<'a> Day<'a> {
    /// A day with an administrator and three others.
    pub async fn begin(world: &'a World) -> Self {
        demo::seed(&world.whole.host("identity-http").unwrap(), &[demo::ADMIN]).await.unwrap();
        let login = json!({ "username": demo::ADMIN.username, "password": demo::ADMIN.password });
        let admin = world.post("/api/auth/login/", &login).send().await.expect(200).text_at("access");
        let mut day = Self { world, admin, people: Vec::new() };
        for number in 0..3 {
            day.people.push(day.register(&format!("first{number}")).await);
        }
        day
    }

    /// Somebody registers; the id of the account.
    pub async fn register(&self, name: &str) -> String {
        self.ask_to_register(name).await.expect(201).text_at("user.id")
    }

    async fn ask_to_register(&self, name: &str) -> Answer {
        let wish = json!({ "username": name, "email": format!("{name}@shop.test"), "password": PASSWORD });
        self.world.post("/api/auth/register/", &wish).send().await
    }

    /// Somebody gets another standing.
    pub async fn judge(&self, id: &str, status: &str) -> Answer {
        let path = format!("/api/auth/users/{id}/");
        self.world.call("PATCH", &path).json(&json!({ "status": status })).bearer(&self.admin).send().await
    }

    /// So many things happen, one after the other: mostly changes, each of which costs less than a registration. What
    /// trouble keeps from happening is left.
    pub async fn pass(&mut self, things: usize, seed: u64) {
        let mut chance = Rng::with_seed(seed);
        for number in 0..things {
            let id = self.people[chance.usize(0..self.people.len())].clone();
            if chance.u8(0..10) == 0 {
                let answer = self.ask_to_register(&format!("late{seed}x{number}")).await;
                if answer.status == 201 {
                    self.people.push(answer.text_at("user.id"));
                }
            } else {
                let status = ["active", "inactive", "suspended", "blocked"][chance.usize(0..4)];
                self.judge(&id, status).await;
            }
        }
    }

    /// The id of somebody, whose name is `first0`.
    pub fn someone(&self) -> &str {
        &self.people[0]
    }

    /// The same calls itself otherwise.
    pub async fn rename(&self, first_name: &str) {
        let login = json!({ "username": "first0", "password": PASSWORD });
        let access = self.world.post("/api/auth/login/", &login).send().await.expect(200).text_at("access");
        let name = json!({ "first_name": first_name });
        self.world.call("PATCH", "/api/auth/profile/").json(&name).bearer(&access).send().await.expect(200);
    }
}
