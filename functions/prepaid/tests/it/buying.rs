//! Buying: at one go, by the customer's browser, and for nothing.

use serde_json::json;

use crate::till::Till;

#[tokio::test]
async fn a_purchase_charges_the_card_and_delivers() {
    let till = Till::open().await;
    let bought = till.buys(&till.ama, 2).await;
    assert_eq!(bought.json["message"], "Successfully purchased 2 voucher(s)");
    assert_eq!((&bought.json["total_paid"], &bought.json["discount_applied"]), (&json!(20), &json!(0)));
    assert_eq!(bought.json["payment"]["status"], "completed");
    assert_eq!(bought.json["vouchers"].as_array().unwrap().len(), 2);
    let code = bought.json["payment"]["voucher_codes"][0].as_str().unwrap().to_owned();
    let used = till.redeems(&till.kofi, &code).await.expect(200);
    assert_eq!(used.json["voucher"]["uses_remaining"], 2);
    let mails = till.world.mail_to(&till.ama.email).await;
    let subjects: Vec<&str> = mails.iter().map(|(subject, _)| subject.as_str()).collect();
    assert_eq!(subjects, ["Your voucher purchase", "Voucher redeemed"]);
    let board = till.get(&till.staff, "/analytics/dashboard/").await.expect(200).json;
    assert_eq!(board["revenue"], json!({ "total": 20, "this_week": 20, "this_month": 20 }));
}

#[tokio::test]
async fn who_pays_at_the_bank_and_never_comes_back_has_the_vouchers_all_the_same() {
    let till = Till::open().await;
    let (payment, intent) = till.intent(&till.ama, 2).await;
    till.bank().pay(&intent, "pm_card_visa").unwrap();
    till.world.settle().await;
    let paid = till.payment(&till.ama, &payment).await;
    assert_eq!((&paid["status"], paid["vouchers"].as_array().unwrap().len()), (&json!("completed"), 2));
    let confirmed = till.confirms(&till.ama, &intent).await.expect(200);
    assert_eq!(confirmed.json["already_processed"], true);
    assert_eq!(confirmed.json["voucher_codes"], paid["voucher_codes"]);
}
