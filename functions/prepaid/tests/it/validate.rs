//! Asking whether a voucher could be used, without using it.

use serde_json::{Value, json};

use crate::shapes::END;
use crate::till::{Till, refused};

const VALIDATE: &str = "/vouchers/validate/";

#[tokio::test]
async fn it_is_told_whether_and_why_not_and_nothing_is_used() {
    let till = Till::open().await;
    let good = till.code(&till.ama).await;
    let used = till.code(&till.ama).await;
    for _ in 0..3 {
        till.redeems(&till.kofi, &used).await.expect(200);
    }
    let over = till.code(&till.ama).await;
    till.patch(&format!("/admin/vouchers/{over}/"), json!({ "expires_at": "2026-03-01T08:00:00Z" }))
        .await
        .expect(200);
    let before = till.world.shelf().await;
    let not_valid = "Voucher is not valid or has expired.";
    let cases: [(&str, &str, Option<&str>, i64, Value); 5] = [
        (&good, "result_check", None, 3, json!(END)),
        (&good, "exam_results", None, 3, json!(END)),
        (&good, "school", Some("This voucher is not valid for this service."), 3, json!(END)),
        (&used, "result_check", Some(not_valid), 0, json!(END)),
        (&over, "result_check", Some(not_valid), 0, json!("2026-03-01T08:00:00.000000Z")),
    ];
    for who in [&till.ama, &till.kofi, &till.staff] {
        for (code, service, reason, left, end) in &cases {
            let typed = format!("{}-{}", code[..6].to_lowercase(), &code[6..]);
            let answer =
                till.post(who, VALIDATE, json!({ "code": typed, "service_type": service })).await.expect(200);
            let expected = json!({ "valid": reason.is_none(), "reason": reason, "uses_remaining": left, "expires_at": end });
            assert_eq!(answer.json, expected, "{code} {service}");
        }
    }
    assert_eq!(till.world.shelf().await.changed_since(&before), Vec::<&str>::new());
    let unknown = json!({ "code": "ABCDEFGHJKLM", "service_type": "result_check" });
    let answer = till.post(&till.kofi, VALIDATE, unknown).await.expect(200).json;
    let expected =
        json!({ "valid": false, "reason": "Invalid voucher code.", "uses_remaining": 0, "expires_at": null });
    assert_eq!(answer, expected);
    let required = json!(["This field is required."]);
    refused(
        till.post(&till.kofi, VALIDATE, json!({})).await,
        json!({ "code": required, "service_type": required }),
    );
    let told = json!({ "code": ["Ensure this field has no more than 20 characters."] });
    refused(
        till.post(&till.kofi, VALIDATE, json!({ "code": "x".repeat(21), "service_type": "x" })).await,
        told,
    );
}
