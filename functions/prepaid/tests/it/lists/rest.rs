use serde_json::json;
use testkit::lists::{Expectations, check_list};

use prepaid::discounts::{self, Discount};
use prepaid::refunds::{self, Refund, Status};
use prepaid::types::{self, VoucherType};
use prepaid::usages::{self, Usage};

use super::{Stocked, choice, ids, oldest};
use crate::till::Till;

#[tokio::test]
async fn of_refunds_and_usages() {
    let shop = Stocked::shop().await;
    let (table, kofi) = (&shop.till.world.table, shop.account(&shop.till.kofi));
    for status in [Status::Pending, Status::Completed, Status::Cancelled] {
        assert!(shop.refunds.iter().any(|refund| refund.status == status), "some are {status:?}");
    }
    let id = |refund: &Refund| refund.id.clone();
    let some = |keep: &dyn Fn(&Refund) -> bool| ids(&shop.refunds, id, keep);
    let mine = some(&|refund| refund.user == kofi);
    let lists = vec![("", mine.clone()), ("ordering=created_at", oldest(mine))];
    let expected = Expectations { of: &shop.till.kofi.id, id, lists, refusals: Vec::new() };
    check_list(table, &refunds::list::OF_ONE, &expected).await;
    let lists = vec![
        ("", some(&|_| true)),
        ("ordering=created_at", oldest(some(&|_| true))),
        ("status=pending", some(&|refund| refund.status == Status::Pending)),
        ("status=cancelled&ordering=created_at", oldest(some(&|refund| refund.status == Status::Cancelled))),
        ("status=failed", Vec::new()),
    ];
    let refusals = vec![("status=lost", json!({ "status": choice("lost") }))];
    check_list(table, &refunds::list::OF_ALL, &Expectations { of: "", id, lists, refusals }).await;

    let id = |usage: &Usage| usage.id.clone();
    let some =
        |keep: &dyn Fn(&Usage) -> bool| ids(&shop.usages, id, |usage| usage.user == kofi && keep(usage));
    let code = shop.usages.iter().find(|usage| usage.user == kofi).unwrap().voucher_code.clone();
    let of_code = format!("code={}-{}", code[..6].to_lowercase(), &code[6..]);
    let lists = vec![
        ("", some(&|_| true)),
        ("ordering=used_at", oldest(some(&|_| true))),
        ("service_type=school", some(&|usage| usage.service_type == "school")),
        ("service_type=scho", Vec::new()),
        (&of_code, some(&|usage| usage.voucher_code == code)),
        ("code=x", Vec::new()),
    ];
    assert!(
        lists[2].1.len() > 1 && shop.usages.len() > lists[0].1.len(),
        "there is something to choose from"
    );
    let expected = Expectations { of: &shop.till.kofi.id, id, lists, refusals: Vec::new() };
    check_list(table, &usages::list::OF_ONE, &expected).await;
}

#[tokio::test]
async fn a_page_takes_no_more_calls_for_more_rows() {
    let shop = Stocked::shop().await;
    let till = &shop.till;
    for (who, list) in [
        (&till.kofi, "/vouchers/my-vouchers/"),
        (&till.kofi, "/vouchers/usage-history/"),
        (&till.kofi, "/payments/history/"),
        (&till.kofi, "/payments/refunds/"),
        (&till.staff, "/admin/vouchers/"),
        (&till.staff, "/admin/payments/"),
        (&till.staff, "/admin/refunds/"),
        (&till.staff, "/admin/discounts/"),
        (&till.staff, "/vouchers/types/"),
    ] {
        let mut calls = Vec::new();
        // The first time is for what is remembered from then on.
        for size in [20, 2, 20] {
            till.world.cost();
            till.get(who, &format!("{list}?page_size={size}")).await.expect(200);
            calls.push(till.world.cost().calls);
        }
        // A merged list reads on where one of its partitions ran out; never once for each row.
        assert!(calls[2] <= calls[1] + 2, "{list}: {calls:?}");
    }
}

#[tokio::test]
async fn of_types_and_discounts() {
    let till = Till::open().await;
    let mut made = vec![till.exam.clone()];
    for (name, code, price, more) in [
        ("school", "school", "25.00", json!({ "description": "Apply to one school" })),
        ("Placement", "placement", "10.00", json!({ "description": "Apply for a placement" })),
        ("Archive", "archive", "5.00", json!({ "is_active": false })),
        ("Transcript", "transcript", "7.50", json!({ "description": "A copy of exam results" })),
    ] {
        made.push(till.sells(name, code, price, more).await);
    }
    let of = |places: &[usize]| places.iter().map(|place| made[*place].clone()).collect::<Vec<_>>();
    let lists = vec![
        ("", of(&[0, 1, 2, 3, 4])),
        ("is_active=true", of(&[0, 1, 2, 4])),
        ("is_active=false", of(&[3])),
        ("is_active=all&ordering=-created_at", of(&[4, 3, 2, 1, 0])),
        ("ordering=price", of(&[3, 4, 0, 2, 1])),
        ("ordering=-price&is_active=true", of(&[1, 2, 0, 4])),
        ("ordering=name", of(&[3, 0, 2, 1, 4])),
        ("ordering=-name", of(&[4, 1, 2, 0, 3])),
        ("service_type=placement", of(&[2])),
        ("service_type=place", Vec::new()),
        ("search=EXAM+results", of(&[0, 4])),
        ("search=LACEM", of(&[2])),
        ("search=ults+xam+copy", of(&[4])),
        ("search=apply&ordering=name", of(&[2, 1])),
        ("search=milk", Vec::new()),
    ];
    let refusals = vec![("is_active=x", json!({ "is_active": choice("x") }))];
    let id = |known: &VoucherType| known.id.to_string();
    let expected = Expectations { of: "", id, lists, refusals };
    check_list(&till.world.table, &types::list::CATALOGUE, &expected).await;

    let mut made = Vec::new();
    for (minute, code, more) in [
        (31, "SPRING-10", json!({ "description": "Ten percent" })),
        (32, "SUMMER", json!({ "description": "All the year, also in spring" })),
        (32, "AUTUMN", json!({ "is_active": false })),
        (33, "WINTER", json!({})),
    ] {
        let time = format!("2026-03-01T08:{minute}:00Z");
        till.world.clock.set(wire::Stamp::parse_from(&time).unwrap());
        made.push(till.discount(code, more).await);
    }
    let of = |places: &[usize]| places.iter().map(|place| made[*place].clone()).collect::<Vec<_>>();
    let lists = vec![
        ("", of(&[3, 1, 2, 0])),
        ("ordering=created_at", of(&[0, 2, 1, 3])),
        ("ordering=code", of(&[2, 0, 1, 3])),
        ("is_active=false", of(&[2])),
        ("is_active=true&ordering=-code", of(&[3, 1, 0])),
        ("search=spring", of(&[1, 0])),
        ("search=spring+10", of(&[0])),
        ("search=milk", Vec::new()),
    ];
    let expected = Expectations { of: "", id: Discount::id, lists, refusals: Vec::new() };
    check_list(&till.world.table, &discounts::list::ALL, &expected).await;
}
