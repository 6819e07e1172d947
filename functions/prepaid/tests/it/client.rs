//! What the shop's pages send and read, as they have always done.

use serde_json::{Value, json};
use testkit::Answer;

use crate::shapes::is_code;
use crate::till::{MOUNT, Till};

/// A page in a browser, with the tokens it keeps.
struct Page<'a> {
    till: &'a Till,
    access: String,
    refresh: String,
}

impl<'a> Page<'a> {
    async fn signed_in(till: &'a Till, email: &str) -> Self {
        let body = json!({ "email": email, "password": "blue-whale-17" });
        // Pages send the token of the last visit along, whatever became of it.
        let call = till.world.post(&format!("{MOUNT}/auth/login/"), &body).bearer("of-last-week");
        let answer = call.send().await.expect(200);
        assert!(answer.json["user"]["full_name"].is_string(), "{answer:?}");
        Self { till, access: answer.text_at("access"), refresh: answer.text_at("refresh") }
    }

    async fn tries(&self, method: &str, path: &str, body: &Value) -> Answer {
        let call = self.till.world.call(method, &format!("{MOUNT}{path}")).bearer(&self.access);
        // Also what has no body says that it is JSON.
        let call = call.header("content-type", "application/json");
        if body.is_null() { call.send().await } else { call.body(body.to_string()).send().await }
    }

    /// What a page reads: told 401, it refreshes once and sends the same again.
    async fn sends(&mut self, method: &str, path: &str, body: Value) -> Value {
        let mut answer = self.tries(method, path, &body).await;
        if answer.status == 401 {
            let refresh = json!({ "refresh": self.refresh });
            let fresh =
                self.till.world.post(&format!("{MOUNT}/auth/refresh/"), &refresh).send().await.expect(200);
            self.access = fresh.text_at("access");
            answer = self.tries(method, path, &body).await;
        }
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
        answer.json
    }

    async fn reads(&mut self, path: &str) -> Value {
        self.sends("GET", path, Value::Null).await
    }
}

#[tokio::test]
async fn a_customer_goes_through_all_pages() {
    let till = Till::open().await;
    let mut page = Page::signed_in(&till, &till.ama.email).await;
    let types = page.reads("/vouchers/types/").await;
    let sold: u32 = types["results"][0]["id"].as_str().unwrap().parse().unwrap();
    let order = json!({ "voucher_type_id": sold, "quantity": 1 });
    let bought = page.sends("POST", "/vouchers/purchase/", order.clone()).await;
    assert!(bought["total_paid"].is_number() && bought["discount_applied"].is_number(), "{bought}");
    let code = bought["vouchers"][0]["code"].as_str().unwrap().to_owned();
    assert!(is_code(&code));
    // An hour later the access token is over, and the page goes on all the same.
    till.world.clock.set(wire::Stamp::parse_from("2026-03-01T09:31:00Z").unwrap());
    let use_it = json!({ "code": code, "service_type": "result_check", "service_data": {} });
    let used = page.sends("POST", "/vouchers/redeem/", use_it).await;
    assert_eq!(used["voucher"]["usage_count"], 1, "sent twice, and used once");
    let made = page.sends("POST", "/payments/create-intent/", json!({
        "voucher_type_id": sold, "quantity": 2, "payment_method": "stripe", "currency": "USD", "discount_code": null,
    })).await;
    for name in ["payment_id", "client_secret", "currency"] {
        assert!(made[name].is_string(), "{name} of {made}");
    }
    assert!(made["amount"].is_number() && made["payment"].is_object());
    let intent = made["payment_intent_id"].as_str().unwrap();
    till.bank().pay(intent, "pm_card_visa").unwrap();
    let paid = page.sends("POST", "/payments/confirm/", json!({ "payment_intent_id": intent })).await;
    assert_eq!(paid["voucher_codes"].as_array().unwrap().len(), 2);

    let mine = page.reads("/vouchers/my-vouchers/?status=active").await;
    assert_eq!((&mine["count"], &mine["results"][0]["is_valid"]), (&json!(3), &json!(true)));
    assert_eq!(page.reads(&format!("/vouchers/detail/{code}/")).await["uses_remaining"], 2);
    assert_eq!(page.reads("/vouchers/stats/").await["total_value"], "30.00");
    assert_eq!(page.reads("/vouchers/usage-history/").await["results"][0]["voucher_code"], json!(code));
    let history = page.reads("/payments/history/").await;
    assert_eq!((&history["count"], &history["results"][0]["amount"]), (&json!(2), &json!("20.00")));
    let ask = json!({ "payment_id": made["payment_id"], "reason": "customer_request", "notes": "" });
    assert_eq!(page.sends("POST", "/payments/refund/request/", ask).await["refund"]["status"], "pending");
    assert_eq!(page.reads("/payments/refunds/").await["count"], 1);
    let analytics = page.reads("/analytics/user/").await;
    assert_eq!(analytics["usage_by_type"][0]["voucher__voucher_type__name"], "Exam Results Checking");
    assert_eq!(page.reads("/users/profile/").await["email"], json!(till.ama.email));
    page.sends("PATCH", "/users/profile/update/", json!({ "first_name": "Ama" })).await;
    let secrets = json!({
        "old_password": "blue-whale-17", "new_password": "green-whale-18", "confirm_password": "green-whale-18",
    });
    let changed = page.sends("POST", "/users/change-password/", secrets).await;
    assert_eq!(changed["message"], "Password changed successfully.");
    page.refresh = changed["refresh"].as_str().unwrap().to_owned();
    let gone = json!({ "refresh": page.refresh });
    assert_eq!(page.sends("POST", "/auth/logout/", gone).await["message"], "Logout successful");
}

#[tokio::test]
async fn the_staffs_pages_show_figures() {
    let till = Till::open().await;
    till.buys(&till.ama, 2).await;
    let mut page = Page::signed_in(&till, &till.staff.email).await;
    assert_eq!(page.reads("/analytics/dashboard/").await["revenue"]["total"], 20);
    let report = page.reads("/analytics/revenue/?days=7").await;
    assert_eq!(report["summary"]["total_revenue"], "20.00");
}

/// Every refusal has a text where pages look for one.
#[tokio::test]
async fn refusals_of_one_sentence_have_a_message() {
    let till = Till::open().await;
    let page = Page::signed_in(&till, &till.kofi.email).await;
    let (_, intent) = till.intent(&till.ama, 1).await;
    let declined =
        json!({ "voucher_type_id": till.exam, "payment_method_id": "pm_card_visa_chargeDeclined" });
    for (method, path, body, text) in [
        ("GET", "/vouchers/detail/ABCDEFGHJKLM/", Value::Null, "Voucher not found"),
        ("GET", "/payments/transaction/x/", Value::Null, "Transaction not found"),
        ("POST", "/payments/confirm/", json!({}), "Payment intent ID is required"),
        ("POST", "/payments/confirm/", json!({ "payment_intent_id": intent }), "Payment not found"),
        ("POST", "/vouchers/purchase/", declined, "Your card was declined."),
    ] {
        let answer = page.tries(method, path, &body).await;
        for name in ["error", "detail", "message"] {
            assert_eq!(answer.json[name], text, "{name} of {method} {path}");
        }
    }
}
