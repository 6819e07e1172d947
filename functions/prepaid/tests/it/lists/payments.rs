use serde_json::json;
use testkit::lists::{Expectations, check_list};
use wire::Stamp;

use prepaid::payments::list::{OF_ALL, OF_ONE};
use prepaid::payments::{Payment, Status};

use super::{Stocked, choice, ids, oldest};

fn id(payment: &Payment) -> String {
    payment.id.clone()
}

#[tokio::test]
async fn of_one_account_and_of_all() {
    let shop = Stocked::shop().await;
    let (ama, kofi) = (shop.account(&shop.till.ama), shop.account(&shop.till.kofi));
    for status in [Status::Pending, Status::Failed, Status::Completed, Status::Refunded] {
        assert!(shop.payments.iter().any(|payment| payment.status == status), "some are {status:?}");
    }
    let some = |keep: &dyn Fn(&Payment) -> bool| ids(&shop.payments, id, keep);
    let mine = |payment: &Payment| payment.user == kofi;
    let lists = vec![
        ("", some(&mine)),
        ("ordering=created_at", oldest(some(&mine))),
        ("status=completed", some(&|payment| mine(payment) && payment.status == Status::Completed)),
        ("status=pending&ordering=created_at", {
            oldest(some(&|payment| mine(payment) && payment.status == Status::Pending))
        }),
        ("status=paid", Vec::new()),
    ];
    let expected = Expectations { of: &shop.till.kofi.id, id, lists, refusals: Vec::new() };
    check_list(&shop.till.world.table, &OF_ONE, &expected).await;

    let one = shop.payments.iter().find(|payment| mine(payment)).unwrap();
    let (intent, whole) = (format!("search={}", one.intent.as_ref().unwrap()), format!("search={}", one.id));
    let (amas, kofis) = (format!("user={ama}"), format!("user={kofi}&status=failed&ordering=created_at"));
    let at = |text: &str| Stamp::parse_from(text).unwrap();
    let (from, to) = (at("2026-03-01T08:32:00Z"), at("2026-03-01T08:32:00Z"));
    let between = |payment: &Payment| (from..=to).contains(&payment.created_at);
    let lists = vec![
        ("", some(&|_| true)),
        ("ordering=created_at", oldest(some(&|_| true))),
        (&amas, some(&|payment| payment.user == ama)),
        (&kofis, oldest(some(&|payment| mine(payment) && payment.status == Status::Failed))),
        ("user=nobody", Vec::new()),
        ("date_from=2026-03-01T08:32:00Z&date_to=2026-03-01T08:32:00Z", some(&between)),
        ("date_to=2026-03-01T08:32:00Z&status=completed&ordering=created_at", {
            oldest(some(&|payment| payment.created_at <= to && payment.status == Status::Completed))
        }),
        (
            "status=failed&date_from=2026-03-01&date_to=2026-03-01",
            some(&|payment| payment.status == Status::Failed),
        ),
        ("date_from=2026-03-02", Vec::new()),
        ("search=ama@shop.test&status=refunded", {
            some(&|payment| payment.user == ama && payment.status == Status::Refunded)
        }),
        (&intent, vec![one.id.clone()]),
        (&whole, vec![one.id.clone()]),
        ("search=nobody", Vec::new()),
    ];
    let told = json!({
        "status": choice("paid"), "date_from": ["Enter a valid date/time."], "date_to": ["Enter a valid date/time."],
    });
    let refusals = vec![("status=paid&date_from=x&date_to=2026-02-30", told)];
    check_list(&shop.till.world.table, &OF_ALL, &Expectations { of: "", id, lists, refusals }).await;
}
