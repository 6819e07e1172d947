//! What one used.

use serde_json::{Value, json};

use crate::shapes::each;
use crate::till::Till;

const HISTORY: &str = "/vouchers/usage-history/";

#[tokio::test]
async fn everybody_lists_what_they_used_whosever_it_was() {
    let till = Till::open().await;
    let (amas, kofis) = (till.code(&till.ama).await, till.code(&till.kofi).await);
    let mut uses: Vec<Value> = Vec::new();
    for (minute, code, service) in
        [(31, &amas, "result_check"), (32, &kofis, "exam_results"), (32, &kofis, "result_check")]
    {
        till.world.clock.set(wire::Stamp::parse_from(&format!("2026-03-01T08:{minute}:00Z")).unwrap());
        let body = json!({ "code": code, "service_type": service, "service_data": { "minute": minute } });
        uses.push(till.post(&till.kofi, "/vouchers/redeem/", body).await.expect(200).json["usage"].clone());
    }
    till.redeems(&till.ama, &amas).await.expect(200);
    uses.sort_by_key(|usage| std::cmp::Reverse((usage["used_at"].to_string(), usage["id"].to_string())));
    let list = till.get(&till.kofi, HISTORY).await.expect(200).json;
    assert_eq!(list, json!({ "count": 3, "next": null, "previous": null, "results": uses }));
    assert_eq!(
        till.get(&till.ama, HISTORY).await.expect(200).json["count"],
        1,
        "whose voucher it is does not matter"
    );
    assert_eq!(till.get(&till.staff, HISTORY).await.expect(200).json["count"], 0);
    let low = kofis.to_lowercase();
    let of = |keep: &dyn Fn(&Value) -> bool| -> Vec<String> {
        uses.iter()
            .filter(|usage| keep(usage))
            .map(|usage| usage["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, expected) in [
        ("service_type=result_check".to_owned(), of(&|usage| usage["service_type"] == "result_check")),
        ("service_type=result".to_owned(), Vec::new()),
        (format!("code={low}"), of(&|usage| usage["voucher_code"] == json!(kofis))),
        (format!("code={amas}&service_type=exam_results"), Vec::new()),
        ("code=x".to_owned(), Vec::new()),
        ("service_type=&code=".to_owned(), of(&|_| true)),
    ] {
        let some = till.get(&till.kofi, &format!("{HISTORY}?{query}")).await.expect(200);
        assert_eq!(
            (each(&some, "id"), &some.json["count"]),
            (expected.clone(), &json!(expected.len())),
            "{query}"
        );
    }
}
