//! Everybody who might try.

use std::time::Duration;

use identity::users::ROLES;
use serde_json::json;
use testkit::World;

use super::belongings::Belongings;
use crate::people::{Person, administrator, clerk, newcomer};

/// Somebody who might try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Shows no token.
    Anonymous,
    /// Just registered.
    Newcomer,
    /// Works at the desk of the loyalty programme, and is new everywhere else.
    Clerk,
    /// Runs the loyalty programme, and is new everywhere else.
    Manager,
    /// Works at the voucher shop, and is new everywhere else.
    Cashier,
    /// Just registered, and blocked by a marketplace: no other context minds.
    Blocked,
    /// Administers the platform.
    Administrator,
    /// Administered it until it was suspended; the token is of before.
    Suspended,
    /// Administers it, but its tokens were ended.
    Ended,
    /// An administrator's token that is too old.
    Expired,
    /// No token at all.
    Garbage,
    /// An administrator's refresh token, shown as an access token.
    Refresh,
    /// Somebody who may, on what belongs to another.
    Stranger,
}

impl Actor {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Anonymous,
        Self::Newcomer,
        Self::Clerk,
        Self::Manager,
        Self::Cashier,
        Self::Blocked,
        Self::Administrator,
        Self::Suspended,
        Self::Ended,
        Self::Expired,
        Self::Garbage,
        Self::Refresh,
        Self::Stranger,
    ];

    /// Whether the token alone is good.
    pub fn has_a_good_token(self) -> bool {
        !matches!(self, Self::Anonymous | Self::Expired | Self::Garbage | Self::Refresh)
    }

    /// Whether the live record agrees with the token.
    pub fn has_a_good_record(self) -> bool {
        !matches!(self, Self::Suspended | Self::Ended)
    }

    /// The role that the token says, in a context.
    pub fn role_in(self, context: &str) -> &'static str {
        let roles = ROLES.iter().find(|roles| roles.context.name == context);
        let context = roles.unwrap_or_else(|| panic!("there is no context {context}")).context;
        match self {
            Self::Clerk if context.name == "loyalty" => "staff",
            Self::Manager if context.name == "loyalty" => context.administrator,
            Self::Cashier if context.name == "prepaid" => context.administrator,
            Self::Newcomer | Self::Stranger | Self::Blocked | Self::Clerk | Self::Manager | Self::Cashier => {
                context.newcomer
            }
            _ => context.administrator,
        }
    }
}

/// Who plays them, and whom they try it on.
pub struct Cast {
    newcomer: Person,
    clerk: Person,
    manager: Person,
    cashier: Person,
    blocked: Person,
    administrator: Person,
    suspended: Person,
    ended: Person,
    expired: Person,
    victims: Belongings,
}

impl Cast {
    /// Everybody, each in the state that the play begins with.
    pub async fn assemble(world: &World) -> Self {
        let expired = administrator(world, "yesterday").await;
        world.clock.advance(Duration::from_hours(2));
        let (suspended, ended) =
            (administrator(world, "suspended").await, administrator(world, "ended").await);
        let admin = administrator(world, "admin").await;
        let blocked = newcomer(world, "blocked").await;
        for (person, status) in [(&suspended, "suspended"), (&blocked, "blocked")] {
            let change = world.call("PATCH", &format!("/api/auth/users/{}/", person.id));
            change.bearer(&admin.access).json(&json!({ "status": status })).send().await.expect(200);
        }
        let end = world.post("/api/auth/logout/", &json!({ "everywhere": true }));
        end.bearer(&ended.access).send().await.expect(205);
        let clerk = clerk(world, "clerk").await;
        let manager = world.person("manager", &[("loyalty", "admin")]).await;
        let cashier = world.person("cashier", &[("prepaid", "staff")]).await;
        let victims = Belongings::of(world, &newcomer(world, "victim").await, &clerk, &admin).await;
        // Whoever is new has the same, so that what is shown would be somebody's.
        let newcomer = newcomer(world, "newcomer").await;
        Belongings::of(world, &newcomer, &clerk, &admin).await;
        // What registering sent is out before anybody looks for more.
        world.settle().await;
        let administrator = world.signed_in("admin").await;
        Self { newcomer, clerk, manager, cashier, blocked, administrator, suspended, ended, expired, victims }
    }

    /// The header that an actor shows.
    pub fn authorization(&self, actor: Actor) -> Option<String> {
        let token = match actor {
            Actor::Anonymous => return None,
            Actor::Garbage => "not.a.token",
            Actor::Newcomer | Actor::Stranger => &self.newcomer.access,
            Actor::Clerk => &self.clerk.access,
            Actor::Manager => &self.manager.access,
            Actor::Cashier => &self.cashier.access,
            Actor::Blocked => &self.blocked.access,
            Actor::Administrator => &self.administrator.access,
            Actor::Suspended => &self.suspended.access,
            Actor::Ended => &self.ended.access,
            Actor::Expired => &self.expired.access,
            Actor::Refresh => &self.administrator.refresh,
        };
        Some(format!("Bearer {token}"))
    }

    /// The path to something of the victim's, which must be known for every path with a variable.
    pub fn path_to_a_victim(&self, path: &str) -> String {
        self.victims.path(path)
    }
}
