//! Random lives of accounts, step by step beside a small model of what an account is.

mod account;

use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use testkit::{Answer, World, lives};

use crate::{admin, someone};
use account::{Model, Reused, State};

const NAMES: [&str; 4] = ["rina", "budi", "sari", "dewi"];
const PASSWORDS: [&str; 3] = ["blue-whale-17", "red-heron-77", "green-otter-42"];
const STATES: [State; 4] = [State::Active, State::Inactive, State::Suspended, State::Blocked];

/// What somebody does. An index chooses among the accounts or tokens that there are by then.
#[derive(Clone, Debug)]
enum Step {
    Register { name: usize, address: usize },
    SignIn { name: usize, by_address: bool, password: usize },
    Look { token: Index },
    Refresh { token: Index, rotate: bool },
    Leave { token: Index, everywhere: bool },
    ChangePassword { token: Index, old: usize, new: usize },
    Rename { token: Index, name: usize, address: bool },
    Judge { account: Index, state: usize },
    Wait { seconds: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (name, password, token) = (|| 0..NAMES.len(), || 0..PASSWORDS.len(), any::<Index>);
    let step = prop_oneof![
        2 => (name(), name()).prop_map(|(name, address)| Step::Register { name, address }),
        4 => (name(), any::<bool>(), password())
            .prop_map(|(name, by_address, password)| Step::SignIn { name, by_address, password }),
        3 => token().prop_map(|token| Step::Look { token }),
        6 => (token(), any::<bool>()).prop_map(|(token, rotate)| Step::Refresh { token, rotate }),
        1 => (token(), any::<bool>()).prop_map(|(token, everywhere)| Step::Leave { token, everywhere }),
        2 => (token(), password(), password())
            .prop_map(|(token, old, new)| Step::ChangePassword { token, old, new }),
        2 => (token(), name(), any::<bool>())
            .prop_map(|(token, name, address)| Step::Rename { token, name, address }),
        1 => (token(), 0..STATES.len()).prop_map(|(account, state)| Step::Judge { account, state }),
        2 => prop_oneof![Just(1), Just(20), Just(3_600), Just(3_640), Just(604_799), Just(604_801)]
            .prop_map(|seconds| Step::Wait { seconds }),
    ];
    proptest::collection::vec(step, 1..60)
}

#[test]
fn accounts_live_as_their_model_does() {
    lives(12, &steps(), live);
}

async fn live(steps: Vec<Step>) {
    let mut life = Life::begin().await;
    for (number, step) in steps.iter().enumerate() {
        // No two steps at one moment: which session is unused for longest is to be told.
        life.pass(Duration::from_millis(1));
        life.number = number;
        life.take(step).await;
    }
    life.is_as_modelled().await;
}

/// The tokens of one answer.
struct Tokens {
    access: String,
    refresh: String,
}

struct Life {
    world: World,
    judge: String,
    model: Model,
    tokens: Vec<Tokens>,
    ids: Vec<String>,
    number: usize,
}

impl Life {
    async fn begin() -> Self {
        let world = World::new().await;
        admin(&world).await;
        let (model, tokens, ids, number) = (Model::default(), Vec::new(), Vec::new(), 0);
        let mut life = Self { world, judge: String::new(), model, tokens, ids, number };
        life.appoint_judge().await;
        // So that every step has somebody to be about.
        let first = someone(&life.world, NAMES[0]).await;
        life.model.register(0, 0, 0);
        life.ids.push(first.id);
        life.tokens.push(Tokens { access: first.access, refresh: first.refresh });
        life
    }

    async fn appoint_judge(&mut self) {
        self.judge = crate::login(&self.world, "admin", "admin123").await.expect(200).text_at("access");
    }

    fn pass(&mut self, time: Duration) {
        self.world.clock.advance(time);
        self.model.now += time;
    }

    /// Each from an address of its own, so that guesses are not slowed down.
    async fn post(&self, path: &str, body: &Value, token: Option<&str>) -> Answer {
        let address = format!("198.51.{}.{}", self.number / 250, self.number % 250);
        let call = self.world.post(&format!("/api/auth/{path}/"), body).from(&address);
        match token {
            Some(token) => call.bearer(token).send().await,
            None => call.send().await,
        }
    }

    fn keep(&mut self, answer: &Answer) {
        self.tokens.push(Tokens { access: answer.text_at("access"), refresh: answer.text_at("refresh") });
    }

    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Register { name, address } => self.register(name, address).await,
            Step::SignIn { name, by_address, password } => self.sign_in(name, by_address, password).await,
            Step::Look { token } => self.look(token.index(self.tokens.len())).await,
            Step::Refresh { token, rotate } => self.refresh(token.index(self.tokens.len()), rotate).await,
            Step::Leave { token, everywhere } => self.leave(token.index(self.tokens.len()), everywhere).await,
            Step::ChangePassword { token, old, new } => {
                self.change_password(token.index(self.tokens.len()), old, new).await;
            }
            Step::Rename { token, name, address } => {
                self.rename(token.index(self.tokens.len()), name, address).await;
            }
            Step::Judge { account, state } => self.judge(account.index(self.ids.len()), STATES[state]).await,
            Step::Wait { seconds } => {
                self.pass(Duration::from_secs(seconds));
                self.appoint_judge().await;
            }
        }
    }

    async fn register(&mut self, name: usize, address: usize) {
        // In capitals: names are the same without case.
        let (username, email) = (NAMES[name].to_uppercase(), format!("{}@Shop.Test", NAMES[address]));
        let body = json!({ "username": username, "email": email, "password": PASSWORDS[0] });
        let answer = self.post("register", &body, None).await;
        let taken = self.model.taken(name, address, None);
        if taken.is_empty() {
            self.keep(&answer.clone().expect(201));
            self.ids.push(answer.text_at("user.id"));
            self.model.register(name, address, 0);
        } else {
            assert_eq!(faults(&answer.expect(400)), taken);
        }
    }

    async fn sign_in(&mut self, name: usize, by_address: bool, password: usize) {
        let login = if by_address { format!("{}@shop.test", NAMES[name]) } else { NAMES[name].to_owned() };
        let body = json!({ "username": login, "password": PASSWORDS[password] });
        let answer = self.post("login", &body, None).await;
        if self.model.sign_in(name, by_address, password) {
            self.keep(&answer.expect(200));
        } else {
            answer.expect(401);
        }
    }

    async fn look(&mut self, token: usize) {
        let access = self.tokens[token].access.clone();
        let me = self.world.get("/api/auth/me/").bearer(&access).send().await;
        let sessions = self.world.get("/api/auth/sessions/").bearer(&access).send().await;
        let Some(account) = self.model.caller(token) else {
            me.expect(401);
            sessions.expect(401);
            return;
        };
        let account = &self.model.accounts[account];
        assert!(me.clone().expect(200).text_at("username").eq_ignore_ascii_case(NAMES[account.name]));
        assert_eq!(me.text_at("status"), account.state.as_str());
        let listed = sessions.expect(200).json.as_array().unwrap().len();
        assert_eq!(listed, account.live_sessions(self.model.now));
    }

    async fn refresh(&mut self, token: usize, rotate: bool) {
        let body = json!({ "refresh": self.tokens[token].refresh, "rotate": rotate });
        let answer = self.post("token/refresh", &body, None).await;
        match self.model.refresh(token, rotate) {
            Ok(()) => {
                let access = answer.expect(200);
                let same = self.tokens[token].refresh.clone();
                let refresh = if rotate { access.text_at("refresh") } else { same };
                self.tokens.push(Tokens { access: access.text_at("access"), refresh });
            }
            Err(Reused) => drop(answer.expect(401)),
        }
    }

    async fn leave(&mut self, token: usize, everywhere: bool) {
        let body = if everywhere { json!({ "everywhere": true }) } else { json!({}) };
        let answer = self.post("logout", &body, Some(&self.tokens[token].access)).await;
        answer.expect(if self.model.leave(token, everywhere) { 205 } else { 401 });
    }

    async fn change_password(&mut self, token: usize, old: usize, new: usize) {
        let body = json!({ "old_password": PASSWORDS[old], "new_password": PASSWORDS[new] });
        let answer = self.post("change-password", &body, Some(&self.tokens[token].access)).await;
        let expected = self.model.change_password(token, old, new);
        // Whether a new password may be the old one is the operation's own matter, and this model's not.
        answer.expect(expected);
    }

    async fn rename(&mut self, token: usize, name: usize, address: bool) {
        let body = if address {
            json!({ "email": format!("{}@shop.test", NAMES[name]) })
        } else {
            json!({ "username": NAMES[name] })
        };
        let call = self.world.call("PATCH", "/api/auth/profile/").json(&body);
        let answer = call.bearer(&self.tokens[token].access).send().await;
        match self.model.rename(token, name, address) {
            None => drop(answer.expect(401)),
            Some(taken) if taken.is_empty() => drop(answer.expect(200)),
            Some(taken) => assert_eq!(faults(&answer.expect(400)), taken),
        }
    }

    async fn judge(&mut self, account: usize, state: State) {
        let call = self.world.call("PATCH", &format!("/api/auth/users/{}/", self.ids[account]));
        let answer = call.bearer(&self.judge).json(&json!({ "status": state.as_str() })).send().await;
        self.model.judge(account, state);
        assert_eq!(answer.expect(200).text_at("status"), self.model.accounts[account].state.as_str());
    }

    /// What is stored in the end is what the model has: every account, every figure, and nothing besides.
    async fn is_as_modelled(&mut self) {
        self.appoint_judge().await;
        assert_eq!(self.world.recount().await, self.model.accounts.len() + 1);
        for (id, account) in self.ids.iter().zip(&self.model.accounts) {
            let path = format!("/api/auth/users/{id}/");
            let seen = self.world.get(&path).bearer(&self.judge).send().await.expect(200);
            assert!(seen.text_at("username").eq_ignore_ascii_case(NAMES[account.name]));
            let address = format!("{}@shop.test", NAMES[account.address]);
            assert!(seen.text_at("email").eq_ignore_ascii_case(&address));
            assert_eq!(seen.text_at("status"), account.state.as_str());
        }
    }
}

/// The fields that an answer finds fault with.
fn faults(answer: &Answer) -> Vec<&str> {
    let mut fields: Vec<&str> = answer.json.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}
