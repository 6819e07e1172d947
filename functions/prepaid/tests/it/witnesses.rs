//! What many see side by side in a storm, which some order of it all must explain: no use is lost, doubled or refused
//! while there is one, whoever was told of it and whoever was not.

use std::ops::RangeInclusive;

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::history::{ANY, History, counter, given_once, one_winner, only_rises, set};
use testkit::{Answer, Call, Person, STORM, bad_days, patiently};

use crate::days::{codes, text};
use crate::till::{Till, said};

/// How often the voucher may be used.
const USES: i64 = 6;

/// What one asks for, or looks at.
#[derive(Clone, Debug)]
enum Wish {
    /// What the desk notes, which is never the same.
    Use(String),
    GiveBack(String),
    Voucher,
    /// The uses that somebody made, by address.
    Usages(String),
}

/// A voucher that everybody uses.
struct Day {
    till: Till,
    code: String,
    history: History<Wish>,
}

impl Day {
    fn request(&self, who: &Person, wish: &Wish) -> Call {
        let till = &self.till;
        match wish {
            Wish::Use(what) => {
                let details = json!({ "what": what });
                let body = json!({ "code": self.code, "service_type": "six", "details": details });
                till.call(who, "POST", "/vouchers/redeem/").json(&body)
            }
            Wish::GiveBack(usage) => {
                let path = format!("/admin/usages/{usage}/rollback/");
                till.call(who, "POST", &path).json(&json!({ "reason": "down" }))
            }
            Wish::Voucher => till.call(who, "GET", &format!("/vouchers/detail/{}/", self.code)),
            Wish::Usages(_) => till.call(who, "GET", "/vouchers/usage-history/?page_size=100"),
        }
    }

    /// Asks once, and gives up if the platform is busy.
    async fn asks(&self, who: &Person, wish: Wish) -> Answer {
        let sent = self.request(who, &wish).send();
        self.history.record(wish, sent).await
    }

    /// Asks, and goes away.
    fn sends_off(&self, who: &Person, wish: Wish) {
        let sent = self.request(who, &wish).send();
        self.history.send_off(wish, sent);
    }

    /// Asks with a key until it is decided.
    async fn insists(&self, who: &Person, wish: Wish, key: &str) -> Answer {
        let sent = patiently(|| self.request(who, &wish).header("idempotency-key", key));
        self.history.record(wish.clone(), sent).await
    }

    async fn uses(&self, who: &Person, desk: usize) {
        for n in 0..4 {
            let what = format!("{} {desk}.{n}", who.email);
            let wish = Wish::Use(what.clone());
            match (n + desk) % 3 {
                0 => drop(self.asks(who, wish).await),
                1 => drop(self.insists(who, wish, &what).await),
                _ => self.sends_off(who, wish),
            }
        }
    }

    async fn looks(&self, who: &Person) {
        for _ in 0..6 {
            self.asks(&self.till.ama, Wish::Voucher).await;
            self.asks(who, Wish::Usages(who.email.clone())).await;
        }
    }

    /// Several of the staff give each use back at once, while others use what comes of it.
    async fn gives_back(&self, usages: &[String]) {
        let staff = &self.till.staff;
        let back = async |usage: &String| {
            let wish = || Wish::GiveBack(usage.clone());
            self.sends_off(staff, wish());
            tokio::join!(self.asks(staff, wish()), self.insists(staff, wish(), "desk"));
        };
        join_all(usages.iter().map(back)).await;
    }

    /// What is left is what nobody used, and nobody was turned away while there was a use.
    fn left(&self) -> Result<(), String> {
        let seen = self.history.of(|wish, came| {
            let change = match wish {
                Wish::Use(_) => -1,
                Wish::GiveBack(_) => 1,
                Wish::Voucher => 0,
                Wish::Usages(_) => return None,
            };
            let left = |answer: &Answer| {
                let voucher = if change == 0 { &answer.json } else { &answer.json["voucher"] };
                exactly(number(&voucher["uses_remaining"]))
            };
            let refused = |answer: &Answer| match wish {
                Wish::Use(_) => {
                    assert_eq!(answer.json, json!({ "code": ["Voucher is not valid or has expired."] }));
                    i64::MIN..=0
                }
                Wish::GiveBack(_) => {
                    said(answer.clone(), 409, "This use was given back already");
                    ANY
                }
                _ => panic!("{answer:?}"),
            };
            Some((change, came.told(left, refused)))
        });
        counter(USES, 0..=USES, &seen)
    }

    /// Every use is in the list of whoever made it, once and for good.
    fn usages_of(&self, who: &Person) -> Result<(), String> {
        let seen = self.history.of(|wish, came| {
            let made = match wish {
                Wish::Use(what) if what.starts_with(&who.email) => Some(what.clone()),
                Wish::Usages(of) if *of == who.email => None,
                _ => return None,
            };
            let listed = |answer: &Answer| match made {
                None => rows(answer).iter().map(|usage| text(&usage["details"]["what"])).collect(),
                Some(_) => Vec::new(),
            };
            let told = came.told(listed, |_| Vec::new());
            Some((made.clone(), told))
        });
        set(&seen)
    }

    /// As long as none is given back, whoever looks later sees no fewer uses.
    fn uses_only_rise(&self) -> Result<(), String> {
        let used = |answer: &Answer| number(&answer.json["usage_count"]);
        let look = |wish: &Wish| matches!(wish, Wish::Voucher).then_some(());
        only_rises(&self.history.of(|wish, came| Some((look(wish)?, came.told(used, used)))))
    }

    /// A use is given back once.
    fn given_back(&self, usage: &str) -> Result<(), String> {
        let seen = self.history.of(|wish, came| match wish {
            Wish::GiveBack(of) if of == usage => Some((Some(()), came.told(|_| None, |_| None))),
            _ => None,
        });
        one_winner(&seen).map(drop)
    }
}

fn rows(answer: &Answer) -> &[Value] {
    answer.json["results"].as_array().expect("a list")
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn exactly(amount: i64) -> RangeInclusive<i64> {
    amount..=amount
}

async fn stormy_day(seed: u64) {
    let till = Till::open().await;
    let six = till.sells("Six", "six", "0.00", json!({ "usage_limit": USES })).await;
    let bought =
        till.post(&till.ama, "/vouchers/purchase/", json!({ "voucher_type_id": six })).await.expect(201);
    let day = Day { code: codes(&bought).remove(0), till, history: History::default() };
    let people = [&day.till.ama, &day.till.kofi];
    let looks = || join_all(people.map(|who| day.looks(who)));
    day.till.world.faults.chance(seed, &STORM);
    tokio::join!(join_all((0..4).map(|desk| day.uses(people[desk % 2], desk))), looks());
    day.uses_only_rise().expect("the uses");
    day.history.census().tells_something();
    let made =
        day.history.told(|wish, answer| matches!(wish, Wish::Use(_)).then(|| answer.text_at("usage.id")));
    tokio::join!(
        day.gives_back(&made[..3]),
        join_all((4..7).map(|desk| day.uses(people[desk % 2], desk))),
        looks()
    );
    day.history.all_arrive().await;
    day.till.world.faults.stop();
    tokio::join!(day.looks(people[0]), day.looks(people[1]));
    day.left().expect("what is left");
    for who in people {
        day.usages_of(who).expect("the uses of one");
    }
    for usage in &made {
        day.given_back(usage).expect("given back once");
    }
    day.till.world.assert_it_was_a_bad_day();
    day.till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_order_explains_what_everybody_sees_of_a_voucher_and_its_uses() {
    bad_days(0..2, stormy_day).await;
}

/// Somebody buys in many tabs, and looks meanwhile at what there is.
async fn stormy_purchases(seed: u64) {
    let till = &Till::open().await;
    let free = till.sells("Free", "free", "0.00", json!({})).await;
    till.world.faults.chance(seed, &STORM);
    let history: &History<i64> = &History::default();
    let buys = async |tab: usize| {
        for quantity in [1, 2, 3] {
            let body = json!({ "voucher_type_id": free, "quantity": quantity });
            let call = || till.call(&till.ama, "POST", "/vouchers/purchase/").json(&body);
            let key = format!("{tab}.{quantity}");
            match quantity {
                1 => drop(history.record(1, call().send()).await),
                2 => drop(history.record(2, patiently(|| call().header("idempotency-key", &key))).await),
                _ => history.send_off(quantity, call().send()),
            }
        }
    };
    let look = || history.record(0, till.get(&till.ama, "/vouchers/my-vouchers/?page_size=100"));
    let looks = async {
        for _ in 0..8 {
            look().await;
        }
    };
    tokio::join!(join_all((0..6).map(buys)), looks);
    history.all_arrive().await;
    till.world.faults.stop();
    let mine = look().await.expect(200);
    let seen = history.of(|bought, came| {
        let count = |answer: &Answer| exactly(number(&answer.json["count"]));
        let told = |answer: &Answer| if *bought == 0 { count(answer) } else { ANY };
        Some((*bought, came.told(told, |answer| panic!("{answer:?}"))))
    });
    counter(0, 0..=36, &seen).expect("how many there are");
    let sold = history.told(|bought, answer| (*bought > 0).then(|| codes(answer)));
    given_once(sold.iter().flatten()).expect("a code for each");
    given_once(history.told(|bought, answer| (*bought > 0).then(|| answer.text_at("payment.id"))))
        .expect("an id for each");
    let mine: Vec<String> = rows(&mine).iter().map(|voucher| text(&voucher["code"])).collect();
    assert!(sold.iter().flatten().all(|code| mine.contains(code)), "{sold:?} of {mine:?}");
    assert!(history.census().unknown > 0 && history.census().side_by_side > 0, "{:?}", history.census());
    till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_voucher_has_a_code_of_its_own_and_is_counted_once() {
    bad_days(0..3, stormy_purchases).await;
}

/// Several want what was bought for somebody, and the staff look whose it is.
async fn stormy_claims(seed: u64) {
    let till = &Till::open().await;
    let free = till.sells("Free", "free", "0.00", json!({})).await;
    let order = json!({ "voucher_type_id": free, "quantity": 3, "recipient_email": "child@shop.test" });
    let gifts = codes(&till.post(&till.ama, "/vouchers/purchase/", order).await.expect(201));
    let people = join_all((0..5).map(|_| till.newcomer())).await;
    till.world.faults.chance(seed, &STORM);
    // The gift, and who wants it.
    let history: &History<(String, Option<String>)> = &History::default();
    let wants = async |code: &str, n: usize, who: &Person| {
        let body = json!({ "code": code });
        let call = || till.call(who, "POST", "/vouchers/claim/").json(&body);
        let wish = (code.to_owned(), Some(who.email.clone()));
        match n % 3 {
            0 => drop(history.record(wish, call().send()).await),
            1 => drop(history.record(wish, patiently(|| call().header("idempotency-key", code))).await),
            _ => history.send_off(wish, call().send()),
        }
    };
    let look = async |code: &str| {
        let seen = till.call(&till.staff, "GET", &format!("/vouchers/detail/{code}/"));
        history.record((code.to_owned(), None), seen.send()).await
    };
    let races = gifts.iter().map(async |code| {
        let claims = people.iter().enumerate().map(|(n, who)| wants(code, n, who));
        let looks = async {
            for _ in 0..4 {
                look(code).await;
            }
        };
        tokio::join!(join_all(claims), looks);
    });
    join_all(races).await;
    history.all_arrive().await;
    till.world.faults.stop();
    let gone = json!({ "code": ["This voucher was not sent to anybody, or was claimed already."] });
    for gift in &gifts {
        look(gift).await.expect(200);
        let seen = history.of(|(code, who), came| {
            let owner = |answer: &Answer| {
                let email = answer.json["user_email"].as_str()?;
                (email != till.ama.email).then(|| email.to_owned())
            };
            let refused = |answer: &Answer| {
                assert_eq!(answer.json, gone);
                None
            };
            (code == gift).then(|| (who.clone(), came.told(owner, refused)))
        });
        one_winner(&seen).expect("one owner");
    }
    history.census().tells_something();
    till.world.recount_prepaid().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gift_is_whose_some_order_explains() {
    bad_days(0..3, stormy_claims).await;
}
