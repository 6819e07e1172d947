//! One's own vouchers.

use serde_json::{Value, json};
use testkit::with;
use wire::Stamp;

use crate::shapes::{each, voucher};
use crate::till::{Till, said};

const OWN: &str = "/vouchers/my-vouchers/";

#[tokio::test]
async fn everybody_lists_their_own_the_newest_first() {
    let till = Till::open().await;
    let first = till.buys(&till.ama, 3).await.json;
    till.buys(&till.kofi, 1).await;
    let list = till.get(&till.ama, OWN).await.expect(200);
    let mut rows: Vec<Value> =
        first["vouchers"].as_array().unwrap().iter().map(|told| voucher(&till, &till.ama, told)).collect();
    // What was issued at one moment stands by its id.
    rows.sort_by_key(|row| std::cmp::Reverse(row["id"].as_str().unwrap().to_owned()));
    assert_eq!(list.json, json!({ "count": 3, "next": null, "previous": null, "results": rows }));
    till.world.clock.set(Stamp::parse_from("2026-03-01T08:31:00Z").unwrap());
    let newest = till.code(&till.ama).await;
    let codes = each(&till.get(&till.ama, OWN).await.expect(200), "code");
    assert_eq!((codes.len(), &codes[0]), (4, &newest));
    assert_eq!(till.get(&till.staff, OWN).await.expect(200).json["count"], 0, "staff have none of their own");
    let tried = till.get(&till.ama, &format!("{OWN}?user={}", till.kofi.id)).await.expect(200);
    assert_eq!(each(&tried, "code"), codes, "naming somebody shows nobody else's");
}

#[tokio::test]
async fn states_are_told_as_they_are_at_this_moment() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 4).await.json;
    let codes: Vec<&str> = bought["payment"]["voucher_codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    let [active, used, over, cancelled] = codes[..] else { panic!("{codes:?}") };
    for _ in 0..3 {
        till.redeems(&till.kofi, used).await.expect(200);
    }
    till.post(&till.staff, &format!("/admin/vouchers/{cancelled}/cancel/"), json!({ "reason": "lost" }))
        .await
        .expect(200);
    till.patch(&format!("/admin/vouchers/{over}/"), json!({ "expires_at": "2026-03-01T08:40:00Z" }))
        .await
        .expect(200);
    let stats = async || till.get(&till.ama, "/vouchers/stats/").await.expect(200).json;
    let expected = json!({
        "total_vouchers": 4, "active_vouchers": 2, "used_vouchers": 1, "expired_vouchers": 0,
        "cancelled_vouchers": 1, "total_value": "40.00",
    });
    assert_eq!(stats().await, expected);
    // Nobody has noticed yet that it is over, and yet it is.
    till.world.clock.set(Stamp::parse_from("2026-03-01T08:40:01Z").unwrap());
    assert_eq!(stats().await, with(&expected, &json!({ "active_vouchers": 1, "expired_vouchers": 1 })));
    for (status, code) in [("active", active), ("used", used), ("expired", over), ("cancelled", cancelled)] {
        let some = till.get(&till.ama, &format!("{OWN}?status={status}")).await.expect(200);
        assert_eq!(
            (each(&some, "code"), &some.json["count"]),
            (vec![code.to_owned()], &json!(1)),
            "{status}"
        );
        let row = &some.json["results"][0];
        assert_eq!(*row, till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await.expect(200).json);
        let good = status == "active";
        assert_eq!((&row["status"], &row["is_active"]), (&json!(status), &json!(good)));
        assert_eq!((&row["is_valid"], &row["voucher_is_valid"]), (&json!(good), &json!(good)), "{status}");
        assert_eq!(row["uses_remaining"], if good { 3 } else { 0 }, "{status}");
    }
    for status in ["Active", "lost", "0"] {
        assert_eq!(
            till.get(&till.ama, &format!("{OWN}?status={status}")).await.expect(200).json["count"],
            0,
            "{status}"
        );
    }
    assert_eq!(till.get(&till.ama, &format!("{OWN}?status=")).await.expect(200).json["count"], 4);
    let nothing = till.get(&till.kofi, "/vouchers/stats/").await.expect(200).json;
    assert_eq!((&nothing["total_vouchers"], &nothing["total_value"]), (&json!(0), &json!("0.00")));
}

#[tokio::test]
async fn a_voucher_is_for_its_owner_and_for_staff() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 1).await.json["vouchers"][0].clone();
    let code = bought["code"].as_str().unwrap();
    let shown = voucher(&till, &till.ama, &bought);
    for typed in [code.to_owned(), code.to_lowercase()] {
        let path = format!("/vouchers/detail/{typed}/");
        assert_eq!(till.get(&till.ama, &path).await.expect(200).json, shown);
        let staffs = till.get(&till.staff, &path).await.expect(200).json;
        assert_eq!(staffs, with(&shown, &json!({ "user_email": till.ama.email })));
    }
    let foreign = till.get(&till.kofi, &format!("/vouchers/detail/{code}/")).await;
    let unknown = till.get(&till.kofi, "/vouchers/detail/ABCDEFGHJKLM/").await;
    assert_eq!(foreign.json, unknown.json);
    said(foreign, 404, "Voucher not found");
    for code in ["x", "0", "%00", bought["id"].as_str().unwrap()] {
        said(till.get(&till.ama, &format!("/vouchers/detail/{code}/")).await, 404, "Voucher not found");
    }
}

#[tokio::test]
async fn twenty_are_a_page_and_links_lead_on_and_back() {
    let till = Till::open().await;
    for _ in 0..3 {
        till.buys(&till.ama, 9).await;
    }
    let follow = async |link: &Value| {
        let path = link.as_str().unwrap().strip_prefix("http://mercato.test").unwrap().to_owned();
        till.world.get(&path).bearer(&till.ama.access).send().await.expect(200)
    };
    let all = each(&till.get(&till.ama, &format!("{OWN}?page_size=100")).await.expect(200), "code");
    let first = till.get(&till.ama, &format!("{OWN}?status=active&colour=red")).await.expect(200);
    assert_eq!(
        (&each(&first, "code")[..], &first.json["count"], &first.json["previous"]),
        (&all[..20], &json!(27), &Value::Null)
    );
    for kept in ["status=active", "colour=red"] {
        assert!(first.text_at("next").contains(kept), "{kept} in {first:?}");
    }
    let rest = follow(&first.json["next"]).await;
    assert_eq!((&each(&rest, "code")[..], &rest.json["next"]), (&all[20..], &Value::Null));
    assert_eq!(each(&follow(&rest.json["previous"]).await, "code"), all[..20]);
    assert!(rest.text_at("previous").contains("status=active"));
    let second = till.get(&till.ama, &format!("{OWN}?page=2")).await.expect(200);
    assert_eq!(each(&second, "code"), all[20..]);
    for (size, rows) in [("1", 1), ("27", 27), ("100", 27), ("500", 27), ("0", 20), ("-1", 20), ("x", 20)] {
        let some = till.get(&till.ama, &format!("{OWN}?page_size={size}")).await.expect(200);
        assert_eq!(each(&some, "code").len(), rows, "{size}");
    }
    for list in
        [OWN, "/payments/history/", "/payments/refunds/", "/vouchers/usage-history/", "/vouchers/types/"]
    {
        for page in ["9", "0", "-1", "x", "1.5", "99999999999999999999"] {
            let missing = till.get(&till.ama, &format!("{list}?page={page}")).await.expect(404);
            assert_eq!(missing.json, json!({ "detail": "Invalid page." }), "{list} {page}");
        }
        let empty = till.get(&till.kofi, &format!("{list}?page=1&search=nothing&status=x")).await.expect(200);
        assert!(empty.json["results"].is_array(), "page 1 of {list} is there in any case");
    }
}
