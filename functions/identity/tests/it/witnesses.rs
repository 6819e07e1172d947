//! What many see side by side in a storm, which some order of it all must explain.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::history::{ANY, History, counter, given_once, one_winner, set};
use testkit::{Answer, Call, Person, STORM, World, bad_days, patiently};

use crate::{PASSWORD, admin, someone};

fn registration(world: &World, name: &str, email: &str) -> Call {
    let body = json!({ "username": name, "email": email, "password": PASSWORD });
    world.post("/api/auth/register/", &body)
}

/// Registers with a key until it is decided.
async fn registers_patiently(world: &World, name: &str, email: &str) -> Answer {
    patiently(|| registration(world, name, email).header("idempotency-key", name)).await
}

/// Many want one address, each with a name of one's own, while others try to sign in with it.
async fn one_address(seed: u64) {
    let world = &World::new().await;
    world.faults.chance(seed, &STORM);
    let history: &History<Option<String>> = &History::default();
    let wants = async |n: usize| {
        let (name, email) = (format!("user{n}"), ["A@x.io", "a@X.io "][n % 2]);
        let wish = Some(name.clone());
        match n % 3 {
            0 => drop(history.record(wish, registers_patiently(world, &name, email)).await),
            1 => drop(history.record(wish, registration(world, &name, email).send()).await),
            _ => history.send_off(wish, registration(world, &name, email).send()),
        }
    };
    let looks = async |n: usize| {
        for again in 0..2 {
            // Each from elsewhere, so that nobody is slowed down.
            let address = format!("198.51.100.{}", 10 * n + again);
            let body = json!({ "username": "a@x.io", "password": PASSWORD });
            let entered = world.post("/api/auth/login/", &body).from(&address).send();
            history.record(None, entered).await;
        }
    };
    tokio::join!(join_all((0..12).map(wants)), join_all((0..2).map(looks)));
    history.all_arrive().await;
    world.faults.stop();
    looks(9).await;
    let taken = json!({ "email": ["user with this email address already exists."] });
    let seen = history.of(|name, came| {
        let owner = |answer: &Answer| Some(answer.text_at("user.username"));
        let refused = |answer: &Answer| {
            let expected = if name.is_some() { (400, &taken) } else { (401, &answer.json) };
            assert_eq!((answer.status.as_u16(), &answer.json), expected);
            None
        };
        Some((name.clone(), came.told(owner, refused)))
    });
    one_winner(&seen).expect("one owner");
    history.census().tells_something();
    assert_eq!(world.recount().await, 1);
    assert_eq!(world.mail_to("a@x.io").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_whose_some_order_explains() {
    bad_days(0..3, one_address).await;
}

/// Many register, and an administrator counts them meanwhile.
async fn many_accounts(seed: u64) {
    let world = &World::new().await;
    let judge = &admin(world).await;
    world.faults.chance(seed, &STORM);
    let history: &History<bool> = &History::default();
    let comes = async |who: usize| {
        for n in 0..3 {
            let (name, email) = (format!("user{who}.{n}"), format!("user{who}.{n}@shop.test"));
            match n {
                0 => drop(history.record(true, registration(world, &name, &email).send()).await),
                1 => drop(history.record(true, registers_patiently(world, &name, &email)).await),
                _ => history.send_off(true, registration(world, &name, &email).send()),
            }
        }
    };
    let counts = || history.record(false, world.get("/api/auth/users/").bearer(&judge.access).send());
    let looks = async {
        for _ in 0..8 {
            counts().await;
        }
    };
    tokio::join!(join_all((0..5).map(comes)), looks);
    history.all_arrive().await;
    world.faults.stop();
    counts().await.expect(200);
    let many = history.of(|comes, came| {
        let count = |answer: &Answer| answer.json["count"].as_i64().expect("a count");
        let told = |answer: &Answer| if *comes { ANY } else { count(answer)..=count(answer) };
        Some((i64::from(*comes), came.told(told, |answer| panic!("{answer:?}"))))
    });
    counter(1, 1..=16, &many).expect("how many there are");
    given_once(history.told(|comes, answer| comes.then(|| answer.text_at("user.id"))))
        .expect("an id for each");
    assert!(history.census().unknown > 0 && history.census().side_by_side > 0, "{:?}", history.census());
    world.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_account_has_an_id_of_its_own_and_is_counted_once() {
    bad_days(0..3, many_accounts).await;
}

/// What somebody does with sessions, each of which is known by what its client calls itself.
#[derive(Clone, Debug, PartialEq)]
enum Wish {
    Enter(String),
    Look,
    End(String),
}

struct Account<'a> {
    world: &'a World,
    owner: Person,
    history: History<Wish>,
}

impl Account<'_> {
    async fn enters(&self, device: String, waits: bool) {
        let body = json!({ "username": "rina", "password": PASSWORD });
        let entered = self.world.post("/api/auth/login/", &body).header("user-agent", &device).send();
        if waits {
            self.history.record(Wish::Enter(device), entered).await;
        } else {
            self.history.send_off(Wish::Enter(device), entered);
        }
    }

    async fn looks(&self) -> Answer {
        let listed = self.world.get("/api/auth/sessions/").bearer(&self.owner.access).send();
        self.history.record(Wish::Look, listed).await
    }

    /// Three end a session at once, one of whom does not wait.
    async fn ends(&self, id: &str) {
        let wish = || Wish::End(id.to_owned());
        let call =
            || self.world.call("DELETE", &format!("/api/auth/sessions/{id}/")).bearer(&self.owner.access);
        self.history.send_off(wish(), call().send());
        tokio::join!(self.history.record(wish(), call().send()), self.history.record(wish(), call().send()));
    }

    async fn looks_again_and_again(&self) {
        for _ in 0..6 {
            self.looks().await;
        }
    }
}

/// What the sessions of a list have under a name.
fn each(listed: &Answer, name: &str) -> Vec<String> {
    let text = |session: &Value| session[name].as_str().expect("a text").to_owned();
    listed.json.as_array().expect("a list").iter().map(text).collect()
}

/// Somebody signs in on many devices, and out of them again; nine are fewer than push each other out.
async fn sessions(seed: u64) {
    let world = &World::new().await;
    let owner = someone(world, "rina").await;
    let mut account = Account { world, owner, history: History::default() };
    world.faults.chance(seed, &STORM);
    let enters = async |who: usize| {
        for n in 0..3 {
            account.enters(format!("tab {who}.{n}"), n != 1).await;
        }
    };
    tokio::join!(
        join_all((0..3).map(enters)),
        account.looks_again_and_again(),
        account.looks_again_and_again()
    );
    account.history.all_arrive().await;
    world.faults.stop();
    let sessions = account.looks().await.expect(200);
    let seen = account.history.of(|wish, came| {
        let device = if let Wish::Enter(device) = wish { Some(device.clone()) } else { None };
        let tabs = |answer: &Answer| match wish {
            Wish::Look => each(answer, "device").into_iter().filter(|name| name.starts_with("tab")).collect(),
            _ => Vec::new(),
        };
        Some((device, came.told(tabs, |answer| panic!("{answer:?}"))))
    });
    set(&seen).expect("who is signed in");
    assert!(account.history.census().unknown > 0, "{:?}", account.history.census());

    // Several end each of them at once.
    account.history = History::default();
    world.faults.chance(seed, &STORM);
    let tabs: Vec<String> = each(&sessions, "id")
        .into_iter()
        .zip(each(&sessions, "device"))
        .filter_map(|(id, device)| device.starts_with("tab").then_some(id))
        .collect();
    let ends = join_all(tabs.iter().map(|id| account.ends(id)));
    tokio::join!(ends, account.looks_again_and_again());
    account.history.all_arrive().await;
    world.faults.stop();
    account.looks().await.expect(200);
    for id in &tabs {
        let seen = account.history.of(|wish, came| {
            let gone = |answer: &Answer| (!each(answer, "id").contains(id)).then_some("ended");
            match wish {
                Wish::End(ended) if ended == id => Some((Some("ended"), came.told(|_| None, |_| None))),
                Wish::Look => Some((None, came.told(gone, |answer| panic!("{answer:?}")))),
                _ => None,
            }
        });
        one_winner(&seen).expect("it ends once, and is gone from then on");
    }
    account.history.census().tells_something();
    world.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_opened_stay_and_those_that_are_ended_are_gone() {
    bad_days(0..3, sessions).await;
}
