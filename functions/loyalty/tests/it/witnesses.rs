//! What many see side by side in a storm, which some order of it all must explain: nothing is lost, doubled, spent
//! twice or refused for nothing, whoever was told of it and whoever was not.

use std::ops::RangeInclusive;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::history::{ANY, History, conserved, counter, given_once, one_winner, only_rises, set};
use testkit::{Answer, Call, STORM, bad_days, patiently};

use crate::races::out_of_stock;
use crate::shop::{Shop, refusal};

/// What the member begins with, what the voucher costs, and how many there are of it.
const OPENING: i64 = 300;
const COST: i64 = 100;
const STOCK: i64 = 3;

/// The ways that a redemption may go: how it is asked for, and what becomes of it.
const WAYS: [(&str, &str, &str); 4] = [
    ("POST", "cancel/", "Cancelled"),
    ("POST", "mark-used/", "Used"),
    ("PUT", "", "Cancelled"),
    ("POST", "update-status/", "Used"),
];

/// What one asks for, or looks at.
#[derive(Clone, Debug)]
enum Wish {
    /// Points, and what they are for, which is never the same.
    Book(i64, String),
    Redeem,
    /// A redemption, and which of the [`WAYS`] it is to go.
    Step(String, usize),
    Balance,
    Held,
    Ledger,
    Stock,
    Figures,
    Status(String),
}

const LOOKS: [Wish; 5] = [Wish::Balance, Wish::Held, Wish::Ledger, Wish::Stock, Wish::Figures];

impl Wish {
    fn takes_back(&self) -> bool {
        matches!(self, Self::Step(_, way) if WAYS[*way].2 == "Cancelled")
    }
}

/// One member and one voucher, about which everybody asks.
struct Day {
    shop: Shop,
    history: History<Wish>,
    member: String,
    voucher: String,
}

impl Day {
    fn request(&self, wish: &Wish) -> Call {
        let Self { shop, member, voucher, .. } = self;
        let post = |path: &str, body: Value| shop.call("POST", path).json(&body);
        match wish {
            Wish::Book(points, what) => {
                let kind = if *points > 0 { "earn" } else { "adjustment" };
                let body = json!({ "member": member, "type": kind, "points": points, "description": what });
                post("/points/", body)
            }
            Wish::Redeem => post("/redeem/", json!({ "member": member, "voucher": voucher })),
            Wish::Step(id, way) => {
                let (method, path, status) = WAYS[*way];
                shop.call(method, &format!("/redeem/{id}/{path}")).json(&json!({ "status": status }))
            }
            Wish::Balance => shop.call("GET", &format!("/members/{member}/")),
            Wish::Held => shop.call("GET", "/members/statistics/"),
            Wish::Ledger => shop.call("GET", &format!("/points/member/{member}/")),
            Wish::Stock => shop.call("GET", &format!("/vouchers/{voucher}/")),
            Wish::Figures => shop.call("GET", "/redeem/statistics/"),
            Wish::Status(id) => shop.call("GET", &format!("/redeem/{id}/")),
        }
    }

    /// Asks once, and gives up if the platform is busy.
    async fn asks(&self, wish: Wish) -> Answer {
        let sent = self.request(&wish).send();
        self.history.record(wish, sent).await
    }

    /// Asks, and goes away.
    fn sends_off(&self, wish: Wish) {
        let sent = self.request(&wish).send();
        self.history.send_off(wish, sent);
    }

    /// Asks with a key until it is decided.
    async fn insists(&self, wish: Wish, key: &str) -> Answer {
        let sent = patiently(|| self.request(&wish).header("idempotency-key", key));
        self.history.record(wish.clone(), sent).await
    }

    async fn books(&self, who: usize) {
        for (n, points) in [60, -150, 40, -90, 70, -110].into_iter().enumerate() {
            let what = format!("booking {who}.{n}");
            let wish = Wish::Book(points, what.clone());
            match (n + who) % 3 {
                0 => drop(self.insists(wish, &what).await),
                1 => drop(self.asks(wish).await),
                _ => self.sends_off(wish),
            }
        }
    }

    /// Redeems; and whatever is got, several use and take back at once.
    async fn redeems(&self, who: usize) {
        for n in 0..3 {
            let key = format!("{who}.{n}");
            let got = match (n + who) % 3 {
                0 => self.insists(Wish::Redeem, &key).await,
                1 => {
                    self.sends_off(Wish::Redeem);
                    continue;
                }
                _ => self.asks(Wish::Redeem).await,
            };
            if got.status != 201 {
                continue;
            }
            let id = got.text_at("data.id");
            let step = |way: usize| Wish::Step(id.clone(), way % WAYS.len());
            tokio::join!(
                self.asks(step(n)),
                self.insists(step(n + 1), &key),
                self.asks(step(n + 2)),
                self.asks(step(n + 3)),
                async {
                    self.asks(Wish::Status(id.clone())).await;
                    self.asks(Wish::Status(id.clone())).await
                },
            );
        }
    }

    async fn looks(&self) {
        for wish in LOOKS.into_iter().cycle().take(20) {
            self.asks(wish).await;
        }
    }

    /// Once more, when all is quiet.
    async fn looks_at_everything(&self) {
        for wish in LOOKS {
            self.asks(wish).await.expect(200);
        }
        join_all(self.redeemed().into_iter().map(|id| self.asks(Wish::Status(id)))).await;
    }

    /// The redemptions that somebody was told of.
    fn redeemed(&self) -> Vec<String> {
        self.history.told(|wish, answer| matches!(wish, Wish::Redeem).then(|| answer.text_at("data.id")))
    }

    /// The balance is what it began with and what became of it, and nobody was turned away who had enough.
    fn balance(&self) -> Result<(), String> {
        let [poor, short] =
            [("points", "Insufficient points"), ("member", "Insufficient points for redemption")]
                .map(|(field, text)| refusal(json!({ field: [text] })));
        let seen = self.history.of(|wish, came| {
            let change = match wish {
                Wish::Book(points, _) => *points,
                Wish::Redeem => -COST,
                Wish::Step(..) if wish.takes_back() => COST,
                Wish::Balance | Wish::Held | Wish::Ledger => 0,
                _ => return None,
            };
            let held = |answer: &Answer| match wish {
                Wish::Balance | Wish::Held => exactly(number(&answer.json["data"]["total_points"])),
                Wish::Ledger => exactly(rows(answer).iter().map(|row| number(&row["points"])).sum()),
                _ => ANY,
            };
            let refused = |answer: &Answer| match wish {
                Wish::Book(points, _) if answer.json == poor => i64::MIN..=-points - 1,
                Wish::Redeem if answer.json == short => i64::MIN..=COST - 1,
                Wish::Redeem if answer.json == out_of_stock() => ANY,
                Wish::Step(..) => ANY,
                _ => panic!("{wish:?} was refused: {answer:?}"),
            };
            Some((change, came.told(held, refused)))
        });
        counter(OPENING, 0..=i64::MAX, &seen)
    }

    /// The stock is what nobody holds, and nobody was turned away while there was one.
    fn stock(&self) -> Result<(), String> {
        let seen = self.history.of(|wish, came| {
            let change = match wish {
                Wish::Redeem => -1,
                Wish::Step(..) if wish.takes_back() => 1,
                Wish::Stock => 0,
                _ => return None,
            };
            let left = |answer: &Answer| match wish {
                Wish::Stock => exactly(number(&answer.json["data"]["stock"])),
                _ => ANY,
            };
            let refused = |answer: &Answer| if answer.json == out_of_stock() { i64::MIN..=0 } else { ANY };
            Some((change, came.told(left, refused)))
        });
        counter(STOCK, 0..=STOCK, &seen)
    }

    /// Every booking is a row of the ledger, once and for good.
    fn ledger(&self) -> Result<(), String> {
        let booking = |row: &Value| {
            let what = row["description"].as_str().filter(|what| what.starts_with("booking"));
            what.map(str::to_owned)
        };
        let seen = self.history.of(|wish, came| {
            let added = match wish {
                Wish::Book(_, what) => Some(what.clone()),
                Wish::Ledger => None,
                _ => return None,
            };
            let there = |answer: &Answer| match wish {
                Wish::Ledger => rows(answer).iter().filter_map(booking).collect(),
                _ => Vec::new(),
            };
            Some((added, came.told(there, |_| Vec::new())))
        });
        set(&seen)
    }

    /// What was paid is the price of what is held, at every moment at which somebody looks.
    fn figures(&self) -> Result<(), String> {
        let seen = self.history.of(|wish, came| {
            let amounts = |answer: &Answer| {
                let figure = |name: &str| number(&answer.json["data"][name]);
                let held = figure("total_redeems") - figure("cancelled_redeems");
                vec![figure("total_points_redeemed"), -COST * held]
            };
            matches!(wish, Wish::Figures).then(|| ((), came.told(amounts, |_| Vec::new())))
        });
        conserved(0, &seen)
    }

    /// A redemption goes one way, and whoever looks sees which.
    fn way_of(&self, redemption: &str) -> Result<(), String> {
        let seen = self.history.of(|wish, came| {
            let now = |answer: &Answer| {
                let status = answer.text_at("data.status");
                (status != "Pending").then_some(status)
            };
            match wish {
                Wish::Step(id, way) if id == redemption => {
                    Some((Some(WAYS[*way].2.to_owned()), came.told(now, |_| None)))
                }
                Wish::Status(id) if id == redemption => Some((None, came.told(now, now))),
                _ => None,
            }
        });
        one_winner(&seen).map(drop)
    }
}

fn rows(answer: &Answer) -> &[Value] {
    answer.json["data"].as_array().expect("a list")
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn exactly(amount: i64) -> RangeInclusive<i64> {
    amount..=amount
}

async fn stormy_day(seed: u64) {
    let shop = Shop::open().await;
    let (member, voucher) =
        (shop.member_with("Sari", OPENING).await, shop.voucher("KOPI20", COST, STOCK).await);
    shop.world.faults.chance(seed, &STORM);
    let day = Day { shop, history: History::default(), member, voucher };
    tokio::join!(
        join_all((0..3).map(|who| day.books(who))),
        join_all((0..3).map(|who| day.redeems(who))),
        join_all((0..2).map(|_| day.looks())),
    );
    day.history.all_arrive().await;
    day.shop.world.faults.stop();
    day.looks_at_everything().await;
    day.balance().expect("the balance");
    day.stock().expect("the stock");
    day.ledger().expect("the ledger");
    day.figures().expect("the figures");
    for redemption in day.redeemed() {
        day.way_of(&redemption).expect("one way");
    }
    day.history.census().tells_something();
    day.shop.world.assert_it_was_a_bad_day();
    day.shop.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_order_explains_what_everybody_sees_of_a_balance_and_a_stock() {
    bad_days(0..2, stormy_day).await;
}

/// Enrols many at once; the numbers are looked at beside it.
async fn stormy_enrolment(seed: u64) {
    let shop = Shop::open().await;
    shop.world.faults.chance(seed, &STORM);
    let history: History<Option<String>> = History::default();
    let enrols = async |who: usize| {
        for n in 0..3 {
            let email = format!("member.{who}.{n}@mail.test");
            let body = json!({ "name": "Sari", "email": email, "phone": "1", "join_date": "2026-01-10" });
            let call = || shop.call("POST", "/members/").json(&body);
            let insists = || call().header("idempotency-key", &email);
            let wish = Some(email.clone());
            match n {
                0 => drop(history.record(wish, call().send()).await),
                1 => drop(history.record(wish, patiently(insists)).await),
                _ => history.send_off(wish, call().send()),
            }
        }
    };
    let look = || history.record(None, shop.get("/members/statistics/"));
    let looks = async {
        for _ in 0..8 {
            look().await;
        }
    };
    tokio::join!(join_all((0..6).map(enrols)), looks);
    history.all_arrive().await;
    shop.world.faults.stop();
    look().await.expect(200);
    let many = history.of(|enrols, came| {
        let figure = |answer: &Answer| exactly(number(&answer.json["data"]["total_members"]));
        let told = |answer: &Answer| if enrols.is_none() { figure(answer) } else { ANY };
        Some((i64::from(enrols.is_some()), came.told(told, |answer| panic!("nobody was here: {answer:?}"))))
    });
    counter(0, 0..=18, &many).expect("how many there are");
    let numbers = history.told(|enrols, answer| enrols.as_ref().map(|_| answer.text_at("data.id")));
    given_once(numbers).expect("a number for each");
    let told = |answer: &Answer| answer.text_at("data.id");
    let numbers = history.of(|enrols, came| enrols.clone().map(|email| (email, came.told(told, told))));
    only_rises(&numbers).expect("whoever comes later has a higher number");
    assert!(history.census().unknown > 0 && history.census().side_by_side > 0, "{:?}", history.census());
    shop.recount().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_member_has_a_number_of_ones_own_higher_than_all_before() {
    bad_days(0..3, stormy_enrolment).await;
}
