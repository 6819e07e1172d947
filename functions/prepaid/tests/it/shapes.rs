//! What things look like on the wire, member by member.

use serde_json::{Value, json};
use testkit::{Answer, Person};

use crate::till::Till;

/// When a shop opens, as it is written.
pub(crate) const OPENING: &str = "2026-03-01T08:30:00.000000Z";

/// Thirty days later, when what is bought then is over.
pub(crate) const END: &str = "2026-03-31T08:30:00.000000Z";

/// The one type that every shop sells.
pub(crate) fn exam(till: &Till) -> Value {
    json!({
        "id": till.exam, "name": "Exam Results Checking", "type_code": "result_check",
        "service_type": "result_check", "description": "What it is good for.", "price": "10.00",
        "is_active": true, "validity_days": 30, "usage_limit": 3, "max_uses": 3,
        "accepted_services": ["result_check", "exam_results"], "created_at": OPENING, "updated_at": OPENING,
    })
}

/// A voucher of that type that was just bought, as its owner sees it; what chance decides is as told.
pub(crate) fn voucher(till: &Till, owner: &Person, told: &Value) -> Value {
    let (id, code) = (told["id"].as_str().unwrap(), told["code"].as_str().unwrap());
    assert!(is_uuid(id), "{id}");
    assert!(is_code(code), "{code}");
    json!({
        "id": id, "code": code, "voucher_type": exam(till), "user": owner.id, "status": "active",
        "is_active": true, "usage_count": 0, "total_uses": 3, "uses_remaining": 3, "last_used_at": null,
        "issued_at": OPENING, "purchase_date": OPENING, "expires_at": END, "expiry_date": END,
        "is_valid": true, "voucher_is_valid": true, "days_until_expiry": 30,
        "transaction_id": told["transaction_id"], "metadata": {},
    })
}

/// A payment for one of that type that was just made, as who pays sees it; what chance decides is as told.
pub(crate) fn payment(till: &Till, payer: &Person, told: &Value) -> Value {
    assert!(is_uuid(told["id"].as_str().unwrap()), "{told}");
    json!({
        "id": told["id"], "user": payer.id, "voucher_type": exam(till), "quantity": 1, "unit_price": "10.00",
        "discount_amount": "0.00", "discount_code": null, "amount": "10.00", "total_amount": "10.00",
        "refunded_amount": "0.00", "currency": "USD", "status": "pending", "payment_method": "stripe",
        "stripe_payment_intent_id": told["stripe_payment_intent_id"], "failure_reason": null,
        "voucher_codes": [], "created_at": OPENING, "updated_at": OPENING, "completed_at": null,
    })
}

/// Whether this is written as a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether this is written as the code of a voucher.
pub(crate) fn is_code(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// One member of each row of a page, in order.
#[track_caller]
pub(crate) fn each(page: &Answer, name: &str) -> Vec<String> {
    let rows = page.json["results"].as_array().unwrap_or_else(|| panic!("no page: {page:?}"));
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}
